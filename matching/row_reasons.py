"""Why each row of a table stands where it does, composed as it is read."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import overload

import numpy as np

from matching.cards import NONE, Bools, Ints
from matching.grouping import Judged
from matching.pairs import BATCH, WEIGHED

ROWS = 100_000  # composed at a time: the reasons of a million are written without being held
UNDATED = "sans date : rattachée à l'initiative, qui a {} éditions"
HOMELESS = "sans date : peut-être de plusieurs initiatives, rattachée à aucune"
KIN, DOUBTED = "même initiative", "initiative à confirmer"
TWINS = "lignes identiques"
AND = " ; "
"""Between two reasons of one text."""


@dataclass(frozen=True, slots=True)
class RowReasons(Sequence[str]):
    """The reasons of each row: those of its best pair; alone in its edition, why it is of its
    initiative, and whether that waits for an answer; first of all, why it is in none."""

    judged: Judged
    record: Ints  # of each row
    best: Ints  # of each record the number of its best pair; NONE
    kin: Ints  # of each record alone in its edition, of the pair that ties it to another; NONE
    doubted: Bools  # whether its initiative waits for an answer
    twins: Bools  # whether several rows are this record
    several: Mapping[int, int]  # those in no edition: see `questions.Groups`

    def __len__(self) -> int:
        return len(self.record)

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return self._of(self.record[i])
        return self._of(self.record[[i]])[0]

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), ROWS):
            yield from self._of(self.record[start : start + ROWS])

    def _of(self, rows: Ints) -> list[str]:
        """Of these rows, by their records."""
        records, back = np.unique(rows, return_inverse=True)
        best, kin = (self._why(numbers, records) for numbers in (self.best, self.kin))
        told = [*map(self._told, records.tolist(), best, kin)]
        return [told[k] for k in back.tolist()]

    def _told(self, i: int, best: str, kin: str) -> str:
        parts = []
        if i in self.several:
            parts = [UNDATED.format(self.several[i]) if self.several[i] else HOMELESS]
        if self.best[i] != NONE:
            parts += [best, DOUBTED] if self.doubted[i] else [best]
        else:
            parts += [TWINS] if self.twins[i] else []
            if self.kin[i] != NONE:
                parts.append(f"{DOUBTED if self.doubted[i] else KIN} : {kin}")
        return AND.join(filter(None, parts))

    def _why(self, numbers: Ints, records: Ints) -> list[str]:
        """Of each record the reasons of its pair, composed once a pair; "" where it has none."""
        told = numbers[numbers != NONE]  # a pair is the best of two records at most
        weighed = len(told) <= 2 * WEIGHED and len(np.unique(told)) <= WEIGHED
        pairs, which = np.unique(numbers[records], return_inverse=True)
        known = pairs[pairs != NONE]
        starts = range(0, len(known), BATCH)
        why = chain.from_iterable(self.judged.why(known[k : k + BATCH], weighed) for k in starts)
        texts = [AND.join(one) for one in why]
        texts = ["", *texts] if len(known) < len(pairs) else texts
        return [texts[k] for k in which.tolist()]
