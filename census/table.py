"""The table of one export: columns, rows, and what the reader must know of them.

This is what every format of census/formats takes: `write(table, out)`.
"""

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType
from typing import IO

from census.columns import Column, chosen
from census.rows import Entry, entries
from domain.campaigns import Campaign
from domain.errors import ConfigError
from domain.records import Dossier, Json
from domain.territory import Commune

CensusRow = Mapping[str, Json]

LICENCE = "Licence Ouverte / Open Licence 2.0 (Etalab)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows come once, in order, as they are read: nothing is held in memory."""

    campaign: Campaign
    made_on: date
    columns: tuple[Column, ...]
    entries: Iterable[Entry]
    notes: tuple[str, ...] = ()  # filters applied, in French

    def __iter__(self) -> Iterator[CensusRow]:
        for entry in self.entries:
            yield {column.name: column.value(entry) for column in self.columns}


def table(
    dossiers: Iterable[Dossier],
    campaign: Campaign,
    *,
    today: date,
    commune: Callable[[str], Commune | None],
    private: bool = False,
    notes: tuple[str, ...] = (),
) -> Table:
    """The census of a campaign at a date. Personal columns only when `private` is asked for."""
    found = entries(dossiers, campaign, today=today, commune=commune)
    return Table(
        campaign=campaign,
        made_on=today,
        columns=chosen(private=private),
        entries=found,
        notes=(*notes, *(("export privé : contient des données personnelles",) if private else ())),
    )


def formats() -> dict[str, ModuleType]:
    """Every format, by name: the files of census/formats."""
    folder = resources.files("census") / "formats"
    names = (file.name.removesuffix(".py") for file in folder.iterdir())
    kept = sorted(name for name in names if not name.startswith("_") and "." not in name)
    return {name.replace("_", "-"): import_module(f"census.formats.{name}") for name in kept}


def format_named(name: str) -> ModuleType:
    """The module of a format. Raises ConfigError listing the known ones."""
    known = formats()
    if name not in known:
        raise ConfigError(
            f"format {name!r} where one of {', '.join(known)} was expected; use one of them",
            about=name,
        )
    return known[name]


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only once it is whole: an interrupted export leaves
    the previous one untouched. Raises ConfigError when the place cannot be written."""
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise ConfigError(
            f"{error.strerror} where a writable folder was expected; choose another -o",
            about=str(path),
        ) from error
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
        Path(partial).chmod(0o644)
        Path(partial).replace(path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise
