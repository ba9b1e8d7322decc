"""Announcements as read. One mention per announcement; its id never changes."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import (
    Connection,
    LargeBinary,
    Select,
    Text,
    and_,
    cast,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.changes import DECISIVE, changes
from domain.errors import Conflict
from domain.records import Json, Mention, Quarantined
from domain.statuses import InitiativeStatus
from domain.text import fold
from storage import changes as history
from storage import tables
from storage.codec import decode, encode, plain, safe
from storage.isolating import apart
from storage.items import key_hash, quarantine
from storage.rows import columns_of, table_of

_m, _u, _i, _q = tables.mentions, tables.unmatched, tables.items, tables.quarantine
_p, _n = tables.placements, tables.initiatives

_MATCHED_ON = frozenset(
    ("title", "text", "url", "ticket", "links", "when", "where", "who", "status", "publisher")
)
"""What matching reads: a change there sends the mention back to matching."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A mention and what became of it: « why is my event not there? »."""

    mention: Mention
    initiative: str | None = None  # where it is now; None = still to be matched
    status: InitiativeStatus | None = None


def save(
    conn: Connection, mentions: Sequence[Mention], now: datetime, *, extractor: str
) -> list[Mention]:
    """Keep these readings and give them back with their ids, in the same order.

    Only what changed is written. What it changes for others is made visible as work to do: the
    mention returns to matching, its initiative to the computation of its values, and a registered
    initiative to review when both its source and our reading of it changed. A rejected one stays
    rejected. Raises Conflict for a mention whose raw item was never stored. One that PostgreSQL
    refuses is put aside with its reason, and left out.
    """
    if not mentions:
        return []
    saved, refused = apart(conn, mentions, lambda some: _save(conn, some, now, extractor))
    quarantine(conn, [_aside(one, why) for one, why in refused], now, extractor=extractor)
    return [one for some in saved for one in some]


def _aside(mention: Mention, why: str) -> Quarantined:
    told = f"la base refuse la lecture de cette annonce ({why}) ; signalez-la"
    payload = {"title": mention.title, "url": mention.url, "text": mention.text[:10_000]}
    return Quarantined(source=mention.source, key=mention.key, why=told, payload=payload)


def _save(
    conn: Connection, mentions: Sequence[Mention], now: datetime, extractor: str
) -> list[Mention]:
    identities = _identities(conn, mentions)
    placed = [replace(one, id=identities[one.source, key_hash(one.key)][0]) for one in mentions]
    revisions = {identity: revision for identity, revision in identities.values()}
    before = _before(conn, list(revisions))
    after = {one.id: _record(one, again=one.id in before) for one in placed}
    changed = {i: r for i, r in after.items() if i not in before or before[i][1] != r}
    _write(conn, placed, changed, revisions, now)
    known = {i for i in changed if i in before}
    moved = {i for i in known if _part(before[i][1], _MATCHED_ON) != _part(after[i], _MATCHED_ON)}
    _wait(conn, moved | (changed.keys() - known))
    now_read = {one.id: one for one in placed}
    told = {i: changes(mention_of(i, before[i][1]), now_read[i]) for i in sorted(known)}
    reopened = {i for i in moved if before[i][0] != revisions[i] and told[i].keys() & DECISIVE}
    history.add(conn, told, now, revisions=revisions, reopens=reopened, extractor=extractor)
    _spread(conn, known, reopened, now)
    _mark_read(conn, list(revisions), extractor, now)
    return placed


