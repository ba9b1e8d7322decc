"""Grist, Démarches simplifiées and LimeSurvey against servers that behave like the real ones."""

import asyncio
import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import Harvest, visit
from collectors.items import is_tombstone
from collectors.kinds import demarches, grist, limesurvey
from collectors.web.client import Client
from domain.records import Source
from domain.settings import Settings
from domain.statuses import Outcome
from tests.builders import NOW
from tests.visits import as_json, visits
from tests.web import Asked, Web, answer

JSON = {"Content-Type": "application/json"}


def collect(setup: Any, kind: str, path: str, **options: Any) -> tuple[Harvest, Web]:
    """The harvest of one visit to a web prepared by `setup(web)`."""

    async def once() -> tuple[Harvest, Web]:
        async with Web() as web:
            setup(web)
            source = Source(
                slug="essai", title="Essai", kind=kind, url=web.url(path), options=options
            )
            settings = Settings(allow_loopback=True, per_host_seconds=0)
            async with Client(settings, lambda: NOW) as client:
                return await visit(source, client, validators={}, now=NOW), web

    return asyncio.run(once())


# --- Grist -----------------------------------------------------------------------------------

COLUMNS = {
    "columns": [
        {"id": "Nom", "fields": {"label": "Titre de l'action", "type": "Text"}},
        {"id": "Jour", "fields": {"label": "Date de début", "type": "Date"}},
        {"id": "Publics", "fields": {"label": "Publics", "type": "ChoiceList"}},
        {"id": "Ville", "fields": {"label": "Commune", "type": "Text"}},
        {"id": "Agent", "fields": {"label": "Agent", "type": "Ref:Agents"}},
    ]
}
RECORDS = {
    "records": [
        {
            "id": 7,
            "fields": {
                "Nom": "Cross",
                "Jour": 1811980800,
                "Publics": ["L", "Jeunes", "Familles"],
                "Ville": ["E", "TypeError"],
                "Agent": 3,
            },
        },
        {"id": 8, "fields": {"Nom": "Gala", "Jour": None, "Publics": None, "Ville": "Gap"}},
    ]
}


