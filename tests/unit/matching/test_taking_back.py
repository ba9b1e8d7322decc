"""Whatever was answered, taken back in reverse order, gives back exactly what was there."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bench import _announcements as announcements
from domain.intents import Intent, JoinInitiative, Split
from domain.records import Initiative, Mention, Verdict
from domain.statuses import Relation
from matching import prior
from matching.plan import answer
from matching.score import load_prior
from matching.standing import Past, Place, places_of
from tests.unit.matching.test_plan import applied, planned, said

Stood = dict[int, tuple[str, str | None, str | None]]
Answer = tuple[int, int, Relation]
WORLDS = (3, 5, 10, 12, 16, 22, 28, 32, 33, 36)
"""Seeds whose small worlds have series, festivals and announcements without a day."""


@cache
def world(seed: int) -> tuple[tuple[Mention, ...], tuple[Initiative, ...]]:
    """Announcements, and where the chain puts them."""
    rows = prior.generate(seed, events=6)
    told = [announcements.mention({**row, "id": str(i)}) for i, row in enumerate(rows)]
    mentions = tuple(replace(one, id=rank) for rank, one in enumerate(told, 1))
    return mentions, tuple(applied(planned(mentions))[0])


def stood(homes: Sequence[Initiative]) -> Stood:
    """mention → initiative, edition, festival of that edition."""
    festivals = {e.id: e.part_of for one in homes for e in one.editions}
    return {m: (i, e, festivals.get(e or "")) for m, (i, e) in places_of(homes).items()}


@dataclass
class Desk:
    """What storage remembers of answers (storage.moved, joins), in memory."""

    mentions: Sequence[Mention]
    homes: Sequence[Initiative]
    people: dict[tuple[int, int], Verdict] = field(default_factory=dict)
    moved: Stood = field(default_factory=dict)
    joins: dict[str, dict[int, Place]] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def say(self, a: int, b: int, relation: Relation) -> list[Intent]:
        self.people[a, b] = said(a, b, relation)
        return self._place(a, b)

    def take_back(self, a: int, b: int) -> list[Intent]:
        self.people.pop((a, b), None)
        return self._place(a, b)

    def _place(self, a: int, b: int) -> list[Intent]:
        once: dict[int, Place] = {}
        for places in self.joins.values():
            once |= places  # the last merge tells
        intents = answer(
            self.mentions, [], answered=[(a, b)], initiatives=self.homes,
            verdicts=[*self.people.values()], model=load_prior(), region="93",
            past=Past(moved=self.moved, once=once), asked=[],
            new_id=lambda prefix: f"new-{prefix}-{next(self.numbers)}",
        )  # fmt: skip
        before, places = stood(self.homes), places_of(self.homes)
        for one in intents:
            if isinstance(one, JoinInitiative):
                ends = (one.initiative, one.into)
                self.joins[one.initiative] = {m: p for m, p in places.items() if p[0] in ends}
            elif isinstance(one, Split):
                del self.joins[one.initiative]
        self.homes, _ = applied(intents, self.homes)
        now = stood(self.homes)
        away = {m: where for m, where in before.items() if now[m] != where} | self.moved
        self.moved = {m: where for m, where in away.items() if now[m] != where}
        return intents


@st.composite
def sittings(draw: st.DrawFn, most: int = 5) -> tuple[int, list[Answer]]:
    """A world, and answers about a few of its announcements."""
    seed = draw(st.sampled_from(WORLDS))
    ids = [m.id for m in world(seed)[0]]
    few = draw(st.lists(st.sampled_from(ids), min_size=2, max_size=5, unique=True))
    pairs = st.tuples(st.sampled_from(few), st.sampled_from(few)).filter(lambda x: x[0] < x[1])
    answers = st.tuples(pairs, st.sampled_from(Relation)).map(lambda x: (*x[0], x[1]))
    return seed, draw(st.lists(answers, min_size=1, max_size=most))


def drawn(homes: Sequence[Initiative]) -> list[tuple[object, ...]]:
    """The same, whatever is the name of what an answer made."""
    places = stood(homes)

    def named(name: str | None, level: int) -> object:
        if name is None or not name.startswith("new-"):
            return name
        return tuple(m for m, where in places.items() if where[level] == name)

    return [
        (m, named(home, 0), named(edition, 1), named(festival, 1))
        for m, (home, edition, festival) in sorted(places.items())
    ]


def undone(seed: int, answers: Sequence[Answer]) -> None:
    """Each step back is where that step was, when no answer replaced another."""
    mentions, homes = world(seed)
    desk = Desk(mentions, homes)
    steps = []
    for a, b, relation in answers:
        steps.append((a, b, drawn(desk.homes)))
        desk.say(a, b, relation)
    plain = len({(a, b) for a, b, _ in steps}) == len(steps)
    for a, b, was in reversed(steps):
        desk.take_back(a, b)
        if plain:
            assert drawn(desk.homes) == was
    assert stood(desk.homes) == stood(homes)
    live = {one.id for one in desk.homes if one.merged_into is None}
    assert live == {one.id for one in homes}
    assert desk.moved == {}


@settings(max_examples=20, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(sittings())
def test_answers_taken_back_give_back_what_was(sitting: tuple[int, list[Answer]]) -> None:
    undone(*sitting)


@pytest.mark.slow
@settings(max_examples=2_000, deadline=None)
@given(sittings(most=9))
def test_many_answers_taken_back_give_back_what_was(sitting: tuple[int, list[Answer]]) -> None:
    undone(*sitting)
