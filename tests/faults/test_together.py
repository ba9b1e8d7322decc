"""Fault 98: two runs at once on the same source, each in a process of its own."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from collectors.web import transport
from domain.records import Visit
from flows import visiting
from storage import tables
from storage.db import Database
from tests.builders import a_source
from tests.disturbed import house
from tests.hostile import GOOD
from tests.web import Asked, Web

pytestmark = pytest.mark.faults

OTHER = """
import sys
from pathlib import Path
from storage import db
from tests.faults.test_together import collected
url, home, feed = sys.argv[1:]
with db.connect(url) as database:
    print(len(collected(database, Path(home), feed)))
"""


def collected(database: Database, home: Path, feed: str, *, planned: bool = False) -> list[Visit]:
    """What a run visits, as patient with its site as another run beside it may need."""
    transport.READ_SECONDS = 600.0
    inside = house(database, home, total_seconds=600.0)
    return visiting.collect(inside, [a_source(url=feed)], ["gap"], planned=planned)


async def another_run(database: Database, home: Path, web: Web) -> asyncio.subprocess.Process:
    arguments = [database.url, str(home), web.url("/flux")]
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", OTHER, *arguments, stdout=asyncio.subprocess.PIPE
    )


async def this_run(database: Database, home: Path, web: Web, *, planned: bool = False) -> int:
    feed = web.url("/flux")
    return len(await asyncio.to_thread(collected, database, home, feed, planned=planned))


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_SECONDS", transport.READ_SECONDS)


def stored(database: Database) -> tuple[int, ...]:
    """How many announcements and visits are known."""
    with database.begin() as conn:
        counted = [select(func.count()).select_from(one) for one in (tables.items, tables.visits)]
        return tuple(conn.execute(one).scalar_one() for one in counted)


def test_a_source_is_visited_by_one_run_and_by_another_once_that_one_is_killed(
    database: Database, tmp_path: Path
) -> None:
    async def run() -> tuple[int, int]:
        async with Web() as web:
            asked_for = asyncio.Event()

            async def feed(asked: Asked) -> bytes:
                if not asked_for.is_set():
                    asked_for.set()
                    await asyncio.Event().wait()
                return GOOD

            web.on("/flux", feed)
            other = await another_run(database, tmp_path, web)
            await asked_for.wait()
            assert await this_run(database, tmp_path, web) == 0
            assert len(web.asked("/flux")) == 1
            other.kill()
            await other.communicate()
            assert other.returncode == -signal.SIGKILL
            await _hung_up(database)
            visits = await this_run(database, tmp_path, web)
            return visits, len(web.asked("/flux"))

    assert asyncio.run(run()) == (1, 2)
    assert stored(database) == (2, 1)


async def _hung_up(database: Database) -> None:
    """Once the server has noticed that nobody holds the other end any more: in its own time."""
    held = "select count(*) from pg_locks where locktype = 'advisory'"
    async with asyncio.timeout(600):
        while True:
            with database.begin() as conn:
                if conn.exec_driver_sql(held).scalar_one() == 0:
                    return
            await asyncio.sleep(0.02)


def test_a_shard_planned_twice_is_visited_once(database: Database, tmp_path: Path) -> None:
    async def run() -> list[int]:
        async with Web() as web:
            web.raw("/flux", GOOD)
            plans = (True, True, False)  # seen; no longer due; asked for by its name
            return [await this_run(database, tmp_path, web, planned=p) for p in plans]

    assert asyncio.run(run()) == [1, 0, 1]
