"""Recurrence rules written and expanded, always inside a window."""

from datetime import date

import pytest

from collectors.extract.french_dates.calendar import easter, school_holidays
from collectors.extract.french_dates.recurrence import expand

YEAR = (date(2027, 1, 1), date(2027, 12, 31))


def test_weekly_days_stop_at_until() -> None:
    days = expand("FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270114", first=date(2027, 1, 5), window=YEAR)
    assert [d.day for d in days] == [5, 7, 12, 14]


def test_every_second_week_counts_from_the_first_day() -> None:
    days = expand(
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE",
        first=date(2026, 12, 30),
        window=(date(2027, 1, 1), date(2027, 2, 1)),
    )
    assert days == [date(2027, 1, 13), date(2027, 1, 27)]


def test_first_and_last_weekdays_of_the_month() -> None:
    window = (date(2027, 5, 1), date(2027, 6, 30))
    first = date(2027, 1, 1)
    assert expand("FREQ=MONTHLY;BYDAY=1SA", first=first, window=window) == [
        date(2027, 5, 1),
        date(2027, 6, 5),
    ]
    assert expand("FREQ=MONTHLY;BYDAY=-1FR", first=first, window=window) == [
        date(2027, 5, 28),
        date(2027, 6, 25),
    ]


def test_a_window_is_never_wider_than_three_years() -> None:
    forever = (date(2027, 1, 1), date(9000, 1, 1))
    assert len(expand("FREQ=DAILY", first=date(2027, 1, 1), window=forever)) == 3 * 366 + 1


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=3", "FREQ=YEARLY", "n'importe quoi", ""])
def test_a_rule_it_does_not_know_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match="recurrence"):
        expand(rule, first=date(2027, 1, 1), window=YEAR)


def test_easter_and_the_official_calendar_of_zone_b() -> None:
    assert [easter(y) for y in (2024, 2025, 2026, 2027)] == [
        date(2024, 3, 31),
        date(2025, 4, 20),
        date(2026, 4, 5),
        date(2027, 3, 28),
    ]
    assert school_holidays("printemps", 2027) == ((date(2027, 4, 17), date(2027, 5, 2)), True)
