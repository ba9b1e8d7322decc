"""Many rows in one statement: arrays in, a table out, joined to like any other."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

from psycopg.types.array import ListDumper
from sqlalchemy import BigInteger, TableValuedAlias, cast, column, func, literal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeEngine

from storage.codec import dumps, encode, safe

Kind = type[TypeEngine[Any]] | TypeEngine[Any]


def table_of(rows: Sequence[Mapping[str, Any]], /, **types: Kind) -> TableValuedAlias:
    """The rows as a FROM clause with these columns (neither bytes nor arrays; documents are already
    what JSON says)."""
    return _unnested(
        {
            name: (kind, _array([row[name] for row in rows], document=_is_document(kind)))
            for name, kind in types.items()
        }
    )


def columns_of(**columns: Iterable[int]) -> TableValuedAlias:
    """Columns of whole numbers as a FROM clause, all of one length."""
    return _unnested({name: (BigInteger, array_of(some)) for name, some in columns.items()})


def array_of(numbers: Iterable[int]) -> str:
    """Whole numbers as PostgreSQL writes an array of them: the driver is ten times slower at it."""
    return f"{{{','.join(map(str, numbers))}}}"


class Lists(ListDumper):
    """How a connection writes a list of numbers or of identifiers: at once. psycopg does it one by
    one, eight times slower; it keeps the others."""

    def dump(self, obj: list[Any]) -> bytes | bytearray | memoryview | None:
        """The list as PostgreSQL writes an array."""
        kinds = {*map(type, obj)}
        if kinds == {int}:
            return array_of(obj).encode()
        if kinds == {str}:
            told = ",".join(obj)
            if all(obj) and told.count(",") == len(obj) - 1 and not _odd(told):
                return f"{{{told}}}".encode()
        return super().dump(obj)


def _odd(text: str) -> bool:
    """Whether something in it may need quotes."""
    return not text.isascii() or "null" in text.lower() or any(one in text for one in _SPECIAL)


_SPECIAL = '"\\{} \t\n\r\v\f'


def _unnested(columns: Mapping[str, tuple[Kind, str]]) -> TableValuedAlias:
    """Arrays as PostgreSQL writes them, side by side: five times cheaper to read than JSON."""
    arrays = [cast(literal(text), ARRAY(kind)) for kind, text in columns.values()]
    told = func.unnest(*arrays)
    return told.table_valued(
        *(column(name, kind) for name, (kind, _) in columns.items())
    ).render_derived(name="given")


def _is_document(kind: Kind) -> bool:
    return kind is JSONB or isinstance(kind, JSONB)


def _array(values: Sequence[Any], *, document: bool) -> str:
    if document:
        spelt = ["NULL" if one is None else _quoted(dumps(one)) for one in values]
    else:  # what is said a thousand times is spelt once
        known: dict[Hashable, str] = {one: _spelt(one) for one in {*values}}
        spelt = [known[one] for one in values]
    return f"{{{','.join(spelt)}}}"


def _spelt(value: Hashable) -> str:
    """A value as an element of an array."""
    if type(value) is int or type(value) is float:  # most of them
        return str(value)
    plain = encode(value)
    if isinstance(plain, str):
        return _quoted(plain if plain.isprintable() else safe(plain))
    return "NULL" if plain is None else str(plain)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
