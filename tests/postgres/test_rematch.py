"""The whole store matched anew: what arrivals left to their order, the night puts right."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from domain.records import Mention, Verdict
from domain.statuses import Relation
from flows import rematch, steps
from flows.house import House
from matching import block
from matching.keys import keys_of
from review import rematch as screen
from storage import blocking, initiatives, matches, mentions, runs, tables, values
from tests.builders import NOW, a_value, a_verdict, stored_mentions
from tests.postgres.test_arrivals import Arrived, Undone, arrived, feed, world

_m, _p, _q = tables.mentions, tables.placements, tables.questions
Answer = tuple[str, str, Relation]
"""Two announcements, by their keys, and what a person says of them."""
RELATIONS = (Relation.SAME, Relation.OTHER_EDITION, Relation.DIFFERENT)


@pytest.fixture
def inside(house: House, conn: Connection) -> House:
    """A house whose work is undone after the test."""
    return replace(house, database=Undone(conn))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A newcomer looks at so few that where it stands depends on its turn, in small worlds too."""
    monkeypatch.setattr(block, "NEAREST", ((1, 0), (2, 6_500)))


def ids_of(conn: Connection) -> dict[str, int]:
    """key → id of the announcements."""
    return {key: one for one, key in conn.execute(select(_m.c.id, _m.c.record["key"].astext))}


def say(conn: Connection, people: Sequence[Answer]) -> None:
    ids = ids_of(conn)
    told = [(*sorted((ids[a], ids[b])), relation) for a, b, relation in people]
    given = [Verdict(a=a, b=b, relation=r, by="user:ana", at=NOW) for a, b, r in told]
    matches.add_verdicts(conn, given)


def known(conn: Connection) -> tuple[Arrived, frozenset[frozenset[str]]]:
    """Who is with whom, and what is asked, whatever the identifiers."""
    names = {one: key for key, one in ids_of(conn).items()}
    open_ = conn.execute(select(_q.c.a, _q.c.b).where(_q.c.closed_at.is_(None)))
    return arrived(conn), frozenset(frozenset((names[a], names[b])) for a, b in open_)


def after_a_night(
    house: House, conn: Connection, batches: Sequence[Sequence[Mention]], people: Sequence[Answer]
) -> Iterator[tuple[Arrived, frozenset[frozenset[str]]]]:
    """What is known after these arrivals, after a night, and after another, of which nothing
    remains; the second night has nothing to say."""
    undo = conn.begin_nested()
    try:
        feed(house, conn, batches)
        say(conn, people)
        yield known(conn)
        rematch.rematch(house)
        yield known(conn)
        assert not any(again(rematch.rematch(house)).values())
        yield known(conn)
    finally:
        undo.rollback()


def again(found: rematch.Rematched) -> dict[str, int]:
    """What is counted of changes."""
    return {name: n for name, n in found.counts.items() if name != "announcements"}


def in_any_order(
    house: House, conn: Connection, *, seed: int, events: int, chance: random.Random, most: int
) -> None:
    some = world(seed, events)
    keys = [one.key for one in some]
    pairs = chance.sample([*combinations(keys, 2)], most)
    people = [(a, b, chance.choice(RELATIONS)) for a, b in pairs]
    cuts = [0, *sorted(chance.sample(range(1, len(some)), 4)), len(some)]
    mixed = chance.sample(some, len(some))
    batches = [mixed[a:b] for a, b in pairwise(cuts)]
    _, one, *rest = after_a_night(house, conn, [some], people)
    _, two, *more = after_a_night(house, conn, batches, people)
    assert one == two
    assert rest == [one]
    assert more == [two]


@given(st.integers(64_000, 64_999), st.randoms(use_true_random=False), st.integers(0, 4))
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.usefixtures("few")
def test_the_night_owes_nothing_to_the_order_of_arrival(
    inside: House, conn: Connection, seed: int, chance: random.Random, most: int
) -> None:
    in_any_order(inside, conn, seed=seed, events=10, chance=chance, most=most)


@pytest.mark.slow
@given(st.integers(65_000, 65_999), st.randoms(use_true_random=False), st.integers(0, 30))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_night_owes_nothing_to_the_order_of_arrival_in_larger_worlds(
    inside: House, conn: Connection, seed: int, chance: random.Random, most: int
) -> None:
    """With as many candidates as the chain keeps."""
    in_any_order(inside, conn, seed=seed, events=150, chance=chance, most=most)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(66_000, 66_008))
