"""One HTTP exchange within bounds: deadline, size, public addresses only, one turn per host.

`Transport` holds the connections and the hosts' gates; `Fetch` follows one question through its
redirects. Neither knows sources, validators nor robots.txt (see http).
"""

import asyncio
import contextlib
import errno
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from collectors import lenient
from collectors.addresses import allowed, check_url
from collectors.inflate import too_big
from domain.errors import Refused, Unreachable, Unreadable
from domain.settings import Settings

MAX_REDIRECTS = 5
MAX_WAIT_SECONDS = 14 * 86400  # a longer Retry-After is a mistake
CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
_PERMANENT = (301, 308)
CREDENTIALS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "key", "access-token"}
)
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said: names of headers in lower case, body as it travelled."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]
    raw: bytes
    permanent: bool = True  # every redirect on the way was a 301 or a 308


@dataclass(slots=True)
class Gate:
    """One host: one request at a time, and none before `opens_at` (loop time)."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    opens_at: float = 0.0
    delay_seconds: float = 0.0
    refused_until: float = 0.0  # loop time; the host answered 429


@dataclass(slots=True)
class Connected:
    """Whether a connection was made for a request: its host is there, whatever it says."""

    yes: bool = False


def _connections() -> aiohttp.TraceConfig:
    """Tells the `Connected` of a request that it got a connection, new or kept."""

    async def told(_session: object, context: Any, _params: object) -> None:
        if isinstance(context.trace_request_ctx, Connected):
            context.trace_request_ctx.yes = True

    config = aiohttp.TraceConfig()
    config.on_connection_create_end.append(told)
    config.on_connection_reuseconn.append(told)
    return config


class Transport:
    """Connections shared by a whole run; opened and closed by Client."""

    def __init__(
        self, settings: Settings, agent: str, *, resolver: AbstractResolver | None = None
    ) -> None:
        self.settings = settings
        self.agent = agent
        self._resolver = _CheckedResolver(resolver or _System(), loopback=settings.allow_loopback)
        self._gates: dict[str, Gate] = {}
        self._aiohttp: aiohttp.ClientSession | None = None
        self._context: ssl.SSLContext | None = None
        self._lax: ssl.SSLContext | None = None  # of sources that opted out, see send

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=self.settings.concurrency,
            limit_per_host=1,
            ssl=self.context(verify=True),  # 20 ms: made once, shared
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
            trace_configs=[_connections()],
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

    def _socket(self, info: Any) -> socket.socket:
        """Last gate, whatever the name, the redirect or the DNS trick: the address itself."""
        family, kind, proto, _, address = info
        if not allowed(address[0], loopback=self.settings.allow_loopback):
            raise _refused(address[0])
        return socket.socket(family=family, type=kind, proto=proto)

    def gate(self, host: str) -> Gate:
        """The gate of a host, made on first sight."""
        if host not in self._gates:
            self._gates[host] = Gate(delay_seconds=self.settings.per_host_seconds)
        return self._gates[host]

    def wait_seconds(self, url: str) -> float:
        """For how long that URL's host asked not to be visited (HTTP 429)."""
        gate = self.gate(urlsplit(url).hostname or "")
        return max(0.0, gate.refused_until - asyncio.get_running_loop().time())

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

    def context(self, *, verify: bool) -> ssl.SSLContext:
        """The TLS context; the one that verifies nothing is only made when a source asks."""
        if verify:
            self._context = self._context or ssl.create_default_context()
            return self._context
        if self._lax is None:
            self._lax = ssl.create_default_context()
            self._lax.check_hostname = False
            self._lax.verify_mode = ssl.CERT_NONE
        return self._lax

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        data: bytes | None,
        limit: int,
        verify: bool = True,
        connected: "Connected | None" = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request, no redirect followed: (status, headers in lower case, raw body).

        `verify=False` accepts any certificate: a source that opted out, on its own host only.
        """
        if self._aiohttp is None:
            raise RuntimeError("transport is not open: use `async with`")
        own = {
            "User-Agent": self.agent,
            "Accept": "*/*",
            "Accept-Encoding": "gzip, deflate, br, zstd",
            "Accept-Language": "fr, en;q=0.3",
            **headers,
        }
        try:
            async with self._aiohttp.request(
                method,
                url,
                headers=own,
                data=data,
                allow_redirects=False,
                ssl=self.context(verify=verify),
                trace_request_ctx=connected,
            ) as answer:
                names = {k.lower(): v for k, v in answer.headers.items()}
                body = b"" if answer.status == 304 else await _read(answer, limit)
                return answer.status, names, body
        except aiohttp.ClientResponseError:
            if method != "GET":
                raise
        sock = await self._connected(url)
        secure = self.context(verify=verify) if url.startswith("https:") else None
        return await lenient.get(url, headers=own, sock=sock, context=secure, limit=limit)

    async def _connected(self, url: str) -> socket.socket:
        """A socket of our own to that URL's host, its addresses checked as all others."""
        loop = asyncio.get_running_loop()
        at = URL(url)
        found = await self._resolver.resolve(at.raw_host or "", at.port or 80, socket.AF_UNSPEC)
        problem: OSError = ConnectionRefusedError(errno.ECONNREFUSED, "no address")
        for one in found:
            info = (one["family"], socket.SOCK_STREAM, 0, "", (one["host"], one["port"]))
            sock = self._socket(info)
            sock.setblocking(False)
            try:
                await loop.sock_connect(sock, info[4])
                return sock
            except BaseException as error:
                sock.close()
                if not isinstance(error, OSError):
                    raise
                problem = error
        raise problem


