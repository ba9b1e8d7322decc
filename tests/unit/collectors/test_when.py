"""French dates: a table of real-life phrasings, and what must hold for any text."""

import csv
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.extract.when import find_when, read_when
from domain.records import Occurrence
from domain.statuses import Precision
from domain.text import fold
from domain.times import MONTHS, french_date

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
CASES = Path(__file__).with_name("when_cases.tsv")


def _cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _shown(slot: Occurrence) -> str:
    """`2027-06-03`, `2027-06-03..2027-06-05`, `2027-06-03 14:00-18:00`."""
    days = _iso(slot.starts_on)
    if slot.ends_on != slot.starts_on:
        days += f"..{_iso(slot.ends_on)}"
    if slot.starts_at:
        days += f" {slot.starts_at:%H:%M}"
    if slot.ends_at:
        days += f"-{slot.ends_at:%H:%M}"
    return days


@pytest.mark.parametrize("case", _cases(), ids=lambda c: c["text"])
def test_phrasing_is_read(case: dict[str, str]) -> None:
    reference = date.fromisoformat(case["reference"]) if case["reference"] else None
    when = read_when(case["text"].replace("\\n", "\n"), reference=reference)
    slots = [_shown(o) for o in when.occurrences]
    found = {
        "starts_on": _iso(when.starts_on),
        "ends_on": _iso(when.ends_on),
        "precision": when.precision.value,
        "recurrence": when.recurrence or "",
        "slots": str(len(slots)) if case["slots"].isdigit() else " | ".join(slots),
    }
    assert found == {name: case[name] for name in found}


FORMATS: list[Callable[[date], str]] = [
    lambda d: f"{d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"le {DAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]} {d.year}",
    lambda d: f"{DAYS[d.weekday()]} {d.day} {MONTHS[d.month - 1]} {d.year}".upper(),
    lambda d: f"{DAYS[d.weekday()][:3]}. {d.day} {fold(MONTHS[d.month - 1])} {d.year}",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d.day}/{d.month}/{d.year}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%d-%m-%Y}",
    lambda d: f"{d:%Y-%m-%d}",
    lambda d: f"{d:%d/%m/%y}",
    lambda d: f"{d.day}{'er' if d.day == 1 else ''}\u00a0{MONTHS[d.month - 1]}\u00a0{d.year}",
    lambda d: f"{d.day:02} {MONTHS[d.month - 1]} {d.year} à 14h30",
]
SOME_DAY = st.dates(date(2010, 1, 1), date(2044, 12, 31))


@pytest.mark.parametrize("written", FORMATS, ids=range(len(FORMATS)))
@given(day=SOME_DAY)
def test_a_written_day_reads_back(written: Callable[[date], str], day: date) -> None:
    when = read_when(written(day), reference=None)
    assert (when.starts_on, when.ends_on, when.warnings) == (day, day, ())


@given(first=SOME_DAY, days=st.integers(1, 400))
def test_a_written_range_reads_back(first: date, days: int) -> None:
    last = first + timedelta(days=days)
    when = read_when(f"du {french_date(first)} au {french_date(last)}", reference=None)
    assert (when.starts_on, when.ends_on) == (first, last)


@given(reference=SOME_DAY, ahead=st.integers(0, 300))
def test_a_day_without_year_is_the_next_one(reference: date, ahead: int) -> None:
    day = reference + timedelta(days=ahead)
    when = read_when(french_date(day).rsplit(" ", 1)[0], reference=reference)
    assert when.starts_on == day


PIECES = """du au le les 3 12 31 juin mai samedi mardi tous chaque 14h 18h30 2027 99 - , et à la /
vacances noël été semaine week-end jusqu'au partir début fin mi 1er 31/02 25:00 sur deux un de
mois prochain dernier premier 2026-13-45 12.10.2027 . ( ) sauf hors"""
FRENCH = st.lists(st.sampled_from([*PIECES.split(), "\n"]), max_size=25).map(" ".join)


@settings(deadline=None)
@given(text=st.one_of(st.text(max_size=200), FRENCH), reference=st.none() | SOME_DAY)
def test_any_text_is_read_without_harm(text: str, reference: date | None) -> None:
    for when in (read_when(text, reference=reference), find_when(text, reference=reference)):
        if when.starts_on and when.ends_on:
            assert when.starts_on <= when.ends_on
        assert all(o.starts_on <= o.ends_on for o in when.occurrences)
        assert (when.precision is Precision.UNKNOWN) or when.words


HOSTILE = [" ", "9", "du ", "1 ", "1er ", "12/", "a-", "<", "12h ", "juin ", "é", "a@", "&"]
HOSTILE += ["les 3, ", "du 3 au ", "01 ", "lundi et ,", "24h/", "1,,,", "lundi,,,", "v d l "]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_megabyte_is_read_in_a_time_that_grows_with_its_length(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    # About half a second; no clock says so: a quadratic reading takes hours.
    assert read_when(text, reference=date(2027, 1, 1)).warnings or piece in (" ", "<")


def test_a_weekday_that_contradicts_the_day_is_told() -> None:
    when = read_when("lundi 12 juin 2027", reference=None)
    assert when.starts_on == date(2027, 6, 12)
    assert "est un samedi" in when.warnings[0]


def test_a_weekday_chooses_the_year_it_fits() -> None:
    # 12 October is a Monday in 2026 and a Tuesday in 2027.
    assert read_when("lundi 12 octobre", reference=date(2027, 1, 1)).starts_on == date(2026, 10, 12)
    assert read_when("mardi 12 octobre", reference=date(2027, 1, 1)).starts_on == date(2027, 10, 12)


def test_the_words_are_the_exact_words() -> None:
    when = read_when(
        "Rendez-vous le Samedi\u00a012 Juin 2027 en soirée, salle bleue", reference=None
    )
    assert when.words == "le Samedi 12 Juin 2027 en soirée"


def test_an_exception_that_is_no_weekday_is_told() -> None:
    when = read_when("tous les mardis, sauf vacances scolaires", reference=None)
    assert when.recurrence == "FREQ=WEEKLY;BYDAY=TU"
    assert "exception écrite" in when.warnings[0]
    assert read_when("tous les jours sauf le lundi", reference=None).warnings == ()


def test_nothing_is_read_without_a_date() -> None:
    when = read_when("date à définir", reference=date(2027, 1, 1))
    assert (when.starts_on, when.words) == (None, "date à définir")
    assert when.warnings


def test_an_unpublished_school_holiday_is_told_as_estimated() -> None:
    assert read_when("vacances de Noël 2026", reference=None).warnings == ()
    assert "estimées" in read_when("vacances de Noël 2033", reference=None).warnings[0]
