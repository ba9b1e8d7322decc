"""The polite client: every request of paat passes here, and every answer is bytes within bounds.

One `Client` per run, one `Session` (the `Http` of the kinds) per visit. What it guarantees:
- a total deadline per request, a size limit before and after decompression (inflate);
- only public addresses, checked at the socket whatever DNS says, on each redirect hop (addresses);
- one connection and a delay per host, robots.txt (robots), Retry-After, an honest User-Agent;
- conditional requests: the validators of the last committed visit are given back verbatim.
"""

import asyncio
import contextlib
import hashlib
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, Protocol, Self, TypeVar
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from collectors import robots
from collectors.addresses import allowed, check_url
from collectors.inflate import inflate, too_big
from domain.errors import Refused, Unreachable, Unreadable
from domain.records import Json, Source
from domain.settings import Settings
from domain.text import fingerprint
from domain.times import Clock

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

MAX_REDIRECTS = 5
MAX_WAIT_SECONDS = 14 * 86400  # a longer Retry-After is a mistake
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
_PERMANENT = (301, 308)
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key"})
_CHUNK = 64 * 1024
_ABSENT = {404: "page introuvable (404)", 410: "page retirée par son éditeur (410)"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer. `unchanged`: the body is the one already read (304, or the same bytes)."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    unchanged: bool = False

    @property
    def content_type(self) -> str:
        """The Content-Type with its charset, or an empty string."""
        return self.headers.get("content-type", "")


class Http(Protocol):
    """What a kind may ask during one visit. The frozen web of the examples is another one."""

    skipped: int  # items known unchanged and not given again; they count for the bounds

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        published: bool = False,
        role: str = "",
        max_bytes: int | None = None,
        total_seconds: float | None = None,
    ) -> Page: ...

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page: ...

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    def known(self) -> Mapping[str, Mapping[str, str]]:
        """The validators of the last committed visit, url → validator."""
        ...

    def forget(self, url: str) -> None:
        """Read this URL again next time, whatever it answers."""
        ...


