"""Reading only what changed since the last committed visit, for the APIs that can say it.

The first visit reads everything, and so does one visit in `full_days`; the others ask for what
changed, from a day before the last visit: the server's clock is not ours, and its index lags. What
is kept here is stored with the announcements, never before them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from collectors.documents.instants import read_instant
from collectors.http import Http
from domain.records import Source

OVERLAP = timedelta(days=1)
FULL_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """`since`: what changed since then is asked, None = everything. `retired_since`: the same for
    what was withdrawn, None only when nothing was ever read. `total`: announcements known."""

    since: datetime | None
    retired_since: datetime | None
    total: int
    kept: dict[str, str]


def cursor(source: Source, http: Http) -> Cursor:
    """Where the last committed visit stopped."""
    kept = dict(http.known().get(source.url, {}))
    at, full = read_instant(kept.get("at")), read_instant(kept.get("full"))
    if at is None or full is None:
        return Cursor(since=None, retired_since=None, total=0, kept={})
    days = int(source.options.get("full_days", FULL_DAYS))
    whole = http.now() - full > timedelta(days=days)
    since = at - OVERLAP
    total = int(kept.get("total", 0))
    return Cursor(since=None if whole else since, retired_since=since, total=total, kept=kept)


def keep(source: Source, http: Http, before: Cursor, *, count: int, **more: str) -> None:
    """Remember this visit, which read `count` announcements. Those of a partial visit that were
    known before count for the source's bounds."""
    now = http.now().isoformat()
    partial = before.since is not None
    if partial:
        http.tally.skipped += before.total
    http.keep(
        source.url,
        at=now,
        full=before.kept["full"] if partial else now,
        total=str(before.total if partial else count),
        **more,
    )
