"""Agreement, against values computed by hand and published ones."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.agreement import ac1, agreement, alpha, interval, raw

# Krippendorff 2011, « Computing Krippendorff's Alpha-Reliability », binary data, two coders.
JON = (0, 1, 0, 0, 0, 0, 0, 0, 1, 0)
HAN = (1, 1, 1, 0, 0, 1, 0, 0, 0, 0)
PUBLISHED = np.array([JON, HAN]).T


def test_the_published_example():
    assert raw(PUBLISHED) == 0.6
    assert alpha(PUBLISHED) == pytest.approx(1 - 19 * 4 / (14 * 6))  # 0.095 in the paper
    assert ac1(PUBLISHED) == pytest.approx((0.6 - 0.42) / 0.58)


def test_when_one_answer_dominates_alpha_falls_and_ac1_stays():
    pairs = [(True, True)] * 920 + [(False, False)] * 26 + [(True, False), (False, True)] * 27
    found = agreement(pairs)
    assert found.raw == pytest.approx(0.946)
    assert found.alpha < 0.5
    assert found.ac1 > 0.93
    assert found.alpha_low < found.alpha < found.alpha_high


def test_nothing_is_said_of_nothing():
    found = agreement([])
    assert (found.cards, found.raw, found.ac1, found.alpha, found.alpha_low) == (0, *[None] * 4)
    assert alpha(np.ones((5, 2), int)) is None  # nobody ever said no
    assert interval(np.ones((5, 2), int), alpha) == (None, None)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
def test_swapping_people_or_answers_changes_nothing(pairs):
    answers = np.array(pairs, dtype=int)
    for other in (answers[:, ::-1], 1 - answers):
        assert ac1(other) == pytest.approx(ac1(answers))
        assert alpha(other) == (None if alpha(answers) is None else pytest.approx(alpha(answers)))
    assert all(value is None or value <= 1 for value in (ac1(answers), alpha(answers)))


def test_the_interval_is_the_same_each_time():
    assert interval(PUBLISHED, alpha, seed=3) == interval(PUBLISHED, alpha, seed=3)
