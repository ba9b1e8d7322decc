"""What is measured of a grouping: by pairs, by record, and how surely."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import measures
from matching.measures import PairScore

labels = st.lists(st.integers(0, 4), min_size=1, max_size=12)


def ints(values: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(values, dtype=np.int64)


def test_b_cubed_counts_records_not_pairs() -> None:
    """The example of Amigó et al. (2009): one group of two true ones."""
    found = measures.b_cubed(ints([0, 0, 0, 0]), ints([0, 0, 0, 1]))
    assert found.precision == pytest.approx((3 * 0.75 + 0.25) / 4)
    assert found.recall == 1.0


@given(labels)
def test_the_true_grouping_is_perfect_and_sure(true: list[int]) -> None:
    one = ints(true)
    assert measures.b_cubed(one, one) == PairScore(1.0, 1.0, 1.0)
    assert measures.interval(one, one, draws=20) == (1.0, 1.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=12))
def test_the_interval_holds_what_was_measured(pairs: list[tuple[int, int]]) -> None:
    found, true = (ints([one[k] for one in pairs]) for k in (0, 1))
    low, high = measures.interval(found, true, draws=50)
    assert 0.0 <= low <= high <= 1.0
    assert (low, high) == measures.interval(found, true, draws=50)


def test_a_higher_threshold_keeps_fewer_pairs() -> None:
    p, same = np.array([0.55, 0.7, 0.96, 0.995]), np.array([False, True, True, True])
    told = dict(measures.by_threshold(p, same, 4))
    assert told[0.5] == PairScore(0.75, 0.75, 0.75)
    assert (told[0.95].precision, told[0.95].recall) == (1.0, 0.5)
    assert told[0.99].recall == 0.25


def test_nothing_measured_is_no_error() -> None:
    none = ints([])
    assert measures.b_cubed(none, none).f1 == 1.0
    assert measures.interval(none, none) == (1.0, 1.0)
