"""The public census: no account, cacheable, and only what a reviewer approved."""

import json
from datetime import datetime, timedelta
from typing import Any

import feedparser
import icalendar
import pytest

from census.filters import Filter
from domain.records import Contact, Decision
from domain.settings import Settings
from domain.statuses import DecisionKind
from review.pages.census_data import OFFERED
from review.pages.census_initiative import embedded
from review.shelf import Shelf
from storage import decisions, initiatives
from storage.db import Database
from tests.builders import NOW, a_mention, a_value, stored_initiative, stored_mentions
from tests.review import Person, a_house, a_person

CODE = "SOP-2027"
PAGES = (
    *("", "/calendrier", "/carte", "/carte.json", "/donnees", "/integrer", "/cadre"),
    *("/schema.json", "/contours.json", "/changements"),
)


def published(database: Database, title: str = "Fête du sport", **values: Any) -> str:
    """An approved initiative of the campaign, in June 2027; its id."""
    with database.begin() as conn:
        contact = Contact(kind="email", value="jeanne@ici.example", is_personal=True)
        key = f"{title} {len(values)}"
        (mention,) = stored_mentions(conn, [a_mention(key, title=title, contacts=(contact,))])
        name = stored_initiative(conn, mention)
        told = {"title": title, "commune_code": "05061", "department": "05", **values}
        initiatives.save_values(conn, {name: {n: a_value(n, v) for n, v in told.items()}}, NOW)
        approve = Decision(
            initiative=name,
            campaign=CODE,
            kind=DecisionKind.APPROVE,
            by="user:zoe",
            at=NOW,
            value={"themes": ["heritage"]},
        )
        decisions.add(conn, approve)
    return name


