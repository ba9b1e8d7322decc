"""What the pages of matching tell: where announcements stand, why, and the way back."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest

from domain.intents import NewEdition, NewInitiative, PlaceMention
from domain.records import Question, When
from domain.statuses import Precision, Relation
from review import rematch
from storage import initiatives, matches
from tests.builders import (
    NOW,
    a_mention,
    a_verdict,
    an_id,
    stored_initiative,
    stored_mentions,
)
from tests.review import a_house, a_person


@pytest.fixture
def house(database):
    return a_house(database)


def on(day: str) -> When:
    return When(starts_on=date.fromisoformat(day), ends_on=date.fromisoformat(day),
                precision=Precision.DAY)  # fmt: skip


def held(house, *given, editions, part_of=None):
    """An initiative of these mentions, `editions`: the number of each one's edition (None: none);
    `part_of`: edition → the one it is part of. Its id and its mentions'."""
    with house.database.begin() as conn:
        found = stored_mentions(conn, given)
        name = an_id()
        ids = {k: an_id("ED") for k in sorted({k for k in editions if k is not None})}
        whole = part_of or {}
        plan = [NewInitiative(initiative=name)]
        plan += [
            NewEdition(edition=ids[k], initiative=name, part_of=ids.get(whole.get(k)))
            for k in sorted(ids, key=lambda k: k in whole)
        ]
        plan += [
            PlaceMention(mention=one.id, initiative=name, edition=ids.get(k))
            for one, k in zip(found, editions, strict=True)
        ]
        initiatives.apply(conn, plan, NOW)
        rematch.describe(conn, [name], NOW)
    return name, [one.id for one in found]


def text(answer):
    assert answer.status_code == 200
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.text)))


def test_an_edition_that_lost_its_announcements_has_no_date_until_they_are_back(house):
    name, (a, b) = held(
        house,
        a_mention("1", when=on("2027-06-12")),
        a_mention("2", "nice", when=on("2027-06-13")),
        editions=(1, 2),
    )
    lea = a_person(house, name="lea")

    def days():
        """The dates of the editions that announcements speak of, and of the others."""
        with house.database.begin() as conn:
            [one] = initiatives.get(conn, [name])
        spoken = [{o.starts_on.day for o in e.occurrences} for e in one.editions if e.mentions]
        return sorted(spoken, key=min), [
            e.occurrences for e in one.editions if not e.mentions and e.occurrences
        ]

    assert days() == ([{12}, {13}], [])
    lea.post(f"/doublons/{a}/{b}", {"reponse": Relation.SAME.value})
    spoken, ghosts = days()
    assert len(spoken) == 1
    assert ghosts == []
    lea.post(f"/doublons/{a}/{b}", {"reponse": Relation.OTHER_EDITION.value})
    assert days() == ([{12}, {13}], [])


def test_a_festival_is_shown_with_its_parts_under_it_and_why_each_announcement_is_there(house):
    name, (_, inside, again) = held(
        house,
        a_mention("1", title="Festival du lac", when=on("2027-06-12")),
        a_mention("2", title="Conférence du festival", when=on("2027-06-12")),
        a_mention("3", "nice", title="La conférence", when=on("2027-06-12")),
        editions=(1, 2, 2),
        part_of={2: 1},
    )
    with house.database.begin() as conn:
        matches.add_verdicts(conn, [a_verdict(inside, again, p=0.97)])
    answer = a_person(house).get(f"/initiatives/{name}")
    page = text(answer)
    assert "Festival : 1 partie. 3 annonces en parlent." in page
    assert "partie du festival Conférence du festival, 12 juin 2027" in page
    assert "même édition que « La conférence » d'après la machine (97 %) : pourquoi ?" in page
    assert f'href="/doublons/{inside}/{again}"' in answer.text
    assert 'aria-label="Parties de Festival du lac"' in answer.text


def test_an_undated_announcement_is_of_no_edition_until_somebody_says_which(house):
    name, (a, _, undated) = held(
        house,
        a_mention("1", title="Forum 2026", when=on("2026-09-05")),
        a_mention("2", title="Forum 2027", when=on("2027-09-04")),
        a_mention("3", "nice", title="Forum", when=When()),
        editions=(1, 2, None),
    )
    asked = Question(a=a, b=undated, p={Relation.SAME: 0.53, Relation.OTHER_EDITION: 0.44}, worth=1)
    with house.database.begin() as conn:
        matches.put_questions(conn, [asked], NOW)
    lea = a_person(house)
    page = text(lea.get(f"/initiatives/{name}"))
    assert "Série : 2 éditions. 3 annonces en parlent. 1 question attend une réponse" in page
    assert page.count("à confirmer") == 1  # the undated one, not those it may be of
    assert "d'aucune édition en particulier Forum à confirmer" in page
    page = text(lea.get(f"/doublons/{a}/{undated}"))
    assert "qui a 2 éditions (5 septembre 2026 ; 4 septembre 2027)" in page
    assert "à 53 %, « autre édition » à 44 %" in page
    lea.post(f"/doublons/{a}/{undated}", {"reponse": Relation.SAME.value})
    with house.database.begin() as conn:
        [one] = initiatives.get(conn, [name])
    assert one.undated == ()


