"""The pairs of a table as they are written: questions first, each with its reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from matching.cards import Ints
from matching.grouping import Judged
from matching.score import RELATIONS

WEIGHED = 3_000  # pairs whose reasons are weighed by the model; beyond, they come in a fixed order
BATCH = 20_000  # reasons composed at a time
PART_OF = "la première est une partie de la seconde"
SIBLINGS = "deux parties d'un même festival"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two rows (numbers from 0) and what is thought of them. `score` is P(same). Of a `part_of`
    whose festival is known, `a` is the part and `b` the festival."""

    a: int
    b: int
    score: float
    decision: str  # same | other_edition | part_of | different | ask
    reasons: tuple[str, ...] = ()
    likely: str = "same"  # the likeliest of same | other_edition | part_of | different


@dataclass(frozen=True, slots=True)
class Pairs(Sequence[Pair]):
    """The pairs worth writing, questions first. Their reasons are composed as they are read, some
    thousands at a time: millions of pairs are written without being held."""

    judged: Judged
    which: Ints  # numbers of judged pairs
    decisions: Sequence[str]  # of each of `which`
    rows: Ints  # record → its first row
    cluster: Ints
    wholes: Mapping[int, int]  # cluster → the festival it is a part of

    def __len__(self) -> int:
        return len(self.which)

    @overload
    def __getitem__(self, i: int) -> Pair: ...
    @overload
    def __getitem__(self, i: slice) -> list[Pair]: ...
    def __getitem__(self, i: int | slice) -> Pair | list[Pair]:
        if isinstance(i, slice):
            return list(self.told(range(len(self))[i]))
        return next(self.told([range(len(self))[i]]))

    def __iter__(self) -> Iterator[Pair]:
        everything = range(len(self))
        yield from self.told(everything[:WEIGHED])
        for start in range(WEIGHED, len(self), BATCH):
            yield from self.told(everything[start : start + BATCH], weighed=False)

    def told(self, numbers: Sequence[int], *, weighed: bool = True) -> Iterator[Pair]:
        """These pairs with their reasons."""
        which = self.which[np.array(numbers, dtype=np.int64)]
        why = self.judged.why(which, weighed)
        for number, k, reasons in zip(numbers, which.tolist(), why, strict=True):
            yield self._pair(k, self.decisions[number], reasons)

    def _pair(self, k: int, decision: str, why: tuple[str, ...]) -> Pair:
        a, b = int(self.judged.a[k]), int(self.judged.b[k])
        if decision == "part_of":
            one, two = (self.wholes.get(int(self.cluster[i])) for i in (a, b))
            if two is not None and two == self.cluster[a]:
                a, b, one = b, a, two
            if one is not None and one == self.cluster[b]:
                why = (PART_OF, *why)
            elif one is not None and one == two:
                why = (SIBLINGS, *why)
        p = self.judged.p[k]
        likely = RELATIONS[int(p.argmax())].value
        rows = int(self.rows[a]), int(self.rows[b])
        return Pair(*rows, round(float(p[0]), 4), decision, why, likely)
