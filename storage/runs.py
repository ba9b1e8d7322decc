"""Passages of the chain: begun, ended, what they did."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.records import Run
from storage import tables

_t = tables.runs


def start(conn: Connection, run: Run) -> None:
    """Remember that it began. Starting again under the same id resumes it."""
    row = {"id": run.id, "started_at": run.started_at, "trigger": run.trigger}
    conn.execute(insert(_t).values(row).on_conflict_do_nothing())


def finish(conn: Connection, run: str, ended_at: datetime, counts: Mapping[str, int]) -> None:
    """Remember that it ended and what it did."""
    conn.execute(update(_t).where(_t.c.id == run).values(ended_at=ended_at, counts=dict(counts)))


def last(conn: Connection, limit: int = 1) -> list[Run]:
    """The latest runs, newest first; `ended_at` is None for one that runs, or was killed."""
    query = select(_t).order_by(_t.c.started_at.desc(), _t.c.id.desc()).limit(limit)
    return [Run(**row) for row in conn.execute(query).mappings()]
