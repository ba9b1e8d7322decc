"""What a source would give, before it is kept: one visit now, nothing stored."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from collectors.collect import Harvest, visit
from collectors.discovery import discover as discovery
from collectors.discovery.discover import Discovery
from collectors.extract import mention as extracting
from collectors.kinds import kinds, title
from collectors.web.client import Client
from domain.records import Json, Mention, Source, Visit
from domain.statuses import Outcome
from domain.text import fold, one_line
from review.house import House

log = logging.getLogger(__name__)

SHOWN = 20  # announcements read for the preview
MOST_OPTIONS = 2000  # characters of a candidate's options in an address
SECONDS = 40.0  # for the whole visit

KINDS: Mapping[str, str] = {
    name: title(name)
    for name in (
        *("page", "feed", "calendar", "table", "opendatasoft", "openagenda"),
        *("events_calendar", "wordpress", "sitemap"),
    )
}
"""The kinds a person may choose on screen: French names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one visit gave, read as the chain would."""

    source: Source
    visit: Visit
    mentions: tuple[Mention, ...] = ()
    unread: tuple[str, ...] = ()  # why some could not be read


def slug_of(title: str, url: str) -> str:
    """A slug for ever: from the title, else from the host."""
    text = fold(title) or (urlsplit(url).hostname or "source")
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:60] or "source"


def options_of(kind: str, text: str) -> dict[str, Json]:
    """The options of another candidate, as the page's own links carry them; {} when they are not.

    An address may be written by anybody: nothing in it may name a secret of this machine, a header
    or a lesser protection.
    """
    try:
        given = json.loads(text[:MOST_OPTIONS] or "{}")
    except ValueError:
        return {}
    allowed = kinds()[kind].OPTIONS if kind in kinds() else {}
    if not isinstance(given, dict) or not given.keys() <= allowed.keys():
        return {}
    if any(re.match(r"\s*(?:env|file):", leaf, re.IGNORECASE) for leaf in _texts(given)):
        return {}
    check = getattr(kinds()[kind], "check", None)
    return {} if check and check(given) else given


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)


def look_around(house: House, url: str) -> Discovery:
    """What could be collected from that address: feeds, calendars, structured pages, best first."""
    try:
        return asyncio.run(asyncio.wait_for(_discover(house, url), SECONDS))
    except TimeoutError:
        return Discovery(url=url, why=f"le site met plus de {SECONDS:.0f} secondes à répondre")


async def _discover(house: House, url: str) -> Discovery:
    async with Client(house.settings, house.clock) as client:
        return await discovery.discover(url, client)


def try_source(house: House, source: Source) -> Preview:
    """Visit it now. Never raises for its faults: they are the outcome."""
    try:
        found = asyncio.run(asyncio.wait_for(_visit(house, source), SECONDS))
    except TimeoutError:
        why = f"la source met plus de {SECONDS:.0f} secondes à répondre"
        late = Visit(
            source=source.slug, outcome=Outcome.UNREACHABLE, why=why, started_at=house.clock()
        )
        return Preview(source=source, visit=late)
    mentions, unread = [], [f"{one.key} : {one.why}" for one in found.quarantined]
    for item in found.items[:SHOWN]:
        try:
            mentions.append(extracting.read(item, source))
        except Exception as error:  # the loop that isolates an item, as in the chain
            log.exception("%s: could not be read in a preview", item.key)
            unread.append(f"{one_line(item.key)[:80]} : {error}")
    return Preview(
        source=source, visit=found.visit, mentions=tuple(mentions), unread=tuple(unread[:SHOWN])
    )


async def _visit(house: House, source: Source) -> Harvest:
    async with Client(house.settings, house.clock) as client:
        return await visit(source, client, validators={}, now=house.clock())
