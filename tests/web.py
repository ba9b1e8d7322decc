"""A small real web on loopback, on asyncio alone: it answers bytes, so that it can misbehave.

    async with Web() as web:
        web.page("/agenda", "<html>…", etag='"v1"')
        web.on("/slow", slow_handler)
        … web.url("/agenda") … web.requests

A handler is `async def handler(request: Asked) -> bytes | None`; the bytes are the whole answer,
status line included (see `answer`); None closes the connection at once.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came: path with its query, headers in lower case, body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float  # loop time
    writer: asyncio.StreamWriter = field(repr=False)


Handler = Callable[[Asked], Awaitable[bytes | None]]


def answer(
    body: bytes | str = b"",
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
    *,
    length: int | None = None,
) -> bytes:
    """A whole HTTP/1.1 answer. `length` lies about its size."""
    raw = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(raw) if length is None else length}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + raw


class Web:
    """Pages by path; what is not there is a 404, robots.txt included."""

    def __init__(self, *, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._handlers: dict[str, Handler] = {}
        self.requests: list[Asked] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, limit=2**20, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def on(self, path: str, handler: Handler) -> None:
        self._handlers[path] = handler

    def raw(self, path: str, content: bytes) -> None:
        """Answer these very bytes."""

        async def handler(_: Asked) -> bytes:
            return content

        self.on(path, handler)

    def page(
        self,
        path: str,
        body: bytes | str,
        *,
        kind: str = "text/html; charset=utf-8",
        conditional: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """A well-behaved page: ETag, 304."""
        raw = body.encode() if isinstance(body, str) else body
        etag = f'"{hashlib.sha256(raw).hexdigest()[:12]}"'

        async def handler(asked: Asked) -> bytes:
            if conditional and asked.headers.get("if-none-match") == etag:
                return answer(status="304 Not Modified", headers={"ETag": etag})
            own = {"Content-Type": kind, **({"ETag": etag} if conditional else {})}
            return answer(raw, headers={**own, **(headers or {})})

        self.on(path, handler)

    def redirect(self, path: str, to: str, status: str = "302 Found") -> None:
        self.raw(path, answer(status=status, headers={"Location": to}))

    def asked(self, path: str) -> list[Asked]:
        """The requests for that path, its query aside."""
        return [one for one in self.requests if one.path.split("?")[0] == path]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                asked = await _read(head, reader, writer)
                self.requests.append(asked)
                handler = self._handlers.get(asked.path) or self._handlers.get(
                    asked.path.split("?")[0]
                )
                reply = await handler(asked) if handler else answer("absent", "404 Not Found")
                if reply is None:
                    break
                writer.write(reply)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()


async def _read(head: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked:
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    at = asyncio.get_running_loop().time()
    return Asked(method, path, headers, body, at, writer)
