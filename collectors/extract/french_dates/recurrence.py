"""Recurrences: from what a text says to an RRULE (RFC 5545), and from a rule to its days."""

from collections.abc import Iterator
from datetime import date, timedelta

from collectors.extract.french_dates.calendar import nth_weekday
from collectors.extract.french_dates.items import Rule

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
LONGEST = timedelta(days=3 * 366)  # a window wider than this is cut: nobody announces further


def rrule(rule: Rule, until: date | None = None) -> str | None:
    """The RRULE of a rule; None when the text only says « certains mercredis »."""
    if not rule.sure:
        return None
    until_part = f";UNTIL={until:%Y%m%d}" if until else ""
    if rule.nth:
        days = ",".join(f"{n}{_DAYS[d]}" for d in rule.weekdays for n in rule.nth)
        return f"FREQ=MONTHLY;BYDAY={days}{until_part}"
    if not rule.weekdays or set(rule.weekdays) == set(range(7)):
        return f"FREQ=DAILY{until_part}"
    interval = f";INTERVAL={rule.every}" if rule.every > 1 else ""
    days = ",".join(_DAYS[d] for d in sorted(set(rule.weekdays)))
    return f"FREQ=WEEKLY{interval};BYDAY={days}{until_part}"


def parse_rrule(text: str) -> Rule | None:
    """The rule of an RRULE this module can expand (DAILY, WEEKLY, MONTHLY by weekday)."""
    parts = dict(
        p.split("=", 1) for p in text.removeprefix("RRULE:").upper().split(";") if "=" in p
    )
    if set(parts) - {"FREQ", "INTERVAL", "BYDAY", "UNTIL", "WKST"}:
        return None
    byday = [d for d in parts.get("BYDAY", "").split(",") if d]
    if any(d[-2:] not in _DAYS for d in byday) or not parts.get("INTERVAL", "1").isdigit():
        return None
    weekdays = tuple(dict.fromkeys(_DAYS.index(d[-2:]) for d in byday))
    ranks = tuple(dict.fromkeys(int(d[:-2]) for d in byday if d[:-2].lstrip("+-").isdigit()))
    every = max(int(parts.get("INTERVAL", "1")), 1)
    match parts.get("FREQ"):
        case "DAILY" if not byday:
            return Rule((), every=every)
        case "WEEKLY" if not ranks:
            return Rule(weekdays, every=every)
        case "MONTHLY" if ranks:
            return Rule(weekdays, every=every, nth=ranks)
    return None


def days_of(rule: Rule, start: date, end: date) -> Iterator[date]:
    """The days of a rule between two days, both included; at most LONGEST of them are visited."""
    end = min(end, start + LONGEST)
    if rule.nth:
        yield from _monthly(rule, start, end)
        return
    monday = start - timedelta(days=start.weekday())
    day = start
    while day <= end:
        weeks, days = (day - monday).days // 7, (day - start).days
        count = weeks if rule.weekdays else days
        if count % rule.every == 0 and (not rule.weekdays or day.weekday() in rule.weekdays):
            yield day
        day += timedelta(days=1)


def _monthly(rule: Rule, start: date, end: date) -> Iterator[date]:
    months = range(start.year * 12 + start.month - 1, end.year * 12 + end.month, rule.every)
    found = {
        day
        for year, month in (divmod(m, 12) for m in months)
        for weekday in rule.weekdays
        for nth in rule.nth
        if (day := nth_weekday(year, month + 1, weekday, nth=nth)) is not None
    }
    yield from (day for day in sorted(found) if start <= day <= end)


def expand(rule_text: str, *, first: date, window: tuple[date, date]) -> list[date]:
    """The days of an RRULE inside a window (both days included), counted from `first`.

    UNTIL is obeyed. A rule this module does not know (COUNT, BYMONTHDAY…) raises ValueError:
    better no day than wrong days.
    """
    rule = parse_rrule(rule_text)
    if rule is None:
        raise ValueError(f"recurrence: {rule_text!r} is not a rule of days, weeks or n-th weekdays")
    last = window[1]
    for part in rule_text.upper().split(";"):
        if part.removeprefix("RRULE:").startswith("UNTIL="):
            last = min(last, date.fromisoformat(part.split("=", 1)[1][:8]))
    if not rule.weekdays and not rule.nth:
        return [d for d in days_of(rule, first, last) if d >= window[0]]
    if rule.every == 1:
        first = max(first, window[0])
    return [d for d in days_of(rule, first, last) if d >= window[0]]