def _identities(
    conn: Connection, mentions: Sequence[Mention]
) -> dict[tuple[str, bytes], tuple[int, int]]:
    """(source, key) → (id, latest revision)."""
    wanted = {(one.source, key_hash(one.key)): one for one in mentions}
    slugs, hashes = zip(*wanted, strict=True)
    given = func.unnest(
        type_coerce(list(slugs), ARRAY(Text)), type_coerce(list(hashes), ARRAY(LargeBinary))
    ).table_valued("source", "key_hash")
    these = given.render_derived(name="given")
    query = select(_i.c.id, _i.c.source, _i.c.key_hash, _i.c.revision).join(
        these, and_(_i.c.source == these.c.source, _i.c.key_hash == these.c.key_hash)
    )
    query = query.order_by(_i.c.id).with_for_update(of=_i)
    found = {
        (row.source, bytes(row.key_hash)): (row.id, row.revision) for row in conn.execute(query)
    }
    for pair in wanted.keys() - found.keys():
        raise Conflict(
            "a mention of an announcement that is not stored; store its raw item first",
            about=f"{pair[0]}/{wanted[pair].key[:200]}",
        )
    return found


def _before(conn: Connection, ids: list[int]) -> dict[int, tuple[int, Json]]:
    query = select(_m.c.id, _m.c.revision, _m.c.record).where(_m.c.id == func.any(ids))
    return {row.id: (row.revision, row.record) for row in conn.execute(query)}


def _record(one: Mention, *, again: bool) -> Mapping[str, Json]:
    """What is stored of it; exactly as it would be read back, when there is one to compare with."""
    found = plain(one) if again else encode(one)
    return {name: value for name, value in found.items() if name != "id"}


def _part(record: Mapping[str, Json], names: frozenset[str]) -> Json:
    return {name: value for name, value in record.items() if name in names}


def _write(
    conn: Connection,
    mentions: Sequence[Mention],
    changed: Mapping[int, Json],
    revisions: Mapping[int, int],
    now: datetime,
) -> None:
    """Upsert what changed; of the others, only which revision was read."""
    rows = [
        _row(one, changed[one.id], revisions[one.id], now) for one in mentions if one.id in changed
    ]
    if rows:
        names = list(rows[0])
        told = table_of(
            list({row["id"]: row for row in rows}.values()),
            **{name: _m.c[name].type for name in names},
        )
        new = insert(_m).from_select(names, select(*told.c))
        kept = {name: new.excluded[name] for name in names if name != "id"}
        conn.execute(new.on_conflict_do_update(index_elements=[_m.c.id], set_=kept))
    same = {i: r for i, r in revisions.items() if i not in changed}
    if same:
        given = columns_of(id=same, revision=same.values())
        conn.execute(
            update(_m)
            .where(_m.c.id == given.c.id, _m.c.revision != given.c.revision)
            .values(revision=given.c.revision)
        )


def _row(mention: Mention, record: Json, revision: int, now: datetime) -> dict[str, Json]:
    return {
        "id": mention.id,
        "revision": revision,
        "source": mention.source,
        "campaign": mention.campaign,
        "title_key": safe(fold(mention.title)),
        "url_key": None if mention.url is None else url_key(mention.url),
        "starts_on": mention.when.starts_on,
        "ends_on": mention.when.ends_on,
        "commune_code": mention.where.commune_code,
        "department": mention.where.department,
        "record": record,
        "read_at": now,
    }


def url_key(url: str) -> str:
    """The address without what differs between two ways of writing it."""
    bare = re.sub(r"^https?://(www\.)?", "", safe(url).strip(), flags=re.IGNORECASE)
    return bare.split("#", 1)[0].rstrip("/")


def _spread(conn: Connection, known: set[int], reopened: set[int], now: datetime) -> None:
    if known:
        conn.execute(update(_n).where(_n.c.id.in_(_holding(known))).values(values_at=None))
    if reopened:
        conn.execute(
            update(_n)
            .where(_n.c.id.in_(_holding(reopened)), _n.c.status == InitiativeStatus.REGISTERED)
            .values(status=InitiativeStatus.REOPENED, version=_n.c.version + 1, changed_at=now)
        )