class Fetch:
    """One question and its redirects, within one deadline."""

    def __init__(
        self,
        transport: Transport,
        *,
        seconds: float,
        limit: int,
        allow_http: bool = False,
        lax_host: str = "",
    ) -> None:
        self.transport = transport
        self.lax_host = lax_host  # the host whose certificate is not verified
        self.answered = False  # a host said something, be it a refusal
        self.answers_ms: list[int] = []
        self.hops: list[tuple[int, str]] = []  # redirects followed: status, to
        self.seconds = seconds
        self.left = seconds
        self.limit = limit
        self.allow_http = allow_http
        self.requests = 0
        self.data: bytes | None = None  # of a POST

    async def follow(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """The last answer of the chain, redirects followed by hand with the same checks."""
        permanent = True
        at = url
        for _ in range(MAX_REDIRECTS + 1):
            check_url(at)
            status, names, raw = await self._one(method, at, headers)
            location = names.get("location")
            if status not in (301, 302, 303, 307, 308) or not location:
                return Answer(url=at, status=status, headers=names, raw=raw, permanent=permanent)
            permanent = permanent and status in _PERMANENT
            to = urljoin(at, _location(location))
            self.hops.append((status, to))
            self._check_downgrade(at, to)
            if urlsplit(to).netloc != urlsplit(at).netloc:
                headers = {k: v for k, v in headers.items() if k.lower() not in CREDENTIALS}
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
        loop = asyncio.get_running_loop()
        for last in (False, True):
            connected = Connected()
            async with self.transport.turn(url):
                started = loop.time()
                try:
                    async with asyncio.timeout(self.left):
                        self.requests += 1
                        answer = await self.transport.send(
                            method,
                            url,
                            headers=headers,
                            data=self.data,
                            limit=self.limit,
                            verify=not self.lax_host or urlsplit(url).hostname != self.lax_host,
                            connected=connected,
                        )
                    connected.yes = True
                    self.answers_ms.append(round((loop.time() - started) * 1000))
                    return answer
                except (aiohttp.ClientError, OSError, ValueError) as error:
                    connected.yes = connected.yes or _spoke(error)
                    if last or method != "GET" or not _broken(error):
                        raise unreachable(url, error) from None
                finally:
                    self.answered = self.answered or connected.yes
                    self.left -= loop.time() - started
        raise AssertionError("unreachable")


def _location(header: str) -> str:
    """A Location as an address: UTF-8 as it is, bytes of any other encoding as %XX."""
    raw = header.strip().encode("utf-8", "surrogateescape")
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode()
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)


