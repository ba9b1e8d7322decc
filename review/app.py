"""The application: `create_app(house)`. Pages are the files of review/pages, found by themselves.

A page module exposes `router` (FastAPI's APIRouter, `def` handlers) and, when it has a place in the
menu, `MENU = Entry(title=…, path=…, right=…, order=…)`.
"""

import logging
from collections.abc import Iterator
from importlib import import_module, resources
from types import ModuleType
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles

from domain.errors import (
    ConfigError,
    Conflict,
    Expired,
    NotAllowed,
    NotFound,
    PaatError,
    ReviewError,
    StorageError,
)
from review.assets import asset_route
from review.auth import SignedOut
from review.house import House
from review.oidc import ProviderDown, Unproven, provider_of
from review.render import STATIC, environment, query, render, wants_json
from review.security import TOO_LARGE, Armour, Buckets, TooLarge

log = logging.getLogger(__name__)

_STATUS: tuple[tuple[type[PaatError], int], ...] = (
    (SignedOut, 401),
    (NotAllowed, 403),
    (Unproven, 403),
    (ProviderDown, 503),
    (NotFound, 404),
    (Conflict, 409),
    (Expired, 410),
    (StorageError, 503),
    (ReviewError, 400),
    (ConfigError, 400),
)
_HTTP = {404: NotFound.french, 405: "Cette adresse n'accepte pas cette action."}


def create_app(house: House, *, buckets: Buckets | None = None, awake: bool = False) -> FastAPI:
    """The application around an open house. It opens and closes nothing.

    `awake`: someone beside it does at once what is asked on screen (flows.waking); pages say so.
    Raises ConfigError when an identity provider is half set.
    """
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.house = house
    app.state.awake = awake
    app.state.provider = provider_of(house.settings, house.clock)
    theme = house.settings.theme_dir
    app.state.templates = environment(theme)
    entries = []
    for module in page_modules():
        app.include_router(module.router)
        if (entry := getattr(module, "MENU", None)) is not None:
            entries.append(entry)
    app.state.menu = sorted(entries, key=lambda one: one.order)
    if theme is not None and (theme / "static").is_dir():
        app.mount("/theme", StaticFiles(directory=theme / "static"))
    for name in ("app.css", "queue.js"):
        app.add_route(f"/static/{name}", asset_route(STATIC, name), methods=["GET"])
    app.mount("/static", StaticFiles(directory=STATIC))
    app.add_exception_handler(PaatError, _told)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(TooLarge, _too_large)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _unforeseen)
    public = house.settings.public_url.rstrip("/")
    app.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=6)
    app.add_middleware(
        Armour,
        origins=frozenset({public} - {""}),
        https=public.startswith("https://"),
        buckets=buckets,
    )
    return app


def page_modules() -> Iterator[ModuleType]:
    """The modules of review/pages, by file name."""
    files = sorted(f.name for f in (resources.files("review") / "pages").iterdir())
    for name in files:
        if name.endswith(".py") and name != "__init__.py":
            yield import_module(f"review.pages.{name.removesuffix('.py')}")


# --- what goes wrong -------------------------------------------------------------------------


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, PaatError)  # noqa: S101 — registered for it
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    if isinstance(error, Unproven):
        log.warning("%s %s: %s", request.method, request.url.path, error)
    if status >= 500:
        log.error("%s %s: %s", request.method, request.url.path, error)
    if status == 401 and request.method == "GET" and not wants_json(request):
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/connexion{query(suite=back)}", 303)
    return problem(request, status, error.french)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 — registered for it
    words = _HTTP.get(error.status_code, "Cette demande n'est pas comprise.")
    answer = problem(request, error.status_code, words)
    answer.headers.update(error.headers or {})  # a 405 says what is allowed (RFC 9110 §15.5.6)
    return answer


def _invalid(request: Request, error: Exception) -> Response:
    words = "Une valeur du formulaire ou de l'adresse n'est pas comprise : corrigez-la."
    return problem(request, 422, words)


def _too_large(request: Request, error: Exception) -> Response:
    return problem(request, 413, TOO_LARGE)


def _gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)  # the browser left while it was sending: nobody reads this


def _unforeseen(request: Request, error: Exception) -> Response:
    log.error("%s %s", request.method, request.url.path, exc_info=error)
    words = "Une erreur imprévue est survenue ; elle est notée au journal. Rien n'est perdu."
    return problem(request, 500, words)


def problem(request: Request, status: int, french: str, **more: Any) -> Response:
    """One French sentence: as JSON to a script, as a page to a person."""
    if wants_json(request):
        return JSONResponse({"message": french, **more}, status)
    return render(request, "error.html", status, french=french, code=status)
