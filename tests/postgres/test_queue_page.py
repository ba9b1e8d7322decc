"""The queue's pages: a constant number of statements, bad input, a theme of one's own."""

import re

import pytest

from domain.settings import Settings
from domain.statuses import CardState, Role
from storage import tables
from tests.review import CAMPAIGN, a_house, a_person, stored_cards

PATH = f"/file/cartes?campagne={CAMPAIGN}"


@pytest.fixture
def lea(database):
    with database.begin() as conn:
        stored_cards(conn, 20)
    return a_person(a_house(database), name="lea")


def _form(person, **changes):
    html = person.get(PATH).text
    fields = dict(re.findall('type="hidden" name="([a-z]+)" value="([^"]*)"', html))
    return fields | {"acte": "approve", "themes": "heritage"} | changes


def test_eight_cards_cost_as_many_statements_as_one(lea, statements):
    one, eight = [], []
    held = ",".join("x" * 3 for _ in range(7))
    for path, kept in ((f"{PATH}&tenues={held}", one), (PATH, eight)):
        statements.clear()
        lea.get(path)
        kept += statements
    assert len(eight) == len(one)
    assert len(eight) <= 22


def test_a_decision_is_ten_statements(lea, statements):
    form = _form(lea)
    statements.clear()
    assert lea.post("/file/decision", form).status_code == 303
    assert len(statements) <= 10


@pytest.mark.parametrize("encoding", ["gzip", "br, gzip"])
def test_the_first_page_weighs_less_than_ten_kilobytes(database, encoding):
    with database.begin() as conn:
        stored_cards(conn, 3, text="Une course solidaire avec des bénévoles, pour tous. " * 17)
    person = a_person(a_house(database))
    person.client.headers["accept-encoding"] = encoding
    page = person.get(f"/file?campagne={CAMPAIGN}")
    files = re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css)[^"]*)"', page.text)
    assert len(files) == 2
    weights = [
        int(one.headers["content-length"])
        + sum(len(k) + len(v) + 4 for k, v in one.headers.items())
        for one in (page, *map(person.get, files))
    ]
    assert sum(weights) <= 10_000, weights


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"acte": "explode"}, 404),
        ({"version": "'; drop table cards"}, 404),
        ({"version": "99"}, 409),
        ({"cle": ""}, 404),
        ({"initiative": "PAAT-93-nowhere"}, 404),
        ({"campagne": "nowhere"}, 404),
        ({"jeton": "faux"}, 410),
        ({"secondes": "nan", "note": "\x00é🏃"}, 303),
        ({"themes": "invented"}, 303),
        ({"retour": "//evil.example?x=1"}, 303),
    ],
)
def test_a_form_that_is_not_ours_is_refused_in_french(lea, changes, status):
    answer = lea.post("/file/decision", _form(lea) | changes)
    assert answer.status_code == status
    if status == 303:
        assert answer.headers["location"].startswith("/file?")
    else:
        assert 'lang="fr"' in answer.text


def test_a_script_is_told_in_json(lea):
    answer = lea.post(
        "/file/decision", _form(lea, version="99"), headers={"accept": "application/json"}
    )
    assert (answer.status_code, list(answer.json())) == (409, ["message"])


def test_sending_twice_says_it_was_done(lea):
    form = _form(lea)
    accept = {"accept": "application/json"}
    first, again = (lea.post("/file/decision", form, headers=accept).json() for _ in range(2))
    assert first["decision"] == again["decision"]
    assert again["message"] == "Déjà enregistrée"


def test_disagreements_are_for_the_committee(lea, database):
    with database.begin() as conn:
        conn.execute(tables.cards.update().values(state=CardState.ARBITRATION))
    assert lea.get(f"{PATH}&boite=desaccords").status_code == 403
    judge = a_person(a_house(database), Role.COMMITTEE)
    assert judge.get(f"{PATH}&boite=desaccords").text.count("<article") == 8


def test_a_theme_folder_overrides_looks_and_templates(database, tmp_path):
    (tmp_path / "static").mkdir()
    (tmp_path / "templates").mkdir()
    (tmp_path / "static" / "theme.css").write_text(":root { --accent: #000091; }")
    (tmp_path / "templates" / "sign_in.html").write_text("Préfecture")
    settings = Settings(_env_file=None, theme_dir=tmp_path)
    person = a_person(a_house(database, settings=settings))
    assert "/theme/theme.css" in person.get("/").text
    assert "#000091" in person.get("/theme/theme.css").text
    assert person.get("/connexion").text == "Préfecture"
