"""What each new reading of an announcement changed: append-only, dated, field by field."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from domain.changes import Change
from domain.records import Json
from storage import tables
from storage.codec import encode

_h = tables.mention_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change of one mention. `reopens`: it brought what was decided back to review."""

    mention: int
    at: datetime
    reopens: bool
    changes: Mapping[str, Json]  # field → [before, after]


def add(
    conn: Connection,
    found: Mapping[int, Mapping[str, Change]],
    now: datetime,
    *,
    revisions: Mapping[int, int],
    reopens: Collection[int],
    extractor: str,
) -> None:
    """Keep what changed in these mentions; those where nothing did in sense leave no line."""
    rows = [
        {
            "mention": mention,
            "revision": revisions[mention],
            "at": now,
            "extractor": extractor,
            "reopens": mention in reopens,
            "changes": encode(changes),
        }
        for mention, changes in sorted(found.items())
        if changes
    ]
    if rows:
        conn.execute(insert(_h), rows)


def of(
    conn: Connection, mentions: Collection[int], *, reopening: bool = False, limit: int = 100
) -> list[Changed]:
    """What changed in these mentions, the latest first; only what re-opened, if asked."""
    query = select(_h.c.mention, _h.c.at, _h.c.reopens, _h.c.changes)
    query = query.where(_h.c.mention == func.any(list(mentions)))
    if reopening:
        query = query.where(_h.c.reopens)
    query = query.order_by(_h.c.id.desc()).limit(limit)
    return [Changed(**row) for row in conn.execute(query).mappings()]
