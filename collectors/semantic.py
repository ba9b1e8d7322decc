"""Events marked up otherwise than in JSON-LD and microdata: RDFa, h-event, hCalendar, Open Graph.

Each comes back in the shape of a schema.org JSON-LD object, read by schema_org.event_fields.
References: html.spec RDFa Lite 1.1, microformats.org/wiki/h-event and /hcalendar.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from domain.text import one_line

MAX_EVENTS = 2_000
MAX_DEPTH = 8

_TYPE = re.compile(r"(?:^|[/:#\s])\w*(?:Event|Festival)(?:$|\s)")
_ROOTS = re.compile(r"(?:^|\s)(?:h-event|vevent)(?:\s|$)")
# class names of h-event (microformats 2), then of hCalendar (microformats 1)
_CLASSES: dict[str, tuple[str, ...]] = {
    "name": ("p-name", "summary"),
    "startDate": ("dt-start", "dtstart"),
    "endDate": ("dt-end", "dtend"),
    "description": ("e-content", "p-summary", "p-description", "description"),
    "url": ("u-url", "url"),
    "organizer": ("p-organizer", "p-author", "organizer", "attendee"),
    "keywords": ("p-category", "category"),
}
_ADDRESS = {
    "streetAddress": ("p-street-address", "street-address"),
    "postalCode": ("p-postal-code", "postal-code"),
    "addressLocality": ("p-locality", "locality"),
}


def marked_events(soup: BeautifulSoup) -> list[dict[str, Any]]:
    """The events of RDFa, else of microformats, else the one Open Graph tells, in page order."""
    ways: tuple[Callable[[BeautifulSoup], Iterator[dict[str, Any]]], ...] = (
        rdfa_events,
        microformat_events,
        open_graph_event,
    )
    for way in ways:
        found: list[dict[str, Any]] = []
        for event in way(soup):
            if (event.get("name") or event.get("description")) and event not in found:
                found.append(event)
            if len(found) >= MAX_EVENTS:
                break
        if found:
            return found
    return []


def rdfa_events(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """`typeof="Event"` below `vocab="https://schema.org/"`, or `typeof="schema:Event"`."""
    for scope in soup.find_all(attrs={"typeof": _TYPE}):
        kind = str(scope["typeof"])
        vocabulary = scope.find_parent(attrs={"vocab": True}) or scope
        known = "schema" in kind.lower() or "schema.org" in str(vocabulary.get("vocab", ""))
        if known and not _inside(scope, "typeof", _TYPE):
            yield _rdfa(scope, depth=0)


def microformat_events(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """`class="h-event"` and the older `class="vevent"`."""
    for scope in soup.find_all(class_=_ROOTS):
        if _inside(scope, "class", _ROOTS):
            continue
        event: dict[str, Any] = {"@type": "Event"}
        for name, classes in _CLASSES.items():
            values = [v for tag in _classed(scope, classes) if (v := _value(tag, name))]
            if values:
                event[name] = values if name in ("startDate", "endDate", "keywords") else values[0]
        for name in ("startDate", "endDate"):
            if isinstance(event.get(name), list) and len(event[name]) == 1:
                event[name] = event[name][0]
        place = next(iter(_classed(scope, ("p-location", "location"))), None)
        if place is not None:
            event["location"] = _place(place)
        cancelled = next(iter(_classed(scope, ("p-status", "status"))), None)
        if cancelled is not None and "cancel" in cancelled.get_text().lower():
            event["eventStatus"] = "EventCancelled"
        yield event


def open_graph_event(soup: BeautifulSoup) -> Iterator[dict[str, Any]]:
    """The event a page tells to social networks; without its start date it is only an article."""
    told: dict[str, str] = {}
    for tag in soup.find_all("meta"):
        name = str(tag.get("property") or tag.get("name") or "").lower()
        if name.startswith(("og:", "event:")) and tag.get("content"):
            told.setdefault(name, str(tag["content"]).strip())
    start = told.get("event:start_time") or told.get("og:event:start_time")
    start = start or told.get("event:start_date") or told.get("og:start_date")
    if not start or not told.get("og:title"):
        return
    event: dict[str, Any] = {"@type": "Event", "name": told["og:title"], "startDate": start}
    end = told.get("event:end_time") or told.get("og:event:end_time") or told.get("event:end_date")
    place = told.get("event:location") or told.get("og:event:location") or told.get("og:locality")
    for name, value in (
        ("endDate", end),
        ("description", told.get("og:description")),
        ("url", told.get("og:url")),
        ("location", place),
    ):
        if value:
            event[name] = value
    yield event


def _rdfa(scope: Tag, *, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {"@type": re.split(r"[/:#]", str(scope.get("typeof", "")))[-1]}
    if scope.get("resource") or scope.get("about"):
        found["@id"] = str(scope.get("resource") or scope.get("about"))
    for tag in scope.find_all(attrs={"property": True}):
        if tag.find_parent(attrs={"typeof": True}) is not scope or depth > MAX_DEPTH:
            continue
        nested = tag.has_attr("typeof")
        for raw in str(tag["property"]).split():
            name = re.split(r"[/:#]", raw)[-1]
            value: Any = _rdfa(tag, depth=depth + 1) if nested else _value(tag, name)
            if name not in found:
                found[name] = value
            elif isinstance(found[name], list):
                found[name].append(value)
            else:
                found[name] = [found[name], value]
    return found


def _value(tag: Tag, name: str) -> str:
    """What a property of that tag says: the machine's value, the address, or the words."""
    for attribute in ("content", "datetime"):
        if tag.get(attribute):
            return str(tag[attribute])
    if name in ("startDate", "endDate"):
        # The value-class and abbr patterns of hCalendar.
        inner = tag.find(attrs={"datetime": True}) or tag.find(class_="value-title")
        if isinstance(inner, Tag):
            return str(inner.get("datetime") or inner.get("title") or "")
        if tag.get("title"):
            return str(tag["title"])
    if tag.name == "link" and tag.get("href"):  # it has no words: eventStatus, offers…
        return str(tag["href"])
    if name in ("url", "sameAs") and (tag.get("href") or tag.get("resource")):
        return str(tag.get("href") or tag.get("resource"))
    if name == "description" and len(tag.find_all(True)) > 2:
        return str(tag)
    return one_line(tag.get_text(" "))


