"""« Why is my event not there? »: every place an announcement can have stopped at."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, Text, and_, cast, func, literal_column, select, true
from sqlalchemy.sql import ColumnElement

from domain.text import fold
from storage import tables
from storage.codec import safe
from storage.mentions import url_key

_i, _r, _q, _s = tables.items, tables.raw_items, tables.quarantine, tables.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """An announcement that is not a mention: set aside (with why), or not read yet."""

    source: str
    key: str
    title: str
    why: str  # empty = it waits to be read
    at: datetime


def stopped(conn: Connection, *, url: str = "", title: str = "", limit: int = 20) -> list[Stopped]:
    """What is in quarantine or waits to be read, and bears that address or these words."""
    return [*_aside(conn, url, title, limit), *_waiting(conn, url, title, limit)]


def _aside(conn: Connection, url: str, title: str, limit: int) -> list[Stopped]:
    # Few rows are in quarantine: their payload is searched as text.
    words = _q.c.key + " " + func.coalesce(cast(_q.c.payload, Text), "")
    wanted = words.contains(url_key(url), autoescape=True) if url else _hold(words, title)
    query = select(_q).where(_q.c.released_at.is_(None), wanted)
    rows = conn.execute(query.order_by(_q.c.last_at.desc()).limit(limit))
    return [
        Stopped(source=row.source, key=row.key, title=_title(row), why=row.why, at=row.last_at)
        for row in rows
    ]


def _title(row: object) -> str:
    payload = getattr(row, "payload", None)
    return str(payload.get("title") or "") if isinstance(payload, dict) else ""


def _waiting(conn: Connection, url: str, title: str, limit: int) -> list[Stopped]:
    said = _r.c.fields["title"].astext
    if url:
        bare = func.regexp_replace(_r.c.url, "^https?://(www\\.)?", "", "i")
        wanted = func.rtrim(func.split_part(bare, "#", 1), "/") == url_key(url)
    else:
        wanted = _hold(said, title)
    query = (
        select(_i.c.source, _i.c.key, said.label("title"), _r.c.seen_at)
        .join(_r, and_(_r.c.item == _i.c.id, _r.c.revision == _i.c.revision))
        .where(_i.c.read_as == "", wanted)  # the index on read_as: what was never read
        .order_by(_i.c.id.desc())
        .limit(limit)
    )
    return [
        Stopped(source=row.source, key=row.key, title=row.title or "", why="", at=row.seen_at)
        for row in conn.execute(query)
    ]


def _folded(column: ColumnElement[str]) -> ColumnElement[str]:
    """Lower case without accents, in SQL, as domain.text.fold."""
    bare = func.normalize(func.lower(column), literal_column("nfd"))
    return func.regexp_replace(bare, "[\\u0300-\\u036f]", "", "g")


def _hold(column: ColumnElement[str], title: str) -> ColumnElement[bool]:
    """Whether it holds all the words of a title, in any order."""
    words = fold(title).split()
    return and_(true(), *(_folded(column).contains(safe(w), autoescape=True) for w in words))


def followed(conn: Connection, url: str) -> list[str]:
    """Slugs of the sources of the same site."""
    host = (urlsplit(url if "://" in url else f"https://{url}").hostname or "").removeprefix("www.")
    if not host:
        return []
    site = func.regexp_replace(_s.c.url, "^https?://(www\\.)?([^/:?#]+).*$", "\\2", "i")
    query = select(_s.c.slug).where(func.lower(site) == host.lower()).order_by(_s.c.slug)
    return list(conn.execute(query).scalars())
