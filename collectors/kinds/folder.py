"""Un dossier de cette machine où l'on dépose des fichiers : tableaux, fiches action, courriels…

L'adresse est file:chemin/du/dossier. Chaque fichier est lu selon ce qu'il est ; celui qui ne se lit
pas est mis de côté avec sa raison, les autres sont lus. Remplacer un fichier le met à jour.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

from collectors.http import Http
from collectors.imports import read_import
from collectors.items import Found
from collectors.kinds import calendar, feed, mailbox
from domain.errors import ConfigError, Unreachable, Unreadable
from domain.records import Quarantined, Source

TITLE = "dossier de fichiers"
OPTIONS: dict[str, str] = {
    "mapping": "Correspondance des colonnes, pour tous les tableaux du dossier",
}
VERSION = 1
PERSONAL = True
MAX_FILES = 5_000
MAX_BYTES = 200_000_000  # per file
_READERS: dict[str, Callable[[bytes, Source], list[Found]]] = {
    ".ics": lambda body, source: list(calendar.parse(body, source)),
    ".xml": lambda body, source: list(feed.parse(body, source)),
    ".rss": lambda body, source: list(feed.parse(body, source)),
    ".atom": lambda body, source: list(feed.parse(body, source)),
    ".eml": lambda body, source: list(mailbox.parse(body, source)),
    ".mbox": lambda body, source: list(mailbox.parse(body, source)),
}


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """What every file of the folder says, in the order of their names."""
    folder = Path(source.url.removeprefix("file://").removeprefix("file:"))
    for path in await asyncio.to_thread(files, folder):
        http.tally.fetched += 1
        for one in await http.parse(read, path, folder, source):
            yield one


def files(folder: Path) -> list[Path]:
    """The files of a folder and its sub-folders, without hidden ones nor links leading outside.

    Raises Unreachable when there is no such folder."""
    if not folder.is_dir():
        raise Unreachable(f"{folder} n'est pas un dossier lisible ; créez-le", about=str(folder))
    found = []
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            found.append(path)
    if len(found) > MAX_FILES:
        raise Unreadable(
            f"{len(found)} fichiers là où {MAX_FILES} au plus sont attendus ; rangez-les",
            about=str(folder),
        )
    return found


def read(path: Path, folder: Path, source: Source) -> list[Found]:
    """The items of one file, their keys after its name; a Quarantined when it cannot be read."""
    name = path.relative_to(folder).as_posix()
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Unreadable(f"plus de {MAX_BYTES} octets ; découpez-le", about=name)
        return [replace(one, key=f"{name}#{one.key}") for one in _read(path, name, source)]
    except (Unreadable, ConfigError) as error:
        why = error.message
    except OSError as error:
        why = f"{error.strerror or error} ; vérifiez ses droits"
    return [Quarantined(source=source.slug, key=name, why=why)]


def _read(path: Path, name: str, source: Source) -> list[Found]:
    body = path.read_bytes()
    reader = _READERS.get(path.suffix.lower())
    if reader is not None:
        return reader(body, source)
    mapping = source.options.get("mapping") or {}
    found = read_import(body, name=name, mapping=mapping).items
    return [replace(item, source=source.slug) for item in found]
