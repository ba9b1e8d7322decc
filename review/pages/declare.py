"""The public form: an association or a commune declares an initiative, without an account."""

import hashlib
import secrets

from fastapi import APIRouter, Request
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from domain.errors import Expired
from domain.records import RawItem
from review import declaration
from review.auth import PUBLIC, Form
from review.declaration import SOURCE, Declaration
from review.house import Here, House
from review.render import render
from storage import items, outbox, signing, sources
from storage.db import Connection

router = APIRouter()
LINK_DAYS = 550  # a link to correct works for a year and a half: a season, then the next
EMPTY = dict.fromkeys(declaration.NAMES, "")


@router.get("/declarer", dependencies=[PUBLIC])
def show(request: Request) -> Response:
    return _form(request, EMPTY, key=secrets.token_urlsafe(16))


@router.post("/declarer", dependencies=[PUBLIC])
def declare(request: Request, house: Here, form: Form) -> Response:
    """Keep the declaration and wake the chain, in one transaction; then the receipt."""
    given, nonce = declaration.read(dict(form)), str(form.get("cle", ""))[:100]
    if problem := _refused(request, form, given, nonce):
        return problem
    # The nonce of the form makes the key: sent twice, it is one declaration.
    key = "DEC-" + hashlib.sha256((nonce or secrets.token_hex(16)).encode()).hexdigest()[:12]
    with house.database.begin() as conn:
        sources.register(conn, [SOURCE])
        _keep(conn, house, key, given)
        token = _signer(conn, house).dumps(key)
    return RedirectResponse(f"/declarer/{token}?recu=1", 303)


@router.get("/declarer/{token}", dependencies=[PUBLIC])
def again(request: Request, house: Here, token: str, recu: str = "") -> Response:
    """The receipt, and the form to correct what was declared."""
    with house.database.begin() as conn:
        item = _declared(conn, house, token)
    typed, cancelled = declaration.typed_again(item)
    given = Declaration(typed=typed, wrong={})
    base = house.settings.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return _form(
        request,
        typed,
        key="",
        token=token,
        cancelled=cancelled,
        receipt=item.key if recu else "",
        corrected=recu == "2",
        link=f"{base}/declarer/{token}",
        protected=given.protected,
    )


@router.post("/declarer/{token}", dependencies=[PUBLIC])
def correct(request: Request, house: Here, form: Form, token: str) -> Response:
    """A correction is a new revision of the same announcement."""
    given = declaration.read(dict(form))
    with house.database.begin() as conn:
        item = _declared(conn, house, token)
    if problem := _refused(request, form, given, "", token=token):
        return problem
    with house.database.begin() as conn:
        _keep(conn, house, item.key, given)
    return RedirectResponse(f"/declarer/{token}?recu=2", 303)


def _refused(
    request: Request, form: FormData, given: Declaration, nonce: str, *, token: str = ""
) -> Response | None:
    """The form again with what is wrong, or None. The trap is a field no person sees."""
    trapped = bool(str(form.get("site_web", "")).strip())
    if not trapped and not given.wrong:
        return None
    return _form(
        request,
        given.typed,
        key=nonce or secrets.token_urlsafe(16),
        token=token,
        cancelled=given.cancelled,
        wrong=dict(given.wrong),
        trapped=trapped,
        status=400,
    )


def _form(
    request: Request,
    typed: object,
    *,
    key: str,
    token: str = "",
    cancelled: bool = False,
    wrong: dict[str, str] | None = None,
    trapped: bool = False,
    receipt: str = "",
    corrected: bool = False,
    link: str = "",
    protected: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    return render(
        request,
        "declare.html",
        status,
        typed=typed,
        key=key,
        token=token,
        cancelled=cancelled,
        wrong=wrong or {},
        trapped=trapped,
        receipt=receipt,
        corrected=corrected,
        link=link,
        protected=protected,
    )


def _keep(conn: Connection, house: House, key: str, given: Declaration) -> None:
    now = house.clock()
    stored = items.store(conn, [declaration.raw_item(key, given, now)], now)
    if stored.new or stored.changed:
        outbox.put(conn, "paat.form.submitted", resource=SOURCE.slug, now=now, payload={"key": key})


def _declared(conn: Connection, house: House, token: str) -> RawItem:
    """The latest revision of what that link is about. Raises Expired."""
    try:
        key = _signer(conn, house).loads(token, max_age=LINK_DAYS * 86_400)
    except SignatureExpired:
        raise Expired("a link older than 550 days; declare again") from None
    except BadSignature:
        raise Expired("a link that this house did not sign") from None
    found = items.revisions(conn, SOURCE.slug, str(key))
    if not found:
        raise Expired("a link to a declaration that is gone", about=str(key))
    return found[-1]


def _signer(conn: Connection, house: House) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(signing.key_for(conn, "declarations", house.clock()), salt="link")
