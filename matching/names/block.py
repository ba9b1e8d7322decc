"""Which names may be one body: those that share rare words, stems in one place, an acronym."""

from collections.abc import Iterable, Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.bags import Bags
from matching.block import Pairs, pairs_of
from matching.cards import NONE, Ints
from matching.keys import mix
from matching.matrices import chunks
from matching.names.cards import Cards

TOP = 20
CAP = 150
HEAD = 8  # characters that two spellings of one name begin with
STEMS = 6  # the first of a name, taken two by two
AT_ONCE = 2_000  # names whose candidates are looked for together
WORD = 3  # kind of key: a word, or an acronym that meets the word it may be written as


def candidates(cards: Cards, *, cap: int = CAP, top: int = TOP) -> Pairs:
    """Pairs that share rare keys, at most `top` for each name, those of the rarest keys; a key of
    more than `cap` names says nothing."""
    return pairs_of(*_hashed(cards), cards.n, cap=cap, bounds=((top, 0),))


def between(cards: Cards, first: int, *, cap: int = CAP, top: int = TOP) -> Pairs:
    """Pairs of one of the `first` names and one of the others, by the same rule; what is rare is
    counted among the others only: each of the first finds what it would find alone."""
    owners, hashes = _hashed(cards)
    keys, code = np.unique(hashes, return_inverse=True)
    said = sparse.csr_array((np.ones(len(code)), (owners, code)), shape=(cards.n, len(keys)))
    said.data[:] = 1  # a name says a key once
    known = said[first:]
    held = np.bincount(known.indices, minlength=len(keys))
    kept = (held > 0) & (held <= cap)
    weight = np.where(kept, np.log((cards.n - first + 1) / np.fmax(held, 1)) ** 2, 0)
    others = (known @ sparse.diags_array(weight)).T.tocsr()
    found = [_likeliest(said[part] @ others, part.start, top) for part in chunks(first, AT_ONCE)]
    a, b = np.concatenate([np.zeros((2, 0), dtype=np.int64), *found], axis=1)
    return a, b + first


def _likeliest(met: sparse.csr_array, start: int, top: int) -> Ints:
    """The `top` of each row that share most, as pairs; rows are numbered from `start`."""
    a, b = (ends.astype(np.int64) for ends in met.tocoo().coords)
    order = np.lexsort((b, -met.data, a))
    order = order[met.data[order] > 0]
    rank = np.arange(len(order)) - np.searchsorted(a[order], a[order])
    return np.stack([a[order] + start, b[order]])[:, rank < top]


def _hashed(cards: Cards) -> tuple[Ints, NDArray[np.uint64]]:
    """The keys of names: who, and what."""
    owners, hashes = [], []
    with np.errstate(over="ignore"):
        for kind, rows, what, where in _keys(cards):
            keep = where != NONE
            mixed = mix(what[keep].astype(np.uint64) + np.uint64(kind << 40))
            owners.append(rows[keep])
            hashes.append(mix(mixed + where[keep].astype(np.uint64)))
    return np.concatenate(owners), np.concatenate(hashes)


def _keys(cards: Cards) -> Iterator[tuple[int, Ints, Ints, Ints]]:
    """By kind: names, what each is known by, and where (NONE: no key)."""
    anywhere = np.zeros(cards.n, dtype=np.int64)
    stems, words, heads = (
        _spread(cards.stem),
        _spread(cards.core),
        _coded(c[:HEAD] for c in cards.compacts),
    )
    whole = _coded(cards.titles)
    for kind, (rows, what), where in (
        (0, stems, anywhere),
        (1, stems, cards.department),
        (2, stems, cards.place),
        (WORD, words, anywhere),
        (WORD, _spread(cards.acronyms), anywhere),
        (5, heads, anywhere),
        (6, heads, cards.department),
        (7, whole, anywhere),
        (8, whole, cards.department),
    ):
        yield kind, rows, what, where[rows]
    yield 9, *_neighbours(cards.stem)
    rows, what = _spread(cards.keys)
    yield 10, rows, what, anywhere[rows]


def _spread(bags: Bags) -> tuple[Ints, Ints]:
    """The owner of each word, and the words."""
    owners = np.arange(len(bags.starts) - 1)
    return np.repeat(owners, np.diff(bags.starts)), bags.data.astype(np.int64)


def _coded(texts: Iterable[str]) -> tuple[Ints, Ints]:
    """Each name by number, and its text by number."""
    known: dict[str, int] = {}
    codes = np.array([known.setdefault(text, len(known)) for text in texts], dtype=np.int64)
    return np.arange(len(codes)), codes


def _neighbours(stems: Bags) -> tuple[Ints, Ints, Ints]:
    """The first stems of a name two by two, for names made of common words only."""
    rows, left, right = [], [], []
    count = np.diff(stems.starts)
    for i, j in combinations(range(STEMS), 2):
        who = np.flatnonzero(count > j)
        rows.append(who)
        left.append(stems.data[stems.starts[who] + i].astype(np.int64))
        right.append(stems.data[stems.starts[who] + j].astype(np.int64))
    return np.concatenate(rows), np.concatenate(left), np.concatenate(right)
