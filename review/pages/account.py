"""One's own account: keys, looks, open sessions, one's data."""

import json
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from review.auth import Form, Viewer, may, new_link
from review.house import Here
from review.keys import ACTIONS, MODES, keys_of, remapped
from review.render import render
from storage import accounts, sessions

router = APIRouter()
Own = Annotated[Viewer, may("account.own")]
LOOKS = {
    "auto": "Comme mon ordinateur",
    "light": "Clair",
    "dark": "Sombre",
    "contrast": "Contrasté",
}


@router.get("/mon-compte")
def show(request: Request, house: Here, viewer: Own, ok: str = "") -> Response:
    with house.database.begin() as conn:
        opened = sessions.of(conn, viewer.account, house.clock())
    return render(
        request,
        "account.html",
        sessions=opened,
        actions=ACTIONS,
        keys=keys_of(viewer.account.preferences),
        mode=viewer.account.preferences.get("keys_mode", "letters"),
        modes=MODES,
        looks=LOOKS,
        said="C'est enregistré." if ok else "",
        wrong="",
    )


@router.post("/mon-compte/touches")
def keys(request: Request, house: Here, viewer: Own, form: Form) -> Response:
    """Switch the keys off, put them behind Alt, or give each action another (WCAG 2.1.4)."""
    mode = str(form.get("mode", "letters"))
    chosen, wrong = remapped({name: str(form.get(f"touche-{name}", "")) for name in ACTIONS})
    if wrong or mode not in MODES:
        with house.database.begin() as conn:
            opened = sessions.of(conn, viewer.account, house.clock())
        return render(
            request,
            "account.html",
            400,
            sessions=opened,
            actions=ACTIONS,
            keys=chosen,
            mode=mode,
            modes=MODES,
            looks=LOOKS,
            said="",
            wrong=wrong or "Choisissez l'un des trois modes proposés.",
        )
    with house.database.begin() as conn:
        accounts.prefer(conn, viewer.account.id, {"keys": chosen, "keys_mode": mode})
    return RedirectResponse("/mon-compte?ok=1", 303)


@router.post("/mon-compte/apparence")
def looks(house: Here, viewer: Own, form: Form) -> Response:
    look = str(form.get("apparence", "auto"))
    with house.database.begin() as conn:
        accounts.prefer(conn, viewer.account.id, {"look": look if look in LOOKS else "auto"})
    return RedirectResponse("/mon-compte?ok=1", 303)


@router.post("/mon-compte/mot-de-passe")
def password(house: Here, viewer: Own) -> Response:
    """A fresh one-time link, followed at once: every session ends when the password is chosen."""
    with house.database.begin() as conn:
        token = new_link(conn, viewer.account, house.clock(), by=viewer.by)
    return RedirectResponse(f"/mot-de-passe/{token}", 303)


@router.post("/mon-compte/sessions/fermer")
def close(house: Here, viewer: Own, form: Form) -> Response:
    with house.database.begin() as conn:
        sessions.revoke(conn, str(form.get("session", "")), viewer.account.id, house.clock())
    return RedirectResponse("/mon-compte?ok=1", 303)


@router.get("/mon-compte/donnees.json")
def data(house: Here, viewer: Own) -> Response:
    """Everything kept about the person (RGPD art. 15 and 20)."""
    now = house.clock()
    with house.database.begin() as conn:
        found = accounts.everything_about(conn, viewer.account)
        accounts.audit(conn, viewer.by, "account.exported", now)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    headers = {"content-disposition": 'attachment; filename="mes-donnees.json"'}
    return Response(text, media_type="application/json", headers=headers)


@router.post("/mon-compte/effacer")
def erase(house: Here, viewer: Own, form: Form) -> Response:
    """Forget the person; their decisions stay under a number."""
    if str(form.get("confirmation", "")).strip().lower() != viewer.account.name:
        return RedirectResponse("/mon-compte", 303)
    now = house.clock()
    with house.database.begin() as conn:
        name = accounts.erase(conn, viewer.account, now)
        accounts.audit(conn, f"user:{name}", "account.erased", now)
    return RedirectResponse("/connexion", 303)
