"""`paat up`: everything a small team needs, on one machine, in one command.

Database, Prefect server (its own database in the same PostgreSQL), the deployments of
prefect.yaml with their schedules and triggers, one worker, and the review application.
More machines run `paat worker`.
"""

import logging
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from domain.errors import Unreachable
from domain.settings import Settings
from storage import db

log = logging.getLogger(__name__)

PREFECT_ENV: Mapping[str, str] = {
    # Nobody is told that we exist (reference/prefect.md §1).
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # Never the throw-away server: 14 s, and it evaluates no trigger.
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
    # Batching the recorder divides the server's CPU per task by three.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TRIGGERS_READ_BATCH_SIZE": "50",
    # Runs are kept a month; what they did is in our own database for ever.
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": "2592000",
    "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # A machine busy with something else is slow, not broken: the defaults are 10, 5 and 60 s.
    "PREFECT_SERVER_DATABASE_TIMEOUT": "120",
    "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
    "PREFECT_API_REQUEST_TIMEOUT": "300",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "flows,collectors,matching,classifiers,storage,census",
}

START_SECONDS = 600.0  # of a busy machine; a server that dies is told at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A child process that must live as long as the command."""

    name: str
    process: subprocess.Popen[bytes]


def environment(settings: Settings, database: db.Database) -> dict[str, str]:
    """What the server, the workers and the runs need to find each other and the data."""
    port = settings.prefect_port
    return {
        **os.environ,
        **PREFECT_ENV,
        "PREFECT_HOME": str((settings.home / "prefect").resolve()),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        **_prefect_database(database),
        "PAAT_DATABASE_URL": database.url,
        "PAAT_HOME": str(settings.home.resolve()),
        "PAAT_SOURCES": str(settings.sources.resolve()),
    }


def _prefect_database(database: db.Database) -> dict[str, str]:
    """Prefect's own database beside ours in production; SQLite in PREFECT_HOME with the private
    server, which has not the extension Prefect asks for (docs/decisions/0003)."""
    if database.server is not None:
        return {}
    url = db.ensure_database(database, "prefect")
    return {
        "PREFECT_API_DATABASE_CONNECTION_URL": url.replace(
            "postgresql://", "postgresql+asyncpg://", 1
        )
    }


@contextmanager
def running(settings: Settings, database: db.Database) -> Iterator[list[Service]]:
    """Prefect server, deployments, worker, review application; stopped last first, on leaving."""
    env = environment(settings, database)
    services: list[Service] = []
    try:
        services.append(start("prefect-server", server_command(settings), env))
        wait_until_ready(f"{env['PREFECT_API_URL']}/health", services[0])
        _python("-m", "flows.deploy", env=env)
        services.append(start("worker", worker_command(), env))
        services.append(start("review", review_command(settings), env))
        yield services
    finally:
        for service in reversed(services):
            stop(service)


def watch(services: list[Service]) -> str | None:
    """Wait until Ctrl-C or SIGTERM (None), or until a service dies (its name)."""

    def _leave(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, _leave)
    try:
        while True:
            for service in services:
                if service.process.poll() is not None:
                    return service.name
            time.sleep(0.5)
    except KeyboardInterrupt:
        return None


def worker_command(limit: int = 2) -> list[str]:
    """One process worker of the pool; without a limit the first poller takes every run."""
    prefect = [sys.executable, "-m", "prefect", "worker", "start"]
    return [*prefect, "--pool", "paat", "--type", "process", "--limit", str(limit)]


def wait_until_ready(url: str, service: Service, *, seconds: float = START_SECONDS) -> None:
    """Return once `url` answers 200. Raises Unreachable if the service dies or takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if service.process.poll() is not None:
            code = service.process.returncode
            raise Unreachable(
                f"exited with {code} while starting; read its log", about=service.name
            )
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 — loopback
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            error.close()  # it answers, but is not ready; its connection would stay open
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            pass  # nobody listens yet: asked again
        time.sleep(0.3)
    raise Unreachable(
        f"no answer at {url} after {seconds:.0f} s; is its port free?", about=service.name
    )


def stop(service: Service, *, seconds: float = 20.0) -> None:
    """SIGTERM, then SIGKILL for what does not leave in time."""
    if service.process.poll() is not None:
        return
    service.process.terminate()
    try:
        service.process.wait(seconds)
    except subprocess.TimeoutExpired:
        log.warning("%s does not stop: killed", service.name)
        service.process.kill()
        service.process.wait()


def server_command(settings: Settings) -> list[str]:
    prefect = [sys.executable, "-m", "prefect", "server", "start"]
    return [*prefect, "--host", "127.0.0.1", "--port", str(settings.prefect_port)]


def review_command(settings: Settings) -> list[str]:
    return [sys.executable, "-m", "flows.cli", "serve", "--port", str(settings.port)]


def start(name: str, command: list[str], env: Mapping[str, str]) -> Service:
    # Own session: a Ctrl-C reaches us first, and we stop the children in order.
    process = subprocess.Popen(  # noqa: S603 — fixed commands, no shell
        command,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
    )
    return Service(name=name, process=process)


def _python(*arguments: str, env: Mapping[str, str]) -> None:
    subprocess.run(  # noqa: S603 — fixed command, no shell
        [sys.executable, *arguments], env=dict(env), check=True, stdout=sys.stderr
    )
