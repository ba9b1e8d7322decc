"""The polite client: every request of paat passes here, and every answer is bytes within bounds.

One `Client` a run, one `Session` (the `Http` of the kinds) a visit. What they guarantee, where:
- public addresses only, at the socket whatever DNS says (addresses, transport); a total deadline
  and the same checks on each redirect (fetch); a size limit, decompressed or not (inflate);
- one connection and a delay per host, HTTP 429 obeyed (gates); robots.txt (sites, robots);
- conditional requests: the validators of the last committed visit, verbatim (marks).
"""

from collections.abc import Iterable, Mapping
from importlib.metadata import version as installed
from types import TracebackType
from typing import Self

from aiohttp.abc import AbstractResolver

from collectors.parse_pool import Pool
from collectors.upkeep.archive import Archive
from collectors.web import robots
from collectors.web.session import Session
from collectors.web.sites import Sites
from collectors.web.transport import Transport
from domain.records import Site, Source
from domain.settings import Settings
from domain.times import Clock


class Client:
    """`async with Client(settings, clock) as client:` for the whole of a run."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        resolver: AbstractResolver | None = None,
        archive: Archive | None = None,
        sites: Iterable[Site] = (),
    ) -> None:
        self.settings = settings
        self.archive = archive
        self.clock = clock
        agent = f"{robots.AGENT}/{installed('paat')} (+{_ascii(settings.contact)})"
        self.transport = Transport(settings, agent, clock, resolver=resolver)
        self.pool: Pool | None = None
        self.sites = Sites(self.transport, settings, clock, sites)

    async def __aenter__(self) -> Self:
        await self.transport.__aenter__()
        self.sites.close_gates()
        if self.settings.parse_seconds:
            self.pool = Pool(
                workers=self.settings.parse_workers, seconds=self.settings.parse_seconds
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.transport.__aexit__(kind, error, trace)
        finally:
            if self.pool is not None:
                await self.pool.close()

    def session(
        self,
        source: Source,
        validators: Mapping[str, Mapping[str, str]] | None = None,
        *,
        version: int = 1,
    ) -> Session:
        """The Http of one visit. `version` is the kind's: a new one reads everything again."""
        return Session(
            source,
            validators or {},
            version=version,
            settings=self.settings,
            clock=self.clock,
            sites=self.sites,
            pool=self.pool,
        )


def _ascii(text: str) -> str:
    """A dash « — » in a header breaks every request with a latin-1 error."""
    return text.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")
