"""Grist, Démarches simplifiées and LimeSurvey against servers that behave like the real ones."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from collectors.client import Client
from collectors.collect import Harvest, visit
from collectors.kinds import demarches, grist, limesurvey
from domain.records import Source
from domain.settings import Settings
from domain.statuses import Outcome
from tests.builders import NOW
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
