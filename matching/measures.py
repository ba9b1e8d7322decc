"""How right a grouping is against the true one: by pairs, by record (B³), and how surely."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from matching.cards import Bools, Floats, Ints

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99)
DRAWS = 1_000  # of the bootstrap


@dataclass(frozen=True, slots=True)
class PairScore:
    """Precision, recall and F1."""

    precision: float
    recall: float
    f1: float


def codes(labels: Sequence[Hashable]) -> Ints:
    """Labels as numbers."""
    found = np.unique(np.array(labels, dtype=object).astype(str), return_inverse=True)[1]
    return np.asarray(found, dtype=np.int64)


def pairs_within(labels: Ints) -> int:
    """How many pairs of records are in one group."""
    count = np.unique(labels, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())


def counted(found: Ints, true: Ints) -> Ints:
    """Pairs right, found and true of a grouping."""
    return np.array([pairs_within(_both(found, true)), pairs_within(found), pairs_within(true)])


def scored(right: float, found: float, true: float) -> PairScore:
    """Of counts. Nothing to find and nothing found is 1."""
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    total = precision + recall
    return PairScore(precision, recall, 2 * precision * recall / total if total else 0.0)


def pair_score(found: Sequence[Hashable], true: Sequence[Hashable]) -> PairScore:
    """Of two groupings of the same records, over pairs."""
    return scored(*counted(codes(found), codes(true)).tolist())


def b_cubed(found: Ints, true: Ints) -> PairScore:
    """Of two groupings, over records: a group of a hundred weighs a hundred, not five thousand
    (Bagga & Baldwin, 1998)."""
    both, of_found, of_true = (_size(one) for one in (_both(found, true), found, true))
    precision, recall = (float((both / one).mean()) if len(both) else 1.0
                         for one in (of_found, of_true))  # fmt: skip
    total = precision + recall
    return PairScore(precision, recall, 2 * precision * recall / total if total else 0.0)


def interval(found: Ints, true: Ints, *, draws: int = DRAWS) -> tuple[float, float]:
    """Between what the F1 over pairs is 95 times in 100, were other true groups drawn: a bootstrap
    by true group, whose records are not independent. The same numbers every time."""
    parts = (_size(_both(found, true)) - 1, _size(found) - 1, _size(true) - 1)
    group = np.unique(true, return_inverse=True)[1]
    return drawn(np.stack([np.bincount(group, weights=one / 2) for one in parts]), draws=draws)


def drawn(sums: Floats, *, draws: int = DRAWS) -> tuple[float, float]:
    """Between what the F1 is 95 times in 100, from pairs right, found and true (rows) of things
    drawn anew (columns)."""
    chance, n = np.random.default_rng(0), sums.shape[1]
    if not n:
        return (1.0, 1.0)
    f1 = [scored(*(sums @ np.bincount(chance.integers(0, n, n), minlength=n)).tolist()).f1
          for _ in range(draws)]  # fmt: skip
    low, high = np.percentile(f1, (2.5, 97.5)).tolist()
    return (low, high)


def by_threshold(p_same: Floats, same: Bools, total: int) -> tuple[tuple[float, PairScore], ...]:
    """What pairs alone are worth, before they are grouped: those of at least each probability.
    `total`: true pairs, candidates or not."""
    return tuple(
        (at, scored(int((same & (p_same >= at)).sum()), int((p_same >= at).sum()), total))
        for at in THRESHOLDS
    )


def _both(found: Ints, true: Ints) -> Ints:
    return found * (int(true.max(initial=0)) + 1) + true


def _size(labels: Ints) -> Ints:
    """Of each record, how many are in its group."""
    _, back, count = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(count[back])