def three_questions(house):
    """Three questions about six initiatives, the worthiest first: their pairs."""
    with house.database.begin() as conn:
        found = stored_mentions(
            conn, [a_mention(str(k), f"s{k}", title=f"Fête {k}") for k in range(6)]
        )
        for one in found:
            stored_initiative(conn, one)
        ids = sorted(one.id for one in found)
        pairs = [(ids[k], ids[k + 1]) for k in (0, 2, 4)]
        p = {Relation.SAME: 0.6, Relation.DIFFERENT: 0.4}
        asked = [Question(a=a, b=b, p=p, worth=9 - k) for k, (a, b) in enumerate(pairs)]
        matches.put_questions(conn, asked, NOW)
    return pairs


def test_questions_are_gone_through_in_order_and_what_is_passed_is_not_asked_again_at_once(house):
    one, two, three = three_questions(house)
    lea = a_person(house)

    def next_of(path):
        return lea.get(path).headers["location"]

    assert "question 2 sur 3" in text(lea.get(f"/doublons/{two[0]}/{two[1]}"))
    assert next_of("/doublons/suivant") == f"/doublons/{one[0]}/{one[1]}"
    assert next_of(f"/doublons/suivant?apres={one[0]}-{one[1]}") == f"/doublons/{two[0]}/{two[1]}"
    answer = lea.post(f"/doublons/{two[0]}/{two[1]}", {"reponse": "different"})
    where = answer.headers["location"]
    assert where == f"/doublons/{three[0]}/{three[1]}?fait=different&de={two[0]}-{two[1]}"
    page = text(lea.get(where))
    assert "Les deux annonces sont maintenant dans deux initiatives." in page
    assert next_of(f"/doublons/suivant?apres={three[0]}-{three[1]}") == "/doublons"


def test_the_duplicates_of_one_initiative_are_shown_alone(house):
    one, two, _ = three_questions(house)
    with house.database.begin() as conn:
        [home] = initiatives.by_mentions(conn, [one[0]])
    lea = a_person(house)
    page = lea.get(f"/doublons?initiative={home.id}")
    assert f'href="/doublons/{one[0]}/{one[1]}"' in page.text
    assert f'href="/doublons/{two[0]}/{two[1]}"' not in page.text
    lea.post(f"/doublons/{one[0]}/{one[1]}", {"reponse": "different"})
    assert "Aucune question" in text(lea.get(f"/doublons?initiative={home.id}"))
    assert lea.get("/doublons?initiative=PAAT-93-inconnue").status_code == 404


def test_an_answer_that_contradicts_others_says_so_at_once_and_on_its_page(house):
    (a, b), (c, _), _ = three_questions(house)
    lea, omar = a_person(house, name="lea"), a_person(house, name="omar")
    lea.post(f"/doublons/{a}/{b}", {"reponse": "same"})
    lea.post(f"/doublons/{b}/{c}", {"reponse": "same"})
    answer = omar.post(f"/doublons/{a}/{c}", {"reponse": "different"})
    assert "Elle en contredit d'autres" in text(omar.get(answer.headers["location"]))
    page = omar.get(f"/doublons/{a}/{c}").text
    assert all(f'href="/doublons/{x}/{y}"' in page for x, y in ((a, b), (b, c), (a, c)))
    lea.post(f"/doublons/{b}/{c}", {"reponse": "different"})
    assert "contredi" not in text(omar.get(f"/doublons/{a}/{c}"))


def test_unmerging_says_what_it_gives_back_then_how_to_come_back(house):
    (a, b), _, _ = three_questions(house)
    lea = a_person(house, name="lea")
    lea.post(f"/doublons/{a}/{b}", {"reponse": "same"})
    with house.database.begin() as conn:
        [one] = initiatives.by_mentions(conn, [a])
        [absorbed] = [i for i in initiatives.merged_with(conn, [one.id])[one.id] if i != one.id]
    page = text(lea.get(f"/initiatives/{one.id}"))
    assert "réunie le 21/11/2026 à 9 h 30 par lea" in page
    assert "1 réponse de personnes sur ses paires" in page
    assert re.search(r"ses éditions et 1 annonce : « Fête [01] »", page)
    form = {"autre": absorbed, "version": str(one.version)}
    where = lea.post(f"/initiatives/{one.id}/defusionner", form).headers["location"]
    answer = lea.get(where)
    assert f'href="/initiatives/{absorbed}"' in answer.text
    assert f'<a href="/doublons/{a}/{b}">revenir dessus</a>' in answer.text


def test_a_day_is_that_of_paris(house):
    night = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    _, (a, b) = held(
        house, a_mention("1", published_at=night), a_mention("2", "nice"), editions=(1, 1)
    )
    assert "publiée le 1er février 2027" in text(a_person(house).get(f"/doublons/{a}/{b}"))


def test_words_of_a_title_are_found_in_any_order_and_lead_to_where_it_stands_and_why(house):
    name, _ = held(house, a_mention("1", title="Forum des associations de Manosque"), editions=(1,))
    lea = a_person(house)
    answer = lea.get("/pourquoi?quoi=manosque+forum")
    assert f'href="/initiatives/{name}#editions"' in answer.text
    assert "jamais été vue" in text(lea.get("/pourquoi?quoi=manosque+judo"))
