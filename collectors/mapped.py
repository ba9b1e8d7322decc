"""A record read through a declared mapping: our field → dotted path(s) in the source's record."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.leftovers import Record, filled
from collectors.pages.markup import absolute, text_of, title_of
from collectors.pages.moments import iso_moment
from domain.records import RAW_FIELDS, Json
from domain.text import one_line

_TEXT_FIELDS = ("venue", "address", "commune", "organiser", "type")
_EPOCH = range(10**9, 10**10)  # seconds between 2001 and 2286


def mapped(record: Record, mapping: Mapping[str, Any], *, base: str = "") -> dict[str, Json]:
    """The fields of a dotted mapping; several paths: the first that says something."""
    fields: dict[str, Json] = {}
    for name, paths in mapping.items():
        values = [record.path(p) for p in ([paths] if isinstance(paths, str) else paths)]
        value = next((v for v in values if v is not None), None)
        fields[name] = shaped(name, value, base=base)
    return filled(**fields)


def shaped(name: str, value: Any, *, base: str = "") -> Json:
    """The value as RAW_FIELDS wants that field."""
    if value is None:
        return None
    if name == "title":
        return title_of(str(value))
    if name == "text":
        return text_of(str(value))
    if name in _TEXT_FIELDS:
        return one_line(str(value))
    if name in ("url", "ticket"):
        return absolute(str(value), base)
    if name in ("lat", "lon", "budget", "amount"):
        return float(value)
    return value


def dated(fields: Mapping[str, Json]) -> dict[str, Json]:
    """The same with start and end as ISO moments; words that are not one become `when`."""
    found = dict(fields)
    words = []
    for name in ("start", "end"):
        value = found.pop(name, None)
        moment = _moment(value)
        if moment:
            found[name] = moment
        elif value is not None:
            words.append(one_line(str(value)))
    if words and "when" not in found:
        found["when"] = " – ".join(words)
    return found


def unknown_fields(mapping: Mapping[str, Any]) -> list[str]:
    """French sentences about the fields of a mapping that are not ours."""
    return [
        f"mapping.{field} inconnu; choix : {', '.join(RAW_FIELDS)}"
        for field in mapping
        if field not in RAW_FIELDS
    ]


def _moment(value: Any) -> str | None:
    """ISO, or the seconds and milliseconds since 1970 that some APIs give."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        seconds = value / 1000 if int(value / 1000) in _EPOCH else value
        return iso_moment(datetime.fromtimestamp(seconds, UTC)) if int(seconds) in _EPOCH else None
    return iso_moment(value)
