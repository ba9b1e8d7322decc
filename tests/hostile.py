"""What a fault does to a visit: a hostile answer in, the harvest out.

A visit has all the time of a slow machine; where the fault is a server that never ends, the test
gives it the deadline `SHORT`, which no slowness can turn from right into wrong.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

from collectors.collect import Harvest, visit
from collectors.web.client import Client
from domain.records import Source
from domain.settings import Settings
from tests.builders import NOW
from tests.web import Asked, Handler, Web, answer

PATIENCE = 600.0  # seconds a request may take where its deadline is not the subject
SHORT = {"total_seconds": 0.3}  # the deadline of a request whose answer never ends
BYTES = 300_000  # the weight an answer may have
XML = {"Content-Type": "application/rss+xml; charset=utf-8"}


def rss(*items: str, head: str = "") -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Mairie</title>'
        f"<link>https://mairie.example/</link>{head}{''.join(items)}</channel></rss>"
    )


def entry(number: int, text: str = "Le 3 juin 2027 à Gap.", **more: str) -> str:
    own = {"guid": f"n{number}", "title": f"Fête {number}", "description": text, **more}
    inside = "".join(f"<{name}>{value}</{name}>" for name, value in own.items())
    inside = inside.replace("<guid>", '<guid isPermaLink="false">')
    return f"<item>{inside}<link>https://mairie.example/{number}</link></item>"


FEED = rss(entry(1), entry(2))
GOOD = answer(FEED, headers=XML)
KEPT = {"https://mairie.example/flux": {"etag": '"avant"', "sha256": "0", "reader": "x"}}
"""Validators of a previous visit, which no failure may touch."""


@dataclass(frozen=True, slots=True)
class Suffered:
    """What a visit gave, and the web that saw it."""

    harvest: Harvest
    web: Web

    @property
    def outcome(self) -> str:
        return self.harvest.visit.outcome.value

    @property
    def why(self) -> str:
        return self.harvest.visit.why


def suffer(
    web_like: bytes | Handler | Callable[[Web], None],
    kind: str = "feed",
    path: str = "/flux",
    *,
    kept: Mapping[str, Mapping[str, str]] = KEPT,
    resolver: AbstractResolver | None = None,
    settings: Mapping[str, Any] | None = None,
    usual: float | None = None,
    **options: Any,
) -> Suffered:
    """One visit of `path`, answered by bytes, a handler, or a web that a function prepared."""

    async def run() -> Suffered:
        async with Web() as web:
            if isinstance(web_like, bytes):
                web.raw(path, web_like)
            elif asyncio.iscoroutinefunction(web_like):
                web.on(path, web_like)
            else:
                web_like(web)  # type: ignore[arg-type]
            url = path.replace("{port}", str(web.port)) if "://" in path else web.url(path)
            source = Source(slug="essai", title="Essai", kind=kind, url=url, options=options)
            own = {"allow_loopback": True, "per_host_seconds": 0, "total_seconds": PATIENCE}
            chosen = Settings(**{**own, "max_bytes": BYTES, **(settings or {})})
            async with Client(chosen, lambda: NOW, resolver=resolver) as client:
                harvest = await visit(source, client, validators=kept, now=NOW, usual=usual)
            return Suffered(harvest, web)

    return asyncio.run(run())


def drip(first: bytes, drop: bytes = b"x", *, every: float = 0.05) -> Handler:
    """An answer that never ends: `first`, then a drop from time to time."""

    async def handler(asked: Asked) -> None:
        asked.writer.write(first)
        while not asked.writer.is_closing():
            asked.writer.write(drop)
            await asked.writer.drain()
            await asyncio.sleep(every)

    return handler


def in_turn(*answers: bytes | Callable[[Asked], Awaitable[bytes | None]]) -> Handler:
    """The answers one after the other, the last one for ever."""
    left = list(answers)

    async def handler(asked: Asked) -> bytes | None:
        one = left.pop(0) if len(left) > 1 else left[0]
        return one if isinstance(one, bytes) else await one(asked)

    return handler


class Names(AbstractResolver):
    """A DNS that answers what it is told to, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not found:
            raise OSError(socket.EAI_NONAME, "Name or service not known")
        return [
            ResolveResult(
                hostname=host, host=one, port=port, family=socket.AF_INET, proto=0, flags=0
            )
            for one in found
        ]

    async def close(self) -> None:
        pass
