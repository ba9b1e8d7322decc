"""Where models come from: the shipped one from fictional worlds, the next ones from verdicts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from domain.records import Mention
from domain.statuses import Relation
from domain.text import fingerprint
from matching import block, compare, forest, guard, prior
from matching import cards as columns
from matching.cards import Bools, Cards, Ints
from matching.compare import Rarity
from matching.matrices import Matrix
from matching.score import (
    MODEL_VERSION,
    RELATIONS,
    Model,
    inputs,
    score,
    second_input,
)

WORLDS = 24
EVENTS = 1500
LEAF = 150  # pairs a leaf of the prior holds at least: with fewer, it travels less well


@dataclass(frozen=True, slots=True)
class Lesson:
    """A table's pairs with their features and true relation (number in RELATIONS)."""

    cards: Cards
    a: Ints
    b: Ints
    x: Matrix
    y: Ints


def truth(rows: Sequence[Mapping[str, Any]], a: Ints, b: Ints) -> Ints:
    """The relation of each pair of rows that carry `event`, `series` and `parent`."""
    event, series, parent = (
        np.array([-1 if row[k] in (None, "") else int(row[k]) for row in rows])
        for k in ("event", "series", "parent")
    )
    same, together = event[a] == event[b], series[a] == series[b]
    part = (parent[a] >= 0) | (parent[b] >= 0)
    return np.where(same, 0, np.where(~together, 3, np.where(part, 2, 1))).astype(np.int64)


def lesson(rows: Sequence[Mapping[str, Any]], rarity: Rarity) -> Lesson:
    """The candidate pairs of labelled rows, compared."""
    cards = columns.of_rows(rows)
    a, b = block.lessons(cards)
    x = compare.features(compare.prepare(cards, rarity), a, b)
    return Lesson(cards, a, b, x, truth(rows, a, b))


def background(worlds: Sequence[Sequence[Mapping[str, Any]]]) -> Rarity:
    """How many fictional titles and descriptions each word occurs in; what few say is left out."""
    titles: Counter[str] = Counter()
    texts: Counter[str] = Counter()
    size = 0
    for rows in worlds:
        cards = columns.of_rows(rows)
        names = list(cards.vocabulary)
        for counts, bags in ((titles, cards.core), (texts, cards.text)):
            told = np.bincount(bags.data, minlength=len(names))
            counts.update({n: int(c) for n, c in zip(names, told.tolist(), strict=True) if c})
        size += cards.n
    known, said = ({w: c for w, c in sorted(k.items()) if c >= 5} for k in (titles, texts))
    return Rarity(known, size, said, size)


def train(worlds: int = WORLDS, events: int = EVENTS) -> Model:
    """The prior: the first forest learnt on a third of the worlds; the second, as it will be used,
    the mean of those of the two other thirds, which varies less from worlds to worlds."""
    tables = [prior.generate(seed, events=events) for seed in range(worlds)]
    rarity = background(tables)
    lessons = [lesson(rows, Rarity({}, 0)) for rows in tables]
    part = worlds // 3
    first = _fit(lessons[:part], [one.x for one in lessons[:part]], rounds=45)
    seconds = [_second(lessons[i : i + part], first) for i in (part, 2 * part)]
    about = {"seeds": seeds_fingerprint(), "pairs": sum(len(one.y) for one in lessons)}
    return Model(MODEL_VERSION, first, forest.mean(seconds), rarity, about)


def _second(lessons: Sequence[Lesson], first: forest.Forest) -> forest.Forest:
    seen = [*lessons, *map(apart, lessons)]
    inputs = [second_input(one.cards, one.a, one.b, one.x, first.predict(one.x)) for one in seen]
    return _fit(seen, inputs, rounds=40)


def apart(one: Lesson) -> Lesson:
    """Some of its pairs, of which no two share a record: a table of two rows has no rivals, which
    must not speak for them."""
    order = np.random.default_rng(0).permutation(len(one.y))
    free = np.ones(one.cards.n, np.bool_)
    kept = []
    for i, a, b in zip(order.tolist(), one.a[order].tolist(), one.b[order].tolist(), strict=True):
        if free[a] and free[b]:
            free[a] = free[b] = False
            kept.append(i)
    return Lesson(one.cards, one.a[kept], one.b[kept], one.x[kept], one.y[kept])


def _fit(lessons: Sequence[Lesson], inputs: Sequence[Matrix], *, rounds: int) -> forest.Forest:
    y = np.concatenate([one.y for one in lessons])
    return forest.fit(np.concatenate(inputs), y, classes=4, rounds=rounds, leaf=LEAF)


def seeds_fingerprint() -> str:
    """Changes with the seeds or the generator: the shipped model says which it learnt from."""
    folder = resources.files("matching")
    files = (
        "seeds/annonces.txt",
        "seeds/noms.txt",
        "prior.py",
        "prior_truth.py",
        "prior_telling.py",
        "names/prior.py",
    )
    return fingerprint("".join((folder / f).read_text("utf-8") for f in files))[:16]


# --- learning from people ------------------------------------------------------------------------

