"""What a source answered is read again with better rules; nothing changes unless it is applied."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.collect import visit_through
from collectors.freeze import FrozenHttp
from collectors.http import Page
from collectors.kinds import feed
from collectors.upkeep import archive as archives
from domain.errors import Unreadable
from domain.identifiers import ulid
from domain.records import SourceState
from domain.settings import Settings
from flows import archiving, replaying, retrying, steps, visiting
from flows.house import House
from storage import items, mentions, sources
from storage.db import Database
from tests.builders import NOW, a_source

SOURCE = a_source("ville", url="https://ville.example/flux")
RSS = "<rss version='2.0'><channel><title>Ville</title>{}</channel></rss>"


def entry(number: int, title: str, text: str = "") -> str:
    return (
        f"<item><guid>g{number}</guid><link>https://ville.example/{number}</link>"
        f"<title>{title}</title><description>{text}</description></item>"
    )


class Passages:
    """A house with one feed; each passage is archived, read and stored as a run would."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.now = NOW
        self.house = House(
            settings=Settings(home=folder, sources=folder, parse_seconds=0),
            database=database,
            clock=self.clock,
            new_id=lambda prefix: f"{prefix}-{ulid(self.now)}",
        )
        with database.begin() as conn:
            sources.register(conn, [SOURCE])

    def clock(self) -> datetime:
        self.now += timedelta(milliseconds=10)
        return self.now

    def passage(self, *entries: str, archived: bool = True) -> None:
        body, at = RSS.format("".join(entries)).encode(), self.clock()
        page = Page(url=SOURCE.url, status=200, headers={"content-type": "text/xml"}, body=body)
        harvest = asyncio.run(visit_through(FrozenHttp({SOURCE.url: page}, at), SOURCE, now=at))
        if archived:
            shelf = archives.of_settings(self.house.settings).begin(SOURCE, {}, at)
            shelf.keep(SOURCE.url, body, url=SOURCE.url, status=200, headers=page.headers, at=at)
            shelf.end(harvest.visit)
        visiting.store_harvest(self.house, SOURCE, SourceState(source="ville"), harvest)
        steps.process(self.house)
        self.now += timedelta(days=1)

    def replay(self, *, apply: bool = False) -> replaying.Report:
        (report,) = replaying.replay(self.house, [SOURCE], since=NOW, apply=apply)
        return report

    def titles(self) -> dict[str, str]:
        with self.house.database.reading() as conn:
            return items.titles(conn, "ville")


@pytest.fixture
def passages(database: Database, tmp_path: Path) -> Passages:
    return Passages(database, tmp_path)


def better(monkeypatch: pytest.MonkeyPatch, change: Mapping[str, str]) -> None:
    """Tomorrow's rules: titles of the feed are read otherwise."""
    before = feed.title_of
    monkeypatch.setattr(feed, "title_of", lambda value: change.get(before(value), before(value)))


def test_the_same_rules_give_the_same_thing(passages: Passages) -> None:
    passages.passage(entry(1, "Fête du sport"), entry(2, "Loto"))
    passages.passage(entry(2, "Loto annulé"), entry(3, "Bal"))
    report = passages.replay()
    assert (report.visits, report.documents, report.items, report.differences) == (2, 2, 3, ())
    assert report.problems == ()


