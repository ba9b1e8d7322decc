"""A person answers: its effect is whole, takes nobody else along, and can be taken back."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from bench import _announcements as announcements
from domain.intents import (
    AskReviewer,
    Intent,
    JoinInitiative,
    MoveEdition,
    PlaceMention,
    Split,
    Withdraw,
)
from domain.records import Edition, Initiative, Mention, Question, Verdict
from domain.statuses import Relation
from matching import prior
from matching.plan import NOTHING, answer
from matching.score import load_prior
from matching.standing import Past, Place, places_of
from tests.unit.matching.test_plan import (
    FORUM,
    NOW,
    STRANGERS,
    announcement,
    applied,
    new_ids,
    planned,
    said,
)


def a_home(name: str, *editions: Sequence[int], undated: Sequence[int] = ()) -> Initiative:
    held = [
        Edition(id=f"{name}-{rank}", initiative=name, mentions=tuple(some))
        for rank, some in enumerate(editions, 1)
    ]
    return Initiative(
        id=name, created_at=NOW, changed_at=NOW, editions=tuple(held), undated=tuple(undated)
    )


def answered(
    mentions: Sequence[Mention], homes: Sequence[Initiative], answers: Sequence[Verdict],
    verdicts: Sequence[Verdict] = (), *, past: Past = NOTHING,
    asked: Sequence[Question] = (),
) -> list[Intent]:  # fmt: skip
    new = new_ids()
    return answer(
        mentions, [], answered=[(one.a, one.b) for one in answers], initiatives=homes,
        verdicts=[*verdicts, *answers], model=load_prior(), region="93",
        new_id=lambda prefix: f"new-{new(prefix)}", past=past, asked=asked,
    )  # fmt: skip


def moved_from(homes: Sequence[Initiative]) -> Past:
    """All of them, from there."""
    festivals = {e.id: e.part_of for one in homes for e in one.editions}
    return Past({m: (i, e, festivals.get(e or "")) for m, (i, e) in places_of(homes).items()})


def after(intents: Sequence[Intent], homes: Sequence[Initiative]) -> dict[int, Place]:
    return places_of(applied(intents, homes)[0])


def test_nobody_else_is_judged_again() -> None:
    """1 and 2 are strangers to the model; a third joins one of them: they stay together."""
    homes = [a_home("A", [1], [2]), a_home("B", [3])]
    found = after(answered(STRANGERS, homes, [said(2, 3, Relation.SAME)]), homes)
    assert found == {1: ("A", "A-1"), 2: ("A", "A-2"), 3: ("A", "A-2")}


def test_what_says_nothing_changes_nothing() -> None:
    homes = [a_home("A", [1], [2]), a_home("B", [3])]
    for relation in (Relation.UNSURE, Relation.DIFFERENT):
        assert answered(STRANGERS, homes, [said(2, 3, relation)]) == []
    assert answered(STRANGERS, homes, [said(1, 2, Relation.UNSURE)]) == []


@pytest.mark.parametrize("relation", [Relation.SAME, Relation.OTHER_EDITION, Relation.PART_OF])
@pytest.mark.parametrize("back", [Relation.DIFFERENT, Relation.UNSURE])
def test_an_answer_taken_back_gives_back_what_was(relation: Relation, back: Relation) -> None:
    homes = [a_home("A", [2]), a_home("B", [1], [3])]
    former = places_of(homes)
    merged, _ = applied(answered(STRANGERS, homes, [said(1, 2, relation)]), homes)
    assert len({home for home, _ in places_of(merged).values()}) == 1
    intents = answered(STRANGERS, merged, [said(1, 2, back)], past=moved_from(homes))
    assert after(intents, merged) == former
    assert [one.initiative for one in intents if isinstance(one, Split)] == ["A"]


def test_a_contradiction_sends_back_what_one_of_its_answers_had_brought() -> None:
    homes = [a_home("A", [1]), a_home("B", [2]), a_home("C", [3])]
    first = [said(1, 2, Relation.SAME), said(1, 3, Relation.DIFFERENT)]
    merged, _ = applied(answered(STRANGERS, homes, first), homes)
    assert len({home for home, _ in places_of(merged).values()}) == 2
    intents = answered(
        STRANGERS, merged, [said(2, 3, Relation.SAME)], first, past=moved_from(homes)
    )
    assert after(intents, merged) == places_of(homes)


def test_an_undated_announcement_follows_the_editions_of_its_initiative() -> None:
    """Its only edition; none when a second one comes; the only one again."""
    mentions = [FORUM[0], announcement(2, "Forum des associations de Gap"), FORUM[2]]
    homes = [a_home("A", [1, 2]), a_home("B", [3])]
    former = places_of(homes)
    merged, _ = applied(answered(mentions, homes, [said(1, 3, Relation.OTHER_EDITION)]), homes)
    assert places_of(merged) == {1: ("A", "A-1"), 2: ("A", None), 3: ("A", "B-1")}
    apart = answered(mentions, merged, [said(1, 3, Relation.DIFFERENT)], past=moved_from(homes))
    assert after(apart, merged) == former


def test_a_sub_event_is_what_people_say_it_is() -> None:
    """However little the other announcements of both look like it; until people say it is none."""
    mentions = [*FORUM[:2], STRANGERS[2]]
    homes = [a_home("A", [1, 2]), a_home("B", [3])]
    tied = said(2, 3, Relation.PART_OF)
    intents = answered(mentions, homes, [tied])
    [part] = [one for one in intents if isinstance(one, MoveEdition) and one.part_of]
    merged, _ = applied(intents, homes)
    assert [i for i in planned(mentions, merged, [tied]) if isinstance(i, MoveEdition)] == []
    freed = answered(mentions, merged, [said(2, 3, Relation.OTHER_EDITION)])
    assert freed == [MoveEdition(edition=part.edition, initiative=part.initiative)]


def test_a_question_that_an_answer_settles_is_withdrawn() -> None:
    """2 and 3 are one; 1 is not 2: nobody is asked of 1 and 3."""
    homes = [a_home("A", [1]), a_home("B", [2], [3])]
    p = {Relation.SAME: 0.5, Relation.OTHER_EDITION: 0.2, Relation.PART_OF: 0.0,
         Relation.DIFFERENT: 0.3}  # fmt: skip
    asked = [Question(a=1, b=3, p=p), Question(a=2, b=3, p=p)]
    intents = answered(STRANGERS, homes, [said(1, 2, Relation.DIFFERENT)], asked=asked)
    assert intents == [Withdraw(a=1, b=3), AskReviewer(question=asked[1])]
    again = answered(STRANGERS, homes, [said(2, 3, Relation.SAME)], asked=asked)
    assert [(i.question.a, i.question.b) for i in again if hasattr(i, "question")] == [(1, 3)]


@pytest.mark.parametrize("seed", range(3))
def test_the_night_finds_nothing_to_say_of_what_a_person_joined(seed: int) -> None:
    """Random answers on a small world: each unites two initiatives whole, and a plan that judges
    every pair again leaves everything where the screen put it."""
    chance = random.Random(seed)  # noqa: S311
    rows = prior.generate(70 + seed, events=20)
    told = [announcements.mention({**row, "id": str(i)}) for i, row in enumerate(rows)]
    mentions = [replace(one, id=rank) for rank, one in enumerate(told, 1)]
    homes, _ = applied(planned(mentions))
    people: list[Verdict] = []
    for _ in range(4):
        before = places_of(homes)
        one, two = chance.choice(
            [x for x in combinations(before, 2) if before[x[0]][0] != before[x[1]][0]]
        )
        relation = chance.choice([Relation.SAME, Relation.OTHER_EDITION, Relation.PART_OF])
        new = said(one, two, relation)
        intents = answer(
            mentions, [*combinations(sorted(before), 2)], answered=[(new.a, new.b)],
            initiatives=homes, verdicts=[*people, new], model=load_prior(), region="93",
            past=NOTHING, asked=[], new_id=new_ids(),
        )  # fmt: skip
        assert [type(i) for i in intents if isinstance(i, JoinInitiative | Split)] == [
            JoinInitiative
        ]
        people.append(new)
        homes, _ = applied(intents, homes)
        now = places_of(homes)
        joined = {before[one][0], before[two][0]}
        assert {m: now[m] for m in now if before[m][0] not in joined} == {
            m: before[m] for m in now if before[m][0] not in joined
        }
        assert len({now[m][0] for m in now if before[m][0] in joined}) == 1
        night = planned(mentions, homes, people)
        assert [i for i in night if isinstance(i, PlaceMention | JoinInitiative | Split)] == []
