"""The rows of a table that say something of their own, in an order that is not that of the file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.cards import Ints
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
    told = zip(*(_told(column(rows, name)) for name in fields), strict=True)
    record, first = numbered(np.fromiter(map(hash, told), np.int64, len(rows)))
    return record.tolist(), first.tolist()


def _told(values: Sequence[Any]) -> Iterable[Any]:
    """What cells say: 13 and « 13 » are one."""
    return values if {*map(type, values)} <= {str, type(None)} else map(str, values)


def numbered(labels: NDArray[Any]) -> tuple[Ints, Ints]:
    """Labels numbered 0, 1, 2… in the order of their first row, and that row of each."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(first), dtype=np.int64)
    rank[order] = np.arange(len(first))
    return rank[back], first[order]


def in_order(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], record: Sequence[int],
    first: Sequence[int],
) -> tuple[list[int], list[int]]:  # fmt: skip
    """The same records in the order of what they say: equal weights fall the same way whatever the
    order of the rows."""
    names = sorted(
        (name for name in mapping if name != "id"), key=lambda name: (name != "title", name)
    )
    order: Sequence[int] = range(len(first))
    if names:
        head, *rest = [column(rows, mapping[name]) for name in names]
        alike: dict[str, list[int]] = {}
        for k, text in enumerate(as_texts([head[i] for i in first])):
            alike.setdefault(text, []).append(k)
        several = [k for some in alike.values() if len(some) > 1 for k in some]
        texts = [as_texts([values[first[k]] for k in several]) for values in rest]
        others = dict(zip(several, zip(*texts, strict=True), strict=True)) if rest else {}
        order = [k for text in sorted(alike) for k in _sorted(alike[text], others)]
    place = np.argsort(np.fromiter(order, np.int64, len(first))).tolist()
    return [place[k] for k in record], [first[k] for k in order]


def _no_number(values: Sequence[Any]) -> bool:
    return not is_noise(as_texts(values))


def _sorted(records: list[int], texts: Mapping[int, tuple[str, ...]]) -> list[int]:
    return sorted(records, key=texts.__getitem__) if len(records) > 1 and texts else records


def _repeats(values: Sequence[Any]) -> bool:
    """Whether two rows agree on a column; stops at the first two."""
    seen: set[str] = set()
    for text in map(str, values):
        if text in seen:
            return True
        seen.add(text)
    return False
