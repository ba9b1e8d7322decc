"""Sign in, sign out, choose a password with a one-time link."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from review.auth import (
    PUBLIC,
    Form,
    Viewer,
    check_password,
    cookie_name,
    hash_password,
    may,
    open_session,
    weakness,
)
from review.house import Here
from review.render import render
from storage import accounts, queue, sessions

router = APIRouter()

WRONG = "Nom ou mot de passe incorrect. Après cinq essais, il faut patienter un peu plus longtemps."


@router.get("/connexion", dependencies=[PUBLIC])
def show(request: Request, suite: str = "/") -> Response:
    return render(request, "sign_in.html", suite=local(suite), name="", wrong="")


@router.post("/connexion", dependencies=[PUBLIC])
def sign_in(request: Request, house: Here, form: Form) -> Response:
    name, password = str(form.get("nom", "")), str(form.get("mot_de_passe", ""))
    suite = local(str(form.get("suite", "/")))
    now = house.clock()
    with house.database.begin() as conn:
        account = accounts.named(conn, name)
    right = check_password(account, password, now)  # outside a transaction: it takes 0.3 s
    answer = RedirectResponse(suite, 303)
    with house.database.begin() as conn:
        if account is not None and right:
            accounts.succeeded(conn, account.id)
            accounts.audit(conn, account.by, "session.start", now)
            sessions.forget_old(conn, now)
            open_session(conn, request, answer, house=house, account=account)
            return answer
        if account is not None:
            accounts.failed(conn, account.id, now)
            accounts.audit(conn, account.by, "session.refused", now)
    return render(request, "sign_in.html", 403, suite=suite, name=name[:80], wrong=WRONG)


@router.post("/deconnexion")
def sign_out(house: Here, viewer: Annotated[Viewer, may("account.own")]) -> Response:
    with house.database.begin() as conn:
        queue.release(conn, viewer.account.id)
        sessions.revoke(conn, viewer.session.token_sha256, viewer.account.id, house.clock())
    answer = RedirectResponse("/connexion", 303)
    answer.delete_cookie(cookie_name(house), path="/")
    return answer


@router.get("/mot-de-passe/{token}", dependencies=[PUBLIC])
def choose(request: Request, house: Here, token: str) -> Response:
    with house.database.begin() as conn:
        account = accounts.link_of(conn, token, house.clock())
    return render(request, "password.html", account=account, token=token, wrong="")


@router.post("/mot-de-passe/{token}", dependencies=[PUBLIC])
def chosen(request: Request, house: Here, form: Form, token: str) -> Response:
    """The password is kept, the link is used up, the person is signed in."""
    password, again = (str(form.get(name, "")) for name in ("mot_de_passe", "encore"))
    now = house.clock()
    with house.database.begin() as conn:
        account = accounts.link_of(conn, token, now)
    wrong = weakness(password, account) or (
        None if password == again else "Les deux saisies diffèrent : recommencez."
    )
    if wrong:
        return render(request, "password.html", 400, account=account, token=token, wrong=wrong)
    hashed = hash_password(password)
    answer = RedirectResponse("/", 303)
    with house.database.begin() as conn:
        accounts.use_link(conn, token, now)
        accounts.set_password(conn, account.id, hashed, now)
        accounts.audit(conn, account.by, "password.set", now)
        open_session(conn, request, answer, house=house, account=account)
    return answer


def local(path: str) -> str:
    """The path when it stays on this site, else the first page."""
    fine = path.startswith("/") and not path.startswith(("//", "/\\")) and "\n" not in path
    return path if fine and path.isprintable() else "/"
