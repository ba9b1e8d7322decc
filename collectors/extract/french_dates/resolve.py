"""Points → days: missing months and years are given by the neighbours, then by the reference.

Rule of the year (no year written, no neighbour): the first year in which the date is not over
since more than 45 days on the reference day; announcements precede what they announce, and
reports follow it closely. A weekday decides instead when it fits another near year (−200 to
+550 days). No reference: the year stays unknown and so does the date; nothing is invented.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from collectors.extract.french_dates import calendar
from collectors.extract.french_dates.calendar import Span
from collectors.extract.french_dates.chains import Slot
from collectors.extract.french_dates.items import Point
from domain.statuses import Precision
from domain.times import MONTHS, french_date

STALE = timedelta(days=45)
_FIT = (timedelta(days=-200), timedelta(days=550))
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_PRECISION = {
    "day": Precision.DAY,
    "holiday": Precision.DAY,
    "nth": Precision.DAY,
    "week": Precision.WEEK,
    "month": Precision.MONTH,
    "quarter": Precision.SEASON,
    "season": Precision.SEASON,
    "vacances": Precision.SEASON,
    "schoolyear": Precision.YEAR,
    "year": Precision.YEAR,
}
_SEASON_MONTH = {"printemps": 3, "ete": 6, "automne": 9, "hiver": 12}
_VACANCES_MONTH = {"toussaint": 10, "noel": 12, "hiver": 2, "printemps": 4, "ete": 7}
_HOLIDAY_MONTH = {"paques": 4, "ascension": 5, "pentecote": 6}


@dataclass(slots=True)
class Resolved:
    """The days of one point. `span` None: the point names no possible day (see warnings)."""

    span: Span | None
    precision: Precision
    warnings: list[str]


def _month_of(point: Point) -> int | None:
    """The month that orders a point among its neighbours; None when it has none."""
    if point.month:
        return point.month
    if point.kind == "season":
        return _SEASON_MONTH[point.name]
    if point.kind == "vacances":
        return _VACANCES_MONTH[point.name]
    if point.kind == "holiday":
        return calendar.FIXED.get(point.name, (_HOLIDAY_MONTH.get(point.name, 1), 1))[0]
    if point.kind == "quarter":
        return (int(point.day or 1) - 1) * point.number + 1
    return None


def _order(point: Point) -> tuple[int, int]:
    day = point.day if point.kind == "day" else None
    return _month_of(point) or 0, day or 0


def complete(slots: list[Slot]) -> None:
    """Gives each point the month and year its neighbours imply, backwards then forwards."""
    points = [p for s in slots for p in (s.start, s.end) if p is not None]
    for point, following in zip(reversed(points[:-1]), reversed(points[1:]), strict=True):
        _borrow_before(point, following)
    for previous, point in pairwise(points):
        _borrow_after(point, previous)


def _borrow_before(point: Point, following: Point) -> None:
    month = _month_of(following)
    if point.kind == "day" and point.month is None and month and following.kind in {"day", "month"}:
        point.month, point.year = month, point.year or following.year
        if following.kind == "day" and (point.day or 0) - (following.day or 0) > 15:
            point.month = (month - 2) % 12 + 1  # « du 30 au 2 mai »
            if month == 1 and point.year is not None:
                point.year -= 1
    elif point.year is None and following.year is not None and _month_of(point):
        later = month is not None and _order(point) > _order(following)
        point.year = following.year - (1 if later else 0)


def _borrow_after(point: Point, previous: Point) -> None:
    if point.kind == "day" and point.month is None and previous.month:
        wraps = (point.day or 0) < (previous.day or 0)
        point.month = previous.month % 12 + 1 if wraps else previous.month
    if point.year is None and previous.year is not None and _month_of(point):
        point.year = previous.year + (1 if _order(point) < _order(previous) else 0)


def infer_month(slots: list[Slot], reference: date | None) -> str | None:
    """« samedi 20 » alone: the nearest month whose 20th is a Saturday; returns a warning."""
    points = [p for s in slots for p in (s.start, s.end) if p is not None]
    lost = [p for p in points if p.kind == "day" and p.month is None]
    key = next((p for p in lost if p.weekday is not None), None)
    if key is None:
        return None
    day = _next_fit(key, reference)
    if day is not None:
        key.month, key.year = day.month, day.year
        complete(slots)
    slots[:] = [s for s in slots if s.start.month or s.start.kind != "day"]
    return "mois absent : déduit du jour de semaine" if day else "mois absent : aucune date lue"


def _next_fit(point: Point, reference: date | None) -> date | None:
    if reference is None:
        return None
    days = (reference + timedelta(days=i) for i in range(-15, 200))
    return next((d for d in days if (d.day, d.weekday()) == (point.day, point.weekday)), None)


def infer_year(slots: list[Slot], reference: date | None) -> str | None:
    """Gives a year to the points that have none; returns a warning when that is impossible."""
    points = [p for s in slots for p in (s.start, s.end) if p is not None]
    without = [p for p in points if p.year is None and p.kind != "relative"]
    if not without:
        return None
    if reference is None:
        return "année absente et aucun jour de référence : aucune date n'est retenue"
    first, last = without[0], without[-1]
    shift = 1 if _order(last) < _order(first) else 0
    year = _year_for(first, last, reference, shift=shift)
    for point, previous in zip(without, [None, *without[:-1]], strict=True):
        if previous is not None and _order(point) < _order(previous):
            year += 1
        point.year = year
    return None


def _year_for(first: Point, last: Point, reference: date, *, shift: int) -> int:
    found = _search_year(first, last, reference, shift, range(-1, 3))
    if found is None:  # 29 February
        found = _search_year(first, last, reference, shift, range(3, 9))
    return found or reference.year


def _search_year(
    first: Point, last: Point, reference: date, shift: int, ahead: range
) -> int | None:
    years = [reference.year + n for n in ahead]
    spans = {y: s for y in years if (s := _span(first, y)) is not None}
    ends = spans
    if last is not first:
        ends = {y: s for y in spans if (s := _span(last, y + shift)) is not None}
    oldest = reference - STALE
    if first.kind == "season" and first.number == 1:  # « l'été prochain »
        ends, oldest = spans, reference + (spans[reference.year][1] - spans[reference.year][0])
    if first.kind == "day" and first.number == -1:  # « le 3 juin dernier »
        return max((y for y, s in spans.items() if s[1] <= reference), default=None)
    natural = next((y for y, s in ends.items() if s[1] >= oldest), None)
    if natural is None or first.weekday is None or first.kind != "day":
        return natural
    fitting = [y for y, s in spans.items() if s[0].weekday() == first.weekday]
    near = [y for y in fitting if _FIT[0] <= spans[y][0] - reference <= _FIT[1]]
    if near:
        return min(near, key=lambda y: abs(spans[y][0] - reference))
    return natural


def resolve(point: Point, reference: date | None) -> Resolved:
    """The days of a completed point."""
    if point.kind == "relative":
        return _relative(point, reference)
    precision = _PRECISION[point.kind]
    if point.around:
        precision = Precision.WEEK if point.around == "week" else Precision.DAY
    if point.year is None:
        return Resolved(None, Precision.UNKNOWN, [])
    span = _span(point, point.year)
    if span is None:
        return Resolved(None, Precision.UNKNOWN, [_impossible(point)])
    warnings = _doubts(point, span)
    if point.around:
        if point.around == "weekend" and span[0].weekday() == 2:
            told = f"week-end du {french_date(span[0])}, un mercredi : le suivant est retenu"
            warnings.append(told)
        span = _widen(point, span[0])
    return Resolved(span, precision, warnings)


def _widen(point: Point, day: date) -> Span:
    """The week or week-end around a day; Easter and Whitsun week-ends include their Monday."""
    if point.around == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    first, last = calendar.weekend_around(day)
    if point.kind == "holiday" and point.name in {"paques", "pentecote"}:
        last = max(last, calendar.holiday(point.name, day.year) + timedelta(days=1))
    return first, last


def _impossible(point: Point) -> str:
    if point.kind == "day":
        month = MONTHS[point.month - 1] if point.month and 1 <= point.month <= 12 else point.month
        return f"date impossible : {point.day} {month} {point.year}"
    return f"période impossible : {point.kind} {point.number or point.name} {point.year}"


def _doubts(point: Point, span: Span) -> list[str]:
    found = []
    if point.kind == "day" and point.weekday is not None and span[0].weekday() != point.weekday:
        found.append(
            f"jour contradictoire : « {WEEKDAYS[point.weekday]} » est écrit "
            f"mais le {french_date(span[0])} est un {WEEKDAYS[span[0].weekday()]}"
        )
    if point.kind == "vacances" and not calendar.school_holidays(point.name, span[0].year)[1]:
        found.append("vacances scolaires de la zone B estimées : calendrier officiel inconnu")
    return found


def _day(point: Point, year: int) -> Span | None:
    try:
        day = date(year, point.month or 0, point.day or 0)
    except ValueError:
        return None
    return day, day


def _nth(point: Point, year: int) -> Span | None:
    day = calendar.nth_weekday(year, point.month or 1, point.weekday or 0, nth=point.number)
    return (day, day) if day else None


def _holiday(point: Point, year: int) -> Span:
    day = calendar.holiday(point.name, year)
    if point.weekday is not None and point.name not in calendar.FIXED:
        forward = timedelta(days=(point.weekday - day.weekday()) % 7)
        backward = timedelta(days=(day.weekday() - point.weekday) % 7)
        day = day + forward if forward <= timedelta(days=1) else day - backward
    return day, day


def _year(point: Point, year: int) -> Span:
    first, months = {"debut": (1, 3), "mi": (5, 3), "fin": (10, 3)}.get(point.name, (1, 12))
    return calendar.months_span(year, first, months)


_SPANS: dict[str, Callable[[Point, int], Span | None]] = {
    "day": _day,
    "nth": _nth,
    "holiday": _holiday,
    "year": _year,
    "month": lambda p, y: calendar.month_span(y, p.month or 1, p.name),
    "season": lambda p, y: calendar.season(p.name, y),
    "vacances": lambda p, y: calendar.school_holidays(p.name, y)[0],
    "quarter": lambda p, y: calendar.months_span(y, (int(p.day or 1) - 1) * p.number + 1, p.number),
    "week": lambda p, y: calendar.week_span(y, p.number),
    "schoolyear": lambda p, y: (date(y, 9, 1), date(y + 1, 8, 31)),
}


def _span(point: Point, year: int) -> Span | None:
    return _SPANS[point.kind](point, year) if 1900 <= year < 2200 else None


def _relative(point: Point, reference: date | None) -> Resolved:
    if reference is None:
        return Resolved(
            None, Precision.UNKNOWN, ["date relative sans jour de référence : rien n'est retenu"]
        )
    match point.name:
        case "day":
            day = reference + timedelta(days=point.number)
            return Resolved((day, day), Precision.DAY, [])
        case "weekday":
            ahead = ((point.weekday or 0) - reference.weekday()) % 7
            if point.number < 0:
                ahead -= 7
            day = reference + timedelta(days=ahead or 7 * point.number)
            return Resolved((day, day), Precision.DAY, [])
        case "week" | "weekend":
            monday = reference - timedelta(days=reference.weekday() - 7 * point.number)
            first = monday if point.name == "week" else monday + timedelta(days=5)
            precision = Precision.WEEK if point.name == "week" else Precision.DAY
            return Resolved((first, monday + timedelta(days=6)), precision, [])
        case "month":
            year, month = divmod(reference.year * 12 + reference.month - 1 + point.number, 12)
            return Resolved(calendar.month_span(year, month + 1), Precision.MONTH, [])
    year = reference.year + point.number
    return Resolved((date(year, 1, 1), date(year, 12, 31)), Precision.YEAR, [])
