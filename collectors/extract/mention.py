"""RawItem → Mention: what an announcement says, read once. Pure: no clock, no network, no database.

What the source structured is believed first, then what is true of the whole source, then words.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from collectors.extract import plain
from collectors.extract.contacts import find_contacts, read_contacts
from collectors.extract.status import status_of
from collectors.extract.when import find_when, from_timings, read_when
from collectors.extract.where import find_where, read_where
from collectors.extract.who import read_who
from domain import territory
from domain.errors import Unreadable
from domain.records import Contact, Json, Mention, RawItem, Source, When, Where
from domain.statuses import Attendance, Certainty
from domain.text import one_line
from domain.times import paris_day

EXTRACTOR_VERSION: int = 1
"""Raised when a change here makes stored mentions worth reading again."""

_LISTS = ("audience", "discipline", "partners", "funders", "labels", "themes", "tags")
_AMOUNTS = ("budget", "amount")
_BODY_CHARS = 4000  # of the text, where a date and a place are looked for


def read(item: RawItem, source: Source) -> Mention:
    """The announcement, read. Raises Unreadable when it has neither title nor text."""
    fields = item.fields
    title = plain.title_of(_text(fields.get("title")))
    text, cut = plain.text_of(_text(fields.get("text")), _text(fields.get("html")))
    if not title and not text:
        raise Unreadable(
            f"{item.source}: neither title nor text where an announcement was expected",
            about=item.key,
        )
    warnings = ["texte coupé à 20 000 caractères"] if cut else []
    if not title:
        title = plain.title_of(text.split("\n", 1)[0])
        warnings.append("titre absent : premiers mots du texte")
    when = _when(item, title, text)
    where = _where(fields, source, title, text)
    who = read_who(fields, source)
    return Mention(
        source=item.source,
        key=item.key,
        title=title,
        text=text,
        url=_text(fields.get("url")) or item.url,
        ticket=_text(fields.get("ticket")) or None,
        links=tuple(_list(fields.get("links"))),
        when=when,
        where=where,
        who=who,
        contacts=_contacts(fields, text),
        status=status_of(_text(fields.get("status")), title, text),
        publisher=source.publisher,
        published_at=item.published_at,
        language=_text(fields.get("language"))[:2].lower() or plain.language_of(f"{title} {text}"),
        campaign=source.campaign,
        details=_details(fields, source),
        warnings=tuple(dict.fromkeys((*warnings, *when.warnings, *where.warnings, *who.warnings))),
    )


def as_item(mention: Mention) -> dict[str, Json]:
    """The JSON of one item in `paat source test --json` (DESIGN §5): ISO dates, absent = null."""
    when, where = mention.when, mention.where
    return {
        "key": mention.key,
        "url": mention.url,
        "title": mention.title,
        "text": mention.text or None,
        "starts_on": when.starts_on.isoformat() if when.starts_on else None,
        "ends_on": when.ends_on.isoformat() if when.ends_on else None,
        "when_text": when.words,
        "place": where.venue,
        "address": where.address,
        "commune_code": where.commune_code,
        "commune_name": where.commune_name,
        "latitude": where.latitude,
        "longitude": where.longitude,
        "organiser": mention.who.name,
        "published_at": mention.published_at.isoformat() if mention.published_at else None,
        "language": mention.language,
        "warnings": list(mention.warnings),
    }


def _when(item: RawItem, title: str, text: str) -> When:
    """Structured dates first, then the words of the date field, then the text's.

    Words are always kept. Dates without a year are read from the day of publication.
    """
    fields, reference = item.fields, _reference(item)
    words = one_line(_text(fields.get("when"))) or None
    start, end = _text(fields.get("start")) or None, _text(fields.get("end")) or None
    when = from_timings(start, end, _timings(fields.get("timings")), reference=reference)
    if when.starts_on is None and words:
        when = _kept(when, read_when(words, reference=reference))
    if when.starts_on is None and not words:
        when = _kept(when, find_when(f"{title}\n{text[:_BODY_CHARS]}", reference=reference))
    rule = _text(fields.get("recurrence"))
    return replace(when, words=words or when.words, recurrence=rule or when.recurrence)


def _timings(value: Json) -> list[Mapping[str, Json]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _kept(before: When, found: When) -> When:
    return replace(found, warnings=(*before.warnings, *found.warnings))


def _reference(item: RawItem) -> date | None:
    """The day dates without a year are understood from: publication, else the year of the row."""
    if item.published_at:
        return paris_day(item.published_at)
    year = re.match(r"(?:19|20)\d\d", _text(item.fields.get("year")))
    return date(int(year[0]), 1, 1) if year else None


def _where(fields: Mapping[str, Any], source: Source, title: str, text: str) -> Where:
    place = read_where(
        venue=_text(fields.get("venue")) or None,
        address=_text(fields.get("address")) or None,
        commune=_text(fields.get("commune")) or None,
        postcode=_digits(fields.get("postcode")),
        insee=_digits(fields.get("insee")),
        department=_digits(fields.get("department")),
        latitude=fields.get("lat"),
        longitude=fields.get("lon"),
        attendance=_text(fields.get("attendance")) or None,
        usual_department=source.department,
    )
    if place.certainty is not Certainty.ABSENT or place.attendance is Attendance.ONLINE:
        return place
    found = _told(title, text, place.department or source.department)
    if source.commune and (not found.commune_code or found.commune_code == source.commune):
        one = territory.commune(source.commune)
        if one:
            found = replace(
                found,
                commune_code=one.code,
                commune_name=one.name,
                department=one.department,
                certainty=Certainty.CERTAIN,
                candidates=(),
                warnings=(),
            )
    return replace(
        found,
        venue=place.venue or found.venue,
        address=place.address or found.address,
        postcode=place.postcode or found.postcode,
        department=found.department or place.department,
        latitude=place.latitude,
        longitude=place.longitude,
        attendance=found.attendance if place.attendance is Attendance.ON_SITE else place.attendance,
        warnings=(*place.warnings, *found.warnings),
    )


def _told(title: str, text: str, department: str | None) -> Where:
    """The place told by the title, else by the text, which may also settle the title's homonym."""
    first = find_where(title, department=department)
    if first.certainty is Certainty.CERTAIN and first.venue:
        return first
    body = find_where(text[:_BODY_CHARS], department=department)
    venue, address = first.venue or body.venue, first.address or body.address
    settles = first.certainty is Certainty.ASK and body.commune_code in first.candidates
    place = body if first.certainty is Certainty.ABSENT or settles else first
    return replace(place, venue=venue, address=address)


