"""How an unknown JSON API could be read: where its list is, what its fields mean. Pure.

The answer is a guess in the terms of the kind `json_api`, for a person to read before keeping it.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.tables.columns import TO_RAW, guess
from domain.records import RAW_FIELDS, Json

DEEP, LOOKED = 4, 50  # levels searched, records looked at
_NEXT = ("next", "next_page", "nextPage", "next_url", "nextUrl", "href")


def options_of(body: bytes) -> dict[str, Json] | None:
    """The options of a json_api source for that answer; None when no list of titled records."""
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    path, records = max(_lists(data, "", DEEP), key=lambda one: len(one[1]), default=("", []))
    rows = [dict(_leaves(one, "", 2)) for one in records[:LOOKED]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    fields = {field: column for column, field in guess(names, rows).items()}
    mapping = {TO_RAW.get(field, field): column for field, column in fields.items()}
    mapping = {field: column for field, column in mapping.items() if field in RAW_FIELDS}
    if "title" not in mapping:
        return None
    found: dict[str, Json] = {"items": path, "mapping": mapping}
    if key := fields.get("id"):
        found["key"] = key
    if stamp := fields.get("published_at") or fields.get("updated_at"):
        found["published"] = stamp
    if following := next(_following(data, "", 3), ""):
        found |= {"paging": "next", "next": following}
    return {name: value for name, value in found.items() if value}


def _lists(value: Any, path: str, deep: int) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Every list of objects, with its dotted path."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        yield path, value
    elif isinstance(value, dict) and deep:
        for name, inner in value.items():
            yield from _lists(inner, _joined(path, name), deep - 1)


def _leaves(value: Any, path: str, deep: int) -> Iterator[tuple[str, Json]]:
    """Every plain value of a record, with its dotted path."""
    if isinstance(value, dict) and deep >= 0:
        for name, inner in value.items():
            yield from _leaves(inner, _joined(path, name), deep - 1)
    elif not isinstance(value, dict | list) and path:
        yield path, value


def _following(data: Any, path: str, deep: int) -> Iterator[str]:
    """The dotted paths of an address of the next page."""
    for name, value in data.items() if isinstance(data, dict) and deep else ():
        here = _joined(path, name)
        if name in _NEXT and isinstance(value, str) and value.startswith(("http", "/", "?")):
            if "next" in here.lower():
                yield here
        else:
            yield from _following(value, here, deep - 1)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else str(name)
