"""A look at the outside: do sites answer, how fast, and does our clock agree with theirs?

One request a site, for its robots.txt, with the guards of every other request.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from collectors.client import Client
from collectors.fetch import Fetch
from collectors.sites import site_of
from domain.errors import CollectError


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one site said. `skew`: our clock minus its own; None when it does not say its own."""

    site: str
    answered: bool
    why: str = ""  # when nothing usable came
    milliseconds: int | None = None
    skew: timedelta | None = None


async def look(client: Client, urls: Iterable[str], *, seconds: float = 10.0) -> list[Look]:
    """One look at each site of these URLs, all together."""
    sites = list(dict.fromkeys(map(site_of, urls)))
    return list(await asyncio.gather(*(_one(client, site, seconds) for site in sites)))


async def _one(client: Client, site: str, seconds: float) -> Look:
    fetch = Fetch(client.transport, seconds=seconds, limit=500_000, allow_http=True)
    try:
        answer = await fetch.follow("GET", f"{site}/robots.txt", {})
    except CollectError as error:
        return Look(site=site, answered=fetch.answered, why=error.message)
    took = fetch.answers_ms[-1] if fetch.answers_ms else None
    return Look(
        site=site,
        answered=True,
        milliseconds=took,
        skew=skew(answer.headers, client.clock()),
    )


def skew(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Our clock minus the server's (its Date and, behind a cache, Age), to the second."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
        age = int(headers.get("age") or 0)
        return now - told - timedelta(seconds=age)
    except (TypeError, ValueError, OverflowError):
        return None


def agreed(looks: Sequence[Look]) -> timedelta | None:
    """How far our clock is from theirs: the median, as one server may be wrong; None unknown."""
    known = [one.skew.total_seconds() for one in looks if one.skew is not None]
    return timedelta(seconds=median(known)) if known else None
