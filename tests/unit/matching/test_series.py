"""What makes one initiative of several editions is shown; what is unsure of it is asked."""

import numpy as np

from matching.grouping import WORDS, Judged, group, settled
from matching.row_reasons import HOMELESS
from matching.tables import match_rows

FIELDS = {name: name for name in ("title", "organiser", "commune", "date_start")}
FETE = {"title": "Fête du sport", "organiser": "", "commune": "", "date_start": ""}


def judged(*pairs: tuple[int, int, float, float]) -> Judged:
    """Pairs with P(same) and P(other edition)."""
    a, b = (np.array([one[k] for one in pairs]) for k in (0, 1))
    p = np.array([[same, other, 0.0, 1 - same - other] for *_, same, other in pairs])
    return Judged("events", 5, a, b, p, lambda which, _: [()] * len(which))


def test_a_tie_between_two_towns_unites_nothing_and_is_asked() -> None:
    towns = [FETE | {"commune": name, "date_start": "2025-09-07"} for name in ("Apt", "Nice")]
    for undated in (FETE, FETE | {"date_start": "2025-09-07"}):
        found = match_rows([*towns, undated], FIELDS)
        assert len(set(found.cluster)) == len(set(found.series)) == 3
        assert {(p.a, p.b) for p in found.pairs if p.decision == "ask"} >= {(2, 0), (2, 1)}


def test_what_holds_an_initiative_together_is_written_and_asked_when_unsure() -> None:
    found = judged((0, 1, 0.01, 0.95), (1, 2, 0.01, 0.75), (3, 4, 0.45, 0.5))
    groups = group(found, found.p, {})
    told = settled(found, {}, groups)
    assert groups.series.tolist() == [0, 0, 0, 3, 3]
    assert [WORDS[k] for k in told.codes.tolist()] == ["other_edition", "ask", "ask"]
    assert told.doubted.tolist() == [1, 2]
    assert sorted(told.asked.tolist()) == [1, 2]


def test_a_row_whose_initiative_is_unsure_says_so() -> None:
    rows = [
        FETE | {"title": "Tournoi jeunes", "organiser": "Comité de handball", "commune": town,
                "date_start": day}
        for town, day in (("Apt", "2025-09-07"), ("Nice", "2025-10-07"), ("", ""))
    ]  # fmt: skip
    found = match_rows(rows, FIELDS)
    assert found.series == (0, 0, 0)
    assert found.decisions == ("ask", "ask", "ask")
    assert all("initiative à confirmer : " in why for why in found.reasons)
    held = {(p.a, p.b) for p in found.pairs if p.decision == "ask"}
    assert held == {(2, 0), (2, 1)}


def test_what_could_be_of_several_initiatives_is_of_none_and_says_so() -> None:
    """Nice has two days, which makes it likelier than Apt; not likely enough to choose it."""
    towns = (("Apt", "2025-09-07"), ("Nice", "2025-09-07"), ("Nice", "2025-09-14"))
    rows = [FETE | {"commune": town, "date_start": day} for town, day in towns]
    found = match_rows([*rows, FETE, FETE], FIELDS)
    assert found.series == (0, 1, 1, 2, 2)
    assert found.reasons[3] == f"{HOMELESS} ; lignes identiques"
    asked = {(p.a, p.b) for p in found.pairs if p.decision == "ask"}
    assert asked >= {(3, 0), (3, 1), (3, 2)}
    told = match_rows([*rows, FETE], FIELDS, verdicts=[("4", "2", "other_edition")])
    assert told.series == (0, 1, 1, 1)


def test_what_is_decided_is_no_question() -> None:
    found = judged((0, 1, 0.06, 0.92), (0, 2, 0.06, 0.92), (1, 2, 0.5, 0.45))
    told = settled(found, {}, group(found, found.p, {}))
    assert [WORDS[k] for k in told.codes[told.asked].tolist()] == ["ask"] * len(told.asked)
    assert told.asked.tolist() == [2]