def _place(tag: Tag) -> Any:
    """A place with its address when it is marked, else its words."""
    address = {
        name: one_line(found[0].get_text(" "))
        for name, classes in _ADDRESS.items()
        if (found := _classed(tag, classes))
    }
    names = _classed(tag, ("p-name", "fn", "org"))
    place: dict[str, Any] = {"@type": "Place"}
    if not address and not names:
        return one_line(tag.get_text(" "))
    place["name"] = one_line(names[0].get_text(" ")) if names else None
    place["address"] = address
    for name, classes in (
        ("latitude", ("p-latitude", "latitude")),
        ("longitude", ("p-longitude", "longitude")),
    ):
        if found := _classed(tag, classes):
            place[name] = _value(found[0], name)
    return place


def _classed(scope: Tag, classes: tuple[str, ...]) -> list[Tag]:
    """The tags of the first of these classes that is there, those of inner events apart."""
    for name in classes:
        found = [
            tag
            for tag in scope.find_all(class_=name)
            if tag.find_parent(class_=_ROOTS) is scope or not _ROOTS.search(_class(scope))
        ]
        if found:
            return found
    return []


def _inside(scope: Tag, attribute: str, pattern: re.Pattern[str]) -> bool:
    """Whether it is a part of another event."""
    return any(
        pattern.search(" ".join(v) if isinstance(v := parent.get(attribute, ""), list) else str(v))
        for parent in scope.parents
    )


def _class(tag: Tag) -> str:
    return " ".join(tag.get("class") or [])
