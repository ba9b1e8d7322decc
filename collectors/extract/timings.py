"""Structured dates of a source (ISO, iCalendar-like) → `When`.

A date alone is a whole day; a naive datetime is Europe/Paris time; an offset is converted.
A slot that ends before it starts is told: swapped when both are whole days, its end dropped
otherwise. Years before 1990 or more than 15 after the reference (2100 without one) are told.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from domain.records import Occurrence, When
from domain.statuses import Precision
from domain.times import PARIS

Moment = tuple[date, time | None]
_FIRST_YEAR, _YEARS_AHEAD = 1990, 15


def read_iso(value: object) -> Moment | None:
    """The Paris day, and time if any, of an ISO 8601 text, a date or a datetime; None if unread."""
    if isinstance(value, str):
        value = _parse(value.strip())
    if isinstance(value, datetime):
        if value.tzinfo is not None:
            try:
                value = value.astimezone(PARIS)
            except OverflowError:
                return None
        return value.date(), value.time().replace(microsecond=0, tzinfo=None)
    if isinstance(value, date):
        return value, None
    return None


def _parse(text: str) -> date | datetime | None:
    try:
        if len(text) == 10 or (len(text) == 8 and text.isdigit()):
            return date.fromisoformat(text)
        return datetime.fromisoformat(text)  # naive = Paris, by contract
    except ValueError:
        return None


def from_timings(
    start: object,
    end: object,
    timings: Iterable[Mapping[str, Any]] | None = None,
    *,
    reference: date | None = None,
) -> When:
    """`When` of `start`, `end` and `timings` (a list of {start, end}); timings win when they read.

    `reference`: publication day, only to flag implausible years.
    """
    warnings: list[str] = []
    slots = [
        slot
        for timing in timings or ()
        if (slot := _slot(_pick(timing, "start", "begin"), timing.get("end"), warnings)) is not None
    ]
    if not slots:
        slot = _slot(start, end, warnings)
        slots = [] if slot is None else [slot]
    if not slots:
        return When(warnings=tuple(dict.fromkeys(warnings)))
    occurrences = sorted(set(slots), key=_order)
    ends = (occurrences[0].starts_on, occurrences[-1].starts_on)
    warnings += implausible_years(ends, reference)
    timed = any(o.starts_at is not None for o in occurrences)
    return When(
        starts_on=min(o.starts_on for o in occurrences),
        ends_on=max(o.ends_on for o in occurrences),
        occurrences=tuple(occurrences),
        precision=Precision.TIME if timed else Precision.DAY,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _pick(timing: Mapping[str, Any], *names: str) -> object:
    return next((timing[n] for n in names if timing.get(n)), None)


def _order(slot: Occurrence) -> tuple[date, time, date]:
    return slot.starts_on, slot.starts_at or time.min, slot.ends_on


def _slot(start: object, end: object, warnings: list[str]) -> Occurrence | None:
    first, last = read_iso(start), read_iso(end)
    for name, value, read in (("début", start, first), ("fin", end, last)):
        if value not in (None, "") and read is None:
            warnings.append(f"{name} illisible : « {str(value)[:60]} » au lieu d'une date ISO")
    if first is None:
        if last is None:
            return None
        warnings.append("fin sans début : seule la fin est connue")
        first = last
    last = last or (first[0], None)
    return _ordered(first, last, warnings)


def _ordered(first: Moment, last: Moment, warnings: list[str]) -> Occurrence:
    day, at = first
    last_day, last_at = last
    if (last_day, last_at or time.max) < (day, at or time.min):
        if at is None and last_at is None:
            warnings.append(f"fin ({last_day}) avant début ({day}) : les deux jours sont inversés")
            day, last_day = last_day, day
        else:
            warnings.append(f"fin ({last_day} {last_at}) avant début ({day} {at}) : fin ignorée")
            last_day, last_at = day, None
    last_day, last_at = _until_midnight(day, at, last_day, last_at)
    if at == last_at == time.min and last_day >= day:  # 00:00 → 00:00: whole days
        at = last_at = None
    return Occurrence(starts_on=day, ends_on=last_day, starts_at=at, ends_at=last_at)


def _until_midnight(
    day: date, at: time | None, last_day: date, last_at: time | None
) -> tuple[date, time | None]:
    """A slot that ends at midnight or in the small hours belongs to the evening it began."""
    if last_at is not None and last_day > day:
        if last_at == time.min:
            return last_day - timedelta(days=1), last_at
        if last_at < time(6) and last_day == day + timedelta(days=1) and (at or time.min) > last_at:
            return day, last_at
    return last_day, last_at


def implausible_years(days: Iterable[date], reference: date | None) -> list[str]:
    """What is told of years that are no announcement's: `reference`, its day of publication."""
    latest = reference.year + _YEARS_AHEAD if reference else 2100
    years = dict.fromkeys(day.year for day in days)
    return [
        f"année peu vraisemblable : {year}" for year in years if not _FIRST_YEAR <= year <= latest
    ]
