from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from collectors.health import LONGEST, next_state, thinned
from domain.records import SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from tests.builders import NOW, a_source


def a_visit(outcome: Outcome = Outcome.OK, items: int = 10, why: str = "") -> Visit:
    return Visit(source="gap", outcome=outcome, why=why, started_at=NOW, items=items)


def after(*visits: Visit) -> SourceState:
    state = SourceState(source="gap")
    for visit in visits:
        state = next_state(state, a_source(), visit, now=NOW)
    return state


def test_a_source_that_answers_is_fine_and_comes_back_at_its_own_rhythm() -> None:
    state = after(a_visit())
    assert state.health is SourceHealth.OK
    assert state.next_visit_at is not None
    assert timedelta(hours=22) < state.next_visit_at - NOW < timedelta(hours=26)


def test_failures_degrade_then_fail_then_sleep_and_one_success_heals() -> None:
    dead = a_visit(Outcome.UNREACHABLE, 0, "le site ne répond pas")
    assert after(dead).health is SourceHealth.DEGRADED
    assert after(*[dead] * 3).health is SourceHealth.FAILING
    assert after(*[dead] * 12).health is SourceHealth.DORMANT
    assert after(*[dead] * 12, a_visit()).health is SourceHealth.OK
    assert after(*[dead] * 12, a_visit()).failures == 0


def test_a_source_that_refuses_is_blocked() -> None:
    assert after(a_visit(Outcome.REFUSED, 0)).health is SourceHealth.BLOCKED


def test_a_source_that_suddenly_thins_is_told_with_figures() -> None:
    state = after(a_visit(items=40), a_visit(items=41), a_visit(items=5))
    assert state.health is SourceHealth.DEGRADED
    assert state.last_why.startswith("5 annonces au lieu d'environ 40")


def test_one_thin_visit_does_not_become_the_new_normal() -> None:
    assert after(a_visit(items=40), a_visit(items=0)).usual_items == 32


def test_an_unchanged_source_is_not_thin() -> None:
    state = after(a_visit(items=40))
    assert thinned(state, a_visit(Outcome.UNCHANGED, 0)) is None


def test_a_server_that_asks_to_wait_is_heeded() -> None:
    asked = next_state(
        SourceState(source="gap"),
        a_source(),
        a_visit(Outcome.UNREACHABLE),
        now=NOW,
        wait_seconds=5 * 86400.0,
    )
    assert asked.next_visit_at == NOW + timedelta(days=5)


@given(st.integers(0, 200), st.floats(0.1, 2000))
def test_back_off_never_gives_up_and_never_exceeds_a_week_or_its_rhythm(
    failures: int, every_hours: float
) -> None:
    state = SourceState(source="gap", failures=failures)
    visit = a_visit(Outcome.UNREACHABLE)
    found = next_state(state, a_source(every_hours=every_hours), visit, now=NOW)
    assert found.next_visit_at is not None
    longest = max(LONGEST, timedelta(hours=every_hours)) * 1.06
    assert timedelta(minutes=28) <= found.next_visit_at - NOW <= longest