@dataclass(slots=True)
class _Gate:
    """One host: one request at a time, and none before `opens_at` (loop time)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    opens_at: float = 0.0
    delay_seconds: float = 0.0
    refused_until: float = 0.0  # loop time; the host answered 429


@dataclass(slots=True)
class _Rules:
    rules: robots.Rules | None  # None: the site could not say, so no
    why: str
    until: float  # loop time


class Client:
    """`async with Client(settings, clock) as client:` for the whole of a run."""

    def __init__(
        self, settings: Settings, clock: Clock, *, resolver: AbstractResolver | None = None
    ) -> None:
        self.settings = settings
        self.clock = clock
        self._resolver = _CheckedResolver(resolver or _System(), loopback=settings.allow_loopback)
        self._gates: dict[str, _Gate] = {}
        self._robots: dict[str, _Rules] = {}
        self._robots_locks: dict[str, asyncio.Lock] = {}
        self._aiohttp: aiohttp.ClientSession | None = None
        self.agent = f"{robots.AGENT}/{_version()} (+{_ascii(settings.contact)})"

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=self.settings.concurrency,
            limit_per_host=1,
            ssl=ssl.create_default_context(),  # 20 ms: made once, shared
            resolver=self._resolver,
            ttl_dns_cache=60,
            socket_factory=self._socket,
            keepalive_timeout=10,
        )
        self._aiohttp = aiohttp.ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS
            ),
            max_line_size=8190,
            max_field_size=8190,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._aiohttp is not None:
            await self._aiohttp.close()
            self._aiohttp = None

    def session(
        self,
        source: Source,
        validators: Mapping[str, Mapping[str, str]] | None = None,
        *,
        version: int = 1,
    ) -> "Session":
        """The Http of one visit. `version` is the kind's: a new one reads everything again."""
        return Session(self, source, validators or {}, version=version)

    def _socket(self, info: Any) -> socket.socket:
        """Last gate, whatever the name, the redirect or the DNS trick: the address itself."""
        family, kind, proto, _, address = info
        if not allowed(address[0], loopback=self.settings.allow_loopback):
            raise _refused(address[0])
        return socket.socket(family=family, type=kind, proto=proto)

    def gate(self, host: str) -> _Gate:
        """The gate of a host, made on first sight."""
        if host not in self._gates:
            self._gates[host] = _Gate(delay_seconds=self.settings.per_host_seconds)
        return self._gates[host]

    @contextlib.asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Our turn on that URL's host: alone, and late enough after the previous request."""
        host = urlsplit(url).hostname or ""
        gate = self.gate(host)
        loop = asyncio.get_running_loop()
        async with gate.lock:
            if gate.refused_until > loop.time():
                seconds = round(gate.refused_until - loop.time())
                raise Unreachable(
                    f"{host} demande d'attendre encore {seconds} s avant de revenir", about=url
                )
            await asyncio.sleep(max(0.0, gate.opens_at - loop.time()))
            try:
                yield
            finally:
                gate.opens_at = loop.time() + gate.delay_seconds

    async def send(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes | None, limit: int
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request, no redirect followed: (status, headers in lower case, raw body)."""
        if self._aiohttp is None:
            raise RuntimeError("Client is not open: use `async with Client(…) as client`")
        own = {
            "User-Agent": self.agent,
            "Accept-Encoding": "gzip, deflate, br, zstd",
            "Accept-Language": "fr, en;q=0.3",
            **headers,
        }
        async with self._aiohttp.request(
            method, url, headers=own, data=data, allow_redirects=False
        ) as answer:
            names = {k.lower(): v for k, v in answer.headers.items()}
            body = b"" if answer.status == 304 else await _read(answer, limit)
            return answer.status, names, body

    async def rules(self, url: str, *, seconds: float) -> robots.Rules:
        """The robots.txt of that URL's site, kept a day. Raises Unreachable when it cannot say."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        loop = asyncio.get_running_loop()
        async with self._robots_locks.setdefault(site, asyncio.Lock()):
            kept = self._robots.get(site)
            if kept is None or kept.until < loop.time():
                kept = await self._read_robots(site, seconds=seconds)
                self._robots[site] = kept
        if kept.rules is None:
            raise Unreachable(kept.why, about=url)
        gate = self.gate(parts.hostname or "")
        gate.delay_seconds = max(self.settings.per_host_seconds, kept.rules.delay_seconds)
        return kept.rules

    async def _read_robots(self, site: str, *, seconds: float) -> _Rules:
        """RFC 9309 §2.3.1: a 4xx allows all, a 5xx or silence allows nothing for now."""
        fetch = _Fetch(self, seconds=seconds, limit=self.settings.max_bytes, allow_http=True)
        now = asyncio.get_running_loop().time()
        try:
            status, headers, raw, _, _ = await fetch.follow("GET", f"{site}/robots.txt", {})
            if 400 <= status < 500 and status != 429:
                return _Rules(robots.ALLOW_ALL, "", now + 86400)
            if status == 200:
                body = inflate(
                    raw, headers.get("content-encoding", ""), limit=self.settings.max_bytes
                )
                return _Rules(robots.parse(body), "", now + 86400)
            why = f"robots.txt répond {status} où 200 ou 404 est attendu"
        except Unreadable as error:
            logger.info("%s: robots.txt ignored: %s", site, error)
            return _Rules(robots.ALLOW_ALL, "", now + 86400)
        except Unreachable as error:
            why = error.message
        return _Rules(None, why, now + 600)


class Session:
    """One visit to one source: what `collect(source, http)` is given."""

    def __init__(
        self,
        client: Client,
        source: Source,
        validators: Mapping[str, Mapping[str, str]],
        *,
        version: int,
    ) -> None:
        self._client = client
        self._source = source
        # Changed options or a better reader: what was read before must be read again.
        self._reader = fingerprint(
            {"kind": source.kind, "version": version, "options": dict(source.options)}
        )[:16]
        self._old = {u: dict(v) for u, v in validators.items() if v.get("reader") == self._reader}
        self._new: dict[str, dict[str, str]] = {}
        self._forgotten: set[str] = set()
        self.requests = 0
        self.bytes = 0
        self.skipped = 0
        self.fetched = 0
        self.unchanged = 0
        self.wait_seconds: float | None = None  # the server's own Retry-After
        self.gone = False  # HTTP 410
        self.moved_to: str | None = None  # an all-permanent redirect of the source's own address

    @property
    def validators(self) -> dict[str, dict[str, str]]:
        """What to store once the items are committed: this visit's over the previous ones."""
        kept = {**self._old, **self._new}
        return {u: v for u, v in kept.items() if u not in self._forgotten}

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return self._old

    def forget(self, url: str) -> None:
        self._forgotten.add(url)

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a pure, picklable function; inline for now, a worker process later."""
        return function(*args, **kwargs)

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        published: bool = False,
        role: str = "",
        max_bytes: int | None = None,
        total_seconds: float | None = None,
    ) -> Page:
        """The page at `url`. Raises Unreachable, Refused or Unreadable.

        `published`: made for machines (feed, calendar, API), see robots.Rules.allow.
        `role` is kept with the validator, so that a kind finds its pages again in `known`.
        """
        if url.startswith("file:"):
            return self._file(url)
        limit = max_bytes or self._client.settings.max_bytes
        fetch = self._fetch(limit, total_seconds)
        await self._ask_robots(url, published=published, fetch=fetch)
        validator = self._old.get(url, {})
        sent = {**_conditions(validator), **self._own_headers(), **(headers or {})}
        status, names, raw, final, permanent = await self._follow(fetch, "GET", url, sent)
        if status == 304 and not _conditions(validator):
            raise Unreadable("réponse 304 à une demande sans condition", about=url)
        if status == 304:
            return self._page_unchanged(url, final, names)
        self._check_status(status, names, raw, url=url)
        body = inflate(raw, names.get("content-encoding", ""), limit=limit)
        if permanent and final != url and url == self._source.url:
            self.moved_to = final
        page = Page(url=final, status=status, headers=names, body=body)
        return self._remember(url, page, validator, role=role)

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page:
        """The answer to a JSON POST. Same guards as `get`; never conditional."""
        limit = self._client.settings.max_bytes
        fetch = self._fetch(limit, None)
        await self._ask_robots(url, published=True, fetch=fetch)
        fetch.data = json.dumps(payload).encode()
        sent = {"Content-Type": "application/json", **self._own_headers(), **(headers or {})}
        status, names, raw, final, _ = await self._follow(fetch, "POST", url, sent)
        self._check_status(status, names, raw, url=url)
        body = inflate(raw, names.get("content-encoding", ""), limit=limit)
        self.fetched += 1
        return Page(url=final, status=status, headers=names, body=body)

    def _fetch(self, limit: int, seconds: float | None) -> "_Fetch":
        return _Fetch(
            self._client,
            seconds=seconds or self._client.settings.total_seconds,
            limit=limit,
            allow_http=bool(self._source.options.get("allow_http")),
        )

    async def _follow(
        self, fetch: "_Fetch", method: str, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes, str, bool]:
        try:
            answer = await fetch.follow(method, url, headers)
        finally:
            self.requests += fetch.requests
        self.bytes += len(answer[2])
        return answer

    async def _ask_robots(self, url: str, *, published: bool, fetch: "_Fetch") -> None:
        check_url(url)
        rules = await self._client.rules(url, seconds=fetch.seconds)
        if not rules.allow(url, published=published):
            raise Refused("robots.txt interdit cette adresse aux robots", about=url)

    def _own_headers(self) -> dict[str, str]:
        return {str(k): str(v) for k, v in self._source.options.get("headers", {}).items()}

    def _check_status(
        self, status: int, headers: Mapping[str, str], raw: bytes, *, url: str
    ) -> None:
        """Raises the CollectError of a status that is not a full answer."""
        if status in (200, 203):
            return
        if status in (429, 503):
            self._heed_retry_after(status, headers, url)
        if status in _ABSENT:
            self.gone = self.gone or (status == 410 and url == self._source.url)
            raise Unreadable(f"{_ABSENT[status]}; vérifiez l'adresse", about=url)
        if "challenge" in headers.get("cf-mitigated", ""):
            raise Refused("le site demande de prouver qu'on est humain (Cloudflare)", about=url)
        if status in (401, 402, 403, 407, 451):
            raise Refused(f"accès refusé par le site ({status})", about=url)
        if status in (408, 425, 429) or status >= 500:
            wait = f"; il demande d'attendre {self.wait_seconds:.0f} s" if self.wait_seconds else ""
            raise Unreachable(f"le site répond {status}{wait}", about=url)
        told = _told(headers, raw)
        raise Unreadable(f"le site répond {status} où 200 est attendu{told}", about=url)

    def _heed_retry_after(self, status: int, headers: Mapping[str, str], url: str) -> None:
        seconds = retry_after(headers.get("retry-after", ""), now=self._client.clock())
        if seconds is None:
            return
        self.wait_seconds = max(seconds, self.wait_seconds or 0.0)
        if status == 429:  # the whole host is asked for; a 503 speaks of one address
            gate = self._client.gate(urlsplit(url).hostname or "")
            gate.refused_until = asyncio.get_running_loop().time() + seconds

    def _page_unchanged(self, url: str, final: str, names: Mapping[str, str]) -> Page:
        self.fetched += 1
        self.unchanged += 1
        self._new[url] = {**self._old[url], "seen": self._client.clock().isoformat()}
        return Page(url=final, status=304, headers=names, body=b"", unchanged=True)

    def _remember(self, url: str, page: Page, old: Mapping[str, str], *, role: str = "") -> Page:
        digest = hashlib.sha256(page.body).hexdigest()
        validator = {
            "sha256": digest,
            "reader": self._reader,
            "seen": self._client.clock().isoformat(),
        }
        if role:
            validator["role"] = role
        for header, name in (("etag", "etag"), ("last-modified", "last_modified")):
            if _echoable(page.headers.get(header, "")):
                validator[name] = page.headers[header]
        self._new[url] = validator
        same = bool(old) and old.get("sha256") == digest
        self.fetched += 1
        self.unchanged += same
        return Page(
            url=page.url,
            status=page.status,
            headers=page.headers,
            body=page.body,
            unchanged=same,
        )

    def _file(self, url: str) -> Page:
        """A file of this machine; only the source's own address may be one."""
        if url != self._source.url:
            raise Refused("un lien vers un fichier de cette machine n'est pas suivi", about=url)
        path = Path(url.removeprefix("file://").removeprefix("file:"))
        limit = self._client.settings.max_bytes * 10
        try:
            if path.stat().st_size > limit:
                raise too_big(limit)
            body = path.read_bytes()
        except OSError as error:
            raise Unreachable(f"fichier {path} : {error.strerror or error}", about=url) from None
        self.bytes += len(body)
        page = Page(url=url, status=200, headers={}, body=body)
        return self._remember(url, page, self._old.get(url, {}))


class _Fetch:
    """One question and its redirects, within one deadline."""

    def __init__(self, client: Client, *, seconds: float, limit: int, allow_http: bool) -> None:
        self.client = client
        self.seconds = seconds
        self.left = seconds
        self.limit = limit
        self.allow_http = allow_http
        self.requests = 0
        self.data: bytes | None = None

    async def follow(
        self, method: str, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes, str, bool]:
        """(status, headers, raw body, final url, whether every redirect was permanent)."""
        permanent = True
        at = url
        for _ in range(MAX_REDIRECTS + 1):
            check_url(at)
            status, names, raw = await self._one(method, at, headers)
            location = names.get("location")
            if status not in (301, 302, 303, 307, 308) or not location:
                return status, names, raw, at, permanent
            permanent = permanent and status in _PERMANENT
            to = urljoin(at, location.strip())
            self._check_downgrade(at, to)
            if urlsplit(to).netloc != urlsplit(at).netloc:
                headers = {k: v for k, v in headers.items() if k.lower() not in _CREDENTIALS}
            if method == "POST" and status in (301, 302, 303):
                method, self.data = "GET", None
            at = to
        raise Unreadable(
            f"plus de {MAX_REDIRECTS} redirections de suite; vérifiez l'adresse", about=url
        )

    def _check_downgrade(self, at: str, to: str) -> None:
        down = urlsplit(at).scheme == "https" and urlsplit(to).scheme == "http"
        if down and not self.allow_http:
            raise Refused(
                f"redirection de https vers {to}; donnez la bonne adresse, "
                "ou allow_http = true si vous l'acceptez",
                about=at,
            )

    async def _one(
        self, method: str, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One hop, tried once more when the connection was a stale one."""
        for last in (False, True):
            async with self.client.turn(url):
                started = asyncio.get_running_loop().time()
                try:
                    async with asyncio.timeout(self.left):
                        self.requests += 1
                        return await self.client.send(
                            method, url, headers=headers, data=self.data, limit=self.limit
                        )
                except (aiohttp.ServerDisconnectedError, ConnectionResetError) as error:
                    if last or method != "GET":
                        raise _unreachable(url, error) from None
                except (aiohttp.ClientError, OSError, ValueError) as error:
                    raise _unreachable(url, error) from None
                finally:
                    self.left -= asyncio.get_running_loop().time() - started
        raise AssertionError("unreachable")


class _System(aiohttp.ThreadedResolver):
    """The machine's resolver; the loop is found when it is first used."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self._loop = asyncio.get_running_loop()
        return await super().resolve(host, port, family)


class _CheckedResolver(AbstractResolver):
    """A resolver that refuses a name when any of its addresses is not public (DNS rebinding)."""

    def __init__(self, inner: AbstractResolver, *, loopback: bool) -> None:
        self._inner = inner
        self._loopback = loopback

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        for one in found:
            if not allowed(one["host"], loopback=self._loopback):
                raise _refused(one["host"], name=host)
        return found

    async def close(self) -> None:
        await self._inner.close()


def retry_after(text: str, *, now: datetime) -> float | None:
    """Seconds asked by a Retry-After header (a number or an HTTP date), capped; None = nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:12]), MAX_WAIT_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - now).total_seconds()
    except (TypeError, ValueError, IndexError):
        return None
    return min(seconds, MAX_WAIT_SECONDS) if seconds > 0 else None


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    out = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        out += chunk
        if len(out) > limit:
            answer.close()
            raise too_big(limit)
    return bytes(out)


def _conditions(validator: Mapping[str, str]) -> dict[str, str]:
    pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
    return {header: validator[name] for header, name in pairs if validator.get(name)}


def _echoable(value: str) -> bool:
    """Whether a validator can be sent back verbatim in a header."""
    return bool(value) and len(value) < 1000 and all(" " <= c <= "ÿ" and c != "\x7f" for c in value)


def _unreachable(url: str, error: BaseException) -> Unreachable | Refused:
    """The same failure in words a person can act on."""
    host = urlsplit(url).hostname or url
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host} n'a pas répondu à temps", about=url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Unreachable(
            f"certificat de {host} refusé ({error.certificate_error}); prévenez son éditeur",
            about=url,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable(f"le nom {host} n'existe pas ou n'est pas joignable d'ici", about=url)
    if isinstance(error, aiohttp.ClientSSLError):
        return Unreachable(f"connexion sécurisée impossible avec {host} ({error})", about=url)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"{host} refuse la connexion ({error.os_error})", about=url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unreachable(f"réponse de {host} coupée en route", about=url)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return Refused(f"adresse {url!r} impossible à suivre ({error})", about=url)
    return Unreachable(f"échange avec {host} impossible ({type(error).__name__})", about=url)


def _refused(address: str, name: str = "") -> Refused:
    who = f"{name} ({address})" if name else address
    return Refused(f"{who} est une adresse interne, elle n'est pas visitée", about=name or address)


def _told(headers: Mapping[str, str], raw: bytes) -> str:
    """What an API says of its refusal, when it says it in JSON."""
    if "json" not in headers.get("content-type", ""):
        return ""
    try:
        said = json.loads(inflate(raw, headers.get("content-encoding", ""), limit=20_000))
    except (ValueError, Unreadable):
        return ""
    if isinstance(said, dict):
        words = next((said[k] for k in ("message", "error", "detail") if said.get(k)), "")
        return f" : {str(words)[:200]}" if words else ""
    return ""


def _ascii(text: str) -> str:
    """A dash « — » in a header breaks every request with a latin-1 error."""
    return text.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")


def _version() -> str:
    return version("paat")
