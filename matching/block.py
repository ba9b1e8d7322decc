"""Which pairs are worth comparing: compound keys, capped by frequency, best k by rarity.

A key ties two things an announcement says (commune × word, organiser × word, day × word…): rare
enough to point at few records, common enough to survive a typo elsewhere. `keys` gives those of
one mention for the database's key table; `candidates` applies the same rule to a whole table in
memory. Recall and cost: docs/rapprochement.md.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from domain.records import Mention
from matching import cards as columns
from matching import normalise
from matching.cards import NONE, Cards, Ints

CAP = 100
TOP = 10
NEAREST = ((3, 0), (10, 5_000), (30, 6_500))
"""How many of those stored are compared with a new mention, and from which weight: a rare key
weighs 2,400, one of CAP holders 1,300. On a million, half of the lightest is chance; the last bound
is wide, for what it leaves out depends on the order of arrival."""
STEM = 5
MAX_WORDS = 8
CHUNK = 6_000_000

Pairs = tuple[Ints, Ints]
Bounds = Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a key for every record (or every word of every record): a number and its name."""

    codes: Ints
    names: Sequence[str] | None = None  # None = the number is its own name

    def written(self) -> list[str]:
        """The name of each."""
        codes = self.codes.tolist()
        return [*map(str, codes)] if self.names is None else [self.names[code] for code in codes]


def keys(mention: Mention) -> tuple[str, ...]:
    """The compound keys of a mention, sorted, without doubles."""
    return keys_of([mention])[0]


def keys_of(mentions: Sequence[Mention]) -> list[tuple[str, ...]]:
    """The keys of each mention, in their order: what `keys` says of it, a thousand at a time."""
    found: list[set[str]] = [set() for _ in mentions]
    for kind, rows, left, right in keyed(columns.of_mentions(mentions)):
        for row, one, two in zip(rows.tolist(), left.written(), right.written(), strict=True):
            found[row].add(f"{kind}:{one}:{two}")
    return [tuple(sorted(some)) for some in found]


def keyed(cards: Cards) -> Iterator[tuple[str, Ints, Half, Half]]:
    """Each kind of key: its name, the records that have it, and the two halves of theirs."""
    everyone = np.arange(cards.n)
    rows, stem, stems = _title_stems(cards)
    heads, head_names = _organiser_heads(cards)
    place = Half(cards.commune, cards.communes.values)
    organiser = Half(heads, head_names)
    first = Half(np.where(np.isnan(cards.first), NONE, cards.first).astype(np.int64))
    venue = Half(cards.venue, cards.venues.values)
    department = Half(cards.department, cards.departments.values)
    word = Half(stem, stems)
    lefts = (("cw", place), ("ow", organiser), ("dw", first), ("pw", department))
    for kind, half in lefts:
        yield _kept(kind, rows, Half(half.codes[rows], half.names), word)
    alone = _alone(cards)[rows]
    nothing = Half(np.zeros(int(alone.sum()), dtype=np.int64))
    yield "w", rows[alone], Half(stem[alone], stems), nothing
    one, left, right = _word_pairs(rows, stem, stems, cards.n)
    yield "ww", one, Half(left, stems), Half(right, stems)
    yield _kept("cd", everyone, place, first)
    yield _kept("od", everyone, organiser, first)
    yield _kept("oc", everyone, organiser, place)
    yield _kept("vd", everyone, venue, first)
    yield _kept("vc", everyone, venue, place)
    names = list(cards.keys)
    for kind, bags in (("l", cards.links), ("i", cards.identifiers)):
        owners = np.repeat(everyone, np.diff(bags.starts))
        yield kind, owners, Half(bags.data.astype(np.int64), names), Half(np.zeros_like(owners))


def _alone(cards: Cards) -> NDArray[np.bool_]:
    """The records of which a single word of the title is a key: those that have no other, or say
    neither where, when nor who. For the others it only brings chance near (decision 0294)."""
    silent = (cards.commune == NONE) & np.isnan(cards.first) & (cards.organiser == NONE)
    return np.asarray(silent | (np.diff(cards.core.starts) <= 1))


def _kept(kind: str, rows: Ints, left: Half, right: Half) -> tuple[str, Ints, Half, Half]:
    keep = (left.codes != NONE) & (right.codes != NONE)
    return (
        kind,
        rows[keep],
        Half(left.codes[keep], left.names),
        Half(right.codes[keep], right.names),
    )


def _title_stems(cards: Cards) -> tuple[Ints, Ints, list[str]]:
    """The stems of the title's longest words: records, stems by number (longest first), names."""
    known: dict[str, int] = {}
    vocabulary = list(cards.vocabulary)
    stem_of = np.array(
        [known.setdefault(w[:STEM], len(known)) for w in vocabulary] or [0], dtype=np.int64
    )
    rank = np.empty(max(len(vocabulary), 1), dtype=np.int64)
    order = sorted(range(len(vocabulary)), key=lambda i: (-len(vocabulary[i]), vocabulary[i]))
    rank[np.array(order or [0])] = np.arange(max(len(vocabulary), 1))
    rows = np.repeat(np.arange(cards.n), np.diff(cards.core.starts))
    sort = np.lexsort((rank[cards.core.data], rows))
    rows, data = rows[sort], cards.core.data[sort]
    place = np.arange(len(rows)) - cards.core.starts[rows]
    keep = place < MAX_WORDS
    return rows[keep], stem_of[data[keep]], list(known)


