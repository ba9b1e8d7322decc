"""Bad input, one by one: a clear French sentence, nothing lost, nothing executed."""

import re
from html import unescape

import pytest

from domain.statuses import Role
from review.security import MAX_BODY_BYTES
from storage import tables
from tests.builders import NOW, later
from tests.review import CAMPAIGN, a_house, a_person, a_session, stored_cards

CARDS = f"/file/cartes?campagne={CAMPAIGN}"
JSON = {"accept": "application/json"}


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(database, clock):
    return a_house(database, clock=clock)


@pytest.fixture
def names(database):
    with database.begin() as conn:
        return stored_cards(conn, 3)


def forms(person):
    html = person.get(CARDS).text
    return [
        {**dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', one)), "acte": "reject"}
        for one in re.findall("<form.*?</form>", html, re.DOTALL)
    ]


def decided(database):
    with database.begin() as conn:
        return [row.initiative for row in conn.execute(tables.decisions.select())]


def sentence(answer):
    """The French sentence of an answer, whatever its form."""
    if "json" in answer.headers["content-type"]:
        return answer.json()["message"]
    return unescape(answer.text)


def test_a_lease_that_ran_out_still_counts_when_nobody_took_the_card(house, clock, names, database):
    lea = a_person(house, name="lea")
    [form, *_] = forms(lea)
    clock.now = later(minutes=11)
    assert lea.post("/file/decision", form, headers=JSON).status_code == 200
    assert decided(database) == [form["initiative"]]


def test_a_lease_that_somebody_took_over_is_told_and_decides_nothing(house, clock, names, database):
    lea, max_ = a_person(house, name="lea"), a_person(house, name="max")
    [form, *_] = forms(lea)
    clock.now = later(minutes=11)
    assert form["initiative"] in {one["initiative"] for one in forms(max_)}
    answer = lea.post("/file/decision", form, headers=JSON)
    assert answer.status_code == 409
    assert "Quelqu'un d'autre" in sentence(answer)
    assert decided(database) == []


def test_a_card_that_changed_is_told_and_decides_nothing(house, names, database):
    lea = a_person(house, name="lea")
    [form, *_] = forms(lea)
    with database.begin() as conn:
        conn.execute(tables.initiatives.update().values(version=tables.initiatives.c.version + 1))
    answer = lea.post("/file/decision", form)
    assert answer.status_code == 409
    assert "Quelqu'un d'autre" in sentence(answer)
    assert decided(database) == []


def test_a_form_sent_twice_decides_once(house, names, database):
    lea = a_person(house, name="lea")
    [form, *_] = forms(lea)
    assert [lea.post("/file/decision", form).status_code for _ in range(3)] == [303, 303, 303]
    assert decided(database) == [form["initiative"]]


@pytest.mark.parametrize("token", ["", "faux", "é" * 40, "x" * 5000])
def test_a_bad_token_is_told_and_decides_nothing(house, names, database, token):
    lea = a_person(house, name="lea")
    [form, *_] = forms(lea)
    answer = lea.post("/file/decision", form | {"jeton": token})
    assert answer.status_code == 410
    assert "rechargez la page" in sentence(answer)
    assert decided(database) == []


def test_the_token_of_another_session_of_the_same_person_is_refused(house, names, database):
    lea = a_person(house, name="lea")
    [form, *_] = forms(lea)
    with database.begin() as conn:
        _, other = a_session(conn, lea.account)
    assert lea.post("/file/decision", form | {"jeton": other}).status_code == 410
    assert decided(database) == []


@pytest.mark.parametrize("path", ["/file/decision", "/declarer", "/connexion", "/personnes"])
def test_a_huge_form_is_told_and_keeps_nothing(house, names, database, path):
    admin = a_person(house, Role.ADMIN)
    answer = admin.post(path, {"note": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    assert "trop volumineux" in sentence(answer)
    assert decided(database) == []


def test_a_form_of_a_thousand_fields_is_refused(house, names, database):
    lea = a_person(house, name="lea")
    answer = lea.post("/file/decision", {f"champ{n}": "1" for n in range(1000)})
    assert 400 <= answer.status_code < 500
    assert decided(database) == []


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "{{ 7 * 7 }} {% raw %}",
        "سباق التضامن 🏃‍♀️ Fête",
        "\u202egnp.exe \u2066x",
        '" onmouseover="alert(1)',
    ],
)
def test_a_title_is_text_whatever_it_says(house, database, title):
    with database.begin() as conn:
        [name] = stored_cards(conn, 1, title=title, text="ligne <b>x</b>\n" * 1000)
    admin = a_person(house, Role.ADMIN)
    for path in (CARDS, "/initiatives", f"/initiatives/{name}", "/lots", "/pourquoi?quoi=ligne"):
        answer = admin.get(path)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "<b>x</b>" not in answer.text
        assert '" onmouseover="alert(1)' not in answer.text
    card = admin.get(CARDS).text
    assert title in unescape(re.sub(r"</?mark>", "", card))
    assert card.count("\nligne") < 1000  # a thousand lines are folded, and cut with a link
    assert f'href="/initiatives/{name}"' in card


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        (Role.READER, "GET", "/file"),
        (Role.READER, "POST", "/file/decision"),
        (Role.REVIEWER, "GET", f"/file?campagne={CAMPAIGN}&boite=desaccords"),
        (Role.COMMITTEE, "GET", "/comptes"),
        (Role.COMMITTEE, "POST", "/personnes"),
    ],
)
def test_missing_rights_are_told(house, names, database, role, method, path):
    person = a_person(house, role)
    data = {"jeton": person.csrf} if method == "POST" else None
    answer = person.client.request(method, path, data=data)
    assert answer.status_code == 403
    assert "droit" in sentence(answer)
    assert decided(database) == []
