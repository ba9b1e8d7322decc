"""Events written in the transaction of what they tell, published afterwards.

A rolled back transaction tells nothing; a lost publication is published again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from domain.records import Json
from storage import tables
from storage.codec import encode

_t = tables.outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEvent:
    """A coarse event: ids, slugs and dates only."""

    id: int
    event: str  # paat.items.collected, paat.decisions.recorded…
    resource: str  # what it is about: a run, a source
    payload: Mapping[str, Json]
    created_at: datetime


def put(
    conn: Connection,
    event: str,
    *,
    resource: str,
    now: datetime,
    payload: Mapping[str, Json] | None = None,
) -> int:
    """Write the event; its id (also a good idempotency key for who receives it)."""
    row = {
        "event": event,
        "resource": resource,
        "created_at": now,
        "payload": encode(payload or {}),
    }
    identity: int = conn.execute(insert(_t).returning(_t.c.id), row).scalar_one()
    return identity


def unpublished(conn: Connection, limit: int = 100) -> list[OutboxEvent]:
    """The oldest events not published, claimed until the transaction ends."""
    query = select(_t.c.id, _t.c.event, _t.c.resource, _t.c.payload, _t.c.created_at)
    query = query.where(_t.c.published_at.is_(None)).order_by(_t.c.id).limit(limit)
    rows = conn.execute(query.with_for_update(skip_locked=True)).mappings()
    return [OutboxEvent(**row) for row in rows]


def last_at(conn: Connection, event: str) -> datetime | None:
    """When that event was last written, published or not; None when it never was."""
    query = select(_t.c.created_at).where(_t.c.event == event).order_by(_t.c.id.desc()).limit(1)
    found: datetime | None = conn.execute(query).scalar()
    return found


def waiting(conn: Connection, events: Collection[str], *, after: int = 0) -> list[OutboxEvent]:
    """The events of these names that nobody took yet, written after that one, oldest first."""
    query = select(_t.c.id, _t.c.event, _t.c.resource, _t.c.payload, _t.c.created_at)
    query = query.where(
        _t.c.id > after, _t.c.published_at.is_(None), _t.c.event.in_(list(events))
    ).order_by(_t.c.id)
    return [OutboxEvent(**row) for row in conn.execute(query).mappings()]


def mark_published(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """The receiver acknowledged these."""
    conn.execute(update(_t).where(_t.c.id == func.any(list(ids))).values(published_at=now))
