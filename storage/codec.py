"""Records ↔ JSON that PostgreSQL accepts. Driven by the dataclasses, so a new field just works.

Fields equal to their default are left out: a record stored before a field existed reads back
the same, and is not « changed » by it.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, TypeVar

import msgspec

from domain.records import Json

R = TypeVar("R")
_REFUSED = re.compile("[\x00\ud800-\udfff]")


def encode(value: Any) -> Json:
    """Any record, or value found in one, as plain JSON types."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    shape = _SHAPES.get(kind)
    if shape is None:
        shape = _SHAPES[kind] = _shape(kind)
    if shape:
        return {
            name: found if type(found) in _PLAIN else encode(found)
            for name, default in shape
            if (found := getattr(value, name)) != default
        }
    if isinstance(value, Mapping):
        return {str(encode(k)): encode(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [encode(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return value


_PLAIN = frozenset((str, int, float, bool, type(None)))


_SHAPES: dict[type, tuple[tuple[str, Any], ...]] = {}


def _shape(kind: type) -> tuple[tuple[str, Any], ...]:
    """The fields of a record with their defaults; () for what is no record."""
    return tuple((f.name, _default(f)) for f in fields(kind)) if is_dataclass(kind) else ()


def decode(kind: type[R], data: Mapping[str, Json]) -> R:
    """The record of that class which `encode` wrote; unknown keys are ignored.

    Raises msgspec.ValidationError when a field is not what the class says.
    """
    return msgspec.convert(data, kind)


def decode_all(kind: type[R], data: Sequence[Mapping[str, Json]]) -> tuple[R, ...]:
    return tuple(decode(kind, one) for one in data)


_WRITER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def dumps(value: Json) -> str:
    """JSON text for a jsonb column: no NUL, no lone surrogate, no NaN, which it refuses."""
    try:
        text = _WRITER.encode(value)
        text.encode()
    except ValueError:  # NaN, infinity, or a lone surrogate (UnicodeEncodeError)
        return json.dumps(_acceptable(value), ensure_ascii=False)
    return json.dumps(_acceptable(value), ensure_ascii=False) if "\\u0000" in text else text


def plain(value: Any) -> Json:
    """The value exactly as a jsonb column gives it back: what comparisons with it need."""
    return json.loads(dumps(encode(value)))


def safe(text: str) -> str:
    """The text PostgreSQL accepts: NUL and lone surrogates become U+FFFD."""
    return _REFUSED.sub("\ufffd", text)


def _acceptable(value: Json) -> Json:
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, Mapping):
        return {safe(str(k)): _acceptable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_acceptable(one) for one in value]
    return value


def _default(f: "Field[Any]") -> Any:
    if f.default is not MISSING:
        return f.default
    return f.default_factory() if f.default_factory is not MISSING else MISSING
