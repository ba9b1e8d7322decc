"""What people say is obeyed, whatever announcements tell: with a day, with a year, with nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import combinations, count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents import PlaceMention
from domain.records import Mention, Verdict
from domain.statuses import Relation
from matching.standing import places_of
from matching.tables import match_rows
from tests.unit.matching import test_answers as answers
from tests.unit.matching import test_plan as plans
from tests.unit.matching.test_plan import announcement, said
from tests.unit.matching.test_tables import EVENTS

FORUM, FETE, QUATTRO = "Forum des associations de Gap", "Fête du sport", "Le Quattro"
SOME = [
    announcement(1, FORUM, date(2024, 9, 7), venue=QUATTRO),
    announcement(2, "Forum des associations", date(2024, 9, 7), organiser="Mairie de Gap"),
    announcement(3, FORUM, date(2025, 9, 6), venue=QUATTRO),
    announcement(4, FORUM),
    announcement(5, "Forum des associations"),
    announcement(6, FORUM, year=2025),
    announcement(7, "Initiation au tir à l'arc", date(2024, 9, 7), venue=QUATTRO),
    announcement(8, FETE, date(2024, 9, 14)),
    announcement(9, FETE),
]
IDS = [one.id for one in SOME]
Place = tuple[object, object]


@st.composite
def sayings(draw: st.DrawFn) -> list[Verdict]:
    """Some answers of a person who knows of which of two initiatives, and of which of its two
    editions, each announcement is."""
    true = draw(st.fixed_dictionaries({i: st.tuples(st.booleans(), st.booleans()) for i in IDS}))
    pairs = st.sampled_from([*combinations(IDS, 2)])
    other = st.sampled_from([Relation.OTHER_EDITION, Relation.PART_OF])

    def relation(a: int, b: int) -> Relation:
        if true[a] == true[b]:
            return Relation.SAME
        return draw(other) if true[a][0] == true[b][0] else Relation.DIFFERENT

    asked = draw(st.lists(pairs, min_size=1, max_size=6, unique=True))
    return [said(a, b, relation(a, b)) for a, b in asked]


def obeyed(place: Mapping[int, Place], told: Sequence[Verdict]) -> bool:
    """Place: initiative, edition (None: of the initiative, no edition known)."""
    for one in told:
        (home, edition), (other, its) = place[one.a], place[one.b]
        if (home == other) != (one.relation is not Relation.DIFFERENT):
            return False
        if one.relation is Relation.SAME and edition != its:
            return False
        if (
            one.relation in (Relation.OTHER_EDITION, Relation.PART_OF)
            and edition == its is not None
        ):
            return False
    return True


@pytest.fixture(scope="module", autouse=True)
def _one_name_each() -> Iterator[None]:
    """Ids that no two plans give twice."""
    numbers = count(1)

    def new_ids() -> Callable[[str], str]:
        return lambda prefix: f"{prefix}-{next(numbers):05}"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plans, "new_ids", new_ids)
        patch.setattr(answers, "new_ids", new_ids)
        yield


@given(sayings())
@settings(deadline=None, max_examples=60)
def test_the_night_obeys(told: list[Verdict]) -> None:
    placed = [i for i in plans.planned(SOME, verdicts=told) if isinstance(i, PlaceMention)]
    assert obeyed({i.mention: (i.initiative, i.edition) for i in placed}, told)


@given(sayings())
@settings(deadline=None, max_examples=30)
def test_each_answer_is_obeyed_with_those_before(told: list[Verdict]) -> None:
    first, _ = plans.applied(plans.planned(SOME))
    homes = first
    for number, one in enumerate(told):
        past = answers.moved_from(first)
        intents = answers.answered(SOME, homes, [one], told[:number], past=past)
        homes, _ = plans.applied(intents, homes)
        assert obeyed(places_of(homes), told[: number + 1])
    homes, _ = plans.applied(plans.planned(SOME, homes, told), homes)
    assert obeyed(places_of(homes), told)


def row(one: Mention) -> dict[str, object]:
    day = one.when.starts_on
    told = day is not None and day == one.when.ends_on
    return {
        "id": one.id, "source": one.source, "title": one.title, "organiser": one.who.name,
        "venue": one.where.venue or "", "commune": one.where.commune_name,
        "date_start": str(day) if told else "", "date_end": str(day) if told else "",
        "year": "" if told or not day else day.year,
    }  # fmt: skip


@given(sayings())
@settings(deadline=None, max_examples=60)
def test_a_table_obeys(told: list[Verdict]) -> None:
    rows = [row(one) for one in SOME]
    fields = {**EVENTS, "year": "year"}
    found = match_rows(
        rows, fields, verdicts=[(str(v.a), str(v.b), v.relation.value) for v in told]
    )
    assert obeyed(dict(zip(IDS, zip(found.series, found.cluster, strict=True), strict=True)), told)
