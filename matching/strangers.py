"""Two bodies that have nothing in common do not hold one assembly in one house on one day.

They hold two (gold: 1 of 634 such pairs is one event). Under a title of its own, a person is asked;
so is she when the names share a word of theirs, or name two towns. Names are compared in `bodies`.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from scipy import sparse

from matching import bodies, normalise
from matching.caps import ASKED, DIFFERENT, HARDLY, OTHER, PART, PERHAPS, SAME, Cap
from matching.cards import NONE, Bools, Floats, Ints, Names
from matching.compare import F, Prepared
from matching.details import KNOWN
from matching.matrices import Matrix, binary, row_sums, same_rows, unsaid
from matching.prior_truth import seeds
from matching.silent import NEAR_RATIO, STORY

OWN = 0.75  # rarity of a word that names: « loto » is 0.46, « open » 1
ALIKE = 0.8  # likeness of two names, from which they may be one's
NEXT = float(np.log1p(2))  # log of kilometres: on either side of a border
KIN, ASK, STRANGERS, APART = range(4)
"""APART: strangers however near their letters."""


def strangers(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Iterator[Cap]:
    """What may be thought of two associations, or bodies of two towns, that hold the same; and of
    two bodies that hold parts of one festival with nothing shared: both name who organises, neither
    cites the other, no link or number proves them one."""
    linked = (x[:, F["link"]] == 1) | (x[:, F["identifier"]] == 1) | (x[:, F["text_mass"]] >= STORY)
    told = x[:, F["text_cover"]] >= 0.5
    open_ = (x[:, F["organiser_ratio"]] < 1) & ~linked & ~told
    same = (p[:, SAME] > HARDLY) & (x[:, F["organiser_town"]] != 1)
    part = open_ & (p[:, PART] > HARDLY)
    some = np.flatnonzero(part)
    part[some] = _nothing_shared(x[some]) | _its_own(ready, a[some], b[some])
    rows = np.flatnonzero(open_ & same | part)
    kin = _kin(ready, a[rows], b[rows])
    kin[(x[rows, F["organiser_ratio"]] >= NEAR_RATIO) & (kin == STRANGERS)] = KIN
    kin[kin == APART] = STRANGERS
    same, part, clubs = same[rows], part[rows], x[rows, F["organiser_town"]] == 0
    yield Cap(rows[same & (kin == ASK)], PERHAPS, SAME, DIFFERENT)
    apart = rows[same & clubs & (kin == STRANGERS)]
    common = _common(ready, a[apart], b[apart])
    yield Cap(apart, np.where(common, HARDLY, PERHAPS), SAME, DIFFERENT)
    yield Cap(rows[part & (kin != KIN)], HARDLY, PART, DIFFERENT)
    yield Cap(_anybody(ready, a, b, x, p), ASKED)
    elsewhere = _elsewhere(ready, a, b, x, p)
    for relation in (SAME, OTHER, PART):
        yield Cap(elsewhere, HARDLY, relation, DIFFERENT)


def _kin(ready: Prepared, a: Ints, b: Ints) -> Ints:
    """What the organisers of each pair are to each other: each couple of names read once, then
    whether an announcement says what is the other's own."""
    cards = ready.cards
    ends = [cards.organiser[a], cards.organiser[b], cards.commune[a], cards.commune[b]]
    first, back = same_rows(*ends)
    read = [_read(ready, *couple) for couple in np.stack(ends, axis=1)[first].tolist()]
    found = np.array([kin for kin, _, _ in read], dtype=np.int64)[back]
    for row in np.flatnonzero(found).tolist():
        _, one, two = read[back[row]]
        mine, other = int(a[row]), int(b[row])
        if _cited(ready, one, mine, other) or _cited(ready, two, other, mine):
            found[row] = KIN
    return found


def _cited(ready: Prepared, own: set[str], mine: int, other: int) -> bool:
    """Whether the other announcement says what is this organiser's own: all of it, or a word that
    is not only of the title they share (« Journée olympique » does not cite a comité olympique)."""
    said = _said(ready, other)
    return bool(own) and (own <= said or bool(own & said - _titled(ready, mine)))


def _read(ready: Prepared, one: int, two: int, *towns: int) -> tuple[int, set[str], set[str]]:
    """What two organisers are to each other, and what each name alone says; `towns`: communes."""
    cards = ready.cards
    names = _name(ready, one), _name(ready, two)
    place = {w for k in towns if k != NONE for w in cards.communes.words[k]}
    mine, theirs = (side - place for side in bodies.own(*names))
    shared = {*names[0]} & {*names[1]}
    if _two_acronyms(ready, mine, theirs) and (shared or not bodies.unlike(mine, theirs)):
        return ASK, mine, theirs
    if bodies.two_departments(*names):
        return APART, mine, theirs
    if bodies.unlike(mine, theirs):
        shared -= place | normalise.LEGAL
        return (ASK if any(_names(ready, w) for w in shared) else STRANGERS), mine, theirs
    return (ASK if bodies.two_towns(*names) else KIN), mine, theirs


