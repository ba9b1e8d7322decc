"""The events a page tells machines, by every way a page has: JSON-LD, microdata, RDFa, h-event and
hCalendar, Open Graph, links « ajouter à mon agenda ». All in the shape of JSON-LD, which
schema_org.event_fields reads; the first way that tells an event wins.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

from collectors.pages.embedded import microdata_events, rdfa_events
from collectors.pages.json_ld import MAX_EVENTS, Node, json_ld_events
from collectors.pages.microformats import microformat_events
from collectors.pages.tree import Element, hrefs, metas

# The names of the same things in the links that fill the agenda of its reader.
_AGENDAS = {
    "calendar.google.com": ("text", "dates", "", "location", "details"),
    "www.google.com": ("text", "dates", "", "location", "details"),
    "calendar.yahoo.com": ("title", "st", "et", "in_loc", "desc"),
    "outlook.live.com": ("subject", "startdt", "enddt", "location", "body"),
    "outlook.office.com": ("subject", "startdt", "enddt", "location", "body"),
}


def page_events(text: str, tree: Element) -> tuple[str, list[Node]]:
    """(the way they are told, the events) of a page; ("", []) when it tells none."""
    if events := json_ld_events(text):
        return "JSON-LD", events
    ways: tuple[tuple[str, Callable[[Element], list[Node] | Iterator[Node]]], ...] = (
        ("microdonnées", microdata_events),
        ("RDFa", rdfa_events),
        ("h-event", microformat_events),
        ("Open Graph", open_graph_event),
        ("lien d'agenda", agenda_events),
    )
    for name, way in ways:
        if events := _told(way(tree)):
            return name, events
    return "", []


def open_graph_event(tree: Element) -> Iterator[Node]:
    """The event a page tells to social networks; without its start date it is only an article."""
    told = metas(tree)

    def first(*names: str) -> str | None:
        return next((told[name] for name in names if name in told), None)

    start = first("event:start_time", "og:event:start_time", "event:start_date", "og:start_date")
    if start and "og:title" in told:
        event: Node = {
            "@type": "Event",
            "name": told["og:title"],
            "startDate": start,
            "endDate": first("event:end_time", "og:event:end_time", "event:end_date"),
            "description": first("og:description"),
            "url": first("og:url"),
            "location": first("event:location", "og:event:location", "og:locality"),
        }
        yield {name: value for name, value in event.items() if value}


def agenda_events(tree: Element) -> Iterator[Node]:
    """The event of the links that add it to an agenda; several different ones are those of a list,
    which the page tells better than its links."""
    links = (href for href in hrefs(tree) if "calendar" in href)
    found = [one for href in links if (one := _of_link(href))]
    if len({(one["name"], one["startDate"]) for one in found}) == 1:
        yield found[0]


def _of_link(href: str) -> Node | None:
    try:
        parts = urlsplit(href.strip())
        names = _AGENDAS.get(parts.hostname or "")
        told = {name: values[0].strip() for name, values in parse_qs(parts.query).items()}
        title, start, end, place, text = (told.get(name, "") for name in names or ("",) * 5)
        start, _, until = start.partition("/")
        if re.fullmatch(r"\d{8}", until):  # Google's whole days end the day after
            until = (date.fromisoformat(until) - timedelta(days=1)).isoformat()
    except (ValueError, OverflowError):
        return None
    if not title or not start:
        return None
    event: Node = {"@type": "Event", "name": title, "startDate": start, "endDate": until or end}
    return event | {"location": place, "description": text}


def _told(events: list[Node] | Iterator[Node]) -> list[Node]:
    """Those that say what they are, each once."""
    found: dict[str, Node] = {}
    for event in events:
        if event.get("name") or event.get("description"):
            found.setdefault(repr(event), event)
        if len(found) >= MAX_EVENTS:
            break
    return list(found.values())
