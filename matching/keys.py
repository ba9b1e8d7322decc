"""The keys that tie announcements: two things said together, and how much each kind of key tells.

A key ties two things an announcement says (commune × word, organiser × word, day × word…): rare
enough to point at few records, common enough to survive a typo elsewhere. `keys_of` gives those of
mentions as the database's table holds them, `hashed` those of a whole table in memory.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.records import Mention
from matching import cards as columns
from matching import normalise
from matching.cards import NONE, Cards, Ints

STEM = 5
MAX_WORDS = 8
WORTH = {
    "cw": 1, "ow": 1, "dw": 1, "pw": 1, "w": 1, "ww": 1, "cd": 3, "od": 3, "oc": 3, "vd": 3,
    "vc": 3, "l": 3, "i": 3,
}  # fmt: skip
"""How much a key of each kind tells of a table's rows: a title has several words, the rest is said
once. Five candidates chosen by this hold as many twins as ten by rarity alone (decision 0301)."""


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a key for every record (or every word of every record): a number and its name."""

    codes: Ints
    names: Sequence[str] | None = None  # None = the number is its own name

    def hashed(self, kind: str) -> Ints:
        """32 bits of each name, after those of the kind."""
        distinct, back = np.unique(self.codes, return_inverse=True)
        codes = distinct.tolist()
        names = codes if self.names is None else map(self.names.__getitem__, codes)
        return np.array([_half(f"{kind}:{name}") for name in names], np.int64)[back]


@lru_cache(maxsize=100_000)
def _half(text: str) -> int:
    found = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).digest()
    return int.from_bytes(found, "big", signed=True)


def keys_of(mentions: Sequence[Mention]) -> list[list[int]]:
    """The keys of each mention, in their order, rising, as signed 64-bit numbers: they depend on
    it alone. A collision only proposes one pair too many.

    The first half is that of what a key begins with (« o:aviron » of « ow:aviron:forum » as of
    « oc:aviron:gap »), so that the keys of an announcement lie on few pages of the index: a million
    announcements are read and written by page.
    """
    owners, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for kind, rows, left, right in keyed(columns.of_mentions(mentions)):
        first, second = left.hashed(kind[:1]), right.hashed(kind[1:])
        owners.append(rows)
        found.append((first << 32) + (second & 0xFFFFFFFF))
    rows, numbers = np.concatenate(owners), np.concatenate(found)
    order = np.lexsort((numbers, rows))
    starts = np.searchsorted(rows[order], np.arange(len(mentions) + 1))
    some = numbers[order].tolist()
    return [[*dict.fromkeys(some[i:j])] for i, j in pairwise(starts.tolist())]


def hashed(cards: Cards) -> tuple[Ints, NDArray[np.uint64], Ints]:
    """The keys of a table: who has it, 64 bits of it, and how much it tells."""
    rows, found, tells = [], [], []
    with np.errstate(over="ignore"):
        for number, (kind, who, left, right) in enumerate(keyed(cards)):
            mixed = mix(left.codes.astype(np.uint64) + np.uint64(number << 40))
            found.append(mix(mixed + right.codes.astype(np.uint64)))
            rows.append(who.astype(np.int64))
            tells.append(np.full(len(who), WORTH[kind]))
    return np.concatenate(rows), np.concatenate(found), np.concatenate(tells)


def mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64: spreads numbers over 64 bits so that sums of halves do not collide."""
    x = (x + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


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
