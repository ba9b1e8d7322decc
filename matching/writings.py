"""In a crowd, the rows that two writings of one body tie: « Judo Club Gapençais », « JC Gap ».

Of a title that more than CAP rows bear on one day (« Journée olympique », each club its own) no
word proposes anybody; the clubs do, each under the ways its name may be shortened.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from matching import bodies
from matching.block import CAP, Pairs
from matching.cards import NONE, Cards, Ints

LEFT = (
    "{} lignes disent toutes la même chose, porteur à part : {} sont comparées parce que leur "
    "porteur est écrit de deux façons, {} ne le sont à aucune"
)
FEW = 6  # rows under one form of a name: beyond, it is anybody's


def with_crowds(cards: Cards, pairs: Pairs) -> tuple[Pairs, tuple[str, ...]]:
    """The candidates, and those of crowds that nothing else proposes; and what is left alone when
    it is not a crowd any more (French)."""
    alone = cards.organiser != NONE
    for side in pairs:
        alone[side] = False
    rows = np.flatnonzero(alone)
    more = [*_tied(cards, rows)] if len(rows) > CAP else []
    if not more:
        return pairs, ()
    a, b = np.array(more, dtype=np.int64).T
    left = len(rows) - len(np.unique([a, b]))
    odd = (LEFT.format(len(rows), len(rows) - left, left),) if 0 < left <= CAP else ()
    return (np.concatenate([pairs[0], a]), np.concatenate([pairs[1], b])), odd


def _tied(cards: Cards, rows: Ints) -> Iterator[tuple[int, int]]:
    """Pairs of rows of one crowd with a form in common, when it is nobody else's: « BC Gap » of a
    boxing and of a basketball club says neither."""
    what = [(cards.titles[i], str(cards.first[i])) for i in rows.tolist()]
    crowd = {one for one, size in Counter(what).items() if size > CAP}
    under: defaultdict[tuple[object, str], list[int]] = defaultdict(list)
    for i, one in zip(rows.tolist(), what, strict=True):
        if one in crowd:
            for form in bodies.forms(cards.organisers.words[cards.organiser[i]]):
                under[one, form].append(i)
    found = {
        pair
        for some in under.values() if len(some) <= FEW
        for pair in combinations(some, 2) if _one_body(cards, *pair)
    }  # fmt: skip
    partners: defaultdict[int, set[int]] = defaultdict(set)
    for a, b in found:
        partners[a].add(int(cards.organiser[b]))
        partners[b].add(int(cards.organiser[a]))
    yield from sorted(pair for pair in found if all(len(partners[i]) == 1 for i in pair))


def _one_body(cards: Cards, a: int, b: int) -> bool:
    """Whether two organisers may be one: nothing of their own, nor two départements."""
    one, two = (cards.organisers.words[cards.organiser[i]] for i in (a, b))
    own = bodies.own(one, two)
    apart = bodies.unlike(*own) or bodies.two_acronyms(*own)
    return not apart and not bodies.two_departments(one, two)
