"""Which pairs are worth comparing: compound keys, capped by frequency, best k by rarity.

A key ties two things an announcement says (commune × word, organiser × word, day × word…): rare
enough to point at few records, common enough to survive a typo elsewhere. `keys` gives those of
one mention for the database's key table; `candidates` applies the same rule to a whole table in
memory. Recall and cost: docs/rapprochement.md.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from domain.records import Mention
from matching import cards as columns
from matching import normalise
from matching.cards import NONE, Cards, Ints

CAP = 100
TOP = 10
STEM = 5
MAX_WORDS = 8
CHUNK = 20_000

Pairs = tuple[Ints, Ints]


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a key for every record (or every word of every record): a number and its name."""

    codes: Ints
    names: Sequence[str] | None = None  # None = the number is its own name

    def name(self, i: int) -> str:
        code = int(self.codes[i])
        return str(code) if self.names is None else self.names[code]


def keys(mention: Mention) -> tuple[str, ...]:
    """The compound keys of a mention, sorted, without doubles."""
    one = columns.of_mentions([mention])
    return tuple(
        sorted(
            {
                f"{kind}:{left.name(i)}:{right.name(i)}"
                for kind, rows, left, right in keyed(one)
                for i in range(len(rows))
            }
        )
    )


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
    yield "w", rows, word, Half(np.zeros(len(rows), dtype=np.int64))
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
    owners: Ints, hashes: NDArray[np.uint64], n: int, *, cap: int = CAP, top: int = TOP
) -> Pairs:
    """The candidate pairs of records 0..n-1 given who owns which key."""
    _, key, df = np.unique(hashes, return_inverse=True, return_counts=True)
    keep = (df[key] > 1) & (df[key] <= cap)
    owners, key = owners[keep], key[keep]
    if not len(owners):
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    _, key = np.unique(key, return_inverse=True)
    df = np.bincount(key)
    weight = np.log((n + 1) / df).astype(np.float32)
    shape = (n, len(df))
    holds = sparse.csr_array((np.ones(len(key), np.float32), (owners, key)), shape=shape)
    holds.data[:] = 1  # a record says a key once
    weighted = sparse.csc_array(holds).multiply(weight[None, :] ** 2).tocsr()
    other = holds.T.tocsr()
    best = [
        _best(weighted[start : start + CHUNK] @ other, start, top) for start in range(0, n, CHUNK)
    ]
    a = np.concatenate([one[0] for one in best])
    b = np.concatenate([one[1] for one in best])
    both = np.unique(np.minimum(a, b) * n + np.maximum(a, b))
    return both // n, both % n


def _best(shared: sparse.csr_array, start: int, top: int) -> Pairs:
    """The `top` heaviest columns of each row, itself left out; equal weights by lower number."""
    shared.sort_indices()
    rows = np.repeat(np.arange(shared.shape[0]), np.diff(shared.indptr))
    columns_, weights = shared.indices.astype(np.int64), shared.data
    keep = columns_ != rows + start
    rows, columns_, weights = rows[keep], columns_[keep], weights[keep]
    # One stable sort instead of three: rows apart by more than any weight.
    step = float(weights.max(initial=0)) + 1
    order = np.argsort(rows * step - weights, kind="stable")
    rows, columns_ = rows[order], columns_[order]
    starts = np.searchsorted(rows, np.arange(shared.shape[0]))
    keep = np.arange(len(rows)) - starts[rows] < top
    return rows[keep] + start, columns_[keep]
