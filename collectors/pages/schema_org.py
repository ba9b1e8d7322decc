"""One event in the shape of schema.org → the fields of a raw item. Pages lie a bit: nothing here is
believed that does not read as what it should be, and no date is ever made up.

Reference: schema.org/Event, developers.google.com/search/docs/appearance/structured-data/event.
"""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from collectors.extract.status import declared_status
from collectors.leftovers import Record, filled
from collectors.pages.json_ld import many
from collectors.pages.markup import absolute, looks_html, safe_html, text_of, title_of, unique
from collectors.pages.moments import iso_moment
from collectors.pages.schedules import held_on
from domain.records import Json
from domain.statuses import EventStatus
from domain.text import one_line

_GRAVEST = (EventStatus.CANCELLED, EventStatus.POSTPONED, EventStatus.MOVED)
_ATTENDANCE = {
    "offlineeventattendancemode": "on_site",
    "onlineeventattendancemode": "online",
    "mixedeventattendancemode": "on_site",  # a hybrid event has a place
}
_MOST_SCHEDULES = 20
_DURATION = re.compile(
    r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:\d+(?:\.\d+)?S)?)?", re.I
)
_NOISE = (
    *("@type", "@id", "@context", "image", "logo", "thumbnailUrl", "performer", "performers"),
    *("doorTime", "maximumAttendeeCapacity", "maximumPhysicalAttendeeCapacity", "inLanguage"),
    *("remainingAttendeeCapacity", "mainEntityOfPage", "isAccessibleForFree", "aggregateRating"),
    *("review", "potentialAction", "sponsor", "funder", "publisher", "subEvents"),
    *("maximumVirtualAttendeeCapacity", "datePublished", "dateModified", "dateCreated"),
)


def event_fields(event: Mapping[str, Any], *, base: str) -> tuple[dict[str, Json], tuple[str, ...]]:
    """(RawItem fields, leftovers) of one Event."""
    record = Record(event)
    described = _text(record.pop("description", "articleBody", "abstract")) or ""
    url = absolute(_text(record.pop("url")) or _identity(event), base)
    offers = record.pop("offers")
    where = _where(many(record.pop("location")), base)
    status, moved_online = _status(record.pop("eventStatus"))
    mode = _ATTENDANCE.get(_last(record.pop("eventAttendanceMode")))
    # The places say more than the mode: several make it itinerant, a virtual one alone online.
    attendance = where.pop("attendance", "online" if moved_online else mode)
    links = [absolute(_text(link), base) for link in many(record.pop("sameAs"))]
    fields = filled(
        title=title_of(_text(record.pop("name", "headline")) or ""),
        text=text_of(described),
        html=safe_html(described) if looks_html(described) else None,
        **_when(record),
        **{**where, "links": unique([*where.get("links", []), *links])},
        attendance=attendance,
        status=status,
        **_who(record.pop("organizer", "organiser", "author")),
        ticket=next((u for o in many(offers) if (u := _offer(o, base))), None),
        url=url,
        audience=_name(record.pop("audience")),
        tags=[*_keywords(record.pop("keywords")), *_ties(record)],
        language=_language(event.get("inLanguage")),
    )
    record.leave(*_NOISE)
    leftovers = tuple(name for name in record.leftovers if not name.startswith("@"))
    return fields, leftovers


def identity(event: Mapping[str, Any], *, base: str) -> str:
    """What tells this event of the page from its neighbours: its address, name and start."""
    own = absolute(_text(event.get("url")) or _identity(event), base) or base
    name = one_line(_text(event.get("name")) or "")
    return " ".join(unique([own, name, _text(event.get("startDate"))]))[:500]


def _when(record: Record) -> dict[str, Json]:
    """Start, end, every date it is held on; the words of what is no machine date."""
    given, until = record.pop("startDate"), record.pop("endDate")
    start, end = _text(given), _text(until)
    length = _text(record.pop("duration"))
    first = iso_moment(start)
    slots = [*_pairs(given, until), *_days(record.pop("subEvent"))]
    schedules = [one for one in many(record.pop("eventSchedule")) if isinstance(one, dict)]
    held = [held_on(one, first) for one in schedules[:_MOST_SCHEDULES]]
    slots += [slot for one in held for slot in one.timings]
    slots = list({(s["start"], s["end"]): s for s in slots}.values())
    return filled(
        start=first or (slots[0]["start"] if slots else None),
        end=iso_moment(end) or _after(first, length),
        when=" – ".join(unique([start, end])) if start and not first else None,
        timings=slots if len(slots) > 1 else None,
        recurrence=next((one.rule for one in held if one.rule), None),
    )


def _pairs(starts: Any, ends: Any) -> Iterator[dict[str, str]]:
    """The dates of a list of startDate, each with the endDate of its place."""
    if isinstance(starts, list) and len(starts) > 1:
        last = ends if isinstance(ends, list) else []
        for count, one in enumerate(starts):
            if begins := iso_moment(_text(one)):
                ends_at = iso_moment(_text(last[count])) if count < len(last) else None
                yield {"start": begins, "end": ends_at or begins}


def _days(parts: Any) -> Iterator[dict[str, str]]:
    """The dates of sub-events that are the same event again (json_ld)."""
    for part in many(parts):
        begins = iso_moment(_text(part.get("startDate"))) if isinstance(part, dict) else None
        if begins:
            ends = iso_moment(_text(part.get("endDate")))
            yield {"start": begins, "end": ends or begins}


