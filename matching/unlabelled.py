"""What agreements are worth on a table nobody described, learnt without a single example.

Fellegi–Sunter: each level of agreement of a column weighs log(m/u), m among pairs that are the
same, u among pairs that are not. Four things make it hold on any table:
- u is measured on pairs drawn at random and the share of pairs that are the same is of all pairs,
  not of the candidates (of two people in ten thousand, few share a name and a birthday);
- columns are not independent: two restaurants of a town share a street and an area code. What an
  agreement on a common value brings with it is measured on pairs drawn among those that agree
  there, and taken off;
- m starts from the pairs that agree most, each the best of both sides, and never drifts far from
  what a duplicate is (PRIOR);
- an agreement on a rare value weighs more than on a common one.
In a small table the pairs that are the same are many among all: u is that of the others (by what
is believed so far), and never drifts far from APART.
Pairs are counted by pattern of levels: a million pairs are some thousand patterns.
"""

from dataclasses import dataclass

import numpy as np

from matching.cards import NONE, Bools, Floats, Ints
from matching.unknown import CLOSE, EQUAL, LEVELS, Column, Levels, Table, levels, numbers

PRIOR = np.array([[0.04, 0.04, 0.07, 0.15, 0.70], [0.12, 0.01, 0.01, 0.08, 0.78]])
"""Levels of a column of two rows that are the same: texts, then numbers."""
APART = np.array([[0.45, 0.25, 0.13, 0.05, 0.12], [0.74, 0.01, 0.01, 0.12, 0.12]])
"""… of two rows that are not."""
HELD, HELD_SHARE = 10.0, 0.1  # what PRIOR weighs: pairs, and share of those found; APART: pairs
ROUNDS = 15
DRAWN = 60_000  # random pairs
AGREEING = 8_000  # pairs drawn among those that agree on a column
COMMON = 2  # times the rows: pairs that agree on a column from which it is a common agreement
RARITY = 0.7  # of what the rarity of a value adds: values are not drawn at random either
LIKE = np.array([0.3, 0.55, 0.75, 0.92, 1.0, 0.0])  # of each level, to start with; NONE is last
ALIKE = 0.7  # of what two rows say, to be a first example
SMOOTH = 20.0
TAUGHT = 10  # pairs likely the same, under which too little is learnt of what columns are worth
OTHERWISE, NUMBER = 20.0, 50.0  # then, how many times less the odds of a column, of a number more
ASKED = 0.9  # together, to be confirmed


@dataclass(frozen=True, slots=True)
class _Seen:
    """Pairs by pattern of levels, and what their rare values add."""

    patterns: Levels
    which: Ints  # pair → pattern
    rare: Floats


def probabilities(table: Table, a: Ints, b: Ints, *, seed: int = 0) -> Floats:
    """P(same) of each pair. Deterministic."""
    n, chance = table.n, np.random.default_rng(seed)
    if not len(a):
        return np.zeros(0)
    ends = _random(n, chance)
    drawn, apart = levels(table, *ends), _by_kind(table, APART)
    u = _rates(drawn, np.ones(len(drawn)), apart, strength=HELD)
    found, others = _seen(table, levels(table, a, b), a, u), _seen(table, drawn, ends[0], u)
    common = {
        j: _seen(table, levels(table, *pairs), pairs[0], u)
        for j, column in enumerate(table.columns)
        if (pairs := _agreeing(column, n, chance)) is not None
    }
    everything = n * (n - 1) / 2
    m = prior = _by_kind(table, PRIOR)
    share = max(0.1 * n, 1) / everything
    for turn in range(ROUNDS):
        score = _score(found, common, (m, u), share)
        if turn:
            same = 1 / (1 + np.exp(-score))
        else:
            same = ((score > 2) & _alike(found, u) & _best(n, a, b, score)).astype(np.float64)
        strength = HELD + HELD_SHARE * float(same.sum())
        m = _rates(found.patterns, _held(found, same), prior, strength=strength)
        share = (same.sum() + 1) / everything
        two = 1 / (1 + np.exp(_score(others, common, (m, u), share)))
        u = _rates(others.patterns, _held(others, two), apart, strength=HELD)
    return np.asarray(1 / (1 + np.exp(-_score(found, common, (m, u), share))))


def cautious(table: Table, a: Ints, b: Ints, p: Floats) -> tuple[Floats, bool]:
    """P(same) as it may be believed, and whether the table taught too little: then what a column is
    worth is mostly what it is worth anywhere (nothing says that two first names are two twins of
    one birthday), and rows that a column or a number tells apart are never merged without asking.
    """
    if p.sum() >= TAUGHT:
        return p, False
    rows = np.flatnonzero(p > 0.5)
    agreed, one, two = levels(table, a[rows], b[rows]), a[rows], b[rows]
    differ, counted = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.bool_)
    for j, column in enumerate(table.columns):
        differ += (agreed[:, j] != NONE) & (agreed[:, j] < CLOSE)
        counted |= numbers(column, one, two)
    odds = p[rows] / np.fmax(1 - p[rows], 1e-9)
    odds /= OTHERWISE ** np.fmax(differ - 1, 0) * np.where(counted, NUMBER, 1)
    p = p.copy()
    p[rows] = np.fmin(odds / (1 + odds), np.where(counted | (differ > 0), ASKED, 1))
    return p, True


