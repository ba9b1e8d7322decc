"""Structured dates of a source: Paris time, whole days, and every oddity told."""

from datetime import date, datetime, time

from hypothesis import given
from hypothesis import strategies as st

from collectors.extract.when import from_timings
from domain.statuses import Precision
from domain.times import PARIS

DAY = date(2027, 6, 12)


def test_offsets_become_paris_time_and_naive_is_paris_time() -> None:
    utc = from_timings("2027-06-12T12:00:00Z", "2027-06-12T16:00:00+00:00", None)
    naive = from_timings("2027-06-12T14:00", "2027-06-12 18:00:00", [])
    assert utc == naive
    assert (naive.starts_on, naive.occurrences[0].starts_at) == (DAY, time(14))
    assert naive.precision is Precision.TIME


def test_a_utc_evening_is_the_next_paris_day() -> None:
    assert from_timings("2027-06-11T22:30:00Z", None).starts_on == DAY


def test_dates_alone_are_whole_days() -> None:
    when = from_timings("2027-06-12", "2027-06-13")
    assert (when.starts_on, when.ends_on, when.precision) == (DAY, date(2027, 6, 13), Precision.DAY)
    assert from_timings("2027-06-12T00:00", "2027-06-13T00:00").precision is Precision.DAY


def test_timings_win_and_are_sorted_once_each() -> None:
    slot = {"start": "2027-06-12T14:00", "end": "2027-06-12T18:00"}
    late = {"begin": "2027-06-13T14:00", "end": "2027-06-13T18:00"}
    when = from_timings("2020-01-01", None, [late, slot, slot])
    assert [o.starts_on.day for o in when.occurrences] == [12, 13]
    assert when.ends_on == date(2027, 6, 13)


def test_a_slot_after_midnight_belongs_to_its_evening() -> None:
    when = from_timings("2027-06-12T22:00", "2027-06-13T02:00")
    assert (when.ends_on, when.occurrences[0].ends_at) == (DAY, time(2))
    assert from_timings("2027-06-12T20:00", "2027-06-13T00:00").ends_on == DAY


def test_an_end_before_its_start_is_told() -> None:
    days = from_timings("2027-06-13", "2027-06-12")
    assert (days.starts_on, days.ends_on) == (DAY, date(2027, 6, 13))
    assert "inversés" in days.warnings[0]
    hours = from_timings("2027-06-12T18:00", "2027-06-12T14:00")
    assert hours.occurrences[0].ends_at is None
    assert "fin ignorée" in hours.warnings[0]


def test_unreadable_and_implausible_values_are_told() -> None:
    assert from_timings("bientôt", None).warnings == (
        "début illisible : « bientôt » au lieu d'une date ISO",
    )
    assert "peu vraisemblable : 1" in from_timings("0001-01-01", None).warnings[0]
    assert from_timings("2060-01-01", None, reference=DAY).warnings
    assert from_timings(None, None).starts_on is None


@given(st.dates(date(1995, 1, 1), date(2050, 1, 1)), st.times())
def test_any_paris_instant_reads_back(day: date, at: time) -> None:
    aware = datetime.combine(day, at, PARIS)
    when = from_timings(aware.isoformat(), None)
    assert when.starts_on == aware.date()


@given(st.text(), st.text())
def test_any_text_is_harmless(start: str, end: str) -> None:
    when = from_timings(start, end, [{"start": end, "end": start}])
    assert when.starts_on is None or when.warnings or when.occurrences
