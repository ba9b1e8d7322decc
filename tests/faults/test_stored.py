"""Fault 69: what a feed does to what is already stored, on a real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows import visiting
from storage.db import Database
from tests.builders import NOW, a_source
from tests.disturbed import house
from tests.hostile import XML, entry, rss
from tests.web import Web, answer

pytestmark = pytest.mark.faults

DATED = [
    entry(n, f"Le {n} juin 2027 à Gap.", pubDate=f"{n:02} Jan 2026 10:00:00 GMT")
    for n in range(1, 7)
]
BACK = [one.replace("Jan 2026", "Mar 2019") for one in DATED]


def test_order_and_dates_of_publication_are_no_news_and_what_comes_back_is_no_double(
    database: Database, tmp_path: Path
) -> None:
    days = [DATED, DATED[::-1], BACK, DATED[:2], DATED]  # shuffled, back-dated, gone, come back

    async def run() -> list[tuple[str, int, int]]:
        told = []
        async with Web() as web:
            for day, items in enumerate(days):
                web.raw("/flux", answer(rss(*items), headers=XML))
                then = NOW + timedelta(days=day)
                inside = replace(house(database, tmp_path), clock=lambda then=then: then)
                known = [a_source(url=web.url("/flux"))]
                (visit,) = await asyncio.to_thread(visiting.collect, inside, known, ["gap"])
                told.append((visit.outcome.value, visit.new, visit.changed))
        return told

    first, *others = asyncio.run(run())
    assert first == ("ok", 6, 0)
    assert others == [("ok", 0, 0)] * 4
