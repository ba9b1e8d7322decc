from domain.records import SourceState, Visit
from domain.statuses import Outcome
from review.pages.sources import Bar, Line, bars
from tests.builders import NOW, a_source


def visits(*told: tuple[Outcome, int]) -> list[Visit]:
    """Oldest first in, newest first out, as the database gives them."""
    found = [
        Visit(source="gap", outcome=outcome, started_at=NOW, items=items) for outcome, items in told
    ]
    return found[::-1]


OK, SAME, LOST = Outcome.OK, Outcome.UNCHANGED, Outcome.UNREACHABLE


def test_an_unchanged_page_is_as_tall_as_what_it_still_gives() -> None:
    assert bars(visits((OK, 20), (SAME, 0), (OK, 4), (LOST, 0), (SAME, 0))) == [
        Bar(6),
        Bar(6, "same"),
        Bar(2),
        Bar(1, "bad"),
        Bar(2, "same"),
    ]
    assert bars([]) == []


def test_the_last_visit_is_told_by_what_it_gave_not_by_a_zero() -> None:
    def gave(*told: tuple[Outcome, int]) -> str:
        return Line(a_source(), SourceState(source="gap"), visits(*told)).gave

    assert [gave(), gave((OK, 2)), gave((OK, 1)), gave((OK, 0))] == [
        "aucun",
        "2 annonces",
        "1 annonce",
        "0 annonce",
    ]
    assert [gave((OK, 2), (SAME, 0)), gave((OK, 2), (LOST, 0))] == ["inchangée", "échec"]
    assert gave((LOST, 3)) == "3 annonces"  # the pages read before the one that failed
