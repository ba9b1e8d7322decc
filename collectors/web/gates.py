"""Politeness of one run: one request at a time per host, a delay between two, HTTP 429 obeyed.

The delay is the longest of ours, of the crawl-delay the host asks for, and of what its own slowness
asks for: as Scrapy's AutoThrottle, a host that takes 4 s to answer is left alone for 4 s.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from collectors.web.domains import operator
from collectors.web.robots import MAX_CRAWL_DELAY
from domain.errors import Unreachable

MAX_WAIT_SECONDS = 14 * 86400  # a longer Retry-After is a mistake


@dataclass(slots=True)
class Gate:
    """One host: one request at a time, and none before `opens_at` (loop time)."""

    floor_seconds: float  # our delay, or the crawl-delay it asks for
    delay_seconds: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    opens_at: float = 0.0

    def ask(self, seconds: float) -> None:
        """Its robots.txt is known: at least that long between two requests."""
        self.floor_seconds = seconds
        self.delay_seconds = max(self.delay_seconds, seconds)

    def answered(self, seconds: float, *, fine: bool) -> None:
        """It took that long to answer. An error, often quick, never brings us back sooner."""
        if not self.floor_seconds:  # no delay is wanted at all: tests, one's own machine
            return
        slow = max(seconds, (self.delay_seconds + seconds) / 2)
        delay = min(max(slow, self.floor_seconds), max(MAX_CRAWL_DELAY, self.floor_seconds))
        self.delay_seconds = delay if fine else max(delay, self.delay_seconds)


class Gates:
    """The gates of every host of a run."""

    def __init__(self, delay_seconds: float) -> None:
        self._delay = delay_seconds
        self._gates: dict[str, Gate] = {}
        self._refused: dict[str, float] = {}  # operator → loop time before which it said no

    def of(self, url: str) -> Gate:
        """The gate of that URL's host, made on first sight."""
        host = urlsplit(url).hostname or ""
        if host not in self._gates:
            self._gates[host] = Gate(self._delay, self._delay)
        return self._gates[host]

    def refuse(self, url: str, seconds: float) -> None:
        """HTTP 429: nothing is asked of that URL's host, nor of its platform, before that."""
        self._refused[_operator(url)] = asyncio.get_running_loop().time() + seconds

    def wait_seconds(self, url: str) -> float:
        """For how long that URL's host asked not to be visited."""
        until = self._refused.get(_operator(url), 0.0)
        return max(0.0, until - asyncio.get_running_loop().time())

    @contextlib.asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[Gate]:
        """Our turn on that URL's host: alone, and late enough after the previous request."""
        gate, loop = self.of(url), asyncio.get_running_loop()
        async with gate.lock:
            if wait := self.wait_seconds(url):
                raise Unreachable(
                    f"{urlsplit(url).hostname} demande d'attendre encore {wait:.0f} s "
                    "avant de revenir",
                    about=url,
                )
            await asyncio.sleep(max(0.0, gate.opens_at - loop.time()))
            try:
                yield gate
            finally:
                gate.opens_at = loop.time() + gate.delay_seconds


def _operator(url: str) -> str:
    return operator(urlsplit(url).hostname or "")


def retry_after(text: str, *, now: datetime) -> float | None:
    """Seconds asked by a Retry-After header (a number or an HTTP date), capped; None = nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), MAX_WAIT_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, IndexError):
        return None
    return min(seconds, MAX_WAIT_SECONDS) if seconds > 0 else None
