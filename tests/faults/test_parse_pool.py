"""Faults 62, 63 and 82: documents that hang, eat or kill their reader, read in workers."""

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest

from collectors.parse_pool import Pool
from domain.errors import Unreadable
from tests import poison
from tests.hostile import GOOD, KEPT, PATIENCE, XML, entry, rss, suffer
from tests.web import answer

pytestmark = pytest.mark.faults

WORKERS = {"parse_seconds": PATIENCE, "parse_workers": 1, "max_bytes": 10_000_000}


def alone(*jobs: tuple[Callable[..., Any], bytes]) -> tuple[list[Any], Pool]:
    """What each job gave, its result or its error, one worker for all. Only what never ends is
    short of time: a busy machine kills no other."""

    async def run() -> tuple[list[Any], Pool]:
        pool = Pool(workers=1, seconds=PATIENCE)
        given: list[Any] = []
        try:
            for function, body in jobs:
                pool.seconds = 1 if function is poison.loops else PATIENCE
                try:
                    given.append(await pool.run(function, body))
                except (Unreadable, RuntimeError) as error:
                    given.append(error)
        finally:
            await pool.close()
        return given, pool

    return asyncio.run(run())


def test_a_worker_reads_and_its_libraries_may_print() -> None:
    given, pool = alone((len, b"abc"), (poison.talks, b"abcd"))
    assert (given, pool.killed) == ([3, 4], 0)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (poison.loops, "trop long à lire (plus de 1 s)"),
        (poison.eats, "trop de mémoire"),
        (poison.dies, "fait tomber son lecteur"),
    ],
)
def test_a_document_that_kills_its_reader_is_told_once_and_the_next_is_read(
    function: Callable[[bytes], None], words: str
) -> None:
    given, pool = alone((function, b"x"), (function, b"x"), (len, b"after"))
    first, again, after = given
    assert words in first.message
    assert "sha256" in again.message
    assert after == 5
    assert pool.killed == 1  # the second time, nobody was asked


def test_an_error_of_ours_keeps_its_name() -> None:
    ((error,), pool) = alone((poison.fails, b"x"))
    assert "ValueError: raté" in str(error)
    assert pool.poison == {}


def test_nothing_outlives_the_run() -> None:
    async def run() -> int:
        pool = Pool(workers=1, seconds=PATIENCE)
        await pool.run(len, b"x")
        (worker,) = pool._all
        await pool.close()
        return worker.process.pid

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(run()), 0)


def test_a_good_feed_is_read_the_same() -> None:
    here, there = suffer(GOOD), suffer(GOOD, settings=WORKERS)
    assert [i.fields for i in here.harvest.items] == [i.fields for i in there.harvest.items]
    assert there.outcome == "ok"


HTML = {"Content-Type": "text/html; charset=utf-8"}
MANY = " ".join(f'a{n}="1"' for n in range(40_000))
MONSTERS: dict[str, tuple[bytes, str]] = {
    "200k nested div": (answer("<html><body>" + "<div>" * 200_000 + "Fête", headers=HTML), "page"),
    "200k attributes": (
        answer("<p " + " ".join(f"a{n}=1" for n in range(200_000)) + ">", headers=HTML), "page",
    ),
    "500k paragraphs": (answer("<html><body>" + "<p>a" * 500_000, headers=HTML), "page"),
    "half a comment": (answer(rss(entry(1, "<!--<![" * 50_000)), headers=XML), "feed"),
    "40k attributes": (
        answer(rss(f"<item {MANY}/>"), headers=XML), "feed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monstrous_document_ends_in_time_and_nothing_is_learned_from_a_failure(name: str) -> None:
    reply, kind = MONSTERS[name]
    got = suffer(reply, kind, settings={**WORKERS, "parse_seconds": 2})
    assert got.outcome in ("unreadable", "ok", "implausible"), got.why
    if got.outcome != "ok":
        assert got.harvest.validators == KEPT
    if "sha256" in got.why:
        (aside,) = got.harvest.quarantined
        assert aside.key.startswith("document:")