def test_better_rules_are_told_field_by_field_and_touch_nothing(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages.passage(entry(1, "Fete du 5 juin 2027"), entry(2, "Loto"))
    better(monkeypatch, {"Fete du 5 juin 2027": "Fête du 6 juin 2027"})
    report = passages.replay()
    (one,) = report.differences
    assert (one.what, one.key) == ("changed", "g1")
    assert one.fields == {"title": ("Fete du 5 juin 2027", "Fête du 6 juin 2027")}
    assert one.reading["starts_on"] == ("2027-06-05", "2027-06-06")
    assert "title : Fete du 5 juin 2027 → Fête du 6 juin 2027" in replaying.as_text(report)
    assert passages.titles()["g1"] == "Fete du 5 juin 2027"
    assert json.dumps(report.as_json())


def test_applied_they_become_a_revision_read_like_any_other(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages.passage(entry(1, "Fete du 5 juin 2027"), entry(2, "Loto"))
    better(monkeypatch, {"Fete du 5 juin 2027": "Fête du 6 juin 2027"})
    assert passages.replay(apply=True).applied
    with passages.house.database.reading() as conn:
        assert len(items.revisions(conn, "ville", "g1")) == 2
        (found,) = mentions.find(conn, title="fête du 6 juin")
    assert str(found.mention.when.starts_on) == "2027-06-06"
    assert passages.replay().differences == ()


def test_what_is_no_longer_read_is_told_and_stays(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages.passage(entry(1, "Fête"), entry(2, "Loto"))
    monkeypatch.setattr(feed, "parse", _first_only(feed.parse))
    report = passages.replay(apply=True)
    assert [(one.what, one.key) for one in report.differences] == [("lost", "g2")]
    assert set(passages.titles()) == {"g1", "g2"}


def _first_only(parse: Any) -> Any:
    return lambda *args, **kwargs: parse(*args, **kwargs)[:1]


def test_what_a_later_visit_stored_without_archive_is_left_alone(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    passages.passage(entry(1, "Fete"))
    passages.passage(entry(1, "Fete reportée"), archived=False)
    better(monkeypatch, {"Fete": "Fête"})
    report = passages.replay(apply=True)
    assert (report.newer, report.differences) == (1, ())
    assert passages.titles() == {"g1": "Fete reportée"}


def test_the_archive_is_tidied_once_a_day_and_keeps_the_last_good_visit(passages: Passages) -> None:
    for number in range(3):
        passages.passage(entry(number, f"Fête {number}"))
    passages.now += timedelta(days=100)
    assert archiving.tidy(passages.house, [SOURCE]) == 2
    (report,) = replaying.replay(passages.house, [SOURCE], since=NOW)
    assert (report.visits, report.items) == (1, 1)
    passages.passage(entry(9, "Bal"))
    passages.now -= timedelta(hours=12)
    assert archiving.tidy(passages.house, [SOURCE]) == 0  # not twice in a day
    passages.now += timedelta(hours=12)
    assert archiving.tidy(passages.house, [SOURCE]) == 1


def test_a_poison_entry_is_read_from_the_archive_after_a_fix(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(feed, "title_of", _fails_on("Loto"))
        passages.passage(entry(1, "Fête"), entry(2, "Loto"), entry(3, "Bal"))
    (aside,) = retrying.listed(passages.house)
    assert (aside.key, aside.attempts, aside.stored) == ("g2", 1, False)
    assert "raté" in aside.why
    assert set(passages.titles()) == {"g1", "g3"}  # it blocked nobody
    assert retrying.retry(passages.house, since="2026-11-01") == (
        "1 sur 1 relues ; 0 restent de côté."
    )
    assert passages.titles() == {"g1": "Fête", "g2": "Loto", "g3": "Bal"}
    assert retrying.listed(passages.house) == []


def _fails_on(word: str) -> Any:
    def title_of(value: str) -> str:
        if word in value:
            raise Unreadable("raté")
        return value

    return title_of


def test_a_stored_announcement_in_quarantine_is_read_again_without_any_archive(
    passages: Passages, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(steps.extracting, "read", _read_fails)
        passages.passage(entry(1, "Fête"), archived=False)
    (aside,) = retrying.listed(passages.house)
    assert aside.stored
    assert "1 sur 1 relues" in retrying.retry(passages.house, "ville")
    with passages.house.database.reading() as conn:
        assert [one.mention.title for one in mentions.find(conn, title="fête")] == ["Fête"]


def _read_fails(*_: object) -> None:
    raise ValueError("raté")
