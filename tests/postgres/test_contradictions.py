"""Answers that contradict each other merge nothing and are shown until one is changed."""

from datetime import date

import pytest

from domain.records import When, Where, Who
from domain.statuses import Precision, Relation
from storage import initiatives
from tests.builders import a_mention, stored_initiative, stored_mentions
from tests.review import a_house, a_person

TITLES = ("Tournoi de judo", "Fête du nautisme", "Cross des écoles")
TOWNS = ("Gap", "Nice", "Arles")


@pytest.fixture
def house(database):
    return a_house(database)


def three(house):
    """The ids of three announcements that nothing but people would tie together."""
    with house.database.begin() as conn:
        some = [
            a_mention(
                str(i),
                f"source-{i}",
                title=title,
                text="",
                url=None,
                when=When(starts_on=date(2027, 3 * i, i), precision=Precision.DAY),
                where=Where(commune_name=town),
                who=Who(),
            )
            for i, (title, town) in enumerate(zip(TITLES, TOWNS, strict=True), start=1)
        ]
        saved = stored_mentions(conn, some)
        for one in saved:
            stored_initiative(conn, one)
    return [one.id for one in saved]


def homes(house, ids):
    """The initiative each is in."""
    with house.database.begin() as conn:
        return [next(i.id for i in initiatives.by_mentions(conn, [one])) for one in ids]


def answer(person, a, b, relation):
    assert person.post(f"/doublons/{a}/{b}", {"reponse": relation.value}).status_code == 303


def test_a_chain_of_same_against_a_different_is_shown_until_one_answer_changes(house):
    a, b, c = three(house)
    lea, omar = a_person(house, name="lea"), a_person(house, name="omar")
    answer(lea, a, c, Relation.DIFFERENT)
    answer(lea, a, b, Relation.SAME)
    assert "contredisent" not in lea.get("/doublons").text
    answer(omar, b, c, Relation.SAME)
    page = omar.get("/doublons").text
    assert "Réponses qui se contredisent" in page
    assert all(title in page for title in TITLES)
    assert all(f"/doublons/{x}/{y}" in page for x, y in ((a, b), (b, c), (a, c)))
    assert len(set(homes(house, [a, b, c]))) == 3  # nothing of that chain is merged
    answer(lea, a, c, Relation.SAME)
    assert "contredisent" not in lea.get("/doublons").text
    assert len(set(homes(house, [a, b, c]))) == 1  # b comes too: it was tied to both all along


def test_two_people_who_disagree_on_a_pair_are_shown(house):
    a, b, _ = three(house)
    lea, omar = a_person(house, name="lea"), a_person(house, name="omar")
    answer(lea, a, b, Relation.SAME)
    answer(omar, a, b, Relation.DIFFERENT)
    page = lea.get("/doublons").text
    assert page.count(f'href="/doublons/{a}/{b}"') == 2
    assert len(set(homes(house, [a, b]))) == 2
    answer(omar, a, b, Relation.SAME)
    assert "contredisent" not in lea.get("/doublons").text
    assert len(set(homes(house, [a, b]))) == 1


def test_not_a_duplicate_holds_through_what_each_was_joined_to(house):
    a, b, c = three(house)
    lea = a_person(house, name="lea")
    answer(lea, a, b, Relation.DIFFERENT)
    answer(lea, b, c, Relation.SAME)
    one, two, three_ = homes(house, [a, b, c])
    assert two == three_ != one
    answer(lea, a, c, Relation.UNSURE)  # nothing said: what was told of b still holds for c
    assert homes(house, [a, b, c])[0] not in homes(house, [b, c])
