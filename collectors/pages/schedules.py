"""schema.org/Schedule: « every Tuesday from September to June » → a rule and its dates.

A schedule that ends by itself gives every date, 400 at most over ten years; without an end, only
its rule. The days are counted here: dateutil searches until the year 9999 a rule that never comes
true (every 31 February).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from collectors.pages.json_ld import many
from collectors.pages.moments import iso_moment

MAX_DATES, MAX_DAYS = 400, 3_660
_FREQUENCIES = {
    "daily": ("DAILY", 1),
    "weekly": ("WEEKLY", 1),
    "biweekly": ("WEEKLY", 2),
    "monthly": ("MONTHLY", 1),
    "yearly": ("YEARLY", 1),
    "annually": ("YEARLY", 1),
}
_UNITS = {"d": "DAILY", "w": "WEEKLY", "m": "MONTHLY", "y": "YEARLY"}
_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Held:
    """A rule (RFC 5545), and the dates it gives when it ends by itself."""

    rule: str | None = None
    timings: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Rule:
    frequency: str
    interval: int
    weekdays: tuple[str, ...]  # « TU », « 2TU », « -1SU »
    months: tuple[int, ...]
    days: tuple[int, ...]  # of the month

    def __str__(self) -> str:
        parts = {
            "INTERVAL": str(self.interval) if self.interval > 1 else "",
            "BYDAY": ",".join(self.weekdays),
            "BYMONTH": ",".join(map(str, self.months)),
            "BYMONTHDAY": ",".join(map(str, self.days)),
        }
        return f"FREQ={self.frequency}" + "".join(f";{k}={v}" for k, v in parts.items() if v)

    def holds(self, day: date, start: date) -> bool:
        """Whether the event is held that day, when it is first held on `start`."""
        if self.months and day.month not in self.months:
            return False
        months = (day.year - start.year) * 12 + day.month - start.month
        weeks = (day - start + timedelta(days=start.weekday())).days // 7
        steps = {"DAILY": (day - start).days, "WEEKLY": weeks, "MONTHLY": months}
        if steps.get(self.frequency, day.year - start.year) % self.interval:
            return False
        if self.weekdays or self.days:
            named = not self.weekdays or bool(_said_as(day) & set(self.weekdays))
            return named and (not self.days or day.day in self.days)
        match self.frequency:
            case "WEEKLY":
                return day.weekday() == start.weekday()
            case "MONTHLY":
                return day.day == start.day
            case "YEARLY":
                return day.day == start.day and (bool(self.months) or day.month == start.month)
        return True


def held_on(schedule: Mapping[str, Any], first: str | None) -> Held:
    """What a schedule says; `first`, the start of its event, when it does not say its own."""
    start = _day(schedule.get("startDate")) or _day(first)
    last = _day(schedule.get("endDate"))
    clock, until = _clock(schedule.get("startTime")), _clock(schedule.get("endTime"))
    clock = clock or (first[10:] if first else "")
    rule = _rule(schedule)
    if rule is None or start is None:
        days = [start] if start and last in (None, start) else []
        return Held(str(rule) if rule else None, _slots(days, clock, until))
    count = next(iter(_numbers(schedule.get("repeatCount"), MAX_DATES)), None)
    if count is None and last is None:
        return Held(str(rule))
    without = {_day(one) for one in many(schedule.get("exceptDate"))}
    held = islice(_days(rule, start, last), count or MAX_DATES)
    ends = f"COUNT={count}" if count else f"UNTIL={last:%Y%m%d}"
    return Held(f"{rule};{ends}", _slots([day for day in held if day not in without], clock, until))


def _days(rule: _Rule, start: date, last: date | None) -> Iterator[date]:
    for number in range(min(MAX_DAYS, (date.max - start).days)):
        day = start + timedelta(days=number)
        if last and day > last:
            return
        if rule.holds(day, start):
            yield day


def _said_as(day: date) -> set[str]:
    """The ways RFC 5545 names a day of its month: « TU », « 2TU », « -1TU »."""
    code = _CODES[day.weekday()]
    names = {code, f"{(day.day - 1) // 7 + 1}{code}"}
    return names if (day + timedelta(days=7)).month == day.month else names | {f"-1{code}"}


def _rule(schedule: Mapping[str, Any]) -> _Rule | None:
    """The rule of repeatFrequency and the by… of a schedule; None when it does not repeat."""
    said = str(schedule.get("repeatFrequency") or "").rsplit("/", 1)[-1].strip().lower()
    weekdays = tuple(code for one in many(schedule.get("byDay")) if (code := _weekday(one)))
    frequency = _FREQUENCIES.get(said)
    if period := re.fullmatch(r"p(\d{1,2})([dwmy])", said):
        frequency = (_UNITS[period[2]], max(int(period[1]), 1))
    if frequency is None and not weekdays:
        return None
    name, interval = frequency or ("WEEKLY", 1)
    months, days = (_numbers(schedule.get(n), m) for n, m in (("byMonth", 12), ("byMonthDay", 31)))
    return _Rule(name, interval, weekdays, months, days)


def _weekday(value: Any) -> str | None:
    """`https://schema.org/Tuesday`, `Tuesday`, `TU`, `2TU` → the code of RFC 5545."""
    name = str(value).rsplit("/", 1)[-1].strip()
    if name.lower() in _NAMES:
        return _CODES[_NAMES.index(name.lower())]
    return (
        name.upper() if re.fullmatch(r"(?:-1|[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)", name, re.I) else None
    )


def _numbers(value: Any, most: int) -> tuple[int, ...]:
    told = (str(one) for one in many(value))
    return tuple(int(one) for one in told if re.fullmatch(r"\d{1,4}", one) and 0 < int(one) <= most)


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
