from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.upkeep.rhythm import Bounds, eve, interval, learn, shifted, upcoming
from domain.records import SourceMemory
from tests.builders import NOW, a_source, later

HOUR = timedelta(hours=1)


def of_gaps(*days: float, quiet: float = 0) -> SourceMemory:
    return SourceMemory(gaps=days, last_new_at=NOW - timedelta(days=quiet))


def wait(memory: SourceMemory, **source: float) -> timedelta:
    return interval(a_source(**source), memory, now=NOW, bounds=Bounds())[0]


def test_a_rhythm_is_learned_from_the_visits_that_bring_something() -> None:
    memory = SourceMemory()
    for hours, new in ((0, 12), (24, 0), (48, 3), (60, 1)):
        memory = learn(memory, new, now=later(hours=hours))
    assert memory.gaps == (2.0, 0.5)
    assert memory.last_new_at == later(hours=60)


@pytest.mark.parametrize(
    ("days", "hours"),
    [(0.25, 6), (1, 12), (1.5, 18), (2, 24), (3, 36), (10, 48)],  # a quarter to twice 24 h
)
def test_a_source_is_visited_twice_as_often_as_it_brings_news_within_its_bounds(
    days: float, hours: float
) -> None:
    assert wait(of_gaps(*[days] * 5)) == hours * HOUR


def test_a_rhythm_is_not_believed_before_five_gaps() -> None:
    assert wait(of_gaps(*[0.25] * 4)) == 24 * HOUR


def test_a_long_silence_slows_the_visits_down() -> None:
    assert wait(of_gaps(*[1.0] * 5, quiet=2)) == 12 * HOUR
    assert wait(of_gaps(*[1.0] * 5, quiet=12)) == 48 * HOUR


def test_the_house_and_the_source_bound_it() -> None:
    often = of_gaps(*[0.05] * 5)
    assert wait(often, every_hours=4) == 3 * HOUR  # the house: not under three hours
    assert wait(often, every_hours=1) == 1 * HOUR  # but never rarer than what its block asks
    assert wait(of_gaps(*[90.0] * 5), every_hours=120) == 168 * HOUR
    assert wait(of_gaps(*[90.0] * 5), every_hours=720) == 720 * HOUR


def test_a_source_may_keep_a_steady_rhythm_and_each_choice_is_explained() -> None:
    memory = of_gaps(*[1.0] * 5)
    steady = a_source(options={"steady": True})
    told = interval(steady, memory, now=NOW, bounds=Bounds())
    assert told == (24 * HOUR, "toutes les 24 h : rythme fixe de la source")
    _, why = interval(a_source(), memory, now=NOW, bounds=Bounds())
    assert why == (
        "toutes les 12 h : du nouveau toutes les 24 h d'ordinaire "
        "(réglage de la source : toutes les 24 h)"
    )


@given(st.text("abcdefghij-", min_size=2, max_size=20))
def test_a_wait_is_shifted_always_the_same_and_never_past_the_same_hour(slug: str) -> None:
    day = timedelta(days=1)
    assert timedelta(hours=21.5) <= shifted(day, slug) <= timedelta(hours=23.6)
    assert shifted(day, slug) == shifted(day, slug)


@pytest.mark.parametrize(
    ("days", "due", "event"),
    [
        ((5, 9), 14, 5),  # the day before the first of them
        ((5,), 4, None),  # it comes before anyway
        ((1,), 14, None),  # tomorrow: this visit is its eve
        ((), 14, None),
    ],
)
def test_a_slow_source_is_seen_the_day_before_an_event(
    days: tuple[int, ...], due: int, event: int | None
) -> None:
    given = [(NOW + timedelta(days=n)).date() for n in days]
    found = eve(given, NOW + timedelta(days=due), now=NOW)
    wanted = event and (NOW + timedelta(days=event - 1), (NOW + timedelta(days=event)).date())
    assert found == wanted


def test_the_next_days_are_kept_soonest_first_without_the_past() -> None:
    days = [date(2026, 12, 3), date(2026, 11, 1), date(2026, 11, 30), date(2026, 11, 30)]
    assert upcoming(days, today=NOW.date()) == (date(2026, 11, 30), date(2026, 12, 3))


def test_a_thousand_sources_do_not_come_back_together() -> None:
    waits = sorted(shifted(timedelta(days=1), f"source-{n}") for n in range(1000))
    crowd = max(
        sum(first <= one < first + timedelta(minutes=5) for one in waits) for first in waits[::20]
    )
    assert crowd < 80  # of the 1000 within five minutes, spread over two hours


def test_a_clock_moved_back_teaches_no_negative_gap() -> None:
    memory = learn(replace(of_gaps(1.0), last_new_at=later(days=2)), 3, now=NOW)
    assert (memory.gaps, memory.last_new_at) == ((1.0,), NOW)
