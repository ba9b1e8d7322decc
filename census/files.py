"""Files that are whole or not there, and archives whose bytes depend on their content alone."""

import errno
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from domain.errors import ConfigError

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first instant a zip can tell


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only once it is whole: an interrupted export leaves
    the previous one untouched. Raises ConfigError when the place cannot be written."""
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error, "un dossier où écrire") from None
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        Path(partial).chmod(0o644)
        try:
            Path(partial).replace(path)
        except OSError as error:
            raise _unwritable(path, error, "un fichier remplaçable") from None
    except BaseException as error:
        Path(partial).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise _unwritable(path, error, "de la place") from None
        raise


_WHY = {
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.ENOENT: "aucun dossier de ce nom",
    errno.ENOTDIR: "un fichier dans le chemin",
    errno.EISDIR: "un dossier",
    errno.EROFS: "un disque en lecture seule",
    errno.ENOSPC: "un disque plein",
}


def _unwritable(path: Path, error: OSError, wanted: str) -> ConfigError:
    why = _WHY.get(error.errno or 0, error.strerror)
    return ConfigError(
        f"{why} là où {wanted} est attendu ; fermez le fichier ou choisissez un autre -o",
        about=str(path),
    )


def member(name: str, *, stored: bool = False) -> zipfile.ZipInfo:
    """An entry of an archive, without the time it was written: same content, same bytes."""
    info = zipfile.ZipInfo(name, date_time=_EPOCH)
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    info.create_system = 3
    return info


def rezipped(source: IO[bytes], out: IO[bytes]) -> None:
    """Copy an archive (DOCX…) with every time removed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            with new.open(member(info.filename), "w", force_zip64=False) as target:
                target.write(old.read(info))
