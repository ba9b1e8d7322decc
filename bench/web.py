"""The polite client on a loopback web of virtual hosts: what its guards cost, how many sources.

Processor time of the client alone (the web is another process). Floors: at most 0.35 ms of guards a
request over bare aiohttp; 1,000 sources in less than 60 s and 150 MB with a second per host kept;
770 polls answered 304 a CPU second (reference §3.9). It ends with 1 when one does not hold.
"""

import asyncio
import json
import os
import time
import urllib.request
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import aiohttp
import httpx
import trafilatura

from bench._loopback import PAGES, Everywhere, a_page, web
from bench._measure import verdict
from collectors.collect import visit_all
from collectors.web.client import Client
from domain.records import Source, SourceState
from domain.settings import Settings

REQUESTS, HOSTS, SOURCES = 2000, 32, 1000
GUARD_MS, SECONDS, MEGABYTES, POLLS = 0.35, 60, 150, 770


def main() -> list[str]:
    return [*requests(), *pages(), *_afresh(sources)]


def _afresh(run: Callable[[], list[str]]) -> list[str]:
    """`run` in a process of its own: its memory is not what an earlier measure left behind."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run).result()


def _settings(**own: object) -> Settings:
    told = {"allow_loopback": True, "per_host_seconds": 0.0, "parse_seconds": 0.0, **own}
    return Settings(**told)  # type: ignore[arg-type]


def now() -> datetime:
    return datetime.now(UTC)


# --- one request --------------------------------------------------------------------------------


def requests() -> list[str]:
    """Milliseconds of processor a request of 2 kB, 32 hosts at once."""
    with web() as port:
        urls = [[f"http://h{h}.example:{port}/small"] * (REQUESTS // HOSTS) for h in range(HOSTS)]
        ours = _cost(lambda: _ours(urls))
        bare = _cost(lambda: _aiohttp(urls))
        peer = _cost(lambda: _httpx([[f"http://127.0.0.1:{port}/small"] * 20] * HOSTS), 20 * HOSTS)
    guard = ours - bare
    fine = verdict(guard <= GUARD_MS)
    return [
        f"paat, every guard   {ours:6.2f} ms CPU a request",
        f"bare aiohttp        {bare:6.2f} ms; the guards cost {guard:.2f} (≤ {GUARD_MS}: {fine})",
        f"bare httpx          {peer:6.2f} ms; paat is ×{peer / ours:.1f} lighter",
    ]


def _cost(run: Callable[[], Awaitable[None]], count: int = REQUESTS) -> float:
    """Milliseconds of processor a request, the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        asyncio.run(run())  # type: ignore[arg-type]
        best = min(best, (time.process_time() - started) * 1000 / count)
    return best


async def _ours(hosts: list[list[str]]) -> None:
    source = Source(slug="essai", title="Essai", kind="feed", url=hosts[0][0])
    async with Client(_settings(), now, resolver=Everywhere()) as client:

        async def one(urls: list[str]) -> None:
            http = client.session(source)
            for url in urls:
                assert len((await http.get(url)).body) == 2000

        await asyncio.gather(*(one(urls) for urls in hosts))


async def _aiohttp(hosts: list[list[str]]) -> None:
    connector = aiohttp.TCPConnector(resolver=Everywhere(), limit_per_host=1, ttl_dns_cache=60)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def one(urls: list[str]) -> None:
            for url in urls:
                async with session.get(url) as answer:
                    assert len(await answer.read()) == 2000

        await asyncio.gather(*(one(urls) for urls in hosts))


async def _httpx(hosts: list[list[str]]) -> None:
    async with httpx.AsyncClient() as session:

        async def one(urls: list[str]) -> None:
            for url in urls:
                assert len((await session.get(url)).content) == 2000

        await asyncio.gather(*(one(urls) for urls in hosts))


# --- pages --------------------------------------------------------------------------------------


def pages() -> list[str]:
    """Pages a CPU second: fetched and read, then the next day, when none changed."""
    with web() as port:
        chosen = [
            Source(
                slug=f"p{n}",
                title="Essai",
                kind="page",
                url=f"http://h{n}.example:{port}/agenda",
                options={"link": "main li a"},
            )
            for n in range(HOSTS)
        ]
        states: dict[str, SourceState] = {}
        first = asyncio.run(_pass(chosen, _settings(), states))
        again = asyncio.run(_pass(chosen, _settings(), states))
    total = HOSTS * PAGES
    assert (first.items, again.items) == (total, 0)
    documents = [a_page(n) for n in range(PAGES)]
    started = time.process_time()
    assert all(trafilatura.extract(one) for one in documents)
    peer = PAGES / (time.process_time() - started)
    return [
        f"{total} pages of 13 kB fetched and read: {total / first.cpu:.0f} a CPU second "
        f"(trafilatura alone, reading: {peer:.0f}); the next day, unchanged: "
        f"{total / again.cpu:.0f}",
    ]


# --- a thousand sources -------------------------------------------------------------------------


def sources() -> list[str]:
    with web() as port:
        chosen = [
            Source(slug=f"s{n}", title="Essai", kind="feed", url=f"http://h{n}.example:{port}/rss")
            for n in range(SOURCES)
        ]
        settings = _settings(per_host_seconds=1.0, parse_seconds=10.0, concurrency=64)
        states: dict[str, SourceState] = {}
        first = asyncio.run(_pass(chosen, settings, states))
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_report", timeout=10) as answer:
            told = json.load(answer)
        quiet = _settings(concurrency=64)
        polls = asyncio.run(_pass(chosen, quiet, states))
    fine = verdict(first.wall < SECONDS and first.megabytes < MEGABYTES)
    polite = verdict(told["shortest"] >= 1.0)
    speed = SOURCES / polls.cpu
    return [
        f"{SOURCES} sources, {first.items} announcements: {first.wall:.1f} s "
        f"(CPU {first.cpu:.1f} s), {first.megabytes:.0f} MB with its parse workers "
        f"(< {SECONDS} s, < {MEGABYTES} MB: {fine}); shortest wait at a host "
        f"{told['shortest']:.2f} s (≥ 1: {polite})",
        f"{SOURCES} polls answered 304: {speed:.0f} a CPU second "
        f"(≥ {POLLS}: {verdict(speed >= POLLS)})",
    ]


class _Pass:
    wall = cpu = megabytes = 0.0
    items = 0


async def _pass(chosen: list[Source], settings: Settings, states: dict[str, SourceState]) -> _Pass:
    """One pass over the sources; `states` then hold their validators."""
    done = _Pass()
    started, used = time.monotonic(), time.process_time()
    async with Client(settings, now, resolver=Everywhere()) as client:
        watch = asyncio.create_task(_watch(done, client))
        async for harvest in visit_all(chosen, client, states):
            assert not harvest.visit.why, harvest.visit.why
            done.items += len(harvest.items)
            states[harvest.visit.source] = SourceState(
                source=harvest.visit.source, validators=harvest.validators
            )
        watch.cancel()
    done.wall, done.cpu = time.monotonic() - started, time.process_time() - used
    return done


async def _watch(done: _Pass, client: Client) -> None:
    """The most memory the process and its workers held together, shared pages counted once."""
    while True:
        workers = client.pool._all if client.pool else ()
        pids = [os.getpid(), *(one.process.pid for one in workers)]
        done.megabytes = max(done.megabytes, sum(map(_megabytes, pids)))
        await asyncio.sleep(2)  # reading it costs milliseconds


def _megabytes(pid: int) -> float:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return int(text.split("Pss:")[1].split()[0]) / 1024
