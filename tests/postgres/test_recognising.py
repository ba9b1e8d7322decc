"""A feed visited several times, stored for real: no announcement twice, the loss of trust told."""

from pathlib import Path

import pytest
from sqlalchemy import text

from collectors.collect import Harvest
from collectors.kinds import feed
from domain.identifiers import ulid
from domain.records import RawItem, Source, SourceState, Visit
from domain.settings import Settings
from domain.statuses import Outcome
from flows import visiting
from flows.house import House
from storage import identity, items, outbox, sources
from storage.db import Connection, Database
from tests.builders import NOW, a_raw_item, a_source, later

FEED = a_source("ville", url="https://ville.example/flux.xml")


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    with database.begin() as conn:
        sources.register(conn, [FEED])
    return House(
        settings=Settings(home=tmp_path, sources=tmp_path),
        database=database,
        clock=lambda: NOW,
        new_id=lambda prefix: f"{prefix}-{ulid(NOW)}",
    )


def visit(house: House, guid: str, *, host: str = "ville.example", count: int = 5) -> Visit:
    """One visit to a feed whose guids are `guid` with {n}."""
    entries = "".join(
        f"<item><guid>{guid.format(n=n)}</guid><title>Fête numéro {n}</title>"
        f"<link>https://{host}/spip.php?article{n}&amp;xtor=RSS-{guid[:1]}</link>"
        f"<pubDate>Mon, 02 Mar 2026 0{n}:30:00 GMT</pubDate></item>"
        for n in range(count)
    )
    body = f"<rss version='2.0'><channel><title>Ville</title>{entries}</channel></rss>"
    found = [one for one in feed.parse(body.encode(), FEED) if isinstance(one, RawItem)]
    seen = Visit(source="ville", outcome=Outcome.OK, started_at=NOW, items=len(found))
    harvest = Harvest(visit=seen, items=tuple(found))
    return visiting.store_harvest(house, FEED, SourceState(source="ville"), harvest)


def told(house: House) -> list[dict[str, str]]:
    with house.database.begin() as conn:
        return [
            one.payload for one in outbox.unpublished(conn) if one.event == "paat.source.identity"
        ]


def test_rotating_guids_store_each_announcement_once_and_are_told_once(house: House) -> None:
    given = [visit(house, f"{letter}-{{n}}") for letter in "abcd"]
    assert [one.new for one in given] == [5, 0, 0, 0]
    assert [one.changed for one in given] == [0, 0, 0, 0]
    assert [one["policy"] for one in told(house)] == ["url"]
    with house.database.begin() as conn:
        state = sources.states(conn)["ville"]
    assert state.identity["policy"] == "url"
    assert state.identity["why"] == "5 identifiants sur 5 ont changé pour les mêmes annonces"


def test_a_source_trusted_again_learns_its_new_identifiers_and_is_doubted_only_anew(
    house: House,
) -> None:
    def policy() -> str:
        with house.database.begin() as conn:
            return sources.states(conn)["ville"].identity.get("policy", "guid")

    for letter in "abc":
        visit(house, f"{letter}-{{n}}")
    assert policy() == "url"
    with house.database.begin() as conn:
        sources.trust(conn, "ville")
    corrected = [visit(house, "stable-{n}") for _ in range(3)]
    assert [(one.new, one.changed) for one in corrected] == [(0, 0)] * 3
    assert policy() == "guid"
    for letter in "de":
        assert visit(house, f"{letter}-{{n}}").new == 0
    assert policy() == "url"
    assert len(told(house)) == 2


def test_a_change_of_host_is_a_new_address_of_the_same_announcements(house: House) -> None:
    visit(house, "https://ville.example/?p={n}")
    after = visit(house, "https://www.nouvelle.example/?p={n}", host="www.nouvelle.example")
    assert (after.new, after.changed, told(house)) == (0, 5, [])
    with house.database.begin() as conn:
        last = items.revisions(conn, "ville", "https://ville.example/?p=3")[-1]
        found = identity.by_keys(conn, "ville", ["https://www.nouvelle.example/?p=3"])
    assert last.url == "https://www.nouvelle.example/spip.php?article3"
    assert [one.key for one in found.values()] == ["https://ville.example/?p=3"]


def test_a_kind_with_identifiers_of_its_own_is_left_alone(house: House) -> None:
    table = Source(slug="table", title="T", kind="table", url="https://t.example/x.csv")
    twins = [a_raw_item(key, "table", title="Forum", start="2026-09-05") for key in ("1", "2")]
    with house.database.begin() as conn:
        sources.register(conn, [table])
    for one in twins:
        seen = Visit(source="table", outcome=Outcome.OK, started_at=NOW, items=1)
        visiting.store_harvest(
            house, table, SourceState(source="table"), Harvest(visit=seen, items=(one,))
        )
    with house.database.begin() as conn:
        assert conn.execute(text("select count(*) from items")).scalar_one() == 2


def test_what_changes_by_itself_makes_no_revision(conn: Connection) -> None:
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item("1", text="Fête. Vu 12 fois.")], NOW)
    counted = items.store(conn, [a_raw_item("1", text="Fête.  Vu 13 fois.")], later(hours=1))
    assert counted == items.Stored(unchanged=1, noise=1)
    again = items.store(conn, [a_raw_item("1", text="Fête.  Vu 13 fois.")], later(hours=2))
    assert again == items.Stored(unchanged=1)
    moved = items.store(conn, [a_raw_item("1", text="Fête reportée. Vu 14 fois.")], later(hours=3))
    assert moved == items.Stored(changed=1)
    assert len(items.revisions(conn, "gap", "1")) == 2


def test_recognising_takes_a_constant_number_of_statements(
    house: House, statements: list[str]
) -> None:
    visit(house, "a-{n}", count=9)
    statements.clear()
    visit(house, "b-{n}", count=9)
    few = len(statements)
    statements.clear()
    visit(house, "c-{n}", count=3)
    assert len(statements) <= few <= 20
