"""The directory of organisers and partners, under every name they go by."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from domain.records import Actor
from domain.statuses import ActorKind
from domain.text import fold
from storage import tables
from storage.codec import safe

_t, _a = tables.actors, tables.actor_aliases
_COLUMNS = ("id", "name", "kind", "rna", "siren", "siret", "commune_code", "department")


def upsert(conn: Connection, actors: Sequence[Actor]) -> None:
    """Keep these actors as they are given; names are only ever added, their present one included.

    Two actors with one RNA or SIRET number are one: the database refuses the second.
    """
    if not actors:
        return
    new = insert(_t)
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_t.c.id], set_={n: new.excluded[n] for n in _COLUMNS if n != "id"}
        ),
        [{name: getattr(one, name) for name in _COLUMNS} for one in actors],
    )
    names = {
        (one.id, safe(fold(name))): safe(name)
        for one in actors
        for name in (*one.aliases, one.name)
    }
    conn.execute(
        insert(_a).on_conflict_do_nothing(),
        [{"actor": actor, "name_key": key, "name": name} for (actor, key), name in names.items()],
    )


def find(
    conn: Connection,
    *,
    name: str | None = None,
    rna: str | None = None,
    siren: str | None = None,
    siret: str | None = None,
) -> list[Actor]:
    """Actors with that identifier, or exactly that name (case and accents apart) in any form."""
    known = {"rna": rna, "siren": siren, "siret": siret}
    wanted = [_t.c[column] == value for column, value in known.items() if value]
    if name:
        called = select(_a.c.actor).where(_a.c.name_key == safe(fold(name)))
        wanted.append(_t.c.id.in_(called))
    return _whole(conn, select(_t).where(or_(*wanted))) if wanted else []


def by_ids(conn: Connection, ids: Collection[str]) -> list[Actor]:
    """These actors, by id; those unknown are left out."""
    return _whole(conn, select(_t).where(_t.c.id == func.any(list(ids))))


def _whole(conn: Connection, query: Select[tuple[object, ...]]) -> list[Actor]:
    rows = conn.execute(query.order_by(_t.c.id)).all()
    names = defaultdict(list)
    aliases = select(_a).where(_a.c.actor == func.any([row.id for row in rows]))
    for alias in conn.execute(aliases.order_by(_a.c.name_key)):
        names[alias.actor].append(alias.name)
    return [
        Actor(
            **{c: getattr(row, c) for c in _COLUMNS if c != "kind"},
            kind=None if row.kind is None else ActorKind(row.kind),
            aliases=tuple(name for name in names[row.id] if name != row.name),
        )
        for row in rows
    ]
