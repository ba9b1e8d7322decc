"""The served web behaves: conditional requests, robots.txt, API pages, a dead source."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from demo import web
from demo.sources import sources


async def _get(url: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        return answer.status, answer.headers, await answer.read()


def _run(question: Any, *, state: str = "before") -> Any:
    async def ask() -> Any:
        running = await web.serve(state=state)
        try:
            return await question(running.url)
        finally:
            await running.close()

    return asyncio.run(ask())


def test_a_second_visit_is_unchanged() -> None:
    async def twice(base: str) -> list[int]:
        found: list[int] = []
        for source in sources(base):
            status, headers, _ = await _get(source.url)
            if status == 200:
                by_etag = await _get(source.url, **{"If-None-Match": headers["ETag"]})
                by_date = await _get(source.url, **{"If-Modified-Since": headers["Last-Modified"]})
                found += [by_etag[0], by_date[0]]
        return found

    assert set(_run(twice)) == {304}


def test_the_dead_source_is_dead_and_the_closed_one_says_so() -> None:
    async def ask(base: str) -> tuple[int, bytes]:
        dead = await _get(f"{base}/radio-durance/agenda.rss")
        rules = await _get(f"{base}/robots.txt")
        return dead[0], rules[2]

    status, rules = _run(ask)
    assert status == 500
    assert b"Disallow: /ville-salon/" in rules


def test_the_api_pages_and_refuses() -> None:
    async def ask(base: str) -> tuple[Any, ...]:
        url = next(s.url for s in sources(base) if s.kind == "opendatasoft")
        async with aiohttp.ClientSession() as session:
            first = await (await session.get(url, params={"limit": 20})).json()
            second = await (await session.get(url, params={"limit": 20, "offset": 20})).json()
            refused = await session.get(url, params={"limit": 101})
            return first, second, refused.status, refused.headers["X-RateLimit-Limit"]

    first, second, status, limit = _run(ask)
    uids = [r["uid"] for r in first["results"] + second["results"]]
    assert len(uids) == len(set(uids)) == first["total_count"]
    assert (status, limit) == (400, "50000")


def test_in_a_thread_for_a_caller_without_a_loop() -> None:
    with web.background(state="after") as running:
        status, _, body = asyncio.run(_get(f"{running.url}/gazette-var/rss"))
    assert status == 200
    assert body.count(b"<item>") == 2
