"""Labels, and who holds them from when to when."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict
from domain.records import Award
from storage import tables

_l, _a = tables.labels, tables.awards
_COLUMNS = ("label", "initiative", "actor", "level", "starts_on", "ends_on", "decision")


def register_labels(conn: Connection, labels: Mapping[str, str]) -> None:
    """Make these labels known (slug → title). Idempotent."""
    if labels:
        new = insert(_l).values([{"slug": s, "title": t} for s, t in labels.items()])
        conn.execute(
            new.on_conflict_do_update(
                index_elements=[_l.c.slug], set_={"title": new.excluded.title}
            )
        )


def save(conn: Connection, awards: Sequence[Award]) -> None:
    """Keep these awards. Raises Conflict for a label that is not registered."""
    wanted = {one.label for one in awards}
    known = set(conn.execute(select(_l.c.slug).where(_l.c.slug.in_(wanted))).scalars())
    for slug in sorted(wanted - known):
        raise Conflict("no such label; add it to the labels first", about=slug)
    if awards:
        conn.execute(insert(_a), [{n: getattr(a, n) for n in _COLUMNS} for a in awards])


def withdraw(conn: Connection, decision: int, now: datetime) -> None:
    """The awards that decision gave were never valid."""
    conn.execute(update(_a).where(_a.c.decision == decision).values(withdrawn_at=now))


def of(conn: Connection, initiatives: Collection[str]) -> list[Award]:
    """The awards of these initiatives, oldest first; validity is the reader's to compute."""
    query = select(*(_a.c[name] for name in _COLUMNS)).where(_a.c.withdrawn_at.is_(None))
    query = query.where(_a.c.initiative == func.any(list(initiatives)))
    query = query.order_by(_a.c.starts_on, _a.c.id)
    return [Award(**row) for row in conn.execute(query).mappings()]
