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

FORUM, FETE, RARE, AUTRE, K, L, M, X, Y, Z = range(1, 11)


def found(conn, mentions) -> list[list[int]]:
    """The holders of each key that is not theirs alone, nor too common."""
    sizes, who = blocking.holders(conn, mentions)
    some = iter(who.tolist())
    return sorted(sorted(next(some) for _ in range(size)) for size in sizes.tolist())


def written(conn, key: int) -> int:
    query = text("select count(*) from block_keys where key = :key")
    return conn.execute(query, {"key": key}).scalar_one()


def test_the_holders_of_shared_keys_are_told_key_after_key(conn):
    blocking.put(conn, {1: [FORUM], 2: [FORUM, X, Z], 3: [Y, Z]})
    assert found(conn, [2]) == [[1, 2], [2, 3]]
    assert found(conn, [1]) == [[1, 2]]
    assert found(conn, []) == []
    blocking.put(conn, {})


def test_keys_put_again_replace_the_former(conn):
    blocking.put(conn, {1: [K, L], 2: [K]})
    blocking.put(conn, {2: [M]})
    assert found(conn, [1, 2]) == []
    blocking.put(conn, {2: [L, L]})
    assert found(conn, [1, 2]) == [[1, 2]]


def test_a_key_too_common_says_nothing(conn):
    blocking.put(conn, {i: [FETE] for i in range(1, 101)})
    assert found(conn, [100]) == [[*range(1, 101)]]
    blocking.put(conn, {101: [FETE]})
    assert found(conn, [100, 101]) == []


def test_a_common_key_is_written_for_nobody_else(conn):
    blocking.put(conn, {i: [FETE] for i in range(1, 102)})
    blocking.holders(conn, [1])  # where it is found to be common
    blocking.put(conn, {i: [FETE, RARE] for i in (102, 103)})
    assert written(conn, FETE) == 101
    assert found(conn, [102]) == [[102, 103]]


def test_a_common_key_that_a_mention_lets_go_of_is_counted_again(conn):
    blocking.put(conn, {i: [FETE] for i in range(1, 102)})
    blocking.holders(conn, [1])
    blocking.put(conn, {50: [AUTRE]})
    assert [len(some) for some in found(conn, [100])] == [100]
    blocking.put(conn, {102: [FETE]})
    assert found(conn, [100, 102]) == []
    blocking.put(conn, {103: [FETE]})
    assert written(conn, FETE) == 101


def test_a_common_key_kept_by_those_read_again_stays_common(conn):
    blocking.put(conn, {i: [FETE] for i in range(1, 102)})
    blocking.holders(conn, [1])
    blocking.put(conn, {i: [FETE, AUTRE] for i in range(1, 102)})
    blocking.put(conn, {102: [FETE]})
    assert written(conn, FETE) == 101


def test_each_way_takes_one_statement(conn, statements):
    blocking.put(conn, {i: [K] for i in range(1, 7)})
    blocking.holders(conn, range(1, 7))
    assert len(statements) == 2


@settings(max_examples=30)
@given(st.lists(st.sets(st.integers(1, 8)), min_size=2, max_size=6))
def test_holders_are_those_of_a_plain_count(migrated, keys):
    mine = dict(enumerate(keys, start=1))
    with migrated.engine.connect() as conn:
        blocking.put(conn, mine)
        told = [[i for i in mine if key in mine[i]] for key in range(1, 9)]
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
