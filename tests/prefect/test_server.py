"""A real Prefect server, real workers, a real database: the veille as production runs it.

One scenario, because a server costs fifteen seconds: the clock makes a run, the run is shared by
two workers, its events wake the processing, a worker killed with −9 loses nothing.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml

from domain.settings import Settings
from flows import up
from storage import counts, db
from tests.serving import free_port

pytestmark = pytest.mark.prefect

SOURCES = 6
ITEMS = 5  # a source
SLOW = "source-5"  # answers only once the test lets it
LONG = 600  # seconds after which waiting is a failure: a loaded machine is slow, not wrong


@dataclass
class Web:
    """Six feeds on loopback: none answers before the test opens, and one is held longer."""

    port: int = 0
    open: threading.Event = field(default_factory=threading.Event)
    held: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def feed(self, slug: str) -> bytes:
        entries = "".join(
            f"<item><guid>{slug}-{n}</guid><title>Fête du sport numéro {n} de {slug}</title>"
            f"<link>http://127.0.0.1:{self.port}/{slug}/{n}</link>"
            f"<description>Initiation ouverte à tous, à Gap.</description></item>"
            for n in range(ITEMS)
        )
        channel = f"<title>{slug}</title>{entries}"
        return f'<rss version="2.0"><channel>{channel}</channel></rss>'.encode()


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    site = Web()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            slug = self.path.strip("/")
            known = slug.startswith("source-")
            self.send_response(200 if known else 404)
            self.send_header("Content-Type", "application/rss+xml")
            self.end_headers()
            if not known:
                return
            with suppress(ConnectionError):  # the asker was killed: this test does it
                self.slowly(site.open)
                if slug == SLOW:
                    site.asked.set()
                    self.slowly(site.held)
                self.wfile.write(site.feed(slug))

        def slowly(self, gate: threading.Event) -> None:
            """A space now and then until the gate opens: a slow site, not a dead one."""
            until = time.monotonic() + LONG
            while not gate.wait(2) and time.monotonic() < until:
                self.wfile.write(b" ")

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    site.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield site
    site.open.set()
    site.held.set()
    server.shutdown()
    server.server_close()


@dataclass
class House:
    """A production in small: database, Prefect server, the project deployed every minute."""

    settings: Settings
    database: db.Database
    env: dict[str, str]
    folder: Path
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def api(self, path: str, body: Any = None) -> Any:
        """What the server answers; asked again while it is too busy to answer."""
        got: list[Any] = []
        wait_for(lambda: [got.append(self._asked(path, body))], f"an answer of {path}")
        return got[0]

    def _asked(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.env['PREFECT_API_URL']}/{path}",
            data=json.dumps({} if body is None else body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=LONG) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:  # or its connection stays open, and says so in another test
                raise OSError(f"{path}: {error.code} {error.read()[:300]!r}") from None

    def flow_runs(self, deployment: str) -> list[dict[str, Any]]:
        named = {"name": {"any_": [deployment]}}
        wanted = {"deployments": named, "sort": "EXPECTED_START_TIME_ASC", "limit": 50}
        return list(self.api("flow_runs/filter", wanted))

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        command = [*up.worker_command(limit=2), "--name", name]
        child = started(command, self.env, self.folder / f"{name}.log")
        self.children.append(child)
        return child

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    def started(self, deployment: str) -> list[dict[str, Any]]:
        """Its runs that are more than an entry in the schedule."""
        return [run for run in self.flow_runs(deployment) if run["state_type"] != "SCHEDULED"]

    def unplaced(self) -> int:
        """Announcements that no initiative holds yet."""
        found = self.counts()
        return found.items - found.initiatives - found.joined

    def counts(self) -> counts.Counts:
        with self.database.reading() as conn:
            return counts.of_everything(conn)


def started(command: list[str], env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """The command in a session of its own, so that it dies with what it started."""
    with log.open("wb") as out:
        return subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)


def wait_for(check: Callable[[], object], what: str) -> None:
    """Until it is seen; a server too busy to answer is asked again, and named if never seen."""
    deadline = time.monotonic() + LONG
    unanswered = "none"
    while time.monotonic() < deadline:
        try:
            if check():
                return
        except (OSError, HTTPException) as error:
            unanswered = repr(error)  # not the error: it would hold its frames and their sockets
        time.sleep(0.2)
    raise AssertionError(f"{what}: not seen after {LONG} s; last unanswered: {unanswered}")


@pytest.fixture(scope="module")
def house(web: Web) -> Iterator[House]:
    folder = Path(tempfile.mkdtemp(prefix="paat-up-"))  # short: a socket's path is limited
    (folder / "sources").mkdir()
    blocks = (
        f'[[source]]\nslug = "source-{n}"\ntitle = "Source {n}"\nkind = "feed"\n'
        f'url = "http://127.0.0.1:{web.port}/source-{n}"\n'
        for n in range(SOURCES)
    )
    (folder / "sources" / "essai.toml").write_text("\n".join(blocks), "utf-8")
    _every_minute(folder / "prefect.yaml")
    settings = Settings(
        home=folder / "home",
        sources=folder / "sources",
        prefect_port=free_port(),
        allow_loopback=True,
        per_host_seconds=0,
    )
    database = db.open_database(settings)
    db.upgrade(database)
    env = up.environment(settings, database) | {
        "PAAT_ALLOW_LOOPBACK": "true",
        "PAAT_PER_HOST_SECONDS": "0",
        "PAAT_TOTAL_SECONDS": str(LONG),
        "PAAT_SHARD_SOURCES": "2",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    }
    one = House(settings=settings, database=database, env=env, folder=folder)
    server = started(up.server_command(settings), env, folder / "server.log")
    try:
        service = up.Service(name="prefect-server", process=server)
        up.wait_until_ready(f"{env['PREFECT_API_URL']}/health", service, seconds=LONG)
        subprocess.run(
            [sys.executable, "-m", "flows.deploy"],
            env=env,
            cwd=folder,
            check=True,
            capture_output=True,
        )
        yield one
    finally:
        for child in [*one.children, server]:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        database.close()
        shutil.rmtree(folder)


def _every_minute(target: Path) -> None:
    """The project's own prefect.yaml, its veille every minute and without the other clocks."""
    file = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text("utf-8"))
    minute = {"cron": "* * * * *", "timezone": "Europe/Paris", "slug": "minute", "active": True}
    for entry in file["deployments"]:
        entry["schedules"] = [minute] if entry["name"] == "veille" else []
    target.write_text(yaml.safe_dump(file, allow_unicode=True), "utf-8")


