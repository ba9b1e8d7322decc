from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.upkeep.health import LONGEST, Signals, news, next_state, tasks
from domain.records import SourceMemory, SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from tests.builders import NOW, a_source, later


def a_visit(outcome: Outcome = Outcome.OK, items: int = 10, why: str = "", **more: Any) -> Visit:
    return Visit(source="gap", outcome=outcome, why=why, started_at=NOW, items=items, **more)


def after(*visits: Visit, days: float = 1, **signals: Any) -> SourceState:
    """The state after these visits, `days` apart, each with the same signals."""
    state = SourceState(source="gap")
    for number, visit in enumerate(visits):
        now = later(days=days * number)
        state = next_state(state, a_source(), visit, now=now, signals=Signals(**signals))
    return state


DEAD = a_visit(Outcome.UNREACHABLE, 0, "le site ne répond pas")


def test_a_source_that_answers_is_fine_and_comes_back_at_its_own_rhythm() -> None:
    state = after(a_visit())
    assert state.health is SourceHealth.OK
    assert state.next_visit_at is not None
    assert timedelta(hours=21) < state.next_visit_at - NOW < timedelta(hours=24)
    assert state.memory.next_why.startswith("toutes les 24 h : réglage de la source")


def test_failures_degrade_then_fail_and_one_success_heals() -> None:
    assert after(DEAD).health is SourceHealth.DEGRADED
    assert after(*[DEAD] * 3).health is SourceHealth.FAILING
    healed = after(*[DEAD] * 12, a_visit())
    assert (healed.health, healed.failures) == (SourceHealth.OK, 0)
    assert healed.memory.failing_since is None


def test_thirty_days_of_failures_make_a_dormant_source_however_few_the_visits() -> None:
    assert after(*[DEAD] * 5, days=7).health is SourceHealth.FAILING  # 28 days
    assert after(*[DEAD] * 6, days=7).health is SourceHealth.DORMANT
    assert after(*[DEAD] * 2, days=60).health is SourceHealth.DEGRADED  # two failures say little


def test_a_source_that_refuses_is_blocked() -> None:
    assert after(a_visit(Outcome.REFUSED, 0)).health is SourceHealth.BLOCKED


def test_two_410_a_day_apart_are_gone_not_two_in_an_hour_and_not_404() -> None:
    lost = a_visit(Outcome.UNREADABLE, 0, "page retirée")
    assert after(lost, lost, days=0.04, gone=True).health is SourceHealth.DEGRADED
    gone = after(lost, lost, gone=True)
    assert gone.health is SourceHealth.GONE
    assert "disparue" in tasks(a_source(), gone, now=NOW)[0]
    assert after(lost, lost).health is SourceHealth.DEGRADED


def test_a_first_410_is_confirmed_the_next_day_and_a_gone_source_is_seen_monthly() -> None:
    lost = a_visit(Outcome.UNREADABLE, 0, "page retirée")
    first = next_state(
        SourceState(source="gap"),
        a_source(every_hours=1),
        lost,
        now=NOW,
        signals=Signals(gone=True),
    )
    assert first.next_visit_at is not None
    assert first.next_visit_at >= later(hours=20)
    gone = after(lost, lost, gone=True)
    assert gone.next_visit_at is not None
    assert timedelta(days=25) < gone.next_visit_at - later(days=1) < timedelta(days=31)
    back = next_state(gone, a_source(), a_visit(), now=later(days=30))
    assert (back.health, back.memory.gone_since) == (SourceHealth.OK, None)
    still = next_state(gone, a_source(), DEAD, now=later(days=30))
    assert still.health is SourceHealth.GONE  # another failure does not bring it back


def test_a_source_that_suddenly_thins_is_told_with_figures_until_it_gives_again() -> None:
    thin = after(a_visit(items=40), a_visit(items=41), a_visit(items=5))
    assert thin.health is SourceHealth.DEGRADED
    assert thin.last_why.startswith("5 annonces au lieu d'environ 40")
    same = next_state(thin, a_source(), a_visit(Outcome.UNCHANGED, 0), now=later(days=3))
    assert same.health is SourceHealth.DEGRADED  # a page that did not change did not heal
    assert next_state(same, a_source(), a_visit(items=38), now=NOW).health is SourceHealth.OK


def test_what_is_known_and_not_given_again_counts() -> None:
    state = after(a_visit(items=40), a_visit(items=1, skipped=39))
    assert (state.health, state.usual_items) == (SourceHealth.OK, 40)


def test_one_thin_visit_does_not_become_the_new_normal() -> None:
    assert after(a_visit(items=40), a_visit(items=30)).usual_items == 38
    assert after(a_visit(items=40), a_visit(items=4)).usual_items == pytest.approx(38.2)


@pytest.mark.parametrize(("visits", "health"), [(15, SourceHealth.DEGRADED), (60, SourceHealth.OK)])
def test_a_thin_source_is_told_long_enough_to_be_seen_and_a_wanted_change_ends_it(
    visits: int, health: SourceHealth
) -> None:
    assert after(a_visit(items=40), *[a_visit(items=4)] * visits).health is health


def test_a_server_that_asks_to_wait_is_heeded_and_it_is_said() -> None:
    asked = after(a_visit(Outcome.UNREACHABLE), wait_seconds=5 * 86400.0)
    assert asked.next_visit_at == NOW + timedelta(days=5)
    assert "demandé d'attendre" in asked.memory.next_why


def test_a_monthly_source_is_seen_the_day_before_what_it_announced_unless_it_fails() -> None:
    slow, eleventh = a_source(every_hours=30 * 24), (NOW + timedelta(days=11)).date()
    signals = Signals(event_days=(eleventh,))
    state = next_state(SourceState(source="gap"), slow, a_visit(), now=NOW, signals=signals)
    assert state.next_visit_at == NOW + timedelta(days=10)
    assert "la veille d'un événement annoncé le 2 décembre 2026" in state.memory.next_why
    again = next_state(state, slow, a_visit(), now=later(days=10))
    assert again.next_visit_at is not None
    assert again.next_visit_at > later(days=30)
    assert next_state(state, slow, DEAD, now=later(days=1)).memory.event_days == (eleventh,)


def test_a_change_is_told_once() -> None:
    fine = after(a_visit(items=40))
    thin = next_state(fine, a_source(), a_visit(items=2), now=NOW)
    thinner = next_state(thin, a_source(), a_visit(items=1), now=NOW)
    assert news(fine, thin) == ["paat.source.silent"]
    assert news(thin, thinner) == []
    gone = replace(fine, health=SourceHealth.GONE)
    assert news(fine, gone) == ["paat.source.gone", "paat.source.silent"]
    moved = replace(fine, memory=SourceMemory(address="https://b.example/"))
    assert news(fine, moved) == ["paat.source.moved"]


@given(st.integers(0, 200), st.floats(0.1, 2000))
def test_back_off_never_gives_up_and_never_exceeds_a_week_or_its_rhythm(
    failures: int, every_hours: float
) -> None:
    state = SourceState(source="gap", failures=failures)
    visit = a_visit(Outcome.UNREACHABLE)
    found = next_state(state, a_source(every_hours=every_hours), visit, now=NOW)
    assert found.next_visit_at is not None
    longest = max(LONGEST, timedelta(hours=every_hours))
    assert timedelta(minutes=27) <= found.next_visit_at - NOW <= longest
