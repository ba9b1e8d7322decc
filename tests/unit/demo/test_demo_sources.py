"""Every source of the demonstration gives exactly its announcements through the real kinds."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.collect import Harvest, visit
from collectors.web.client import Client
from demo import build, web
from demo.check import compare
from demo.sources import SITES, sources
from domain.settings import Settings
from domain.statuses import Outcome

SETTINGS = Settings(allow_loopback=True, per_host_seconds=0)
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)


async def _visits(state: str) -> dict[str, tuple[Harvest, Harvest]]:
    """Two visits of each source, a moment apart."""
    running = await web.serve(state=state)
    found = {}
    try:
        async with Client(SETTINGS, lambda: NOW) as client:
            for one in sources(running.url):
                first = await visit(one, client, validators={}, now=NOW)
                again = await visit(one, client, validators=first.validators, now=NOW)
                found[one.slug] = (first, again)
    finally:
        await running.close()
    return found


@pytest.fixture(scope="module")
def before() -> dict[str, tuple[Harvest, Harvest]]:
    return asyncio.run(_visits("before"))


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_a_visit_says_what_is_expected(site: Any, before: Any) -> None:
    first, again = before[site.slug]
    truth = next(s for s in build.truth()["sources"] if s["slug"] == site.slug)
    assert first.visit.outcome == site.outcome, first.visit.why
    assert len(first.items) == (truth["announcements"] if truth["collected"] else 0)
    assert first.quarantined == ()
    assert again.visit.outcome == (
        Outcome.UNCHANGED if site.outcome is Outcome.OK else site.outcome
    )


def test_every_announcement_is_recognised_in_the_truth(before: Any) -> None:
    dossiers = [
        {
            "initiative": f"{item.source}/{item.key}",
            "members": [
                {
                    "source": item.source,
                    "key": item.key,
                    "url": item.url,
                    "title": item.fields.get("title"),
                }
            ],
        }
        for first, _ in before.values()
        for item in first.items
    ]
    found = compare(build.truth(), dossiers)
    assert found.missing == found.unexpected == ()
    assert found.announcements_collected == len(dossiers) == found.announcements_expected


def test_nothing_of_a_well_made_source_is_left_unread(before: Any) -> None:
    left = Counter(name for first, _ in before.values() for name in first.leftovers)
    assert set(left) <= {"Complété le"}  # the form says twice when it was sent


def test_a_thinned_source_is_implausible() -> None:
    first, _ = asyncio.run(_visits("after"))["gazette-var"]
    assert first.visit.outcome is Outcome.IMPLAUSIBLE
    assert len(first.items) == 2
