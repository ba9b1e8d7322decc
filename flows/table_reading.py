"""The columns of a table as they are compared: dates as days, codes with their zeros, several
texts as one. The table itself is written back as it was.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from collectors.extract.when import read_when
from collectors.tables import values as cells
from domain.records import Json
from domain.statuses import Precision
from domain.territory import exchanged
from domain.times import PARIS
from flows.bodies import body_key
from flows.tables import FILE, Opened
from matching.engines import engine_of, undescribed
from matching.rows import Rows

_COARSE = frozenset((Precision.MONTH, Precision.SEASON, Precision.YEAR))
_LONGEST_DATE = 300  # characters: more is a text, not a date
_SEPARATED = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b")
_DAYS = 0.9  # share of the values of a column that must be days, for it to be one of days


@dataclass(slots=True)
class Reading:
    """A table read: columns added to it, which column each field has now, what was odd."""

    rows: Rows
    mapping: dict[str, str]
    added: dict[str, Sequence[Any]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def put(self, name: str, values: Sequence[Any]) -> None:
        """This field is that column from now on."""
        self.added[f"({name})"] = values
        self.mapping[name] = f"({name})"


def read(
    rows: Rows, opened: Opened, *, across: str | None = None
) -> tuple[Rows, Mapping[str, str], list[str]]:
    """The table with the columns that had to be read, field → column, and what could not be read
    (French). A table nobody described keeps only the columns to compare, and `across`."""
    columns: dict[str, list[str]] = {}
    for column, name in opened.fields.items():
        columns.setdefault(name, []).append(column)
    found = Reading(rows, {name: several[0] for name, several in columns.items()})
    mapping = undescribed(rows, found.mapping, {*opened.left, *opened.aside, across, FILE})
    if mapping is not None or engine_of(found.mapping) == "unknown":
        left = set(opened.left) - {across}
        compared = {
            name: _as_days(values) for name, values in rows.columns.items() if name not in left
        }
        return Rows(compared, rows.size), found.mapping if mapping is None else mapping, []
    _dates(found, columns, opened.month_first)
    _places(found)
    _bodies(found)
    for name, convert in (("status", cells.event_status), ("postcode", _five), ("insee", _five)):
        if name in found.mapping:
            found.put(name, _each(found, name, convert))
    if len(columns.get("description", ())) > 1:
        several = (rows.columns[c] for c in columns["description"])
        texts = zip(*several, strict=True)
        found.put("description", ["\n".join(map(str, filter(None, one))) or None for one in texts])
    return Rows({**rows.columns, **found.added}, rows.size), found.mapping, found.odd


def _each(found: Reading, name: str, convert: Callable[[Json], Any]) -> list[Any]:
    """The values of a field, each distinct one converted once."""
    values = found.rows.columns[found.mapping[name]]
    known = {text: convert(value) for text, value in _distinct(values).items()}
    return [None if v is None else known[_key(v)] for v in values]


def _distinct(values: Sequence[Json]) -> dict[Any, Json]:
    return {_key(v): v for v in values if v is not None}


def _key(value: Json) -> Any:
    return value if type(value) is str else str(value)


def _five(value: Json) -> str | None:
    return cells.code(value, 5)


# --- dates ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _When:
    start: str | None = None
    end: str | None = None
    year: int | None = None
    days: tuple[int, ...] = ()  # ordinals, when there are several separate ones


_NEVER = _When()


def _dates(
    found: Reading, columns: Mapping[str, Sequence[str]], month_first: Collection[str]
) -> None:
    """Days, years and separate days: from date columns, else from words, else from slots."""
    american = month_first and any(c in month_first for c in columns.get("date_start", ()))

    def cell(value: Json) -> _When:
        return _of_cell(value, bool(american))

    start, end = (_read(found, columns.get(name, ()), cell) for name in ("date_start", "date_end"))
    words = _read(found, columns.get("when", ()), _of_words)
    slots = _read(found, columns.get("timings", ()), _of_slots)
    _count_odd(found, "date_start", start)
    _count_odd(found, "date_end", end)
    whole = [_together(*one) for one in zip(start, end, words, slots, strict=True)]
    found.mapping.pop("when", None)
    read: dict[str, list[Any]] = {
        "date_start": [one.start for one in whole],
        "date_end": [one.end for one in whole],
        "occurrences": [one.days or None for one in whole],
    }
    if "year" not in found.mapping:
        read["year"] = [one.year for one in whole]
    for name, values in read.items():
        if any(values):
            found.put(name, values)
        else:
            found.mapping.pop(name, None)


def _together(start: _When, end: _When, words: _When, slots: _When) -> _When:
    """What the cells of a row say: the date columns are believed first."""
    told = next((one for one in (start, words, slots) if one.start), _NEVER)
    return _When(
        told.start or end.start,
        end.end or end.start or told.end,
        next((one.year for one in (told, start, words, end) if one.year), None),
        slots.days or told.days,
    )


def _read(
    found: Reading, columns: Sequence[str], convert: Callable[[Json], _When]
) -> Sequence[_When]:
    """What the first of these columns that says something says, row by row."""
    out = [_NEVER] * found.rows.size
    for column in columns:
        values = found.rows.columns[column]
        known = {key: convert(value) for key, value in _distinct(values).items()}
        for i, value in enumerate(values):
            if value is not None and out[i] is _NEVER:
                out[i] = known[_key(value)]
    return out


def _of_cell(value: Json, month_first: bool) -> _When:
    iso = cells.instant(value, month_first=month_first)
    if iso is None:
        return _of_words(value)
    at = datetime.fromisoformat(iso)
    here = at.astimezone(PARIS) if at.tzinfo else at
    hour = f" {here:%H:%M}" if here.hour or here.minute else ""
    return _When(start=f"{here.date()}{hour}", year=here.year)


def _of_words(value: Json) -> _When:
    text = str(value)
    if len(text) > _LONGEST_DATE:
        return _NEVER
    when = read_when(text, reference=None)
    if when.starts_on is None:
        return _NEVER
    if when.precision in _COARSE:
        return _When(year=when.starts_on.year)
    days = tuple(sorted({one.starts_on.toordinal() for one in when.occurrences}))
    end = when.ends_on.isoformat() if when.ends_on else None
    return _When(
        when.starts_on.isoformat(), end, when.starts_on.year, days if len(days) > 1 else ()
    )


def _of_slots(value: Json) -> _When:
    slots = cells.timings(value) or []
    days = sorted({(_of_cell(slot["start"], False).start or "")[:10] for slot in slots} - {""})
    if not days:
        return _NEVER
    ordinals = tuple(datetime.fromisoformat(day).toordinal() for day in days)
    return _When(days[0], days[-1], int(days[0][:4]), ordinals if len(days) > 1 else ())


def _as_days(values: Sequence[Json]) -> Sequence[Json]:
    """A column nobody described as ISO days, when nearly all of it is days that some rows write
    with separators (« 14/02/2001 », « 2001-02-14 »)."""
    told = [value for value in _distinct(values).values() if isinstance(value, str) and value]
    if sum(bool(_SEPARATED.match(value)) for value in told) < len(told) / 2 or not told:
        return values
    known = {value: _of_cell(value, cells.is_month_first(told)).start for value in told}
    if sum(map(bool, known.values())) < _DAYS * len(told):
        return values
    return [(isinstance(v, str) and known.get(v)) or v for v in values]


def _count_odd(found: Reading, name: str, read: Sequence[_When]) -> None:
    if name not in found.mapping:
        return
    column = found.mapping[name]
    values = found.rows.columns[column]
    odd = (i for i, v in enumerate(values) if v is not None and read[i] is _NEVER)
    _told(found, column, list(odd), "une date")


def _told(found: Reading, column: str, odd: Sequence[int], expected: str) -> None:
    """Say how many cells of a column could not be read, the first as an example."""
    if odd:
        example = str(found.rows.columns[column][odd[0]])[:40]
        found.odd.append(
            f"colonne « {column} » : {len(odd)} valeur(s) là où {expected} est attendue "
            f"(« {example} », ligne {odd[0] + 1} du tableau) ; comptées comme absentes"
        )


# --- places and bodies ---------------------------------------------------------------------------


def _places(found: Reading) -> None:
    """Coordinates within the Earth, from two columns or from one."""
    if "latlon" in found.mapping and not {"lat", "lon"} <= set(found.mapping):
        points = _each(found, "latlon", cells.point)
        for k, name in enumerate(("lat", "lon")):
            found.put(name, [point and point[k] for point in points])
        return
    for name, limit in (("lat", 90.0), ("lon", 180.0)):
        if name in found.mapping:
            column = found.mapping[name]
            values = found.rows.columns[column]
            read = _each(found, name, partial(cells.coordinate, limit=limit))
            odd = [i for i, v in enumerate(values) if read[i] is None and str(v) not in _UNSAID]
            _told(found, column, odd, "une coordonnée en degrés")
            found.put(name, read)
    _exchanged(found)


def _exchanged(found: Reading) -> None:
    """French coordinates in the wrong order, put right."""
    if not {"lat", "lon"} <= set(found.mapping):
        return
    lat, lon = (found.added[found.mapping[name]] for name in ("lat", "lon"))
    pairs = list(zip(lat, lon, strict=True))
    wrong = [y is not None and x is not None and exchanged(y, x) for y, x in pairs]
    if any(wrong):
        for k, name in enumerate(("lat", "lon")):
            found.put(name, [one[1 - k] if odd else one[k]
                             for one, odd in zip(pairs, wrong, strict=True)])  # fmt: skip
        found.odd.append(
            f"{sum(wrong)} ligne(s) où latitude et longitude sont échangées (la première : "
            f"ligne {wrong.index(True) + 1} du tableau) ; lues dans le bon ordre"
        )


_UNSAID = frozenset(("None", "", "0", "0.0"))


def _bodies(found: Reading) -> None:
    """The SIREN of each organiser: of its SIREN, else of its SIRET, else of a code made of one."""
    told = next((name for name in ("siren", "siret") if name in found.mapping), None)
    if told:
        found.put("siren", _each(found, told, body_key))
    if "siret" in found.mapping:
        found.put("siret", _each(found, "siret", partial(cells.code, width=14)))
