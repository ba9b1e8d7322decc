"""A look at the outside: is there a way out, do sites answer, does our clock agree with theirs?

One request a site, for its robots.txt, with the guards of every other request.
"""

import asyncio
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from collectors.web.client import Client
from collectors.web.fetch import Fetch
from collectors.web.sites import site_of
from domain.errors import CollectError

_ROOTS = ("a.root-servers.net", "k.root-servers.net", "d.nic.fr")
"""Names of the DNS itself: our resolver finds them as long as it reaches anything."""
_ROUTES = ((socket.AF_INET, "198.41.0.4"), (socket.AF_INET6, "2001:503:ba3e::2:30"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one site said. `skew`: our clock minus its own; None when it does not say its own."""

    site: str
    answered: bool
    why: str = ""  # when nothing usable came
    milliseconds: int | None = None
    skew: timedelta | None = None


async def cut_off(client: Client) -> bool:
    """Whether this machine is alone: no route out, or no name of the DNS itself that resolves.

    Nothing is sent to anyone but our own resolver.
    """
    if not any(_routed(*one) for one in _ROUTES):
        return True
    found = await asyncio.gather(*(client.transport.resolves(name) for name in _ROOTS))
    return not any(found)


def _routed(family: socket.AddressFamily, address: str) -> bool:
    """Whether the machine knows a way there; connecting a datagram socket sends nothing."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((address, 53))
    except OSError:
        return False
    return True


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
