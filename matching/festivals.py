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
    start, end = _spans(groups[0], cards)
    found: dict[int, tuple[float, int]] = {}
    for (one, two), p in votes.items():
        inner, outer = sorted((one, two), key=lambda g: float(end[g] - start[g]))
        longer = end[outer] - start[outer] > end[inner] - start[inner] >= 0
        around = start[outer] <= start[inner] and end[inner] <= end[outer]
        if not (longer and around):
            inner, outer = sorted((one, two), key=lambda g: -_words(held[g], cards))
        if p == 1.0 or (longer and around) or _says(held[inner], held[outer], cards):
            found[inner] = max(found.get(inner, (0.0, 0)), (p, outer))
    said_whole = {whole for p, whole in found.values() if p == 1.0}
    tops = {g: whole for g, (p, whole) in found.items() if p == 1.0 or g not in said_whole}
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
) -> dict[Link, float]:
    """P that one is part of the other, of pairs of editions in their order: 1 where a person said
    so, or the mean of what is thought of their records, where it is a half at least."""
    editions, initiatives = groups
    n = len(editions)
    a, b, p = *pairs, p_part
    one, two = editions[a], editions[b]
    between = (one != two) & (one != NONE) & (two != NONE) & (initiatives[a] == initiatives[b])
    one, two, p = one[between], two[between], p[between]
    ends, back = np.unique(np.minimum(one, two) * n + np.maximum(one, two), return_inverse=True)
    p = np.bincount(back, p) / np.bincount(back)
    likely = np.flatnonzero(p >= 0.5)
    links = zip((ends[likely] // n).tolist(), (ends[likely] % n).tolist(), strict=True)
    found = dict(zip(links, p[likely].tolist(), strict=True))
    for i, j in said:  # whatever is thought of the other records of both
        low, high = sorted((int(editions[i]), int(editions[j])))
        if NONE != low != high and initiatives[i] == initiatives[j]:
            found[low, high] = 1.0
    return found


def _spans(editions: Ints, cards: Cards) -> tuple[Floats, Floats]:
    """The first and the last day of each edition; those without a day end before they start."""
    start, end = np.full(cards.n, np.inf), np.full(cards.n, -np.inf)
    some = editions != NONE
    np.fmin.at(start, editions[some], cards.first[some])
    np.fmax.at(end, editions[some], cards.last[some])
    return start, end


def _words(held: Sequence[int], cards: Cards) -> int:
    return min(len(cards.core[i]) for i in held)


def _says(inner: Sequence[int], outer: Sequence[int], cards: Cards) -> bool:
    """Whether a title of the inner edition has all the words of one of the outer, and more."""
    return any(
        set(cards.core[j].tolist()) < set(cards.core[i].tolist()) for i in inner for j in outer
    )