CONTROL_SEED, REPLAY_SEEDS = 7001, (7002, 7003, *range(7010, 7016))  # with half, fiction fades
WORLD = 500  # events of a world replayed
CONTROL_WORLD = 500  # smaller, half a point of F1 would be chance
PRIOR_WEIGHT = 0.5  # of a fictional pair, a verdict weighing 1
MOST_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class Examples:
    """What people decided, as the second forest reads it; `y` are numbers in RELATIONS. Those
    `aside` judge models and are never learnt from (by default one in five)."""

    inputs: Matrix
    y: Ints
    aside: Bools | None = None

    def only(self, which: Ints) -> "Examples":
        """Some of them."""
        aside = None if self.aside is None else self.aside[which]
        return Examples(self.inputs[which], self.y[which], aside)

    def parted(self) -> "tuple[Examples, Examples]":
        """Those to learn from, those that judge."""
        aside = self.aside
        if aside is None:
            aside = np.arange(len(self.y)) % guard.ONE_IN == guard.ONE_IN - 1
        return self.only(np.flatnonzero(~aside)), self.only(np.flatnonzero(aside))


def examples(verdicts: Sequence[tuple[Mention, Mention, Relation]], model: Model) -> Examples:
    """People's verdicts as examples; « indécidable » teaches nothing. The mentions are seen with
    the candidates among themselves, so that their competition counts."""
    told = [(x, y, r) for x, y, r in verdicts if r in RELATIONS]
    mentions = {m.id: m for x, y, _ in told for m in (x, y)}
    order = sorted(mentions)
    place = {id_: i for i, id_ in enumerate(order)}
    wanted: dict[tuple[int, int], int] = {}
    for x, y, relation in told:
        one, two = place[x.id], place[y.id]
        wanted[(min(one, two), max(one, two))] = RELATIONS.index(relation)
    cards = columns.of_mentions([mentions[i] for i in order])
    near = zip(*(side.tolist() for side in block.candidates(cards)), strict=True)
    pairs = sorted({*wanted, *near})
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    ready = compare.prepare(cards, model.rarity, own=False)
    found = score(ready, (table[:, 0], table[:, 1]), model)
    keep = np.flatnonzero([pair in wanted for pair in pairs])
    y_all = [wanted[pair] for pair in pairs if pair in wanted]
    ids = np.array(order, dtype=np.int64)[table[keep]]
    aside = guard.set_aside(ids[:, 0], ids[:, 1])
    return Examples(inputs(ready, found, keep), np.array(y_all, dtype=np.int64), aside)


MOST = 60_000


def spread(told: Examples) -> Examples:
    """At most MOST examples, evenly taken: beyond, learning would no longer take seconds."""
    if len(told.y) <= MOST:
        return told
    return told.only(np.linspace(0, len(told.y) - 1, MOST).astype(np.int64))


def learn(
    model: Model, told: Examples, *, in_place: Model | None = None, control: Examples | None = None
) -> Model:
    """The model with what people said added to it, in seconds.

    Raises QualityError, and nothing changes, when it would judge worse than `model` or than the
    one `in_place` (of the same prior): the verdicts kept aside, or the control set (by default
    fictional announcements that no model saw; a real one, reviewed twice, is better).
    """
    told = spread(told)
    control = control or _replayed(CONTROL_SEED, model, events=CONTROL_WORLD)
    taught, held = told.parted()
    second = boosted(model.second, taught, [_replayed(seed, model) for seed in REPLAY_SEEDS])
    figures = _figures(second, control, held)
    known = {"le modèle livré": model, "le modèle en place": in_place or model}
    guard.refuse_worse(
        figures,
        {name: _figures(one.second, control, held) for name, one in known.items()},
        verdicts=len(told.y),
        about=f"rapprochement {model.version}",
    )
    count = int(model.learnt_from.get("verdicts", 0)) + len(told.y)
    about = {**model.learnt_from, "verdicts": count, "control_f1": round(figures.control[SAMES], 4)}
    digest = fingerprint(f"{model.version} {told.y.tolist()} {told.inputs.tobytes().hex()}")[:8]
    return replace(
        model, second=second, learnt_from=about, version=f"{MODEL_VERSION}+{count}-{digest}"
    )


SAMES, TOGETHER = "mêmes éditions", "mêmes initiatives"


def _figures(judge: forest.Forest, control: Examples, held: Examples) -> guard.Figures:
    p = judge.predict(control.inputs)
    f1 = {
        SAMES: guard.f1(p[:, 0] > 0.5, control.y == 0),
        TOGETHER: guard.f1(p[:, 3] <= 0.5, control.y != 3),
    }
    return guard.Figures(f1, guard.surprise(judge.predict(held.inputs), held.y))


def boosted(judge: forest.Forest, told: Examples, replay: Sequence[Examples]) -> forest.Forest:
    """The forest corrected by what was told, with fiction so that what was known stays known."""
    x = np.concatenate([told.inputs, *(one.inputs for one in replay)])
    y = np.concatenate([told.y, *(one.y for one in replay)])
    weights = np.full(len(x), PRIOR_WEIGHT)
    weights[: len(told.y)] = 1.0
    rounds = min(MOST_ROUNDS, 4 + len(told.y) // 25)
    return forest.boost(judge, x, y, weights, rounds=rounds, leaf=12)


def _replayed(seed: int, model: Model, *, events: int | None = None) -> Examples:
    cards, pairs, y = _fiction(seed, events or WORLD)
    ready = compare.prepare(cards, model.rarity)
    found = score(ready, pairs, model)
    seen = found.open  # the second forest sees no other
    return Examples(inputs(ready, found, seen), y[seen])


@lru_cache(maxsize=16)
def _fiction(seed: int, events: int) -> tuple[Cards, block.Pairs, Ints]:
    """A fictional world: its cards, its candidate pairs and their true relations; learning anew
    after more verdicts meets the same ones."""
    rows = prior.generate(seed, events=events)
    cards = columns.of_rows(rows)
    pairs = block.candidates(cards)
    return cards, pairs, truth(rows, *pairs)
