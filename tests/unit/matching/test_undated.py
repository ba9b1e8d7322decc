"""An announcement without a day is of its initiative, never silently of one edition of several."""

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.cards import NONE, Cards
from matching.cluster import Level
from matching.grouping import Judged, group
from matching.tables import match_rows
from matching.undated import Choice, choices
from tests.unit.matching.test_tables import EVENTS, forum

YEARS = st.sampled_from((2024.0, 2025.0, float("nan")))
LINKS = st.frozensets(st.integers(0, 2), max_size=2)
RECORDS = st.tuples(st.integers(0, 5), st.booleans(), YEARS, LINKS)


@given(st.lists(RECORDS, max_size=12))
def test_only_what_no_other_edition_of_the_initiative_could_be(
    records: list[tuple[int, bool, float, frozenset[int]]],
) -> None:
    """Editions 0 to 2 are of one initiative, 3 to 5 of another."""
    editions = np.array([edition for edition, *_ in records], dtype=np.int64)
    dated = np.array([day for _, day, *_ in records], dtype=np.bool_)
    year = np.array([2024.0 if day and said != said else said for _, day, said, _ in records])
    links = [np.array(sorted(some), dtype=np.int64) for *_, some in records]
    cards = cast(Cards, SimpleNamespace(year=year, links=links))
    found = choices(editions, editions // 3, dated, cards, Level())
    assert [*found] == np.flatnonzero(~dated).tolist()
    for i, choice in found.items():
        there = [
            (e, when, some)
            for (e, day, _, some), when in zip(records, year, strict=True)
            if day and e // 3 == editions[i] // 3
        ]
        fits = {e for e, when, _ in there if np.isnan(year[i]) or when == year[i]}
        if len(fits) > 1:
            fits = {e for e, _, some in there if e in fits and some & records[i][3]}
        assert choice.editions == len({e for e, *_ in there})
        assert {choice.only} == (fits if len(fits) == 1 else {NONE})


def rows(*more: dict[str, object]) -> list[dict[str, object]]:
    first, second = (f"{year}-09-07" for year in (2024, 2025))
    return [
        forum(1, date_start=first, date_end=first),
        forum(2, source="agenda", date_start=second, date_end=second),
        *more,
    ]


UNDATED = forum(3, source="presse", date_start="", date_end="")


def test_a_row_without_a_date_waits_beside_the_editions_and_says_why() -> None:
    found = match_rows(rows(UNDATED), EVENTS)
    assert found.cluster == (0, 1, 2)
    assert found.series == (0, 0, 0)
    assert found.reasons[2].startswith("sans date : rattachée à l'initiative, qui a 2 éditions ; ")
    assert not any("sans date" in why for why in found.reasons[:2])


@pytest.mark.parametrize("edition", [1, 2])
def test_a_person_places_it(edition: int) -> None:
    found = match_rows(rows(UNDATED), EVENTS, verdicts=[(str(edition), "3", "same")])
    assert found.cluster == (0, 1, edition - 1)
    assert "sans date" not in found.reasons[2]


def test_it_joins_the_only_edition() -> None:
    found = match_rows([rows()[0], UNDATED], EVENTS)
    assert found.cluster == (0, 0)
    assert found.decisions == ("ask", "ask")


def test_the_only_edition_it_can_be_of_is_its_own_unless_another_is_likelier() -> None:
    judged = Judged("events", 2, np.array([0]), np.array([1]), np.array([[0.46, 0.4, 0, 0.14]]),
                    lambda *_: [], undated=lambda *_: {1: Choice(1, 0)})  # fmt: skip
    found = group(judged, judged.p, {})
    assert (found.cluster.tolist(), found.sure.tolist()) == ([0, 0], [0, 1])
    assert found.several == {}
    for p in ((0.48, 0.5, 0, 0.02), (0.4, 0.3, 0, 0.3)):
        assert group(judged, np.array([p]), {}).cluster.tolist() == [0, 1]


def test_what_a_person_told_apart_joins_no_edition() -> None:
    table = [rows()[0], UNDATED, forum(4, source="radio", date_start="", date_end="")]
    apart = ("1", "3", "other_edition")
    found = match_rows(table, EVENTS, verdicts=[apart])
    assert found.cluster[1] != found.cluster[0]
    found = match_rows(table, EVENTS, verdicts=[apart, ("3", "4", "same")])
    assert (found.cluster, found.series) == ((0, 1, 1), (0, 0, 0))
    found = match_rows(table, EVENTS, verdicts=[("3", "4", "other_edition")])
    assert len({*found.cluster}) == 3  # one of both is of it: nobody said which


def test_the_year_that_it_says_may_leave_one() -> None:
    said = forum(3, source="presse", title="Forum des associations 2025", date_start="",
                 date_end="")  # fmt: skip
    assert match_rows(rows(said), EVENTS).cluster == (0, 1, 1)


def test_what_is_likely_of_one_edition_only_is_there_to_be_confirmed() -> None:
    p = np.array([[0.8, 0, 0, 0.2], [0.1, 0.8, 0, 0.1], [0, 0.9, 0, 0.1]])
    a, b = np.array([0, 1, 0]), np.array([2, 2, 1])  # 0 and 1: two editions; 2 tells no day
    free = {2: Choice(2, NONE)}
    judged = Judged("events", 3, a, b, p, lambda *_: [], undated=lambda *_: free)
    found = group(judged, p, {})
    assert (found.cluster.tolist(), found.sure.tolist()) == ([0, 1, 0], [0, 1, 2])
    p[1, :2] = 0.3, 0.6  # the other edition is possible too
    found = group(judged, p, {})
    assert found.cluster.tolist() == [0, 1, 2]
    assert found.several == {2: 2}


def test_a_ticket_is_bought_for_one_edition() -> None:
    told = {"ticket": "https://billets.example/e/81", "title": "Grand forum des associations"}
    table = rows(forum(3, source="presse", date_start="", date_end="", **told))
    fields = {**EVENTS, "ticket": "ticket"}
    assert match_rows(table, fields).cluster == (0, 1, 2)
    table[1] |= {"ticket": told["ticket"]}
    assert match_rows(table, fields).cluster == (0, 1, 1)
