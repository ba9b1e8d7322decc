"""One question and its redirects, followed by hand within one deadline.

The same checks at each hop; secrets and cookies never reach another host.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from collectors.web import mishaps
from collectors.web.addresses import check_url
from collectors.web.gates import retry_after
from collectors.web.inflate import inflate
from collectors.web.transport import Connected, Transport
from domain.errors import Refused, Unreadable

MAX_REDIRECTS = 5
CREDENTIALS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "x-api-key", "key", "access-token"}
)
REDIRECTS, _PERMANENT = (301, 302, 303, 307, 308), (301, 308)
_MAX_COOKIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server said: names of headers in lower case, body as it travelled."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]
    raw: bytes
    permanent: bool = True  # every redirect on the way was a 301 or a 308


def inflated(answer: Answer, limit: int) -> bytes:
    """The body of an answer, decompressed within `limit` bytes."""
    return inflate(answer.raw, answer.headers.get("content-encoding", ""), limit=limit)


class Fetch:
    """One question: `follow` it once."""

    def __init__(
        self,
        transport: Transport,
        *,
        seconds: float,
        limit: int,
        allow_http: bool = False,
        lax_host: str = "",
        start: bool = False,
    ) -> None:
        self.transport = transport
        self.lax_host = lax_host  # the host whose certificate is not verified
        self.answered = False  # a host said something, be it a refusal
        self.answers_ms: list[int] = []
        self.hops: list[tuple[int, str]] = []  # redirects followed: status, to
        self.seconds = seconds
        self.left = seconds
        self.limit = limit
        self.start = start  # what is beyond the limit is left, not refused
        self.allow_http = allow_http
        self.requests = 0
        self.data: bytes | None = None  # of a POST
        self._cookies: dict[str, dict[str, str]] = {}  # site → name → value, for this fetch only

    async def follow(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """The last answer of the chain; a redirect that asks for more time than is left is one."""
        permanent = True
        at = url
        for _ in range(MAX_REDIRECTS + 1):
            check_url(at)
            status, names, raw = await self._one(method, at, self._with_cookies(at, headers))
            location = names.get("location")
            if status not in REDIRECTS or not location or self._later(names):
                return Answer(url=at, status=status, headers=names, raw=raw, permanent=permanent)
            permanent = permanent and status in _PERMANENT
            self._learn_cookies(at, names.get("set-cookie", ""))
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

    def _later(self, headers: Mapping[str, str]) -> bool:
        wait = retry_after(headers.get("retry-after", ""), now=self.transport.clock())
        return wait is not None and wait > self.left

    def _check_downgrade(self, at: str, to: str) -> None:
        down = urlsplit(at).scheme == "https" and urlsplit(to).scheme == "http"
        if down and not self.allow_http:
            raise Refused(
                f"redirection de https vers {to}; donnez la bonne adresse, "
                "ou allow_http = true si vous l'acceptez",
                about=at,
            )

    def _learn_cookies(self, at: str, lines: str) -> None:
        """A page that redirects to itself until it sees its cookie is read; nothing is kept."""
        jar = self._cookies.setdefault(_site(at), {})
        for line in lines.splitlines():
            name, equals, value = line.partition(";")[0].strip().partition("=")
            if equals and name.isascii() and value.isascii() and len(jar) < _MAX_COOKIES:
                jar[name.strip()] = value.strip()

    def _with_cookies(self, at: str, headers: Mapping[str, str]) -> Mapping[str, str]:
        jar = self._cookies.get(_site(at))
        if not jar or any(name.lower() == "cookie" for name in headers):
            return headers
        return {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items())}

    async def _one(
        self, method: str, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """One hop, tried once more when the connection was a stale one."""
        loop = asyncio.get_running_loop()
        for last in (False, True):
            connected = Connected()
            async with self.transport.gates.turn(url) as gate:
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
                            start=self.start,
                            connected=connected,
                        )
                    connected.yes = True
                    took = loop.time() - started
                    gate.answered(took, fine=answer[0] == 200)
                    self.answers_ms.append(round(took * 1000))
                    return answer
                except (aiohttp.ClientError, OSError, ValueError) as error:
                    connected.yes = connected.yes or mishaps.spoke(error)
                    if last or method != "GET" or not mishaps.broken(error):
                        raise mishaps.unreachable(url, error) from None
                finally:
                    self.answered = self.answered or connected.yes
                    self.left -= loop.time() - started
        raise AssertionError("unreachable")


def _site(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _location(header: str) -> str:
    """A Location as an address: UTF-8 as it is, bytes of any other encoding as %XX."""
    raw = header.strip().encode("utf-8", "surrogateescape")
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode()
    return "".join(chr(byte) if byte < 0x80 else f"%{byte:02X}" for byte in raw)
