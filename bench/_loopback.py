"""A web of any number of hosts on one loopback port, in a process of its own: its processor is not
that of the client. Feeds with an ETag, no robots.txt; GET /_report says how polite the client was.
"""

import asyncio
import itertools
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp.abc import AbstractResolver, ResolveResult

_BODY = "<p>Samedi 12 octobre, la commune invite les habitants à une fête du sport.</p>"


class Everywhere(AbstractResolver):
    """Every name is 127.0.0.1: virtual hosts."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None: ...


@contextmanager
def web() -> Iterator[int]:
    """The port of a server that ends with the block."""
    child = subprocess.Popen([sys.executable, "-m", "bench._loopback"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        yield int(child.stdout.readline())
    finally:
        child.kill()
        child.wait()


def a_feed(host: str) -> bytes:
    items = "".join(
        f"<item><guid>{host}-{n}</guid><title>Fête {n} de {host}</title>"
        f"<link>http://{host}/{n}</link><pubDate>Mon, 07 Oct 2024 08:00:00 +0200</pubDate>"
        f"<description><![CDATA[{_BODY * 8}]]></description></item>"
        for n in range(20)
    )
    return f'<rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'.encode()


PAGES = 40  # of one site


def a_list() -> str:
    links = "".join(f'<li><a href="/agenda/{n}">Fête {n}</a></li>' for n in range(PAGES))
    return f"<html><body><main><ul>{links}</ul></main></body></html>"


def a_page(number: int) -> str:
    """13 kB: a menu, an article without structured data, a footer."""
    menu = "".join(f'<li><a href="/rubrique/{n}">Rubrique {n}</a></li>' for n in range(80))
    text = "".join(f"<p>{number}.{n} : la commune invite les habitants.</p>" for n in range(120))
    return (
        f"<html lang=fr><head><title>Fête {number}</title></head><body><nav><ul>{menu}</ul></nav>"
        f"<main><h1>Fête du sport numéro {number}</h1><p>Samedi 12 octobre 2026.</p>{text}</main>"
        f"<footer>{menu}</footer></body></html>"
    )


async def _serve() -> None:
    seen: dict[str, list[float]] = {}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                path = head.split(" ", 2)[1]
                lines = head.lower().split("\r\n")
                host = next(line[6:] for line in lines if line.startswith("host: "))
                if path != "/_report":
                    seen.setdefault(host, []).append(time.monotonic())
                writer.write(_answer(path, host, "if-none-match" in head.lower(), seen))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=2000)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _answer(path: str, host: str, conditional: bool, seen: dict[str, list[float]]) -> bytes:
    if path == "/_report":
        gaps = [b - a for times in seen.values() for a, b in itertools.pairwise(times)]
        told = {"requests": sum(map(len, seen.values())), "shortest": min(gaps, default=0.0)}
        return _whole("200 OK", json.dumps(told).encode())
    if path == "/robots.txt":
        return _whole("404 Not Found", b"")
    if conditional:
        return _whole("304 Not Modified", b"", 'ETag: "1"\r\n')
    if path == "/agenda":
        return _whole("200 OK", a_list().encode(), 'ETag: "1"\r\nContent-Type: text/html\r\n')
    if path.startswith("/agenda/"):
        page = a_page(int(path.rpartition("/")[2])).encode()
        return _whole("200 OK", page, 'ETag: "1"\r\nContent-Type: text/html\r\n')
    if path == "/small":
        return _whole("200 OK", b"x" * 2000)
    return _whole("200 OK", a_feed(host), 'ETag: "1"\r\nContent-Type: application/rss+xml\r\n')


def _whole(status: str, body: bytes, more: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


if __name__ == "__main__":
    asyncio.run(_serve())
