"""schema.org/Schedule: « every Tuesday from September to June » → a rule and its dates.

A schedule that ends by itself gives every date, 400 at most; without an end, only its rule.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from dateutil.rrule import rrulestr

from collectors.moments import iso_moment

MAX_DATES = 400
_FREQUENCIES = {
    "p1d": ("DAILY", 1),
    "p1w": ("WEEKLY", 1),
    "p1m": ("MONTHLY", 1),
    "p1y": ("YEARLY", 1),
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "biweekly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
    "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1),
}
_UNITS = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Held:
    """A rule (RFC 5545), and the dates it gives when it ends by itself."""

    rule: str | None = None
    timings: tuple[dict[str, str], ...] = ()


def held_on(schedule: Mapping[str, Any], first: str | None) -> Held:
    """What a schedule says; `first`, the start of its event, when it does not say its own."""
    start = _day(schedule.get("startDate")) or _day(first)
    last = _day(schedule.get("endDate"))
    clock, until = _clock(schedule.get("startTime")), _clock(schedule.get("endTime"))
    clock = clock or (first[10:] if first else "")
    rule = _rule(schedule)
    if rule is None or start is None:
        days = [start] if start and last in (None, start) else []
        return Held(rule, _slots(days, clock, until))
    count = next(iter(_numbers(schedule.get("repeatCount"), MAX_DATES)), None)
    if count is None and last is None:
        return Held(rule)
    rule += f";COUNT={count}" if count else f";UNTIL={last:%Y%m%d}"
    without = {_day(one) for one in _many(schedule.get("exceptDate"))}
    days = [day for day in _dates(rule, start) if day not in without and (not last or day <= last)]
    return Held(rule, _slots(days, clock, until))


def _dates(rule: str, start: date) -> Iterator[date]:
    """The days of a rule, those of ten years at most: some rules never come true."""
    bare, _, count = rule.partition(";COUNT=")
    if count:
        bare += f";UNTIL={min(start.year + 10, 9999)}1231"
    began = datetime.combine(start, time())
    most = min(int(count or MAX_DATES), MAX_DATES)
    return (one.date() for one in islice(rrulestr(bare, dtstart=began), most))


def _rule(schedule: Mapping[str, Any]) -> str | None:
    """The RRULE of repeatFrequency and the by… of a schedule; None when it does not repeat."""
    said = str(schedule.get("repeatFrequency") or "").rsplit("/", 1)[-1].strip().lower()
    days = [code for one in _many(schedule.get("byDay")) if (code := _weekday(one))]
    frequency = _FREQUENCIES.get(said)
    if period := re.fullmatch(r"p(\d{1,2})([dwmy])", said):
        frequency = (_UNITS[period[2]], max(int(period[1]), 1))
    if frequency is None and not days:
        return None
    name, interval = frequency or ("WEEKLY", 1)
    rule = f"FREQ={name}" + (f";INTERVAL={interval}" if interval > 1 else "")
    numbers = {
        "BYMONTH": _numbers(schedule.get("byMonth"), 12),
        "BYMONTHDAY": _numbers(schedule.get("byMonthDay"), 31),
    }
    parts = {"BYDAY": ",".join(days), **{key: ",".join(v) for key, v in numbers.items()}}
    return rule + "".join(f";{key}={value}" for key, value in parts.items() if value)


def _weekday(value: Any) -> str | None:
    """`https://schema.org/Tuesday`, `Tuesday`, `TU`, `2TU` → the code of RFC 5545."""
    name = str(value).rsplit("/", 1)[-1].strip()
    if name.lower() in _DAYS:
        return _CODES[_DAYS.index(name.lower())]
    return name.upper() if re.fullmatch(r"-?[1-5]?(?:MO|TU|WE|TH|FR|SA|SU)", name.upper()) else None


def _numbers(value: Any, most: int) -> list[str]:
    return [str(one) for one in _many(value) if str(one).isdigit() and 0 < int(one) <= most]


def _slots(days: list[date], clock: str, until: str) -> tuple[dict[str, str], ...]:
    over = timedelta(days=bool(until) and until < clock)  # it ends after midnight
    return tuple({"start": f"{d}{clock}", "end": f"{d + over}{until or clock}"} for d in days)


def _day(value: Any) -> date | None:
    moment = iso_moment(value) if isinstance(value, str) else None
    return date.fromisoformat(moment[:10]) if moment else None


def _clock(value: Any) -> str:
    """`T18:30` of `18:30:00`, `18:30+02:00`; "" when it is no hour."""
    found = re.match(r"T?([01]?\d|2[0-3]):([0-5]\d)", str(value or "").strip())
    return f"T{int(found[1]):02}:{found[2]}" if found else ""


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "", {}) else [value]