def _wait(conn: Connection, some: Collection[int]) -> None:
    """Matching has to place these. One that it is placing just now waits again once it is done
    (« do nothing » would let it go), and before any initiative is held: matching will hold them.
    """
    if some:
        given = columns_of(id=sorted(some))
        new = insert(_u).from_select(["mention"], select(given.c.id))
        again = {"mention": new.excluded.mention}
        conn.execute(new.on_conflict_do_update(index_elements=[_u.c.mention], set_=again))


def _holding(mentions: Collection[int]) -> Select[tuple[str]]:
    """Ids of the initiatives these mentions are in."""
    query = select(_p.c.initiative).where(_p.c.mention == func.any(list(mentions)))
    return query.where(_p.c.left_at.is_(None))


def _mark_read(conn: Connection, ids: list[int], extractor: str, now: datetime) -> None:
    conn.execute(update(_i).where(_i.c.id == func.any(ids)).values(read_as=extractor))
    readable = select(_i.c.source, _i.c.key_hash).where(_i.c.id == func.any(ids))
    conn.execute(
        update(_q)
        .where(_q.c.released_at.is_(None), tuple_(_q.c.source, _q.c.key_hash).in_(readable))
        .values(released_at=now)
    )


# --- reading ---------------------------------------------------------------------------------


_WHOLE = select(_m.c.id, cast(_m.c.record, Text))
_MENTIONS = msgspec.json.Decoder(list[Mention])


def _read(conn: Connection, query: Select[tuple[int, str]]) -> list[Mention]:
    """Mentions by id, their records read as the text they are stored as: three times faster."""
    rows = conn.execute(query.order_by(_m.c.id)).all()
    whole = ",".join([f'{{"id":{i},{text[1:]}' for i, text in rows])
    return _MENTIONS.decode(f"[{whole}]")


def by_ids(conn: Connection, ids: Collection[int]) -> list[Mention]:
    """These mentions, by id; those unknown are left out."""
    return _read(conn, _WHOLE.where(_m.c.id == func.any(list(ids))))


def placed(conn: Connection) -> list[Mention]:
    """All that matching has placed, by id."""
    here = _WHOLE.join(_p, _p.c.mention == _m.c.id).where(_p.c.left_at.is_(None))
    return _read(conn, here)


def after(conn: Connection, last: int, limit: int) -> list[Mention]:
    """All there are, by id, so many at a time: those that follow this id."""
    return _read(conn, _WHOLE.where(_m.c.id > last).limit(limit))


def unmatched(conn: Connection, limit: int) -> list[int]:
    """Ids of those matching has not placed yet, or whose reading changed since, oldest first.

    Claimed until the transaction ends; `placing.apply` makes them matched.
    """
    query = select(_u.c.mention).order_by(_u.c.mention).limit(limit)
    query = query.with_for_update(skip_locked=True)
    return list(conn.execute(query).scalars())


def find(
    conn: Connection, *, url: str | None = None, title: str | None = None, limit: int = 20
) -> list[Found]:
    """Mentions at that address, or whose title holds all these words, with what became of them."""
    query = (
        select(_m.c.id, _m.c.record, _p.c.initiative, _n.c.status)
        .outerjoin(_p, and_(_p.c.mention == _m.c.id, _p.c.left_at.is_(None)))
        .outerjoin(_n, _n.c.id == _p.c.initiative)
        .order_by(_m.c.id.desc())
        .limit(limit)
    )
    if url is not None:
        query = query.where(_m.c.url_key == url_key(url))
    for word in fold(title or "").split():
        query = query.where(_m.c.title_key.contains(safe(word), autoescape=True))
    return [
        Found(
            mention=mention_of(row.id, row.record),
            initiative=row.initiative,
            status=None if row.status is None else InitiativeStatus(row.status),
        )
        for row in conn.execute(query)
    ]


def mention_of(identity: int, record: Mapping[str, Json]) -> Mention:
    """The mention of a stored record."""
    return decode(Mention, {**record, "id": identity})
