"""Announcements found again: by their identifier, by one they had before, by what they look like.

What this gives, `collectors.identity` judges; nothing is decided here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, union
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import ColumnElement

from domain.addresses import address_of
from domain.records import RawItem
from storage import tables
from storage.items import key_hash, marks

_i, _r, _a = tables.items, tables.raw_items, tables.item_aliases

MOST = 20_000  # announcements compared with one visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A stored announcement, as an entry of a new visit is compared with it."""

    id: int
    key: str
    url: str | None
    title: str
    start: str
    published_at: datetime | None
    likeness_mark: str | None
    content_sha256: str


def by_keys(conn: Connection, source: str, keys: Collection[str]) -> dict[str, Known]:
    """key → the announcement of that source it leads to: its own key, or one it had before."""
    hashes = {key_hash(key): key for key in keys}
    own = select(_i.c.key_hash, _i.c.id).where(_i.c.source == source)
    other = select(_a.c.key_hash, _a.c.item.label("id")).where(_a.c.source == source)
    found = {}
    for query in (other, own):  # its own key wins
        table = query.selected_columns
        rows = conn.execute(query.where(table.key_hash == func.any(list(hashes))))
        found.update({hashes[bytes(row.key_hash)]: row.id for row in rows})
    known = {one.id: one for one in _known(conn, _i.c.id == func.any(list(found.values())))}
    return {key: known[identity] for key, identity in found.items()}


def alike(conn: Connection, source: str, items: Collection[RawItem]) -> list[Known]:
    """The announcements of that source at the same paths, or saying the same title and date.

    At most MOST: past it identity is told by keys alone.
    """
    given = [marks(one) for one in items]
    paths = {one["address_mark"] for one in given}
    # A key may be an address too: it moves with its site.
    paths |= {found.mark for one in items if (found := address_of(one.key))}
    likes = {one["likeness_mark"] for one in given}
    wanted = union(
        *(
            select(_i.c.id).where(
                _i.c.source == source, column == func.any(list(filter(None, some)))
            )
            for column, some in (
                (_i.c.address_mark, paths),
                (_i.c.likeness_mark, likes),
            )
        )
    ).limit(MOST)
    return _known(conn, _i.c.id.in_(wanted))


def _known(conn: Connection, which: ColumnElement[bool]) -> list[Known]:
    query = (
        select(
            *(_i.c.id, _i.c.key, _i.c.likeness_mark, _i.c.content_sha256),
            *(_r.c.url, _r.c.published_at),
            func.coalesce(_r.c.fields["title"].astext, "").label("title"),
            func.coalesce(_r.c.fields["start"].astext, "").label("start"),
        )
        .join(_r, and_(_r.c.item == _i.c.id, _r.c.revision == _i.c.revision))
        .where(which)
    )
    return [Known(**row) for row in conn.execute(query).mappings()]


def remember(conn: Connection, source: str, aliases: Mapping[str, str], now: datetime) -> None:
    """Other identifiers of known announcements: identifier → the key it is stored under."""
    known = by_keys(conn, source, set(aliases.values()))
    rows = [
        {"source": source, "key_hash": key_hash(other), "item": known[key].id, "seen_at": now}
        for other, key in sorted(aliases.items())
        if key in known
    ]
    if rows:
        new = upsert(_a)
        set_ = {"item": new.excluded.item, "seen_at": new.excluded.seen_at}
        conn.execute(
            new.on_conflict_do_update(index_elements=["source", "key_hash"], set_=set_), rows
        )
