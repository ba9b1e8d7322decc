"""A table kept by column: a fifth of the memory of a dictionary a row, and each value once."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, overload

_BATCH = 20_000
_KNOWN = 200_000  # distinct values of a column kept in sight
_NEARLY_ALL = 0.9  # of the rows have a value of their own

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rows(Sequence[Row]):
    """Rows by number or one after the other, as dictionaries made when they are asked for."""

    columns: Mapping[str, Sequence[Any]]
    size: int

    def __len__(self) -> int:
        return self.size

    @overload
    def __getitem__(self, i: int) -> Row: ...
    @overload
    def __getitem__(self, i: slice) -> list[Row]: ...
    def __getitem__(self, i: int | slice) -> Row | list[Row]:
        if isinstance(i, slice):
            return [self[k] for k in range(*i.indices(self.size))]
        if not -self.size <= i < self.size:
            raise IndexError(f"row {i} where {self.size} are")
        return {name: values[i] for name, values in self.columns.items()}

    def __iter__(self) -> Iterator[Row]:
        names = tuple(self.columns)
        for values in self.lines():
            yield dict(zip(names, values, strict=True))

    def lines(self) -> Iterator[tuple[Any, ...]]:
        """The values of each row, in the order of the columns."""
        return zip(*self.columns.values(), strict=True)


@contextmanager
def uncollected() -> Iterator[None]:
    """No search for cycles meanwhile: there are none, and each search walks through every cell of
    the table (half of the time that a million rows took to read)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@uncollected()
def kept(rows: Iterable[Row], names: Sequence[str]) -> Rows:
    """The columns of that name of these rows; a text met twice in a column is one object, but in a
    column where nearly every value is new (a link): nothing would be gained."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    known: dict[str, dict[str, str]] = {name: {} for name in names}
    size = 0
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        size += len(batch)
        for name in names:
            values = [row.get(name) for row in batch]
            seen = known.get(name)
            if seen is not None:
                if len(seen) > _KNOWN:
                    seen.clear()
                values = [seen.setdefault(v, v) if type(v) is str else v for v in values]
                if len(seen) > _NEARLY_ALL * size:
                    del known[name]
            columns[name] += values
    return Rows(columns, size)


def column(rows: Sequence[Row], name: str) -> Sequence[Any]:
    """The values of a column, None where a row has none."""
    if isinstance(rows, Rows):
        return rows.columns.get(name, [None] * len(rows))
    return [row.get(name) for row in rows]


def picked(rows: Sequence[Row], which: Sequence[int]) -> Sequence[Row]:
    """The rows of these numbers, in this order."""
    if len(which) == len(rows) and all(i == k for i, k in enumerate(which)):
        return rows
    if isinstance(rows, Rows):
        columns = {k: [*map(one.__getitem__, which)] for k, one in rows.columns.items()}
        return Rows(columns, len(which))
    return [rows[i] for i in which]


def batches(
    rows: Iterable[Row], columns: Mapping[str, str]
) -> Iterator[tuple[dict[str, Sequence[Any]], int]]:
    """By a few thousand rows: the values under other names (name → column), and how many."""
    if isinstance(rows, Rows):
        told = {k: rows.columns[c] for k, c in columns.items() if c in rows.columns}
        for i in range(0, rows.size, _BATCH):
            size = min(_BATCH, rows.size - i)
            yield {k: values[i : i + size] for k, values in told.items()}, size
        return
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield {k: [row.get(c) for row in batch] for k, c in columns.items()}, len(batch)
