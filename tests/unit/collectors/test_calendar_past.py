"""A rule gives the same days whatever the day it is read on."""

from datetime import date

from collectors.kinds.calendar import parse
from domain.records import RawItem, Source

CALENDAR = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:gym@example\r
SUMMARY:Gym douce\r
DTSTART;VALUE=DATE:20240109\r
DTEND;VALUE=DATE:20240110\r
RRULE:FREQ=WEEKLY;UNTIL=20240123\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_a_weekly_event_that_is_over_keeps_its_first_and_last_day() -> None:
    source = Source(slug="s", title="s", kind="calendar", url="http://x.example/a.ics")
    (found,) = parse(CALENDAR, source, today=date(2030, 6, 1))
    assert isinstance(found, RawItem)
    assert (found.fields["start"], found.fields["end"]) == ("2024-01-09", "2024-01-23")


def test_reading_again_another_day_changes_nothing() -> None:
    source = Source(slug="s", title="s", kind="calendar", url="http://x.example/a.ics")
    endless = CALENDAR.replace(b";UNTIL=20240123", b"")
    counted = CALENDAR.replace(b"UNTIL=20240123", b"COUNT=300")
    for body in (CALENDAR, counted, endless):
        read = [parse(body, source, today=date(2026, 3, day)) for day in (1, 2, 28)]
        assert read[0] == read[1] == read[2]
    (one,) = parse(endless, source, today=date(2026, 3, 1))
    assert isinstance(one, RawItem)
    assert one.fields["start"].startswith("2025-01-")
