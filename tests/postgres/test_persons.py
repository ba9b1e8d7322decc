"""Accounts on screen, and forgetting a person named in what was collected (RGPD)."""

import json
from dataclasses import replace

import pytest

from collectors.upkeep import archive as archives
from domain.settings import Settings
from domain.statuses import Role
from storage import accounts, identities, items, persons, sources, tables
from tests.builders import NOW, a_raw_item, a_source
from tests.review import a_house, a_person, an_account, stored_cards

EMAIL, PHONE = "lea.martin@exemple.fr", "04 92 10 20 30"


@pytest.fixture
def named(database):
    """An initiative whose texts name somebody by e-mail and telephone."""
    with database.begin() as conn:
        text = f"Renseignements : {EMAIL.upper()} ou 04.92.10.20.30, Léa Martin."
        [name] = stored_cards(conn, 1, title="Fête du lac", text=text)
    return name


def _everything(database):
    with database.begin() as conn:
        return "\n".join(
            str(tuple(row))
            for t in tables.metadata.sorted_tables
            for row in conn.execute(t.select())
        ).lower()


def test_a_person_is_shown_exported_then_forgotten_everywhere(database, named):
    admin = a_person(a_house(database), Role.ADMIN)
    page = admin.post("/personnes", {"qui": EMAIL})
    assert "annonces lues" in page.text
    assert "valeurs d&#39;initiatives" in page.text
    exported = admin.post("/personnes", {"qui": EMAIL, "acte": "exporter"})
    assert {one["table"] for one in json.loads(exported.text)} >= {"mentions", "initiative_values"}
    assert admin.post("/personnes", {"qui": EMAIL, "acte": "effacer"}).status_code == 400
    assert EMAIL in _everything(database)
    for who in (EMAIL, PHONE, "Léa Martin"):
        done = admin.post("/personnes", {"qui": who, "acte": "effacer", "certain": "1"})
        assert "C&#39;est fait" in done.text
    left = _everything(database)
    assert EMAIL not in left
    assert "04.92.10.20.30" not in left
    assert "léa martin" not in left
    assert "fête du lac" in left  # the initiative stays
    with database.begin() as conn:
        [line] = accounts.audits(conn, limit=1)
    assert line.action == "person.forgotten"
    assert "fait oublier une personne" in admin.get("/journal").text


def test_who_was_forgotten_stays_so_when_a_source_says_it_again(database):
    with database.begin() as conn:
        sources.register(conn, [a_source()])
        persons.forget(conn, persons.sought(EMAIL), NOW, by="system")
        said = {"title": "Bal", "text": f"écrire à {EMAIL.title()}", "email": EMAIL, "n": 3}
        items.store(conn, [replace(a_raw_item("1"), fields=said)], NOW)
        [kept] = conn.execute(tables.raw_items.select()).all()
    assert kept.fields["email"] == persons.BLANK
    assert EMAIL not in json.dumps(kept.fields).lower()
    assert (kept.fields["title"], kept.fields["n"]) == ("Bal", 3)


def test_an_administrator_adds_changes_closes_unties_and_erases_accounts(database):
    admin = a_person(a_house(database), Role.ADMIN, name="admin")
    made = admin.post(
        "/comptes",
        {"nom": "Max Roux", "role": "relecteur", "departement": "05", "courriel": "max@exemple.fr"},
    )
    assert "/mot-de-passe/" in made.text
    assert admin.post("/comptes", {"nom": "max.roux", "role": "relecteur"}).status_code == 400
    assert admin.post("/comptes", {"nom": "eve", "role": "dieu"}).status_code == 400
    with database.begin() as conn:
        max_ = accounts.named(conn, "max.roux")
        identities.tie(conn, max_, "https://pro.example", "42")
    path = f"/comptes/{max_.id}"
    steps = [
        (
            {"acte": "changer", "role": "comite", "departement": "06", "courriel": "m@x.fr"},
            "change",
        ),
        ({"acte": "delier"}, "delie"),
        ({"acte": "fermer"}, "ferme"),
        ({"acte": "rouvrir"}, "rouvert"),
        ({"acte": "effacer", "confirmation": "max.roux"}, "efface"),
    ]
    for form, word in steps:
        assert admin.post(path, form).headers["location"] == f"/comptes?ok={word}"
    with database.begin() as conn:
        left = accounts.get(conn, max_.id)
    assert (left.role, left.departments, left.email) == (Role.COMMITTEE, ("06",), None)
    assert not left.identified
    journal = admin.get("/journal").text
    for words in ("a créé un compte", "a changé un compte", "a délié", "a fermé", "a effacé"):
        assert words in journal


def test_an_administrator_neither_closes_nor_erases_themselves(database):
    admin = a_person(a_house(database), Role.ADMIN, name="admin")
    for act in ("fermer", "effacer", "changer"):
        form = {"acte": act, "confirmation": "admin", "role": "lecteur"}
        assert admin.post(f"/comptes/{admin.account.id}", form).status_code == 403
    assert admin.post("/comptes/1", {"acte": "inventer"}).status_code == 400
    assert admin.post("/comptes/999", {"acte": "fermer"}).status_code == 404


def test_the_data_of_an_account_hold_no_secret(database):
    admin = a_person(a_house(database), Role.ADMIN)
    with database.begin() as conn:
        lea = an_account(conn, "lea", email=EMAIL)
        accounts.put_link(conn, lea.id, "secret-link", NOW)
    data = admin.get(f"/comptes/{lea.id}/donnees.json")
    assert data.json()["account"]["email"] == EMAIL
    assert "secret-link" not in data.text
    assert "password_hash" not in data.text


def test_what_a_source_answered_as_it_came_is_forgotten_too(database, tmp_path):
    house = a_house(database, settings=Settings(_env_file=None, home=tmp_path))
    archive = archives.of_settings(house.settings)
    shelf = archive.begin(a_source(), {}, NOW)
    for body in (b"<p>Contact : Lea.Martin@exemple.fr</p>", b"<p>Bal</p>"):
        shelf.keep("u", body, url="u", status=200, headers={}, at=NOW)
    admin = a_person(house, Role.ADMIN)
    done = admin.post("/personnes", {"qui": EMAIL, "acte": "effacer", "certain": "1"})
    assert "archivées (1)" in done.text
    left = [one for visit in archive.visits("gap") for one in visit.snapshots]
    assert [archive.body(one.sha256) for one in left] == [b"<p>Bal</p>"]
