"""The dates machines write for events, as ISO dates or datetimes for RawItem `start` and `end`."""

import re
from datetime import date, datetime, time
from typing import Any

from collectors.documents.instants import read_instant
from domain.times import PARIS

_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_MOMENT = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})[T ]+(\d{2}):?(\d{2})(?::?(\d{2}))?(?:[.,]\d+)?"
    r"\s*(Z|[+-]\d{2}:?\d{2}|[+-]\d{2})?",
    re.I,
)
_HOUR = re.compile(r"(\d{1,2})\s*[:hH]\s*(\d{2})?\s*(am|pm)?", re.I)


def iso_moment(value: Any, hour: str | None = None) -> str | None:
    """`2027-06-03`, `2027-06-03T14:00` (Europe/Paris) or None when it is not a machine date.

    Reads ISO 8601, iCalendar's basic format, RFC 822. An offset is turned into Paris time.
    """
    if isinstance(value, datetime):
        return _local(value)
    if isinstance(value, date):
        return value.isoformat()
    text = str(value or "").strip()
    day = _DAY.fullmatch(text)
    if day:
        return _day(day, hour)
    moment = _MOMENT.fullmatch(text)
    if moment:
        return _moment(moment)
    published = read_instant(text) if re.search(r"\d{1,2}:\d{2}", text) else None
    return _local(published) if published else None


def _day(match: re.Match[str], hour: str | None) -> str | None:
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None
    clock = _HOUR.fullmatch((hour or "").strip())
    if not clock:
        return day.isoformat()
    afternoon = 12 if (clock[3] or "").lower() == "pm" and int(clock[1]) < 12 else 0
    try:
        return f"{day}T{time(int(clock[1]) + afternoon, int(clock[2] or 0)):%H:%M}"
    except ValueError:
        return day.isoformat()


def _moment(match: re.Match[str]) -> str | None:
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in range(1, 7))
    try:
        naive = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 zone follows
    except ValueError:
        return None
    if not match[7]:
        return naive.isoformat(timespec="minutes")
    zone = match[7].upper()
    zone = "+00:00" if zone == "Z" else zone if len(zone) > 3 else f"{zone}:00"
    try:
        return _local(datetime.fromisoformat(f"{naive.isoformat()}{zone}"))
    except ValueError:
        return None


def _local(instant: datetime) -> str:
    """Naive Paris time, to the minute: what RAW_FIELDS start and end are made of."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(PARIS).replace(tzinfo=None)
    return instant.isoformat(timespec="minutes")
