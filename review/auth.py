"""Who asks, and may they? ONE table of rights, checked in ONE place.

A page declares the right it needs:

    @router.get("/sources")
    def show(request: Request, viewer: Annotated[Viewer, may("sources.read")]) -> Response: …

Every route has exactly one `may(…)`, or `PUBLIC`; a test walks every route × role.
"""

import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.datastructures import FormData
from starlette.responses import Response

from domain.errors import Expired, NotAllowed, ReviewError
from domain.statuses import Role
from review.house import Here, House
from storage import accounts, sessions
from storage.accounts import Account
from storage.db import Connection
from storage.sessions import Session

# Each role may do what the one before may, and more.
_ADDED: Mapping[Role, frozenset[str]] = {
    Role.READER: frozenset(
        {
            "home.read",
            "initiatives.read",
            "duplicates.read",
            "sources.read",
            "search",
            "export",
            "agreement.read",
            "account.own",  # one's own preferences, sessions and data
        }
    ),
    Role.REVIEWER: frozenset(
        {
            "queue",
            "initiatives.edit",
            "duplicates.decide",
            "batches",
            "sources.preview",
            "sources.retry",
        }
    ),
    Role.COMMITTEE: frozenset({"arbitrate", "award"}),
    Role.ADMIN: frozenset({"sources.manage", "accounts.manage", "persons.manage", "audit.read"}),
}

RIGHTS: Mapping[Role, frozenset[str]] = {
    role: frozenset().union(*(_ADDED[lower] for lower in list(Role)[: rank + 1]))
    for rank, role in enumerate(Role)
}
"""The table of rights: role → what it may do."""

PASSWORD_LEAST = 12  # characters (CNIL 2022-100: 12 without special rules plus a limited rate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: an account in an open session."""

    account: Account
    csrf: str
    session: Session

    @property
    def by(self) -> str:
        return self.account.by

    def may(self, right: str) -> bool:
        return right in RIGHTS[self.account.role]

    def covers(self, department: str | None) -> bool:
        """Whether this département is in the person's territory; an unknown place is everyone's."""
        mine = self.account.departments
        return not mine or department is None or department in mine


class SignedOut(ReviewError):
    french = "Votre session a expiré : connectez-vous à nouveau, rien n'est perdu."


async def read_form(request: Request) -> FormData:
    """The form sent, read once (in the event loop; pages themselves run in threads)."""
    return await request.form(max_fields=200, max_files=2)


Form = Annotated[FormData, Depends(read_form)]
"""The form sent, as a parameter of a page."""


async def sent_token(request: Request) -> str:
    """The CSRF token of an unsafe request: the field `jeton` or the header `X-Jeton`."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return ""
    header = request.headers.get("x-jeton")
    return header if header is not None else str((await read_form(request)).get("jeton", ""))


def may(right: str) -> Any:
    """The dependency that gives the Viewer, or refuses. `right` is one of RIGHTS."""

    def viewer(request: Request, house: Here, token: Annotated[str, Depends(sent_token)]) -> Viewer:
        found = signed_in(request, house)
        if found is None:
            raise SignedOut(f"no open session where {right!r} needs one; sign in")
        unsafe = request.method not in ("GET", "HEAD", "OPTIONS")
        if unsafe and not hmac.compare_digest(token.encode(), found.csrf.encode()):
            raise Expired("a form without this session's token; reload the page and send it again")
        if not found.may(right):
            raise NotAllowed(f"role {found.account.role} where {right!r} is needed")
        return found

    viewer.right = right  # type: ignore[attr-defined]
    return Depends(viewer)


async def public() -> None:
    """The dependency of a route that everyone may ask for. (async: no thread for so little.)"""


public.right = "public"  # type: ignore[attr-defined]
PUBLIC: Any = Depends(public)


def signed_in(request: Request, house: House) -> Viewer | None:
    """Who bears this request's cookie; remembered for the templates."""
    token = request.cookies.get(cookie_name(house))
    if not token:
        return None
    with house.database.asking() as conn:
        session = sessions.find(conn, token, house.clock())
    if session is None:
        return None
    viewer = Viewer(account=session.account, csrf=session.csrf, session=session)
    request.state.viewer = viewer
    return viewer


