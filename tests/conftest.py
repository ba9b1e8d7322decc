"""One throw-away PostgreSQL per session, migrated once; each test rolled back.

PAAT_TEST_DATABASE_URL=postgresql://… uses that server instead of the wheel's: a database is made
there for the session and dropped.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
from hypothesis import HealthCheck
from sqlalchemy import event, exists, literal, select, text, union_all

from collectors.web import transport
from storage import blocking, campaigns, db, embedded, tables
from storage.db import Connection, Database

# `too_slow` and deadlines measure the machine, not the code; fixtures are those of every example.
hypothesis.settings.register_profile(
    "ci",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


_TEMPORARY = Path(tempfile.mkdtemp(prefix="paat-tmp-"))


def pytest_configure() -> None:
    # A tmp_path of our own: every pytest session closes /tmp/pytest-of-<user> to other accounts,
    # the private PostgreSQL of another session, run as root, included.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_TEMPORARY)
    # Documents of tests are read inline, at no cost; tests/faults/test_parse_pool asks for more.
    os.environ.setdefault("PAAT_PARSE_SECONDS", "0")
    # A machine five times slower is right: where a deadline is the subject, its test says which.
    os.environ.setdefault("PAAT_TOTAL_SECONDS", "600")
    transport.CONNECT_SECONDS = transport.READ_SECONDS = 600.0


def pytest_unconfigure() -> None:
    shutil.rmtree(_TEMPORARY, ignore_errors=True)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of an empty database, gone with the session."""
    outside = os.environ.get("PAAT_TEST_DATABASE_URL")
    if outside is None:
        home = Path(tempfile.mkdtemp(prefix="paat-test-"))  # short: a socket's path is limited
        try:
            with embedded.start(home, durable=False) as server:
                yield server.url
        finally:
            shutil.rmtree(home)
        return
    name = f"paat_test_{os.getpid()}"
    with db.connect(outside) as there:
        yield db.ensure_database(there, name)
    with psycopg.connect(outside, autocommit=True) as conn:
        conn.execute(f'drop database "{name}" with (force)')


@pytest.fixture(scope="session")
def migrated(server_url: str) -> Iterator[Database]:
    with db.connect(server_url) as database:
        db.upgrade(database)
        with database.begin() as connection:
            blocking.whole(connection)
        yield database


@pytest.fixture
def conn(migrated: Database) -> Iterator[Connection]:
    """A connection whose work is undone after the test."""
    with migrated.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def database(migrated: Database) -> Iterator[Database]:
    """The database itself, for tests that must commit; it numbers from 1, and is emptied after."""
    with migrated.begin() as connection:
        connection.execute(_NUMBERED_FROM_ONE)
    yield migrated
    with migrated.begin() as connection:
        _empty(connection, every_table=next(_uses) % 20 == 0)
        campaigns.register(connection)
        blocking.whole(connection)


_uses = count(1)
_NUMBERED_FROM_ONE = text(
    "select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) "
    "from pg_sequences where schemaname = current_schema()"
)


def _empty(connection: Connection, *, every_table: bool) -> None:
    """Deletes the rows a test left. Truncating every table makes all its files and indexes anew,
    ten times slower: now and then is enough to forget the dead rows."""
    known = list(reversed(tables.metadata.sorted_tables))
    if every_table:
        names = ", ".join(one.name for one in known)
        connection.execute(text(f"truncate {names}"))
        return
    filled = union_all(
        *(select(literal(one.name)).where(exists(select(1).select_from(one))) for one in known)
    )
    left = set(connection.execute(filled).scalars())
    for table in known:
        if table.name in left:
            connection.execute(table.delete())


@pytest.fixture
def statements(migrated: Database) -> Iterator[list[str]]:
    """The SQL sent since the test began; `statements.clear()` starts again."""
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(migrated.engine, "before_cursor_execute", note)
    yield sent
    event.remove(migrated.engine, "before_cursor_execute", note)
