"""Keys that propose pairs: what mentions share, in a table, so that a new one costs the same
whatever is stored (docs/decisions/0260).
"""

from collections.abc import Collection, Mapping
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from storage.rows import array_of

CAP = 100
"""A key that more mentions hold says nothing of any of them (`matching.block.CAP`)."""

Ints = NDArray[np.int64]


# A common key is written for no more mentions, and no longer read for those that come: it keeps
# those that held it first. When one of these lets go of it, it is counted again. Whoever puts the
# keys of a mention holds its row: without « on conflict », a row costs a third less.
_PUT = text(
    """
    with given as materialized (
        select key, mention from unnest(cast(:keys as bigint[]), cast(:mentions as bigint[]))
            as told(key, mention)
    ), held as materialized (
        select key, mention from block_keys where mention = any(cast(:ids as bigint[]))
    ), gone as (
        delete from block_keys b using (table held except table given) old
        where b.key = old.key and b.mention = old.mention
        returning b.key
    ), rarer as (
        delete from common_keys where key in (select key from gone)
    )
    insert into block_keys (key, mention)
    select key, mention from given g
    where not exists (select from common_keys c where c.key = g.key)
    and not exists (select from held h where h.key = g.key and h.mention = g.mention)
    order by key, mention
    """
)


def put(conn: Connection, keys: Mapping[int, Collection[int]]) -> None:
    """These are the blocking keys of these mentions from now on (mention id → keys, numbers of 64
    bits)."""
    if not keys:
        return
    conn.execute(_PUT, _told(keys))


def _told(keys: Mapping[int, Collection[int]]) -> Mapping[str, object]:
    found = {mention: {*some} for mention, some in keys.items()}
    mentions = chain.from_iterable(repeat(one, len(some)) for one, some in found.items())
    told = {"keys": chain(*found.values()), "mentions": mentions, "ids": found}
    return {name: array_of(some) for name, some in told.items()}


_STALE = text(
    """
    with given as materialized (
        select key, mention from unnest(cast(:keys as bigint[]), cast(:mentions as bigint[]))
            as told(key, mention)
    ), held as materialized (
        select key, mention from block_keys where mention = any(cast(:ids as bigint[]))
    )
    select mention from (table held except table given) gone
    union
    select mention from (table given except table held) lacking
    where not exists (select from common_keys c where c.key = lacking.key)
    """
)


def lost(conn: Connection) -> bool:
    """Whether keys are missing: this table is written without a log (decision 0300), so PostgreSQL
    empties it when it crashed, and an upgrade does too. One row, of no mention, says it is whole.
    """
    there = text("select exists (select from block_keys where key = 0 and mention = 0)")
    return not conn.execute(there).scalar_one()


def hold(conn: Connection) -> None:
    """Whoever writes keys waits until the end of this transaction, and is waited for."""
    conn.execute(text("lock table block_keys in share row exclusive mode"))


def whole(conn: Connection) -> None:
    """Every key is there again."""
    conn.execute(text("insert into block_keys (key, mention) values (0, 0) on conflict do nothing"))


def stale(conn: Connection, keys: Mapping[int, Collection[int]]) -> set[int]:
    """Which of these mentions were written other keys than these (mention id → keys)."""
    return set(conn.execute(_STALE, _told(keys)).scalars())


# Of each key, at most cap + 1 mentions are read: a key of a million costs as much as one of a
# hundred, once, and is then known to be common. Ids come as bytes: nothing is spelt nor parsed.
_HOLDERS = text(
    """
    with mine as materialized (
        select distinct key from block_keys where mention = any(cast(:ids as bigint[]))
    ), held as materialized (
        select mine.key, told.holders, told.mentions
        from mine cross join lateral (
            select count(*) as holders, string_agg(int8send(mention), '') as mentions
            from (select mention from block_keys where key = mine.key limit :cap + 1) those
        ) told
    ), noted as (
        insert into common_keys (key) select key from held where holders > :cap
        on conflict do nothing
    )
    select mentions from held where holders between 2 and :cap
    """
)


def holders(conn: Connection, mentions: Collection[int]) -> tuple[Ints, Ints]:
    """Who else holds the keys of these mentions: how many hold each key, and who, key after key
    (themselves included). Keys that nobody else holds, or too many, are left out; the latter are
    noted, so as to be neither written nor read again.
    """
    found = conn.execute(_HOLDERS, {"ids": array_of(mentions), "cap": CAP}).scalars().all()
    sizes = np.array([len(some) // 8 for some in found], dtype=np.int64)
    return sizes, np.frombuffer(b"".join(found), dtype=">i8").astype(np.int64)