def _word_pairs(rows: Ints, stem: Ints, stems: Sequence[str], n: int) -> tuple[Ints, Ints, Ints]:
    """Pairs among the three longest words of each title, in the order of their spelling."""
    alphabet = np.empty(max(len(stems), 1), dtype=np.int64)
    alphabet[np.argsort(np.array(stems or [""]), kind="stable")] = np.arange(max(len(stems), 1))
    starts = np.searchsorted(rows, np.arange(n))
    count = np.searchsorted(rows, np.arange(n), side="right") - starts
    found: list[tuple[Ints, Ints, Ints]] = []
    for i, j in ((0, 1), (0, 2), (1, 2)):
        who = np.flatnonzero(count > j)
        left, right = stem[starts[who] + i], stem[starts[who] + j]
        swap = alphabet[left] > alphabet[right]
        found.append((who, np.where(swap, right, left), np.where(swap, left, right)))
    return (
        np.concatenate([f[0] for f in found]),
        np.concatenate([f[1] for f in found]),
        np.concatenate([f[2] for f in found]),
    )


def _organiser_heads(cards: Cards) -> tuple[Ints, list[str]]:
    """What names an organiser for a key: the stems of its two longest proper words."""
    known: dict[str, int] = {}
    codes = []
    for words in cards.organisers.words:
        longest = sorted(normalise.proper(words), key=lambda w: (-len(w), w))[:2]
        head = " ".join(sorted(w[:STEM] for w in longest))
        codes.append(known.setdefault(head, len(known)))
    table = np.array([*codes, NONE], dtype=np.int64)
    return table[cards.organiser], list(known)


def candidates(cards: Cards, *, cap: int = CAP, top: int = TOP) -> Pairs:
    """The pairs (a < b) that share keys, each record with its `top` best by summed idf².

    A key held by more than `cap` records proposes nothing. Bounded memory: records go in chunks.
    """
    owners, hashes = _hashed(cards)
    return pairs_of(owners, hashes, cards.n, cap=cap, top=top)


def among(cards: Cards) -> Pairs:
    """The candidates that `nearest` would propose, were all these records new at once: those of the
    whole store, whatever the order in which they came."""
    owners, hashes = _hashed(cards)
    return pairs_of(owners, hashes, cards.n, bounds=NEAREST, weigh=_weight)


def _hashed(cards: Cards) -> tuple[Ints, NDArray[np.uint64]]:
    rows, found = [], []
    with np.errstate(over="ignore"):
        for number, (_, who, left, right) in enumerate(keyed(cards)):
            mixed = mix(left.codes.astype(np.uint64) + np.uint64(number << 40))
            found.append(mix(mixed + right.codes.astype(np.uint64)))
            rows.append(who.astype(np.int64))
    return np.concatenate(rows), np.concatenate(found)


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64: spreads numbers over 64 bits so that sums of halves do not collide."""
    x = (x + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def pairs_of(
    owners: Ints, hashes: NDArray[np.uint64], n: int, *, cap: int = CAP, top: int = TOP,
    bounds: Bounds = (), weigh: Callable[[Ints], NDArray[np.float32]] | None = None,
) -> Pairs:  # fmt: skip
    """The candidate pairs of records 0..n-1 given who owns which key: the `top` best of each, or
    those within `bounds`; `weigh`: what a key weighs, given how many hold it (rarity among n)."""
    owners, df = _useful(owners, hashes, cap)
    if not len(df):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    weight = weigh(df) if weigh else np.log((n + 1) / df).astype(np.float32) ** 2
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
    found = np.concatenate(
        [_best(holds[i:j] @ other, order, i, bounds or ((top, 0),)) for i, j in _cuts(met)]
    )
    found.sort()
    found = found[np.concatenate([[True], found[1:] != found[:-1]])] if len(found) else found
    return found // n, found % n


def nearest(new: Sequence[int], sizes: Ints, holders: Ints) -> list[tuple[int, int]]:
    """The candidates of new mentions among stored ones, as pairs of ids (a < b), given who holds
    each of their keys: how many hold it, and who, key after key.

    The same rule as `candidates`, but weights do not depend on how many are stored, and what is
    shared counts: the further, the more (NEAREST).
    """
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
    """What a key weighs, given how many hold it. Whole numbers: their sum does not depend on the
    order of keys."""
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


def _useful(owners: Ints, hashes: NDArray[np.uint64], cap: int) -> tuple[Ints, Ints]:
    """The owners of each key that 2 to `cap` of them hold, key after key; how many each has."""
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    new = np.concatenate([np.ones(min(1, len(order)), np.bool_), ordered[1:] != ordered[:-1]])
    df = np.diff(np.concatenate([np.flatnonzero(new), [len(order)]]))
    keep = (df > 1) & (df <= cap)
    return owners[order[np.repeat(keep, df)]], df[keep]


GROUPS = 3  # times `top`: the more, the fewer weights are left to sort


def _best(shared: sparse.csr_array, order: Ints, start: int, bounds: Bounds) -> Ints:
    """The heaviest columns of each row, itself left out, as low * n + high; equal weights by lower
    number. `bounds`, ever wider: so many, those of that weight. Rows (from `start`) and columns are
    places in `order`. Most columns are put aside unsorted: see `_floor`."""
    n, top = shared.shape[1], bounds[-1][0]
    counts = np.diff(shared.indptr)
    keep = np.flatnonzero(shared.data >= np.repeat(_floor(shared, counts, top + 1), counts))
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


def _floor(shared: sparse.csr_array, counts: Ints, top: int) -> NDArray[np.float32]:
    """For each row a weight that at least `top` of its columns reach: its columns are dealt into
    2 × top groups, and that many groups have a maximum as high. 0 where columns are few."""
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
