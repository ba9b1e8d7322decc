"""Events written in the attributes of a page, microdata and RDFa, in the shape of JSON-LD.

References: html.spec.whatwg.org/#microdata, w3.org/TR/rdfa-lite. The two differ only in the names
of their attributes: one walk reads both.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from collectors.pages.json_ld import MAX_DEPTH, MAX_EVENTS, Node, events_in, is_event
from collectors.pages.tree import Element, finder, outer, words

MAX_BORROWERS = 50
_SOURCES = frozenset({"img", "source", "audio", "video", "embed", "iframe", "track"})
_VOCABULARY = re.compile(r"schema\.org/|data-vocabulary\.org/")
_LINKS = frozenset({"url", "sameAs"})
_TIMES = frozenset({"startDate", "endDate", "previousStartDate"})


@dataclass(frozen=True, slots=True)
class _Syntax:
    """The attributes of a way to write things: their type, their properties, their address."""

    type: str
    property: str
    names: tuple[str, ...]  # of the address of a thing
    named: Mapping[str, Element] = field(default_factory=dict)  # what itemref may borrow, by id


_TYPED = finder("//*[@itemscope][@itemtype]")
_TYPEOF = finder("//*[@typeof]")
_WITH_ID = finder("//*[@id]")
_RDFA = _Syntax("typeof", "property", ("resource", "about"))


def microdata_events(tree: Element) -> list[Node]:
    """The `itemscope` events of schema.org (or of data-vocabulary.org, before it)."""
    scopes = [one for one in _TYPED(tree) if _VOCABULARY.search(one.get("itemtype") or "")]
    borrowers = sum(bool(one.get("itemref")) for one in scopes)
    borrow = 0 < borrowers <= MAX_BORROWERS  # a thousand that borrow the whole page are a trap
    named = {one.get("id") or "": one for one in _WITH_ID(tree)} if borrow else {}
    return _events(scopes, _Syntax("itemtype", "itemprop", ("itemid",), named))


def rdfa_events(tree: Element) -> list[Node]:
    """`typeof="Event"` below `vocab="https://schema.org/"`, or `typeof="schema:Event"`."""
    return _events((one for one in _TYPEOF(tree) if _of_schema(one)), _RDFA)


def _of_schema(scope: Element) -> bool:
    if "schema" in scope.get("typeof", "").lower():
        return True
    told = next((v for e in (scope, *scope.iterancestors()) if (v := e.get("vocab"))), "")
    return "schema.org" in told


def _events(scopes: Iterable[Element], syntax: _Syntax) -> list[Node]:
    """The events of the scopes, those that are properties of another event within it."""
    found: list[Node] = []
    inside: set[Element] = set()
    for scope in scopes:
        part = scope in inside and scope.get(syntax.property) is not None
        if part or not is_event(_type(scope, syntax)):
            continue
        if scope not in inside:
            inside.update(scope.iter(etree.Element))
        found.append(_thing(scope, syntax, depth=0))
        if len(found) >= MAX_EVENTS:
            break
    return events_in(found)


def _type(scope: Element, syntax: _Syntax) -> list[str]:
    return [re.split(r"[/:#]", one)[-1] for one in scope.get(syntax.type, "").split()]


def _thing(scope: Element, syntax: _Syntax, *, depth: int) -> Node:
    """The properties of a thing: one value each, or a list."""
    values: dict[str, list[Any]] = {}
    for tag in _properties(scope, syntax):
        inner = _is_thing(tag)
        if inner and depth >= MAX_DEPTH:
            continue
        for raw in tag.get(syntax.property, "").split():
            name = re.split(r"[/:#]", raw)[-1]
            value = _thing(tag, syntax, depth=depth + 1) if inner else _value(tag, name)
            values.setdefault(name, []).append(value)
    address = next((told for name in syntax.names if (told := scope.get(name))), None)
    own: Node = {"@type": _type(scope, syntax)} | ({"@id": address} if address else {})
    return own | {name: many[0] if len(many) == 1 else many for name, many in values.items()}


def _properties(scope: Element, syntax: _Syntax) -> Iterator[Element]:
    """The elements that say a property of this thing, not of the things within; microdata may
    borrow some from elsewhere (itemref). No recursion: a page may nest deep."""
    borrowed = (scope.get("itemref") or "").split()
    left = [syntax.named[one] for one in borrowed if one in syntax.named] + list(reversed(scope))
    seen: set[Element] = {scope}
    while left:
        tag = left.pop()
        if tag in seen:
            continue
        seen.add(tag)
        if tag.get(syntax.property):
            yield tag
        if not _is_thing(tag):
            left.extend(reversed(tag))


def _is_thing(tag: Element) -> bool:
    return tag.get("itemscope") is not None or tag.get("typeof") is not None


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
