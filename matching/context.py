"""What the other pairs say of a pair: rivals, common neighbours, number of editions around."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from scipy import sparse

from matching.cards import NONE, Bools, Floats, Ints
from matching.matrices import Matrix, chunks

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


def context(cards: Columns, a: Ints, b: Ints, p: Floats, which: Ints | None = None) -> Matrix:
    """CONTEXT of each pair, or of those of `which`, given first probabilities p of all (one column
    per relation)."""
    same, series = p[:, SAME], 1 - p[:, DIFFERENT]
    which = np.arange(len(a)) if which is None else which
    out = np.full((len(which), len(CONTEXT)), np.nan, dtype=np.float32)
    rival_a, rival_b = _rivals(cards.n, a, b, same, which)
    out[:, 0], out[:, 1] = np.minimum(rival_a, rival_b), np.maximum(rival_a, rival_b)
    out[:, 2] = same[which] - out[:, 1]
    degree = np.bincount(a, same, cards.n) + np.bincount(b, same, cards.n)
    rest_a, rest_b = degree[a[which]] - same[which], degree[b[which]] - same[which]
    out[:, 3], out[:, 4] = np.minimum(rest_a, rest_b), np.maximum(rest_a, rest_b)
    matrices = [_symmetric(cards.n, a, b, p[:, k]) for k in (SAME, OTHER, PART)]
    for part in chunks(len(which)):
        out[part, 5:8] = _through(matrices, a[which[part]], b[which[part]])
    rival_a, rival_b = _rivals(cards.n, a, b, series, which)
    out[:, 8], out[:, 9] = np.minimum(rival_a, rival_b), np.maximum(rival_a, rival_b)
    out[:, 10] = _days_around(cards, a, b, series)[which]
    out[:, 11] = _same_source_rival(cards, a, b, same)[which]
    return out


def _through(matrices: Sequence[sparse.csr_array], a: Ints, b: Ints) -> Floats:
    """What common neighbours say: that both are the same as them, or one another edition or part
    of what the other is."""
    by_a, by_b = ([one[end] for one in matrices] for end in (a, b))
    found = [_dots(by_a[SAME], by_b[SAME])]
    for k in (OTHER, PART):
        found.append(_dots(by_a[SAME], by_b[k]) + _dots(by_a[k], by_b[SAME]))
    return np.stack(found, axis=1)


def _rivals(n: int, a: Ints, b: Ints, score: Floats, which: Ints) -> tuple[Floats, Floats]:
    """For each pair the best score among the other pairs of its first, and of its second record."""
    best = np.zeros(n)
    for end in (a, b):
        np.maximum.at(best, end, score)
    second, count = np.zeros(n), np.zeros(n, dtype=np.int64)
    for end in (a, b):
        rest = score < best[end]
        np.maximum.at(second, end[rest], score[rest])
        count += np.bincount(end[~rest], minlength=n)
    second = np.where(count > 1, best, second)
    own = score[which]
    return tuple(  # type: ignore[return-value]
        np.where(own >= best[end[which]], second[end[which]], best[end[which]]) for end in (a, b)
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
