"""What PostgreSQL's errors mean, in words a person can act on."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import Conflict, StorageError

# SQLSTATE (PostgreSQL documentation, appendix A), longest prefix first.
_MEANINGS: dict[str, str] = {
    "53100": "no space left on the database's disk; free some and run again, what was stored stays",
    "53300": "too many connections; lower the number of workers or raise max_connections",
    "53": "the database lacks memory or another resource; free some and run again",
    "58": "the database cannot read or write its own files; look at the server's log",
    "XX": "the database reports corrupted data; stop, and restore the last backup",
    "25006": "the database is read-only (a replica?); give the address of the primary",
    "28": "the database refuses this account; check the user and password in PAAT_DATABASE_URL",
    "3D000": "this database does not exist; create it or correct PAAT_DATABASE_URL",
    "42501": "this account may not do that; make it the owner of the database",
    "42P01": "a table is missing; run `paat db upgrade`",
    "42703": "a column is missing; run `paat db upgrade`",
    "55P03": "a lock was not obtained in time, someone else is at work; try again in a moment",
    "57014": "a statement took too long and was cancelled; try again in a moment",
    "40": "two transactions met (deadlock); this one was undone, try again",
    "57P": "the database is stopping or starting; try again in a moment",
    "08": "the connection to the database was lost; check that it runs",
}
_UNREACHABLE = "the database does not answer; check that it runs and its address"


@contextmanager
def told(about: str) -> Iterator[None]:
    """Turn what the database refuses into a StorageError; our own mistakes pass unchanged."""
    try:
        yield
    except DBAPIError as error:
        cause = error.orig
        meaning = meaning_of(cause) if isinstance(cause, psycopg.Error) else None
        if meaning is None:
            raise
        raise _error(cause, meaning, about) from cause
    except psycopg.Error as error:
        meaning = meaning_of(error)
        if meaning is None:
            raise
        raise _error(error, meaning, about) from error
    except PoolTimeout as error:
        raise StorageError(
            "every connection is in use; lower the concurrency and try again", about=about
        ) from error


def meaning_of(error: psycopg.Error) -> str | None:
    """What the error asks of a person; None when it is our own mistake (syntax, constraint…)."""
    state = error.sqlstate
    if state is None:
        lost = isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError))
        return _refused(str(error)) if lost else None
    return next((text for code, text in _MEANINGS.items() if state.startswith(code)), None)


def _refused(words: str) -> str:
    """A connection that failed carries no SQLSTATE in libpq: read its words."""
    for sign, code in (("password", "28"), ("does not exist", "3D000"), ("too many", "53300")):
        if sign in words and "No such file" not in words:
            return _MEANINGS[code]
    return _UNREACHABLE


def _error(error: BaseException | None, meaning: str, about: str) -> StorageError:
    busy = isinstance(error, psycopg.errors.LockNotAvailable)
    return (Conflict if busy else StorageError)(meaning, about=about)
