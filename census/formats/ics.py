"""iCalendar (RFC 5545): an event for each edition, or each of its slots. Written by hand: seven
times faster than icalendar (bench/census.py), which reads it back in the tests.

A UID never changes while the initiative and its edition live, so that a subscribed calendar moves,
cancels or postpones the event it already shows. An initiative without date is not an event.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import IO
from urllib.parse import urlsplit

from census.rows import Entry
from census.table import CensusRow, Table
from domain.records import Edition, Occurrence
from domain.statuses import EventStatus
from domain.times import PARIS

SUFFIX = ".ics"
MEDIA_TYPE = "text/calendar; charset=utf-8"
TITLE = "Agenda iCalendar (Outlook, Thunderbird, téléphone)"

MOST_SLOTS = 60  # of an edition; beyond, one event spans it
_STATUS = {
    EventStatus.PLANNED: "CONFIRMED",
    EventStatus.MOVED: "CONFIRMED",
    EventStatus.POSTPONED: "TENTATIVE",
    EventStatus.CANCELLED: "CANCELLED",
}
_PREFIX = {EventStatus.CANCELLED: "ANNULÉ : ", EventStatus.POSTPONED: "REPORTÉ : "}


def write(table: Table, out: IO[bytes]) -> int:
    """Write the calendar; the number of initiatives with an event in it."""
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//paat//recensement//FR",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        _line("X-WR-CALNAME", escaped(_name(table))),
        "X-WR-TIMEZONE:Europe/Paris",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    ]
    out.write("".join(f"{line}\r\n" for line in head).encode())
    count = 0
    for entry, row in table.pairs():
        lines = list(_events(entry, row, table))
        count += bool(lines)
        out.write("".join([f"{line}\r\n" for line in lines]).encode())
    out.write(b"END:VCALENDAR\r\n")
    return count


def _name(table: Table) -> str:
    return " — ".join((table.title, *table.keep.french()))


def _events(entry: Entry, row: CensusRow, table: Table) -> Iterator[str]:
    shared = list(_shared(row, table))
    for edition in entry.editions:
        for number, slot in enumerate(_slots(edition)):
            suffix = f"-{number + 1}" if number else ""
            yield "BEGIN:VEVENT"
            yield f"UID:{edition.id}{suffix}@paat"
            yield f"DTSTAMP:{_utc(entry.changed_at)}"
            yield f"LAST-MODIFIED:{_utc(entry.changed_at)}"
            yield f"SEQUENCE:{entry.dossier.initiative.version}"
            yield from _span(slot)
            title = _PREFIX.get(edition.status, "") + str(row["intitule"] or "Sans titre")
            yield _line("SUMMARY", escaped(title))
            yield f"STATUS:{_STATUS[edition.status]}"
            yield from shared
            yield "END:VEVENT"


def _slots(edition: Edition) -> list[Occurrence]:
    slots = sorted(edition.occurrences, key=lambda one: (one.starts_on, one.starts_at or time.min))
    if len(slots) <= MOST_SLOTS:
        return slots
    last = max(one.ends_on for one in slots)
    return [Occurrence(starts_on=slots[0].starts_on, ends_on=last)]


def _shared(row: CensusRow, table: Table) -> Iterator[str]:
    place = ", ".join(
        dict.fromkeys(
            str(row[name]) for name in ("lieu_nom", "lieu_adresse", "nom_commune") if row[name]
        )
    )
    if place:
        yield _line("LOCATION", escaped(place))
    if row["latitude"] is not None and row["longitude"] is not None and row["position"] == "lieu":
        yield f"GEO:{row['latitude']};{row['longitude']}"
    said = [
        str(row["description"] or ""),
        f"Porteur : {row['porteur_nom']}" * bool(row["porteur_nom"]),
    ]
    if words := "\n".join(filter(None, said)):
        yield _line("DESCRIPTION", escaped(words))
    themes = [t for t in table.campaign.themes if row.get(f"theme_{t.replace('-', '_')}")]
    if themes:
        yield _line("CATEGORIES", ",".join(map(escaped, themes)))
    page = f"{table.address}/recensement/initiative/{row['animation_id']}"
    address = page if table.address else ""
    url = address or str(row["source_url"] or "")
    if urlsplit(url).scheme in ("http", "https") and not set(url) & set("\r\n"):
        yield _line("URL", url)


def _span(slot: Occurrence) -> Iterator[str]:
    if slot.starts_at is None:
        yield f"DTSTART;VALUE=DATE:{slot.starts_on:%Y%m%d}"
        # RFC 5545 §3.6.1: the end is not included.
        if slot.ends_on < date.max:
            yield f"DTEND;VALUE=DATE:{slot.ends_on + timedelta(days=1):%Y%m%d}"
        return
    start = datetime.combine(slot.starts_on, slot.starts_at, PARIS)
    yield f"DTSTART:{_utc(start)}"
    if slot.ends_at is not None:
        end = datetime.combine(slot.ends_on, slot.ends_at, PARIS)
        if end > start:
            yield f"DTEND:{_utc(end)}"


def _utc(moment: datetime) -> str:
    """Instants are written in UTC: no VTIMEZONE to get wrong."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(words: str) -> str:
    """A TEXT value (RFC 5545 §3.3.11)."""
    words = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return words.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def _line(name: str, value: str) -> str:
    return folded(f"{name}:{value}")


def folded(line: str) -> str:
    """A line of at most 75 octets, continued with a space, never inside a character (§3.1)."""
    data = line.encode()
    if len(data) <= 75:
        return line
    parts, start, room = [], 0, 75
    while len(data) - start > room:
        end = start + room
        while data[end] & 0xC0 == 0x80:  # inside a UTF-8 character
            end -= 1
        parts.append(data[start:end])
        start, room = end, 74
    parts.append(data[start:])
    return b"\r\n ".join(parts).decode()
