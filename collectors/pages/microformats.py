"""Microformats: h-event (microformats 2) and the older hCalendar, in the shape of JSON-LD.

References: microformats.org/wiki/microformats2-parsing, /h-event, /hcalendar, /value-class-pattern.
A root of one generation reads the class names of that generation only: `description` alone is an
ordinary class name of many themes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from collectors.pages.json_ld import MAX_EVENTS, Node
from collectors.pages.tree import Element, below, finder, outer, words
from domain.text import one_line

_CANDIDATES = finder("//*[@class][contains(@class, 'h-event') or contains(@class, 'vevent')]")
_ROOT = re.compile(r"h-[a-z]+(?:-[a-z]+)*$")
_PROPERTY = re.compile(r"(p|u|dt|e)-([a-z]+(?:-[a-z]+)*)$")
_OLD_ROOTS = frozenset({"vevent", "vcard", "adr", "geo"})
_OLD = {
    "summary": "p-name",
    "fn": "p-name",
    "org": "p-org",
    "dtstart": "dt-start",
    "dtend": "dt-end",
    "duration": "dt-duration",
    "description": "e-description",
    "url": "u-url",
    "category": "p-category",
    "location": "p-location",
    "status": "p-status",
    "organizer": "p-organizer",
    "contact": "p-organizer",
    "adr": "p-adr",
    "geo": "p-geo",
    "street-address": "p-street-address",
    "postal-code": "p-postal-code",
    "locality": "p-locality",
    "latitude": "p-latitude",
    "longitude": "p-longitude",
    "email": "u-email",
    "tel": "p-tel",
}
# The attribute in which a tag tells machines what it tells people in words.
_MACHINE = {
    **dict.fromkeys(("time", "ins", "del"), "datetime"),
    "abbr": "title",
    "data": "value",
    "input": "value",
    "meta": "content",
    "img": "alt",
    "area": "alt",
}
_UNNAMED = frozenset({"start", "end", "duration", "url", "photo"})  # says no words of its own
_POINT = re.compile(r"\s*(?:geo:)?(-?\d+\.\d+)\s*[;,]\s*(-?\d+\.\d+)\s*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = re.compile(
    r"(\d{1,2})(?:\s*[:h]\s*(\d{2})?(?::\d{2}(?:\.\d+)?)?)?\s*([ap]\.?m\.?)?"
    r"\s*(Z|[+-]\d{1,2}(?::?\d{2})?)?",
    re.I,
)


@dataclass(slots=True)
class _Thing:
    """A microformat: its words, and the values of each property, words or things."""

    words: str
    values: dict[str, list[Any]] = field(default_factory=dict)

    def texts(self, *names: str) -> list[str]:
        return [
            one.values.get("name", [one.words])[0] if isinstance(one, _Thing) else one
            for name in names
            for one in self.values.get(name, [])
        ]

    def text(self, *names: str) -> str | None:
        return next((one for one in self.texts(*names) if one), None)


def microformat_events(tree: Element) -> Iterator[Node]:
    """`class="h-event"`, and the older `class="vevent"`, those inside another one left out."""
    inside: set[Element] = set()
    roots = (one for one in _CANDIDATES(tree) if {"h-event", "vevent"} & set(_classes(one)))
    for count, root in enumerate(roots):
        if count >= MAX_EVENTS:
            return
        if root not in inside:
            inside.update(root.iter(etree.Element))
            yield _event(_read(root), root)


def _event(thing: _Thing, root: Element) -> Node:
    starts = [_moment(one) for one in thing.texts("start")]
    day = next((found[0] for one in starts if (found := _DATE.match(one))), "")
    ends = [_moment(one, day) for one in thing.texts("end")]
    link = root.get("href") if root.tag in ("a", "area") else None
    places = thing.values.get("location") or thing.values.get("adr") or thing.values.get("geo")
    told: Node = {
        "@type": "Event",
        "name": thing.text("name") or (thing.words if thing.values.keys() <= _UNNAMED else None),
        "startDate": starts[0] if len(starts) == 1 else starts,
        "endDate": ends[0] if len(ends) == 1 else ends,
        "duration": thing.text("duration"),
        "description": thing.text("content", "description", "summary"),
        "url": thing.text("url") or link,
        "organizer": [_body(one) for one in _of(thing, "organizer", "author")],
        "keywords": thing.texts("category"),
        "location": [_place(one, thing) for one in places or []],
        "eventStatus": thing.text("status"),
    }
    return {name: value for name, value in told.items() if value}


def _of(thing: _Thing, *names: str) -> list[Any]:
    return next((values for name in names if (values := thing.values.get(name))), [])


def _body(one: Any) -> Any:
    if not isinstance(one, _Thing):
        return one
    known = {
        "name": one.text("name", "org") or one.words,
        "email": one.text("email"),
        "telephone": one.text("tel"),
    }
    return {name: value for name, value in known.items() if value}


def _place(one: Any, event: _Thing) -> Any:
    """A place with its address and coordinates when they are marked, else its words."""
    if not isinstance(one, _Thing):
        return one if "geo" not in event.values else {"name": one, "geo": _geo(event)}
    inner = [v for name in ("adr", "geo") for v in one.values.get(name, [])]
    parts = [one, *(v for v in inner if isinstance(v, _Thing))]
    address = {
        name: next((v for part in parts if (v := part.text(own))), None)
        for name, own in (
            ("streetAddress", "street-address"),
            ("postalCode", "postal-code"),
            ("addressLocality", "locality"),
        )
    }
    geo = next((found for part in (*parts, event) if (found := _geo(part))), {})
    words_of_adr = next((v for v in one.values.get("adr", []) if isinstance(v, str)), "")
    if not one.values or not (any(address.values()) or geo or one.text("name", "org")):
        return one.words
    return {
        "@type": "Place",
        "name": one.text("name", "org"),
        "address": {k: v for k, v in address.items() if v} or words_of_adr,
        "geo": geo,
    }


def _geo(thing: _Thing) -> Node:
    """Coordinates said apart, or together: « 43.3;5.4 »."""
    both = (thing.text("latitude"), thing.text("longitude"))
    if not all(both):
        found = _POINT.fullmatch(thing.text("geo") or thing.words)
        both = (found[1], found[2]) if found else (None, None)
    return {"latitude": both[0], "longitude": both[1]} if all(both) else {}


def _read(root: Element) -> _Thing:
    """The properties of a microformat; those of the things within stay theirs."""
    thing = _Thing(one_line(_said(root)))
    old = not any(_ROOT.match(name) for name in _classes(root))
    left = list(reversed(list(root)))
    while left:
        tag = left.pop()
        names = _classes(tag)
        nested = bool(_OLD_ROOTS & set(names)) or any(map(_ROOT.match, names))
        for name in names:
            found = _PROPERTY.match(_OLD.get(name, "") if old else name)
            if not found:
                continue
            value = _read(tag) if nested and found[1] != "e" else _value(tag, found[1])
            if value:
                thing.values.setdefault(found[2], []).append(value)
        if not nested:
            left.extend(reversed(tag))
    return thing


def _value(tag: Element, prefix: str) -> str:
    """What a property says, by its prefix: words, address (u), date (dt), HTML (e)."""
    if prefix == "e":
        return outer(tag)
    if prefix == "u":
        link = tag.get("href") or tag.get("src") or tag.get("data")
        if link:
            return link.strip()
    if parts := list(_parts(tag)):
        return " ".join(parts) if prefix == "dt" else "".join(parts)
    return one_line(_said(tag))


def _parts(tag: Element) -> Iterator[str]:
    """The value-class pattern: `<span class="value">` and `value-title` within a property."""
    for inner in below(tag):
        names = _classes(inner)
        if "value-title" in names and inner.get("title"):
            yield one_line(inner.get("title") or "")
        elif "value" in names:
            yield one_line(_said(inner))


def _said(tag: Element) -> str:
    """The machine's value of a tag, else its words."""
    attribute = _MACHINE.get(str(tag.tag))
    return (tag.get(attribute) if attribute else None) or words(tag)


def _moment(said: str, day: str = "") -> str:
    """ISO of « 2027-06-03 », « 2027-06-03 7pm +0200 », or « 19:30 » of that day; else the words."""
    date = _DATE.match(said)
    if not date and not day:
        return said
    rest = (said[date.end() :] if date else said).strip(" T,")
    if date and not rest:
        return date[0]
    clock = _TIME.fullmatch(rest)
    if not clock:
        return said
    hour = int(clock[1]) % 12 if clock[3] else int(clock[1])
    hour += 12 if (clock[3] or "").lower().startswith("p") else 0
    zone = re.sub(r"^([+-])(\d)(?!\d)", r"\g<1>0\2", clock[4] or "")
    return f"{date[0] if date else day}T{hour:02}:{clock[2] or '00'}{zone}"


def _classes(tag: Element) -> list[str]:
    return (tag.get("class") or "").split()