def _contacts(fields: Mapping[str, Any], text: str) -> tuple[Contact, ...]:
    given = read_contacts(
        email=_text(fields.get("email")),
        phone=_text(fields.get("phone")),
        person=_text(fields.get("contact")),
    )
    return tuple(dict.fromkeys((*given, *find_contacts(text))))


def _details(fields: Mapping[str, Any], source: Source) -> dict[str, Json]:
    """What the census shows besides title, date, place and organiser; absent = no key."""
    details: dict[str, Json] = {
        "type": one_line(_text(fields.get("type"))),
        "year": _text(fields.get("year")).removesuffix(".0"),
        "licence": _text(fields.get("licence")) or source.licence or "",
        "sheet": fields.get("sheet"),
        "participants": _whole(fields.get("participants")),
    }
    details |= {name: _list(fields.get(name)) for name in _LISTS}
    details |= {name: _amount(fields.get(name)) for name in _AMOUNTS}
    return {name: value for name, value in details.items() if value not in (None, "", [], {})}


def _text(value: Json) -> str:
    """A field as text; NaN is what pandas writes for nothing."""
    if value is None or isinstance(value, bool) or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value).strip()


def _digits(value: Json) -> str | None:
    """A code a spreadsheet may have made a number of: 5000.0 → « 5000 »."""
    return _text(value).removesuffix(".0") or None


def _list(value: Json) -> list[str]:
    given = value if isinstance(value, list | tuple) else re.split(r"\s*[;|\n]\s*", _text(value))
    return list(dict.fromkeys(one_line(str(one)) for one in given if _text(one)))


def _amount(value: Json) -> float | None:
    """Euros of `5000.0`, `12 500,50 €`; None when it is not a positive finite number."""
    compact = re.sub(r"[\s\u00a0\u202f€]|euros?|eur", "", _text(value), flags=re.IGNORECASE)
    try:
        number = float(compact.replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _whole(value: Json) -> int | None:
    number = _amount(value)
    return round(number) if number is not None else None