def _after(start: str | None, length: str | None) -> str | None:
    """The end of what lasts « PT2H », « P3D »; whole days include the first."""
    found = _DURATION.fullmatch((length or "").strip())
    if not start or not found or not any(found.groups()):
        return None
    weeks, days, hours, minutes = (int(one or 0) for one in found.groups())
    try:
        lasts = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
        if len(start) == 10:
            whole = max(lasts.days - (lasts.seconds == 0), 0)
            return (date.fromisoformat(start) + timedelta(days=whole)).isoformat()
        return (datetime.fromisoformat(start) + lasts).isoformat(timespec="minutes")
    except (OverflowError, ValueError):
        return None


def _status(value: Any) -> tuple[EventStatus | None, bool]:
    """(the gravest status told, whether it moved online): an event may be both."""
    told = [_text(one) or "" for one in many(value)]
    found = {status for one in told if (status := declared_status(one))}
    online = any(_last(one) == "eventmovedonline" for one in told)
    return next((one for one in _GRAVEST if one in found), None), online


def _ties(record: Record) -> list[str]:
    """What its fields have no place for: the date it had before, the event it is a part of."""
    before = iso_moment(_text(record.pop("previousStartDate")))
    whole = next(iter(many(record.pop("superEvent"))), None)
    name = title_of(_text(whole.get("name")) or "") if isinstance(whole, dict) else ""
    return unique([before and f"date précédente : {before}", name and f"fait partie de : {name}"])


def _where(given: list[Any], base: str) -> dict[str, Json]:
    """Venue, address and coordinates; several places make it itinerant, no real one online."""
    virtual = [p for p in given if _is_virtual(p)]
    places = [_place(p) for p in given if not _is_virtual(p)]
    places = [p for i, p in enumerate(places) if p and p not in places[:i]]
    online = unique(absolute(_text(p.get("url")), base) for p in virtual if isinstance(p, dict))
    links = filled(links=online)
    if not places:
        return links | filled(attendance="online" if virtual else None)
    if len(places) == 1:
        return links | places[0]
    # One address and one point would be a lie: only what they share is kept.
    shared = {k: v for k, v in places[0].items() if all(p.get(k) == v for p in places)}
    venues = unique(_venue(p, shared) for p in places)
    communes = unique(str(p["commune"]) for p in places if p.get("commune"))
    told = filled(venue=" / ".join(venues), commune=" / ".join(communes))
    return links | shared | told | {"attendance": "itinerant"}


def _venue(place: Mapping[str, Json], shared: Mapping[str, Json]) -> str | None:
    """A stop by its name, else by its street; its commune is told apart."""
    if "venue" in place:
        return str(place["venue"])
    return str(place["address"]) if "address" in place and "address" not in shared else None


def _is_virtual(place: Any) -> bool:
    return isinstance(place, dict) and "virtual" in _last(place.get("@type"))


def _place(place: Any) -> dict[str, Json]:
    if not isinstance(place, dict):
        return filled(venue=one_line(html.unescape(str(place))))
    found = filled(venue=one_line(_text(place.get("name")) or ""))
    address = next(iter(many(place.get("address"))), place)
    if isinstance(address, dict):
        found |= filled(
            address=one_line(_text(address.get("streetAddress")) or ""),
            postcode=_text(address.get("postalCode")),
            commune=one_line(_text(address.get("addressLocality")) or ""),
        )
    else:
        found |= filled(address=one_line(html.unescape(str(address))))
    geo = next(iter(many(place.get("geo"))), None)
    return found | _geo(geo if isinstance(geo, dict) else place)


def _geo(geo: Mapping[str, Any]) -> dict[str, Json]:
    try:
        lat, lon = float(geo["latitude"]), float(geo["longitude"])
    except (KeyError, TypeError, ValueError):
        return {}
    return {"lat": lat, "lon": lon} if -90 <= lat <= 90 and -180 <= lon <= 180 and lat else {}


def _who(value: Any) -> dict[str, Json]:
    people = many(value)
    if not people:
        return {}
    first = people[0]
    if not isinstance(first, dict):
        return filled(organiser=one_line(str(first)))
    names = [one_line(_text(p.get("name")) or "") for p in people if isinstance(p, dict)]
    return filled(
        organiser=names[0] if names else None,
        partners=unique(names[1:]),
        email=re.sub(r"(?i)^mailto:", "", _text(first.get("email")) or ""),
        phone=_text(first.get("telephone")),
    )


def _offer(offer: Any, base: str) -> str | None:
    return absolute(_text(offer.get("url")), base) if isinstance(offer, dict) else None


def _identity(event: Mapping[str, Any]) -> str | None:
    own = _text(event.get("@id"))
    return own if own and own.startswith(("http", "/", "#")) else None


def _text(value: Any) -> str | None:
    """A string from the ways JSON-LD writes one: text, number, list, {"@value": …}."""
    if isinstance(value, list):
        return next((t for one in value if (t := _text(one))), None)
    if isinstance(value, dict):
        return _text(value.get("@value") or value.get("name") or value.get("@id"))
    if value is None or isinstance(value, bool):
        return None
    return str(value).strip() or None


def _name(value: Any) -> str | None:
    first = next(iter(many(value)), None)
    if isinstance(first, dict):
        return _text(first.get("audienceType") or first.get("name"))
    return _text(first)


def _keywords(value: Any) -> list[str]:
    words = value if isinstance(value, list) else re.split(r"[,;]", _text(value) or "")
    return unique(one_line(_text(w) or "") for w in words)


def _language(value: Any) -> str | None:
    found = re.match(r"[a-z]{2}", (_text(value) or "").lower())
    return found[0] if found else None


def _last(value: Any) -> str:
    """`https://schema.org/EventCancelled` → `eventcancelled`."""
    return re.split(r"[/:#]", _text(value) or "")[-1].lower()
