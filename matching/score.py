"""How likely each relation is: two forests, the second knowing what the first thought around.

The shipped model (seeds/prior.json, written by `python -m matching.learn`) was learnt from the
fictional announcements of `prior` only. Probabilities are those of four relations that exclude
each other: same edition, other edition, part of (or parts of the same festival), different.
"""

import json
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
from matching import compare, explain, forest
from matching.cards import Cards, Floats, Ints
from matching.compare import FEATURES, Matrix, Prepared, Rarity
from matching.context import CONTEXT, context
from matching.forest import Forest
from matching.prudence import prudent

_LOG = logging.getLogger(__name__)
MODEL_VERSION = "2"
RELATIONS = (Relation.SAME, Relation.OTHER_EDITION, Relation.PART_OF, Relation.DIFFERENT)
"""The columns of every matrix of probabilities, in order."""


SETTLED = 0.01
"""Pairs that the first forest thinks different at 0.99 are not shown to the second."""


@dataclass(frozen=True, slots=True)
class Model:
    """What judges: first and second forest, rarity of words, and where it comes from."""

    version: str
    first: Forest
    second: Forest
    rarity: Rarity
    learnt_from: Mapping[
        str, Any
    ]  # seeds fingerprint, verdicts counted, figures on the control set


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
    """Pairs of record numbers, their features and the probabilities of RELATIONS."""

    a: Ints
    b: Ints
    features: Matrix
    p: Floats
    inputs: Matrix  # what the second forest read


def score(ready: Prepared, pairs: tuple[Ints, Ints], model: Model) -> Scores:
    """Probabilities of each pair, seen together: competition between pairs counts."""
    a, b = pairs
    width = len(FEATURES)
    full = np.empty((len(a), width + len(RELATIONS) + len(CONTEXT)), dtype=np.float32)
    x = compare.features(ready, a, b, full[:, :width])  # both forests read the same numbers
    p = model.first.predict(x)
    full[:, width : width + len(RELATIONS)] = p
    full[:, width + len(RELATIONS) :] = context(ready.cards, a, b, p)
    open_ = np.flatnonzero(1 - p[:, 3] > SETTLED)
    for part in compare.chunks(len(open_)):
        p[open_[part]] = model.second.predict(full[open_[part]])
    return Scores(a, b, x, prudent(ready, a, b, x, p), full)


def second_input(cards: Cards, a: Ints, b: Ints, x: Matrix, p: Floats) -> Matrix:
    """What the second forest reads: features, first probabilities, context."""
    return np.concatenate([x, p.astype(np.float32), context(cards, a, b, p)], axis=1)


def judged_again(ready: Prepared, found: Scores, told: tuple[Ints, Ints], model: Model) -> Floats:
    """The probabilities once the relation of some pairs (rows, relations) is known: they become
    certain, and what they say of the pairs around is heard by the second forest."""
    rows, relations = told
    first = found.inputs[:, len(FEATURES) : len(FEATURES) + 4].astype(np.float64)
    known = first.copy()
    known[rows] = 0
    known[rows, relations] = 1
    open_ = np.flatnonzero(1 - first[:, 3] > SETTLED)
    around = context(ready.cards, found.a, found.b, known)[open_]
    inputs = np.concatenate([found.inputs[open_, : len(FEATURES) + 4], around], axis=1)
    p = first
    p[open_] = model.second.predict(inputs)
    p = prudent(ready, found.a, found.b, found.features, p)
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
    reasons = explain.reasons(ready, found.a, found.b, found.features, model.first)
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
    return json.dumps(
        {
            "version": model.version,
            "features": [*FEATURES],
            "context": [*CONTEXT],
            "learnt_from": dict(model.learnt_from),
            "first": forest.dump(model.first),
            "second": forest.dump(model.second),
            "rarity": {"size": model.rarity.size, "words": dict(model.rarity.background)},
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def load(text: str) -> Model:
    """A model from its JSON text. Raises QualityError when it is damaged or of other features."""
    try:
        data = json.loads(text)
        if (data["features"], data["context"]) != ([*FEATURES], [*CONTEXT]):
            raise QualityError(
                "a model of other features where this release's were expected; learn it again",
                about="matching",
            )
        rarity = Rarity({str(k): int(v) for k, v in data["rarity"]["words"].items()},
                        int(data["rarity"]["size"]))  # fmt: skip
        return Model(
            str(data["version"]), forest.load(data["first"]), forest.load(data["second"]), rarity,
            dict(data["learnt_from"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise QualityError(
            f"a model file where JSON written by `dump` was expected ({error}); learn it again",
            about="matching",
        ) from None
