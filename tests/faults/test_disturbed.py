"""Faults 97, 99 and 100: a pass that is killed, loses its database or its disk, or whose clock
moves. After the next pass nothing is lost and nothing doubled: the database knows exactly what it
knows after a pass nobody disturbed (tests/disturbed.photograph)."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError

from demo import web
from demo.sources import sources as demo_sources
from domain.errors import StorageError
from storage import db, embedded
from storage.db import Database
from tests.builders import NOW
from tests.disturbed import (
    a_pass,
    at_statement,
    differences,
    house,
    moments,
    photograph,
)

pytestmark = [
    pytest.mark.faults,
    # What streamed rows cannot tell a server that hung up.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

FEW = ("mairie-apt", "agenda-gap")
ALL = tuple(one.slug for one in demo_sources("http://127.0.0.1/"))


@dataclass(frozen=True, slots=True)
class Ground:
    """A web, a template of an empty database, and what an undisturbed pass leaves."""

    admin: str
    web: str
    home: Path
    slugs: tuple[str, ...]
    statements: int
    photograph: Mapping[str, object]

    @contextmanager
    def database(self) -> Iterator[Database]:
        name = "disturbed"
        with psycopg.connect(self.admin, autocommit=True) as conn:
            conn.execute(f"drop database if exists {name} with (force)")
            conn.execute(f"create database {name} template disturbed_template")
        with db.connect(_named(self.admin, name)) as database:
            yield database

    def lost_or_doubled(self, database: Database) -> list[str]:
        """After one more pass, in peace."""
        a_pass(house(database, self.home), self.web, self.slugs)
        return differences(self.photograph, photograph(database))  # type: ignore[arg-type]


def _named(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return (
        f"{head.rpartition('/')[0]}/{name}?{query}"
        if query
        else f"{head.rpartition('/')[0]}/{name}"
    )


@contextmanager
def prepared(url: str, home: Path, slugs: tuple[str, ...]) -> Iterator[Ground]:
    admin = _named(url, "postgres")
    with db.connect(admin) as there:
        template = db.ensure_database(there, "disturbed_template")
    with db.connect(template) as database:
        db.upgrade(database)
    with web.background() as site:
        ground = Ground(admin, site.url, home, slugs, 0, {})
        with ground.database() as database:
            seen = at_statement(database, 0, lambda: None)
            a_pass(house(database, home / "quiet"), site.url, slugs)
            statements, known = seen[0], photograph(database)
        yield Ground(admin, site.url, home, slugs, statements, known)


@pytest.fixture(scope="module")
def few(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with prepared(server_url, tmp_path_factory.mktemp("few"), FEW) as ground:
        yield ground


def killed(ground: Ground, database: Database, number: int, **limits: int) -> int:
    """The exit code of a pass that kills itself at its `number`-th statement."""

    def limit() -> None:
        if "bytes" in limits:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits["bytes"], limits["bytes"]))

    arguments = [database.url, str(ground.home), ground.web, ",".join(ground.slugs), str(number)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.disturbed", *arguments],
        check=False,
        capture_output=True,
        preexec_fn=limit if limits else None,
        timeout=1800,
    )
    return done.returncode


def test_a_killed_pass_is_finished_by_the_next_one(few: Ground) -> None:
    with few.database() as database:
        assert few.photograph["items"]
        assert killed(few, database, few.statements // 2) == -signal.SIGKILL
        assert few.lost_or_doubled(database) == []


def test_a_database_that_hangs_up_in_the_middle_loses_nothing(few: Ground) -> None:
    def hang_up() -> None:
        with psycopg.connect(few.admin, autocommit=True) as conn:
            conn.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'disturbed'"
            )

    with few.database() as database:
        at_statement(database, int(0.7 * few.statements), hang_up)
        with pytest.raises((DBAPIError, StorageError)):
            a_pass(house(database, few.home), few.web, few.slugs)
        assert few.lost_or_doubled(database) == []


def test_a_clock_that_moves_loses_and_doubles_nothing(few: Ground) -> None:
    day = timedelta(days=1)
    with few.database() as database:
        for clock in (moments(NOW, NOW - day), moments(NOW + day, NOW)):
            a_pass(house(database, few.home, clock), few.web, few.slugs)
        assert few.lost_or_doubled(database) == []


# --- long proofs: `pytest -m slow tests/faults/test_disturbed.py` ---------------------------------


@pytest.fixture(scope="module")
def everything(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with prepared(server_url, tmp_path_factory.mktemp("everything"), ALL) as ground:
        yield ground


@pytest.mark.slow
def test_fifty_kills_at_random_points(everything: Ground) -> None:
    draw = random.Random(3)  # noqa: S311
    points = sorted(draw.sample(range(1, everything.statements + 1), 50))
    wrong = {}
    for number in points:
        with everything.database() as database:
            assert killed(everything, database, number) == -signal.SIGKILL
            told = everything.lost_or_doubled(database)
            if told:
                wrong[number] = told[:3]
    assert wrong == {}


@pytest.mark.slow
def test_ten_kills_of_one_pass_one_after_the_other(everything: Ground) -> None:
    draw = random.Random(4)  # noqa: S311
    with everything.database() as database:
        for _ in range(10):
            killed(everything, database, draw.randrange(1, everything.statements))
        assert everything.lost_or_doubled(database) == []


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.3, 0.5, 0.7, 0.9])
def test_postgresql_stopped_at_once_and_restarted(tmp_path: Path, share: float) -> None:
    with embedded.start(tmp_path) as server, prepared(server.url, tmp_path, ALL) as ground:

        def restart() -> None:
            _control(server, "stop", "-m", "immediate")
            with embedded.start(tmp_path):
                pass

        with ground.database() as database:
            at_statement(database, int(share * ground.statements), restart)
            with suppress(DBAPIError, StorageError):
                a_pass(house(database, ground.home), ground.web, ground.slugs)
        with db.connect(_named(ground.admin, "disturbed")) as database:
            assert ground.lost_or_doubled(database) == []


def _control(server: embedded.Server, *arguments: str) -> None:
    embedded._pg_ctl(server.bin, server.folder, *arguments)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small tmpfs: root alone may")
@pytest.mark.parametrize("share", [0.1, 0.4, 0.8])
def test_a_full_disk_of_the_database(tmp_path: Path, share: float) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400m,mode=755", "none", disk], check=True)
    try:
        with embedded.start(disk) as server, prepared(server.url, tmp_path, ALL) as ground:
            filler = disk / "filler"
            with ground.database() as database:
                at_statement(database, int(share * ground.statements), lambda: _fill(filler))
                with suppress(DBAPIError, StorageError):
                    a_pass(house(database, ground.home), ground.web, ground.slugs)
            assert filler.exists()
            filler.unlink()
            with embedded.start(disk), db.connect(_named(ground.admin, "disturbed")) as database:
                assert ground.lost_or_doubled(database) == []
    finally:
        subprocess.run(["umount", "-l", disk], check=True)
        shutil.rmtree(disk, ignore_errors=True)


def _fill(path: Path) -> None:
    """Every byte that is left."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\0" * (1 << 16))


@pytest.mark.slow
def test_a_full_disk_of_our_own_files(everything: Ground) -> None:
    with everything.database() as database:
        killed(everything, database, 0, bytes=4096)
        assert everything.lost_or_doubled(database) == []
