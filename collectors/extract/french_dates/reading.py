"""Expressions → days, slots and times: what one expression says, once resolved."""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from collectors.extract.french_dates import recurrence
from collectors.extract.french_dates.calendar import Span
from collectors.extract.french_dates.chains import Expression, Slot
from collectors.extract.french_dates.items import Clock, Point
from collectors.extract.french_dates.resolve import complete, infer_month, infer_year, resolve
from domain.records import Occurrence
from domain.statuses import Precision

MAX_DAILY = 31  # « du 3 au 5 juin, 14h-18h »: one slot a day, up to a month
MAX_REPEATED = 100  # a weekly year twice a week; beyond, only the rule and its bounds are kept

_NO_CLOCK: tuple[Clock | None, ...] = (None,)
_COARSE = frozenset({Precision.MONTH, Precision.SEASON, Precision.YEAR})
_RANK = {p: i for i, p in enumerate(Precision)}


@dataclass(slots=True)
class Reading:
    """What one expression says. `starts_on`/`ends_on` None: open, or not known."""

    starts_on: date | None = None
    ends_on: date | None = None
    occurrences: list[Occurrence] = field(default_factory=list)
    precision: Precision = Precision.UNKNOWN
    recurrence: str | None = None
    warnings: list[str] = field(default_factory=list)
    half: bool = False  # one side of a range is impossible: only the other is known

    @property
    def dated(self) -> bool:
        return self.starts_on is not None or self.ends_on is not None


def read_expression(expression: Expression, reference: date | None) -> Reading:
    """Resolves an expression; impossible days and hours become warnings, never dates."""
    reading = Reading()
    complete(expression.slots)
    for infer in (infer_month, infer_year):
        warning = infer(expression.slots, reference)
        if warning:
            reading.warnings.append(warning)
    spans = [_span_of(slot, reference, reading) for slot in expression.slots]
    if expression.rule is not None:
        _read_rule(expression, spans, reading, reference)
    else:
        _read_slots(expression, spans, reading)
    return reading


def _span_of(slot: Slot, reference: date | None, reading: Reading) -> Span | None:
    """First and last day of a slot; None when either is impossible or unknown."""
    first = resolve(slot.start, reference)
    last = first if slot.end is None else resolve(slot.end, reference)
    reading.warnings += first.warnings + (last.warnings if last is not first else [])
    if first.span is None or last.span is None:
        if first.span and slot.end is not None:  # « du 3 au 31 février »: the possible half stays
            reading.precision = _coarsest(reading.precision, first.precision)
            reading.half = True
            return first.span
        return None
    reading.precision = _coarsest(reading.precision, first.precision, last.precision)
    start, end = first.span[0], last.span[1]
    if end < start:
        reading.warnings.append(f"fin ({end}) avant début ({start}) : les deux jours sont inversés")
        start, end = last.span[0], first.span[1]
    return start, end


def _coarsest(*precisions: Precision) -> Precision:
    known = [p for p in precisions if p is not Precision.UNKNOWN]
    return max(known, key=_RANK.__getitem__, default=Precision.UNKNOWN)


def _valid(clocks: list[Clock], reading: Reading) -> list[Clock]:
    """The possible times; an impossible one is told and dropped."""
    valid = []
    for clock in clocks:
        if clock.start > 1440 or (clock.end or 0) > 1440:
            reading.warnings.append("heure impossible : l'horaire n'est pas retenu")
        else:
            valid.append(clock)
    return valid


