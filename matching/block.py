"""Which pairs are worth comparing: those that share keys, the rarest first.

A key held by more than CAP proposes nothing; each record keeps those with which it shares most, the
further, the more. `candidates` takes a whole table in memory, `nearest` newcomers among those
stored. Recall and cost: docs/rapprochement-mesures.md.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching import keys
from matching.cards import Cards, Ints

CAP = 100
Bounds = Sequence[tuple[int, float]]
"""How many of those that share most, and from which weight on; ever wider."""
CLOSEST: Bounds = ((6, 0), (10, 8_000), (30, 11_000))
"""What a row of a table is compared with, keys weighing by their kind (`keys.WORTH`)."""
NEAREST: Bounds = ((3, 0), (10, 5_000), (30, 6_500))
"""What a new mention is compared with among those stored, keys weighing alike: a rare one 2,400,
one of CAP holders 1,300. On a million, half of the lightest is chance; the last bound is wide, for
what it leaves out depends on the order of arrival."""
CHUNK = 6_000_000

Pairs = tuple[Ints, Ints]


def candidates(cards: Cards) -> Pairs:
    """The pairs (a < b) of a table that share keys, each record with its best (CLOSEST). Bounded
    memory: records go in chunks."""
    owners, hashes, worth = keys.hashed(cards)
    return pairs_of(owners, hashes, cards.n, bounds=CLOSEST, worth=worth)


def among(cards: Cards) -> Pairs:
    """The candidates that `nearest` would propose, were all these records new at once: those of the
    whole store, whatever the order in which they came."""
    owners, hashes, worth = keys.hashed(cards)
    return pairs_of(owners, hashes, cards.n, bounds=NEAREST, worth=np.ones_like(worth))


def lessons(cards: Cards) -> Pairs:
    """What a model learns from: more than is compared, the ten of each that share the rarest keys.
    One learnt from `candidates` alone asks worse."""
    owners, hashes, _ = keys.hashed(cards)
    return pairs_of(owners, hashes, cards.n, bounds=((10, 0),))


def pairs_of(
    owners: Ints, hashes: NDArray[np.uint64], n: int, *, bounds: Bounds, cap: int = CAP,
    worth: Ints | None = None,
) -> Pairs:  # fmt: skip
    """The candidate pairs of records 0..n-1 given who owns which key, and its worth; without, keys
    weigh by their rarity among n."""
    owners, df, worth = _useful(owners, hashes, cap, worth)
    if not len(df):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    rarity = np.maximum(np.log((n + 1) / df).astype(np.float32) ** 2, 1e-6)  # never nothing
    weight = rarity if worth is None else _weight(df) * worth
    order = _gathered(owners, df, n)
    place = np.empty(n, dtype=np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    starts = np.concatenate([[0], np.cumsum(df)]).astype(np.int32)  # half of what int64 moves
    rows = place[owners]
    said = sparse.csc_array((np.ones(len(rows), np.float32), rows, starts), (n, len(df)))
    holds = said.tocsr()
    holds.sum_duplicates()
    holds.data[:] = 1  # a record says a key once
    other = holds.T.tocsr()
    holds.data[:] = weight[holds.indices]
    met = np.bincount(rows, np.repeat(df, df), n)  # through its keys
    found = np.concatenate([_best(holds[i:j] @ other, order, i, bounds) for i, j in _cuts(met)])
    found.sort()
    found = found[np.concatenate([[True], found[1:] != found[:-1]])] if len(found) else found
    return found // n, found % n


def nearest(new: Sequence[int], sizes: Ints, holders: Ints) -> list[tuple[int, int]]:
    """The candidates of new mentions among stored ones, as pairs of ids (a < b), given who holds
    each of their keys: how many hold it, and who, key after key."""
    if not len(holders):
        return []
    ids, who = np.unique(holders, return_inverse=True)
    fresh = np.isin(ids, np.array(new, dtype=np.int64))
    order = np.argsort(~fresh, kind="stable")  # the new ones first
    place = np.empty(len(ids), dtype=np.int64)
    place[order] = np.arange(len(ids))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    said = np.ones(len(who), np.float32)
    held = sparse.csr_array((said, place[who], starts), (len(sizes), len(ids)))
    mine = held[:, : int(fresh.sum())].T.tocsr()
    mine.data = _weight(sizes)[mine.indices]
    pairs = _best(mine @ held, order, 0, NEAREST)
    a, b = ids[pairs // len(ids)], ids[pairs % len(ids)]
    return sorted({*zip(a.tolist(), b.tolist(), strict=True)})


def _weight(sizes: Ints) -> NDArray[np.float32]:
    """What keys weigh, given how many hold each, whatever the size of the table. Whole numbers:
    their sum does not depend on the order of keys."""
    return np.asarray(np.rint(10 * np.log(1e7 / sizes) ** 2), np.float32)


def _gathered(owners: Ints, df: Ints, n: int) -> Ints:
    """The records, those that share their commonest key side by side: what they meet is then near
    in memory (a third of the time of a million)."""
    commonest = np.zeros(n, dtype=np.int64)
    np.maximum.at(commonest, owners, np.repeat(df * len(df) + np.arange(len(df)), df))
    return np.argsort(commonest, kind="stable")


def _cuts(met: NDArray[Any]) -> Iterator[tuple[int, int]]:
    """Runs of records that meet about CHUNK others together: bounded memory whatever the keys."""
    part = (np.cumsum(met) // CHUNK).astype(np.int64)
    return pairwise([*np.unique(part, return_index=True)[1].tolist(), len(met)])


def _useful(
    owners: Ints, hashes: NDArray[np.uint64], cap: int, worth: Ints | None
) -> tuple[Ints, Ints, Ints | None]:
    """The owners of each key that 2 to `cap` of them hold, key after key; how many each has, and
    its worth."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    new = np.concatenate([np.ones(min(1, len(order)), np.bool_), ordered[1:] != ordered[:-1]])
    starts = np.flatnonzero(new)
    df = np.diff(np.concatenate([starts, [len(order)]]))
    keep = (df > 1) & (df <= cap)
    told = None if worth is None else worth[order[starts[keep]]]
    return owners[order[np.repeat(keep, df)]], df[keep], told


