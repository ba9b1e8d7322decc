"""The blocking keys of announcements: written when they are read, computed again when they must."""

import logging
from collections.abc import Sequence

from domain.records import Mention
from flows.house import House
from matching.keys import keys_of
from storage import blocking, mentions
from storage.db import Connection

log = logging.getLogger(__name__)

AT_ONCE = 1_000  # announcements whose keys are read at once


def put(conn: Connection, some: Sequence[Mention]) -> None:
    """Store the keys of these announcements."""
    for start in range(0, len(some), AT_ONCE):
        blocking.put(conn, _of(some[start : start + AT_ONCE]))


def stale(conn: Connection, everyone: Sequence[Mention]) -> list[Mention]:
    """Those that were stored with other keys, by an older way of writing them."""
    found: set[int] = set()
    for start in range(0, len(everyone), AT_ONCE):
        found |= blocking.stale(conn, _of(everyone[start : start + AT_ONCE]))
    return [one for one in everyone if one.id in found]


def restore(house: House) -> None:
    """Keys that are not there, since PostgreSQL crashed or paat was upgraded, are computed again:
    without them no twin would be found, and nothing would say so (docs/decisions/0300)."""
    with house.database.begin() as conn:
        if not blocking.lost(conn):
            return
        blocking.hold(conn)
        some = mentions.after(conn, 0, AT_ONCE)
        if some:
            log.warning("blocking keys are missing (a crash, or an upgrade); computing them again")
        while some:
            put(conn, some)
            some = mentions.after(conn, some[-1].id, AT_ONCE)
        blocking.whole(conn)


def _of(some: Sequence[Mention]) -> dict[int, list[int]]:
    return dict(zip((one.id for one in some), keys_of(some), strict=True))
