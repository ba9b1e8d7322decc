"""One HTTP exchange within bounds: size, time, public addresses only, one connection a host.

`Transport` holds the connections of a run and the gates of its hosts. It follows no redirect
(fetch) and knows neither sources, validators nor robots.txt (session).
"""

import asyncio
import errno
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from collectors.web import lenient
from collectors.web.addresses import allowed
from collectors.web.gates import Gates
from collectors.web.inflate import too_big
from domain.errors import Refused
from domain.settings import Settings
from domain.times import Clock

CONNECT_SECONDS, READ_SECONDS = 5.0, 10.0
_CHUNK = 64 * 1024


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
        self,
        settings: Settings,
        agent: str,
        clock: Clock,
        *,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.settings = settings
        self.agent = agent
        self.clock = clock
        self._resolver = _CheckedResolver(resolver or _System(), loopback=settings.allow_loopback)
        self.gates = Gates(settings.per_host_seconds)
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
        # Fetch tries once more itself, after the host's delay; aiohttp would do so at once.
        self._aiohttp._retry_connection = False
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
        start: bool = False,
        connected: "Connected | None" = None,
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One request, no redirect followed: (status, headers in lower case, raw body).

        `verify=False` accepts any certificate: a source that opted out, on its own host only.
        `start`: what is beyond `limit` is left, not refused.
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
                if cookies := answer.headers.getall("Set-Cookie", []):
                    names["set-cookie"] = "\n".join(cookies)
                body = b"" if answer.status == 304 else await _read(answer, limit, start=start)
                return answer.status, names, body
        except aiohttp.ClientResponseError:
            if method != "GET":
                raise
        sock = await self._connected(url)
        secure = self.context(verify=verify) if url.startswith("https:") else None
        return await lenient.get(url, headers=own, sock=sock, context=secure, limit=limit)

    async def resolves(self, name: str) -> bool:
        """Whether our resolver knows that name, as a public one."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return bool(await self._resolver.resolve(name, 53, socket.AF_UNSPEC))
        except (OSError, Refused):
            return False

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


async def _read(answer: aiohttp.ClientResponse, limit: int, *, start: bool) -> bytes:
    out = bytearray()
    async for chunk in answer.content.iter_chunked(_CHUNK):
        out += chunk
        if len(out) > limit:
            answer.close()
            if not start:
                raise too_big(limit)
            del out[limit:]
            break
    return bytes(out)


def _refused(address: str, name: str = "") -> Refused:
    who = f"{name} ({address})" if name else address
    told = f"{who} est une adresse interne, elle n'est pas visitée; donnez une adresse publique"
    return Refused(told, about=name or address)