def _spoke(error: BaseException) -> bool:
    """Whether an error shows that the host is there: it refused, cut, or spoke wrongly. A name
    that does not resolve, a connection that nobody takes, a network out of reach: it does not."""
    if isinstance(error, aiohttp.ClientConnectorDNSError | TimeoutError):
        return False
    if isinstance(error, aiohttp.ClientSSLError):
        return True
    if isinstance(error, OSError):  # aiohttp's connection errors are OSErrors too
        cause = getattr(error, "os_error", error)  # a cut handshake has no number
        return isinstance(cause, ConnectionError) or error.errno == errno.ECONNREFUSED
    return isinstance(error, aiohttp.ClientError)


def _cut(error: OSError) -> bool:
    """Whether the other side hung up while the connection was being made."""
    return isinstance(error, ConnectionResetError | BrokenPipeError)


def _broken(error: BaseException) -> bool:
    """Whether the other side cut the connection: a stale one, or one lost on the way."""
    cut = isinstance(error, OSError) and error.errno in (errno.ECONNRESET, errno.EPIPE)
    return cut or isinstance(error, aiohttp.ServerDisconnectedError | ConnectionResetError)


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


def unreachable(url: str, error: BaseException) -> Unreachable | Refused:
    """The same failure in words a person can act on."""
    host = urlsplit(url).hostname or url
    if isinstance(error, TimeoutError):
        return Unreachable(f"{host} n'a pas répondu à temps", about=url)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return Unreachable(
            f"certificat de {host} refusé : {_certificate(error.certificate_error)}; prévenez son "
            "éditeur, ou acceptez-le pour un temps (option insecure_tls)",
            about=url,
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreachable(f"le nom {host} n'existe pas ou n'est pas joignable d'ici", about=url)
    if isinstance(error, aiohttp.ClientSSLError):
        return Unreachable(
            f"connexion sécurisée impossible avec {host} : {_handshake(error)}", about=url
        )
    if isinstance(error, aiohttp.ClientConnectorError) and _cut(error.os_error):
        return Unreachable(f"{host} coupe la connexion avant de répondre", about=url)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Unreachable(f"{host} refuse la connexion ({error.os_error})", about=url)
    if isinstance(error, aiohttp.ClientPayloadError):
        return Unreachable(f"réponse de {host} coupée en route", about=url)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return Refused(f"adresse {url!r} impossible à suivre ({error})", about=url)
    return Unreachable(f"échange avec {host} impossible ({type(error).__name__})", about=url)


_CERTIFICATES = {  # OpenSSL's X509_V_ERR_* codes
    9: "pas encore valable",
    10: "expiré",
    18: "signé par lui-même",
    19: "signé par une autorité inconnue",
    20: "sans son certificat intermédiaire, ou d'une autorité inconnue",
    21: "sans son certificat intermédiaire, ou d'une autorité inconnue",
    23: "révoqué",
    62: "fait pour un autre nom",
    64: "fait pour une autre adresse",
}
_OLD_TLS = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "VERSION_TOO_LOW", "WRONG_SSL_VERSION")


def _certificate(error: Exception) -> str:
    code = getattr(error, "verify_code", None)
    return _CERTIFICATES.get(code or 0, str(error))


def _handshake(error: aiohttp.ClientSSLError) -> str:
    reason = str(getattr(error.os_error, "reason", "") or error)
    if any(word in reason for word in _OLD_TLS):
        return "le site ne parle que des versions de TLS abandonnées (1.0 ou 1.1)"
    if "WRONG_VERSION_NUMBER" in reason or "HTTP_REQUEST" in reason:
        return "le site ne répond pas en TLS à cette adresse (http:// au lieu de https:// ?)"
    return reason.lower().replace("_", " ")


def _refused(address: str, name: str = "") -> Refused:
    who = f"{name} ({address})" if name else address
    return Refused(f"{who} est une adresse interne, elle n'est pas visitée", about=name or address)