def test_answers_hold_through_nights_and_taken_back_leave_nothing(
    inside: House, conn: Connection, seed: int
) -> None:
    """Answers given on screen: a night moves nothing that it would not again, and once they are
    taken back, a night gives back places, questions and identifiers."""
    chance = random.Random(seed)  # noqa: S311
    some = world(seed, 60)
    feed(inside, conn, [chance.sample(some, len(some))])
    rematch.rematch(inside)
    before, places = known(conn), placed(conn)
    open_ = [(one.a, one.b) for one in matches.questions(conn, 1_000)]
    ids = sorted(ids_of(conn).values())
    pairs = chance.sample(open_, min(4, len(open_))) + chance.sample([*combinations(ids, 2)], 2)
    for a, b in pairs:
        relation = chance.choice(RELATIONS)
        told = Verdict(a=a, b=b, relation=relation, by="user:ana", at=inside.clock())
        screen.say(conn, inside, [told])
    rematch.rematch(inside)
    assert not any(again(rematch.rematch(inside)).values())
    for pair in chance.sample(pairs, len(pairs)):
        screen.take_back(conn, inside, pair, "user:ana")
    rematch.rematch(inside)
    assert known(conn) == before
    assert placed(conn) == places


def placed(conn: Connection) -> dict[int, tuple[str, str | None]]:
    """Where each announcement is, by identifiers."""
    here = select(_p.c.mention, _p.c.initiative, _p.c.edition).where(_p.c.left_at.is_(None))
    return {one: (home, edition) for one, home, edition in conn.execute(here)}


@pytest.fixture
def forums(inside: House, conn: Connection) -> list[int]:
    """Four announcements of one forum, whose keys were written by older rules: each came alone. A
    person wrote the title of the second, and said that the last is another thing than the first."""
    forum, *_ = world(62_000, 4)
    ids = []
    for older, source in enumerate(("agenda", "mairie", "presse", "site"), 1):
        (saved,) = stored_mentions(conn, [replace(forum, source=source)])
        blocking.put(conn, {saved.id: [older]})
        steps.match(inside)
        ids.append(saved.id)
    (second,) = initiatives.by_mentions(conn, [ids[1]])
    values.add(conn, [(second.id, a_value(value="Le forum", rule="user:ana"))], NOW)
    matches.add_verdicts(conn, [a_verdict(ids[0], ids[3], Relation.DIFFERENT, by="user:ana")])
    return ids


def homes(conn: Connection, ids: Sequence[int]) -> list[str]:
    return [initiatives.by_mentions(conn, [one])[0].id for one in ids]


def test_a_dry_run_says_what_a_night_would_change_and_changes_nothing(
    inside: House, conn: Connection, forums: list[int]
) -> None:
    before = homes(conn, forums), matches.verdicts(conn, forums), runs.last(conn)
    found = rematch.rematch(inside, dry_run=True)
    assert (len(found.joined), found.elsewhere, found.rekeyed, found.applied) == (2, 2, 4, False)
    first, *_ = rematch.lines(found)
    assert "2 changent d'initiative" in first
    assert "rien n'est modifié" in first
    assert (homes(conn, forums), matches.verdicts(conn, forums), runs.last(conn)) == before
    assert rematch.rematch(inside).counts == found.counts


def test_a_night_keeps_identifiers_and_what_people_said_and_is_told(
    inside: House, conn: Connection, forums: list[int]
) -> None:
    before = homes(conn, forums)
    found = rematch.rematch(inside)
    first, second, third, last = homes(conn, forums)
    assert first == second == third == before[0]  # the oldest
    assert last == before[3]
    assert found.joined == {before[1]: before[0], before[2]: before[0]}
    assert values.current(conn, [first])[first]["title"].value == "Le forum"
    (run,) = runs.last(conn)
    assert (run.trigger, run.counts) == ("rematch", found.counts)
    assert [one.title for one in found.moves] == [mentions.by_ids(conn, forums)[0].title] * 2


def test_a_night_writes_the_keys_of_today(
    inside: House, conn: Connection, forums: list[int]
) -> None:
    rematch.rematch(inside)
    some = mentions.by_ids(conn, forums)
    assert not blocking.stale(conn, dict(zip(forums, keys_of(some), strict=True)))
    assert blocking.stale(conn, {forums[0]: [1]}) == {forums[0]}
