"""What a source would give, before it is kept: one visit now, nothing stored."""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from collectors import http
from collectors.collect import Harvest, visit
from collectors.extract import mention as extracting
from domain.records import Mention, Source, Visit
from domain.statuses import Outcome
from domain.text import fold, one_line
from review.house import House

log = logging.getLogger(__name__)

SHOWN = 20  # announcements read for the preview
SECONDS = 40.0  # for the whole visit

KINDS: Mapping[str, str] = {
    "page": "page de site",
    "feed": "flux RSS ou Atom",
    "calendar": "agenda iCalendar",
    "table": "tableau (CSV, Excel…)",
    "opendatasoft": "portail Opendatasoft",
}
"""The kinds a person may choose on screen; the others need options written in a file."""

_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "calendar": (".ics",),
    "feed": (".rss", ".atom", ".xml", "/feed", "/feed/", "/rss", "feed.json"),
    "table": (".csv", ".xlsx", ".ods", ".json", ".jsonl"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What one visit gave, read as the chain would."""

    source: Source
    visit: Visit
    mentions: tuple[Mention, ...] = ()
    unread: tuple[str, ...] = ()  # why some could not be read


def kind_of(url: str) -> str:
    """The kind the address tells; a web page otherwise."""
    path = urlsplit(url).path.lower()
    if "/api/explore/" in path:
        return "opendatasoft"
    return next((kind for kind, ends in _ENDINGS.items() if path.endswith(ends)), "page")


def slug_of(title: str, url: str) -> str:
    """A slug for ever: from the title, else from the host."""
    text = fold(title) or (urlsplit(url).hostname or "source")
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:60] or "source"


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
    async with http.Client(house.settings, house.clock) as client:
        return await visit(source, client, validators={}, now=house.clock())
