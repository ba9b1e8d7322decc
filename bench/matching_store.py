"""A thousand new announcements among those stored in PostgreSQL: does the cost grow with them?

    PAAT_BENCH_STORED=10000,100000,1000000 python -m bench matching_store

A private server per size (durable: fsync on), filled by COPY with distinct fictional announcements
and what the chain's plan of them all says (places, verdicts, questions: what `paat rematch` leaves
every night), by a process of its own; a million take 14 minutes. Then twice 1,000 more are saved,
given keys, matched and placed by the chain's own functions: the first arrival also pays what a
process does once (statements made, catalogue read). CPU is ours and that of our PostgreSQL backend,
which is what a slower disk does not change; statements are counted. `PAAT_BENCH_KEPT=folder` fills
there what is not yet, and leaves it.
"""

import io
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from bench._announcements import Row, mention, rows
from domain.identifiers import ulid
from domain.intents import (
    AskReviewer,
    Intent,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Remember,
)
from domain.records import Mention
from domain.settings import Settings
from domain.times import system_clock
from flows import lessons, steps
from flows.house import House
from matching import block, plan, score
from matching.keys import keys_of
from storage import blocking, db, embedded, mentions, sources
from storage.codec import dumps, encode
from storage.items import key_hash
from tests.builders import a_source

NEW = 1_000
ARRIVALS = 2
SIZES = (10_000, 100_000)
_NOW = "2026-01-01 00:00:00+00"
_BEFORE = (
    "set session_replication_role = replica",  # what is copied is consistent: no check per row
    "set maintenance_work_mem = '1GB'",
    "set work_mem = '1GB'",
    "alter table block_keys drop constraint block_keys_pkey",
    "drop index block_keys_mention_idx",
)
_AFTER = (
    # What the chain leaves of a common key: those that held it first.
    "insert into common_keys select key from block_keys group by key having count(*) > 100",
    "create temp table kept as select key, mention from (select *, row_number() over"
    " (partition by key order by mention) as nth from block_keys) n where nth <= 101",
    "truncate block_keys",
    "insert into block_keys select key, mention from kept order by key",
    "insert into block_keys values (0, 0)",
    "drop table kept",
    "alter table block_keys add primary key (key, mention)",
    "create index block_keys_mention_idx on block_keys (mention)",
    "select setval(pg_get_serial_sequence('items', 'id'), (select max(id) from items))",
    "set session_replication_role = default",
)


def main() -> Iterator[str]:
    """One line per size."""
    told = os.environ.get("PAAT_BENCH_STORED")
    sizes = tuple(map(int, told.split(","))) if told else SIZES
    yield "stored,arrival,new,cpu_seconds,of_which_postgresql,seconds,statements,pairs,made"
    for size in sizes:
        yield from one_size(size)


def one_size(size: int) -> Iterator[str]:
    """The figures of two arrivals of NEW among `size` stored announcements."""
    told = os.environ.get("PAAT_BENCH_KEPT")
    home = Path(told) / str(size) if told else Path(tempfile.mkdtemp(prefix="bench-store-"))
    fresh = home / "fresh.json"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with embedded.start(home) as server, db.connect(server.url) as database:
            db.upgrade(database)
            if not fresh.exists():  # another process: what filling leaves in memory is no part
                with multiprocessing.get_context("spawn").Pool(1) as filler:
                    fresh.write_text(json.dumps(filler.apply(_filled, (server.url, size))))
            for arrival in range(1, ARRIVALS + 1):
                some, *left = json.loads(fresh.read_text()) or [None]
                if some is None:
                    raise SystemExit(f"{home}: no newcomer is left; delete this folder")
                fresh.write_text(json.dumps(left))
                yield f"{size},{arrival}," + _arrive(database, [mention(row) for row in some])
    finally:
        if not told:
            shutil.rmtree(home)


def _filled(url: str, size: int) -> list[list[Row]]:
    """Fills the database; newcomers for it, a thousand at a time."""
    with db.connect(url) as database:
        stream = rows(size + 20 * NEW)
        _fill(database, stream, size)
        return [[*islice(stream, NEW)] for _ in range(20)]


def _fill(database: db.Database, stream: Iterator[Row], size: int) -> None:
    """Stores `size` announcements as the chain leaves them after a night (`paat rematch`)."""
    some = [mention(row) for row in islice(stream, size)]
    with database.begin() as conn, steps.no_cycles():
        for statement in _BEFORE:
            conn.exec_driver_sql(statement)
        sources.register(conn, [a_source(slug) for slug in sorted({m.source for m in some})])
        _copy_mentions(conn, some)
        _copy_keys(conn, some)
        _copy_plan(conn, some)
        for statement in _AFTER:
            conn.exec_driver_sql(statement)
    database.engine.dispose()  # a connection that checks its keys again
    with database.asking() as conn:
        conn.exec_driver_sql("vacuum analyze")  # as autovacuum leaves a database that has lived
        conn.exec_driver_sql("checkpoint")


def _copy(conn: Connection, table: str, columns: Sequence[str], lines: Iterator[str]) -> None:
    text = io.StringIO()
    text.writelines(lines)
    driver = conn.connection.driver_connection
    assert driver is not None
    with driver.cursor().copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
        copy.write(text.getvalue())


