"""Who holds which key: what the table gives back, and what it no longer writes."""

import time
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from flows import keys
from storage import blocking
from tests import disturbed
from tests.builders import a_mention, stored_mentions


def found(conn, mentions) -> list[list[int]]:
    """The holders of each key that is not theirs alone, nor too common."""
    sizes, who = blocking.holders(conn, mentions)
    some = iter(who.tolist())
    return sorted(sorted(next(some) for _ in range(size)) for size in sizes.tolist())


def written(conn, key: str) -> int:
    query = text("select count(*) from block_keys where key = :key")
    return conn.execute(query, {"key": blocking.number(key)}).scalar_one()


def test_the_holders_of_shared_keys_are_told_key_after_key(conn):
    blocking.put(conn, {1: ["05061|forum"], 2: ["05061|forum", "x", "z"], 3: ["y", "z"]})
    assert found(conn, [2]) == [[1, 2], [2, 3]]
    assert found(conn, [1]) == [[1, 2]]
    assert found(conn, []) == []
    blocking.put(conn, {})


def test_keys_put_again_replace_the_former(conn):
    blocking.put(conn, {1: ["k", "l"], 2: ["k"]})
    blocking.put(conn, {2: ["m"]})
    assert found(conn, [1, 2]) == []
    blocking.put(conn, {2: ["l", "l"]})
    assert found(conn, [1, 2]) == [[1, 2]]


def test_a_key_too_common_says_nothing(conn):
    blocking.put(conn, {i: ["fete"] for i in range(1, 101)})
    assert found(conn, [100]) == [[*range(1, 101)]]
    blocking.put(conn, {101: ["fete"]})
    assert found(conn, [100, 101]) == []


def test_a_common_key_is_written_for_nobody_else(conn):
    blocking.put(conn, {i: ["fete"] for i in range(1, 102)})
    blocking.holders(conn, [1])  # where it is found to be common
    blocking.put(conn, {i: ["fete", "rare"] for i in (102, 103)})
    assert written(conn, "fete") == 101
    assert found(conn, [102]) == [[102, 103]]


def test_a_common_key_that_a_mention_lets_go_of_is_counted_again(conn):
    blocking.put(conn, {i: ["fete"] for i in range(1, 102)})
    blocking.holders(conn, [1])
    blocking.put(conn, {50: ["autre"]})
    assert [len(some) for some in found(conn, [100])] == [100]
    blocking.put(conn, {102: ["fete"]})
    assert found(conn, [100, 102]) == []
    blocking.put(conn, {103: ["fete"]})
    assert written(conn, "fete") == 101


def test_a_common_key_kept_by_those_read_again_stays_common(conn):
    blocking.put(conn, {i: ["fete"] for i in range(1, 102)})
    blocking.holders(conn, [1])
    blocking.put(conn, {i: ["fete", "autre"] for i in range(1, 102)})
    blocking.put(conn, {102: ["fete"]})
    assert written(conn, "fete") == 101


def test_each_way_takes_one_statement(conn, statements):
    blocking.put(conn, {i: ["k"] for i in range(1, 7)})
    blocking.holders(conn, range(1, 7))
    assert len(statements) == 2


@settings(max_examples=30)
@given(st.lists(st.sets(st.sampled_from("abcdefgh")), min_size=2, max_size=6))
def test_holders_are_those_of_a_plain_count(migrated, keys):
    mine = dict(enumerate(keys, start=1))
    with migrated.engine.connect() as conn:
        blocking.put(conn, mine)
        told = [[i for i in mine if letter in mine[i]] for letter in "abcdefgh"]
        assert found(conn, list(mine)) == sorted(some for some in told if len(some) > 1)
        conn.rollback()


def test_keys_that_are_restored_wait_for_those_being_written(database, tmp_path):
    with database.begin() as conn:
        saved = stored_mentions(conn, [a_mention()])
        conn.execute(text("truncate block_keys"))
    with ThreadPoolExecutor(1) as hand:
        with database.begin() as conn:
            keys.put(conn, saved)
            restored = hand.submit(keys.restore, disturbed.house(database, tmp_path))
            waiting = text("select exists (select from pg_locks where not granted)")
            while not conn.execute(waiting).scalar_one():
                assert not restored.done()
                time.sleep(0.01)
        restored.result()
    with database.begin() as conn:
        assert not blocking.lost(conn)
        assert not keys.stale(conn, saved)
