"""A source whose address changes or disappears: permanent redirects, HTTP 410. Pure.

301 and 308 are adopted after three visits over a day that all saw the same one, on the same
registrable domain; another domain is a person's decision (a lapsed name is often bought by
strangers). 410 twice, a day apart, is gone; 404 never is: sites lose pages by mistake.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from collectors.web.domains import registrable
from domain.records import Moving, Source, SourceMemory

SIGHTINGS = 3
APART = timedelta(hours=20)  # « a day »: a daily visit comes a little early


def effective(source: Source, memory: SourceMemory) -> Source:
    """The source at the address it moved to, as long as its block says what it said then."""
    if memory.address and memory.address_of == source.url:
        return replace(source, url=memory.address)
    return source


def learn(
    memory: SourceMemory,
    source: Source,
    *,
    failed: bool,
    moved_to: str | None,
    gone: bool,
    now: datetime,
) -> SourceMemory:
    """The memory after a visit to `effective(source, memory)`."""
    if memory.address_of not in (None, source.url):  # its block was corrected since
        memory = replace(memory, address=None, address_of=None, moving=None)
    gone_since = (memory.gone_since or now) if gone else None if not failed else memory.gone_since
    memory = replace(memory, gone_since=gone_since)
    if failed:  # an address that gives nothing is no better one
        return memory
    if moved_to is None:
        return replace(memory, moving=None)
    seen = memory.moving
    if seen is None or seen.to != moved_to:
        return replace(memory, moving=Moving(to=moved_to, seen=1, since=now))
    seen = replace(seen, seen=seen.seen + 1)
    at = effective(source, memory).url
    if _confirmed(seen, now=now) and adoptable(at, moved_to):
        return replace(memory, address=moved_to, address_of=source.url, moving=None)
    return replace(memory, moving=seen)


def _confirmed(seen: Moving, *, now: datetime) -> bool:
    return seen.seen >= SIGHTINGS and now - seen.since >= APART


def is_gone(memory: SourceMemory, *, gone: bool, now: datetime) -> bool:
    """Whether this visit's 410 confirms an earlier one."""
    return gone and memory.gone_since is not None and now - memory.gone_since >= APART


def leaves(memory: SourceMemory, source: Source, *, now: datetime) -> str | None:
    """The address a person should look at before it is followed, once it was seen often enough."""
    seen = memory.moving
    if seen is None or not _confirmed(seen, now=now):
        return None
    return None if adoptable(effective(source, memory).url, seen.to) else seen.to


def adoptable(at: str, to: str) -> bool:
    """Whether a machine may follow: same registrable domain, and not every page sent home."""
    a, b = urlsplit(at), urlsplit(to)
    sent_home = b.path in ("", "/") and not b.query and (a.path not in ("", "/") or bool(a.query))
    return registrable(a.hostname or "") == registrable(b.hostname or "") and not sent_home