GROUPS = 3  # times `top`: the more, the fewer weights are left to sort


def _best(shared: sparse.csr_array, order: Ints, start: int, bounds: Bounds) -> Ints:
    """The heaviest columns of each row, itself left out, as low * n + high; equal weights by lower
    number, within `bounds`. Rows (from `start`) and columns are places in `order`. Most columns are
    put aside unsorted: see `_floor`."""
    n, counts = shared.shape[1], np.diff(shared.indptr)
    keep = np.flatnonzero(shared.data >= np.repeat(_least(shared, counts, bounds), counts))
    rows = np.searchsorted(shared.indptr, keep, side="right") - 1
    other = shared.indices[keep] != rows + start  # itself is why one more was kept
    rows, keep = rows[other], keep[other]
    columns_, weights = order[shared.indices[keep]], shared.data[keep]
    by_number = np.argsort(rows * n + columns_, kind="stable")
    # One stable sort instead of two: rows apart by more than any weight.
    step = float(weights.max(initial=0)) + 1
    ranked = by_number[np.argsort((rows * step - weights)[by_number], kind="stable")]
    rows, columns_ = rows[ranked], columns_[ranked]
    first = np.searchsorted(rows, np.arange(len(counts)))
    rank = np.arange(len(rows)) - first[rows]
    heavy = [(rank < most) & (weights[ranked] >= least) for most, least in bounds]
    best = np.flatnonzero(np.logical_or.reduce(heavy))
    one, two = order[rows[best] + start], columns_[best]
    return np.asarray(np.minimum(one, two) * n + np.maximum(one, two), dtype=np.int64)


def _least(shared: sparse.csr_array, counts: Ints, bounds: Bounds) -> NDArray[np.float32]:
    """For each row a weight under which nothing is within bounds: that of its last bound, or what
    as many columns as the one before reach."""
    *narrow, (most, weight) = bounds
    if not narrow:
        return _floor(shared, counts, most + 1)
    return np.minimum(_floor(shared, counts, narrow[-1][0] + 1), np.float32(weight))


def _floor(shared: sparse.csr_array, counts: Ints, top: int) -> NDArray[np.float32]:
    """For each row a weight that at least `top` of its columns reach: its columns are dealt into
    GROUPS × top groups, and `top` of these have a maximum as high. 0 where columns are few."""
    groups = GROUPS * top
    out = np.zeros(len(counts), np.float32)
    some = np.flatnonzero(counts)
    if len(some):
        steps = np.arange(groups) * counts[some, None] // groups
        # Each group ends where the next starts; the last of a row, where the next row does.
        first = (shared.indptr[some, None] + steps).ravel()
        highest = np.maximum.reduceat(shared.data, first).reshape(-1, groups)
        lowest = np.partition(highest, groups - top, axis=1)[:, groups - top]
        out[some] = np.where(counts[some] >= groups, lowest, 0)
    return out
