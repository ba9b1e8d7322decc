"""The fictitious web, served on loopback: `await serve()`, then `await running.close()`.

Every document has an ETag and a Last-Modified and answers 304 when nothing changed, so that a
second visit is « inchangée »; links hold the address, so keep the same port between two runs.
"""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from demo import feeds, files, opendata, sites
from demo.documents import MODIFIED, Document, by_path

PORT = 8421
"""Where `paat demo` serves it by default: links are keys, they must not change between runs."""

ROBOTS = "User-agent: *\nDisallow: /ville-salon/\nAllow: /\n"


@dataclass(slots=True)
class Running:
    """A served web: its address, and what to call when it is over."""

    url: str
    runner: web.AppRunner
    hits: list[tuple[str, int]]  # every answered (path, status), for the tests

    async def close(self) -> None:
        await self.runner.cleanup()


async def serve(host: str = "127.0.0.1", port: int = 0, *, state: str = "before") -> Running:
    """Serve the whole web on one loopback port (0 = any free one). Raises OSError when taken."""
    hits: list[tuple[str, int]] = []
    pages: dict[str, Document] = {}

    async def answer(request: web.Request) -> web.Response:
        given = _answer(request, pages, MODIFIED[state])
        hits.append((request.path_qs, given.status))
        return given

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
    except OSError:
        await runner.cleanup()
        raise
    url = f"http://{host}:{runner.addresses[0][1]}"
    pages |= documents(url, state=state)
    return Running(url=url, runner=runner, hits=hits)


@contextlib.contextmanager
def background(
    host: str = "127.0.0.1", port: int = 0, *, state: str = "before"
) -> Iterator[Running]:
    """The same, in a thread of its own, for a caller that has no event loop to lend."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="demo-web", daemon=True)
    thread.start()
    try:
        running = asyncio.run_coroutine_threadsafe(serve(host, port, state=state), loop).result(30)
        try:
            yield running
        finally:
            asyncio.run_coroutine_threadsafe(running.close(), loop).result(30)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def documents(base: str, *, state: str = "before") -> dict[str, Document]:
    """Every document of the web, by path (query string included where it matters)."""
    return by_path(
        [
            Document(path="/", content_type="text/html; charset=utf-8", body=_home()),
            Document(path="/robots.txt", content_type="text/plain", body=ROBOTS.encode()),
            Document(path="/radio-durance/agenda.rss", content_type="text/plain", status=500,
                     body=b"Erreur interne"),
            *feeds.documents(base, state),
            *sites.documents(base, state),
            *files.documents(base, state),
            *opendata.documents(base, state),
        ]
    )  # fmt: skip


def _answer(request: web.Request, pages: Mapping[str, Document], modified: str) -> web.Response:
    if request.method not in ("GET", "HEAD"):
        return web.Response(status=405, text="GET seulement")
    found = pages.get(request.path_qs) or pages.get(request.path)
    if found is None:
        return web.Response(status=404, text="Page introuvable")
    headers = {"Content-Type": found.content_type}
    if found.path.startswith(opendata.PREFIX):
        found = opendata.page(found, request.query)
        headers |= {"X-RateLimit-Limit": "50000", "X-RateLimit-Remaining": "49990"}
    if found.status != 200:
        return web.Response(status=found.status, body=found.body, headers=headers)
    headers |= {"ETag": found.etag, "Last-Modified": modified, "Cache-Control": "no-cache"}
    known = request.headers.get("If-None-Match")
    since = request.headers.get("If-Modified-Since")
    if known == found.etag or (known is None and since == modified):
        return web.Response(status=304, headers={"ETag": found.etag})
    return web.Response(body=found.body, headers=headers)


def _home() -> bytes:
    from demo.sources import SITES

    rows = "".join(f'<li><a href="{s.path}">{s.title}</a> ({s.kind})</li>' for s in SITES)
    return (
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Petit web</title></head>'
        f"<body><h1>Le petit web de la démonstration</h1><ul>{rows}</ul></body></html>"
    ).encode()


def main() -> None:
    """Serve until Ctrl-C: `python -m demo.web`."""

    async def forever() -> None:
        running = await serve(port=PORT)
        sys.stderr.write(f"le petit web de la démonstration : {running.url} (Ctrl-C pour finir)\n")
        try:
            await asyncio.Event().wait()
        finally:
            await running.close()

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(forever())


if __name__ == "__main__":
    main()
