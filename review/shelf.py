"""The public rows of each campaign, kept while nothing changes: the whole on disk, in memory only
what lists, maps and filters look at (about half a kilobyte a row, whatever its description).

A row that changes is made again alone: a decision does not read a hundred thousand dossiers.
"""

import json
import os
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version
from sys import intern
from typing import IO, Any

from census import table as census
from census.filters import Filter, searched
from census.table import CensusRow, Table
from domain import territory
from domain.campaigns import THEMES, Campaign, campaign
from domain.records import Json
from domain.text import fingerprint, fold
from domain.times import paris_day
from review.house import House
from storage import campaigns, dossiers
from storage.db import Connection

OVERLAP = timedelta(minutes=15)  # a transaction longer than that would be seen the next day only
SLIM = (
    *("animation_id", "intitule", "type_animation", "statut", "etat_relecture", "porteur_nom"),
    *("date_debut", "date_fin", "editions", "code_commune", "nom_commune", "code_departement"),
    *("epci_siren", "latitude", "longitude", "position", "publics", "labels_nationaux"),
    *("montant_accorde", "lieu_nom"),
    *(f"theme_{slug.replace('-', '_')}" for slug in THEMES),
)
_AT = {name: n for n, name in enumerate(SLIM)}


class Row(Mapping[str, Json]):
    """A row whose usual columns are in memory and the others on disk, read when asked."""

    __slots__ = ("_length", "_offset", "_seen", "_spool", "_text")

    def __init__(self, spool: "Spool", row: CensusRow) -> None:
        self._seen = tuple(_shared(row[name]) for name in SLIM)
        self._spool = spool
        self._offset, self._length = spool.add(_json(row))
        _, self._text = spool.add(fold(searched(row)).encode())

    def __getitem__(self, name: str) -> Json:
        at = _AT.get(name)
        return self.whole()[name] if at is None else self._seen[at]

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole())

    def __len__(self) -> int:
        return len(self.whole())

    def whole(self) -> CensusRow:
        """Every column, in their order."""
        found: CensusRow = json.loads(self._spool.read(self._offset, self._length))
        return found

    def says(self, words: list[str]) -> bool:
        """Whether its searched columns have all these folded words."""
        text = self._spool.read(self._offset + self._length, self._text)
        return all(word.encode() in text for word in words)


@dataclass(slots=True, weakref_slot=True)
class Spool:
    """Bytes one after the other, in a file that goes with the last snapshot using it."""

    file: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    size: int = 0

    def __post_init__(self) -> None:
        weakref.finalize(self, self.file.close)

    def add(self, data: bytes) -> tuple[int, int]:
        """Where it is: offset and length. One writer at a time (the shelf's lock)."""
        at = self.size
        os.pwrite(self.file.fileno(), data, at)
        self.size += len(data)
        return at, len(data)

    def read(self, offset: int, length: int) -> bytes:
        return os.pread(self.file.fileno(), length, offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The public rows of a campaign at a moment. `mark` names that state."""

    campaign: Campaign
    made_on: date
    mark: str
    rows: tuple[Row, ...]  # by first day
    by_id: Mapping[str, Row]
    basis: str  # what makes every row change
    seen_at: datetime
    spool: Spool

    def kept(self, wanted: Filter) -> list[Row]:
        """The rows wanted, in order."""
        words = fold(wanted.q).split()
        rest = replace(wanted, q="")
        rows = [row for row in self.rows if rest(row)]
        return [row for row in rows if row.says(words)] if words else rows


@dataclass(slots=True)
class Shelf:
    """The last snapshot of each campaign. One thread makes one; the others wait for it."""

    _kept: dict[str, Snapshot] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, house: House, code: str) -> Snapshot:
        """The rows as they are now: only those that changed are made again."""
        with self._lock, house.database.reading() as conn:
            today = day_of(conn, house, code)
            basis = _basis(house, today)
            mark = fingerprint(f"{basis} {dossiers.state(conn, code)}")[:16]
            found = self._kept.get(code)
            if found is None or found.basis != basis:
                found = _whole(conn, house, code, mark=mark, basis=basis)
            elif found.mark != mark:
                found = _again(conn, house, found, mark)
            self._kept[code] = found
        return found


def day_of(conn: Connection, house: House, code: str) -> date:
    """The day its census is made at: today, or the day an archived campaign was closed."""
    closed = campaigns.archived(conn).get(code)
    return paris_day(closed or house.clock())


def publishable(house: House, wanted: Filter) -> Filter:
    """The filter, restricted to what a reviewer approved unless the house shows proposals."""
    return wanted if house.settings.public_proposed else replace(wanted, relecture=REVIEWED)


REVIEWED = "recensée"


def _basis(house: House, today: date) -> str:
    return repr((today.isoformat(), house.settings.public_proposed, version("paat")))


def _whole(conn: Connection, house: House, code: str, *, mark: str, basis: str) -> Snapshot:
    spool = Spool()
    seen_at = house.clock()
    made = (Row(spool, row) for row in _table(conn, house, code, None))
    return _snapshot(
        Snapshot(
            campaign=campaign(code),
            made_on=day_of(conn, house, code),
            mark=mark,
            rows=(),
            by_id={},
            basis=basis,
            seen_at=seen_at,
            spool=spool,
        ),
        {str(row["animation_id"]): row for row in made},
    )


def _again(conn: Connection, house: House, found: Snapshot, mark: str) -> Snapshot:
    """The snapshot with what was touched since made again; all of it when that is most of it."""
    code = found.campaign.code
    touched = dossiers.touched(conn, code, found.seen_at - OVERLAP)
    if len(touched) > max(500, len(found.rows) // 2):
        return _whole(conn, house, code, mark=mark, basis=found.basis)
    seen_at = house.clock()
    rows = {name: row for name, row in found.by_id.items() if name not in touched}
    for row in _table(conn, house, code, touched):
        rows[str(row["animation_id"])] = Row(found.spool, row)
    return _snapshot(replace(found, mark=mark, seen_at=seen_at), rows)


def _snapshot(base: Snapshot, rows: dict[str, Row]) -> Snapshot:
    return replace(base, rows=tuple(sorted(rows.values(), key=_by_day)), by_id=rows)


def _table(conn: Connection, house: House, code: str, ids: set[str] | None) -> Table:
    return census.table(
        dossiers.dossiers(conn, code, ids=ids),
        campaign(code),
        today=day_of(conn, house, code),
        commune=territory.commune,
        keep=publishable(house, Filter()),
    )


def _by_day(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["date_debut"] or "9999"), str(row["animation_id"])


def _json(row: CensusRow) -> bytes:
    return json.dumps(dict(row), ensure_ascii=False, separators=(",", ":")).encode()


def _shared(value: Json) -> Json:
    """The same object for the same short text: codes, days and names come by thousands."""
    if isinstance(value, str) and len(value) < 40:
        return intern(value)
    return tuple(map(_shared, value)) if isinstance(value, list) else value
