"""Announcements as collected: append-only revisions, and those nobody could read."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Text,
    and_,
    case,
    func,
    insert,
    literal_column,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from domain.addresses import address_of
from domain.identity import likeness_mark
from domain.noise import text_sha256
from domain.records import Quarantined, RawItem, Source
from storage import persons, tables
from storage.codec import decode, encode, safe
from storage.isolating import apart, writable
from storage.rows import table_of

_i, _r, _q, _s = tables.items, tables.raw_items, tables.quarantine, tables.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """How many announcements were new, had changed, or were as known.

    `noise`: among those as known, how many differ only by what changes by itself (domain.noise).
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    noise: int = 0

    def __add__(self, other: "Stored") -> "Stored":
        return Stored(
            new=self.new + other.new,
            changed=self.changed + other.changed,
            unchanged=self.unchanged + other.unchanged,
            noise=self.noise + other.noise,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """The latest revision of an announcement that no mention reflects yet."""

    id: int  # that of its mention
    revision: int
    item: RawItem
    source: Source
    seen_at: datetime


def key_hash(key: str) -> bytes:
    """32 bytes standing for a key of any length."""
    return hashlib.sha256(safe(key).encode()).digest()


def store(conn: Connection, items: Sequence[RawItem], now: datetime) -> Stored:
    """Keep what is new or changed as a revision; of the rest, only that it was seen again.

    Of several items with one key the last counts. Seven statements per thousand items. One that
    PostgreSQL refuses is put aside with its reason, and the others are kept.
    """
    kept, refused = apart(conn, items, lambda some: _store(conn, some, now))
    quarantine(conn, [_aside(one, why) for one, why in refused], now)
    return sum(kept, Stored())


def _aside(item: RawItem, why: str) -> Quarantined:
    told = f"la base refuse cette annonce ({why}) ; corrigez-la chez sa source"
    return Quarantined(
        source=item.source, key=item.key, why=told, payload=writable({**item.fields})
    )


def _store(conn: Connection, items: Sequence[RawItem], now: datetime) -> Stored:
    given = {(o.source, key_hash(o.key)): o for o in persons.without_forgotten(conn, items)}
    if not given:
        return Stored()
    there = _see(conn, given, now)
    new = [pair for pair in given if there[pair].fresh]
    differ = [
        pair
        for pair, one in given.items()
        if not there[pair].fresh and there[pair].content != one.content_sha256
    ]
    said = _said(conn, [there[pair].id for pair in differ])
    changed = [p for p in differ if said.get(there[p].id) != text_sha256(given[p].fields)]
    if differ:
        _renew(conn, [(there[p].id, given[p], p in set(changed)) for p in differ])
    revisions = [(given[p], there[p].id, 1) for p in new]
    revisions += [(given[p], there[p].id, there[p].revision + 1) for p in changed]
    if revisions:
        conn.execute(insert(_r), [_revision(*one, now) for one in revisions])
    return Stored(
        new=len(new),
        changed=len(changed),
        unchanged=len(given) - len(revisions),
        noise=len(differ) - len(changed),
    )


def _said(conn: Connection, ids: list[int]) -> dict[int, str]:
    """What the latest revision of each says, apart from what changes by itself."""
    if not ids:
        return {}
    query = select(_r.c.item, _r.c.fields).join(
        _i, and_(_i.c.id == _r.c.item, _i.c.revision == _r.c.revision)
    )
    rows = conn.execute(query.where(_i.c.id == func.any(ids)))
    return {row.item: text_sha256(row.fields) for row in rows}


def _renew(conn: Connection, differ: Sequence[tuple[int, RawItem, bool]]) -> None:
    """The content last seen of each; what says another thing is a new revision, to be read."""
    rows = [
        {"id": identity, "content": one.content_sha256, "news": news, **marks(one)}
        for identity, one, news in differ
    ]
    given = table_of(
        rows, id=BigInteger, content=Text, news=Boolean, address_mark=Text, likeness_mark=Text
    )
    read_as = case((given.c.news, ""), else_=_i.c.read_as)
    conn.execute(
        update(_i)
        .where(_i.c.id == given.c.id)
        .values(
            revision=_i.c.revision + case((given.c.news, 1), else_=0),
            content_sha256=given.c.content,
            read_as=read_as,
            address_mark=given.c.address_mark,
            likeness_mark=given.c.likeness_mark,
        )
    )


def marks(item: RawItem) -> dict[str, str | None]:
    """By what an announcement is found again under another identifier."""
    address = address_of(item.url)
    return {
        "address_mark": address.mark if address else None,
        "likeness_mark": likeness_mark(item),
    }


@dataclass(frozen=True, slots=True)
class _There:
    id: int
    revision: int
    content: str
    fresh: bool


def _see(
    conn: Connection, given: dict[tuple[str, bytes], RawItem], now: datetime
) -> dict[tuple[str, bytes], _There]:
    """Insert the identities not there yet, touch the others; what was stored before for each."""
    # In one order everywhere: two collectors of the same source cannot deadlock.
    rows = [
        {
            "source": pair[0],
            "key": safe(given[pair].key),
            "key_hash": pair[1],
            "content_sha256": given[pair].content_sha256,
            **marks(given[pair]),
            "first_seen_at": now,
            "last_seen_at": now,
        }
        for pair in sorted(given)
    ]
    new = upsert(_i)
    statement = new.on_conflict_do_update(
        index_elements=[_i.c.source, _i.c.key_hash],
        set_={"last_seen_at": new.excluded.last_seen_at},
    ).returning(
        *(_i.c.id, _i.c.source, _i.c.key_hash, _i.c.revision, _i.c.content_sha256),
        literal_column("items.xmax = 0", Boolean).label("fresh"),
    )
    return {
        (row.source, bytes(row.key_hash)): _There(
            row.id, row.revision, row.content_sha256, row.fresh
        )
        for row in conn.execute(statement, rows)
    }


def _revision(item: RawItem, identity: int, revision: int, now: datetime) -> dict[str, object]:
    return {
        "item": identity,
        "revision": revision,
        "content_sha256": item.content_sha256,
        "url": None if item.url is None else safe(item.url),
        "fields": encode(item.fields),
        # In UTC as it will be read back: an instant beyond year 9999 there is refused here.
        "published_at": item.published_at and item.published_at.astimezone(UTC),
        "leftovers": [safe(one) for one in item.leftovers],
        "seen_at": now,
    }


# --- reading ---------------------------------------------------------------------------------


def unread(
    conn: Connection, limit: int, *, extractor: str, sources: Collection[str] | None = None
) -> list[Unread]:
    """Announcements this version of the extractor has not read, claimed until the transaction ends.

    Another worker gets the next ones. `mentions.save` or `quarantine` makes them read.
    """
    # Two ranges, not <>, so that the index on read_as serves.
    todo = or_(_i.c.read_as < extractor, _i.c.read_as > extractor)
    query = (
        select(_i.c.id, _i.c.key, _r, _s.c.record)
        .join(_r, and_(_r.c.item == _i.c.id, _r.c.revision == _i.c.revision))
        .join(_s, _s.c.slug == _i.c.source)
        .where(todo)
        .order_by(_i.c.id)
        .limit(limit)
        .with_for_update(of=_i, skip_locked=True)
    )
    if sources is not None:
        query = query.where(_i.c.source.in_(sources))
    return [
        Unread(
            id=row.id,
            revision=row.revision,
            item=RawItem(
                source=row.record["slug"],
                key=row.key,
                url=row.url,
                fields=row.fields,
                published_at=row.published_at,
                leftovers=tuple(row.leftovers),
            ),
            source=decode(Source, row.record),
            seen_at=row.seen_at,
        )
        for row in conn.execute(query)
    ]


def revisions(conn: Connection, source: str, key: str) -> list[RawItem]:
    """Every content one announcement has had, oldest first."""
    query = select(_r).join(_i, _i.c.id == _r.c.item).order_by(_r.c.revision)
    query = query.where(_i.c.source == source, _i.c.key_hash == key_hash(key))
    return [
        RawItem(
            source=source,
            key=key,
            url=row.url,
            fields=row.fields,
            published_at=row.published_at,
            leftovers=tuple(row.leftovers),
        )
        for row in conn.execute(query)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """An announcement as it stands: its latest revision and when it was seen."""

    id: int
    item: RawItem
    seen_at: datetime


def current(conn: Connection, source: str) -> dict[str, Current]:
    """The latest revision of every announcement of a source, by key."""
    query = (
        select(_i.c.id, _i.c.key, _r)
        .join(_r, and_(_r.c.item == _i.c.id, _r.c.revision == _i.c.revision))
        .where(_i.c.source == source)
        .order_by(_i.c.id)
    )
    return {
        row.key: Current(
            id=row.id,
            seen_at=row.seen_at,
            item=RawItem(
                source=source,
                key=row.key,
                url=row.url,
                fields=row.fields,
                published_at=row.published_at,
                leftovers=tuple(row.leftovers),
            ),
        )
        for row in conn.execute(query)
    }


def read_again(conn: Connection, ids: Collection[int]) -> None:
    """Have these announcements read anew by the next passage."""
    conn.execute(update(_i).where(_i.c.id == func.any(list(ids))).values(read_as=""))


def titles(conn: Connection, source: str) -> dict[str, str]:
    """The title its latest revision gives each announcement of a source, by key."""
    query = (
        select(_i.c.key, _r.c.fields["title"].astext)
        .join(_r, and_(_r.c.item == _i.c.id, _r.c.revision == _i.c.revision))
        .where(_i.c.source == source)
    )
    return {key: title or "" for key, title in conn.execute(query)}


# --- what could not be read ------------------------------------------------------------------


def quarantine(
    conn: Connection, items: Iterable[Quarantined], now: datetime, *, extractor: str = ""
) -> None:
    """Put aside what could not be read, with its payload and the reason.

    With `extractor`, the stored announcement counts as read by that version: the next version
    tries again. `mentions.save` releases what could be read after all.
    """
    given = {(one.source, key_hash(one.key)): one for one in items}
    if not given:
        return
    rows = [
        {
            "source": pair[0],
            "key": safe(given[pair].key),
            "key_hash": pair[1],
            "why": safe(given[pair].why),
            "payload": encode(given[pair].payload),
            "first_at": now,
            "last_at": now,
        }
        for pair in sorted(given)
    ]
    new = upsert(_q)
    statement = new.on_conflict_do_update(
        index_elements=[_q.c.source, _q.c.key_hash],
        index_where=_q.c.released_at.is_(None),
        set_={
            "why": new.excluded.why,
            "payload": new.excluded.payload,
            "last_at": new.excluded.last_at,
            "attempts": _q.c.attempts + 1,
        },
    )
    conn.execute(statement, rows)
    if extractor:
        pairs = tuple_(_i.c.source, _i.c.key_hash).in_(list(given))
        conn.execute(update(_i).where(pairs).values(read_as=extractor))


def quarantined(
    conn: Connection, source: str | None = None, *, limit: int = 1000
) -> list[Quarantined]:
    """What is aside now, the latest first, of one source or of all."""
    query = select(_q).where(_q.c.released_at.is_(None))
    if source is not None:
        query = query.where(_q.c.source == source)
    query = query.order_by(_q.c.last_at.desc(), _q.c.id.desc()).limit(limit)
    return [
        Quarantined(source=row.source, key=row.key, why=row.why, payload=row.payload)
        for row in conn.execute(query)
    ]
