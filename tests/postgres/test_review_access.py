"""Who may do what: every route × role, sessions, cross-site requests, bad input."""

import itertools
import re

import pytest
from fastapi.routing import APIRoute

from domain.statuses import Role
from review import security
from review.app import create_app, page_modules
from review.auth import RIGHTS
from review.security import HEADERS, MAX_BODY_BYTES
from storage import accounts, sessions
from tests.builders import NOW, later
from tests.review import a_house, a_person, an_account

FILLED = {"token": "x" * 43, "mode": "v"}


def _routes():
    return [
        (method, route.path, _right(route))
        for module in page_modules()
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in sorted(route.methods)
    ]


def _right(route):
    found = [d.call.right for d in route.dependant.dependencies if hasattr(d.call, "right")]
    assert len(found) == 1, f"{route.path}: one may(…) or PUBLIC where {found} was found"
    return found[0]


def _address(path):
    return re.sub(r"{(\w+)(?::\w+)?}", lambda m: FILLED.get(m[1], "1"), path)


ROUTES = _routes()


def test_every_right_asked_for_is_in_the_table():
    everything = frozenset().union(*RIGHTS.values())
    assert {right for _, _, right in ROUTES} <= everything | {"public"}


def test_each_role_may_all_that_the_one_before_may():
    roles = list(Role)
    assert all(RIGHTS[low] < RIGHTS[high] for low, high in itertools.pairwise(roles))


@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_opens_to_the_right_roles_only(database, role):
    house = a_house(database)
    app = create_app(house)
    for number, (method, path, right) in enumerate(ROUTES):
        person = a_person(house, role, app=app, name=f"someone-{role}-{number}")
        answer = person.client.request(
            method, _address(path), data={"jeton": person.csrf} if method != "GET" else None
        )
        status, told = answer.status_code, f"{method} {path} as {role}: {answer.status_code}"
        if right == "public":
            assert status != 401, told
        elif role is None:
            assert status == 401 or answer.headers["location"].startswith("/connexion"), told
        elif right in RIGHTS[role]:
            assert status not in (401, 403), told
            assert status < 500, told
        else:
            assert status == 403, told
            assert "n'a pas le droit" in answer.text.replace("&#39;", "'"), told


def test_an_unsafe_request_needs_this_site_and_this_sessions_token(database):
    person = a_person(a_house(database))
    away = {"sec-fetch-site": "cross-site"}
    assert person.post("/mon-compte/apparence", headers=away).status_code == 403
    assert person.client.post("/mon-compte/apparence").status_code == 410
    other = person.client.post("/mon-compte/apparence", data={"jeton": "faux"})
    assert other.status_code == 410
    assert "rechargez la page" in other.text
    assert person.post("/mon-compte/apparence", {"apparence": "dark"}).status_code == 303


def test_without_fetch_metadata_the_origin_decides(database):
    person = a_person(a_house(database))
    del person.client.headers["sec-fetch-site"]
    ours, theirs = {"origin": "http://testserver"}, {"origin": "https://evil.example"}
    assert person.post("/mon-compte/apparence", headers=ours).status_code == 303
    assert person.post("/mon-compte/apparence", headers=theirs).status_code == 403
    assert person.post("/mon-compte/apparence").status_code == 403


def test_a_huge_form_is_refused_before_it_is_read(database):
    person = a_person(a_house(database))
    answer = person.post("/mon-compte/apparence", {"apparence": "x" * MAX_BODY_BYTES})
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text
    chunks = (b"x" * 65536 for _ in range(20))  # no Content-Length to believe
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = person.client.post("/connexion", content=chunks, headers=form)
    assert answer.status_code == 413


def test_every_answer_wears_its_headers(database):
    person = a_person(a_house(database))
    for path in ("/", "/nowhere", "/static/icon.svg"):
        headers = person.get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS
        assert "unsafe" not in headers["content-security-policy"]
    assert person.get("/static/app.css").headers["x-content-type-options"] == "nosniff"


def test_signing_in_with_a_password_and_being_locked_out(database):
    house = a_house(database)
    person = a_person(house, None)
    with database.begin() as conn:
        lea = an_account(conn, "Léa Martin")
        accounts.put_link(conn, lea.id, "lien", NOW)
    phrase = "un vélo rouge sous la pluie"
    chosen = person.post("/mot-de-passe/lien", {"mot_de_passe": phrase, "encore": phrase})
    assert chosen.status_code == 303
    assert person.get("/").status_code == 200
    assert person.get("/mot-de-passe/lien").status_code == 410  # used

    person.client.cookies.clear()
    signed = {"nom": "LEA martin", "mot_de_passe": phrase, "suite": "//evil.example"}
    answer = person.post("/connexion", signed)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "httponly" in answer.headers["set-cookie"].lower()

    for _ in range(accounts.FREE_FAILURES):
        wrong = person.post("/connexion", signed | {"mot_de_passe": "non"})
        assert wrong.status_code == 403
    assert person.post("/connexion", signed).status_code == 403  # right, but locked
    assert phrase not in wrong.text


def test_a_weak_password_is_refused_with_the_reason(database):
    person = a_person(a_house(database), None)
    with database.begin() as conn:
        accounts.put_link(conn, an_account(conn).id, "lien", NOW)
    answer = person.post("/mot-de-passe/lien", {"mot_de_passe": "court", "encore": "court"})
    assert answer.status_code == 400
    assert "au moins 12 caractères" in answer.text


def test_a_revoked_expired_or_disabled_session_is_signed_out(database):
    house = a_house(database)
    person = a_person(house)
    assert person.get("/").status_code == 200
    with database.begin() as conn:
        token = person.client.cookies["paat"]
        assert sessions.find(conn, token, later(hours=13)) is None
        accounts.disable(conn, person.account.id, NOW)
    assert person.get("/").headers["location"] == "/connexion?suite=%2F"


def test_too_many_sign_ins_from_one_place_are_slowed_down(database, monkeypatch):
    monkeypatch.setitem(security.LIMITS, "POST /connexion", (10, 0))  # no time passes
    person = a_person(a_house(database), None)
    codes = [person.post("/connexion", {"nom": "x"}).status_code for _ in range(12)]
    assert codes[-1] == 429


def test_a_persons_data_can_be_taken_away_and_erased(database):
    person = a_person(a_house(database), name="lea", full_name="Léa Martin")
    data = person.get("/mon-compte/donnees.json").json()
    assert data["account"]["full_name"] == "Léa Martin"
    assert not any("token" in key or "csrf" in key for key in data["sessions"][0])
    assert person.post("/mon-compte/effacer", {"confirmation": "lea"}).status_code == 303
    with database.begin() as conn:
        left = accounts.get(conn, person.account.id)
    assert (left.full_name, left.email, left.name) == ("", None, f"compte-{left.id}")
    assert person.get("/").headers["location"].startswith("/connexion")


def test_keys_can_be_remapped_or_switched_off_but_never_used_twice(database):
    person = a_person(a_house(database))
    taken = person.post("/mon-compte/touches", {"mode": "letters", "touche-approve": "r"})
    assert taken.status_code == 400
    assert "sert deux fois : r" in taken.text
    assert person.post("/mon-compte/touches", {"mode": "off"}).status_code == 303
