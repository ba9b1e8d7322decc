"""Where models come from: the shipped one from fictional worlds, the next ones from verdicts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

import numpy as np

from domain.errors import QualityError
from domain.records import Mention
from domain.statuses import Relation
from domain.text import fingerprint
from matching import block, compare, forest, prior
from matching import cards as columns
from matching.cards import Cards, Ints
from matching.compare import Matrix, Rarity
from matching.names_score import NameModel
from matching.score import (
    MODEL_VERSION,
    RELATIONS,
    Model,
    inputs,
    score,
    second_input,
)

WORLDS = 16
EVENTS = 1500


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
    a, b = block.candidates(cards)
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
    """The prior: first forest on half of the worlds, second on the others, as it will be used."""
    tables = [prior.generate(seed, events=events) for seed in range(worlds)]
    rarity = background(tables)
    lessons = [lesson(rows, Rarity({}, 0)) for rows in tables]
    half = worlds // 2
    first = _fit(lessons[:half], [one.x for one in lessons[:half]], rounds=45)
    seen = [*lessons[half:], *map(apart, lessons[half:])]
    inputs = [second_input(one.cards, one.a, one.b, one.x, first.predict(one.x)) for one in seen]
    second = _fit(seen, inputs, rounds=40)
    about = {"seeds": seeds_fingerprint(), "pairs": sum(len(one.y) for one in lessons)}
    return Model(MODEL_VERSION, first, second, rarity, about)


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
    return forest.fit(np.concatenate(inputs), y, classes=4, rounds=rounds)


def seeds_fingerprint() -> str:
    """Changes with the seeds or the generator: the shipped model says which it learnt from."""
    folder = resources.files("matching")
    files = (
        "seeds/annonces.txt",
        "seeds/noms.txt",
        "prior.py",
        "prior_truth.py",
        "prior_telling.py",
        "prior_names.py",
    )
    return fingerprint("".join((folder / f).read_text("utf-8") for f in files))[:16]


# --- learning from people ------------------------------------------------------------------------

CONTROL_SEED, REPLAY_SEEDS, WORLD = 7001, (7002, 7003), 500
PRIOR_WEIGHT = 0.2  # of a fictional pair, a verdict weighing 1 (reference: .1 to .3)
MAY_LOSE = 0.03  # F1 of `same` on the control set: fiction may lose a little to what people say
MAY_LOSE_TO_MANY = 0.08  # and more to MANY of them: what is kept aside is then the better judge


@dataclass(frozen=True, slots=True)
class Examples:
    """What people decided, as the second forest reads it; `y` are numbers in RELATIONS."""

    inputs: Matrix
    y: Ints


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
    return Examples(inputs(ready, found, keep), np.array(y_all, dtype=np.int64))


MANY = 800  # examples from which the second forest is grown anew instead of corrected
MOST = 60_000
MOST_ROUNDS = 60


def spread(told: Examples) -> Examples:
    """At most MOST examples, evenly taken: beyond, learning would no longer take seconds."""
    if len(told.y) <= MOST:
        return told
    kept = np.linspace(0, len(told.y) - 1, MOST).astype(np.int64)
    return Examples(told.inputs[kept], told.y[kept])


def learn(model: Model, told: Examples, *, control: Examples | None = None) -> Model:
    """The model with what people said added to it, in seconds.

    Raises QualityError, and the old one stays, when the new one would be worse: on a fifth of the
    verdicts kept aside, or clearly on the control set (by default fictional announcements that no
    model saw; a real one, reviewed twice, is better).
    """
    told = spread(told)
    replay = [_replayed(seed, model) for seed in REPLAY_SEEDS]
    may_lose = MAY_LOSE if control or len(told.y) < MANY else MAY_LOSE_TO_MANY
    control = control or _replayed(CONTROL_SEED, model)
    aside = np.arange(len(told.y)) % 5 == 4
    trial = boosted(model, told.inputs[~aside], told.y[~aside], replay)
    held = Examples(told.inputs[aside], told.y[aside])
    for name, where, lost in (
        ("verdicts kept aside", held, surprise(trial, held) - surprise(model.second, held)),
        ("control set", control, _f1(model.second, control) - _f1(trial, control) - may_lose),
    ):
        if len(where.y) and lost > 0:
            raise QualityError(
                f"{name}: {lost:.3f} worse than the model in place where not worse was expected, "
                f"after {len(told.y)} verdicts; the model in place stays",
                about=f"matching:{model.version}",
            )
    second = boosted(model, told.inputs, told.y, replay)
    count = int(model.learnt_from.get("verdicts", 0)) + len(told.y)
    about = {**model.learnt_from, "verdicts": count, "control_f1": round(_f1(second, control), 4)}
    digest = fingerprint(f"{model.version} {told.y.tolist()} {told.inputs.tobytes().hex()}")[:8]
    return replace(
        model, second=second, learnt_from=about, version=f"{MODEL_VERSION}+{count}-{digest}"
    )


def boosted(
    model: Model | NameModel, inputs: Matrix, y: Ints, replay: Sequence[Examples]
) -> forest.Forest:
    x = np.concatenate([inputs, *(one.inputs for one in replay)])
    weights = np.full(len(x), PRIOR_WEIGHT)
    weights[: len(y)] = 1.0
    y_all = np.concatenate([y, *(one.y for one in replay)])
    if len(y) >= MANY and len(np.unique(y_all)) == len(model.second.start):
        classes = len(model.second.start)
        return forest.fit(x, y_all, classes=classes, weights=weights, rounds=90)
    rounds = min(MOST_ROUNDS, 4 + len(y) // 25)
    return forest.boost(model.second, x, y_all, weights, rounds=rounds, leaf=12)


def surprise(judge: forest.Forest, held: Examples) -> float:
    """Mean log-loss, probabilities kept off 0 and 1 so that one wrong verdict does not decide."""
    if not len(held.y):
        return 0.0
    p = np.clip(judge.predict(held.inputs), 0.02, 1)
    return float(-np.log(p[np.arange(len(held.y)), held.y]).mean())


def _replayed(seed: int, model: Model) -> Examples:
    rows = prior.generate(seed, events=WORLD)
    cards = columns.of_rows(rows)
    pairs = block.candidates(cards)
    ready = compare.prepare(cards, model.rarity)
    found = score(ready, pairs, model)
    seen = found.open  # the second forest sees no other
    return Examples(inputs(ready, found, seen), truth(rows, *pairs)[seen])


def _f1(judge: forest.Forest, control: Examples) -> float:
    """F1 of `same` at 0.5."""
    said, same = judge.predict(control.inputs)[:, 0] > 0.5, control.y == 0
    return float(2 * (said & same).sum() / max(1, said.sum() + same.sum()))
