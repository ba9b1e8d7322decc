"""Signing in with an identity provider, ProConnect say: leaving, coming back, saying goodbye.

The provider says who somebody is; only an administrator's account says what they may do here.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from domain.errors import NotFound
from review.auth import PUBLIC, cookie_name, open_session, secure
from review.house import Here, House
from review.links import local
from review.oidc import Identity, Provider, Unproven
from review.render import render
from storage import accounts, identities, sessions
from storage.accounts import Account
from storage.db import Connection
from storage.identities import Leaving

router = APIRouter()


def the_provider(request: Request) -> Provider:
    """The provider, when there is one. Raises NotFound."""
    found: Provider | None = request.app.state.provider
    if found is None:
        raise NotFound("no identity provider; PAAT_OIDC_ISSUER is empty")
    return found


Known = Annotated[Provider, Depends(the_provider)]


@router.get("/connexion/identite", dependencies=[PUBLIC])
def leave(house: Here, provider: Known, suite: str = "/") -> Response:
    """Off to the provider; the browser keeps the state, the database its mark."""
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    there = provider.leave_for(state=state, nonce=nonce, verifier=verifier)
    leaving = Leaving(nonce=nonce, verifier=verifier, next=local(suite))
    with house.database.begin() as conn:
        identities.leave(conn, state, leaving, house.clock())
    answer = RedirectResponse(there, 303)
    answer.set_cookie(
        _cookie(house),
        state,
        max_age=identities.MINUTES * 60,
        path="/",
        secure=secure(house),
        httponly=True,
        samesite="lax",
    )
    return answer


@router.get("/connexion/identite/retour", dependencies=[PUBLIC])
def come_back(
    request: Request, house: Here, provider: Known, code: str = "", state: str = "", error: str = ""
) -> Response:
    """Back with a code: whose it is, and whether they may enter."""
    mine = request.cookies.get(_cookie(house), "")
    if not state or not secrets.compare_digest(state.encode(), mine.encode()):
        raise Unproven("a state that this browser did not leave with")
    with house.database.begin() as conn:
        left = identities.come_back(conn, state, house.clock())
    if left is None:
        raise Unproven("a state that was used or is too old")
    if error or not code:
        raise Unproven(f"the provider answered {error[:40]!r} where a code was expected")
    who = provider.identity(code, nonce=left.nonce, verifier=left.verifier)
    answer: Response = RedirectResponse(left.next, 303)
    with house.database.begin() as conn:
        account, why = _account(conn, who, trusting=house.settings.oidc_trust_email)
        now = house.clock()
        details = {"issuer": who.issuer, "acr": who.acr, "siret": who.siret}
        if account is not None and not why:
            accounts.succeeded(conn, account.id)
            accounts.audit(conn, account.by, "session.start", now, details=details)
            sessions.forget_old(conn, now)
            open_session(conn, request, answer, house=house, account=account, id_token=who.id_token)
        else:
            by = account.by if account else "system"
            accounts.audit(conn, by, "session.refused", now, details={**details, "why": why})
            answer = _refused(request, provider, who, why)
    answer.delete_cookie(_cookie(house), path="/", secure=secure(house), httponly=True)
    return answer


@router.get("/connexion/identite/adieu", dependencies=[PUBLIC])
def gone(provider: Known) -> Response:
    """The provider's session is over too. Nothing changes here, whatever the state sent."""
    return RedirectResponse("/connexion?quitte=1", 303)


def _account(conn: Connection, who: Identity, *, trusting: bool) -> tuple[Account | None, str]:
    """The account of that identity, and why it may not enter (empty = it may).

    By (issuer, subject); else, once, by an address the provider vouches for. Never a new account.
    """
    known = identities.owner(conn, who.issuer, who.subject)
    if known is not None:
        return known, "disabled" if known.disabled_at else ""
    if who.email_verified is False or (who.email_verified is None and not trusting):
        return None, "unverified"
    same = identities.with_email(conn, who.email) if who.email else []
    if len(same) != 1:
        return None, "several" if same else "unknown"
    [account] = same
    if account.disabled_at:
        return account, "disabled"
    if account.identified:
        return account, "other"
    identities.tie(conn, account, who.issuer, who.subject)
    return account, ""


def _refused(request: Request, provider: Provider, who: Identity, why: str) -> Response:
    there = provider.goodbye(who.id_token, secrets.token_urlsafe(32))
    return render(
        request, "no_account.html", 403, who=who, why=why, title=provider.title, there=there
    )


def _cookie(house: House) -> str:
    return f"{cookie_name(house)}-identite"
