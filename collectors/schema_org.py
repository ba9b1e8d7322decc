"""schema.org events in a page: JSON-LD first, then microdata. Pages hold several; both lie a bit.

JSON-LD is repaired by a short ladder (comments, CDATA, raw newlines, HTML escapes, trailing
commas) because half of the broken blocks of the web are broken in these five ways.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag

from collectors.leftovers import Record, filled
from collectors.markup import absolute, looks_html, safe_html, text_of, title_of, unique
from collectors.moments import iso_moment
from domain.records import Json
from domain.statuses import EventStatus
from domain.text import one_line

MAX_EVENTS = 10_000
MAX_DEPTH = 12

_SCRIPT = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json[^>]*>(.*?)(?:</script\s*>|$)",
    re.I | re.S,
)
_STATUS = {
    "eventcancelled": EventStatus.CANCELLED,
    "eventpostponed": EventStatus.POSTPONED,
    "eventrescheduled": EventStatus.MOVED,
    "eventmovedonline": EventStatus.MOVED,
}
_ATTENDANCE = {
    "offlineeventattendancemode": "on_site",
    "onlineeventattendancemode": "online",
    "mixedeventattendancemode": "on_site",
}
_NOISE = (
    *("@type", "@id", "@context", "image", "logo", "thumbnailUrl", "performer", "performers"),
    *("previousStartDate", "doorTime", "duration", "maximumAttendeeCapacity", "inLanguage"),
    *("remainingAttendeeCapacity", "mainEntityOfPage", "isAccessibleForFree", "aggregateRating"),
    *("review", "subEvents", "potentialAction", "sponsor", "funder", "eventSchedule", "publisher"),
)


def json_ld_events(page: str) -> list[dict[str, Any]]:
    """The Event objects of the page's JSON-LD, sub-events included, each once."""
    found: dict[str, dict[str, Any]] = {}
    for block in _SCRIPT.findall(page):
        for one in _events(read_json(block), depth=0):
            found.setdefault(json.dumps(one, sort_keys=True), one)
            if len(found) >= MAX_EVENTS:
                break
    return list(found.values())


