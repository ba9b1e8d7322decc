"""Records ↔ JSON that PostgreSQL accepts. Driven by the dataclasses, so a new field just works.

Fields equal to their default are left out: a record stored before a field existed reads back
the same, and is not « changed » by it.
"""

import json
import math
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from domain.records import Json

R = TypeVar("R")
_KNOWN: dict[type, dict[str, Callable[[Json], Any]]] = {}
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
    """The record of that class which `encode` wrote; unknown keys are ignored."""
    readers = _readers(kind)
    return kind(**{
        name: v if (read := readers[name]) is _same else read(v)
        for name, v in data.items()
        if name in readers
    })  # fmt: skip


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


def _readers(kind: type) -> dict[str, Callable[[Json], Any]]:
    if kind not in _KNOWN:
        hints = get_type_hints(kind)
        _KNOWN[kind] = {f.name: _reader(hints[f.name]) for f in fields(kind)}
    return _KNOWN[kind]


def _same(value: Json) -> Any:
    return value


def _reader(hint: Any) -> Callable[[Json], Any]:  # one case per shape of field in domain.records
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        inner = _reader(next(one for one in arguments if one is not type(None)))
        return _same if inner is _same else lambda v: None if v is None else inner(v)
    if origin is tuple:
        inner = _reader(arguments[0])
        return lambda v: tuple(inner(one) for one in v)
    if origin is Mapping:
        key, inner = _reader(arguments[0]), _reader(arguments[1])
        return lambda v: {key(k): inner(one) for k, one in v.items()}
    if not isinstance(hint, type):
        return _same
    if is_dataclass(hint):
        return lambda v: decode(hint, v)
    if issubclass(hint, Enum):
        return hint
    if issubclass(hint, (datetime, date, time)):
        return hint.fromisoformat
    return _same
