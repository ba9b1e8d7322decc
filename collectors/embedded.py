"""Events written in the attributes of a page, microdata and RDFa, in the shape of JSON-LD.

References: html.spec.whatwg.org/#microdata, w3.org/TR/rdfa-lite. The two differ only in the names
of their attributes: one walk reads both.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from collectors.json_ld import MAX_DEPTH, MAX_EVENTS, Node, events_in, is_event
from collectors.tree import Element, finder, outer, words

_SOURCES = frozenset({"img", "source", "audio", "video", "embed", "iframe", "track"})
_LINKS = frozenset({"url", "sameAs"})
_TIMES = frozenset({"startDate", "endDate", "previousStartDate"})


@dataclass(frozen=True, slots=True)
class _Syntax:
    """The attributes of a way to write things: their type, their properties, their address."""

    type: str
    property: str
    names: tuple[str, ...]  # of the address of a thing
    scopes: Callable[[Element], list[Element]]


_MICRODATA = _Syntax("itemtype", "itemprop", ("itemid",), finder("//*[@itemscope][@itemtype]"))
_RDFA = _Syntax("typeof", "property", ("resource", "about"), finder("//*[@typeof]"))


def microdata_events(tree: Element) -> list[Node]:
    """The `itemscope` events of schema.org (or of data-vocabulary.org, before it)."""
    scopes = (
        one
        for one in _MICRODATA.scopes(tree)
        if re.search(r"schema\.org/|data-vocabulary\.org/", one.get("itemtype", ""))
    )
    return _events(scopes, _MICRODATA)


def rdfa_events(tree: Element) -> list[Node]:
    """`typeof="Event"` below `vocab="https://schema.org/"`, or `typeof="schema:Event"`."""
    return _events((one for one in _RDFA.scopes(tree) if _of_schema(one)), _RDFA)


def _of_schema(scope: Element) -> bool:
    if "schema" in scope.get("typeof", "").lower():
        return True
    told = next((v for e in (scope, *scope.iterancestors()) if (v := e.get("vocab"))), "")
    return "schema.org" in told


def _events(scopes: Iterator[Element], syntax: _Syntax) -> list[Node]:
    """The events of the scopes, those that are properties of another event within it."""
    found: list[Node] = []
    inside: set[Element] = set()
    for scope in scopes:
        part = scope in inside and scope.get(syntax.property) is not None
        if part or not is_event(_type(scope, syntax)):
            continue
        inside.update(scope.iter(etree.Element))
        found.append(_thing(scope, syntax, depth=0))
        if len(found) >= MAX_EVENTS:
            break
    return events_in(found)


def _type(scope: Element, syntax: _Syntax) -> list[str]:
    return [re.split(r"[/:#]", one)[-1] for one in scope.get(syntax.type, "").split()]


def _thing(scope: Element, syntax: _Syntax, *, depth: int) -> Node:
    found: Node = {"@type": _type(scope, syntax)}
    name = next((v for a in syntax.names if (v := scope.get(a))), None)
    if name:
        found["@id"] = name
    for tag in _properties(scope, syntax):
        inner = tag.get("itemscope") is not None or tag.get("typeof") is not None
        if inner and depth >= MAX_DEPTH:
            continue
        for raw in tag.get(syntax.property, "").split():
            name = re.split(r"[/:#]", raw)[-1]
            value = _thing(tag, syntax, depth=depth + 1) if inner else _value(tag, name)
            before = found.get(name)
            found[name] = value if before is None else [*_listed(before), value]
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _properties(scope: Element, syntax: _Syntax) -> Iterator[Element]:
    """The elements that say a property of this thing: not those of the things within, and for
    microdata those it borrows from elsewhere (itemref). No recursion: a page may nest deep."""
    tops = [*_borrowed(scope), *reversed(scope)]
    seen: set[Element] = {scope}
    while tops:
        tag = tops.pop()
        if tag in seen:
            continue
        seen.add(tag)
        if tag.get(syntax.property):
            yield tag
        if tag.get("itemscope") is None and tag.get("typeof") is None:
            tops.extend(reversed(tag))


def _borrowed(scope: Element) -> list[Element]:
    names = scope.get("itemref", "").split()
    root = scope.getroottree().getroot()
    return [one for one in root.iter(etree.Element) if one.get("id") in names] if names else []


def _value(tag: Element, name: str) -> str:
    """What a property of that tag says: the machine's value, the address, or the words."""
    if told := tag.get("content") or tag.get("datetime"):
        return told
    if tag.tag in _SOURCES:
        return tag.get("src") or ""
    if tag.tag in ("data", "meter") and tag.get("value"):
        return tag.get("value") or ""
    href = tag.get("href") or tag.get("resource")
    if href and (tag.tag == "link" or name in _LINKS):  # a link has no words: eventStatus, offers…
        return href
    if name in _TIMES:  # the machine's date may be on a tag inside
        inner = next((one.get("datetime") for one in tag.iter("time") if one.get("datetime")), None)
        if inner or tag.get("title"):
            return str(inner or tag.get("title"))
    if name == "description" and len(tag):
        return outer(tag)
    return " ".join(words(tag).split())
