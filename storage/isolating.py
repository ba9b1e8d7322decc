"""Many rows in one go, and should one be refused, all the others all the same."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import StatementError

from domain.records import Json
from storage.codec import dumps, encode

T = TypeVar("T")
R = TypeVar("R")

_UNWRITABLE = (ValueError, OverflowError, TypeError, RecursionError)
"""What a value that cannot even be sent raises: too many digits, too deep, a date out of reach."""


def apart(
    conn: Connection, rows: Sequence[T], write: Callable[[Sequence[T]], R]
) -> tuple[list[R], list[tuple[T, str]]]:
    """What `write` gave, and the rows that were refused, each with its reason.

    All at once in a savepoint; refused, one half then the other, down to the row at fault: a bad
    row among a thousand costs twenty attempts. Raises what is no row's fault: disk, connection,
    lock, a statement of ours that is wrong.
    """
    try:
        with conn.begin_nested():
            return [write(rows)], []
    except (StatementError, *_UNWRITABLE) as error:
        why = _fault(error)
        if why is None:
            raise
        if len(rows) == 1:
            return [], [(rows[0], why)]
    middle = len(rows) // 2
    first, second = (apart(conn, half, write) for half in (rows[:middle], rows[middle:]))
    return first[0] + second[0], first[1] + second[1]


def _fault(error: Exception) -> str | None:
    """Why the row is refused; None when the row is not at fault."""
    cause = error.orig if isinstance(error, StatementError) else error
    if isinstance(cause, psycopg.Error):
        of_the_row = isinstance(cause, (psycopg.DataError, psycopg.IntegrityError))
        if not of_the_row and not (cause.sqlstate or "").startswith("54"):  # a limit is exceeded
            return None
        return cause.diag.message_primary or str(cause)
    return f"{type(cause).__name__}: {cause}" if isinstance(cause, _UNWRITABLE) else None


def writable(fields: Mapping[str, Any]) -> dict[str, Json]:
    """The fields that can be written, the names of the others instead of what they hold."""
    return {name: _or_its_kind(value) for name, value in fields.items()}


def _or_its_kind(value: Any) -> Json:
    try:
        dumps(encode(value))
    except _UNWRITABLE:
        return f"({type(value).__name__})"
    return encode(value)
