"""Tables nobody described (people, products, places): Fellegi–Sunter, learnt without labels.

Each column agrees at a level (equal, close, far, absent); m is learnt by EM on candidate pairs, u
is measured on random pairs and fixed (plain EM may flip its classes), and an agreement on a rare
value weighs more than on a common one. No event logic: `other_edition` and `part_of` stay at 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from matching import normalise
from matching.block import Pairs, mix, pairs_of
from matching.cards import NONE, Floats, Ints, number, text_of
from matching.compare import chunks

EQUAL, CLOSE, NEAR, FAR = 3, 2, 1, 0
LEVELS = 4
CLOSE_AT, NEAR_AT = 0.85, 0.65
ROUNDS = 25
MAX_KEYS = 40
CHUNK = 40_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column as codes of distinct folded values; `words` per value."""

    name: str
    codes: Ints
    values: list[str]
    words: list[tuple[str, ...]]
    share: Floats  # of each value among the filled records


@dataclass(frozen=True, slots=True)
class Table:
    n: int
    columns: tuple[Column, ...]


def read(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    """The columns of that name; one that says nothing (empty, constant) is left out."""
    kept = [_column(name, [text_of(row, name) for row in rows]) for name in names]
    useful = tuple(c for c in kept if len(c.values) > 1)
    return Table(len(rows), useful)


def _column(name: str, texts: Sequence[str]) -> Column:
    known: dict[str, int] = {}
    cache: dict[str, int] = {}
    values: list[str] = []
    words: list[tuple[str, ...]] = []
    codes = np.full(len(texts), NONE, dtype=np.int64)
    for i, text in enumerate(texts):
        code = cache.get(text)
        if code is None:
            folded = " ".join(normalise.fold(text).split())
            if not folded or folded in ("nan", "none", "null", "inf"):
                code = NONE
            else:
                code = known.setdefault(folded, len(known))
                if code == len(values):
                    values.append(folded)
                    words.append(tuple(folded.split()))
            cache[text] = code
        codes[i] = code
    count = np.bincount(codes[codes != NONE], minlength=max(1, len(values)))
    return Column(name, codes, values, words, count / max(1, count.sum()))


def candidates(table: Table, *, cap: int = 100, top: int = 20) -> Pairs:
    """Pairs sharing a value, a word, or the beginnings of two columns."""
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
        rows, word = _words(column, table.n)
        put(100 + i, rows, word, np.zeros_like(word))
    kind = 1000
    order = sorted(range(len(heads)), key=lambda i: -len(table.columns[i].values))[:9]
    for x, i in enumerate(order):
        for j in order[x + 1 :]:
            put(kind, everyone, heads[i], heads[j])
            put(kind + 1, everyone, heads[i], table.columns[j].codes)
            kind += 2
    if not owners:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    return pairs_of(np.concatenate(owners), np.concatenate(hashes), table.n, cap=cap, top=top)


def _heads(column: Column) -> Ints:
    known: dict[str, int] = {}
    table = [known.setdefault(v[:3], len(known)) for v in column.values]
    return np.array([*table, NONE], dtype=np.int64)[column.codes]


def _words(column: Column, n: int) -> tuple[Ints, Ints]:
    known: dict[str, int] = {}
    bags = [[known.setdefault(w, len(known)) for w in set(ws)] for ws in column.words]
    starts = np.cumsum([0, *map(len, bags)])
    flat = np.array([w for bag in bags for w in bag] or [0], dtype=np.int64)
    rows = np.flatnonzero(column.codes != NONE)
    code = column.codes[rows]
    size = starts[code + 1] - starts[code]
    where = np.repeat(starts[code] - np.concatenate([[0], np.cumsum(size)[:-1]]), size)
    return np.repeat(rows, size), flat[where + np.arange(int(size.sum()))]


def levels(table: Table, a: Ints, b: Ints) -> np.ndarray[Any, np.dtype[np.int8]]:
    """The level of agreement of each pair on each column; NONE where one side is absent."""
    out = np.full((len(a), len(table.columns)), NONE, dtype=np.int8)
    for j, column in enumerate(table.columns):
        for part in chunks(len(a), CHUNK):
            one, two = column.codes[a[part]], column.codes[b[part]]
            told = (one != NONE) & (two != NONE)
            out[part, j][told] = _levels(column, one[told], two[told])
    return out


def _levels(column: Column, one: Ints, two: Ints) -> np.ndarray[Any, np.dtype[np.int8]]:
    found = np.full(len(one), EQUAL, dtype=np.int8)
    differ = np.flatnonzero(one != two)
    left = [column.values[i] for i in one[differ].tolist()]
    right = [column.values[i] for i in two[differ].tolist()]
    if left:
        ratio = process.cpdist(left, right, scorer=fuzz.ratio) / 100
        found[differ] = np.where(ratio >= CLOSE_AT, CLOSE, np.where(ratio >= NEAR_AT, NEAR, FAR))
    return found


def probabilities(table: Table, a: Ints, b: Ints, *, seed: int = 0) -> Floats:
    """P(same) of each pair. Deterministic."""
    agreed = levels(table, a, b)
    chance = np.random.default_rng(seed)
    one = chance.integers(0, table.n, 60_000)
    two = chance.integers(0, table.n, 60_000)
    keep = one != two
    u = _rates(levels(table, one[keep], two[keep]), None)
    adjust = _rarity(table, agreed, a, u)
    m = _first_guess(u)
    share = 0.2
    weights = np.zeros(len(a))
    for _ in range(ROUNDS):
        score = adjust + _score(agreed, m, u)
        odds = np.clip(score + np.log(share / (1 - share)), -50, 50)
        weights = 1 / (1 + np.exp(-odds))
        share = float(np.clip(weights.mean(), 0.001, 0.9))
        m = _rates(agreed, weights)
    return weights


def _rates(agreed: np.ndarray[Any, np.dtype[np.int8]], weights: Floats | None) -> Floats:
    """Share of each level among the pairs where both sides are told, smoothed."""
    weights = np.ones(len(agreed)) if weights is None else weights
    out = np.empty((agreed.shape[1], LEVELS))
    for j in range(agreed.shape[1]):
        told = agreed[:, j] != NONE
        count = np.bincount(agreed[told, j], weights=weights[told], minlength=LEVELS)
        out[j] = (count + 0.5) / (count.sum() + 0.5 * LEVELS)
    return out


def _first_guess(u: Floats) -> Floats:
    m = np.tile(np.array([0.05, 0.05, 0.1, 0.8]), (len(u), 1))
    return np.asarray(m)


def _score(agreed: np.ndarray[Any, np.dtype[np.int8]], m: Floats, u: Floats) -> Floats:
    out = np.zeros(len(agreed))
    for j in range(agreed.shape[1]):
        table = np.append(np.log(m[j] / u[j]), 0.0)  # absent: neutral
        out += table[agreed[:, j]]
    return out


def _rarity(table: Table, agreed: np.ndarray[Any, np.dtype[np.int8]], a: Ints, u: Floats) -> Floats:
    """What an agreement on this very value says beyond an agreement on any value."""
    out = np.zeros(len(a))
    for j, column in enumerate(table.columns):
        equal = agreed[:, j] == EQUAL
        share = column.share[column.codes[a[equal]]]
        out[equal] += np.clip(np.log(u[j, EQUAL] / np.maximum(share, 1e-9)), -3, 3)
    return out


def reasons(table: Table, a: int, b: int) -> tuple[str, ...]:
    """« given_name : même valeur », « suburb : proche »…, the columns in their order."""
    said = {EQUAL: "même valeur", CLOSE: "valeur proche", FAR: "valeurs différentes"}
    found = levels(table, np.array([a]), np.array([b]))[0]
    return tuple(
        f"{column.name} : {said[int(level)]}"
        for column, level in zip(table.columns, found, strict=True)
        if int(level) in said
    )


def is_noise(texts: Sequence[str]) -> bool:
    """Whether a column cannot help: a different value everywhere that looks like a row number."""
    filled = [t for t in texts if t]
    if len(filled) < 2 or len(set(filled)) < len(filled):
        return False
    numbers = [number(t) for t in filled[:500]]
    return all(x == x and float(x).is_integer() for x in numbers)
