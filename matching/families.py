"""Words that tell two things apart, however alike the rest: who plays, at what age, which round.

« Tournoi de tennis hommes » and « … femmes », one club, one day: the letters are nearly the same,
and any person sees two. A section of seeds/familles.txt is a family, a line one of its members
under all its names; the first family is what people practise. Two titles that name different
members of one are never the same without being asked (`prudence`); a member marked `+` is enough
when the other announcement says it nowhere.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from matching.cards import Bools, Ints
from matching.prior_truth import seeds

Words = Collection[str]


@dataclass(frozen=True, slots=True)
class Families:
    """Members numbered as they are read, and the words that name them."""

    names: tuple[str, ...]  # of each family
    family: Ints  # of each member
    enough: Bools  # members that tell apart by themselves
    members: Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=1)
def families() -> Families:
    """Those of seeds/familles.txt."""
    told = seeds("familles.txt")
    lines = [(number, line) for number, some in enumerate(told.values()) for line in some]
    members: dict[str, tuple[int, ...]] = {}
    for member, (_, line) in enumerate(lines):
        for word in line.removeprefix("+").split():
            members[word] = (*members.get(word, ()), member)
    return Families(
        names=tuple(told),
        family=np.array([number for number, _ in lines], dtype=np.int64),
        enough=np.array([line.startswith("+") for _, line in lines]),
        members=members,
    )


def naming(vocabulary: Iterable[str]) -> sparse.csr_array:
    """Word × member: 1 where the word names the member."""
    known = families()
    told = [known.members.get(word, ()) for word in vocabulary]
    ends = [(row, member) for row, some in enumerate(told) for member in some]
    rows, columns = np.array(ends, dtype=np.int64).reshape(-1, 2).T
    shape = (max(len(told), 1), len(known.family))
    return sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


def of_members() -> sparse.csr_array:
    """Member × family; what people practise is in none: two of them are another matter."""
    known = families()
    rows = np.flatnonzero(known.family)
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_array(
        (ones, (rows, known.family[rows])), shape=(len(known.family), len(known.names))
    )


def difference(titles: tuple[Words, Words], said: tuple[Words, Words]) -> tuple[str, str, str]:
    """The family of which two titles name different members, and a word of each (« public »,
    « hommes », « femmes »); "" where only one names a member, which is enough and which the other
    announcement (`said`: all its words) says nowhere. Three "" when nothing tells them apart."""
    known = families()
    one, two = ({m: w for w in sorted(words) for m in known.members.get(w, ())} for words in titles)
    own = (
        {m: w for m, w in one.items() if m not in two},
        {m: w for m, w in two.items() if m not in one},
    )
    of = [{int(known.family[m]): w for m, w in side.items()} for side in own]
    for family in sorted(of[0].keys() & of[1].keys() - {0}):
        return known.names[family], of[0][family], of[1][family]
    for side, others in zip(own, reversed(said), strict=True):
        elsewhere = {m for w in others for m in known.members.get(w, ())}
        for member in sorted(side.keys() - elsewhere):
            if known.enough[member]:
                return known.names[known.family[member]], side[member], ""
    return "", "", ""
