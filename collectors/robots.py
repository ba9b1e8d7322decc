"""robots.txt (RFC 9309), by protego: what a site asks of robots, and how often one may come."""

import re
from dataclasses import dataclass
from typing import Any

from protego import Protego

AGENT = "paat-veille"
MAX_BYTES = 500 * 1024  # RFC 9309 §2.5: at least 500 KiB must be read; nobody needs more
MAX_CRAWL_DELAY = 30.0  # seconds; a longer wish is capped, a daily visit is polite enough

_NAMES_US = re.compile(rf"(?im)^[ \t]*user-agent[ \t]*:[ \t]*{re.escape(AGENT)}\b")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one site's robots.txt says to us."""

    protego: Any
    names_us: bool

    def allow(self, url: str, *, published: bool) -> bool:
        """May we read this URL? What a site publishes for machines (feeds, calendars, APIs)
        is read unless the file names us: `Disallow: /*?` against search robots is not about it."""
        if published and not self.names_us:
            return True
        return bool(self.protego.can_fetch(url, AGENT))

    @property
    def delay_seconds(self) -> float:
        """The crawl delay asked of us, capped; 0 when none is."""
        wish = self.protego.crawl_delay(AGENT)
        return 0.0 if wish is None else max(0.0, min(float(wish), MAX_CRAWL_DELAY))


def parse(body: bytes) -> Rules:
    """The rules of a robots.txt. An HTML page served instead holds no rule: all is allowed."""
    text = body[:MAX_BYTES].decode("utf-8", "replace").removeprefix("\ufeff")
    return Rules(Protego.parse(text), bool(_NAMES_US.search(text)))


ALLOW_ALL = parse(b"")