def test_grist_dates_lists_and_errors(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")

    def setup(web: Web) -> None:
        web.page("/api/docs/d/tables/T/columns", json.dumps(COLUMNS), kind="application/json")
        web.page("/api/docs/d/tables/T/records", json.dumps(RECORDS), kind="application/json")

    harvest, web = collect(
        setup, "grist", "/api/docs/d/tables/T/records", token=f"file:{tmp_path / 'key'}"
    )
    first, second = harvest.items
    assert first.key == "7"
    assert first.fields == {
        "title": "Cross",
        "start": "2027-06-03",
        "audience": ["Jeunes", "Familles"],
    }
    assert second.fields == {"title": "Gala", "commune": "Gap"}
    sent = [r.headers.get("authorization") for r in web.requests if "tables" in r.path]
    assert sent == ["Bearer s3cret"] * 2


def test_a_grist_reference_is_read_as_what_it_shows() -> None:
    columns = {
        "columns": [
            {"id": "Nom", "fields": {"label": "Titre", "type": "Text", "colRef": 2}},
            {
                "id": "Club",
                "fields": {
                    "label": "Structure porteuse", "type": "Ref:Clubs", "colRef": 3,
                    "displayCol": 4,
                },
            },
            {"id": "gristHelper_Display", "fields": {"type": "Any", "colRef": 4}},
            {"id": "Lieu", "fields": {"label": "Commune", "type": "Ref:Lieux"}},
        ]
    }  # fmt: skip
    row = {"Nom": "Cross", "Club": 9, "gristHelper_Display": "Gap Athlétisme", "Lieu": 4}
    found = grist.parse(
        json.dumps({"records": [{"id": 1, "fields": {**row, "manualSort": 1}}]}).encode(),
        Source(slug="g", title="g", kind="grist", url="https://g.example/records"),
        columns=json.dumps(columns).encode(),
    )
    assert found[0].fields == {"title": "Cross", "organiser": "Gap Athlétisme"}


def test_a_secret_written_in_a_source_is_refused() -> None:
    harvest, _ = collect(lambda web: None, "grist", "/api/docs/d/tables/T/records", token="s3cret")
    assert harvest.visit.outcome is Outcome.UNREADABLE
    assert "env:NOM" in harvest.visit.why
    assert "s3cret" not in harvest.visit.why


def test_grist_says_what_is_not_its_api() -> None:
    source = Source(slug="g", title="g", kind="grist", url="https://g.example/records")
    with pytest.raises(Exception, match="/records"):
        grist.parse(b'{"error": "x"}', source)


# --- Démarches simplifiées -------------------------------------------------------------------


def dossier(number: int, state: str = "accepte", **champs: Any) -> dict[str, Any]:
    return {
        "number": number,
        "state": state,
        "dateDepot": "2027-01-05T09:30:00+01:00",
        "dateDerniereModification": "2027-02-01T10:00:00+01:00",
        "usager": {"email": "quelquun@exemple.test"},
        "demandeur": {
            "siret": "35600000063516",
            "association": {"rna": "W131000001", "titre": "Club du Val"},
        },
        "champs": [
            {"__typename": "TextChamp", "label": "Intitulé du projet",
             "stringValue": f"Projet {number}"},
            {"__typename": "DateChamp", "label": "Date de début", "stringValue": "4 mai 2027",
             "date": "2027-05-04"},
            {"__typename": "CommuneChamp", "label": "Commune de l'action", "stringValue": "Gap",
             "commune": {"name": "Gap", "code": "05061", "postalCode": "05000"}},
            {"__typename": "MultipleDropDownListChamp", "label": "Publics visés",
             "stringValue": "Jeunes, Seniors", "values": ["Jeunes", "Seniors"]},
        ],
    }  # fmt: skip


def graphql(nodes: list[dict[str, Any]], *, size: int = 2) -> Any:
    """A GraphQL end of Démarches simplifiées: cursors, at most `size` files per page."""

    async def handler(asked: Asked) -> bytes:
        variables = json.loads(asked.body)["variables"]
        start = int(variables.get("after") or 0)
        page = nodes[start : start + size]
        more = start + size < len(nodes)
        found = {"pageInfo": {"hasNextPage": more, "endCursor": str(start + size)}, "nodes": page}
        return answer(json.dumps({"data": {"demarche": {"dossiers": found}}}), headers=JSON)

    return handler


def test_demarches_pages_until_the_last_cursor() -> None:
    nodes = [dossier(n) for n in range(1, 6)] + [dossier(9, "refuse")]
    harvest, web = collect(
        lambda web: web.on("/api/v2/graphql", graphql(nodes)),
        "demarches",
        "/api/v2/graphql",
        demarche=42,
    )
    assert [item.key for item in harvest.items] == ["1", "2", "3", "4", "5"]
    assert len(web.asked("/api/v2/graphql")) == 3
    item = harvest.items[0]
    assert item.fields["title"] == "Projet 1"
    assert item.fields["start"] == "2027-05-04"
    assert (item.fields["insee"], item.fields["commune"]) == ("05061", "Gap")
    assert item.fields["organiser"] == "Club du Val"
    assert item.fields["rna"] == "W131000001"
    assert item.fields["audience"] == ["Jeunes", "Seniors"]
    assert item.published_at is not None
    assert "quelquun" not in json.dumps([dict(i.fields) for i in harvest.items])


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"errors": [{"message": "An object of type Demarche was hidden due to permissions",'
         ' "extensions": {"code": "unauthorized"}}]}', Outcome.REFUSED),
        ('{"errors": [{"message": "Field x does not exist"}]}', Outcome.UNREADABLE),
        ('{"data": {"demarche": null}}', Outcome.UNREADABLE),
        ("<html>", Outcome.UNREADABLE),
    ],
)  # fmt: skip
def test_demarches_errors_inside_http_200(body: str, outcome: Outcome) -> None:
    harvest, _ = collect(
        lambda web: web.raw("/graphql", answer(body, headers=JSON)),
        "demarches",
        "/graphql",
        demarche=42,
    )
    assert harvest.visit.outcome is outcome


def demarche(web: Web, files: list[Any], deleted: list[Any]) -> list[dict[str, Any]]:
    """One page of files and one of withdrawn ones; what was asked, in order."""
    asked_for: list[dict[str, Any]] = []

    async def handler(asked: Asked) -> bytes:
        variables = json.loads(asked.body)["variables"]
        asked_for.append(variables)
        name = "dossiers" if variables["includeDossiers"] else "deletedDossiers"
        nodes = files if name == "dossiers" else deleted
        return as_json({"data": {"demarche": {name: {"pageInfo": {}, "nodes": nodes}}}})

    web.on("/graphql", handler)
    return asked_for


