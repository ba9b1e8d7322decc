"""What a source withdraws stays, marked cancelled; what it never announced makes nothing."""

from pathlib import Path

import pytest

from collectors.collect import Harvest
from collectors.items import tombstone
from domain.identifiers import ulid
from domain.records import RawItem, SourceState, Visit
from domain.settings import Settings
from domain.statuses import EventStatus, Outcome
from flows import steps, visiting
from flows.house import House
from storage import items, mentions, sources
from storage.db import Database
from tests.builders import NOW, a_raw_item, a_source


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(
        settings=Settings(home=tmp_path, sources=tmp_path),
        database=database,
        clock=lambda: NOW,
        new_id=lambda prefix: f"{prefix}-{ulid(NOW)}",
    )


def keep(house: House, *given: RawItem) -> Visit:
    visit = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, items=len(given))
    source, state = a_source(), SourceState(source="gap")
    return visiting.store_harvest(house, source, state, Harvest(visit=visit, items=given))


def test_a_tombstone_keeps_the_title_and_cancels(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
    keep(house, a_raw_item("1", title="Fête du sport", commune="Gap"))
    steps.process(house)
    gone, unknown = tombstone(a_source(), "1"), tombstone(a_source(), "2")
    assert (keep(house, gone, unknown).changed, keep(house, gone).changed) == (1, 0)
    steps.process(house)
    with house.database.reading() as conn:
        (found,) = mentions.find(conn, title="fête du sport")
        assert [one.fields["commune"] for one in items.revisions(conn, "gap", "1")] == ["Gap"] * 2
        assert items.revisions(conn, "gap", "2") == []
    assert found.mention.status is EventStatus.CANCELLED
