"""Answers that contradict each other merge nothing and are shown until one is changed."""

from dataclasses import replace
from datetime import date

import pytest

from domain.records import Question, When, Where, Who
from domain.statuses import Precision, Relation
from matching.keys import keys_of
from review import rematch
from storage import blocking, initiatives, matches, mentions
from tests.builders import NOW, a_mention, stored_initiative, stored_mentions
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


def version(house, name):
    with house.database.begin() as conn:
        return initiatives.get(conn, [name])[0].version


def places(house, ids):
    """mention → (initiative, edition), and every value shown."""
    with house.database.begin() as conn:
        found = initiatives.by_mentions(conn, ids)
        held = {m: (one.id, e.id) for one in found for e in one.editions for m in e.mentions}
        return held, {(one.id, f): v.value for one in found for f, v in one.values.items()}


def test_a_merge_taken_back_gives_back_places_and_what_people_wrote(house):
    """Merged, read again while merged, and told different after all: as before, the title that a
    person wrote included."""
    a, b, c = three(house)
    lea = a_person(house, name="lea")
    with house.database.begin() as conn:
        rematch.describe(conn, [one.id for one in initiatives.by_mentions(conn, [a, b, c])], NOW)
    mine, other, _ = homes(house, [a, b, c])
    form = {"version": str(version(house, other)), "cle": "k", "champ": "title"}
    lea.post(f"/initiatives/{other}/champ", form | {"valeur": "Écrit à la main"})
    before = places(house, [a, b, c])
    assert before[1][other, "title"] == "Écrit à la main"
    answer(lea, a, b, Relation.SAME)
    [home] = {*homes(house, [a, b])}
    with house.database.begin() as conn:
        [read] = mentions.by_ids(conn, [b])
        mentions.save(conn, [replace(read, text="Relue, plus longue")], NOW, extractor="2")
        rematch.describe(conn, [home], NOW)
        [now] = initiatives.get(conn, [home])
    assert (now.value("title"), now.value("description")) == (
        "Écrit à la main",
        "Relue, plus longue",
    )
    answer(lea, a, b, Relation.DIFFERENT)
    after = places(house, [a, b, c])
    assert after[0] == before[0]
    assert after[1] == before[1] | {(other, "description"): "Relue, plus longue"}
    assert (mine, "description") not in after[1]


def test_a_question_that_others_answer_is_withdrawn(house):
    """a ≠ b, then b = c: nobody is asked of a and c, and the machine never joins them."""
    a, b, c = three(house)
    with house.database.begin() as conn:
        asked = [
            Question(a=a, b=c, p={Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}),
            Question(a=b, b=c, p={Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}),
        ]
        matches.put_questions(conn, asked, NOW)
    lea = a_person(house, name="lea")
    answer(lea, a, b, Relation.DIFFERENT)
    answer(lea, b, c, Relation.SAME)
    with house.database.begin() as conn:
        assert matches.questions(conn, 10) == []


def test_an_answer_does_not_place_what_the_chain_has_not(house):
    """An announcement just read, alike: the chain will judge it."""
    a, b, _ = three(house)
    with house.database.begin() as conn:
        [read] = mentions.by_ids(conn, [a])
        [new] = stored_mentions(conn, [replace(read, id=0, source="agenda", key="neuve")])
        known = mentions.by_ids(conn, [a, new.id])
        blocking.put(conn, {one.id: keys for one, keys in zip(known, keys_of(known), strict=True)})
    answer(a_person(house), a, b, Relation.SAME)
    with house.database.begin() as conn:
        assert initiatives.by_mentions(conn, [new.id]) == []
        assert mentions.unmatched(conn, 10) == [new.id]
