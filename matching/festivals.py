"""Which edition is a part of which: a festival and its conference, a day and its workshops."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from matching.cards import NONE, Cards, Floats, Ints
from matching.cluster import Link


def wholes(
    cards: Cards, pairs: tuple[Ints, Ints], p_part: Floats, groups: tuple[Ints, Ints],
    said: Sequence[Link],
) -> dict[int, int]:  # fmt: skip
    """Edition → the festival it is a part of: said by a person, or a longer edition around its
    days that the model thinks it part of, or one whose title it repeats. `groups`: of editions
    (NONE: none) and of initiatives, by record; only within one initiative, and a festival is no
    part itself."""
    votes = _votes(pairs, p_part, groups, said)
    held = by_group(groups[0]) if votes else {}
    spans = {g: _span(held[g], cards) for link in votes for g in link}
    found: dict[int, tuple[float, int]] = {}
    for (one, two), ps in sorted(votes.items()):
        p = sum(ps) / len(ps)
        inner, outer = sorted((one, two), key=lambda g: spans[g][1] - spans[g][0])
        longer = spans[outer][1] - spans[outer][0] > spans[inner][1] - spans[inner][0] >= 0
        around = spans[outer][0] <= spans[inner][0] and spans[inner][1] <= spans[outer][1]
        if not (longer and around):
            inner, outer = sorted((one, two), key=lambda g: -_words(held[g], cards))
        clear = p == 1.0 or (longer and around) or _says(held[inner], held[outer], cards)
        if p >= 0.5 and clear:
            found[inner] = max(found.get(inner, (0.0, 0)), (p, outer))
    tops = {g: whole for g, (_, whole) in found.items()}
    return {g: whole for g, whole in tops.items() if whole not in tops}


def by_group(labels: Ints) -> dict[int, list[int]]:
    """The records of each group, those in none (NONE) left out."""
    groups: dict[int, list[int]] = defaultdict(list)
    for i, g in enumerate(labels.tolist()):
        if g != NONE:
            groups[g].append(i)
    return dict(groups)


def _votes(
    pairs: tuple[Ints, Ints], p_part: Floats, groups: tuple[Ints, Ints], said: Sequence[Link]
) -> dict[Link, list[float]]:
    """P that one is part of the other, of each pair of records between two editions."""
    editions, initiatives = groups

    def between(a: Ints, b: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        one, two = editions[a], editions[b]
        apart = (one != two) & (one != NONE) & (two != NONE)
        return np.asarray(apart & (initiatives[a] == initiatives[b]))

    certain = {(min(link), max(link)) for link in said}
    told = np.array(sorted(certain), dtype=np.int64).reshape(-1, 2)
    kept = np.flatnonzero(between(*pairs))
    a, b = (side[kept].tolist() for side in pairs)
    votes: dict[Link, list[float]] = defaultdict(list)

    def vote(one: int, two: int, p: float) -> None:
        ends = sorted((int(editions[one]), int(editions[two])))
        votes[ends[0], ends[1]].append(p)

    for one, two, p in zip(a, b, p_part[kept].tolist(), strict=True):
        if (one, two) not in certain:
            vote(one, two, p)
    for one, two in told[between(told[:, 0], told[:, 1])].tolist():
        vote(one, two, 1.0)
    return votes


def _span(held: Sequence[int], cards: Cards) -> tuple[float, float]:
    return (float(np.nanmin(cards.first[held], initial=np.inf)),
            float(np.nanmax(cards.last[held], initial=-np.inf)))  # fmt: skip


def _words(held: Sequence[int], cards: Cards) -> int:
    return min(len(cards.core[i]) for i in held)


def _says(inner: Sequence[int], outer: Sequence[int], cards: Cards) -> bool:
    """Whether a title of the inner edition has all the words of one of the outer, and more."""
    return any(
        set(cards.core[j].tolist()) < set(cards.core[i].tolist()) for i in inner for j in outer
    )
