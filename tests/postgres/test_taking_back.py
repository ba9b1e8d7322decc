"""From the page: whatever was answered, taken back in reverse order, gives back what was there."""

import random
from dataclasses import replace
from itertools import count

import pytest
from sqlalchemy import select

from bench import _announcements as announcements
from domain.records import When
from domain.statuses import Precision, Relation
from flows import steps
from matching import prior
from matching.keys import keys_of
from storage import blocking, initiatives, matches, mentions, tables
from tests.builders import NOW, later, stored_mentions
from tests.review import a_house, a_person


@pytest.fixture
def house(database):
    """Its clock moves on: no two answers are of one instant."""
    ticks = count()
    return a_house(database, clock=lambda: later(seconds=next(ticks)))


def placed(house, seed):
    """A small world where the chain puts it; the ids of its announcements."""
    rows = prior.generate(seed, events=6)
    told = [announcements.mention({**row, "id": str(i)}) for i, row in enumerate(rows)]
    with house.database.begin() as conn:
        saved = stored_mentions(conn, told)
        known = mentions.by_ids(conn, [one.id for one in saved])
        keys = zip(known, keys_of(known), strict=True)
        blocking.put(conn, {one.id: some for one, some in keys})
    steps.match(house)
    steps.describe(house)
    return [one.id for one in saved]


def everything(house):
    """Initiatives with their values, editions, dates and announcements, and what is asked."""
    n = tables.initiatives
    with house.database.begin() as conn:
        names = conn.execute(select(n.c.id).where(n.c.merged_into.is_(None))).scalars().all()
        found = initiatives.get(conn, names)
        asked = {(one.a, one.b) for one in matches.questions(conn, 1000)}
    told = {
        one.id: (
            one.status,
            one.undated,
            {
                e.id: (e.label, e.part_of, e.mentions, e.occurrences)
                for e in one.editions
                if e.mentions
            },
            {name: (v.value, v.mention, v.rule) for name, v in one.values.items()},
        )
        for one in found
    }
    return told, asked


def answer(person, a, b, relation):
    assert person.post(f"/doublons/{a}/{b}", {"reponse": relation.value}).status_code == 303


def take_back(person, a, b):
    assert person.post(f"/doublons/{a}/{b}/retirer").status_code == 303


def undone(house, person, ids, seed, *, most):
    chance = random.Random(seed)  # noqa: S311
    few = chance.sample(ids, 4)
    pairs = {tuple(sorted(chance.sample(few, 2))) for _ in range(most)}
    steps_ = []
    for a, b in sorted(pairs):
        steps_.append((a, b, everything(house)))
        answer(person, a, b, chance.choice(list(Relation)))
    for a, b, was in reversed(steps_):
        take_back(person, a, b)
        yield everything(house) == was


@pytest.mark.parametrize("seed", [16, 22])
def test_answers_taken_back_from_the_page_give_back_what_was(house, seed):
    """Ids, editions, festivals, dates, values, questions: at every step back."""
    ids = placed(house, seed)
    assert all(undone(house, a_person(house), ids, seed, most=4))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5, 10, 28, 32, 36])
def test_many_answers_taken_back_from_the_page(house, seed):
    ids, lea = placed(house, seed), a_person(house)
    for rank in range(6):
        *_, last = undone(house, lea, ids, 100 * seed + rank, most=6)
        assert last


def two_editions(house):
    """A forum and its next edition, in one initiative."""
    ids = placed(house, 22)
    with house.database.begin() as conn:
        [one] = [i for i in initiatives.by_mentions(conn, ids) if len(i.editions) > 1][:1]
    return one.editions[0].mentions[0], one.editions[1].mentions[0]


@pytest.mark.parametrize("then", [Relation.OTHER_EDITION, Relation.UNSURE])
def test_same_then_something_else_gives_the_editions_back(house, then):
    """The first answer unites two editions of one initiative; the second one no longer does."""
    a, b = two_editions(house)
    lea, before = a_person(house), everything(house)[0]
    answer(lea, a, b, Relation.SAME)
    assert everything(house)[0] != before
    answer(lea, a, b, then)
    assert everything(house)[0] == before


def test_different_then_undecidable_unites_again(house):
    a, b = two_editions(house)
    lea, before = a_person(house), everything(house)[0]
    answer(lea, a, b, Relation.DIFFERENT)
    assert len(everything(house)[0]) == len(before) + 1
    answer(lea, a, b, Relation.UNSURE)
    assert everything(house)[0] == before


def test_a_contradiction_resolved_gives_every_id_back(house):
    """x and y told apart, tied to a third one by a contradiction, all told apart again."""
    x, y = two_editions(house)
    lea = a_person(house)
    with house.database.begin() as conn:
        [third] = stored_mentions(conn, [replace(alone(conn, x), id=0, key="seule", source="z")])
        [read] = mentions.by_ids(conn, [third.id])
        blocking.put(conn, dict(zip([read.id], keys_of([read]), strict=True)))
    steps.match(house)
    steps.describe(house)
    z = third.id
    answer(lea, x, y, Relation.DIFFERENT)
    before = everything(house)[0]
    for a, b, relation in (
        (x, z, Relation.SAME), (x, y, Relation.SAME), (y, z, Relation.DIFFERENT),
        (x, y, Relation.DIFFERENT), (x, z, Relation.DIFFERENT),
    ):  # fmt: skip
        answer(lea, min(a, b), max(a, b), relation)
    assert everything(house)[0] == before


def alone(conn, like):
    """An announcement of something that nothing else tells."""
    [one] = mentions.by_ids(conn, [like])
    when = When(starts_on=NOW.date(), ends_on=NOW.date(), precision=Precision.DAY)
    return replace(one, title="Cross des neiges éternelles", text="", url=None, ticket=None,
                   links=(), when=when)  # fmt: skip


def test_the_page_offers_to_take_back_only_ones_own_answer_that_holds(house):
    a, b = two_editions(house)
    a, b = min(a, b), max(a, b)
    lea, omar = a_person(house, name="lea"), a_person(house, name="omar")
    assert lea.post(f"/doublons/{a}/{b}/retirer").status_code == 404
    answer(lea, a, b, Relation.DIFFERENT)
    assert "<button>Retirer" in lea.get(f"/doublons/{a}/{b}").text
    assert "<button>Retirer" not in omar.get(f"/doublons/{a}/{b}").text
    take_back(lea, a, b)
    page = lea.get(f"/doublons/{a}/{b}?fait=retiree").text
    assert "<button>Retirer" not in page
    assert "Réponse retirée" in page
    assert "ne tient plus" in page
