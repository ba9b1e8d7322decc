"""The accounts: who may enter, with which role and territory. For administrators."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain import territory
from domain.campaigns import campaigns
from domain.errors import Conflict, NotAllowed
from domain.statuses import FRENCH, Role
from review.auth import Form, Viewer, may, new_link
from review.house import Here, House
from review.menu import Entry
from review.render import render
from storage import accounts, identities
from storage.accounts import Account
from storage.db import Connection

router = APIRouter()
MENU = Entry(title="Comptes", path="/comptes", right="accounts.manage", order=80)
Manager = Annotated[Viewer, may("accounts.manage")]
SAID = {
    "cree": "Compte créé.",
    "change": "Compte modifié.",
    "ferme": "Compte fermé, ses sessions aussi. Ses décisions restent.",
    "rouvert": "Compte rouvert.",
    "delie": "Identité déliée : à la prochaine connexion, l'adresse fera foi.",
    "efface": "Compte effacé : ses décisions restent, sous un numéro.",
}


@router.get("/comptes")
def show(request: Request, house: Here, viewer: Manager, ok: str = "") -> Response:
    return _page(request, house, said=SAID.get(ok, ""))


def _page(request: Request, house: House, status: int = 200, **more: str) -> Response:
    with house.database.begin() as conn:
        found = accounts.all_of(conn)
    departments = sorted({code for one in campaigns().values() for code in one.departments})
    base = house.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return render(
        request,
        "accounts.html",
        status,
        accounts=found,
        roles={role: FRENCH[role] for role in Role},
        departments={code: territory.department_name(code) for code in departments},
        base=base,
        **{"said": "", "wrong": "", "token": "", "whose": "", **more},
    )


@router.post("/comptes")
def add(request: Request, house: Here, viewer: Manager, form: Form) -> Response:
    """A new account, and the one-time link to give to the person."""
    wanted = _typed(form)
    if wanted is None:
        return _page(request, house, 400, wrong="Choisissez un rôle et des départements proposés.")
    now = house.clock()
    try:
        with house.database.begin() as conn:
            made = accounts.add(conn, str(form.get("nom", "")), now=now, **wanted)
            accounts.audit(conn, viewer.by, "account.added", now, about=made.name)
            token = new_link(conn, made, now, by=viewer.by)
    except Conflict:
        wrong = "Ce nom est vide ou déjà pris : choisissez-en un autre."
        return _page(request, house, 400, wrong=wrong)
    return _page(request, house, said=SAID["cree"], token=token, whose=made.name)


@router.post("/comptes/{number}")
def change(request: Request, house: Here, viewer: Manager, form: Form, number: int) -> Response:
    """What the button pressed says, upon one account."""
    act, now = str(form.get("acte", "")), house.clock()
    with house.database.begin() as conn:
        one = accounts.get(conn, number)
        if act == "lien":
            token = new_link(conn, one, now, by=viewer.by)
        else:
            done = _change(conn, one, act, form, viewer=viewer, house=house)
            if done is None:
                return _page(request, house, 400, wrong="Cette action n'est pas comprise.")
    if act == "lien":
        return _page(request, house, token=token, whose=one.name)
    return RedirectResponse(f"/comptes?ok={done}", 303)


def _change(
    conn: Connection, one: Account, act: str, form: FormData, *, viewer: Viewer, house: House
) -> str | None:
    """Carry it out; the word of SAID, None when it cannot be understood."""
    now, by = house.clock(), viewer.by
    if act in ("fermer", "effacer", "changer") and one.id == viewer.account.id:
        raise NotAllowed("an administrator does not change their own account here", about=one.name)
    if act == "changer" and (wanted := _typed(form)) is not None:
        accounts.change(conn, one.id, **wanted | {"departments": list(wanted["departments"])})
        accounts.audit(conn, by, "account.changed", now, about=one.name, details=_told(wanted))
        return "change"
    if act == "fermer":
        accounts.disable(conn, one.id, now)
        accounts.audit(conn, by, "account.disabled", now, about=one.name)
        return "ferme"
    if act == "rouvrir":
        accounts.enable(conn, one.id)
        accounts.audit(conn, by, "account.enabled", now, about=one.name)
        return "rouvert"
    if act == "delier":
        identities.untie(conn, one.id)
        accounts.audit(conn, by, "account.untied", now, about=one.name)
        return "delie"
    if act == "effacer" and str(form.get("confirmation", "")).strip().lower() == one.name:
        name = accounts.erase(conn, one, now)
        accounts.audit(conn, by, "account.erased", now, about=name)
        return "efface"
    return None


@router.get("/comptes/{number}/donnees.json")
def data(house: Here, viewer: Manager, number: int) -> Response:
    """Everything kept about that person (RGPD art. 15 and 20), to hand over."""
    with house.database.begin() as conn:
        one = accounts.get(conn, number)
        found = accounts.everything_about(conn, one)
        accounts.audit(conn, viewer.by, "account.exported", house.clock(), about=one.name)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    headers = {"content-disposition": f'attachment; filename="donnees-{one.id}.json"'}
    return Response(text, media_type="application/json", headers=headers)


def _typed(form: FormData) -> dict[str, Any] | None:
    """The columns typed; None when the role or a département is not one of those proposed."""
    role = str(form.get("role", ""))
    wanted = tuple(str(one) for one in form.getlist("departement") if one)
    known = {code for one in campaigns().values() for code in one.departments}
    if role not in list(Role) or not known.issuperset(wanted):
        return None
    return {
        "role": Role(role),
        "full_name": str(form.get("nom_complet", "")).strip()[:200],
        "email": str(form.get("courriel", "")).strip()[:300] or None,
        "departments": wanted,
        "organisation": str(form.get("organisation", "")).strip()[:200],
    }


def _told(wanted: dict[str, Any]) -> dict[str, Any]:
    """What the journal keeps of a change: rights, nothing personal."""
    return {name: wanted[name] for name in ("role", "departments")}
