"""The journal: who did what to accounts, sources and personal data. For administrators."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from review.auth import Viewer, may
from review.house import Here
from review.render import render
from storage import accounts

router = APIRouter()
SHOWN = 200
ACTIONS = {
    "session.start": "s'est connecté",
    "session.refused": "connexion refusée",
    "password.set": "a choisi son mot de passe",
    "account.link": "a donné un lien",
    "account.added": "a créé un compte",
    "account.changed": "a changé un compte",
    "account.disabled": "a fermé un compte",
    "account.enabled": "a rouvert un compte",
    "account.untied": "a délié une identité",
    "account.exported": "a téléchargé des données",
    "account.erased": "a effacé un compte",
    "person.exported": "a téléchargé les données d'une personne",
    "person.forgotten": "a fait oublier une personne",
    "source.added": "a ajouté une source",
    "source.paused": "a mis une source en pause",
    "source.trusted": "a rendu confiance aux identifiants d'une source",
    "source.resumed": "a repris une source",
}


@router.get("/journal")
def show(
    request: Request, house: Here, viewer: Annotated[Viewer, may("audit.read")], qui: str = ""
) -> Response:
    """The latest lines, of everybody or of one (`user:lea`)."""
    with house.database.begin() as conn:
        found = accounts.audits(conn, by=qui or None, limit=SHOWN)
    return render(request, "journal.html", lines=found, actions=ACTIONS, who=qui, shown=SHOWN)
