"""Sign in, sign out, choose a password with a one-time link."""

import logging
import secrets
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
    secure,
    weakness,
)
from review.house import Here
from review.links import local
from review.oidc import Provider, ProviderDown, Unproven
from review.render import render
from storage import accounts, queue, sessions

router = APIRouter()
log = logging.getLogger(__name__)

WRONG = "Nom ou mot de passe incorrect. Après cinq essais, il faut patienter un peu plus longtemps."


@router.get("/connexion", dependencies=[PUBLIC])
def show(request: Request, suite: str = "/", quitte: str = "") -> Response:
    said = "Vous avez quitté l'application." if quitte else ""
    return _form(request, suite=local(suite), said=said)


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
    return _form(request, 403, suite=suite, name=name[:80], wrong=WRONG)


def _form(
    request: Request,
    status: int = 200,
    *,
    suite: str,
    name: str = "",
    wrong: str = "",
    said: str = "",
) -> Response:
    provider: Provider | None = request.app.state.provider
    title = provider.title if provider else ""
    return render(
        request,
        "sign_in.html",
        status,
        suite=suite,
        name=name,
        wrong=wrong,
        said=said,
        provider=title,
    )


@router.post("/deconnexion")
def sign_out(
    request: Request, house: Here, viewer: Annotated[Viewer, may("account.own")]
) -> Response:
    """Out of here, then out of the identity provider when one came in by it."""
    with house.database.begin() as conn:
        token = sessions.id_token(conn, viewer.session.token_sha256)
        queue.release(conn, viewer.account.id)
        sessions.revoke(conn, viewer.session.token_sha256, viewer.account.id, house.clock())
    request.state.viewer = None
    provider: Provider | None = request.app.state.provider
    there = _goodbye(provider, token) if provider and token else None
    # A page, not a redirect: « form-action 'self' » forbids a form to lead to another site.
    answer: Response = (
        render(request, "goodbye.html", there=there, title=provider.title)
        if provider and there
        else RedirectResponse("/connexion?quitte=1", 303)
    )
    answer.delete_cookie(cookie_name(house), path="/", secure=secure(house), httponly=True)
    return answer


def _goodbye(provider: Provider, token: str) -> str | None:
    """Where to end the provider's session; None when it does not answer: one is out of here."""
    try:
        return provider.goodbye(token, secrets.token_urlsafe(32))
    except (ProviderDown, Unproven) as error:
        log.warning("signing out of the identity provider: %s", error)
        return None


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
