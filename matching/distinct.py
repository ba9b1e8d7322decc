"""The rows of a table that say something of their own, in an order that is not that of the file."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matching.engines import engine_of
from matching.rows import column
from matching.surfaces import as_texts
from matching.unknown import is_noise


def collapsed(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], across: str | None
) -> tuple[list[int], list[int]]:
    """For each row the number of its distinct row, and the first row of each: a million identical
    rows cost one. The identifier does not count, nor another column where no two rows agree (a row
    number); a column that is not read does: two grants of one amount may have two holders. Where
    nothing is described, every column is read but those of row numbers."""
    read = {column for field, column in mapping.items() if field != "id"}
    others = (c for c in (rows[0] if rows else ()) if c not in read and c != mapping.get("id"))
    says = _repeats if engine_of(mapping) != "unknown" else _no_number
    fields = sorted(
        read | ({across} if across else set()) | {c for c in others if says(column(rows, c))}
    )
    if not fields:  # nothing is said twice
        return [*range(len(rows))], [*range(len(rows))]
    known: dict[int, int] = {}
    first_of: list[int] = []
    distinct: list[int] = []
    texts = [map(str, column(rows, c)) for c in fields]
    for i, cells in enumerate(zip(*texts, strict=True)):
        number = known.setdefault(hash(cells), len(distinct))
        if number == len(distinct):
            distinct.append(i)
        first_of.append(number)
    return first_of, distinct


def in_order(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], record: Sequence[int],
    first: Sequence[int],
) -> tuple[list[int], list[int]]:  # fmt: skip
    """The same records in the order of what they say: equal weights fall the same way whatever the
    order of the rows."""
    names = sorted(
        (name for name in mapping if name != "id"), key=lambda name: (name != "title", name)
    )
    said = [as_texts(column(rows, mapping[name])) for name in names]
    keys = list(zip(*([texts[i] for i in first] for texts in said), strict=True))
    order = sorted(range(len(first)), key=keys.__getitem__) if keys else range(len(first))
    place = np.argsort(np.fromiter(order, np.int64, len(first))).tolist()
    return [place[k] for k in record], [first[k] for k in order]


def _no_number(values: Sequence[Any]) -> bool:
    return not is_noise(as_texts(values))


def _repeats(values: Sequence[Any]) -> bool:
    """Whether two rows agree on a column; stops at the first two."""
    seen: set[str] = set()
    for text in map(str, values):
        if text in seen:
            return True
        seen.add(text)
    return False
