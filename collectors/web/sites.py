"""What sites ask of robots, whatever their sources: robots.txt, tdmrep.json, HTTP 429.

`Sites` reads each file at most once a day (a week) and remembers it between runs (records.Site).
"""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from collectors.web import robots, tdm
from collectors.web.fetch import Fetch, inflated
from collectors.web.transport import Transport
from domain.errors import CollectError, Unreachable, Unreadable
from domain.records import Site
from domain.settings import Settings
from domain.times import Clock

logger = logging.getLogger(__name__)

_MUTE_SECONDS = 600  # a host that says nothing is not waited for again by the others of its pass
_TDMREP_EVERY, _TDMREP_BYTES = timedelta(days=7), 200_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a site allows: its rules, or why nothing may be asked and for how long."""

    rules: robots.Rules | None
    why: str = ""
    answered: bool = True
    wait_seconds: float | None = None

    def told(self, url: str, *, allowed: bool, published: bool) -> str:
        """The decision about a URL, in French."""
        assert self.rules is not None  # noqa: S101 — asked only then
        delay = self.rules.delay_seconds
        words = "adresse permise" if allowed else "adresse interdite"
        if allowed and published and not self.rules.names_us:
            words = "publiée pour les machines, et aucune règle ne nous nomme : permise"
        if delay:
            words += f" ; au plus une demande toutes les {delay:g} s"
        return f"{words} ; {self.why}, règles d'avant" if self.why else words


class Sites:
    """The memory of sites during a run."""

    def __init__(
        self, transport: Transport, settings: Settings, clock: Clock, known: Iterable[Site]
    ) -> None:
        self.transport = transport
        self.settings = settings
        self.clock = clock
        self._known = {one.site: one for one in known}
        self._sites = dict(self._known)
        self._mute: dict[str, tuple[str, float]] = {}  # site → why, until (loop time)
        self._locks: dict[str, asyncio.Lock] = {}

    def close_gates(self) -> None:
        """The hosts that asked to wait (429) are not asked, in this run either."""
        now = self.clock()
        for one in self._sites.values():
            if one.wait_until is not None and one.wait_until > now:
                self.transport.gates.refuse(one.site, (one.wait_until - now).total_seconds())

    def learned(self) -> list[Site]:
        """What this run learned of sites, to be kept for the next one."""
        return [one for name, one in self._sites.items() if one != self._known.get(name)]

    def site(self, url: str) -> Site:
        """What is known of that URL's site."""
        name = site_of(url)
        return self._sites.get(name) or Site(site=name)

    def learn(self, site: Site) -> None:
        self._sites[site.site] = site

    def refuse_until(self, url: str, seconds: float) -> None:
        """HTTP 429: the whole host asked for that, this run and the next ones."""
        self.transport.gates.refuse(url, seconds)
        until = self.clock() + timedelta(seconds=seconds)
        self.learn(replace(self.site(url), wait_until=until))

    async def rules(self, url: str, *, seconds: float, lax_host: str = "") -> Asked:
        """What the robots.txt of that URL's site allows; it is read at most once a day."""
        name, loop = site_of(url), asyncio.get_running_loop()
        async with self._locks.setdefault(name, asyncio.Lock()):
            why, until = self._mute.get(name, ("", 0.0))
            if until > loop.time():
                return Asked(None, why, answered=False)
            if robots.due(self.site(url), now=self.clock()):
                lost = await self._read_robots(url, seconds=seconds, lax_host=lax_host)
                if lost:
                    self._mute[name] = (lost, loop.time() + _MUTE_SECONDS)
                    return Asked(None, lost, answered=False)
        site, now = self.site(url), self.clock()
        found = robots.rules(site, now=now)
        if found is None:
            wait = (site.robots_wait_until or now) - now
            return Asked(None, site.robots_why, wait_seconds=max(0.0, wait.total_seconds()))
        delay = max(self.settings.per_host_seconds, found.delay_seconds)
        self.transport.gates.of(url).ask(delay)
        return Asked(found, site.robots_why if site.robots_wait_until else "")

    async def _read_robots(self, url: str, *, seconds: float, lax_host: str) -> str:
        """Learn the site's robots.txt; why in French when nobody answered at all."""
        fetch = Fetch(
            self.transport,
            seconds=seconds,
            limit=robots.MAX_BYTES,
            allow_http=True,
            lax_host=lax_host,
            start=True,
        )
        site, now = self.site(url), self.clock()
        try:
            plain = {"Accept-Encoding": "identity"}  # the start of a compressed file is no file
            answer = await fetch.follow("GET", f"{site.site}/robots.txt", plain)
            if 400 <= answer.status < 500 and answer.status != 429:
                self.learn(robots.read(site, "", now=now))
            elif answer.status == 200:
                text = robots.decoded(inflated(answer, self.settings.max_bytes))
                self.learn(robots.read(site, _safe(text), now=now))
            else:
                why = f"robots.txt répond {answer.status} où 200 ou 404 est attendu"
                self.learn(robots.failed(site, why, now=now))
        except Unreadable as error:
            logger.info("%s: robots.txt ignored: %s", site.site, error)
            self.learn(robots.read(site, "", now=now))
        except Unreachable as error:
            if not fetch.answered:
                return error.message
            self.learn(robots.failed(site, f"robots.txt : {error.message}", now=now))
        return ""

    async def tdm_file(self, url: str) -> tdm.Said | None:
        """What the site's tdmrep.json says of that URL; read at most once a week."""
        site, now = self.site(url), self.clock()
        if site.tdmrep_at is None or now - site.tdmrep_at >= _TDMREP_EVERY:
            seconds = self.settings.total_seconds
            fetch = Fetch(self.transport, seconds=seconds, limit=_TDMREP_BYTES, allow_http=True)
            text = site.tdmrep
            try:
                answer = await fetch.follow("GET", f"{site.site}{tdm.WELL_KNOWN}", {})
                if answer.status < 500 and answer.status != 429:
                    good = answer.status == 200
                    body = inflated(answer, _TDMREP_BYTES) if good else b""
                    text = _safe(body.decode("utf-8", "replace"))
            except CollectError as error:
                logger.info("%s: tdmrep.json could not be read: %s", site.site, error)
            site = replace(self.site(url), tdmrep=text, tdmrep_at=now)
            self.learn(site)
        return tdm.of_file(site.tdmrep or "", url)


def site_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _safe(text: str) -> str:
    """Text a database accepts."""
    return text.replace("\x00", "")
