"""A person named in what was collected: what is known of them, and forgetting them (RGPD)."""

import json
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from collectors.upkeep import archive as archives
from domain.errors import NotFound
from review.auth import Form, Viewer, may
from review.house import Here, House
from review.render import render
from storage import accounts, identities, persons

router = APIRouter()
Manager = Annotated[Viewer, may("persons.manage")]
MOST = 200  # places shown; all of them are counted, exported and blanked
TOO_SHORT = "Écrivez un courriel, un numéro de téléphone ou un nom d'au moins cinq lettres."
PLACES = {
    "raw_items": "annonces collectées",
    "quarantine": "annonces en quarantaine",
    "mentions": "annonces lues",
    "mention_changes": "historique des annonces",
    "initiative_values": "valeurs d'initiatives",
    "joins": "rapprochements",
    "decisions": "décisions",
    "verdicts": "réponses sur des doublons",
    "questions": "questions de doublon",
    "suggestions": "propositions de la machine",
    "actors": "acteurs",
    "actor_aliases": "autres noms d'acteurs",
    "audits": "journal",
    "outbox": "événements",
    "source_states": "état des sources",
    "visits": "passages",
    "archive": "réponses archivées",
}


@router.get("/personnes")
def show(request: Request, viewer: Manager) -> Response:
    return _page(request, "")


@router.post("/personnes")
def act(request: Request, house: Here, viewer: Manager, form: Form) -> Response:
    """Look for somebody, export what names them, forget them. By POST: names stay out of logs."""
    words, what = str(form.get("qui", ""))[:300], str(form.get("acte", "chercher"))
    try:
        who = persons.sought(words)
    except NotFound:
        return _page(request, words, 400, wrong=TOO_SHORT)
    if what == "exporter":
        return _export(house, viewer, who)
    if what == "effacer":
        return _forget(request, house, viewer, form, who=who, words=words)
    with house.database.begin() as conn:
        found = persons.traces(conn, who)
        same = identities.with_email(conn, who.text) if who.kind == "email" else []
    return _page(
        request,
        words,
        who=who,
        found=found[:MOST],
        total=len(found),
        accounts=[a.name for a in same],
    )


def _export(house: House, viewer: Viewer, who: persons.Sought) -> Response:
    with house.database.begin() as conn:
        found = persons.traces(conn, who)
        details = {"kind": who.kind, "mark": who.mark[:16]}
        accounts.audit(conn, viewer.by, "person.exported", house.clock(), details=details)
    text = json.dumps(persons.as_json(found), ensure_ascii=False, indent=1)
    headers = {"content-disposition": 'attachment; filename="donnees-personne.json"'}
    return Response(text, media_type="application/json", headers=headers)


def _forget(
    request: Request, house: House, viewer: Viewer, form: Form, *, who: persons.Sought, words: str
) -> Response:
    if not form.get("certain"):
        return _page(
            request, words, 400, wrong="Cochez la case pour confirmer : c'est sans retour."
        )
    with house.database.begin() as conn:
        changed = persons.forget(conn, who, house.clock(), by=viewer.by)
    # What sources answered, as it came, is on the disk of this machine: it goes too.
    archive = archives.of_settings(house.settings)
    if answers := len(archive.erase(who.pattern, archive.slugs())):
        changed["archive"] = answers
    told = ", ".join(f"{PLACES[name]} ({n})" for name, n in changed.items()) or "rien à effacer"
    return _page(request, "", said=f"C'est fait : {told}.")


def _page(request: Request, words: str, status: int = 200, **more: object) -> Response:
    usual: dict[str, object] = {
        "who": None,
        "found": [],
        "total": 0,
        "accounts": [],
        "said": "",
        "wrong": "",
    }
    return render(request, "persons.html", status, words=words, places=PLACES, **usual | more)
