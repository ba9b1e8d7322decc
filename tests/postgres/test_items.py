import threading

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.records import Quarantined
from storage import items, mentions, sources
from storage.items import Stored
from tests.builders import NOW, a_mention, a_raw_item, a_source, later


def test_new_changed_and_unchanged_are_told_apart(conn):
    sources.register(conn, [a_source()])
    first = [a_raw_item("1"), a_raw_item("2"), a_raw_item("3")]
    assert items.store(conn, first, NOW) == Stored(new=3)
    again = [a_raw_item("1"), a_raw_item("2", title="Autre titre"), a_raw_item("4")]
    assert items.store(conn, again, later(hours=1)) == Stored(new=1, changed=1, unchanged=1)
    titles = [one.fields["title"] for one in items.revisions(conn, "gap", "2")]
    assert titles == ["Annonce 2", "Autre titre"]
    assert items.store(conn, [], NOW) == Stored()


def test_the_raw_item_reads_back_as_it_came(conn):
    sources.register(conn, [a_source()])
    item = a_raw_item(
        "k" * 9000, text="Été à l’île 🏃", lat=44.5, timings=[{"start": "2027-06-05"}]
    )
    items.store(conn, [item], NOW)
    [unread] = items.unread(conn, 10, extractor="1")
    assert (unread.item, unread.source, unread.seen_at) == (item, a_source(), NOW)


def test_what_postgresql_refuses_is_replaced_and_nothing_else_lost(conn):
    sources.register(conn, [a_source()])
    item = a_raw_item("a\x00b", text="x\x00y\ud800z", lat=float("nan"), url="https://x/\x00")
    items.store(conn, [item], NOW)
    [unread] = items.unread(conn, 10, extractor="1")
    assert unread.item.fields["text"] == "x\ufffdy\ufffdz"
    assert unread.item.fields["lat"] is None
    assert items.store(conn, [item], NOW) == Stored(unchanged=1)


def test_one_key_twice_in_a_batch_is_one_announcement_the_last(conn):
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item("1", title="a"), a_raw_item("1", title="b")], NOW)
    assert [one.fields["title"] for one in items.revisions(conn, "gap", "1")] == ["b"]


def test_storing_takes_a_constant_number_of_statements(conn, statements):
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item(str(n)) for n in range(500)], NOW)
    statements.clear()
    batch = [a_raw_item(str(n), title=f"v{n % 2}") for n in range(600)]
    items.store(conn, batch, NOW)
    assert len(statements) <= 7  # a savepoint around; one reads who asked to be forgotten


def test_an_announcement_is_unread_until_read_by_this_version(conn):
    sources.register(conn, [a_source(), a_source("digne")])
    items.store(conn, [a_raw_item("1"), a_raw_item("2"), a_raw_item("1", "digne")], NOW)
    assert len(items.unread(conn, 10, extractor="1")) == 3
    assert len(items.unread(conn, 2, extractor="1")) == 2
    assert len(items.unread(conn, 9, extractor="1", sources=["digne"])) == 1
    read = [a_mention("1"), a_mention("2"), a_mention("1", "digne")]
    mentions.save(conn, read, NOW, extractor="1")
    assert items.unread(conn, 10, extractor="1") == []
    assert len(items.unread(conn, 10, extractor="2")) == 3
    items.store(conn, [a_raw_item("2", title="changé")], NOW)
    assert [one.item.key for one in items.unread(conn, 10, extractor="1")] == ["2"]


def test_two_workers_read_different_announcements(database):
    with database.begin() as conn:
        sources.register(conn, [a_source()])
        items.store(conn, [a_raw_item(str(n)) for n in range(6)], NOW)
    with database.begin() as one, database.begin() as two:
        mine = {u.id for u in items.unread(one, 3, extractor="1")}
        theirs = {u.id for u in items.unread(two, 10, extractor="1")}
    assert (len(mine), len(theirs), mine & theirs) == (3, 3, set())


def test_two_collectors_of_one_source_store_it_once(database):
    with database.begin() as conn:
        sources.register(conn, [a_source()])
    told = []

    def collect(order):
        with database.begin() as conn:
            told.append(items.store(conn, [a_raw_item(str(n)) for n in order], NOW))

    orders = (range(200), reversed(range(200)))
    threads = [threading.Thread(target=collect, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one.new for one in told) == 200
    assert sum(one.unchanged for one in told) == 200
    with database.begin() as conn:
        assert conn.execute(text("select count(*) from raw_items")).scalar_one() == 200


def test_what_cannot_be_read_is_kept_aside_until_it_can(conn):
    sources.register(conn, [a_source()])
    items.store(conn, [a_raw_item("1"), a_raw_item("2")], NOW)
    bad = Quarantined(source="gap", key="1", why="date impossible", payload={"x": "\x00"})
    items.quarantine(conn, [bad], NOW, extractor="1")
    items.quarantine(conn, [bad], later(hours=1), extractor="1")
    [aside] = items.quarantined(conn, "gap")
    assert (aside.why, aside.payload) == ("date impossible", {"x": "\ufffd"})
    assert conn.execute(text("select attempts from quarantine")).scalar_one() == 2
    assert [one.item.key for one in items.unread(conn, 9, extractor="1")] == ["2"]
    assert len(items.unread(conn, 9, extractor="2")) == 2  # the next version tries again
    mentions.save(conn, [a_mention("1")], NOW, extractor="2")
    assert items.quarantined(conn) == []
    items.quarantine(conn, [], NOW)


def test_an_unparsed_item_is_kept_aside_without_an_announcement(conn):
    sources.register(conn, [a_source()])
    items.quarantine(conn, [Quarantined(source="gap", key="?", why="illisible")], NOW)
    assert [one.key for one in items.quarantined(conn)] == ["?"]


@settings(max_examples=25)
@given(st.lists(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2)), max_size=4)))
def test_revisions_are_the_successive_contents_of_each_key(migrated, batches):
    with migrated.engine.connect() as conn:
        sources.register(conn, [a_source()])
        told: dict[str, list[int]] = {}
        for batch in batches:
            items.store(conn, [a_raw_item(key, n=n) for key, n in batch], NOW)
            for key, n in dict(batch).items():
                if told.setdefault(key, [])[-1:] != [n]:
                    told[key].append(n)
        for key, contents in told.items():
            assert [r.fields["n"] for r in items.revisions(conn, "gap", key)] == contents
        conn.rollback()