def clock_time(minutes: int | None) -> time | None:
    """Minutes after midnight as a time; 24:00 is midnight."""
    return None if minutes is None else time(minutes // 60 % 24, minutes % 60)


def _slot(day: date, last: date, clock: Clock | None = None) -> Occurrence:
    if clock is None:
        return Occurrence(starts_on=day, ends_on=last)
    return Occurrence(
        starts_on=day,
        ends_on=last,
        starts_at=clock_time(clock.start),
        ends_at=clock_time(clock.end),
    )


def _days(span: Span) -> list[date]:
    return [span[0] + timedelta(days=i) for i in range((span[1] - span[0]).days + 1)]


def _occurrences(slot: Slot, span: Span, clocks: list[Clock], reading: Reading) -> list[Occurrence]:
    if slot.end_clock is not None:
        ends = _valid([slot.end_clock], reading)
        start = clocks[0].start if clocks else None
        end = ends[0].start if ends else None
        return [
            Occurrence(
                starts_on=span[0],
                ends_on=span[1],
                starts_at=clock_time(start),
                ends_at=clock_time(end),
            )
        ]
    if not clocks:
        return [_slot(*span)]
    if span[0] == span[1] or (span[1] - span[0]).days < MAX_DAILY:
        return [_slot(day, day, clock) for day in _days(span) for clock in clocks]
    return [_slot(*span, clock) for clock in clocks]


def _read_slots(expression: Expression, spans: list[Span | None], reading: Reading) -> None:
    clocks: list[Clock] = []
    found: list[list[Occurrence]] = []
    coarse = reading.precision in _COARSE
    for slot, span in zip(reversed(expression.slots), reversed(spans), strict=True):
        clocks = _valid(slot.clocks, reading) or clocks  # times said after a list are for all of it
        if span is not None and not coarse:
            found.append(_occurrences(slot, span, clocks, reading))
    reading.occurrences = [o for group in reversed(found) for o in group]
    known = [s for s in spans if s is not None]
    if known:
        opening = "from" if reading.half and len(known) == 1 else expression.opening
        _bound(reading, opening, (min(s[0] for s in known), max(s[1] for s in known)))
    if any(o.starts_at for o in reading.occurrences) and reading.precision is Precision.DAY:
        reading.precision = Precision.TIME


def _bound(reading: Reading, opening: str, span: Span) -> None:
    """Sets the days; an open side stays unknown and gives no slot."""
    reading.starts_on = None if opening == "until" else span[0]
    reading.ends_on = None if opening == "from" else span[1]
    if opening and reading.occurrences and span[0] == span[1]:
        reading.occurrences = []


def _read_rule(
    expression: Expression, spans: list[Span | None], reading: Reading, reference: date | None
) -> None:
    rule = expression.rule
    if rule is None:
        return
    known = [s for s in spans if s is not None]
    clocks = expression.clocks + [c for s in expression.slots for c in s.clocks]
    clocks = _valid(list(dict.fromkeys(clocks)), reading)
    reading.precision = Precision.TIME if clocks else Precision.DAY
    if not known:
        if rule.habitual:
            reading.recurrence = recurrence.rrule(rule)
        else:
            _next_weekdays(rule.weekdays, clocks, reading, reference)
        return
    span = (min(s[0] for s in known), max(s[1] for s in known))
    ends = None if expression.opening == "from" else span[1]
    reading.recurrence = recurrence.rrule(rule, ends)
    if not rule.sure:
        reading.warnings.append("jours non précisés (« certains … ») : seules les bornes sont lues")
    exact = rule.sure and rule.every == 1 and not expression.opening
    days = list(recurrence.days_of(rule, *span)) if exact else []
    if days:
        span = (days[0], days[-1])
    _bound(reading, expression.opening, span)
    if 0 < len(days) * max(len(clocks), 1) <= MAX_REPEATED:
        reading.occurrences = [_slot(d, d, c) for d in days for c in clocks or _NO_CLOCK]


def _next_weekdays(
    weekdays: tuple[int, ...], clocks: list[Clock], reading: Reading, reference: date | None
) -> None:
    """A weekday alone (« samedi, 14h ») is the next one after the reference, and says so."""
    days: list[date] = []
    for weekday in weekdays:  # each after the one before: « samedi et dimanche » said on a Sunday
        after = days[-1] if days else reference
        found = resolve(Point(kind="relative", name="weekday", weekday=weekday), after)
        if found.span is None:
            reading.warnings += found.warnings
            reading.precision = Precision.UNKNOWN
            return
        days.append(found.span[0])
    reading.warnings.append("jour de semaine seul : le premier qui suit la publication est retenu")
    reading.occurrences = [_slot(d, d, c) for d in days for c in clocks or _NO_CLOCK]
    reading.starts_on, reading.ends_on = min(days), max(days)
