"""The keys that sign links: made once, kept here so that every machine signs alike."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from storage import tables

_t = tables.signing_keys


def key_for(conn: Connection, use: str, now: datetime) -> str:
    """The secret of that use, made at its first call."""
    found = conn.execute(select(_t.c.secret).where(_t.c.use == use)).scalar_one_or_none()
    if found is not None:
        return str(found)
    row = {"use": use, "secret": secrets.token_urlsafe(48), "created_at": now}
    conn.execute(insert(_t).values(row).on_conflict_do_nothing())
    return str(conn.execute(select(_t.c.secret).where(_t.c.use == use)).scalar_one())
