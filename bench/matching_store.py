"""A thousand new announcements among those stored in PostgreSQL: does the cost grow with them?

    PAAT_BENCH_STORED=10000,100000,1000000 python -m bench matching_store

A private server per size (durable: fsync on), filled by COPY with distinct fictional announcements,
their keys, places and verdicts, by a process of its own. Then twice 1,000 more are saved, given
keys, matched and placed by the chain's own functions: the first arrival also pays what a process
does once (statements made, catalogue read). CPU is ours and that of our PostgreSQL backend, which
is what a slower disk does not change; statements are counted. `PAAT_BENCH_KEPT=folder` fills there
what is not yet, and leaves it.
"""

import io
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, event

from bench._announcements import Row, mention, rows
from domain.identifiers import ulid
from domain.records import Mention
from domain.settings import Settings
from domain.times import system_clock
from flows import lessons, steps
from flows.house import House
from matching import asks, block, compare, levels, score
from matching import cards as columns
from storage import blocking, db, embedded, mentions, sources
from storage.codec import dumps, encode
from storage.items import key_hash
from tests.builders import a_source

NEW = 1_000
ARRIVALS = 2
SIZES = (10_000, 100_000)
BATCH = 50_000
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
    """Stores `size` announcements as the chain would have left them.

    They are judged and grouped a BATCH at a time, which bounds memory: announcements of two batches
    stay apart, as those of two years that nothing ties.
    """
    stored = 0
    with database.begin() as conn:
        for statement in _BEFORE:
            conn.exec_driver_sql(statement)
        while some := [mention(row) for row in islice(stream, min(BATCH, size - stored))]:
            sources.register(conn, [a_source(slug) for slug in sorted({m.source for m in some})])
            _copy_mentions(conn, some)
            _copy_keys(conn, some)
            _copy_judged(conn, some)
            stored += len(some)
            print(f"{stored} of {size} stored", file=sys.stderr, flush=True)
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
    now = "2026-01-01 00:00:00+00"
    _copy(
        conn, "items",
        ("id", "source", "key", "key_hash", "content_sha256", "first_seen_at", "last_seen_at",
         "read_as"),
        (f"{m.id}\t{m.source}\t{m.key}\t\\\\x{key_hash(m.key).hex()}\tx\t{now}\t{now}\t1\n"
         for m in some),
    )  # fmt: skip
    names = (
        "id", "revision", "source", "campaign", "title_key", "url_key", "starts_on", "ends_on",
        "commune_code", "department", "record", "read_at", "matched_at",
    )  # fmt: skip

    def line(one: Mention) -> str:
        row = mentions._row(one, encode(one), 1, system_clock())
        row |= {"record": dumps(row["record"]), "read_at": now, "matched_at": now}
        return "\t".join(_cell(row[name]) for name in names) + "\n"

    _copy(conn, "mentions", names, map(line, some))


def _copy_keys(conn: Connection, some: Sequence[Mention]) -> None:
    keys = block.keys_of(some)
    lines = (
        f"{key}\t{one.id}\n"
        for one, mine in zip(some, keys, strict=True)
        for key in sorted({blocking.number(k) for k in mine})
    )
    _copy(conn, "block_keys", ("key", "mention"), lines)


def _copy_judged(conn: Connection, some: Sequence[Mention]) -> None:
    """Their verdicts and places, judged and grouped all at once by the functions of the plan."""
    now = "2026-01-01 00:00:00+00"
    model = score.load_prior()
    cards = columns.of_mentions(some)
    ready = compare.prepare(cards, model.rarity, own=False)
    found = score.score(ready, block.candidates(cards), model)
    place = {one.id: i for i, one in enumerate(some)}
    grouped = levels.group(tuple(some), cards, found, [], place)
    keep = np.flatnonzero(1 - found.p[:, 3] >= asks.KEEP)
    _copy(
        conn, "verdicts", ("a", "b", "relation", "by", "at", "p"),
        (f"{some[found.a[k]].id}\t{some[found.b[k]].id}\t{score.RELATIONS[found.p[k].argmax()]}\t"
         f"matching:{model.version}\t{now}\t{found.p[k].max():.4f}\n" for k in keep.tolist()),
    )  # fmt: skip
    homes, editions = _named(some, grouped.initiatives), _named(some, grouped.editions)
    of_edition = {e: h for e, h in zip(editions, homes, strict=True) if e is not None}
    festivals = {some[child].id: some[one].id for child, one in grouped.parents.items()}
    _copy(
        conn, "initiatives", ("id", "created_at", "changed_at", "values_at"),
        (f"PAAT-93-{h}\t{now}\t{now}\t{now}\n" for h in dict.fromkeys(homes)),
    )  # fmt: skip
    _copy(
        conn, "editions", ("id", "initiative", "part_of"),
        (f"ED-{e}\tPAAT-93-{h}\t{_cell(f'ED-{festivals[e]}' if e in festivals else None)}\n"
         for e, h in of_edition.items()),
    )  # fmt: skip
    _copy(
        conn, "placements", ("mention", "initiative", "edition", "placed_at"),
        (f"{one.id}\tPAAT-93-{h}\t{_cell(None if e is None else f'ED-{e}')}\t{now}\n"
         for one, h, e in zip(some, homes, editions, strict=True)),
    )  # fmt: skip


def _named(some: Sequence[Mention], groups: columns.Ints) -> list[int | None]:
    """Groups by the id of their first mention; None where there is no group."""
    return [None if g == columns.NONE else some[g].id for g in groups.tolist()]


def _arrive(database: db.Database, fresh: Sequence[Mention]) -> str:
    """The chain's own functions on the newcomers, measured."""
    house = House(
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        database=database, clock=system_clock, new_id=lambda p: f"{p}-{ulid(system_clock())}",
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
