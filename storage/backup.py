"""Back up and restore the whole database with PostgreSQL's own tools."""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from domain.errors import ConfigError, StorageError
from storage import embedded, tables
from storage.db import Database

_OURS = {"alembic_version", *tables.metadata.tables}


def backup(database: Database, file: Path) -> None:
    """Write everything to `file` (pg_dump's custom format), whole or not at all.

    The database stays in use meanwhile: the file is one unchanging view of it.
    Raises ConfigError when pg_dump is not there, StorageError when it fails.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    except OSError as error:
        raise _unwritable(file, error) from error
    os.close(handle)
    draft = Path(name)  # 0600: a backup holds personal data
    try:
        _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={draft}")
        draft.replace(file)
    except OSError as error:
        raise _unwritable(file, error) from error
    finally:
        draft.unlink(missing_ok=True)


def restore(database: Database, file: Path, *, wait_seconds: float = 10) -> None:
    """Put back what `backup` wrote, in place of everything, in one transaction.

    Upgrade afterwards when the backup is older than this version. Raises StorageError when the file
    is not a backup, when the database holds tables that are not paat's, or is in use; then nothing
    has changed.
    """
    if not file.is_file():
        raise StorageError(
            "ce fichier n'existe pas ; donnez le chemin d'une sauvegarde", about=str(file)
        )
    with database.begin() as conn:
        foreign = set(inspect(conn).get_table_names()) - _OURS
        major = int(conn.execute(text("show server_version_num")).scalar_one()) // 10000
    if foreign:
        raise StorageError(
            f"contient des tables qui ne sont pas celles de paat ({', '.join(sorted(foreign)[:5])})"
            " ; "
            "restaurez dans une base à part",
            about=database.name,
        )
    with tempfile.TemporaryDirectory(prefix="paat-") as folder:
        plain, script = Path(folder) / "plain.sql", Path(folder) / "script.sql"
        _run(database, "pg_restore", "--no-owner", "--no-acl", f"--file={plain}", str(file))
        _write_script(plain, script, major, wait_seconds)
        whole = ("-X", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _run(database, "psql", *whole, "--output=/dev/null", f"--file={script}")
    database.engine.dispose()  # connections prepared statements on tables that are gone


def _write_script(plain: Path, script: Path, major: int, wait_seconds: float) -> None:
    """The statements of `plain` after those that empty the database, for a server of that age."""
    with script.open("w", encoding="utf-8") as out, plain.open(encoding="utf-8") as lines:
        out.write(f"set lock_timeout = {round(wait_seconds * 1000)};\n")
        out.write("drop schema public cascade;\ncreate schema public;\n")
        for line in lines:
            # Written by the tools of PostgreSQL 17 and later, unknown to the servers before.
            if not (major < 17 and line == "SET transaction_timeout = 0;\n"):
                out.write(line)


def _program(name: str) -> Path:
    """The newest of that program, of the wheel or on PATH: newer tools read older servers."""
    places = [Path(found) for found in [shutil.which(name)] if found]
    with suppress(ConfigError):
        places.append(embedded.wheel_binaries() / name)
    if not places:
        raise ConfigError(
            f"{name} est introuvable ; installez les programmes clients de PostgreSQL "
            "(apt install postgresql-client)",
            about=name,
        )
    return max(places, key=_major)


def _major(program: Path) -> int:
    said = subprocess.run(  # noqa: S603
        [program, "--version"], capture_output=True, text=True, check=False
    ).stdout
    found = re.search(r"\d+", said)
    return int(found[0]) if found else 0


def _run(database: Database, name: str, *arguments: str) -> None:
    url = make_url(database.url)
    address = url.set(password="").render_as_string(hide_password=False).replace(":@", "@")
    if name != "pg_restore":
        arguments = (f"--dbname={address}", *arguments)
    # The password goes by the environment: arguments are seen by everybody on the machine.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603
        [_program(name), *arguments],
        env={**os.environ, **secret, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        words = " ".join(done.stderr.split())[-600:]
        raise StorageError(f"{name} a échoué ({words}) ; rien n'a été changé", about=database.name)


def _unwritable(file: Path, error: OSError) -> StorageError:
    why = error.strerror or str(error)
    return StorageError(
        f"écriture impossible ({why}) ; choisissez un autre endroit ou libérez de la place",
        about=str(file),
    )
