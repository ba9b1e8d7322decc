"""A pass that is disturbed (killed, its database stopped, its disk full), and what it must leave.

`photograph` says what a database knows in words of no identifier and no date: two databases that
know the same give the same photograph, whatever happened on the way.

    python -m tests.disturbed DATABASE HOME WEB SLUG,SLUG N     a pass killed at its N-th statement
"""

import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, event, select, text
from sqlalchemy.engine import Connection as Raw

from demo.sources import sources as demo_sources
from domain.identifiers import ulid
from domain.records import Visit
from domain.settings import Settings
from domain.times import Clock
from flows import steps
from flows.house import House
from storage import db, tables
from storage.db import Database
from tests.builders import NOW

# What tells the story of the passes, not what is known: a disturbed pass has one more.
STORY = frozenset(("runs", "visits", "outbox", "sites", "models", "alembic_version", "suggested"))
# What counts visits or changes, is drawn from an identifier, or is one of our own.
_COUNTED = frozenset(
    (
        "version",
        "memory",
        "validators",
        "identity",
        "seen",
        "group_key",
        "attempts",
        "turn",
        "doubled",
        "failures",
        "health",
        "last_why",
        "words",
    )
)
_UNTIED = {"block_keys.mention": "mentions.id"}  # what it names, without a foreign key
_NAMED = {"items.id": "item", "mentions.id": "item", "initiatives.id": "initiative"}
_OURS = re.compile(r"\b[A-Z]{2,5}(?:-\d\w?)?-[0-9A-HJKMNP-TV-Z]{26}\b")
DATED = frozenset(("published_at", "starts_at", "ends_at"))


def house(database: Database, home: Path, clock: Clock = lambda: NOW, **settings: Any) -> House:
    own = {"allow_loopback": True, "per_host_seconds": 0.0, "parse_seconds": 0.0, **settings}
    return House(
        settings=Settings(home=home, sources=home, **own),
        database=database,
        clock=clock,
        new_id=lambda prefix: f"{prefix}-{ulid(clock())}",
    )


def a_pass(inside: House, web: str, slugs: Sequence[str]) -> tuple[Visit, ...]:
    """Collect and process these sources of the demonstration."""
    known = [one for one in demo_sources(web) if one.slug in slugs]
    return steps.veille(inside, [one.slug for one in known], known=known).visits


def at_statement(database: Database, number: int, then: Callable[[], None]) -> list[int]:
    """Do `then` just before the `number`-th statement; the list holds how many there were."""
    seen = [0]

    def count(*_: object) -> None:
        seen[0] += 1
        if seen[0] == number:
            then()

    event.listen(database.engine, "before_cursor_execute", count)
    return seen


def photograph(database: Database) -> dict[str, Counter[str]]:
    """Table → rows in words: foreign keys by what they name, no date of ours, no identifier."""
    with database.engine.connect() as conn:
        names = _names(conn)
        return {
            table.name: Counter(_row(table, row, names) for row in conn.execute(select(table)))
            for table in tables.metadata.sorted_tables
            if table.name not in STORY
        }


def differences(before: Mapping[str, Counter[str]], after: Mapping[str, Counter[str]]) -> list[str]:
    """What is lost (-) or doubled (+), a line each."""
    return [
        f"{sign} {name}: {row}"
        for name in before
        for sign, rows in (("-", before[name] - after[name]), ("+", after[name] - before[name]))
        for row in rows
    ]


def _names(conn: Raw) -> dict[tuple[str, Any], str]:
    """(kind, id) → words: an item by its source and key, an initiative by its items."""
    names: dict[tuple[str, Any], str] = {("item", 0): "nobody"}  # says that blocking keys are whole
    for number, source, key in conn.execute(text("select id, source, key from items")):
        names["item", number] = f"{source} {key}"
    members: dict[str, list[str]] = {}
    placed = text("select initiative, mention from placements where left_at is null")
    for initiative, mention in conn.execute(placed):
        members.setdefault(initiative, []).append(names["item", mention])
    for (initiative,) in conn.execute(text("select id from initiatives")):
        names["initiative", initiative] = " + ".join(sorted(members.get(initiative, ["nothing"])))
    for number, initiative, label in conn.execute(
        text("select id, initiative, label from editions")
    ):
        names["edition", number] = f"{label} of {names['initiative', initiative]}"
    return names


def _row(table: Any, row: Any, names: Mapping[tuple[str, Any], str]) -> str:
    words = {}
    for column, value in zip(table.columns, row, strict=True):
        tied = (key.target_fullname for key in column.foreign_keys)
        target = next(tied, _UNTIED.get(f"{table.name}.{column.name}", ""))
        kind = _NAMED.get(target) or ("edition" if target == "editions.id" else "")
        if kind and value is not None:
            words[column.name] = names[kind, value]
        elif target.endswith(".id") or _is_ours(table, column):
            continue
        else:
            words[column.name] = _undated(value)
    return _OURS.sub("…", json.dumps(words, sort_keys=True, ensure_ascii=False, default=str))


def _undated(value: Any) -> Any:
    """A list of marks in one order, a record without the instant it was collected at."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return sorted(value)
    if isinstance(value, dict):
        return {name: one for name, one in value.items() if name != "collected_at"}
    return value


def _is_ours(table: Any, column: Any) -> bool:
    if column.name in _COUNTED or (isinstance(column.type, DateTime) and column.name not in DATED):
        return True
    return column.name == "id" and column.primary_key and table.name != "campaigns"


def moments(*given: datetime) -> Clock:
    """A clock that says these moments in turn, the last one for ever."""
    left = list(given)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    address, home, web, slugs, number = sys.argv[1:6]
    with db.connect(address) as database:
        seen = at_statement(database, int(number), kill_myself)
        a_pass(house(database, Path(home)), web, slugs.split(","))
        print(seen[0])


if __name__ == "__main__":
    main()
