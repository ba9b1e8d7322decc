"""Campaigns: described by TOML files, archived in the database."""

from collections.abc import Iterable
from datetime import datetime
from typing import NoReturn

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ColumnElement

from domain.campaigns import Campaign
from domain.campaigns import campaigns as known_campaigns
from domain.errors import Conflict
from storage import tables

_t = tables.campaigns


def register(conn: Connection, campaigns: Iterable[Campaign] | None = None) -> None:
    """Make the campaigns (every known one by default) known to the database. Idempotent."""
    found = known_campaigns().values() if campaigns is None else campaigns
    rows = [{"code": one.code, "title": one.title} for one in found]
    if not rows:
        return
    new = insert(_t)
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_t.c.code],
            set_={"title": new.excluded.title},
            where=_t.c.title != new.excluded.title,
        ),
        rows,
    )


def archive(conn: Connection, code: str, now: datetime) -> None:
    """From now on the campaign is read-only. Raises Conflict when it already was, or is unknown."""
    done = conn.execute(
        update(_t).where(_t.c.code == code, _t.c.archived_at.is_(None)).values(archived_at=now)
    )
    if done.rowcount == 0:
        raise Conflict("no such campaign, or archived already; nothing to do", about=code)


def archived(conn: Connection) -> dict[str, datetime]:
    """When each archived campaign was, by code."""
    query = select(_t.c.code, _t.c.archived_at).where(_t.c.archived_at.is_not(None))
    return {row.code: row.archived_at for row in conn.execute(query)}


def require_open(conn: Connection, codes: Iterable[str]) -> None:
    """Raises Conflict when one of the campaigns is archived: what it says must not move."""
    wanted = set(codes)
    query = select(_t.c.code).where(_t.c.code.in_(wanted), _t.c.archived_at.is_not(None))
    if found := conn.execute(query).scalars().first():
        refuse(found)


def closed(code: str) -> ColumnElement[bool]:
    """In another statement: whether that campaign is archived. See `refuse`."""
    return select(_t.c.code).where(_t.c.code == code, _t.c.archived_at.is_not(None)).exists()


def refuse(code: str) -> NoReturn:
    """Raises the Conflict of an archived campaign."""
    raise Conflict("the campaign is archived; choose an open one", about=code)