def microdata_events(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """The itemscope Events of the page, in the shape of JSON-LD."""
    scopes = soup.find_all(attrs={"itemtype": re.compile(r"schema\.org/\w*(Event|Festival)\b")})
    return [_microdata(one, depth=0) for one in scopes[:MAX_EVENTS] if isinstance(one, Tag)]


def event_fields(event: Mapping[str, Any], *, base: str) -> tuple[dict[str, Json], tuple[str, ...]]:
    """(RawItem fields, leftovers) of one Event."""
    record = Record(event)
    described = _text(record.pop("description", "articleBody", "abstract")) or ""
    start, end = _text(record.pop("startDate")), _text(record.pop("endDate"))
    url = absolute(_text(record.pop("url")) or _identity(event), base)
    offers = record.pop("offers")
    where = _where(record.pop("location"))
    # The places say more than the mode: several make it itinerant, a virtual one online.
    attendance = where.pop("attendance", None)
    mode = _ATTENDANCE.get(_last(record.pop("eventAttendanceMode")))
    fields = filled(
        title=title_of(_text(record.pop("name", "headline")) or ""),
        text=text_of(described),
        html=safe_html(described) if looks_html(described) else None,
        start=iso_moment(start),
        end=iso_moment(end),
        when=" – ".join(unique([start, end])) if start and not iso_moment(start) else None,
        **where,
        attendance=attendance or mode,
        status=_STATUS.get(_last(record.pop("eventStatus"))),
        **_who(record.pop("organizer", "organiser", "author")),
        ticket=next((u for o in _many(offers) if (u := _offer(o, base))), None),
        url=url,
        audience=_name(record.pop("audience")),
        tags=_keywords(record.pop("keywords")),
        language=_language(event.get("inLanguage")),
    )
    links = [absolute(_text(link), base) for link in _many(record.pop("sameAs"))]
    links = [*fields.get("links", []), *links]  # an online place is a link already
    fields |= filled(links=unique(links), timings=_schedule(event))
    record.leave(*_NOISE, "subEvent", "superEvent")
    leftovers = tuple(name for name in record.leftovers if not name.startswith("@"))
    return fields, leftovers


def identity(event: Mapping[str, Any], *, base: str) -> str:
    """What tells this event of the page from its neighbours: its address, name and start."""
    own = absolute(_text(event.get("url")) or _identity(event), base) or base
    name = one_line(_text(event.get("name")) or "")
    return " ".join(unique([own, name, _text(event.get("startDate"))]))[:500]


def read_json(block: str) -> Any:
    """The JSON of a script block, repaired if need be; None when nothing helps."""
    bare = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*<!\[CDATA\[\*/|<!\[CDATA\[)", "", block)
    bare = re.sub(r"(?:-->|//\s*\]\]>|/\*\]\]>\*/|\]\]>)\s*$", "", bare).strip().rstrip(";")
    commas = re.sub(r",(\s*[}\]])", r"\1", bare)
    unescaped = html.unescape(commas) if "&quot;" in commas or "&#" in commas else commas
    for text in (bare, commas, unescaped, re.sub(r"(?m)^\s*//.*$|/\*.*?\*/", "", unescaped)):
        try:
            return json.loads(text, strict=False)
        except ValueError:
            continue
        except RecursionError:
            return None
    return None


def _events(value: Any, *, depth: int) -> Iterator[dict[str, Any]]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _events(one, depth=depth + 1)
        return
    if not isinstance(value, dict):
        return
    if _is_event(value.get("@type")):
        yield value
        yield from _events(value.get("subEvent") or value.get("subEvents"), depth=depth + 1)
        return
    for name in ("@graph", "mainEntity", "itemListElement", "item", "event", "events", "about"):
        if name in value:
            yield from _events(value[name], depth=depth + 1)


def _is_event(kind: Any) -> bool:
    names = kind if isinstance(kind, list) else [kind]
    return any(
        isinstance(n, str) and re.search(r"(?:^|[/:])\w*(?:Event|Festival)$", n) for n in names
    )


def _microdata(scope: Tag, *, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": str(scope.get("itemtype", "")).rsplit("/", 1)[-1]}
    for tag in scope.find_all(attrs={"itemprop": True}):
        if tag.find_parent(attrs={"itemscope": True}) is not scope or depth > MAX_DEPTH:
            continue
        value: Any = (
            _microdata(tag, depth=depth + 1) if tag.has_attr("itemscope") else _property(tag)
        )
        for name in str(tag["itemprop"]).split():
            if name not in found:
                found[name] = value
            elif isinstance(found[name], list):
                found[name].append(value)
            else:
                found[name] = [found[name], value]
    return found


def _property(tag: Tag) -> str:
    for attribute in ("content", "datetime"):
        if tag.get(attribute):
            return str(tag[attribute])
    if tag.name == "link" and tag.get("href"):  # it has no words: eventStatus, offers…
        return str(tag["href"])
    if tag.name == "a" and tag.get("href"):
        return str(tag["href"]) if "url" in str(tag["itemprop"]) else tag.get_text(" ")
    if tag.name in ("img", "source"):
        return str(tag.get("src") or "")
    return tag.get_text(" ") if len(tag.find_all(True)) < 3 else str(tag)


def _where(value: Any) -> dict[str, Json]:
    """Venue, address and coordinates; several places make it itinerant."""
    places = _many(value)
    if not places:
        return {}
    place = places[0]
    if isinstance(place, str):
        return filled(venue=one_line(place))
    if "virtual" in _last(place.get("@type")):
        return filled(attendance="online", links=unique([absolute(_text(place.get("url")), "")]))
    address = place.get("address")
    address = address[0] if isinstance(address, list) and address else address
    found = filled(venue=one_line(_text(place.get("name")) or ""))
    if isinstance(address, str):
        found |= filled(address=one_line(html.unescape(address)))
    elif isinstance(address, dict):
        found |= filled(
            address=one_line(_text(address.get("streetAddress")) or ""),
            postcode=_text(address.get("postalCode")),
            commune=one_line(_text(address.get("addressLocality")) or ""),
        )
    geo = place.get("geo") if isinstance(place.get("geo"), dict) else place
    found |= _geo(geo)
    return found | (filled(attendance="itinerant") if len(places) > 1 else {})


def _geo(geo: Mapping[str, Any]) -> dict[str, Json]:
    try:
        lat, lon = float(geo["latitude"]), float(geo["longitude"])
    except (KeyError, TypeError, ValueError):
        return {}
    return {"lat": lat, "lon": lon} if -90 <= lat <= 90 and -180 <= lon <= 180 and lat else {}


def _who(value: Any) -> dict[str, Json]:
    people = _many(value)
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


def _schedule(event: Mapping[str, Any]) -> list[dict[str, str]]:
    """Dates given as sub-events or as a list of startDate."""
    starts, ends = event.get("startDate"), event.get("endDate")
    if not isinstance(starts, list) or len(starts) < 2:
        return []
    pairs = zip(starts, ends if isinstance(ends, list) else starts, strict=False)
    moments = [(iso_moment(a), iso_moment(b)) for a, b in pairs]
    return [{"start": a, "end": b or a} for a, b in moments if a]


def _offer(offer: Any, base: str) -> str | None:
    return absolute(_text(offer.get("url")), base) if isinstance(offer, dict) else None


def _identity(event: Mapping[str, Any]) -> str | None:
    own = _text(event.get("@id"))
    return own if own and own.startswith(("http", "/", "#")) else None


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "", {}) else [value]


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
    first = next(iter(_many(value)), None)
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
