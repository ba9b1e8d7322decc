"""How likely each relation is: two forests, the second knowing what the first thought around.

The shipped model (seeds/prior.json, written by `python -m tools.write_models`) was learnt from the
fictional announcements of `prior` only. Probabilities are those of four relations that exclude
each other: same edition, other edition, part of (or parts of the same festival), different.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np

from domain.errors import QualityError
from domain.records import Mention, Reason
from domain.statuses import Relation
from matching import cards as columns
from matching import compare, explain, forest, model_file
from matching.cards import NONE, Cards, Floats, Ints
from matching.cluster import unseen
from matching.compare import FEATURES, Prepared, Rarity
from matching.context import context
from matching.forest import Forest
from matching.matrices import Matrix, chunks
from matching.prudence import prudent

_LOG = logging.getLogger(__name__)
MODEL_VERSION = "2"
RELATIONS = (Relation.SAME, Relation.OTHER_EDITION, Relation.PART_OF, Relation.DIFFERENT)
"""The columns of every matrix of probabilities, in order."""


SETTLED = 0.05
"""Pairs that the first forest thinks different at 0.95 are not shown to the second, and say nothing
of the pairs around: of those that belong together it is one in five hundred (decision 0294)."""
TIED = 0.5
"""Likelier than not of one initiative, at first sight."""


@dataclass(frozen=True, slots=True)
class Model:
    """What judges: first and second forest, rarity of words, and where it comes from."""

    version: str
    first: Forest
    second: Forest
    rarity: Rarity
    learnt_from: Mapping[str, Any]  # seeds fingerprint, verdicts counted


@dataclass(frozen=True, slots=True)
class Judgement:
    """How mentions a < b (their ids) relate, with the French reasons that weighed most."""

    a: int
    b: int
    p: Mapping[Relation, float]
    reasons: tuple[Reason, ...] = ()

    @property
    def best(self) -> Relation:
        """The likeliest relation."""
        return max(RELATIONS, key=lambda r: self.p[r])


@dataclass(frozen=True, slots=True)
class Scores:
    """Pairs of record numbers and the probabilities of RELATIONS. Of the pairs still open after the
    first forest, what was seen: the others are clearly different."""

    a: Ints
    b: Ints
    p: Floats
    open: Ints  # their numbers, rising
    x: Matrix  # their features
    first: Floats  # what the first forest thought of them

    def at_first(self) -> Floats:
        """What the first forest thought of every pair."""
        p = self.p.copy()
        p[self.open] = self.first
        return p


BATCH = forest.CHUNK


def score(ready: Prepared, pairs: tuple[Ints, Ints], model: Model, *, together: int = 0) -> Scores:
    """Probabilities of each pair, seen together: competition between pairs counts. Where the first
    forest ties up to `together` records, one after the other, all their pairs are judged: which of
    them were proposed does not count."""
    found = _at_first(ready, pairs, model)
    if together:
        tied = 1 - found.p[:, 3] >= TIED
        more = unseen(ready.cards.n, pairs, tied, most=together)
        found = _both(found, _at_first(ready, more, model)) if len(more[0]) else found
    # Those that are settled say nothing.
    around = context(ready.cards, found.a[found.open], found.b[found.open], found.first)
    found.p[found.open] = _second(ready, found, around, model)
    return found


def _at_first(ready: Prepared, pairs: tuple[Ints, Ints], model: Model) -> Scores:
    """What the first forest thinks of each pair by itself. Features are computed a batch at a time
    and dropped with the pairs that are clearly different."""
    a, b = pairs
    p = np.empty((len(a), len(RELATIONS)))
    kept = np.empty((len(a), len(FEATURES)), dtype=np.float32)  # never written: never in memory
    count = 0
    for part in chunks(len(a), BATCH):
        x = compare.features(ready, a[part], b[part])
        p[part] = model.first.predict(x)
        seen = x[1 - p[part, 3] > SETTLED]
        kept[count : count + len(seen)] = seen
        count += len(seen)
    open_ = np.flatnonzero(1 - p[:, 3] > SETTLED)
    return Scores(a, b, p, open_, kept[:count], p[open_])


def _both(one: Scores, two: Scores) -> Scores:
    """The pairs of both, in the order of their records."""
    a, b = np.concatenate([one.a, two.a]), np.concatenate([one.b, two.b])
    p = np.concatenate([one.p, two.p])
    kept = np.full(len(a), NONE)
    kept[np.concatenate([one.open, two.open + len(one.a)])] = np.arange(len(one.x) + len(two.x))
    order = np.lexsort((b, a))
    open_ = np.flatnonzero(kept[order] != NONE)
    x = np.concatenate([one.x, two.x])[kept[order[open_]]]
    return Scores(a[order], b[order], p[order], open_, x, p[order[open_]])


def _second(ready: Prepared, found: Scores, around: Matrix, model: Model) -> Floats:
    """What the second forest thinks of the open pairs, prudence heard."""
    p = np.empty_like(found.first)
    for part in chunks(len(p), BATCH):
        p[part] = model.second.predict(_input(found.x[part], found.first[part], around[part]))
    return prudent(ready, found.a[found.open], found.b[found.open], found.x, p)


def _input(x: Matrix, first: Floats, around: Matrix) -> Matrix:
    return np.concatenate([x, first.astype(np.float32), around], axis=1)


def second_input(cards: Cards, a: Ints, b: Ints, x: Matrix, p: Floats) -> Matrix:
    """What the second forest reads: features, first probabilities, context."""
    return _input(x, p, context(cards, a, b, p))


def features(ready: Prepared, found: Scores, which: Ints) -> Matrix:
    """The features of some pairs; those that were not kept are computed again."""
    place = np.searchsorted(found.open, which)
    kept = np.append(found.open, -1)[place] == which
    out = np.empty((len(which), len(FEATURES)), dtype=np.float32)
    out[kept] = found.x[place[kept]]
    out[~kept] = compare.features(ready, found.a[which[~kept]], found.b[which[~kept]])
    return out


def inputs(ready: Prepared, found: Scores, which: Ints) -> Matrix:
    """What the second forest reads of some pairs, or would read of those it did not see."""
    p = found.at_first()
    around = context(ready.cards, found.a, found.b, p, which)
    return _input(features(ready, found, which), p[which], around)


def judged_again(ready: Prepared, found: Scores, told: tuple[Ints, Ints], model: Model) -> Floats:
    """The probabilities once the relation of some pairs (rows, relations) is known: they become
    certain, and what they say of the pairs around is heard by the second forest."""
    rows, relations = told
    known = found.at_first()
    known[rows] = 0
    known[rows, relations] = 1
    p = found.p.copy()
    p[found.open] = _second(
        ready, found, context(ready.cards, found.a, found.b, known, found.open), model
    )
    p[rows] = known[rows]
    return p


def judge(pairs: Sequence[tuple[Mention, Mention]], model: Model) -> list[Judgement]:
    """The judgement of each pair, in order; the pairs given are each other's context."""
    if not pairs:
        return []
    mentions = {m.id: m for pair in pairs for m in pair}
    order = sorted(mentions)
    place = {id_: i for i, id_ in enumerate(order)}
    cards = columns.of_mentions([mentions[i] for i in order])
    ready = compare.prepare(cards, model.rarity, own=False)
    couples = np.array([sorted((place[x.id], place[y.id])) for x, y in pairs], dtype=np.int64)
    found = score(ready, (couples[:, 0], couples[:, 1]), model)
    x = features(ready, found, np.arange(len(found.a)))
    reasons = explain.reasons(ready, found.a, found.b, x, model.first)
    return [
        Judgement(order[a], order[b], chances(p), why)
        for a, b, p, why in zip(found.a.tolist(), found.b.tolist(), found.p, reasons, strict=True)
    ]