def _two_acronyms(ready: Prepared, mine: set[str], theirs: set[str]) -> bool:
    """Whether each name has one acronym of its own (« ASCV », « ASCB »), of no language, or one
    number: one letter makes another body, where it would be a misspelling of a word."""
    words, known = [w for w in (*mine, *theirs) if not w.isdigit()], ready.cards.vocabulary
    # A word that no record writes is the name of a département told by its number.
    rare = (w in known and ready.idf[known[w]] >= KNOWN for w in words)
    return bodies.two_acronyms(mine, theirs) and all(rare)


def _name(ready: Prepared, code: int) -> tuple[str, ...]:
    """The words of an organiser, a town's services as its town hall."""
    words = ready.cards.organisers.words[code]
    return normalise.proper(words) if ready.town_hall[code] else words


def _names(ready: Prepared, word: str) -> bool:
    """Whether a word names: rare, and neither a number nor said by everybody."""
    return not word.isdigit() and ready.idf[ready.cards.vocabulary[word]] >= OWN


def _said(ready: Prepared, one: int) -> set[str]:
    return {ready.words[k] for k in ready.cards.known[one].tolist()}


def _titled(ready: Prepared, one: int) -> set[str]:
    return {ready.words[k] for k in ready.cards.core[one].tolist()}


def _nothing_shared(x: Matrix) -> Bools:
    """No word of the titles, no venue: nothing but a town and a day."""
    venue = np.fmax(x[:, F["venue_ratio"]], x[:, F["address_ratio"]])
    return np.asarray((x[:, F["title_cover_max"]] == 0) & ~(venue >= 0.7))


def _its_own(ready: Prepared, a: Ints, b: Ints) -> Bools:
    """Whether titles differ by who organises only (« Portes ouvertes lycée Thiers », « … lycée
    Saint-Charles »): each holds its own."""
    core = [ready.core[end] for end in (a, b)]
    left = [unsaid(one, binary(two)) for one, two in (core, core[::-1])]
    who = [binary(ready.organiser[ready.cards.organiser[end]]) for end in (a, b)]
    named = [row_sums(unsaid(*both)) == 0 for both in zip(left, who, strict=True)]
    each = [row_sums(one) > 0 for one in left]
    return np.asarray(np.logical_and.reduce(named + each))


def _common(ready: Prepared, a: Ints, b: Ints, own_from: float = OWN) -> Bools:
    """Whether titles share nothing but what everybody says (« Assemblée générale », « Loto »)."""
    own = np.where([w in _everybody() for w in ready.words], 0.0, ready.idf)
    shared = sparse.csr_array(ready.core[a].multiply(binary(ready.core[b])))
    shared.data = own[shared.indices]
    return np.asarray(shared.max(axis=1).toarray()).ravel() < own_from


def _anybody(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Ints:
    """The pairs under a title that anybody bears (« Portes ouvertes »), where nothing else tells
    that it is one body or one house: neither its name, nor its link, nor its story."""
    where = [x[:, F[name]] for name in ("venue_ratio", "venue_said", "address_ratio")]
    who = np.fmax(x[:, F["organiser_ratio"]], x[:, F["organiser_said"]])
    told = (np.fmax.reduce([*where, who]) >= ALIKE) | (x[:, F["link"]] == 1)
    told |= (x[:, F["identifier"]] == 1) | (x[:, F["text_mass"]] >= STORY)
    rows = np.flatnonzero((p[:, SAME] > ASKED) & ~told)
    if not len(rows):
        return rows
    own = np.array([w not in _everybody() for w in ready.words], dtype=np.float32)
    named = ready.core[a[rows]] @ own + ready.core[b[rows]] @ own
    return np.asarray(rows[named == 0])


def _elsewhere(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Ints:
    """The pairs under a title of two communes (« Forum des associations », each in its salle des
    fêtes) that no organiser, link or story ties; « CDOS 83 » and « CDOS 84 » are two, whatever the
    title."""
    who = np.fmax(x[:, F["organiser_ratio"]], x[:, F["organiser_said"]]) >= ALIKE
    tied = (x[:, F["link"]] == 1) | (x[:, F["identifier"]] == 1)
    tied |= (x[:, F["text_mass"]] >= STORY) | (x[:, F["km"]] <= NEXT)
    told = (x[:, F["commune"]] == 0) & (p[:, DIFFERENT] < 1 - HARDLY)
    rows = np.flatnonzero(told & ~tied)
    if not len(rows):
        return rows
    towns = _couples(ready.cards.communes, ready.cards.commune, a[rows], b[rows])
    names = _couples(ready.cards.organisers, ready.cards.organiser, a[rows], b[rows])
    apart = np.array([bodies.unlike(*town) for town in towns])
    two = np.array([bodies.two_departments(*name) for name in names])
    return rows[apart & (two | ~who[rows] & _common(ready, a[rows], b[rows], KNOWN))]


def _couples(names: Names, codes: Ints, a: Ints, b: Ints) -> Iterator[tuple[bodies.Words, ...]]:
    """The words of the names of both, () where there is none."""
    words = [*names.words, ()]
    return ((words[i], words[j]) for i, j in zip(codes[a].tolist(), codes[b].tolist(), strict=True))


@lru_cache(maxsize=1)
def _everybody() -> frozenset[str]:
    return frozenset(" ".join(map(normalise.fold, seeds()["communs"])).split())
