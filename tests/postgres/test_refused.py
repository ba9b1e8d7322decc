"""One row the database refuses is put aside with its reason; the others are kept."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from domain.records import Where
from flows import steps, visiting
from flows.house import House
from storage import aside, items, mentions, sources
from storage.db import Database
from storage.isolating import apart
from tests.builders import NOW, a_mention, a_raw_item, a_source
from tests.disturbed import house
from tests.web import Web, answer

DEEP = json.loads("[" * 900 + "]" * 900)
LATE = datetime(9999, 12, 31, 23, 0, tzinfo=timezone(timedelta(hours=-5)))  # year 10000 in UTC
REFUSED = (
    replace(a_raw_item("an 10000"), published_at=LATE),
    a_raw_item("chiffres", title="F", prix=10**5000),
    a_raw_item("profond", title="F", arbre=DEEP),
)
WHY = {"an 10000": "OverflowError", "chiffres": "ValueError", "profond": "RecursionError"}


def test_the_announcements_beside_a_refused_one_are_stored_and_it_is_put_aside(
    conn: Connection,
) -> None:
    sources.register(conn, [a_source()])
    batch = [a_raw_item(str(n), title=f"Fête {n}") for n in range(97)]
    for place, one in zip((0, 50, 96), REFUSED, strict=True):
        batch.insert(place, one)
    assert items.store(conn, batch, NOW) == items.Stored(new=97)
    assert len(items.unread(conn, 200, extractor="1")) == 97
    told = {one.key: one for one in items.quarantined(conn)}
    assert told.keys() == WHY.keys()
    assert [key for key, why in WHY.items() if why not in told[key].why] == []
    assert told["chiffres"].payload == {"title": "F", "prix": "(int)"}
    assert items.store(conn, batch, NOW) == items.Stored(unchanged=97)  # and again tomorrow
    assert [one.attempts for one in aside.everything(conn)] == [2, 2, 2]


def test_a_refused_announcement_that_is_corrected_is_no_longer_aside(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
        items.store(conn, [a_raw_item("chiffres", title="Fête", prix=10**5000)], NOW)
        items.store(conn, [a_raw_item("chiffres", title="Fête", prix=10)], NOW)
    steps.process(house)
    with house.database.begin() as conn:
        assert items.quarantined(conn) == []


def test_the_readings_beside_a_refused_one_are_saved_and_it_is_not_read_for_ever(
    conn: Connection,
) -> None:
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item(str(n)) for n in range(5)], NOW)
    readings = [a_mention(str(n)) for n in range(5)]
    readings[2] = replace(readings[2], where=Where(latitude=10**5000))
    saved = mentions.save(conn, readings, NOW, extractor="1")
    assert [one.key for one in saved] == ["0", "1", "3", "4"]
    (told,) = items.quarantined(conn)
    assert told.key == "2"
    assert "la base refuse la lecture" in told.why
    assert items.unread(conn, 9, extractor="1") == []
    assert len(items.unread(conn, 9, extractor="2")) == 5  # the next version tries again


def test_what_is_no_fault_of_a_row_is_raised_at_once(conn: Connection) -> None:
    tried = []

    def divide(rows: Sequence[int]) -> list[int]:
        return [conn.execute(text(f"select 6 / {n}")).scalar_one() for n in rows]

    assert apart(conn, [3, 2, 0, 1], divide) == ([[2, 3], [6]], [(0, "division by zero")])

    def wrong(rows: object) -> None:
        tried.append(rows)
        conn.execute(text("select * from nulle_part"))

    with pytest.raises(DBAPIError, match="nulle_part"):
        apart(conn, [1, 2, 3], wrong)
    assert tried == [[1, 2, 3]]


def test_a_poisoned_row_stops_neither_its_source_nor_the_others(
    database: Database, tmp_path: Path
) -> None:
    good = [{"id": n, "nom": f"Fête {n}"} for n in range(20)]
    bad = [{**one, "arbre": DEEP} if one["id"] == 7 else one for one in good]
    options = {"mapping": {"title": "nom", "description": "arbre"}, "items": "data", "key": "id"}

    async def run() -> dict[str, tuple[str, int]]:
        async with Web() as web:
            for path, rows in (("/gap", bad), ("/digne", good)):
                web.raw(path, answer(json.dumps({"data": rows})))
            known = [
                a_source(slug, kind="json_api", url=web.url(f"/{slug}"), options=options)
                for slug in ("gap", "digne")
            ]
            visits = await asyncio.to_thread(visiting.collect, house(database, tmp_path), known)
            return {one.source: (one.outcome.value, one.new) for one in visits}

    assert asyncio.run(run()) == {"gap": ("ok", 19), "digne": ("ok", 20)}
    with database.begin() as conn:
        (told,) = items.quarantined(conn)
    assert (told.source, told.key, told.payload["title"]) == ("gap", "7", "Fête 7")
