"""Documents that killed their reader are remembered by version, and let go when they change."""

from domain.records import Quarantined
from storage import aside, items, sources
from storage.db import Connection
from tests.builders import NOW, a_raw_item, a_source, later


def put_aside(conn: Connection, sha256: str, version: str = "v1", url: str = "u") -> None:
    payload = {"sha256": sha256, "url": url, "version": version}
    key = f"{aside.DOCUMENT}{sha256}"
    items.quarantine(conn, [Quarantined(source="gap", key=key, why="long", payload=payload)], NOW)


def test_a_document_is_remembered_while_paat_is_the_same(conn: Connection) -> None:
    sources.register(conn, [a_source(), a_source("digne")])
    put_aside(conn, "aa")
    assert aside.poison(conn, ["gap"], "v1") == {"aa": "long"}
    assert aside.poison(conn, ["gap"], "v2") == {}
    assert aside.poison(conn, ["digne"], "v1") == {}


def test_a_document_is_let_go_when_its_address_answers_something_else(conn: Connection) -> None:
    sources.register(conn, [a_source()])
    put_aside(conn, "aa", url="u")
    put_aside(conn, "bb", url="v")
    same = {"u": "aa", "v": "bb"}
    assert aside.release_changed(conn, "gap", NOW, digests=same, poison=()) == 0
    assert aside.release_changed(conn, "gap", NOW, digests={"u": "cc"}, poison=()) == 1
    assert [one.key for one in aside.everything(conn, "gap")] == ["document:bb"]
    assert aside.everything(conn, "gap")[0].document


def test_what_is_aside_is_listed_with_its_history_and_can_be_tried_again(
    conn: Connection,
) -> None:
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item("1")], NOW)
    bad = Quarantined(source="gap", key="1", why="date impossible", payload={"x": 1})
    items.quarantine(conn, [bad], NOW, extractor="1")
    items.quarantine(conn, [bad], later(hours=1), extractor="1")
    (one,) = aside.everything(conn)
    assert (one.attempts, one.first_at, one.last_at) == (2, NOW, later(hours=1))
    assert (one.stored, one.document, one.payload) == (True, False, {"x": 1})
    assert items.unread(conn, 5, extractor="1") == []
    assert (aside.retry(conn, "digne"), aside.retry(conn)) == (0, 1)
    assert [u.item.key for u in items.unread(conn, 5, extractor="1")] == ["1"]
    assert aside.release(conn, "gap", ["1"], NOW) == 1
    assert aside.everything(conn) == []