def _cell(value: object) -> str:
    if value is None:
        return "\\N"
    return str(value).replace("\\", "\\\\").replace("\t", " ").replace("\n", " ")


def _copy_mentions(conn: Connection, some: Sequence[Mention]) -> None:
    _copy(
        conn, "items",
        ("id", "source", "key", "key_hash", "content_sha256", "first_seen_at", "last_seen_at",
         "read_as"),
        (f"{m.id}\t{m.source}\t{m.key}\t\\\\x{key_hash(m.key).hex()}\tx\t{_NOW}\t{_NOW}\t1\n"
         for m in some),
    )  # fmt: skip
    names = (
        "id", "revision", "source", "campaign", "title_key", "url_key", "starts_on", "ends_on",
        "commune_code", "department", "record", "read_at",
    )  # fmt: skip

    def line(one: Mention) -> str:
        row = mentions._row(one, encode(one), 1, system_clock())
        row |= {"record": dumps(row["record"]), "read_at": _NOW}
        return "\t".join(_cell(row[name]) for name in names) + "\n"

    _copy(conn, "mentions", names, map(line, some))


def _copy_keys(conn: Connection, some: Sequence[Mention]) -> None:
    lines = (
        f"{key}\t{one.id}\n" for one, mine in zip(some, keys_of(some), strict=True) for key in mine
    )
    _copy(conn, "block_keys", ("key", "mention"), lines)


def _copy_plan(conn: Connection, some: Sequence[Mention]) -> None:
    """What the plan of all of them says: places, thoughts and questions."""
    model = score.load_prior()
    thought = plan.plan(
        some, None, initiatives=(), verdicts=(), model=model, new_id=_new_id, now=system_clock(),
        region="93",
    )  # fmt: skip
    for kind, same in groupby(thought, type):
        table, names, rows_of = _WRITTEN[kind]
        cells = (row for one in same for row in rows_of(one))
        _copy(conn, table, names, ("\t".join(map(_cell, row)) + "\n" for row in cells))
        print(f"{table} stored", file=sys.stderr, flush=True)


_WRITTEN: Mapping[type[Intent], tuple[str, Sequence[str], Callable[[Any], Iterable[Any]]]] = {
    Remember: (
        "verdicts", ("a", "b", "relation", "by", "at", "p"),
        lambda one: ((v.a, v.b, v.relation.value, v.by, _NOW, v.p) for v in one.verdicts),
    ),
    NewInitiative: (
        "initiatives", ("id", "created_at", "changed_at", "values_at"),
        lambda one: [(one.initiative, _NOW, _NOW, _NOW)],
    ),
    NewEdition: (
        "editions", ("id", "initiative", "label", "part_of"),
        lambda one: [(one.edition, one.initiative, one.label, one.part_of)],
    ),
    PlaceMention: (
        "placements", ("mention", "initiative", "edition", "placed_at"),
        lambda one: [(one.mention, one.initiative, one.edition, _NOW)],
    ),
    AskReviewer: (
        "questions", ("a", "b", "p", "worth", "asked_at"),
        lambda one: [(one.question.a, one.question.b, dumps(encode(one.question.p)),
                      one.question.worth, _NOW)],
    ),
}  # fmt: skip


def _new_id(prefix: str) -> str:
    return f"{prefix}-{ulid(system_clock())}"


def _arrive(database: db.Database, fresh: Sequence[Mention]) -> str:
    """The chain's own functions on the newcomers, measured."""
    house = House(
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        database=database, clock=system_clock, new_id=_new_id,
    )  # fmt: skip
    with database.begin() as conn:
        sources.register(conn, [a_source(slug) for slug in sorted({m.source for m in fresh})])
        _copy_items(conn, fresh)
        backend = conn.exec_driver_sql("select pg_backend_pid()").scalar_one()
    lessons.active_matching(house)  # the model is read once a process, not once a batch
    said: list[str] = []
    began = system_clock()
    event.listen(database.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    cpu, theirs, wall = time.process_time(), _cpu_of(backend), time.perf_counter()
    with steps.no_cycles(), database.begin() as conn:
        saved = steps.keep(conn, fresh, house.clock())
    steps.match(house)
    wall, theirs = time.perf_counter() - wall, _cpu_of(backend) - theirs
    cpu = time.process_time() - cpu
    with database.begin() as conn:
        ids = [one.id for one in saved]
        pairs = len(block.nearest(ids, *blocking.holders(conn, ids)))
        made = conn.exec_driver_sql(
            "select count(*) from initiatives where created_at >= %s", (began,)
        ).scalar_one()
    return f"{len(fresh)},{cpu + theirs:.2f},{theirs:.2f},{wall:.2f},{len(said)},{pairs},{made}"


def _copy_items(conn: Connection, fresh: Sequence[Mention]) -> None:
    from storage import items
    from tests.builders import a_raw_item

    items.store(conn, [a_raw_item(m.key, m.source, title=m.title) for m in fresh], system_clock())


def _cpu_of(pid: int) -> float:
    """Seconds of processor a process has used (user and system), by Linux's account."""
    told = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")
