"""Whether two names are one body: two forests as for announcements, two answers instead of four."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
from scipy import sparse

from matching import bodies, model_file
from matching.caps import ASKED
from matching.cards import Bools, Floats, Ints
from matching.context import Columns, context
from matching.details import named
from matching.families import naming
from matching.forest import Forest
from matching.matrices import Matrix
from matching.names.cards import Cards
from matching.names.compare import NAME_FEATURES, N, Prepared, features
from matching.names.sections import is_section

FAR, NEXT = 1.0, 0.3  # kilometres: for the very name, for another
ALIKE, PERHAPS, HARDLY = 0.95, 0.3, 0.05


@dataclass(frozen=True, slots=True)
class NameModel:
    """What judges names: first and second forest, and where they come from."""

    version: str
    first: Forest
    second: Forest
    learnt_from: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NameScores:
    """Pairs, their features, and P of RELATIONS (other_edition and part_of are 0)."""

    a: Ints
    b: Ints
    features: Matrix
    p: Floats
    inputs: Matrix


@dataclass(frozen=True, slots=True)
class _Copies:
    """What `context` reads of names of which some stand several times."""

    n: int
    source: Ints
    first: Floats
    soft: Bools


def score_names(
    ready: Prepared, pairs: tuple[Ints, Ints], model: NameModel, *, apart: bool = False
) -> NameScores:
    """P(same) of each pair of names, seen together; `apart`: the second ones as if they were only
    there for their first one, so that two first ones never compete for it."""
    a, b = pairs
    x = features(ready, a, b)
    first = model.first.predict(x)
    if apart:
        full = second_input(_copied(ready.cards, b), a, ready.cards.n + np.arange(len(b)), x, first)
    else:
        full = second_input(ready.cards, a, b, x, first)
    return NameScores(a, b, x, settled(ready.cards, pairs, x, model.second.predict(full)), full)


def _copied(cards: Cards, b: Ints) -> _Copies:
    rows = np.concatenate([np.arange(cards.n), b])
    return _Copies(len(rows), cards.source[rows], cards.first[rows], cards.soft[rows])


def names_judged_again(
    cards: Cards, found: NameScores, told: tuple[Ints, Ints], model: NameModel
) -> Floats:
    """P of RELATIONS once some pairs (rows, relations) are known, as `score.judged_again`."""
    rows, relations = told
    first = model.first.predict(found.features)
    opinion = first[:, :1].astype(np.float32)
    first[rows, 0], first[rows, 1] = relations == 0, relations != 0
    around = context(cards, found.a, found.b, _four(first))
    inputs = np.concatenate([found.features, opinion, around], axis=1)
    said = model.second.predict(inputs)
    p = settled(cards, (found.a, found.b), found.features, said)
    p[rows] = 0
    p[rows, relations] = 1
    return p


def settled(cards: Cards, pairs: tuple[Ints, Ints], x: Matrix, p: Floats) -> Floats:
    """P of RELATIONS once numbers, places and identifiers have spoken. Two names that count apart
    (CDOS 05, CDOS 06) are two bodies, and a row without a name says nothing; two that one word of
    `families` tells apart (FC Toulon, FC Toulon féminin) are asked; a section is asked, and not
    held for its club. Where both rows have coordinates, a name found again far away is another
    branch: asked when it is the very name. A shared RNA or SIREN decides whatever the names; two
    different ones decide too (a body has one)."""
    same = x[:, N["identifier"]]
    p = p.copy()
    alike = x[:, N["ratio"]] >= ALIKE
    far = x[:, N["km"]] > np.log1p(np.where(alike, FAR, NEXT))
    p[far, 0] *= np.where(alike[far], PERHAPS, HARDLY)
    counted = np.diff(cards.numbers.starts) > 0
    apart = (x[:, N["numbers"]] == 1) & counted[pairs[0]] & counted[pairs[1]]
    p[apart | (x[:, N["words_min"]] == 0), 0] *= HARDLY
    rows = np.flatnonzero(p[:, 0] > ASKED)
    p[rows[_qualified(cards, pairs[0][rows], pairs[1][rows])], 0] = ASKED
    p[rows[_acronyms(cards, pairs[0][rows], pairs[1][rows])], 0] = ASKED
    rows = np.flatnonzero(p[:, 0] > PERHAPS)
    p[rows[_sections(cards, pairs[0][rows], pairs[1][rows])], 0] = PERHAPS
    p[:, 1] = 1 - p[:, 0]
    p[same == 1] = (0.999, 0.001)
    p[same == 0] = (0.001, 0.999)
    return _four(p)


def _qualified(cards: Cards, a: Ints, b: Ints) -> Bools:
    """Whether a word tells two names apart: « FC Toulon », « FC Toulon féminin »."""
    shape = (cards.n, max(len(cards.vocabulary), 1))
    ones = np.ones(len(cards.core.data), np.float32)
    core = sparse.csr_array((ones, cards.core.data, cards.core.starts), shape=shape)
    said = core[a], core[b]
    return np.logical_or(*named(naming(cards.vocabulary), said, said))


def _acronyms(cards: Cards, a: Ints, b: Ints) -> Bools:
    """Whether two names differ by an acronym: « HBC Martigues », « HTC Martigues »."""
    words = [[{*cards.titles[i].split()} for i in end.tolist()] for end in (a, b)]
    own = ((one - two, two - one) for one, two in zip(*words, strict=True))
    return np.fromiter((bodies.two_acronyms(*both) for both in own), np.bool_, len(a))


def _sections(cards: Cards, a: Ints, b: Ints) -> Bools:
    """Whether one name is a section of the other."""
    size = np.diff(cards.core.starts)
    pairs = zip(a.tolist(), b.tolist(), (size[a] != size[b]).tolist(), strict=True)
    titles, compacts = cards.titles, cards.compacts
    found = (
        other and is_section(titles[i].split(), titles[j].split(), (compacts[i], compacts[j]))
        for i, j, other in pairs
    )
    return np.fromiter(found, np.bool_, len(a))


def _four(p: Floats) -> Floats:
    out = np.zeros((len(p), 4))
    out[:, 0], out[:, 3] = p[:, 0], p[:, 1]
    return out


def second_input(cards: Columns, a: Ints, b: Ints, x: Matrix, p: Floats) -> Matrix:
    """Features, first probability and context, as the second forest reads them."""
    around = context(cards, a, b, _four(p))
    return np.concatenate([x, p[:, :1].astype(np.float32), around], axis=1)


@lru_cache(maxsize=1)
def load_name_prior() -> NameModel:
    """The model of names shipped with the product."""
    text = (resources.files("matching") / "seeds" / "prior_names.json").read_text("utf-8")
    return load(text)


def dump(model: NameModel) -> str:
    """The model as JSON text."""
    return model_file.written(model, NAME_FEATURES)


def load(text: str) -> NameModel:
    """A model of names from its JSON text. Raises QualityError when it is not one."""
    return model_file.read(text, NAME_FEATURES, lambda forests, _: NameModel(**forests))
