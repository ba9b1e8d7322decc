"""The table of one export: columns, rows, and what the reader must know of them.

This is what every format of census/formats takes: `write(table, out)`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import import_module, resources
from types import ModuleType

from census.columns import Column, chosen
from census.filters import EVERYTHING, Filter
from census.rows import Entry, entries
from domain.campaigns import Campaign, Subsidies
from domain.errors import ConfigError
from domain.privacy import mask
from domain.records import Dossier, Json
from domain.territory import Commune

CensusRow = Mapping[str, Json]

LICENCE = "Licence Ouverte / Open Licence 2.0 (Etalab)"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A source, as the plan tells it: what was watched, what failed, what it gave."""

    slug: str
    title: str
    health: str  # French
    department: str | None = None
    last_ok_on: date | None = None
    why: str = ""
    expected: int | None = None  # announcements a visit should give at least
    collected: float | None = None  # what it usually gives (median of its visits)
    subsidies: Subsidies | None = None  # what it says of the subsidies it announces


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows come once, in order, as they are read: nothing is held in memory."""

    campaign: Campaign
    made_on: date
    columns: tuple[Column, ...]
    entries: Iterable[Entry]
    keep: Filter = EVERYTHING
    told: tuple[str, ...] = ()  # how its entries were chosen before, in French
    private: bool = False
    address: str = ""  # of the public site, without final slash
    watched: tuple[Watched, ...] = ()
    communes: tuple[Commune, ...] = ()  # of the territory, those without initiative too

    def __iter__(self) -> Iterator[CensusRow]:
        for _, row in self.pairs():
            yield row

    def pairs(self) -> Iterator[tuple[Entry, CensusRow]]:
        """Each entry with its row. Only the row may be shown: it alone is free of personal data."""
        for entry in self.entries:
            row = row_of(entry, self.columns, private=self.private)
            if self.keep(row):
                yield entry, row

    @property
    def notes(self) -> tuple[str, ...]:
        """What restricts this table, in French."""
        private = ("export privé : contient des données personnelles",) if self.private else ()
        return (*self.told, *self.keep.french(), *private)

    @property
    def title(self) -> str:
        return f"Recensement {self.campaign.code}"


def row_of(entry: Entry, columns: Iterable[Column], *, private: bool = False) -> CensusRow:
    """The row of an entry. In a public one no text carries an e-mail address nor a phone number,
    whatever the column: what a person wrote in a title or a venue is masked too. A code that has
    not the shape its column promises is left empty: what is exported is valid."""
    row: dict[str, Json] = {}
    for column in columns:
        value = column.value(entry)
        if column.coded:
            row[column.name] = value if _shaped(column, value) else None
        else:
            row[column.name] = value if private else _public(value)
    return row


def _shaped(column: Column, value: Json) -> bool:
    pattern = column.constraints.get("pattern")
    return pattern is None or value is None or re.search(pattern, str(value)) is not None


def _public(value: Json) -> Json:
    if isinstance(value, str):
        # A telephone number has ten digits, an address an at sign: most texts have neither.
        return mask(value) if "@" in value or sum(map(str.isdigit, value)) >= 9 else value
    if isinstance(value, list):
        return [_public(one) for one in value]
    return value


def table(
    dossiers: Iterable[Dossier],
    campaign: Campaign,
    *,
    today: date,
    commune: Callable[[str], Commune | None],
    private: bool = False,
    keep: Filter = EVERYTHING,
    told: tuple[str, ...] = (),
    address: str = "",
    watched: tuple[Watched, ...] = (),
    communes: tuple[Commune, ...] = (),
) -> Table:
    """The census of a campaign at a date. Personal columns only when `private` is asked for."""
    return Table(
        campaign=campaign,
        made_on=today,
        columns=chosen(private=private),
        entries=entries(dossiers, campaign, today=today, commune=commune),
        keep=keep,
        told=told,
        private=private,
        address=address.rstrip("/"),
        watched=watched,
        communes=communes,
    )


def formats() -> dict[str, ModuleType]:
    """Every format, by name: the files of census/formats."""
    return {name: _module(name) for name in format_names()}


def format_names() -> tuple[str, ...]:
    """The names of the formats, none of them imported."""
    folder = resources.files("census") / "formats"
    files = (file.name for file in folder.iterdir() if file.name.endswith(".py"))
    kept = sorted(name.removesuffix(".py") for name in files if not name.startswith("_"))
    return tuple(name.replace("_", "-") for name in kept)


def format_named(name: str, *, suffix: str = "") -> ModuleType:
    """The module of a format; `plan` written to a `.pdf` is the format `plan-pdf`.

    Raises ConfigError listing the known ones.
    """
    known = format_names()
    variant = f"{name}-{suffix.lower().lstrip('.')}"
    if suffix and variant in known:
        return _module(variant)
    if name not in known:
        raise ConfigError(
            f"format {name!r} là où l'un de ceux-ci est attendu : {', '.join(known)}",
            about=name,
        )
    return _module(name)


def _module(name: str) -> ModuleType:
    return import_module(f"census.formats.{name.replace('-', '_')}")
