"""What the calendar knows: Easter, public holidays, seasons, quarters, school holidays of zone B.

School holidays: zone B (académies d'Aix-Marseille et de Nice), arrêtés fixing the national
calendar published at the Journal officiel (arrêté du 7 décembre 2022 and the following ones) and
shown on education.gouv.fr/calendrier-scolaire-100148. First day = the Saturday after lessons
(the day lessons end), last day = the eve of the day lessons start again. Outside the table an
approximate rule is used and the reader is told.
"""

from calendar import monthrange
from datetime import date, timedelta

Span = tuple[date, date]

# holidays → civil year of their first day → (first day, day lessons start again)
_ZONE_B: dict[str, dict[int, tuple[str, str]]] = {
    "toussaint": {
        2021: ("10-23", "2021-11-08"),
        2022: ("10-22", "2022-11-07"),
        2023: ("10-21", "2023-11-06"),
        2024: ("10-19", "2024-11-04"),
        2025: ("10-18", "2025-11-03"),
        2026: ("10-17", "2026-11-02"),
    },
    "noel": {
        2021: ("12-18", "2022-01-03"),
        2022: ("12-17", "2023-01-03"),
        2023: ("12-23", "2024-01-08"),
        2024: ("12-21", "2025-01-06"),
        2025: ("12-20", "2026-01-05"),
        2026: ("12-19", "2027-01-04"),
    },
    "hiver": {
        2022: ("02-05", "2022-02-21"),
        2023: ("02-11", "2023-02-27"),
        2024: ("02-24", "2024-03-11"),
        2025: ("02-08", "2025-02-24"),
        2026: ("02-14", "2026-03-02"),
        2027: ("02-20", "2027-03-08"),
    },
    "printemps": {
        2022: ("04-09", "2022-04-25"),
        2023: ("04-15", "2023-05-02"),
        2024: ("04-20", "2024-05-06"),
        2025: ("04-05", "2025-04-22"),
        2026: ("04-11", "2026-04-27"),
        2027: ("04-17", "2027-05-03"),
    },
    "ete": {
        2022: ("07-07", "2022-09-01"),
        2023: ("07-08", "2023-09-04"),
        2024: ("07-06", "2024-09-02"),
        2025: ("07-05", "2025-09-01"),
        2026: ("07-04", "2026-09-01"),
    },
}
SCHOOL_HOLIDAYS = frozenset(_ZONE_B)
# Approximate rule: first Saturday on or after this day, and the number of days.
_USUAL = {
    "toussaint": (10, 17, 16),
    "noel": (12, 18, 16),
    "hiver": (2, 8, 16),
    "printemps": (4, 8, 16),
    "ete": (7, 3, 58),
}
_SEASONS = {"printemps": (3, 20, 6, 20), "ete": (6, 21, 9, 22), "automne": (9, 22, 12, 20)}
FIXED = {"noel": (12, 25), "toussaint": (11, 1), "assomption": (8, 15), "armistice": (11, 11)}
_FROM_EASTER = {"paques": 0, "ascension": 39, "pentecote": 49}


def easter(year: int) -> date:
    """Easter Sunday (Gregorian), by the anonymous algorithm of Meeus."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def holiday(name: str, year: int) -> date:
    """The day of a named holiday; `paques`, `ascension`, `pentecote` are computed."""
    if name in FIXED:
        return date(year, *FIXED[name])
    return easter(year) + timedelta(days=_FROM_EASTER[name])


def season(name: str, year: int) -> Span:
    """Astronomical season, rounded to usual days; winter begins in December of `year`."""
    if name == "hiver":
        return date(year, 12, 21), date(year + 1, 3, 19)
    m1, d1, m2, d2 = _SEASONS[name]
    return date(year, m1, d1), date(year, m2, d2)


def school_holidays(name: str, year: int) -> tuple[Span, bool]:
    """(first day, last day) beginning in civil `year` in zone B, and whether it is published."""
    known = _ZONE_B[name].get(year)
    if known:
        back = date.fromisoformat(known[1])
        return (date.fromisoformat(f"{year}-{known[0]}"), back - timedelta(days=1)), True
    month, day, days = _USUAL[name]
    first = date(year, month, day)
    first += timedelta(days=(5 - first.weekday()) % 7)
    return (first, first + timedelta(days=days - 1)), False


def month_span(year: int, month: int, part: str = "") -> Span:
    """The days of a month, or of its beginning (1–10), middle (11–20), end, halves."""
    last = monthrange(year, month)[1]
    parts = {"debut": (1, 10), "mi": (11, 20), "fin": (21, last), "q1": (1, 15), "q2": (16, last)}
    first_day, last_day = parts.get(part, (1, last))
    return date(year, month, first_day), date(year, month, last_day)


def months_span(year: int, first: int, months: int) -> Span:
    """`months` months from month `first`: quarters, semesters, parts of a year."""
    return date(year, first, 1), month_span(year, first + months - 1)[1]


def week_span(year: int, week: int) -> Span | None:
    """Monday and Sunday of an ISO week; None when the year has no such week."""
    try:
        monday = date.fromisocalendar(year, week, 1)
    except ValueError:
        return None
    return monday, monday + timedelta(days=6)


def weekend_around(day: date) -> Span:
    """The week-end a French speaker means by « week-end du <day> », bridges included.

    Friday and Thursday open it, Monday and Tuesday close it; Wednesday means the next one.
    """
    saturday = day + timedelta(days={0: -2, 1: -3, 2: 3, 3: 2, 4: 1, 5: 0, 6: -1}[day.weekday()])
    sunday = saturday + timedelta(days=1)
    if day.weekday() == 2:
        return saturday, sunday
    return min(day, saturday), max(day, sunday)


def nth_weekday(year: int, month: int, weekday: int, *, nth: int) -> date | None:
    """The nth (−1: last) weekday of a month; None when there is no fifth one."""
    first, last = month_span(year, month)
    if nth < 0:
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    day = first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))
    return day if day.month == month else None
