"""robots.txt (RFC 9309), by protego: what a site asks of robots, and how often one may come.

A 4xx allows all. A 5xx, a 429 or a silence once connected allows nothing for a day (§2.3.1.4),
unless a copy of less than thirty days is kept from before (§2.4): its rules then still hold.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from protego import Protego

from domain.records import Site

AGENT = "paat-veille"
MAX_BYTES = 500 * 1024  # RFC 9309 §2.5: at least 500 KiB must be read; nobody needs more
MAX_CRAWL_DELAY = 30.0  # seconds; a longer wish is capped, a daily visit is polite enough

_NAMES_US = re.compile(rf"(?im)^[ \t]*user-agent[ \t]*:[ \t]*{re.escape(AGENT)}\b")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site's robots.txt says to us."""

    protego: Any
    names_us: bool
    delay_seconds: float  # the crawl delay asked of us, capped; 0 when none is

    def allow(self, url: str, *, published: bool) -> bool:
        """May we read this URL? What a site publishes for machines (feeds, calendars, APIs)
        is read unless the file names us: `Disallow: /*?` against search robots is not about it."""
        if published and not self.names_us:
            return True
        return bool(self.protego.can_fetch(url, AGENT))


def decoded(body: bytes) -> str:
    """The text of a robots.txt, its first 500 kB."""
    return body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")


def parse(body: bytes) -> Rules:
    """The rules of a robots.txt. An HTML page served instead holds no rule: all is allowed."""
    text = decoded(body)
    rules = Protego.parse(text)
    wish = rules.crawl_delay(AGENT)
    delay = 0.0 if wish is None else max(0.0, min(float(wish), MAX_CRAWL_DELAY))
    return Rules(rules, bool(_NAMES_US.search(text)), delay)


FRESH = timedelta(hours=24)
DENIED = timedelta(hours=24)
KEPT = timedelta(days=30)


def due(site: Site, *, now: datetime) -> bool:
    """Whether robots.txt has to be asked for."""
    if site.robots_wait_until is not None and now < site.robots_wait_until:
        return False
    return site.robots_at is None or not timedelta() <= now - site.robots_at < FRESH


def read(site: Site, text: str, *, now: datetime) -> Site:
    """The site's rules are known again; "" when there are none."""
    return replace(site, robots=text, robots_at=now, robots_wait_until=None, robots_why="")


def failed(site: Site, why: str, *, now: datetime) -> Site:
    """The site answered, but not what its rules are: nothing for a day, or its former rules."""
    return replace(site, robots_wait_until=now + DENIED, robots_why=why)


def rules(site: Site, *, now: datetime) -> Rules | None:
    """What the site allows now; None when it could not say and nothing is known of before."""
    if site.robots is None or site.robots_at is None:
        return None
    if site.robots_wait_until is not None and now - site.robots_at >= KEPT:
        return None
    return _parsed(site.robots)


@lru_cache(maxsize=2048)
def _parsed(text: str) -> Rules:
    return parse(text.encode())


ALLOW_ALL = parse(b"")
