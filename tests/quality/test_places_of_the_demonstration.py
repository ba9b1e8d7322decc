"""The communes read in the 300 announcements of the demonstration, against its known truth."""

import asyncio
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from collectors.collect import visit
from collectors.extract.mention import read
from collectors.web.client import Client
from demo import build, web
from demo.sources import sources
from domain.records import Mention
from domain.settings import Settings
from domain.text import fold

pytestmark = pytest.mark.quality
NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
FLOOR = 0.97  # right at once; 298 of 303 on the day this was written


async def _mentions() -> list[Mention]:
    running = await web.serve()
    try:
        async with Client(Settings(allow_loopback=True, per_host_seconds=0), lambda: NOW) as client:
            return [
                read(item, one)
                for one in sources(running.url)
                for item in (await visit(one, client, validators={}, now=NOW)).items
            ]
    finally:
        await running.close()


def test_communes_are_right_or_asked_never_wrong() -> None:
    told = build.truth()["announcements"]
    by_key = {(one["source"], one["key"]): one for one in told if one["key"]}
    by_path = {(one["source"], one["path"]): one for one in told if one.get("path")}
    by_title = {(one["source"], fold(one["title"])): one for one in told}
    right, judged, wrong = 0, 0, []
    for mention in asyncio.run(_mentions()):
        truth = (
            by_key.get((mention.source, mention.key))
            or by_path.get((mention.source, urlsplit(mention.url or "").path))
            or by_title.get((mention.source, fold(mention.title)))
        )
        if truth is None:
            continue
        judged += 1
        right += mention.where.commune_code == truth["commune"]
        if mention.where.commune_code not in {None, truth["commune"]}:
            wrong.append((mention.title, mention.where.commune_name))
    assert judged > 290
    assert wrong == []
    assert right / judged >= FLOOR
