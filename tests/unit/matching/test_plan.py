"""The plan as facts: what belongs together, which ids stay, what people said for ever."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from itertools import count

import pytest

from domain.intents import (
    AskReviewer,
    Forget,
    Intent,
    JoinInitiative,
    MoveEdition,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Remember,
    Split,
    Withdraw,
)
from domain.records import (
    Edition,
    FieldValue,
    Initiative,
    Mention,
    Question,
    Verdict,
    When,
    Where,
    Who,
)
from domain.statuses import Precision, Relation
from matching.plan import NOTHING, plan
from matching.score import load_prior
from matching.standing import Past, places_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def announcement(
    number: int, title: str, day: date | None = None, *, until: date | None = None,
    source: str = "", commune: str = "Gap", organiser: str | None = "Ville de Gap",
    venue: str | None = None, text: str = "", year: int | None = None,
) -> Mention:  # fmt: skip
    when = When(starts_on=day, ends_on=until or day, precision=Precision.DAY) if day else When()
    if year:
        when = When(
            starts_on=date(year, 1, 1), ends_on=date(year, 12, 31), precision=Precision.YEAR
        )
    return Mention(
        id=number, source=source or f"source-{number}", key=f"k{number}", title=title, text=text,
        when=when, where=Where(commune_name=commune, venue=venue), who=Who(name=organiser),
    )  # fmt: skip


def new_ids() -> Callable[[str], str]:
    numbers = count(1)
    return lambda prefix: f"{prefix}-{next(numbers):03}"


def planned(
    mentions: Sequence[Mention], initiatives: Sequence[Initiative] = (),
    verdicts: Sequence[Verdict] = (), past: Past = NOTHING,
) -> list[Intent]:  # fmt: skip
    ids = sorted(m.id for m in mentions)
    pairs = [(a, b) for a in ids for b in ids if a < b]
    thought = plan(
        mentions, pairs, initiatives=initiatives, verdicts=verdicts, model=load_prior(),
        new_id=new_ids(), now=NOW, region="93", past=past,
    )  # fmt: skip
    return [*thought]


def applied(  # noqa: C901 — one case per intent
    intents: Sequence[Intent], initiatives: Sequence[Initiative] = ()
) -> tuple[list[Initiative], list[Verdict]]:
    """What storage does with a plan, in memory: enough of it to plan again."""
    homes: dict[str, dict[str | None, set[int]]] = {}
    merged = {i.id: i.merged_into for i in initiatives}
    made = {i.id: i.created_at for i in initiatives}
    values = {i.id: dict(i.values) for i in initiatives}
    parents: dict[str, str | None] = {}
    owner: dict[str, str] = {}
    place: dict[int, tuple[str, str | None]] = {}
    for one in initiatives:
        for edition in one.editions:
            parents[edition.id], owner[edition.id] = edition.part_of, one.id
            place |= dict.fromkeys(edition.mentions, (one.id, edition.id))
        place |= dict.fromkeys(one.undated, (one.id, None))
    remembered: list[Verdict] = []
    for intent in intents:
        match intent:
            case NewInitiative():
                merged[intent.initiative], made[intent.initiative] = None, NOW
            case NewEdition() | MoveEdition():
                owner[intent.edition] = intent.initiative
                parents[intent.edition] = intent.part_of
            case PlaceMention():
                place[intent.mention] = (intent.initiative, intent.edition)
            case JoinInitiative():
                merged[intent.initiative] = intent.into
            case Split():
                merged[intent.initiative] = None
            case Remember():
                remembered += intent.verdicts
            case AskReviewer() | Withdraw() | Forget():
                pass
    for mention, (home, edition_id) in place.items():
        homes.setdefault(home, {}).setdefault(edition_id, set()).add(mention)
        if home not in values or not values[home]:
            values[home] = {"title": FieldValue(field="title", value="x", mention=mention)}
    out = []
    for name, into in merged.items():
        inside = homes.get(name, {})
        editions = tuple(
            Edition(id=e, initiative=name, mentions=tuple(sorted(ms)), part_of=parents.get(e))
            for e, ms in sorted(inside.items(), key=str)
            if e is not None
        )
        out.append(
            Initiative(
                id=name, created_at=made[name], changed_at=NOW, merged_into=into,
                editions=editions, undated=tuple(sorted(inside.get(None, ()))),
                values=values.get(name, {}),
            )
        )  # fmt: skip
    return out, remembered


def groups(intents: Sequence[Intent], level: str = "initiative") -> set[frozenset[int]]:
    found: dict[str | None, set[int]] = {}
    for intent in intents:
        if isinstance(intent, PlaceMention):
            home = intent.initiative if level == "initiative" else intent.edition
            found.setdefault(home or f"undated {intent.mention}", set()).add(intent.mention)
    return {frozenset(g) for g in found.values()}


def said(a: int, b: int, relation: Relation) -> Verdict:
    return Verdict(a=min(a, b), b=max(a, b), relation=relation, by="user:ana", at=NOW)


FORUM = [
    announcement(1, "Forum des associations de Gap", date(2024, 9, 7), venue="Le Quattro"),
    announcement(2, "Forum des associations", date(2024, 9, 7), organiser="Mairie de Gap"),
    announcement(3, "Forum des associations de Gap", date(2025, 9, 6), venue="Le Quattro"),
]


STRANGERS = [
    announcement(i, title, date(2024, i, 3), commune=town, organiser=None)
    for i, title, town in ((1, "Judo", "Gap"), (2, "Loto", "Apt"), (3, "Voile", "Nice"))
]


def test_two_editions_are_one_initiative() -> None:
    intents = planned(FORUM)
    assert groups(intents) == {frozenset({1, 2, 3})}
    assert groups(intents, "edition") == {frozenset({1, 2}), frozenset({3})}
    labels = [i.label for i in intents if isinstance(i, NewEdition)]
    assert sorted(labels) == ["2024", "2025"]


def test_the_same_name_in_another_commune_is_another_initiative() -> None:
    other = announcement(
        9, "Forum des associations", date(2024, 9, 7), commune="Embrun", organiser="Mairie d'Embrun"
    )
    assert groups(planned([*FORUM, other])) == {frozenset({1, 2, 3}), frozenset({9})}


def test_an_undated_announcement_never_chooses_between_editions() -> None:
    undated = announcement(4, "Forum des associations de Gap")
    intents = planned([*FORUM, undated])
    assert [i for i in intents if isinstance(i, PlaceMention) and i.mention == 4] == [
        PlaceMention(mention=4, initiative="PAAT-93-001", edition=None)
    ]


def test_an_undated_announcement_joins_the_only_edition() -> None:
    undated = announcement(4, "Forum des associations de Gap")
    assert groups(planned([*FORUM[:2], undated]), "edition") == {frozenset({1, 2, 4})}


def test_an_undated_announcement_that_a_person_told_apart_joins_no_edition() -> None:
    """Nor does what she said to be the same as it."""
    some = [*FORUM[:2], *(announcement(i, "Forum des associations de Gap") for i in (4, 5))]
    apart = said(1, 4, Relation.OTHER_EDITION)
    for verdicts, left in (([apart], {4}), ([apart, said(4, 5, Relation.SAME)], {4, 5})):
        intents = planned(some, verdicts=verdicts)
        assert groups(intents) == {frozenset({1, 2, 4, 5})}
        assert groups(intents, "edition") == {
            frozenset({1, 2, 5} - left),
            *(frozenset({i}) for i in left),
        }


def test_a_year_that_contradicts_the_only_edition_keeps_apart() -> None:
    grant = announcement(4, "Forum des associations de Gap", year=2022)
    assert groups(planned([*FORUM[:2], grant]), "edition") == {frozenset({1, 2}), frozenset({4})}


def test_a_year_chooses_between_editions() -> None:
    first = date(2024, 9, 7).year
    grant = announcement(4, "Forum des associations de Gap", year=first)
    assert groups(planned([*FORUM, grant]), "edition") == {frozenset({1, 2, 4}), frozenset({3})}


def test_nothing_to_do_is_an_empty_plan() -> None:
    initiatives, verdicts = applied(planned(FORUM))
    assert planned(FORUM, initiatives, verdicts) == []


def test_any_order_gives_the_same_plan() -> None:
    expected = planned(FORUM)
    for seed in range(5):
        shuffled = random.Random(seed).sample(FORUM, len(FORUM))  # noqa: S311
        assert planned(shuffled) == expected


def test_what_is_thought_and_asked_no_longer_is_said() -> None:
    """A thought of an older day about two strangers, and its question; what people judged stays."""
    old = [
        Verdict(a=1, b=b, relation=Relation.SAME, by="matching:2", at=NOW, p=0.9) for b in (2, 3)
    ]
    people = said(1, 3, Relation.UNSURE)
    asked = [Question(a=1, b=2, p={Relation.SAME: 0.9}, worth=1.0)]
    thought = plan(
        STRANGERS, None, initiatives=[], verdicts=[*old, people], model=load_prior(),
        new_id=new_ids(), now=NOW, region="93", asked=asked,
    )  # fmt: skip
    intents = [*thought]
    assert [i for i in intents if isinstance(i, Forget)] == [Forget(a=1, b=2)]
    assert [i for i in intents if isinstance(i, Withdraw)] == [Withdraw(a=1, b=2)]


def test_a_newcomer_joins_and_ids_stay() -> None:
    initiatives, verdicts = applied(planned(FORUM[:2]))
    intents = planned(FORUM, initiatives, verdicts)
    assert not [i for i in intents if isinstance(i, NewInitiative)]
    assert PlaceMention(mention=3, initiative="PAAT-93-001", edition="ED-001") in intents


def test_a_person_separates_for_ever_and_the_old_id_comes_back() -> None:
    apart, _ = applied(planned([FORUM[0]]))
    twin = announcement(2, "Forum des associations", date(2024, 9, 7), organiser="Mairie de Gap")
    ids = count(500)
    alone = plan(
        [twin], [], initiatives=[], verdicts=[], model=load_prior(),
        new_id=lambda p: f"{p}-{next(ids)}", now=NOW, region="93",
    )  # fmt: skip
    second, _ = applied(alone)
    both = [*apart, *second]
    joined = planned([FORUM[0], twin], both)
    assert JoinInitiative(initiative="PAAT-93-500", into="PAAT-93-001") in joined
    merged, verdicts = applied(joined, both)
    no = said(1, 2, Relation.DIFFERENT)
    intents = planned([FORUM[0], twin], merged, [*verdicts, no], Past(former=places_of(both)))
    assert Split(initiative="PAAT-93-500") in intents
    again, _ = applied(intents, merged)
    assert {i.id: i.mentions for i in again} == {"PAAT-93-001": (1,), "PAAT-93-500": (2,)}
    assert planned([FORUM[0], twin], again, [*verdicts, no]) == []


def test_not_a_duplicate_holds_through_a_group() -> None:
    """1 = 3 and 1 ≠ 2 said by people: 3 never joins 2, however alike."""
    third = announcement(3, "Forum des associations", date(2024, 9, 7), organiser="Mairie de Gap")
    verdicts = [said(1, 3, Relation.SAME), said(1, 2, Relation.DIFFERENT)]
    intents = planned([*FORUM[:2], third], verdicts=verdicts)
    assert groups(intents) == {frozenset({1, 3}), frozenset({2})}


def test_a_contradiction_leaves_no_edition_between_two_initiatives() -> None:
    """One edition, one initiative, two initiatives, said in a chain: nothing of it holds."""
    verdicts = [
        said(1, 2, Relation.SAME),
        said(2, 3, Relation.OTHER_EDITION),
        said(1, 3, Relation.DIFFERENT),
    ]
    intents = planned(STRANGERS, verdicts=verdicts)
    assert groups(intents) == groups(intents, "edition") == {frozenset({i}) for i in (1, 2, 3)}


def test_contradictory_verdicts_merge_nothing_and_ask_nothing_again() -> None:
    verdicts = [
        said(1, 2, Relation.SAME), said(2, 3, Relation.SAME), said(1, 3, Relation.DIFFERENT)
    ]  # fmt: skip
    intents = planned(STRANGERS, verdicts=verdicts)
    assert groups(intents) == {frozenset({1}), frozenset({2}), frozenset({3})}
    assert not [i for i in intents if isinstance(i, AskReviewer)]  # a list shows them


def test_a_sub_event_is_part_of_its_festival() -> None:
    days = date(2024, 7, 5), date(2024, 7, 7)
    festival = [
        announcement(1, "Les Estivades du lac", days[0], until=days[1], venue="Plage du Lac"),
        announcement(2, "Les Estivades du lac", days[0], until=days[1], venue="Plage du Lac"),
        announcement(
            3, "Les Estivades du lac : atelier escrime", date(2024, 7, 6), venue="Plage du Lac"
        ),
    ]
    intents = planned(festival)
    assert groups(intents) == {frozenset({1, 2, 3})}
    editions = {i.edition: i.part_of for i in intents if isinstance(i, NewEdition)}
    (sub,) = [e for e, parent in editions.items() if parent]
    assert PlaceMention(mention=3, initiative="PAAT-93-001", edition=sub) in intents


@pytest.mark.parametrize("relation", [Relation.OTHER_EDITION, Relation.PART_OF])
def test_a_person_ties_two_editions(relation: Relation) -> None:
    a = announcement(1, "Gala de patinage", date(2024, 3, 2))
    b = announcement(2, "Loto du club", date(2025, 3, 2), commune="Apt", organiser=None)
    intents = planned([a, b], verdicts=[said(1, 2, relation)])
    assert groups(intents) == {frozenset({1, 2})}
    assert groups(intents, "edition") == {frozenset({1}), frozenset({2})}
