"""Editions, then initiatives, then which edition is part of which: what a plan brings about."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.records import Mention, Verdict
from domain.statuses import Relation
from matching import cards as columns
from matching.cards import Bools, Cards, Ints
from matching.cluster import Level, Link, Linkage, heard, partition
from matching.festivals import wholes
from matching.score import Scores
from matching.standing import Standing, held
from matching.undated import choices

EDITIONS = Linkage(threshold=0.96, missing=0.9)
INITIATIVES = Linkage(threshold=0.7, missing=0.5)
"""Stricter than `match`: here merges are done without asking (decision 0052).
Initiatives: at 0.6 the demonstration of the day joined two different days of one town."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Mentions in canonical order, their edition group (NONE: undated) and initiative group."""

    mentions: tuple[Mention, ...]
    editions: Ints
    initiatives: Ints
    parents: Mapping[int, int]  # edition group → festival's edition group
    apart: frozenset[Link]  # initiative groups that people told apart
    dated: Bools  # mentions that tell a day


def group(
    mentions: tuple[Mention, ...], cards: Cards, scores: Scores, people: Sequence[Verdict],
    place: Mapping[int, int], standing: Standing | None = None,
) -> Grouped:  # fmt: skip
    """Where mentions belong by what is thought of their pairs and what people said; with
    `standing`, only what people's answers tear is thought over."""
    said = {r: [(place[v.a], place[v.b]) for v in people if v.relation is r] for r in Relation}
    apart = said[Relation.OTHER_EDITION] + said[Relation.PART_OF]
    *levels, _ = heard(cards.n, said[Relation.SAME], apart, said[Relation.DIFFERENT])
    days = dated(cards)
    # Those settled at first sight say nothing, whether they were proposed or not (decision 0267).
    a, b, p = scores.a[scores.open], scores.b[scores.open], scores.p[scores.open]
    both, p_same, p_part, p_together = (a, b), p[:, 0].copy(), p[:, 2].copy(), 1 - p[:, 3]
    p_same[~(days[a] & days[b])] = 0
    start = base = np.arange(cards.n)
    if standing is not None:
        start, torn = held(standing.editions, base, levels, standing.answered)
        p_same[~_within(torn, both)] = 0
    editions = partition(cards.n, both, p_same, linkage=EDITIONS, start=start, levels=levels)
    start = editions.own
    if standing is not None:
        start, torn = held(standing.initiatives, start, levels[1:], standing.answered)
        p_together[~_within(torn, both)] = 0
    initiatives = partition(
        cards.n, both, p_together, linkage=INITIATIVES, start=start, levels=levels[1:]
    ).labels
    places = _attach(editions.labels, initiatives, days, cards, levels[0])
    others = _between(places, said[Relation.OTHER_EDITION])
    if others:
        p_part[[pair in others for pair in _ends(places, both)]] = 0
    kept: dict[int, int] = {}
    if standing is not None:
        kept, freed = _still(standing.parts, places, initiatives, others)
        anew = _within(torn, both) | freed[a] | freed[b]
        p_part[~anew] = 0
    own = _attach(editions.own, initiatives, days, cards, levels[0]), initiatives
    found = wholes(cards, both, p_part, own, said[Relation.PART_OF])
    parents = _united(kept | found, places)
    told = _between(initiatives, said[Relation.DIFFERENT])
    return Grouped(mentions, places, initiatives, parents, told, days)


def dated(cards: Cards) -> Bools:
    """The records that tell a day."""
    return np.asarray(~(np.isnan(cards.first) | cards.soft))


def _within(torn: Ints, pairs: tuple[Ints, Ints]) -> Bools:
    """The pairs of one torn group."""
    one, two = (torn[end] for end in pairs)
    return np.asarray((one == two) & (one != columns.NONE))


def _ends(groups: Ints, pairs: tuple[Ints, Ints]) -> Iterator[Link]:
    """The groups of both ends, the lowest first."""
    one, two = (groups[end] for end in pairs)
    return zip(np.minimum(one, two).tolist(), np.maximum(one, two).tolist(), strict=True)


def _between(groups: Ints, links: Sequence[Link]) -> frozenset[Link]:
    """The pairs of groups that these links are about."""
    if not links:
        return frozenset()
    a, b = np.array(links, dtype=np.int64).T
    return frozenset((x, y) for x, y in _ends(groups, (a, b)) if columns.NONE != x != y)


def _still(
    parts: Sequence[Link], editions: Ints, initiatives: Ints, others: Collection[Link]
) -> tuple[dict[int, int], Bools]:
    """The sub-events that remain in the initiative of their festival, and the records of those that
    people freed from it: another one may be theirs."""
    found: dict[int, int] = {}
    freed = np.zeros(len(editions), dtype=np.bool_)
    for i, j in parts:
        inner, outer = int(editions[i]), int(editions[j])
        tied = initiatives[i] == initiatives[j] and columns.NONE not in (inner, outer)
        if tied and inner != outer and (min(inner, outer), max(inner, outer)) not in others:
            found[inner] = outer
        else:
            freed |= (editions == inner) & (inner != columns.NONE)
    return found, freed


def _united(parents: Mapping[int, int], editions: Ints) -> dict[int, int]:
    """The same once people united editions: what they said changes nobody's festival."""
    found = {
        int(editions[inner]): int(editions[outer])
        for inner, outer in sorted(parents.items(), reverse=True)
        if editions[inner] != editions[outer]
    }
    return {inner: outer for inner, outer in found.items() if outer not in found}


def _attach(editions: Ints, initiatives: Ints, dated: Bools, cards: Cards, told: Level) -> Ints:
    """Undated mentions go to the only edition that they can be of (`undated`), or where a person
    put them."""
    out = editions.copy()
    known = set(editions[dated].tolist())
    for i, choice in choices(editions, initiatives, dated, cards, told).items():
        if int(editions[i]) not in known:
            out[i] = choice.only
    return out
