"""What every step needs, opened once by a shell: settings, database, clock, identifiers."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.identifiers import NewId, ulid
from domain.settings import Settings, load_settings
from domain.times import Clock, system_clock
from storage import db


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The open house. Steps take it and nothing global."""

    settings: Settings
    database: db.Database
    clock: Clock
    new_id: NewId


@contextmanager
def open_house(
    settings: Settings | None = None, *, clock: Clock = system_clock, upgrade: bool = True
) -> Iterator[House]:
    """A house with its database reachable and at the latest schema; closed on leaving.

    Raises ConfigError (a setting) or StorageError (no database, too old, not ours).
    """
    settings = settings or load_settings()
    database = db.open_database(settings)
    try:
        if upgrade:
            db.upgrade(database)
        yield House(
            settings=settings,
            database=database,
            clock=clock,
            new_id=lambda prefix: f"{prefix}-{ulid(clock())}",
        )
    finally:
        database.close()