def test_the_next_visit_asks_for_what_changed_and_what_was_withdrawn() -> None:
    asked: list[list[dict[str, Any]]] = []
    gone = [
        {"number": 1, "state": "en_construction", "reason": "user_request"},
        {"number": 2, "state": "accepte", "reason": "expired"},  # its time is over, no more
        {"number": 3, "state": "accepte", "reason": "user_removed"},
    ]

    def setup(web: Web, number: int) -> None:
        files = [dossier(n) for n in (1, 2, 3)] if number == 0 else [dossier(2)]
        asked.append(demarche(web, files, gone))

    (first, second), _ = visits(setup, "demarches", "/graphql", times=2, demarche=42)
    assert [len(first.items), len(asked[0])] == [3, 1]
    assert [(one.key, is_tombstone(one)) for one in second.items] == [("2", False), ("1", True)]
    assert second.items[0].fields == first.items[1].fields  # columns are not guessed apart
    changed, withdrawn = asked[1]
    day_before = (NOW - timedelta(days=1)).isoformat()
    assert (changed["updatedSince"], withdrawn["deletedSince"]) == (day_before, day_before)
    assert second.visit.skipped == 3  # they count for the bounds
    assert not any(asked[0][0][name] for name in ("includeInstructeurs", "includeTraitements"))


def test_a_page_that_fails_keeps_the_ones_before_and_asks_for_everything_again() -> None:
    whole = graphql([dossier(n) for n in range(1, 6)])

    async def broken(asked: Asked) -> bytes:
        if "after" in json.loads(asked.body)["variables"]:
            return as_json({"errors": [{"message": "Timeout"}]}, "400 Bad Request")
        answered: bytes = await whole(asked)
        return answered

    (harvest,), _ = visits(
        lambda web, _: web.on("/graphql", broken), "demarches", "/graphql", demarche=42
    )
    assert [one.key for one in harvest.items] == ["1", "2"]
    assert (harvest.visit.outcome, harvest.validators) == (Outcome.UNREADABLE, {})
    assert "400 où 200 est attendu : Timeout" in harvest.visit.why


def test_a_label_that_is_edited_stays_one_column_named_by_its_identifier() -> None:
    old, new = dossier(1), dossier(2)
    for one, label in ((old, "Intitulé du projet"), (new, "Rubrique 3")):
        one["champs"][0] |= {"champDescriptorId": "Q1", "label": label}
    body = {"data": {"demarche": {"dossiers": {"nodes": [old, new]}}}}
    source = Source(
        slug="d", title="d", kind="demarches", url="https://d.example/graphql",
        options={"demarche": 42, "mapping": {"Q1": "title"}},
    )  # fmt: skip
    found = demarches.parse(json.dumps(body).encode(), source)
    assert [one.fields["title"] for one in found] == ["Projet 1", "Projet 2"]


def test_a_demarche_has_a_number() -> None:
    assert demarches.check({"demarche": 42}) == []
    assert demarches.check({"demarche": "x"})


# --- LimeSurvey ------------------------------------------------------------------------------

EXPORT = (
    '"id. Identifiant de la réponse","Q1. Titre de l\'action","Q2. Commune"\n"12","Bal","Apt"\n'
)


def remote_control(export: Any) -> Any:
    async def handler(asked: Asked) -> bytes:
        called = json.loads(asked.body)
        results = {
            "get_session_key": "k1",
            "export_responses": export,
            "release_session_key": "OK",
        }
        said = {"id": 1, "result": results[called["method"]], "error": None}
        return answer(json.dumps(said), headers=JSON)

    return handler


def test_limesurvey_reads_the_export_and_gives_its_session_back() -> None:
    export = base64.b64encode(EXPORT.encode()).decode()
    harvest, web = collect(
        lambda web: web.on("/rc", remote_control(export)), "limesurvey", "/rc", survey=5
    )
    (item,) = harvest.items
    assert item.key == "12"
    assert item.fields == {"title": "Bal", "commune": "Apt"}
    methods = [json.loads(one.body)["method"] for one in web.asked("/rc")]
    assert methods == ["get_session_key", "export_responses", "release_session_key"]


@pytest.mark.parametrize(
    ("export", "outcome"),
    [
        ({"status": "No Data, survey table does not exist."}, Outcome.OK),
        ({"status": "No permission"}, Outcome.REFUSED),
        ({"status": "Language code not found for this survey."}, Outcome.UNREADABLE),
        ("not base64 !", Outcome.UNREADABLE),
    ],
)
def test_limesurvey_refusals_inside_http_200(export: Any, outcome: Outcome) -> None:
    harvest, _ = collect(
        lambda web: web.on("/rc", remote_control(export)), "limesurvey", "/rc", survey=5
    )
    assert harvest.visit.outcome is outcome


def test_limesurvey_options() -> None:
    assert limesurvey.check({"survey": 5}) == []
    assert len(limesurvey.check({"heading": "x"})) == 2
