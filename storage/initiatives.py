"""Initiatives as records: reading them whole, and computing what the census shows of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Date,
    Select,
    Text,
    Time,
    delete,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict
from domain.records import Edition, FieldValue, Initiative, Occurrence
from domain.statuses import EventStatus, InitiativeStatus
from storage import lists, matches, moved, tables, values
from storage.joining import undo_join
from storage.placing import Applied, apply
from storage.rows import table_of

__all__ = ["Applied", "apply", "undo_join"]  # made there, wanted here

_n, _e, _o, _p = tables.initiatives, tables.editions, tables.occurrences, tables.placements
_j = tables.joins


# --- reading ---------------------------------------------------------------------------------


def get(conn: Connection, ids: Collection[str]) -> list[Initiative]:
    """These initiatives, whole, by id; those unknown are left out. Five statements."""
    return _read(conn, list(ids), bare=False)


def _read(conn: Connection, wanted: Sequence[str], *, bare: bool) -> list[Initiative]:
    rows = conn.execute(select(_n).where(_n.c.id == func.any(wanted)).order_by(_n.c.id)).all()
    kept = {} if bare else values.current(conn, [r.id for r in rows])
    mentions = _mentions(conn, wanted)
    editions = _editions(conn, wanted, mentions, dates=not bare)
    return [
        Initiative(
            id=row.id,
            status=InitiativeStatus(row.status),
            created_at=row.created_at,
            changed_at=row.changed_at,
            merged_into=row.merged_into,
            version=row.version,
            values=kept.get(row.id, {}),
            editions=tuple(editions[row.id]),
            undated=tuple(mentions[row.id, None]),
        )
        for row in rows
    ]


def by_mentions(conn: Connection, mentions: Collection[int]) -> list[Initiative]:
    """The initiatives these mentions are in now, whole."""
    query = select(_p.c.initiative).distinct().where(_p.c.left_at.is_(None))
    query = query.where(_p.c.mention == func.any(list(mentions)))
    return get(conn, list(conn.execute(query).scalars()))


def around(
    conn: Connection, mentions: Collection[int], *, thought: bool = False
) -> list[Initiative]:
    """The initiatives these mentions are in, those that people's answers tie to them or moved them
    from (with `thought`, those that the machine ties to them), and all that was merged there; as a
    plan reads them: without dates nor values.
    """
    found: dict[str, Initiative] = {}
    seen: set[int] = set()
    new = {*mentions}
    while new:
        new = matches.tied(conn, new, thought=thought) - seen
        seen |= new
        here = select(_p.c.initiative).where(_p.c.left_at.is_(None))
        here = here.where(_p.c.mention == func.any(list(new)))
        homes = conn.execute(here.union(moved.homes(new))).scalars().all()
        ids = merged_with(conn, homes)
        wanted = {one for some in ids.values() for one in some} - found.keys()
        some = _read(conn, sorted(wanted), bare=True)
        found |= {one.id: one for one in some}
        new = {member for one in some for member in one.mentions} - seen
        new |= moved.away(conn, wanted) - seen
    return [found[name] for name in sorted(found)]


def everything(conn: Connection) -> list[Initiative]:
    """Every initiative, merged ones too, as `around` gives them."""
    return _read(conn, list(conn.execute(select(_n.c.id)).scalars()), bare=True)


def resolve(conn: Connection, identity: str) -> str:
    """The id under which that initiative lives now, through every merge.

    Raises Conflict when there never was such an initiative.
    """
    found = resolve_all(conn, [identity])
    if identity not in found:
        raise Conflict("no such initiative; check the identifier", about=identity)
    return found[identity]


def resolve_all(conn: Connection, ids: Collection[str]) -> dict[str, str]:
    """`resolve` for many, in one statement; those unknown are left out."""
    first = select(_n.c.id.label("asked"), _n.c.id, _n.c.merged_into)
    chain = first.where(_n.c.id == func.any(list(ids))).cte("chain", recursive=True)
    further = select(chain.c.asked, _n.c.id, _n.c.merged_into)
    chain = chain.union(further.join(_n, _n.c.id == chain.c.merged_into))
    query = select(chain.c.asked, chain.c.id).where(chain.c.merged_into.is_(None))
    return {row.asked: row.id for row in conn.execute(query)}


def merged_with(conn: Connection, ids: Collection[str]) -> dict[str, list[str]]:
    """id → itself and every id merged into it, directly or not."""
    first = select(_n.c.id.label("kept"), _n.c.id).where(_n.c.id == func.any(list(ids)))
    tree = first.cte("tree", recursive=True)
    tree = tree.union(select(tree.c.kept, _n.c.id).join(_n, _n.c.merged_into == tree.c.id))
    found = defaultdict(list)
    for row in conn.execute(select(tree.c.kept, tree.c.id).order_by(tree.c.kept, tree.c.id)):
        found[row.kept].append(row.id)
    return dict(found)


def before_merges(
    conn: Connection, found: Collection[Initiative], *, answered: bool
) -> dict[int, tuple[str, str | None]]:
    """Where the mentions of these initiatives (as `around` reads them) were before the merges that
    hold: before the first of the chain, or before the last of people's answers; initiative, edition
    or None. Those of the others are left out."""
    merged = [one.id for one in found if one.merged_into is not None]
    if not merged:
        return {}
    query = select(_j.c.initiative, _j.c.into, _j.c.before)
    query = query.order_by(_j.c.id.desc() if answered else _j.c.id)
    query = query.where(_j.c.initiative == func.any(merged), _j.c.undone_at.is_(None))
    query = query.where(_j.c.answered.is_(answered))
    places: dict[int, tuple[str, str | None]] = {}
    for row in conn.execute(query):
        for name, held in ((row.initiative, row.before), (row.into, row.before.get("survivor"))):
            for mention, edition in (held or {}).get("placements", ()):
                places.setdefault(mention, (name, edition))
    return places


class Joined(NamedTuple):
    """A merge that holds: when, into what, and what it took."""

    at: datetime
    into: str
    mentions: tuple[int, ...]


def joins(conn: Connection, ids: Collection[str]) -> dict[str, Joined]:
    """The merges by which these initiatives were absorbed; those that stand are left out."""
    query = select(_j.c.initiative, _j.c.at, _j.c.into, _j.c.before)
    query = query.where(_j.c.initiative == func.any(list(ids)), _j.c.undone_at.is_(None))
    return {
        row.initiative: Joined(row.at, row.into, tuple(m for m, _ in row.before["placements"]))
        for row in conn.execute(query)
    }


def _mentions(
    conn: Connection, ids: Sequence[str]
) -> defaultdict[tuple[str, str | None], list[int]]:
    """(initiative, edition or None) → mentions there now."""
    query = select(_p.c.initiative, _p.c.edition, _p.c.mention).where(_p.c.left_at.is_(None))
    query = query.where(_p.c.initiative == func.any(ids)).order_by(_p.c.mention)
    found: defaultdict[tuple[str, str | None], list[int]] = defaultdict(list)
    for initiative, edition, mention in conn.execute(query).all():
        found[initiative, edition].append(mention)
    return found


def _editions(
    conn: Connection,
    ids: Sequence[str],
    mentions: Mapping[tuple[str, str | None], list[int]],
    *,
    dates: bool,
) -> defaultdict[str, list[Edition]]:
    rows = conn.execute(
        select(_e).where(_e.c.initiative == func.any(ids)).order_by(_e.c.initiative, _e.c.id)
    ).all()
    slots = _occurrences(conn, [row.id for row in rows]) if dates else defaultdict(list)
    found = defaultdict(list)
    for row in rows:
        found[row.initiative].append(
            Edition(
                id=row.id,
                initiative=row.initiative,
                label=row.label,
                status=EventStatus(row.status),
                occurrences=tuple(slots[row.id]),
                mentions=tuple(mentions.get((row.initiative, row.id), ())),
                part_of=row.part_of,
            )
        )
    return found


def _occurrences(conn: Connection, editions: Sequence[str]) -> defaultdict[str, list[Occurrence]]:
    query = select(_o).where(_o.c.edition == func.any(editions))
    query = query.order_by(
        _o.c.edition, _o.c.starts_on, _o.c.starts_at.nulls_first(), _o.c.ends_on, _o.c.id
    )
    found = defaultdict(list)
    for row in conn.execute(query):
        found[row.edition].append(
            Occurrence(
                starts_on=row.starts_on,
                ends_on=row.ends_on,
                starts_at=row.starts_at,
                ends_at=row.ends_at,
            )
        )
    return found


# --- work to do ------------------------------------------------------------------------------


def without_values(conn: Connection, limit: int) -> list[Initiative]:
    """Initiatives whose members changed since their values were computed, whole.

    Claimed until the transaction ends; `save_values` makes them done.
    """
    query = select(_n.c.id).where(_n.c.values_at.is_(None), _n.c.merged_into.is_(None))
    query = query.order_by(_n.c.id).limit(limit).with_for_update(skip_locked=True)
    return get(conn, list(conn.execute(query).scalars()))


def save_values(
    conn: Connection, found: Mapping[str, Mapping[str, FieldValue]], now: datetime
) -> list[str]:
    """Keep the values computed for these initiatives (id → field → value).

    A field left out is superseded; one a person has set is left alone. Gives back the ids of those
    where something changed, whose version goes up. All of them go back to the classifiers, for
    their members changed.
    """
    if not found:
        return []
    changed = values.replace(conn, found, now)
    ids = list(found)
    conn.execute(update(_n).where(_n.c.id == func.any(ids)).values(values_at=now))
    conn.execute(delete(tables.suggested).where(tables.suggested.c.initiative == func.any(ids)))
    bump(conn, changed, now)
    lists.refresh(conn, ids)
    return sorted(changed)


def save_occurrences(conn: Connection, editions: Iterable[Edition]) -> None:
    """Keep the label, status and dates of these editions; dates left out disappear."""
    given = {one.id: one for one in editions}
    if not given:
        return
    heads = table_of(
        [{"id": e.id, "label": e.label, "status": e.status} for e in given.values()],
        id=Text,
        label=Text,
        status=Text,
    )
    differs = tuple_(_e.c.label, _e.c.status) != tuple_(heads.c.label, heads.c.status)
    conn.execute(
        update(_e)
        .where(_e.c.id == heads.c.id, differs)
        .values(label=heads.c.label, status=heads.c.status)
    )
    names = ("starts_on", "ends_on", "starts_at", "ends_at")
    rows = [
        {"edition": e.id} | {name: getattr(slot, name) for name in names}
        for e in given.values()
        for slot in dict.fromkeys(e.occurrences)
    ]
    slots = table_of(rows, edition=Text, starts_on=Date, ends_on=Date, starts_at=Time, ends_at=Time)
    same = [_o.c[name].is_not_distinct_from(slots.c[name]) for name in ("edition", *names)]
    there = select(literal(1)).select_from(slots).where(*same).exists()
    conn.execute(delete(_o).where(_o.c.edition == func.any(list(given)), ~there))
    chosen: Select[Any] = select(*slots.c)
    new = insert(_o).from_select(["edition", *names], chosen)
    conn.execute(new.on_conflict_do_nothing())


def bump(conn: Connection, ids: Collection[str], now: datetime) -> None:
    """These initiatives look different from now on: a card showing them is out of date."""
    if ids:
        conn.execute(
            update(_n)
            .where(_n.c.id == func.any(list(ids)))
            .values(version=_n.c.version + 1, changed_at=now)
        )
