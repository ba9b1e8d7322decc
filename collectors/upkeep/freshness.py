"""What a site says of its own rhythm: Cache-Control, Expires, RSS ttl, skipHours, skipDays. Pure.

Obeyed within reason (rhythm): a `max-age` of a year is a server's setting, not an editor's wish.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from domain.records import Fresh

_HEAD = 64 * 1024  # bytes of a feed where its channel is described
_ITEM = re.compile(rb"<(?:item|entry)\b", re.I)
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.I)
_SKIP = re.compile(rb"<skip(hours|days)>(.{0,2000}?)</skip\1>", re.I | re.S)
_PART = re.compile(rb"<(?:hour|day)>\s*(\w{1,9})\s*</(?:hour|day)>", re.I)
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def told(headers: Mapping[str, str], body: bytes, *, now: datetime) -> Fresh:
    """What the answer of a source's own address says of when to come back."""
    head = body[:_HEAD]
    first = _ITEM.search(head)
    channel = head[: first.start()] if first else head
    ttl = _TTL.search(channel)
    minutes = int(ttl[1]) if ttl else 0
    skipped = {m[1].lower(): _PART.findall(m[2]) for m in _SKIP.finditer(channel)}
    hours = {int(one) % 24 for one in skipped.get(b"hours", ()) if one.isdigit()}
    days = {one.decode("latin-1").lower() for one in skipped.get(b"days", ())}
    return Fresh(
        seconds=max(minutes * 60.0, _cached(headers, now=now)),
        skip_hours=tuple(sorted(hours)),
        skip_days=tuple(n for n, name in enumerate(_DAYS) if name in days),
    )


def _cached(headers: Mapping[str, str], *, now: datetime) -> float:
    """Seconds its caches may keep it; 0 when none, or when it must always be asked again."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return 0.0
    if found := _MAX_AGE.search(control):
        return float(found[1])
    try:
        return max(0.0, (parsedate_to_datetime(headers["expires"]) - now).total_seconds())
    except (KeyError, TypeError, ValueError, IndexError):
        return 0.0


def outside(due: datetime, fresh: Fresh) -> datetime:
    """The first instant from `due` on that is in no hour or day left out; `due` if all are."""
    for hours in range(8 * 24):
        at = due + timedelta(hours=hours)
        if at.hour not in fresh.skip_hours and at.weekday() not in fresh.skip_days:
            return at
    return due
