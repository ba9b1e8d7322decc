"""Where the chain had put the announcements that people's answers moved (decision 0283).

A line stands as long as its mention stands elsewhere: an answer taken back starts from there.
"""

from collections.abc import Collection

from sqlalchemy import Connection, Select, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from storage import tables

_b, _p, _e = tables.moved, tables.placements, tables.editions
_HERE = (_p.c.mention, _p.c.initiative, _p.c.edition, _e.c.part_of)


def of(
    conn: Connection, mentions: Collection[int]
) -> dict[int, tuple[str, str | None, str | None]]:
    """mention → the initiative, the edition and its festival where the chain had put it; those that
    no answer moved are left out."""
    query = select(_b).where(_b.c.mention == func.any(list(mentions)))
    return {row.mention: (row.initiative, row.edition, row.part_of) for row in conn.execute(query)}


def homes(mentions: Collection[int]) -> Select[tuple[str]]:
    """The initiatives where the chain had put these mentions."""
    return select(_b.c.initiative).where(_b.c.mention == func.any(list(mentions)))


def away(conn: Connection, initiatives: Collection[str]) -> set[int]:
    """The mentions that the chain had put in these initiatives, moved since."""
    query = select(_b.c.mention).where(_b.c.initiative == func.any(list(initiatives)))
    return set(conn.execute(query).scalars())


def remember(conn: Connection, mentions: Collection[int], editions: Collection[str]) -> None:
    """An answer is about to move these mentions, and those of these editions."""
    concerned = or_(
        _p.c.mention == func.any(list(mentions)), _p.c.edition == func.any(list(editions))
    )
    here = _here().where(concerned)
    statement = insert(_b).from_select(["mention", "initiative", "edition", "part_of"], here)
    conn.execute(statement.on_conflict_do_nothing())


def forget(conn: Connection, mentions: Collection[int]) -> None:
    """Where these are now is where they are: the chain had news of them, or a merge was undone."""
    if mentions:
        conn.execute(delete(_b).where(_b.c.mention == func.any(list(mentions))))


def settle(conn: Connection, initiatives: Collection[str]) -> None:
    """Those of these initiatives that are back where the chain had put them were never moved."""
    here = _here().where(_p.c.initiative == func.any(list(initiatives))).subquery()
    back = [
        _b.c[name].is_not_distinct_from(here.c[name])
        for name in ("mention", "initiative", "edition", "part_of")
    ]
    conn.execute(delete(_b).where(*back))


def _here() -> Select[tuple[int, str, str | None, str | None]]:
    """Where mentions are now."""
    query = select(*_HERE).select_from(_p).outerjoin(_e, _e.c.id == _p.c.edition)
    return query.where(_p.c.left_at.is_(None))