def a_visitor(database: Database, **settings: Any) -> Person:
    made = Settings(
        _env_file=None,  # type: ignore[call-arg]
        **{"public_campaign": CODE, "public_url": "https://paat.example", **settings},
    )
    return a_person(a_house(database, settings=made), None)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_public_and_cacheable(database: Database, path: str) -> None:
    published(database)
    visitor = a_visitor(database)
    first = visitor.get(f"/recensement{path}")
    assert first.status_code == 200
    assert first.headers["cache-control"].startswith("public")
    again = visitor.get(f"/recensement{path}", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert "set-cookie" not in first.headers
    assert "jeanne@" not in first.text


def test_the_map_has_a_background_without_any_other_site(database: Database) -> None:
    found = a_visitor(database).get("/recensement/contours.json").json()
    kinds = {one["id"]: one["properties"]["genre"] for one in found["features"]}
    assert {code for code, kind in kinds.items() if kind == "ici"} == {
        *("04", "05", "06", "13", "83", "84")
    }
    assert kinds["26"] == "voisin"


@pytest.mark.parametrize("name", OFFERED)
def test_every_download_is_what_it_says(database: Database, name: str) -> None:
    published(database)
    found = a_visitor(database).get(f"/recensement/telecharger/{name}")
    assert found.status_code == 200
    assert found.content
    assert b"jeanne@" not in found.content
    assert "filename=" in found.headers["content-disposition"]


def test_a_filter_in_the_address_holds_for_the_list_and_the_feeds(database: Database) -> None:
    published(database, "Course à Gap")
    published(database, "Débat à Marseille", commune_code="13055", department="13")
    visitor = a_visitor(database)
    page = visitor.get("/recensement?departement=13").text
    assert "Débat à Marseille" in page
    assert "Course à Gap" not in page
    feed = feedparser.parse(visitor.get("/recensement.atom?departement=13").content)
    assert [one.title for one in feed.entries] == ["Débat à Marseille"]
    assert feed.entries[0].link.startswith("https://paat.example/recensement/initiative/")
    calendar = icalendar.Calendar.from_ical(visitor.get("/recensement.ics?q=course").content)
    assert "Gap" in calendar["X-WR-CALNAME"] or calendar["X-WR-CALNAME"].endswith("course")


def test_what_nobody_approved_is_not_public_unless_the_house_says_so(database: Database) -> None:
    with database.begin() as conn:
        (mention,) = stored_mentions(conn, [a_mention()])
        name = stored_initiative(conn, mention)
    hidden = a_visitor(database)
    assert hidden.get(f"/recensement/initiative/{name}").status_code == 404
    assert "0 initiative" in hidden.get("/recensement").text


def test_a_decision_shows_at_once(database: Database) -> None:
    visitor = a_visitor(database)
    before = visitor.get("/recensement")
    published(database, "Toute nouvelle")
    after = visitor.get("/recensement", headers={"if-none-match": before.headers["etag"]})
    assert after.status_code == 200
    assert "Toute nouvelle" in after.text


def test_a_decision_makes_one_row_again_not_every_row(database: Database) -> None:
    names = [published(database, f"Action {n}") for n in range(3)]
    clock = [NOW + timedelta(hours=1)]
    house = a_house(database, clock=lambda: clock[0])
    shelf = Shelf()
    before = shelf.of(house, CODE)
    assert set(before.by_id) == set(names)
    assert shelf.of(house, CODE) is before
    clock[0] += timedelta(hours=1)
    renamed = {"field": "title", "value": "Action nouvelle"}
    with database.begin() as conn:
        decisions.add(conn, a_decision(names[0], DecisionKind.EDIT, clock[0], renamed))
        decisions.add(conn, a_decision(names[1], DecisionKind.REJECT, clock[0], {}))
    after = shelf.of(house, CODE)
    assert after.by_id[names[0]]["intitule"] == "Action nouvelle"
    assert names[1] not in after.by_id
    assert after.by_id[names[2]] is before.by_id[names[2]]
    # The page being read is of one state, whatever happens meanwhile.
    assert before.by_id[names[0]]["intitule"] == "Action 0"


def test_a_row_on_the_shelf_is_the_row_of_the_export(database: Database) -> None:
    published(database, "Été à la plage", description="Une journée d'initiation à la voile")
    shelf = Shelf()
    found = shelf.of(a_house(database), CODE)
    (row,) = found.rows
    assert row["description"] == row.whole()["description"]
    assert {name: row[name] for name in ("intitule", "editions", "publics")} == {
        name: (tuple(v) if isinstance(v := row.whole()[name], list) else v)
        for name in ("intitule", "editions", "publics")
    }
    for words, count in (("ete VOILE", 1), ("voile ski", 0), ("", 1)):
        assert len(found.kept(Filter(q=words))) == count
        assert len([one for one in found.rows if Filter(q=words)(one.whole())]) == count


def a_decision(name: str, kind: DecisionKind, at: datetime, value: dict[str, Any]) -> Decision:
    return Decision(initiative=name, campaign=CODE, kind=kind, by="user:zoe", at=at, value=value)


def test_the_api_answers_what_its_description_says(database: Database) -> None:
    # schemathesis tries the rest, by hand (docs/recensement.md): this keeps the two together.
    published(database, "Fête du sport", latitude=44.559, longitude=6.079)
    visitor = a_visitor(database)
    told = visitor.get("/api/v1/openapi.json").json()
    schemas = told["components"]["schemas"]
    for path, name in (
        ("/api/v1/initiatives", "Page"),
        ("/api/v1/indicateurs", "Indicateurs"),
        ("/api/v1/initiatives?limite=0", "Erreur"),
    ):
        assert set(visitor.get(path).json()) == set(schemas[name]["required"])
    (row,) = visitor.get("/api/v1/initiatives").json()["initiatives"]
    assert list(row) == list(schemas["Initiative"]["properties"])
    assert (row["latitude"], row["position"]) == (44.559, "lieu")


def test_an_initiative_tells_search_engines_what_it_is(database: Database) -> None:
    name = published(database, "Fête </script><b>", venue="Stade")
    page = a_visitor(database).get(f"/recensement/initiative/{name}").text
    start = page.index("ld+json") + len('ld+json">')
    told = json.loads(page[start : page.index("</script>", start)])
    assert told["name"] == "Fête </script><b>"
    assert told["@type"] in ("Event", "Project")


def test_embedded_json_cannot_close_its_element() -> None:
    assert "</" not in embedded({"a": "</script><!--"})


def test_only_the_frame_may_be_framed(database: Database) -> None:
    visitor = a_visitor(database)
    assert (
        "frame-ancestors *" in visitor.get("/recensement/cadre").headers["content-security-policy"]
    )
    assert (
        "frame-ancestors 'none'" in visitor.get("/recensement").headers["content-security-policy"]
    )


def test_the_api_goes_from_page_to_page_and_forgets_nobody(database: Database) -> None:
    names = {published(database, f"Action {n}") for n in range(5)}
    visitor = a_visitor(database)
    path, seen, pages = "/api/v1/initiatives?limite=2", [], 0
    while path:
        told = visitor.get(path).json()
        seen += [one["animation_id"] for one in told["initiatives"]]
        path, pages = told["suivant"], pages + 1
    assert pages == 3
    assert len(seen) == 5
    assert set(seen) == names
    one = visitor.get(f"/api/v1/initiatives/{seen[0]}")
    assert one.json()["animation_id"] == seen[0]
    assert one.headers["access-control-allow-origin"] == "*"
    assert "contacts" not in one.json()


def test_the_api_describes_itself(database: Database) -> None:
    told = a_visitor(database).get("/api/v1/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    for path in told["paths"]:
        if "{" not in path:
            assert a_visitor(database).get(path).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/recensement?theme=ski", 400),
        ("/recensement?mois=2027-13", 400),
        ("/recensement?campagne=PERDUE", 404),
        ("/recensement?page=zéro", 200),
        ("/recensement/telecharger/plan", 404),
        ("/recensement/initiative/PAAT-93-RIEN", 404),
        ("/recensement/calendrier?mois=0001-01", 400),
        ("/recensement/calendrier?mois=9999-12", 400),
        ("/api/v1/initiatives?limite=0", 400),
        ("/api/v1/initiatives?curseur=%FF%FE", 400),
    ],
)
def test_an_impossible_address_is_told_in_french(
    database: Database, path: str, status: int
) -> None:
    found = a_visitor(database).get(path)
    assert found.status_code == status
    if path.startswith("/api/"):
        assert found.json()["message"]
    else:
        assert 'lang="fr"' in found.text or found.status_code == 200
