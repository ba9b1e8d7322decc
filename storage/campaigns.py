"""Campaigns: described by TOML files, archived in the database."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NoReturn

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import ColumnElement

from domain.campaigns import Campaign
from domain.campaigns import campaigns as known_campaigns
from domain.errors import Conflict
from storage import tables

_t, _files = tables.campaigns, tables.archived_files


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
        raise Conflict("campagne inconnue, ou déjà archivée ; rien à faire", about=code)


def keep_files(conn: Connection, code: str, files: Mapping[str, bytes]) -> None:
    """The files of an archive, by name: `file` gives them back as they are."""
    rows = [
        {"campaign": code, "name": name, "data": data, "sha256": sha256(data).hexdigest()}
        for name, data in files.items()
    ]
    new = insert(_files)
    kept = {"data": new.excluded.data, "sha256": new.excluded.sha256}
    conn.execute(new.on_conflict_do_update(index_elements=["campaign", "name"], set_=kept), rows)


def file(conn: Connection, code: str, name: str) -> bytes | None:
    """A file of the archive of a campaign; None when it is not archived or has no such file."""
    query = select(_files.c.data).join(_t, _t.c.code == _files.c.campaign)
    query = query.where(_t.c.code == code, _t.c.archived_at.is_not(None), _files.c.name == name)
    found = conn.execute(query).scalar_one_or_none()
    return None if found is None else bytes(found)


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
    raise Conflict("la campagne est archivée ; choisissez-en une ouverte", about=code)
