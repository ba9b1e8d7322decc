"""JSON, GeoJSON and JSON Lines as tables: nested objects are flattened with dots.

A broken record of a list is told and skipped; the others are read.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from collectors.documents.decoding import lines, text
from domain.errors import Unreadable
from domain.records import Json

Row = dict[str, Json]
_Read = tuple[tuple[str, ...], Callable[[], Iterator[Row]]]
_NEXT = re.compile(r"\}\s*,\s*(?=\{)")
_SAMPLE = 1000  # JSON Lines: rows whose keys make the columns
_MAX_BROKEN = 0.5  # share of a list that may be unreadable
_DECODER = json.JSONDecoder(parse_constant=lambda _: None, strict=False)


def looks_like_lines(head: bytes, about: str) -> bool:
    """True for JSON Lines: a first line that is a whole object, then another object."""
    if about.lower().endswith((".jsonl", ".ndjson")):
        return True
    first, _, rest = head.partition(b"\n")
    if not (first.startswith(b"{") and rest.lstrip().startswith(b"{")):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def read(body: bytes, *, about: str, warn: Callable[[str], None]) -> _Read:
    """Columns (in order of appearance) and rows of a list of objects, wherever it lies."""
    source, warning = text(body, about=about)
    warn(warning)
    records = _records(_load(source, about, warn), about)
    rows = [flatten(_unwrap(record)) for record in records]
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    if not columns:
        raise Unreadable(
            "aucun enregistrement là où une liste d'objets est attendue ; refaites l'export",
            about=about,
        )
    return columns, lambda: ({name: row.get(name) for name in columns} for row in rows)


def _load(source: str, about: str, warn: Callable[[str], None]) -> Any:
    try:
        return _DECODER.decode(source.strip())
    except RecursionError as error:
        raise Unreadable("du JSON trop imbriqué ; donnez une liste simple", about=about) from error
    except json.JSONDecodeError as error:
        records, broken = salvage(source)
        if not records or len(broken) > _MAX_BROKEN * len(records):
            raise Unreadable(
                f"ligne {error.lineno}, colonne {error.colno} : {error.msg} ; corrigez ou refaites "
                "l'export",
                about=about,
            ) from error
        shown = ", ".join(map(str, broken[:5]))
        warn(f"{len(broken)} enregistrement(s) illisible(s), ignoré(s) (ligne {shown})")
        return records


def salvage(source: str) -> tuple[list[Any], list[int]]:
    """The objects of a damaged list that can be read, and the lines of those that cannot."""
    start = source.find("{", max(source.find("["), 0))
    records: list[Any] = []
    broken: list[int] = []
    while start >= 0:
        try:
            record, end = _DECODER.raw_decode(source, start)
            records.append(record)
            start = source.find("{", end)
        except json.JSONDecodeError as error:
            broken.append(error.lineno)
            following = _NEXT.search(source, max(start + 1, error.pos - 1))
            start = following.end() if following else -1
        except RecursionError:
            return [], broken
    return records, broken


def _records(data: Any, about: str) -> list[dict[str, Any]]:
    """The list of objects in a document: itself, or under its most telling or longest key."""
    if isinstance(data, dict):
        lists = {k: v for k, v in data.items() if isinstance(v, list) and _objects(v)}
        for key in ("records", "results", "features", "data", "items", "rows"):
            if key in lists:
                return _objects(lists[key])
        if lists:
            return _objects(max(lists.values(), key=len))
    elif isinstance(data, list) and _objects(data):
        return _objects(data)
    elif isinstance(data, list) and data and isinstance(data[0], list):
        names, *rows = data  # a header row then rows
        return [dict(zip(map(str, names), r, strict=False)) for r in rows if isinstance(r, list)]
    raise Unreadable(
        f"du JSON ({type(data).__name__}) là où une liste d'objets est attendue ; "
        "donnez [{…}] ou {'records': […]}",
        about=about,
    )


def _objects(values: list[Any]) -> list[dict[str, Any]]:
    return [v for v in values if isinstance(v, dict)]


def _unwrap(record: dict[str, Any]) -> dict[str, Any]:
    """The fields of a record of GeoJSON, Opendatasoft or Grist, with its id and its point."""
    inner = record.get("properties") if record.get("type") == "Feature" else record.get("fields")
    if not isinstance(inner, dict):
        return record
    result = dict(inner)
    identifier = record.get("id", record.get("recordid"))
    if identifier is not None and "id" not in result:
        result = {"id": identifier, **result}
    geometry = record.get("geometry")
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if isinstance(geometry, dict) and geometry.get("type") == "Point" and _is_point(point):
        result.setdefault("lon", point[0])  # type: ignore[index]
        result.setdefault("lat", point[1])  # type: ignore[index]
    return result


def _is_point(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value[:2])
    )


def flatten(record: dict[str, Any], *, prefix: str = "", depth: int = 0) -> Row:
    """Nested objects as `a.b`; lists of plain values stay lists, deeper things become JSON text."""
    row: Row = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and depth < 6:
            row |= flatten(value, prefix=f"{name}.", depth=depth + 1)
        elif isinstance(value, dict) or (
            isinstance(value, list) and any(isinstance(v, dict | list) for v in value)
        ):
            row[name] = json.dumps(value, ensure_ascii=False, default=str)
        else:
            row[name] = value
    return row


def read_lines(body: bytes, *, about: str, warn: Callable[[str], None]) -> _Read:
    """Columns of the first rows and a maker of rows, one JSON object per line. Streams."""

    def rows() -> Iterator[Row]:
        broken: list[int] = []
        for number, line in enumerate(lines(body, about=about)[0], 1):
            if not line.strip():
                continue
            try:
                record = _DECODER.decode(line.strip())
            except (json.JSONDecodeError, RecursionError):
                broken.append(number)
                continue
            if isinstance(record, dict):
                yield flatten(_unwrap(record))
            else:
                broken.append(number)
        if broken:
            shown = ", ".join(map(str, broken[:5]))
            warn(f"{len(broken)} ligne(s) illisible(s), ignorée(s) (ligne {shown})")

    warn(lines(body, about=about)[1])
    columns: dict[str, None] = {}
    for _, row in zip(range(_SAMPLE), rows(), strict=False):
        columns |= dict.fromkeys(row)
    if not columns:
        raise Unreadable(
            "aucun objet JSON là où un par ligne est attendu ; refaites l'export", about=about
        )
    names = tuple(columns)
    return names, lambda: ({**dict.fromkeys(names), **row} for row in rows())