def chances(p: Floats) -> dict[Relation, float]:
    """A row of probabilities by relation."""
    return {relation: float(value) for relation, value in zip(RELATIONS, p, strict=True)}


@lru_cache(maxsize=1)
def load_prior() -> Model:
    """The model shipped with the product: the same for everyone, ready in 50 ms."""
    text = (resources.files("matching") / "seeds" / "prior.json").read_text("utf-8")
    return load(text)


@lru_cache(maxsize=2)
def in_use(kept: bytes | None) -> Model:
    """The model that learning kept, or the shipped one: where nothing is kept, or what is kept was
    learnt by a release with other features or another prior. No verdict is lost by it, they are
    learnt again from the prior that is shipped now (`paat learn decisions`, or the next run)."""
    prior = load_prior()
    if kept is None:
        return prior
    try:
        model = load(kept.decode())
    except (QualityError, UnicodeError) as error:
        _LOG.warning("matching: %s; until then the shipped model %s judges", error, prior.version)
        return prior
    if model.learnt_from.get("seeds") == prior.learnt_from.get("seeds"):
        return model
    _LOG.warning(
        "matching: model %s of another release where one learnt from model %s was expected; "
        "the shipped model judges until the verdicts are learnt again (paat learn decisions)",
        model.version,
        prior.version,
    )
    return prior


def dump(model: Model) -> str:
    """The model as JSON text: safe to keep anywhere, readable by `load`."""
    rarity = model.rarity
    return model_file.written(
        model,
        FEATURES,
        rarity={"size": rarity.size, "words": dict(rarity.background)},
        said={"size": rarity.said_size, "words": dict(rarity.said)},
    )


def load(text: str) -> Model:
    """A model from its JSON text. Raises QualityError when it is damaged or of other features."""

    def build(forests: Mapping[str, Any], data: Mapping[str, Any]) -> Model:
        return Model(**forests, rarity=Rarity(*_counts(data["rarity"]), *_counts(data["said"])))

    return model_file.read(text, FEATURES, build)


def _counts(told: Mapping[str, Any]) -> tuple[dict[str, int], int]:
    return {str(k): int(v) for k, v in told["words"].items()}, int(told["size"])
