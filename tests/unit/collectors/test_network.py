import pytest

from collectors import network
from domain.records import SourceState, Visit
from domain.statuses import Outcome
from tests.builders import NOW, a_source


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
