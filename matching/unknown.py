"""Tables nobody described (people, products, places): their columns, and which rows to compare.

Nothing depends on the order of rows nor of columns: values are numbered in their own order,
columns taken by name. What an agreement is worth is learnt in `unlabelled`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

from matching.bags import packed
from matching.block import Pairs, pairs_of
from matching.cards import NONE, Bools, Floats, Ints, number, text_of
from matching.keys import mix
from matching.matrices import binary, chunks, dots, row_sums
from matching.spellings import spelt

FAR, WEAK, NEAR, CLOSE, EQUAL = range(5)
LEVELS = 5
AT = (0.45, 0.65, 0.85)  # likeness from which two values are WEAK, NEAR, CLOSE
DIGITS_AT = 0.74  # of two numbers: one digit of four; they are CLOSE or FAR
LONGEST = 200  # characters: beyond, only their words are compared
CHUNK = 40_000
_NUMBERS = re.compile(r"\d+")

Levels = np.ndarray[Any, np.dtype[np.int8]]


@dataclass(frozen=True, slots=True)
class Column:
    """A column as codes of its distinct folded values, in their order."""

    name: str
    codes: Ints
    values: list[str]
    ordered: list[str]  # each value, its words sorted
    words: sparse.csr_array  # value × word, weighted by rarity: the product of two is a cosine
    numeric: bool
    share: Floats  # of each value among the filled records
    twice: Bools  # values that two records say, at most: by chance or not, nothing tells


@dataclass(frozen=True, slots=True)
class Table:
    """Records in the order of what they say, whatever their order in the file."""

    n: int
    columns: tuple[Column, ...]  # by name
    order: Ints  # record → row


def read(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    """The columns of that name; one that says nothing (empty, constant) is left out."""
    found = [_column(name, [text_of(row, name) for row in rows]) for name in sorted(names)]
    kept = [one for one in found if len(one.values) > 1]
    order = np.lexsort([one.codes for one in kept]) if kept else np.arange(len(rows))
    return Table(len(rows), tuple(replace(one, codes=one.codes[order]) for one in kept), order)


def _column(name: str, texts: Sequence[str]) -> Column:
    folded, numeric = spelt({*texts})
    values = sorted({*folded.values()} - {""})
    place = {value: i for i, value in enumerate(values)}
    known = {text: place.get(value, NONE) for text, value in folded.items()}
    codes = np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))
    count = np.bincount(codes[codes != NONE], minlength=max(1, len(values)))
    said = [_pieces(value) if numeric else value.split() for value in values]
    return Column(
        name=name, codes=codes, values=values, ordered=[" ".join(sorted(one)) for one in said],
        words=_weighted(said), numeric=numeric, share=count / max(1, count.sum()),
        twice=count <= 2,
    )  # fmt: skip


def _pieces(value: str) -> list[str]:
    """A number by four digits, from its end: two of them may share a piece."""
    return [value[max(0, end - 4) : end] for end in range(len(value), 0, -4)]


def _weighted(said: Sequence[Sequence[str]]) -> sparse.csr_array:
    vocabulary = {word: i for i, word in enumerate(sorted({w for words in said for w in words}))}
    bags = packed([sorted({vocabulary[w] for w in words}) for words in said])
    rarity = np.log((len(said) + 1) / np.maximum(1, np.bincount(bags.data))) + 1e-9
    shape = (len(said), len(vocabulary))
    found = sparse.csr_array((rarity[bags.data], bags.data, bags.starts), shape=shape)
    mass = np.sqrt(row_sums(found.multiply(found)))
    found.data /= np.repeat(np.maximum(mass, 1e-9), np.diff(bags.starts))
    return found


def candidates(table: Table, *, cap: int = 100, top: int = 20) -> Pairs:
    """Pairs of records sharing a value, a word, or the beginnings of two columns."""
    owners: list[Ints] = []
    hashes: list[np.ndarray[Any, np.dtype[np.uint64]]] = []
    everyone = np.arange(table.n)
    heads: list[Ints] = []

    def put(kind: int, rows: Ints, left: Ints, right: Ints) -> None:
        keep = (left != NONE) & (right != NONE)
        with np.errstate(over="ignore"):
            mixed = mix(left[keep].astype(np.uint64) + np.uint64(kind << 40))
            owners.append(rows[keep])
            hashes.append(mix(mixed + right[keep].astype(np.uint64)))

    for i, column in enumerate(table.columns):
        put(i, everyone, column.codes, np.zeros_like(column.codes))
        heads.append(_heads(column))
        rows, word = _words(column)
        put(10_000 + i, rows, word, np.zeros_like(word))
    kind = 100_000
    order = sorted(range(len(heads)), key=lambda i: -len(table.columns[i].values))[:9]
    for x, i in enumerate(order):
        for j in order[x + 1 :]:
            put(kind, everyone, heads[i], heads[j])
            put(kind + 1, everyone, heads[i], table.columns[j].codes)
            kind += 2
    if not owners:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    found = np.concatenate(owners), np.concatenate(hashes)
    return pairs_of(*found, table.n, cap=cap, bounds=((top, 0),))


def _heads(column: Column) -> Ints:
    known: dict[str, int] = {}
    table = [known.setdefault(v[:3], len(known)) for v in column.values]
    return np.array([*table, NONE], dtype=np.int64)[column.codes]


def _words(column: Column) -> tuple[Ints, Ints]:
    """Each record with each word of its value."""
    rows = np.flatnonzero(column.codes != NONE)
    said = column.words[column.codes[rows]]
    return np.repeat(rows, np.diff(said.indptr)), said.indices.astype(np.int64)


def levels(table: Table, a: Ints, b: Ints) -> Levels:
    """The level of agreement of each pair on each column; NONE where one side is absent."""
    out = np.full((len(a), len(table.columns)), NONE, dtype=np.int8)
    for j, column in enumerate(table.columns):
        for part in chunks(len(a), CHUNK):
            one, two = column.codes[a[part]], column.codes[b[part]]
            told = (one != NONE) & (two != NONE)
            out[part, j][told] = _levels(column, one[told], two[told])
    return out


def _levels(column: Column, one: Ints, two: Ints) -> Levels:
    found = np.full(len(one), EQUAL, dtype=np.int8)
    differ = one != two
    found[differ] = _unequal(column, one[differ], two[differ]) if differ.any() else FAR
    return found


def _unequal(column: Column, one: Ints, two: Ints) -> Levels:
    if column.numeric:
        close = _ratio(column.values, one, two) >= DIGITS_AT
        return np.where(close, CLOSE, FAR).astype(np.int8)
    like = np.fmax(_ratio(column.values, one, two), _ratio(column.ordered, one, two))
    long = _long(column, one) | _long(column, two)
    said, told = column.words[one], column.words[two]
    like = np.fmax(np.where(long, 0, like), dots(said, told))
    shared = dots(binary(said), binary(told))
    within = shared >= np.fmin(row_sums(binary(said)), row_sums(binary(told)))
    like = np.where(within & (shared > 0), np.fmax(like, AT[NEAR - 1]), like)
    return np.digitize(like, AT).astype(np.int8)


def _ratio(values: Sequence[str], one: Ints, two: Ints) -> Floats:
    left = [values[i][:LONGEST] for i in one.tolist()]
    right = [values[i][:LONGEST] for i in two.tolist()]
    return np.asarray(process.cpdist(left, right, scorer=fuzz.ratio), dtype=np.float64) / 100


def _long(column: Column, which: Ints) -> Bools:
    return np.fromiter((len(column.values[i]) > LONGEST for i in which.tolist()), bool, len(which))


def numbers(column: Column, a: Ints, b: Ints) -> Bools:
    """Whether each value has a number that the other has not (tome 1, tome 2)."""
    said = [{*_NUMBERS.findall(value)} for value in column.values] + [set()]
    pairs = zip(column.codes[a].tolist(), column.codes[b].tolist(), strict=True)
    return np.array(
        [bool(said[x] - said[y] and said[y] - said[x]) for x, y in pairs], dtype=np.bool_
    )


def reasons(table: Table, names: Sequence[str], pair: tuple[int, int]) -> tuple[str, ...]:
    """« given_name : même valeur », « suburb : valeur proche »…, in the order of these names."""
    a, b = pair
    said = {EQUAL: "même valeur", CLOSE: "valeur proche", FAR: "valeurs différentes"}
    found = levels(table, np.array([a]), np.array([b]))[0].tolist()
    level = dict(zip((one.name for one in table.columns), found, strict=True))
    return tuple(f"{name} : {said[level[name]]}" for name in names if level.get(name) in said)


def is_noise(texts: Sequence[str]) -> bool:
    """Whether a column cannot help: a different value everywhere that looks like a row number."""
    filled = [t for t in texts if t]
    if len(filled) < 2 or len(set(filled)) < len(filled):
        return False
    numbers = [number(t) for t in filled[:500]]
    return all(x == x and float(x).is_integer() for x in numbers)
