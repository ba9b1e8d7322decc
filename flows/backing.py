"""A backup with the archive of raw answers beside the database: one file, whole or not at all.

A plain tar: `base.dump` (pg_dump's own format) first, then `archive/…` as it is on disk, already
compressed. Restored, the archive is replaced like the database: both are of the same moment.
"""

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from collectors.upkeep import archive as archives
from domain.errors import StorageError
from flows.house import House
from storage import backup as keeping

_BASE, _ARCHIVE = "base.dump", "archive"


def backup(house: House, file: Path, *, with_archive: bool = False) -> None:
    """Write the database, and the archive when asked. Raises ConfigError or StorageError."""
    if not with_archive:
        keeping.backup(house.database, file)
        return
    with _beside(file) as folder:
        # The database first: the archive then holds at least what the database knows of.
        keeping.backup(house.database, folder / _BASE)
        draft = folder / "draft.tar"
        with _writing(file), tarfile.open(draft, "w") as out:
            out.add(folder / _BASE, _BASE)
            root = archives.of_settings(house.settings).folder
            for one in sorted(root.rglob("*")):
                with suppress(FileNotFoundError):  # forgotten meanwhile
                    if one.is_file() and one.suffix != ".tmp":
                        out.add(one, f"{_ARCHIVE}/{one.relative_to(root)}")
        draft.chmod(0o600)  # it holds personal data, as the database does
        with _writing(file):
            draft.replace(file)


def restore(house: House, file: Path) -> bool:
    """Put back what `backup` wrote, in place of everything; whether it held an archive.

    A file without an archive leaves this machine's as it is. Raises StorageError.
    """
    if not tarfile.is_tarfile(file):
        keeping.restore(house.database, file)
        return False
    root = archives.of_settings(house.settings).folder
    root.parent.mkdir(parents=True, exist_ok=True)
    with _beside(root) as folder:
        try:
            with tarfile.open(file) as kept:
                _extract(kept, folder)
        except (tarfile.TarError, OSError) as error:
            raise StorageError(
                f"sauvegarde illisible ({error}) ; rien n'a été changé", about=str(file)
            ) from error
        if not (folder / _BASE).is_file():
            raise StorageError(
                f"{_BASE} est introuvable dans cette archive tar ; donnez un fichier de "
                "« paat db backup »",
                about=str(file),
            )
        keeping.restore(house.database, folder / _BASE)
        (folder / _ARCHIVE).mkdir(exist_ok=True)
        if root.exists():
            root.replace(folder / "former")
        (folder / _ARCHIVE).replace(root)
    return True


def _extract(kept: tarfile.TarFile, folder: Path) -> None:
    """The plain files of a tar, never outside the folder. Raises TarError for anything else.

    By hand: `extractall(filter="data")` is not in the Python 3.11.2 of Debian 12.
    """
    for one in kept:
        place = (folder / one.name).resolve()
        content = kept.extractfile(one) if one.isfile() else None
        if content is None or not place.is_relative_to(folder.resolve()):
            raise tarfile.TarError(f"{one.name!r} n'est pas un simple fichier de ce dossier")
        place.parent.mkdir(parents=True, exist_ok=True)
        with content, place.open("xb") as out:
            shutil.copyfileobj(content, out)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A folder on the same disk as that path: moving there is a renaming."""
    with _writing(path):
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """A disk that cannot be written is a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"écriture impossible ({error.strerror or os.strerror(error.errno or 0)}) ; "
            "choisissez un autre endroit ou libérez de la place",
            about=str(file),
        ) from error
