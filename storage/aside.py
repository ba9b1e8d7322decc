"""What is in quarantine, with all that is known of it; trying again, letting go.

Three ways in: an entry its kind could not read, a document that killed its reader
(`document:<sha256>`), a stored announcement the extractor could not read.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, tuple_, update

from domain.records import Json
from storage import tables
from storage.items import key_hash

_q, _i = tables.quarantine, tables.items
DOCUMENT = "document:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A thing put aside, open until it is read or let go."""

    source: str
    key: str
    why: str
    payload: Json
    attempts: int
    first_at: datetime
    last_at: datetime
    stored: bool  # an announcement we keep: reading it again needs no network

    @property
    def document(self) -> bool:
        return self.key.startswith(DOCUMENT)


def everything(conn: Connection, source: str | None = None, *, limit: int = 1000) -> list[Aside]:
    """What is aside now, the latest first."""
    query = (
        select(_q, _i.c.id.is_not(None).label("stored"))
        .outerjoin(_i, (_i.c.source == _q.c.source) & (_i.c.key_hash == _q.c.key_hash))
        .where(_q.c.released_at.is_(None))
        .order_by(_q.c.last_at.desc(), _q.c.id.desc())
        .limit(limit)
    )
    if source is not None:
        query = query.where(_q.c.source == source)
    names = ("source", "key", "why", "payload", "attempts", "first_at", "last_at", "stored")
    return [Aside(**{name: row[name] for name in names}) for row in conn.execute(query).mappings()]


def retry(conn: Connection, source: str | None = None) -> int:
    """Stored announcements in quarantine are to be read again; how many."""
    held = select(_q.c.source, _q.c.key_hash).where(_q.c.released_at.is_(None))
    if source is not None:
        held = held.where(_q.c.source == source)
    done = conn.execute(
        update(_i).where(tuple_(_i.c.source, _i.c.key_hash).in_(held)).values(read_as="")
    )
    return done.rowcount


def release(conn: Connection, source: str, keys: Collection[str], now: datetime) -> int:
    """These are no longer aside; how many."""
    hashes = [key_hash(key) for key in keys]
    done = conn.execute(
        update(_q)
        .where(_q.c.source == source, _q.c.released_at.is_(None), _q.c.key_hash == func.any(hashes))
        .values(released_at=now)
    )
    return done.rowcount


def poison(conn: Connection, sources: Collection[str], version: str) -> dict[str, str]:
    """sha256 → why: the documents that killed this version of their reader."""
    query = select(_q.c.payload, _q.c.why).where(
        _q.c.released_at.is_(None),
        _q.c.source.in_(sources),
        _q.c.key.startswith(DOCUMENT, autoescape=True),
        _q.c.payload["version"].astext == version,
    )
    return {row.payload["sha256"]: row.why for row in conn.execute(query)}


def release_changed(
    conn: Connection,
    source: str,
    now: datetime,
    *,
    digests: Mapping[str, str],
    poison: Collection[str],
) -> int:
    """Let go of the documents whose address now answers other bytes; how many.

    `digests`: address → sha256 of what it answers now; `poison`: what killed a reader this time.
    """
    open_ones = [one for one in everything(conn, source) if one.document]
    gone = [
        one.key
        for one in open_ones
        if isinstance(one.payload, dict)
        and one.payload.get("sha256") not in poison
        and digests.get(one.payload.get("url", ""), one.payload.get("sha256"))
        != one.payload.get("sha256")
    ]
    return release(conn, source, gone, now) if gone else 0
