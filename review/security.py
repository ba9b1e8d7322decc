"""Pure ASGI armour around every page: headers, CSP, cross-site refusal, rate and size limits.

Pure ASGI because `BaseHTTPMiddleware` costs more than the pages (reference/web.fr.md §3).
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))
CHANGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))  # no route knows another: 405
MAX_BODY_BYTES = 512_000  # a form; uploads get their own line in BODY_BYTES

BODY_BYTES: Mapping[str, int] = {}
"""Path prefix → bytes, for pages that take files."""

LIMITS: Mapping[str, tuple[float, float]] = {
    "POST /connexion": (10, 10 / 60),
    "GET /connexion/identite": (20, 20 / 60),
    "POST /mot-de-passe": (10, 10 / 60),
    "POST /declarer": (10, 10 / 3600),
    "GET /sources/apercu": (20, 20 / 60),
    "POST": (300, 100),
    "GET": (600, 200),
}
"""Method and path prefix → (burst, requests a second) of one client; the first that fits."""

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS: Mapping[str, str] = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # not « no-referrer »: with it, forms are sent with `Origin: null`
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}

# A style or a script opens nothing by itself: what concerns pages would weigh as much as it does.
OF_FILES = ("x-content-type-options", "cross-origin-resource-policy")

TOO_MANY = "Trop de demandes en peu de temps : patientez une minute, rien n'est perdu."
TOO_LARGE = "Ce formulaire est trop volumineux : raccourcissez le texte ou le fichier."
CROSS_SITE = (
    "Cette demande vient d'un autre site ou d'un navigateur qui cache son origine : "
    "elle est refusée. Rechargez la page et recommencez."
)


@dataclass(slots=True)
class Buckets:
    """Token buckets in memory, one a client and rule. Old ones are forgotten."""

    clock: Callable[[], float] = time.monotonic
    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def take(self, client: str, rule: str, *, burst: float, per_second: float) -> bool:
        """One request: may it pass?"""
        now = self.clock()
        if len(self._left) > 50_000:
            self._left.clear()
        left, then = self._left.get((client, rule), (burst, now))
        left = min(burst, left + (now - then) * per_second)
        self._left[client, rule] = (left - 1 if left >= 1 else left, now)
        return left >= 1


class Armour:
    """Refuses what no page should see, and dresses every answer."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        origins: frozenset[str] = frozenset(),
        https: bool = False,
        buckets: Buckets | None = None,
    ) -> None:
        self.app = app
        self.origins = origins
        self.https = https
        self.buckets = buckets or Buckets()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        dressed = _dressing(send, scope, https=self.https)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, dressed)
            return
        await self.app(scope, _Limited(receive, _body_bytes(scope["path"])), dressed)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        if scope["method"] in CHANGING and not same_site(headers, self.origins):
            return PlainTextResponse(CROSS_SITE, 403)
        rule = limit_of(scope["method"], scope["path"])
        if rule is not None:
            burst, per_second = LIMITS[rule]
            client = scope["client"][0] if scope.get("client") else ""
            if not self.buckets.take(client, rule, burst=burst, per_second=per_second):
                return PlainTextResponse(TOO_MANY, 429, {"retry-after": "60"})
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _body_bytes(scope["path"]):
            return PlainTextResponse(TOO_LARGE, 413)
        return None


def same_site(headers: Headers, origins: frozenset[str]) -> bool:
    """Whether an unsafe request comes from our own pages (Fetch Metadata, else Origin)."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    host = headers.get("host", "")
    return origin is not None and (
        origin in origins or origin.removeprefix("https://").removeprefix("http://") == host
    )


def limit_of(method: str, path: str) -> str | None:
    """The first rule of LIMITS that fits; static files have none."""
    if path.startswith("/static/"):
        return None
    line = f"{'GET' if method in SAFE else 'POST'} {path}"
    return next((rule for rule in LIMITS if line.startswith(rule)), None)


class TooLarge(Exception):
    """More bytes came than a form may have; the application answers 413."""


class _Limited:
    """A body that stops at so many bytes, whatever its Content-Length said."""

    def __init__(self, receive: Receive, most: int) -> None:
        self.receive = receive
        self.left = most

    async def __call__(self) -> Message:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        if self.left < 0:
            raise TooLarge
        return message


def _body_bytes(path: str) -> int:
    found = (most for prefix, most in BODY_BYTES.items() if path.startswith(prefix))
    return next(found, MAX_BODY_BYTES)


def _dressing(send: Send, scope: Scope, *, https: bool) -> Send:
    path = str(scope["path"])
    static = path.startswith("/static/")
    bare = static and path.endswith((".css", ".js"))
    worn = {name: HEADERS[name] for name in OF_FILES} if bare else HEADERS

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in worn.items():
                headers.setdefault(name, value)
            if https:
                headers.setdefault("strict-transport-security", "max-age=31536000")
            if static and b"v=" in scope["query_string"]:  # its address changes with its content
                headers["cache-control"] = "public, max-age=31536000, immutable"
            else:
                headers.setdefault("cache-control", "no-store")
        await send(message)

    return dressed