def test_clock_workers_events_and_a_killed_worker(house: House, web: Web) -> None:
    first = house.worker("un")
    house.worker("deux")

    # The clock made the run, and two workers share it: no source answers yet, and three shards
    # are more than the two places of one worker.
    wait_for(
        lambda: all("submitted to infrastructure" in house.log(name) for name in ("un", "deux")),
        "both workers took runs",
    )
    veille = house.started("veille")[0]
    assert veille["auto_scheduled"]
    assert veille["created_by"]["type"] == "SCHEDULE"
    wait_for(lambda: len(house.flow_runs("collecte")) >= SOURCES // 2, "every shard was planned")

    # Every source answers but the one that is held.
    web.open.set()
    wait_for(lambda: web.asked.wait(0.1), "the held source asked")
    wait_for(lambda: house.counts().items >= ITEMS * (SOURCES - 2), "the other shards stored")

    # An event woke the processing.
    wait_for(
        lambda: any(
            run["created_by"]["type"] == "AUTOMATION" for run in house.flow_runs("traitement")
        ),
        "a processing run made by an event",
    )

    # A worker and its runs die while a source is being read: the next run finishes everything.
    os.killpg(first.pid, signal.SIGKILL)
    web.held.set()
    house.api(f"deployments/{veille['deployment_id']}/create_flow_run")  # sooner than the clock
    wait_for(lambda: house.counts().items == SOURCES * ITEMS, "the next run stored the rest")
    wait_for(lambda: house.unplaced() == 0, "everything was read and placed")
    found = house.counts()
    assert found.items == SOURCES * ITEMS
    assert found.quarantined == 0
