"""HelloAsso's directory: OAuth, continuation tokens, removals, details."""

from pathlib import Path
from typing import Any

from collectors.items import is_tombstone
from domain.statuses import Outcome
from tests.visits import as_json, one_visit, query, visits
from tests.web import Asked, Web

FORMS = "/v5/directory/forms"


def an_entry(name: str, action: str = "Insert", **changes: Any) -> dict[str, Any]:
    form = {
        "title": f"Tournoi {name}",
        "organizationSlug": "club",
        "organizationName": "Club de Gap",
        "formType": "Event",
        "formSlug": name,
        "startDate": "2027-06-03T14:00:00+02:00",
        "endDate": "2027-06-03T18:00:00+02:00",
        "url": f"https://www.helloasso.com/associations/club/evenements/{name}",
        "state": "Public",
        **changes,
    }
    return {"action": action, "record": form}


def api(web: Web, *pages: list[dict[str, Any]]) -> None:
    """One page per token; a drained token gives nothing, and itself, until something changes."""

    async def token(asked: Asked) -> bytes:
        if b"client_secret=mot+de+passe" not in asked.body:
            return as_json({"error": "invalid_client"}, "401 Unauthorized")
        return as_json({"access_token": "jeton", "expires_in": 1800})

    async def forms(asked: Asked) -> bytes:
        if asked.headers.get("authorization") != "Bearer jeton":
            return as_json({"message": "no"}, "401 Unauthorized")
        at = query(asked).get("continuationToken", "0")
        if not at.isdigit():
            return as_json({"message": "bad token"}, "400 Bad Request")
        number = int(at)
        data = pages[number] if number < len(pages) else []
        following = min(number + 1, len(pages))
        return as_json({"data": data, "pagination": {"continuationToken": str(following)}})

    async def detail(asked: Asked) -> bytes:
        return as_json(
            {
                "description": "<p>Ouvert à tous</p>",
                "place": {"name": "Stade", "city": "Gap", "zipCode": "05000"},
            }
        )

    web.on("/oauth2/token", token)
    web.on(FORMS, forms)
    for page in pages:
        for entry in page:
            slug = entry["record"]["formSlug"]
            web.on(f"/v5/organizations/club/forms/Event/{slug}/public", detail)


def secrets(folder: Path) -> dict[str, str]:
    (folder / "id").write_text("client")
    (folder / "pass").write_text("mot de passe")
    return {"client_id": f"file:{folder / 'id'}", "client_secret": f"file:{folder / 'pass'}"}


def test_pages_are_drained_and_details_complete_the_forms(tmp_path: Path) -> None:
    harvest, _ = one_visit(
        lambda web: api(web, [an_entry("a"), an_entry("b")], [an_entry("c")]),
        "helloasso",
        FORMS,
        filters={"formDepartments": ["Hautes-Alpes"]},
        **secrets(tmp_path),
    )
    assert harvest.visit.outcome is Outcome.OK, harvest.visit.why
    assert [one.key for one in harvest.items] == [f"club/Event/{n}" for n in "abc"]
    fields = harvest.items[0].fields
    assert (fields["start"], fields["commune"]) == ("2027-06-03T14:00", "Gap")
    assert fields["text"] == "Ouvert à tous"
    assert fields["organiser"] == "Club de Gap"


def test_the_next_visit_gives_only_changes_and_removals(tmp_path: Path) -> None:
    def setup(web: Web, number: int) -> None:
        first = [an_entry("a"), an_entry("b")]
        api(web, first) if not number else api(web, first, [an_entry("a", "Delete")])

    harvests, _ = visits(setup, "helloasso", FORMS, times=2, **secrets(tmp_path))
    (gone,) = harvests[1].items
    assert (gone.key, is_tombstone(gone)) == ("club/Event/a", True)
    assert harvests[1].visit.outcome is Outcome.OK


def test_a_token_the_server_forgot_starts_again_from_the_beginning(tmp_path: Path) -> None:
    def setup(web: Web, number: int) -> None:
        api(web, [an_entry("a")])
        if number == 0:

            async def odd(asked: Asked) -> bytes:
                seen = "continuationToken" in query(asked)
                data = [] if seen else [an_entry("a")]
                return as_json({"data": data, "pagination": {"continuationToken": "ancien"}})

            web.on(FORMS, odd)

    harvests, _ = visits(setup, "helloasso", FORMS, times=2, **secrets(tmp_path))
    assert [len(one.items) for one in harvests] == [1, 1]
    assert harvests[1].visit.outcome is Outcome.OK


def test_a_collection_is_no_event_and_a_draft_is_a_removal(tmp_path: Path) -> None:
    entries = [an_entry("a", formType="CrowdFunding"), an_entry("b", state="Draft")]
    harvest, _ = one_visit(
        lambda web: api(web, entries), "helloasso", FORMS, details=False, **secrets(tmp_path)
    )
    money, draft = harvest.items
    assert "start" not in money.fields
    assert is_tombstone(draft)


def test_a_token_that_ends_during_the_visit_is_asked_again_once(tmp_path: Path) -> None:
    def setup(web: Web) -> None:
        api(web, [an_entry("a")], [an_entry("b")])
        given: list[str] = []

        async def token(asked: Asked) -> bytes:
            given.append(f"jeton-{len(given)}")
            return as_json({"access_token": given[-1], "expires_in": 1800})

        async def forms(asked: Asked) -> bytes:
            at = query(asked).get("continuationToken", "")
            wanted = "Bearer jeton-1" if at else "Bearer jeton-0"
            if asked.headers["authorization"] != wanted:
                return as_json({"message": "expired"}, "401 Unauthorized")
            data = [an_entry(at or "a")] if at != "c" else []
            following = {"": "b", "b": "c", "c": "c"}[at]
            return as_json({"data": data, "pagination": {"continuationToken": following}})

        web.on("/oauth2/token", token)
        web.on(FORMS, forms)

    harvest, web = one_visit(setup, "helloasso", FORMS, details=False, **secrets(tmp_path))
    assert [one.key for one in harvest.items] == ["club/Event/a", "club/Event/b"]
    assert harvest.visit.outcome is Outcome.OK
    assert len(web.asked("/oauth2/token")) == 2


def test_wrong_credentials_are_refused(tmp_path: Path) -> None:
    given = secrets(tmp_path)
    (tmp_path / "pass").write_text("faux")
    harvest, _ = one_visit(lambda web: api(web), "helloasso", FORMS, **given)
    assert harvest.visit.outcome is Outcome.REFUSED
    assert "faux" not in harvest.visit.why
