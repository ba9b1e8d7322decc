"""The JSON-LD of a page: its script blocks, repaired, and the Event objects in them.

Half of the broken blocks of the web are broken in five ways: comments, CDATA, raw newlines, HTML
escapes, trailing commas. A short ladder undoes them.
"""

import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

MAX_EVENTS = 10_000
MAX_DEPTH = 12

_SCRIPT = re.compile(
    r"<script\b[^>]*\btype\s*=\s*[\"']?application/ld\+json[^>]*>(.*?)(?:</script\s*>|$)",
    re.I | re.S,
)
_EVENT = re.compile(r"(?:^|[/:#])(?:\w*(?:Event|Festival)|EventSeries|Hackathon)$", re.I)
# Subclasses of Event that announce nothing one goes to.
_NO_EVENT = re.compile(r"(?:Delivery|Publication|Broadcast|OnDemand)Event$", re.I)
_PREFIX = re.compile(r"^(?:schema:|https?://schema\.org/)")
_LISTS = ("@graph", "mainEntity", "itemListElement", "item", "event", "events", "about", "hasPart")
# Where the graph may say « see there » instead of the thing itself.
_REFERRED = ("location", "organizer", "superEvent", "subEvent", "eventSchedule", "offers")
_INHERITED = ("location", "organizer", "eventStatus", "eventAttendanceMode")

Node = dict[str, Any]


def json_ld_events(page: str) -> list[Node]:
    """The Event objects of the page's JSON-LD, sub-events included, each once."""
    if "ld+json" not in page.lower():
        return []
    return events_in([read_json(block) for block in _SCRIPT.findall(page)])


def events_in(values: list[Any]) -> list[Node]:
    """The events of these objects, each once: those of one `@id`, or equal, are the same."""
    nodes = dict(_named(values, depth=0))
    found: dict[str, Node] = {}
    for event in _events(values, nodes, depth=0):
        found.setdefault(_identity(event), event)
        if len(found) >= MAX_EVENTS:
            break
    return list(found.values())


def is_event(kind: Any) -> bool:
    """Whether a `@type`, or one of several, is an event people go to."""
    names = kind if isinstance(kind, list) else [kind]
    return any(
        isinstance(n, str) and bool(_EVENT.search(n)) and not _NO_EVENT.search(n) for n in names
    )


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


def many(value: Any) -> list[Any]:
    """The values of a property: a list, one alone, or none."""
    return value if isinstance(value, list) else [] if value in (None, "", {}) else [value]


def _events(value: Any, nodes: Mapping[str, Node], *, depth: int) -> Iterator[Node]:
    """The events below a value, the properties of schema.org without their prefix."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _events(one, nodes, depth=depth + 1)
    elif isinstance(value, dict):
        node = _plain(value)
        if not is_event(node.get("@type")):
            for name in _LISTS:
                yield from _events(node.get(name), nodes, depth=depth + 1)
            return
        node |= {name: _there(node[name], nodes) for name in _REFERRED if name in node}
        parts = many(node.get("subEvent") or node.get("subEvents"))
        days = [_plain(part) for part in parts if isinstance(part, dict) and _is_day(part, node)]
        others = [part for part in parts if not (isinstance(part, dict) and _is_day(part, node))]
        yield node | {"subEvent": days}
        for one in _events(others, nodes, depth=depth + 1):
            yield {name: node[name] for name in _INHERITED if name in node} | one


def _is_day(part: Node, whole: Node) -> bool:
    """A sub-event that only says when the event is held again: no name, or the same."""
    own = _plain(part)
    return bool(own.get("startDate")) and own.get("name") in (None, "", whole.get("name"))


def _there(value: Any, nodes: Mapping[str, Node]) -> Any:
    """The thing itself where a value only says its `@id`."""
    if isinstance(value, list):
        return [_there(one, nodes) for one in value]
    if isinstance(value, dict) and set(value) <= {"@id", "@type"}:
        return nodes.get(str(value.get("@id")), value)
    return value


def _named(value: Any, *, depth: int) -> Iterator[tuple[str, Node]]:
    """(@id, node) of every node that says more of itself than its `@id`."""
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for one in value:
            yield from _named(one, depth=depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("@id"), str) and set(value) > {"@id", "@type"}:
            yield value["@id"], _plain(value)
        for inner in value.values():
            yield from _named(inner, depth=depth + 1)


def _plain(node: Node) -> Node:
    """The node with bare property names: `schema:name`, `http://schema.org/name` → `name`."""
    if not any(":" in str(name) for name in node):
        return dict(node)
    return {_PREFIX.sub("", str(name)): value for name, value in node.items()}


def _identity(event: Node) -> str:
    """What makes two objects the same event; a series gives one `@id` to all its dates."""
    if isinstance(event.get("@id"), str) and event["@id"]:
        return repr((event["@id"], event.get("name"), event.get("startDate")))
    # A thing said elsewhere is named, not written again: it may hold the events of the whole page.
    own = {k: v.get("@id", v) if isinstance(v, dict) else v for k, v in event.items()}
    return json.dumps(own, sort_keys=True, default=str)
