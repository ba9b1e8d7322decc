"""What changed since a day, from what the database remembers: no export to keep."""

from datetime import timedelta
from typing import Any

from domain.intents import JoinInitiative, PlaceMention
from domain.records import Decision
from domain.settings import Settings
from domain.statuses import DecisionKind
from flows.changes import changes
from flows.house import House
from storage import decisions, dossiers, history, initiatives
from storage.db import Connection, Database
from tests.builders import NOW, a_mention, a_value, stored_initiative, stored_mentions
from tests.postgres.test_public_site import a_visitor

CODE = "SOP-2027"
LATER = NOW + timedelta(days=10)
SINCE = NOW + timedelta(days=1)


def registered(conn: Connection, title: str, at: Any = NOW) -> str:
    (mention,) = stored_mentions(conn, [a_mention(title, title=title)])
    name = stored_initiative(conn, mention)
    told = {"title": title, "commune_code": "05061", "department": "05"}
    initiatives.save_values(conn, {name: {n: a_value(n, v) for n, v in told.items()}}, NOW)
    decide(conn, name, DecisionKind.APPROVE, at, themes=[])
    return name


def decide(conn: Connection, name: str, kind: DecisionKind, at: Any, **value: Any) -> None:
    decisions.add(
        conn,
        Decision(initiative=name, campaign=CODE, kind=kind, by="user:zoe", at=at, value=value),
    )


def a_story(conn: Connection) -> dict[str, str]:
    """Four initiatives; then one renamed, one rejected, one merged into another, one approved."""
    names = {
        title: registered(conn, title) for title in ("Course", "Débat", "Tournoi", "Tournoi bis")
    }
    decide(conn, names["Course"], DecisionKind.EDIT, LATER, field="title", value="Course de Gap")
    decide(conn, names["Débat"], DecisionKind.REJECT, LATER)
    (twin,) = initiatives.get(conn, [names["Tournoi bis"]])
    move = [PlaceMention(mention=m, initiative=names["Tournoi"]) for m in twin.mentions]
    join = JoinInitiative(initiative=names["Tournoi bis"], into=names["Tournoi"])
    initiatives.apply(conn, [join, *move], LATER)
    names["Fête"] = registered(conn, "Fête", LATER)
    return names


def test_a_dossier_is_rebuilt_as_it_was(conn: Connection) -> None:
    names = a_story(conn)
    now = dossiers.of_ids(conn, CODE, sorted(names.values()))
    then = {one.initiative.id: one for one in history.before(conn, now, SINCE)}
    assert then[names["Course"]].initiative.value("title") == "Course"
    assert [d.kind for d in then[names["Débat"]].decisions] == [DecisionKind.APPROVE]
    assert then[names["Fête"]].decisions == ()
    assert history.merged(conn, SINCE) == {names["Tournoi bis"]: names["Tournoi"]}
    assert history.merged(conn, LATER + timedelta(days=1)) == {}


def test_the_digest_tells_what_each_became(database: Database) -> None:
    with database.begin() as conn:
        a_story(conn)
    house = House(
        settings=Settings(_env_file=None),  # type: ignore[call-arg]
        database=database,
        clock=lambda: LATER + timedelta(days=1),
        new_id=str,
    )
    told = changes(house, CODE, SINCE.date())
    assert "Intitulé : « Course » → « Course de Gap »" in told
    assert section(told, "Nouvelles") == ["- Fête — sans date, Gap"]
    assert section(told, "Sorties du recensement") == ["- Débat — sans date, Gap"]
    assert section(told, "Réunies à une autre initiative") == [
        "- Tournoi bis — sans date, Gap : réunie à « Tournoi »"
    ]
    assert "Rien n'a changé." in changes(house, CODE, (LATER + timedelta(days=1)).date())


def test_the_public_page_tells_what_became_public(database: Database) -> None:
    with database.begin() as conn:
        a_story(conn)
    visitor = a_visitor(database)
    page = visitor.get(f"/recensement/changements?depuis={SINCE.date()}").text
    assert "Fête — sans date, Gap" in page
    assert "Réunies à une autre initiative (1)" in page
    assert visitor.get("/recensement/changements?depuis=hier").status_code == 400


def section(markdown: str, title: str) -> list[str]:
    for part in markdown.split("\n## "):
        if part.startswith(title):
            return [line for line in part.splitlines()[1:] if line.startswith("- ")]
    return []