def _by_kind(table: Table, rates: Floats) -> Floats:
    return rates[[int(column.numeric) for column in table.columns]]


# --- pairs to measure on -------------------------------------------------------------------------


def _random(n: int, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Pairs of records: all of them when they are few."""
    if n * (n - 1) // 2 <= DRAWN:
        one, two = np.triu_indices(n, 1)
        return one, two
    first = chance.integers(0, n, DRAWN)
    return first, (first + chance.integers(1, n, DRAWN)) % n


def _agreeing(column: Column, n: int, chance: np.random.Generator) -> tuple[Ints, Ints] | None:
    """Pairs of records with one value of this column; None when few agree on it."""
    rows = np.flatnonzero(column.codes != NONE)
    rows = rows[np.argsort(column.codes[rows], kind="stable")]
    _, starts, sizes = np.unique(column.codes[rows], return_index=True, return_counts=True)
    pairs = sizes * (sizes - 1.0)
    if pairs.sum() / 2 < COMMON * n:
        return None
    group = chance.choice(len(sizes), AGREEING, p=pairs / pairs.sum())
    size = sizes[group]
    one = chance.integers(0, size)
    two = (one + chance.integers(1, size)) % size
    return rows[starts[group] + one], rows[starts[group] + two]


def _best(n: int, a: Ints, b: Ints, score: Floats) -> Bools:
    """Whether a pair is the best of both its rows."""
    best = np.full(n, -np.inf)
    np.maximum.at(best, a, score)
    np.maximum.at(best, b, score)
    return np.asarray((score >= best[a]) & (score >= best[b]))


# --- weights -------------------------------------------------------------------------------------


def _seen(table: Table, agreed: Levels, a: Ints, u: Floats) -> _Seen:
    rare = np.zeros(len(a))
    for j, column in enumerate(table.columns):
        equal = agreed[:, j] == EQUAL
        value = column.codes[a[equal]]
        rarity = np.log(u[j, EQUAL] / column.share[value])
        rare[equal] += RARITY * np.clip(rarity, np.where(column.twice[value], 0, -3), 3)
    patterns, which = np.unique(agreed, axis=0, return_inverse=True)
    return _Seen(patterns, which.ravel(), rare)


def _score(
    found: _Seen, common: dict[int, _Seen], rates: tuple[Floats, Floats], share: float
) -> Floats:
    """The log-odds that each pair is the same."""
    m, u = rates
    weight = np.log(m / u)
    taken = np.zeros(len(found.patterns))
    for j, seen in common.items():
        same = 1 / (1 + np.exp(-_bounded(_sum(weight, seen) + seen.rare + np.log(share))))
        apart = _rates(seen.patterns, _held(seen, 1 - same), u, strength=SMOOTH)
        brought = np.log(apart / u)
        brought[j] = 0
        agree = found.patterns[:, j] == EQUAL
        taken[agree] = np.maximum(taken, _told(brought, found.patterns))[agree]
    return _bounded(_sum(weight, found) + found.rare - taken[found.which] + np.log(share))


def _sum(weight: Floats, seen: _Seen) -> Floats:
    return _told(weight, seen.patterns)[seen.which]


def _told(weight: Floats, patterns: Levels) -> Floats:
    """The sum of what the levels of a pattern weigh; an absence is neutral."""
    out = np.zeros(len(patterns))
    for j in range(patterns.shape[1]):
        out += np.append(weight[j], 0.0)[patterns[:, j]]
    return out


def _bounded(score: Floats) -> Floats:
    return np.clip(score, -50, 50)


def _held(seen: _Seen, weights: Floats) -> Floats:
    """What each pattern weighs."""
    count = np.bincount(seen.which, weights, len(seen.patterns))
    return np.asarray(count, dtype=np.float64)


def _rates(agreed: Levels, weights: Floats, prior: Floats, *, strength: float) -> Floats:
    """The share of each level among the pairs where both sides are told, column by column."""
    count = np.empty((agreed.shape[1], LEVELS))
    for j in range(len(count)):
        told = agreed[:, j] != NONE
        count[j] = np.bincount(agreed[told, j], weights[told], LEVELS)
    return np.asarray((count + strength * prior) / (count.sum(axis=1, keepdims=True) + strength))


def _alike(found: _Seen, u: Floats) -> Bools:
    """Whether two rows agree on most of what they say: half of the columns at least, each counting
    as its agreements are rare."""
    rare = -np.log(u[:, EQUAL])
    told = (found.patterns != NONE) * rare
    like = (LIKE[found.patterns] * rare).sum(axis=1) / np.maximum(told.sum(axis=1), 1e-9)
    enough = np.minimum(1, 2 * told.sum(axis=1) / rare.sum())
    return np.asarray((like * enough >= ALIKE)[found.which])
