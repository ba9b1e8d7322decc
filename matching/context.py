"""What the other pairs say of a pair: rivals, common neighbours, number of editions around."""

from typing import Protocol

import numpy as np
from scipy import sparse

from matching.cards import NONE, Bools, Floats, Ints
from matching.compare import Matrix

CONTEXT = (
    "rival_min", "rival_max", "lead", "degree_min", "degree_max", "through_same",
    "through_other", "through_part", "series_rival_min", "series_rival_max", "days_around",
    "same_source_rival",
)  # fmt: skip


class Columns(Protocol):
    """What context reads of records, announcements or names."""

    @property
    def n(self) -> int: ...
    @property
    def source(self) -> Ints: ...
    @property
    def first(self) -> Floats: ...
    @property
    def soft(self) -> Bools: ...


SAME, OTHER, PART, DIFFERENT = range(4)


def context(cards: Columns, a: Ints, b: Ints, p: Floats) -> Matrix:
    """CONTEXT of each pair, given first probabilities p (one column per relation)."""
    out = np.full((len(a), len(CONTEXT)), np.nan, dtype=np.float32)
    same, series = p[:, SAME], 1 - p[:, DIFFERENT]
    rival_a, rival_b = _rivals(cards.n, a, b, same)
    series_a, series_b = _rivals(cards.n, a, b, series)
    out[:, 0], out[:, 1] = np.minimum(rival_a, rival_b), np.maximum(rival_a, rival_b)
    out[:, 2] = same - out[:, 1]
    degree = np.bincount(a, same, cards.n) + np.bincount(b, same, cards.n)
    rest_a, rest_b = degree[a] - same, degree[b] - same
    out[:, 3], out[:, 4] = np.minimum(rest_a, rest_b), np.maximum(rest_a, rest_b)
    matrices = [_symmetric(cards.n, a, b, p[:, k]) for k in (SAME, OTHER, PART)]
    by_a, by_b = matrices[SAME][a], matrices[SAME][b]
    out[:, 5] = _dots(by_a, by_b)
    out[:, 6] = _dots(by_a, matrices[OTHER][b]) + _dots(matrices[OTHER][a], by_b)
    out[:, 7] = _dots(by_a, matrices[PART][b]) + _dots(matrices[PART][a], by_b)
    out[:, 8], out[:, 9] = np.minimum(series_a, series_b), np.maximum(series_a, series_b)
    out[:, 10] = _days_around(cards, a, b, series)
    out[:, 11] = _same_source_rival(cards, a, b, same)
    return out


def _rivals(n: int, a: Ints, b: Ints, score: Floats) -> tuple[Floats, Floats]:
    """For each pair the best score among the other pairs of its first, and of its second record."""
    ends = np.concatenate([a, b])
    scores = np.concatenate([score, score])
    best = np.zeros(n)
    np.maximum.at(best, ends, scores)
    rest = scores < best[ends]
    second = np.zeros(n)
    np.maximum.at(second, ends[rest], scores[rest])
    second = np.where(np.bincount(ends[~rest], minlength=n) > 1, best, second)
    return tuple(  # type: ignore[return-value]
        np.where(score >= best[end], second[end], best[end]) for end in (a, b)
    )


def _symmetric(n: int, a: Ints, b: Ints, weights: Floats) -> sparse.csr_array:
    keep = weights > 0.02
    a, b, weights = a[keep], b[keep], weights[keep].astype(np.float32)
    data = np.concatenate([weights, weights])
    where = (np.concatenate([a, b]), np.concatenate([b, a]))
    return sparse.coo_array((data, where), shape=(n, n)).tocsr()


def _dots(one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    return np.asarray(one.multiply(two).sum(axis=1), dtype=np.float64).ravel()


def _days_around(cards: Columns, a: Ints, b: Ints, series: Floats) -> Floats:
    """How many different days the likely companions of an undated record have; NaN when both
    records are dated: nothing to choose then."""
    undated = np.isnan(cards.first) | cards.soft
    strong = series > 0.4
    ends = np.concatenate([a[strong], b[strong]])
    days = cards.first[np.concatenate([b[strong], a[strong]])]
    told = ~np.isnan(days)
    couples = np.sort(ends[told] * 10_000_000 + days[told].astype(np.int64))
    new = np.diff(couples, prepend=-1) > 0
    count = np.bincount(couples[new] // 10_000_000, minlength=cards.n).astype(np.float64)
    around = np.fmax(np.where(undated[a], count[a], np.nan), np.where(undated[b], count[b], np.nan))
    return np.asarray(around)


def _same_source_rival(cards: Columns, a: Ints, b: Ints, same: Floats) -> Floats:
    """The best of the pairs that tie one record to another one of the same source: a source rarely
    announces the same thing twice, so that a stronger rival there speaks against this pair."""
    out = np.zeros(len(a))
    for one, two in ((a, b), (b, a)):
        source = cards.source[two]
        key = one * (int(cards.source.max(initial=0)) + 2) + source + 1
        _, group = np.unique(key, return_inverse=True)
        best = np.zeros(group.max(initial=0) + 1)
        np.maximum.at(best, group, same)
        rival = np.where((best[group] > same) & (source != NONE), best[group], 0)
        out = np.maximum(out, rival)
    return out
