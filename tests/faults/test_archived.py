"""Answers are archived before they are parsed; a document that killed its reader is remembered."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import Harvest, visit
from collectors.upkeep.archive import Archive
from collectors.web.client import Client
from domain.records import Source
from domain.settings import Settings
from domain.statuses import Outcome
from tests.builders import NOW
from tests.web import Web

pytestmark = pytest.mark.faults

FEED = "<rss version='2.0'><channel><item><guid>1</guid><title>Fête</title></item></channel></rss>"


def visits(
    folder: Path,
    body: str,
    *,
    kind: str = "feed",
    times: int = 1,
    headers: dict[str, str] | None = None,
    poison: dict[str, str] | None = None,
    **options: Any,
) -> tuple[list[Harvest], Archive]:
    async def run() -> tuple[list[Harvest], Archive]:
        archive, told, kept = Archive(folder), [], {}
        async with Web() as web:
            web.page("/x", body, kind="text/xml", headers=headers)
            source = Source(
                slug="essai", title="Essai", kind=kind, url=web.url("/x"), options=options
            )
            settings = Settings(
                allow_loopback=True, per_host_seconds=0, parse_seconds=9 if poison else 0
            )
            for _ in range(times):
                async with Client(settings, lambda: NOW, archive=archive) as client:
                    if client.pool is not None:
                        client.pool.poison |= poison or {}
                    told.append(await visit(source, client, validators=kept, now=NOW))
                kept = dict(told[-1].validators)
        return told, archive

    return asyncio.run(run())


def test_an_answer_is_kept_once_and_a_304_keeps_nothing(tmp_path: Path) -> None:
    told, archive = visits(tmp_path, FEED, times=3)
    assert [one.visit.outcome for one in told] == [Outcome.OK, *[Outcome.UNCHANGED] * 2]
    (kept,) = archive.visits("essai")
    assert [archive.body(one.sha256) for one in kept.snapshots] == [FEED.encode()]
    assert kept.outcome == "ok"


def test_what_cannot_be_parsed_is_kept_all_the_same(tmp_path: Path) -> None:
    (told,), archive = visits(tmp_path, "bonjour")
    assert told.visit.outcome is Outcome.UNREADABLE
    (kept,) = archive.visits("essai")
    assert (len(kept.snapshots), kept.outcome) == (1, "unreadable")


@pytest.mark.parametrize(
    ("kind", "headers", "options"),
    [
        ("feed", {"TDM-Reservation": "1"}, {}),
        ("table", {}, {}),
        ("feed", {}, {"archive_days": 0}),
    ],
)
def test_what_is_reserved_or_of_persons_is_not_kept(
    tmp_path: Path, kind: str, headers: dict[str, str], options: dict[str, Any]
) -> None:
    body = FEED if kind == "feed" else "id;titre\n1;Fête\n"
    visits(tmp_path, body, kind=kind, headers=headers, **options)
    assert Archive(tmp_path).slugs() == []


def test_nothing_stays_of_a_visit_whose_site_reserves_mining_by_its_own_file(
    tmp_path: Path,
) -> None:
    async def run() -> Harvest:
        async with Web() as web:
            web.page("/x", FEED, kind="text/xml")
            rules = '[{"location": "/", "tdm-reservation": 1}]'
            web.page("/.well-known/tdmrep.json", rules, kind="application/json")
            source = Source(slug="essai", title="Essai", kind="feed", url=web.url("/x"))
            settings = Settings(allow_loopback=True, per_host_seconds=0, parse_seconds=0)
            async with Client(settings, lambda: NOW, archive=Archive(tmp_path)) as client:
                return await visit(source, client, validators={}, now=NOW)

    assert asyncio.run(run()).tdm
    assert Archive(tmp_path).visits("essai") == []


def test_a_document_known_to_kill_its_reader_is_not_given_to_it_and_is_told(
    tmp_path: Path,
) -> None:
    digest = hashlib.sha256(FEED.encode()).hexdigest()
    (told,), _ = visits(tmp_path, FEED, poison={digest: "document trop long à lire"})
    assert told.visit.outcome is Outcome.UNREADABLE
    assert "trop long" in told.visit.why
    (aside,) = told.quarantined
    assert aside.key == f"document:{digest}"
    assert aside.payload["url"].endswith("/x")
