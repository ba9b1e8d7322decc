"""Open the database, bring its schema up to date, hold a lock.

    with open_database(settings) as database:
        with database.begin() as conn:      # one transaction; the functions of storage never commit
            items.store(conn, …)

Whatever the database refuses comes out as a StorageError that says what to do.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, cast

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from domain.errors import ConfigError, Conflict, StorageError
from domain.settings import Settings
from storage import campaigns, embedded, lists
from storage.codec import dumps
from storage.failures import told
from storage.rows import Lists

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Connection", "Database", "Engine"]  # other packages name these types, not SQLAlchemy

_OLDEST = 15
_AT_ONCE = 1_000  # lines of the lists filled in one transaction
_UPGRADING = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """An open database. Close it (or use `with`) so that a private server can end."""

    engine: Engine
    server: embedded.Server | None = None

    @property
    def url(self) -> str:
        """Its address as libpq and psycopg take it, password included: never log it."""
        return _libpq(self.engine.url)

    @property
    def name(self) -> str:
        """Its address without the password, for messages."""
        return self.engine.url.set(drivername="postgresql").render_as_string(hide_password=True)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction, committed at the end, rolled back on any error."""
        with told(self.name), self.engine.begin() as conn:
            yield conn

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """Statements that each stand alone: no round trip to begin nor to commit."""
        with told(self.name), self.engine.connect() as conn:
            yield conn.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One unchanging view of everything (repeatable read, read only): exports, reports."""
        with told(self.name), self.engine.connect() as conn:
            conn = conn.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            yield conn

    @contextmanager
    def steady(self) -> Iterator[Connection]:
        """One transaction on an unchanging view: a StorageError when what it would write was
        changed by another since it began; nothing is written then."""
        with told(self.name), self.engine.connect() as conn:
            conn = conn.execution_options(isolation_level="REPEATABLE READ")
            with conn.begin():
                yield conn

    @contextmanager
    def locked(self, key: str) -> Iterator[None]:
        """Be alone to do `key` (a run, the matching). Raises Conflict when someone is at it."""
        with self.claims() as take:
            if not take([key]):
                raise Conflict(
                    f"{key!r} tourne déjà ailleurs sur cette base ; "
                    "attendez sa fin, ce qu'il enregistre ne sera pas fait deux fois",
                    about=key,
                )
            yield

    @contextmanager
    def claims(self) -> Iterator[Callable[[Collection[str]], set[str]]]:
        """Share work with others: `take(keys)` gives those that are ours until the end.

        Held in a connection of its own: they end with the process, however it ends.
        """
        with told(self.name), self.engine.connect() as conn:
            conn = conn.execution_options(isolation_level="AUTOCOMMIT")
            try:
                yield lambda keys: set(conn.execute(_TAKE, {"keys": sorted(keys)}).scalars())
            finally:
                try:
                    conn.execute(_LET_GO)
                except DBAPIError as error:
                    if not error.connection_invalidated:  # else they went with it
                        raise

    def close(self) -> None:
        self.engine.dispose()
        if self.server is not None:
            self.server.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_database(settings: Settings) -> Database:
    """PAAT_DATABASE_URL, or else the private server of PAAT_HOME. The schema is left as it is.

    Raises ConfigError (a wrong address, no wheel) or StorageError (down, PostgreSQL before 15).
    """
    if settings.database_url is not None:
        return connect(settings.database_url.get_secret_value())
    with told(str(settings.home)):
        server = embedded.start(settings.home)
    try:
        return connect(server.url, server=server)
    except BaseException:
        server.stop()
        raise


def connect(
    url: str,
    *,
    server: embedded.Server | None = None,
    connections: int = 15,
    wait_seconds: float = 30,
) -> Database:
    """The database at that address, reached and checked once.

    At most `connections` at a time; who wants one more waits `wait_seconds`, then is told.
    """
    engine = create_engine(
        parse_url(url),
        pool_pre_ping=True,  # a restarted server costs one round trip, not an error
        json_serializer=dumps,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=wait_seconds,
        connect_args={
            "connect_timeout": 60,  # of a busy machine; one that is not there says so at once
            "application_name": "paat",
            "options": "-c timezone=UTC -c datestyle=ISO",
        },
    )
    event.listen(engine, "connect", lambda conn, _: conn.adapters.register_dumper(list, Lists))
    database = Database(engine=engine, server=server)
    try:
        with database.begin() as conn:
            version = conn.execute(text("show server_version_num")).scalar_one()
    except StorageError:
        engine.dispose()
        raise
    if int(version) // 10000 < _OLDEST:
        engine.dispose()
        raise StorageError(
            f"PostgreSQL {int(version) // 10000} où {_OLDEST} ou plus récent est attendu ; "
            "mettez le serveur à jour",
            about=database.name,
        )
    return database


def parse_url(url: str) -> URL:
    """The SQLAlchemy address (psycopg 3) of `postgresql://…`. Raises ConfigError, never echoes."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(
            "une adresse illisible là où postgresql://utilisateur:mot-de-passe@machine/base est "
            "attendu ; corrigez-la",
            about="PAAT_DATABASE_URL",
        )
    return parsed.set(drivername="postgresql+psycopg")


def ensure_database(database: Database, name: str) -> str:
    """The address of another database of the same server (Prefect's), made when missing."""
    with told(database.name):
        embedded.ensure_database(database.url, name)
    return _libpq(database.engine.url.set(database=name))


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def server_time(conn: Connection) -> datetime:
    """The clock of the database's machine, aware."""
    return cast(datetime, conn.execute(text("select clock_timestamp()")).scalar_one())


# --- locks -----------------------------------------------------------------------------------

_TAKE = text(
    "select key from unnest(cast(:keys as text[])) key "
    "where pg_try_advisory_lock(hashtextextended('paat:' || key, 0))"
)
_LET_GO = text("select pg_advisory_unlock_all()")


# --- the schema ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaStatus:
    """Where the schema is (None = an empty database) and where this version of paat wants it."""

    current: str | None
    head: str

    @property
    def up_to_date(self) -> bool:
        return self.current == self.head


def upgrade(database: Database, revision: str = "head") -> SchemaStatus:
    """Bring the schema to `revision`, in one transaction, register the campaigns, and give their
    line in the lists to initiatives that have none, so that no list is empty until a passage.

    Two upgrades at once wait for each other; a lock or a statement that takes too long gives up
    and changes nothing (migrations/env.py).
    """
    from alembic import command  # deferred: only these two functions need it

    # Alembic keeps its context in globals: one thread at a time; env.py sees to other processes.
    with _UPGRADING, database.begin() as conn:
        config = _alembic()
        config.attributes["connection"] = conn
        command.upgrade(config, revision)
        if revision == "head":
            campaigns.register(conn)
    if revision == "head":
        _fill_lists(database)
    return status(database)


def _fill_lists(database: Database) -> None:
    """By steps, each in its own transaction: stopped, it goes on at the next start."""
    while True:
        with database.begin() as conn:
            found = lists.missing(conn, _AT_ONCE)
            lists.refresh(conn, found)
        if len(found) < _AT_ONCE:
            return


def status(database: Database) -> SchemaStatus:
    """The revision of the schema against the one this version expects."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(_alembic()).get_current_head()
    with database.begin() as conn:
        current = MigrationContext.configure(conn).get_current_revision()
    return SchemaStatus(current=current, head=str(head))


def _alembic() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
