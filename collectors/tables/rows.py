"""A row of a table, its columns known → the fields of a RawItem, its key and its date. Pure."""

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from collectors.documents.office import strip_tags
from collectors.tables import values as cells
from collectors.tables.columns import LISTS, TO_RAW, Guess, spaced
from domain.records import RAW_FIELDS, Json
from domain.territory import exchanged
from domain.text import clean, fingerprint, one_line
from domain.times import PARIS

_SURE = 0.9  # a column named as a description needs no name before its text

IDENTIFYING = (
    *("title", "organiser", "rna", "siren", "siret", "start", "end", "when", "year"),
    *("venue", "address", "commune", "postcode", "insee", "department", "amount", "url"),
)
"""What tells two rows apart when the table has no id of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRow:
    """`id` is the row's own, "" when it has none; `rest` are cells nobody reads."""

    id: str
    fields: dict[str, Json]
    published_at: datetime | None
    rest: dict[str, Json]

    @property
    def identity(self) -> str:
        """A stable hash of what identifies the row: its instant of submission, else its facts."""
        at = self.published_at
        if at is not None and (at.second or at.microsecond):
            return fingerprint({"published_at": at.isoformat()})[:16]
        facts = {name: self.fields[name] for name in IDENTIFYING if name in self.fields}
        facts |= {name: value for name, value in self.rest.items() if _names_someone(name)}
        return fingerprint(facts or self.fields)[:16]


def _names_someone(column: str) -> bool:
    """True for `benef_id`, « N° de convention »: no id of the row, yet part of what it is."""
    return not {"id", "identifiant", "code", "ref", "reference", "n", "numero"}.isdisjoint(
        spaced(column).split()
    )


def read_row(row: Mapping[str, Json], guesses: Sequence[Guess]) -> ReadRow:
    """The row in RAW_FIELDS. A date that is no date becomes words (`when`), never nothing."""
    fields: dict[str, Json] = {}
    identifier, published, rest = "", None, {}
    texts: list[tuple[Guess, str]] = []
    for one in guesses:
        value = row.get(one.column)
        if value is None or one.field == "personal":
            continue
        field, _, option = (one.field or "").partition(":")
        if option:
            if cells.truth(value):
                fields.setdefault(field, []).append(option)
        elif field in ("description", "text"):
            texts.append((one, _prose(value)))
        elif field == "id":
            identifier = one_line(str(value))
        elif field == "published_at":
            published = moment(value, month_first=one.month_first)
        elif field == "" or field == "source" or not _put(fields, field, value, one):
            rest[one.column] = value
    if texts:
        fields["text"] = _joined(texts)
    known = {guess.column for guess in guesses}
    rest |= {c: v for c, v in row.items() if c not in known and v is not None}
    return ReadRow(id=identifier, fields=_tidy(fields), published_at=published, rest=rest)


def _prose(value: Json) -> str:
    """A text without the HTML some exports carry."""
    text = "\n".join(map(str, value)) if isinstance(value, list) else str(value)
    if "<" in text and ">" in text:
        text = html.unescape(strip_tags(text))
    return clean(text)


def _joined(texts: list[tuple[Guess, str]]) -> str:
    """The texts of a row, the surest column first; the others under the question they answer.

    A summary that the long text repeats is left out."""
    ordered = sorted(texts, key=lambda one: -one[0].confidence)
    parts: list[str] = []
    for guess, text in ordered:
        if any(text in other for other in parts):
            continue
        if parts and text.startswith(parts[0].rstrip(".… ")):
            parts[0] = text
            continue
        parts.append(f"{guess.column} : {text}" if parts and guess.confidence < _SURE else text)
    return "\n\n".join(parts)


def moment(value: Json, *, month_first: bool = False) -> datetime | None:
    """The aware instant of a cell; a time without zone is Europe/Paris's."""
    text = cells.instant(value, month_first=month_first)
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=PARIS)).astimezone(UTC)


def _put(fields: dict[str, Json], field: str, value: Json, one: Guess) -> bool:
    """Write the value under its name in RAW_FIELDS; False when it cannot be read as such."""
    if field in LISTS:
        fields[field] = [*fields.get(field, []), *cells.items(value)]
        return True
    if field in ("date_start", "date_end", "start", "end"):
        return _put_date(fields, str(TO_RAW.get(field, field)), value, one)
    if field == "latlon":
        found = cells.point(value)
        if found:
            fields.setdefault("lat", found[0])
            fields.setdefault("lon", found[1])
        return found is not None
    if field == "when":
        fields["when"] = " ; ".join(filter(None, [fields.get("when"), one_line(str(value))]))
        return True
    convert = _CONVERT.get(field, _plain)
    name = TO_RAW.get(field, field) or field
    converted = convert(value)
    if converted is None or name not in RAW_FIELDS:
        return False
    fields[name] = converted
    return True


def _put_date(fields: dict[str, Json], name: str, value: Json, one: Guess) -> bool:
    iso = cells.instant(value, month_first=one.month_first)
    if iso is not None:
        fields[name] = iso
    else:
        fields["when"] = " – ".join(filter(None, [fields.get("when"), one_line(str(value))]))
    return True


def _plain(value: Json) -> str | None:
    if isinstance(value, list):
        return ", ".join(one_line(str(v)) for v in value) or None
    return one_line(str(value)) or None


def _year(value: Json) -> int | str | None:
    text = one_line(str(value)).removesuffix(".0")
    return int(text) if text.isdigit() and len(text) == 4 else text or None


def _count(value: Json) -> int | None:
    found = cells.number(value)
    return None if found is None or found < 0 else int(found)


def _phone(value: Json) -> str | None:
    """A phone number; one read as a number gets its first zero back."""
    text = one_line(str(value))
    return f"0{text}" if text.isdigit() and len(text) == 9 else text or None


_CONVERT: dict[str, Callable[[Any], Json]] = {
    "postcode": lambda v: cells.code(v, 5),
    "insee": lambda v: cells.insee(v) or _plain(v),
    "dep": cells.department,
    "department": cells.department,
    "siren": lambda v: cells.code(v, 9),
    "siret": lambda v: cells.code(v, 14),
    "lat": lambda v: cells.coordinate(v, 90),
    "lon": lambda v: cells.coordinate(v, 180),
    "budget": cells.number,
    "amount": cells.number,
    "participants": _count,
    "url": cells.web_address,
    "ticket": cells.web_address,
    "email": cells.email,
    "phone": _phone,
    "year": _year,
    "status": cells.event_status,
    "attendance": cells.attendance,
    "timings": cells.timings,
    "organiser_kind": cells.actor_kind,
}


def _tidy(fields: dict[str, Json]) -> dict[str, Json]:
    """Lists without repetition; half a point is no point."""
    for name in LISTS & fields.keys():
        fields[name] = list(dict.fromkeys(fields[name]))
    if ("lat" in fields) != ("lon" in fields):
        fields.pop("lat", None)
        fields.pop("lon", None)
    if "lat" in fields and exchanged(fields["lat"], fields["lon"]):
        fields["lat"], fields["lon"] = fields["lon"], fields["lat"]
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def keys(rows: Iterable[ReadRow]) -> list[str]:
    """One key per row, stable: its id, else its identity; twins get `-2`, `-3` in file order."""
    seen: dict[str, int] = {}
    result = []
    for row in rows:
        base = row.id or row.identity
        seen[base] = seen.get(base, 0) + 1
        result.append(base if seen[base] == 1 else f"{base}-{seen[base]}")
    return result