# --- sessions --------------------------------------------------------------------------------


def secure(house: House) -> bool:
    return house.settings.public_url.startswith("https://")


def cookie_name(house: House) -> str:
    """`__Host-` forbids a neighbouring site to set it; it asks for HTTPS."""
    return "__Host-paat" if secure(house) else "paat"


def open_session(
    conn: Connection,
    request: Request,
    response: Response,
    *,
    house: House,
    account: Account,
    id_token: str | None = None,
) -> None:
    """Sign the person in: a fresh session (never the one before), its cookie on the response."""
    token, now = secrets.token_urlsafe(32), house.clock()
    sessions.start(
        conn,
        account.id,
        token,
        csrf=secrets.token_urlsafe(24),
        now=now,
        address=network(request),
        agent=request.headers.get("user-agent", ""),
        id_token=id_token,
    )
    response.set_cookie(
        cookie_name(house),
        token,
        max_age=sessions.HOURS * 3600,
        path="/",
        secure=secure(house),
        httponly=True,
        samesite="lax",
    )


def network(request: Request) -> str:
    """The address without its last part: enough to recognise one's own session."""
    host = request.client.host if request.client else ""
    if ":" in host:
        return ":".join(host.split(":")[:3]) + "::"
    return ".".join(host.split(".")[:3]) + ".0" if host.count(".") == 3 else host


# --- passwords -------------------------------------------------------------------------------

_HASHER = PasswordHash((Argon2Hasher(),))
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 64 MB: more would be a way to stop us
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def hash_password(password: str) -> str:
    with _AT_ONCE:
        return _HASHER.hash(password)


def weakness(password: str, account: Account) -> str | None:
    """What is wrong with a new password, in French; None when it is fine."""
    if len(password) < PASSWORD_LEAST:
        return f"Choisissez au moins {PASSWORD_LEAST} caractères (une phrase convient très bien)."
    if len(password) > 256:
        return "256 caractères au plus."
    if len(set(password)) < 5 or account.name in password.lower():
        return "Trop facile à deviner : mélangez des mots, évitez votre nom."
    return None


def check_password(account: Account | None, password: str, now: datetime) -> bool:
    """Whether this is the person's password. Unknown, disabled, locked take as long to refuse."""
    usable = account is not None and account.disabled_at is None
    locked = account is not None and account.locked_until is not None and account.locked_until > now
    kept = account.password_hash if account is not None and usable else None
    with _AT_ONCE:
        right = _verify(password[:1024], kept or _NOBODY)
    return right and usable and not locked and kept is not None


def _verify(password: str, kept: str) -> bool:
    return _HASHER.verify(password, kept)


def first_administrator(house: House) -> str | None:
    """While nobody can sign in: the one-time token of an administrator, made when there is none."""
    with house.database.begin() as conn:
        everyone = [one for one in accounts.all_of(conn) if one.disabled_at is None]
        if any(one.password_hash is not None for one in everyone):
            return None
        now = house.clock()
        admins = [one for one in everyone if one.role is Role.ADMIN]
        name = f"administration-{now:%Y%m%d%H%M%S}"
        if accounts.named(conn, "administration") is None:
            name = "administration"
        admin = admins[0] if admins else accounts.add(conn, name, role=Role.ADMIN, now=now)
        return new_link(conn, admin, now, by="system")


def new_link(conn: Connection, account: Account, now: datetime, *, by: str) -> str:
    """A one-time token with which the person chooses a password (72 hours)."""
    token = secrets.token_urlsafe(32)
    accounts.put_link(conn, account.id, token, now)
    accounts.audit(conn, by, "account.link", now, about=account.name)
    return token
