from datetime import datetime

import pytest

from collectors.web import network
from domain.records import SourceState, Visit
from domain.statuses import Outcome
from tests.builders import NOW, a_source, later


def tried(silent: int, speaking: int) -> list[tuple[str, bool]]:
    return [(f"s{n}.example", n >= silent) for n in range(silent + speaking)]


@pytest.mark.parametrize(
    ("silent", "speaking", "down"),
    [(5, 0, True), (4, 0, False), (3, 2, True), (3, 3, False), (4, 3, True), (0, 9, False)],
)
def test_more_than_half_of_five_hosts_at_least(silent: int, speaking: int, down: bool) -> None:
    assert network.is_down(tried(silent, speaking)) is down


def test_ten_sources_of_one_host_are_one_host_and_one_answer_of_it_is_enough() -> None:
    assert not network.is_down([("a.example", False)] * 10)
    several = [*tried(2, 2), ("s9.example", False)]
    assert network.is_down(several)
    assert not network.is_down([*several, ("s9.example", True)])


def test_only_an_unanswered_visit_without_anything_is_doubtful() -> None:
    def visit(outcome: Outcome = Outcome.UNREACHABLE, items: int = 0) -> Visit:
        return Visit(source="gap", outcome=outcome, started_at=NOW, items=items)

    assert network.silent(a_source(), visit(), answered=False)
    assert not network.silent(a_source(), visit(), answered=True)  # an HTTP 500 is an answer
    assert not network.silent(a_source(), visit(items=3), answered=False)
    assert not network.silent(a_source(), visit(Outcome.UNREADABLE), answered=False)
    assert not network.silent(a_source(url="file:/tmp/x.ics"), visit(), answered=False)


def test_a_source_that_was_failing_already_says_nothing_about_us() -> None:
    assert network.votes(a_source(), SourceState(source="gap"))
    assert not network.votes(a_source(), SourceState(source="gap", failures=1))
    assert not network.votes(a_source(url="imaps://m.example/INBOX"), SourceState(source="gap"))


def test_nobody_of_a_few_hosts_is_doubtful_one_answer_or_five_hosts_are_not() -> None:
    assert network.is_doubtful(tried(4, 0))
    assert network.is_doubtful([("a.example", False)])
    assert not network.is_doubtful(tried(3, 1))
    assert not network.is_doubtful(tried(5, 0))
    assert not network.is_doubtful([])


@pytest.mark.parametrize(
    ("verdict", "last_read", "due", "again"),
    [
        (None, 5, 0, True),  # the first silence of all
        (1, 0, 0, True),  # nobody was read since
        (1, 2, 0, False),  # somebody was, while this one was due and silent
        (1, 2, 3, True),  # it came back meanwhile, and is due once more
        (1, None, 0, True),
        (1, 2, None, False),
    ],
)
def test_a_silence_is_excused_again_unless_another_source_was_read_meanwhile(
    verdict: int | None, last_read: int | None, due: int | None, again: bool
) -> None:
    def at(hours: int | None) -> datetime | None:
        return None if hours is None else later(hours=hours)

    state = SourceState(source="gap", next_visit_at=at(due))
    told = network.excused_again(state, verdict=at(verdict), last_read=at(last_read))
    assert told is again
