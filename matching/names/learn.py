"""Where models of names come from: fictional bodies, then people's verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from matching import forest, guard, learn, names
from matching.cards import Floats, Ints
from matching.cluster import bound
from matching.forest import Forest
from matching.learn import REPLAY_SEEDS, Examples
from matching.matrices import Matrix
from matching.names import prior, score
from matching.names.score import NameModel, NameScores
from matching.score import MODEL_VERSION

MANY = 1500  # verdicts from which both forests are grown anew, on them and on fiction
MOST = 150_000
ROUNDS = 100
TIMES = 2  # a verdict is told, a fictional pair being told once
CHANCE = 0.016
"""F1 on the control set under which a loss is noise: twice what chance does to its 931 pairs of one
body. What people said is judged apart, without any allowance."""


@dataclass(frozen=True, slots=True)
class Table:
    """Pairs of a table of names: features, and `y` (0 one body, 1 two, NONE unknown)."""

    cards: names.Cards
    a: Ints
    b: Ints
    x: Matrix
    y: Ints


@lru_cache(maxsize=16)
def fiction(seed: int, *, bodies: int) -> Table:
    """A table of fictional bodies with its truth."""
    rows = prior.generate(seed, bodies=bodies)
    cards = names.of_rows(rows)
    a, b = names.candidates(cards)
    entity = np.array([row["entity"] for row in rows])
    x = names.features(names.prepare(cards), a, b)
    return Table(cards, a, b, x, (entity[a] != entity[b]).astype(np.int64))


def train(worlds: int = 10, bodies: int = 1500) -> NameModel:
    """The prior: first forest on half of the fictional tables, second on the others."""
    tables = [fiction(seed, bodies=bodies) for seed in range(worlds)]
    half = worlds // 2
    first = _shipped([(one.x, one.y) for one in tables[:half]])
    second = _shipped([(_input(one, first), one.y) for one in tables[half:]])
    about = {"seeds": learn.seeds_fingerprint(), "pairs": sum(len(one.y) for one in tables)}
    return NameModel(MODEL_VERSION, first, second, about)


def _input(table: Table, first: Forest) -> Matrix:
    p = first.predict(table.x)
    return score.second_input(table.cards, table.a, table.b, table.x, p)


def _shipped(parts: Sequence[tuple[Matrix, Ints]]) -> Forest:
    """With weights, all of one: scikit-learn then cuts columns elsewhere, a little better here."""
    x, y = np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])
    return forest.fit(x, y, classes=2, weights=np.ones(len(y)), rounds=60)


def _fit(parts: Sequence[tuple[Matrix, Ints, int]], *, rounds: int) -> Forest:
    """A forest on several matrices, each told so many times: scikit-learn sorts every column 254
    times when examples have weights, and once when they have none."""
    x = np.concatenate([x for x, _, times in parts for _ in range(times)])
    y = np.concatenate([y for _, y, times in parts for _ in range(times)])
    return forest.fit(x, y, classes=2, rounds=rounds)


def learn_names(
    model: NameModel, cards: names.Cards, found: NameScores, told: tuple[Ints, Ints]
) -> NameModel:
    """The model with what people said of a table's pairs (rows, 0 one body and 1 two) added to it.

    Few verdicts correct the second forest; many grow both anew, so that competition between pairs
    is learnt with probabilities that fit this table. Raises QualityError, and the old one stays,
    when it would judge worse: the verdicts kept aside, or fictional bodies that no model saw.
    """
    rows, y = told
    if len(rows) > MOST:
        kept = np.linspace(0, len(rows) - 1, MOST).astype(np.int64)
        rows, y = rows[kept], y[kept]
    aside = guard.set_aside(found.a[rows], found.b[rows])
    grow = _renewed if len(rows) >= MANY and len(np.unique(y[~aside])) == 2 else _corrected
    new = grow(model, cards, found, rows[~aside], y[~aside])
    control = fiction(learn.CONTROL_SEED, bodies=learn.CONTROL_WORLD)
    held = rows[aside], y[aside]
    guard.refuse_worse(
        _figures(new, control, _judged(new, cards, found), held),
        {"le modèle en place": _figures(model, control, found.p, held)},
        verdicts=len(rows),
        about=f"noms {model.version}",
        chance=CHANCE,
    )
    count = int(model.learnt_from.get("verdicts", 0)) + len(rows)
    about = {**model.learnt_from, "verdicts": count}
    return replace(new, learnt_from=about, version=f"{MODEL_VERSION}+{count}")


def _judged(model: NameModel, cards: names.Cards, found: NameScores) -> Floats:
    nothing = np.zeros(0, dtype=np.int64)
    return score.names_judged_again(cards, found, (nothing, nothing), model)


def _figures(model: NameModel, control: Table, p: Floats, held: tuple[Ints, Ints]) -> guard.Figures:
    said = model.second.predict(_input(control, model.first))
    said = score.settled(control.cards, (control.a, control.b), control.x, said)
    f1 = guard.f1(said[:, 0] > 0.5, control.y == 0)
    return guard.Figures({"mêmes noms": f1}, guard.surprise(p[held[0]][:, [0, 3]], held[1]))


def _corrected(
    model: NameModel, _: names.Cards, found: NameScores, rows: Ints, y: Ints
) -> NameModel:
    replay = []
    for seed in REPLAY_SEEDS:
        table = fiction(seed, bodies=learn.WORLD)
        replay.append(Examples(_input(table, model.first), table.y))
    told = Examples(found.inputs[rows], y)
    return replace(model, second=learn.boosted(model.second, told, replay))


def _renewed(
    model: NameModel, cards: names.Cards, found: NameScores, rows: Ints, y: Ints
) -> NameModel:
    """Both forests anew. The first is two, each grown on half of the bodies and judging the other
    half: the second meets opinions as frank as those it will hear."""
    here, there = (
        [fiction(seed + more, bodies=3 * learn.WORLD) for seed in REPLAY_SEEDS] for more in (0, 100)
    )
    links = np.stack([found.a[rows], found.b[rows]], axis=1)[y == 0]
    body = bound(cards.n, [(int(i), int(j)) for i, j in links], ())[0]
    half = (body[found.a[rows]] * 2654435761 >> 9) & 1
    x = found.features
    if any(len(np.unique(y[half == k])) < 2 for k in (0, 1)):
        return _corrected(model, cards, found, rows, y)
    grown = [
        _fit(
            [
                (x[rows[half == k]], y[half == k], TIMES),
                *((one.x, one.y, 1) for one in here),
            ],
            rounds=ROUNDS,
        )
        for k in (0, 1)
    ]
    first = forest.mean(grown)
    p = first.predict(x)
    for k in (0, 1):
        p[rows[half == k]] = grown[1 - k].predict(x[rows[half == k]])
    inputs = score.second_input(cards, found.a, found.b, x, p)[rows]
    fictional = [(_input(one, first), one.y, 1) for one in there]
    second = _fit([(inputs, y, TIMES), *fictional], rounds=ROUNDS)
    return replace(model, first=first, second=second)
