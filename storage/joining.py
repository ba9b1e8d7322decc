"""Initiatives that become one, what undoes it, and what people decided, which follows.

Nothing is forgotten: a join keeps what it took, so that a split gives back exactly what was.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, Text, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict
from domain.intents import Intent, JoinInitiative, MoveEdition, PlaceMention, Split
from domain.records import Json
from domain.statuses import InitiativeStatus
from storage import tables, values
from storage.rows import table_of

_n, _e, _p = tables.initiatives, tables.editions, tables.placements
_j, _d = tables.joins, tables.decisions


def undo_join(conn: Connection, initiative: str) -> tuple[Intent, ...]:
    """The intents that give that initiative back what it had when it was merged, and the survivor
    its own mentions where they were, should they stand in an edition that goes back.

    Add a person's `different` verdict, or the machine may merge it again. Raises Conflict when it
    is not merged.
    """
    query = select(_j.c.before, _j.c.into).where(
        _j.c.initiative == initiative, _j.c.undone_at.is_(None)
    )
    row = conn.execute(query).one_or_none()
    if row is None:
        raise Conflict("this initiative is not merged into another; reload it", about=initiative)
    return (
        Split(initiative=initiative),
        *(
            MoveEdition(edition=edition, initiative=initiative, part_of=part_of)
            for edition, part_of in row.before["editions"]
        ),
        *(
            PlaceMention(mention=mention, initiative=initiative, edition=edition)
            for mention, edition in row.before["placements"]
        ),
        *_given_back(conn, row.into, row.before),
    )


def _given_back(conn: Connection, into: str, before: Json) -> Iterator[Intent]:
    """What the survivor had, where it was: its mentions that never left it, its sub-events."""
    survivor = before.get("survivor", {"editions": [], "placements": []})
    leaving = [edition for edition, _ in before["editions"]]
    theirs = {mention for mention, _ in before["placements"]}
    ours = {m: edition for m, edition in survivor["placements"] if m not in theirs}
    parts = dict(survivor["editions"])
    inside = select(_p.c.mention, _p.c.initiative).where(
        or_(_p.c.edition == func.any(leaving), _p.c.initiative == into),
        _p.c.mention == func.any(list(ours)),
        _p.c.left_at.is_(None),
    )
    under = select(_e.c.id, _e.c.initiative).where(_e.c.part_of == func.any(leaving))
    homes = {row.id: row.initiative for row in conn.execute(under.where(_e.c.id.in_(parts)))}
    places = {row.mention: row.initiative for row in conn.execute(inside)}
    homes |= {ours[m]: home for m, home in places.items() if ours[m] is not None}
    for edition, home in sorted(homes.items()):
        yield MoveEdition(edition=edition, initiative=home, part_of=parts.get(edition))
    for mention, home in sorted(places.items()):
        yield PlaceMention(mention=mention, initiative=home, edition=ours[mention])


def snapshot(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, list[object]]]:
    """What each initiative holds now, as `undo_join` will need it."""
    kept: dict[str, dict[str, list[object]]] = {i: {"editions": [], "placements": []} for i in ids}
    if not ids:
        return kept
    editions = select(_e.c.initiative, _e.c.id, _e.c.part_of).order_by(_e.c.id)
    for row in conn.execute(editions.where(_e.c.initiative == func.any(ids))):
        kept[row.initiative]["editions"].append([row.id, row.part_of])
    placements = select(_p.c.initiative, _p.c.mention, _p.c.edition).order_by(_p.c.mention)
    placements = placements.where(_p.c.initiative == func.any(ids), _p.c.left_at.is_(None))
    for row in conn.execute(placements):
        kept[row.initiative]["placements"].append([row.mention, row.edition])
    return kept


def join(
    conn: Connection,
    joins: Sequence[JoinInitiative],
    before: dict[str, dict[str, list[object]]],
    now: datetime,
    *,
    answered: bool,
) -> set[str]:
    """Point the emptied initiatives to their survivors, who inherit what people decided."""
    if not joins:
        return set()
    ids = {name for one in joins for name in (one.initiative, one.into)}
    known = {
        row.id: row
        for row in conn.execute(
            select(_n.c.id, _n.c.status, _n.c.merged_into).where(_n.c.id == func.any(list(ids)))
        )
    }
    for name in sorted(ids - known.keys()):
        raise Conflict("no such initiative to join; make the plan again", about=name)
    new = [one for one in joins if known[one.initiative].merged_into != one.into]
    if not new:
        return set()
    status = {name: InitiativeStatus(row.status) for name, row in known.items()}
    rows = []
    for one in new:
        rows.append(
            {
                "initiative": one.initiative,
                "into": one.into,
                "at": now,
                "before": before[one.initiative] | {"survivor": before[one.into]},
                "into_status": status[one.into],
                "answered": answered,
            }
        )
        status[one.into] = inherited(status[one.into], status[one.initiative])
    statement = insert(_j).returning(_j.c.id, sort_by_parameter_order=True)
    numbers = conn.execute(statement, rows).scalars().all()
    _inherit_values(conn, list(zip(new, numbers, strict=True)), now)
    given = table_of([{"id": one.initiative, "into": one.into} for one in new], id=Text, into=Text)
    conn.execute(update(_n).where(_n.c.id == given.c.id).values(merged_into=given.c.into))
    _set_status(conn, {one.into: status[one.into] for one in new})
    return {name for one in new for name in (one.initiative, one.into)}


def inherited(survivor: InitiativeStatus, absorbed: InitiativeStatus) -> InitiativeStatus:
    """The status of a survivor: a decision outlives a merge, contrary ones are looked at again."""
    if absorbed == InitiativeStatus.WAITING or absorbed == survivor:
        return survivor
    if survivor == InitiativeStatus.WAITING:
        return absorbed
    return InitiativeStatus.REOPENED


def _inherit_values(
    conn: Connection, joins: Sequence[tuple[JoinInitiative, int]], now: datetime
) -> None:
    """A person's values follow into the survivor, where no person has set the field."""
    names = {name for one, _ in joins for name in (one.initiative, one.into)}
    kept = values.current(conn, names)
    for one, number in joins:
        ours = kept.get(one.into, {})
        brought = [
            value
            for value in kept.get(one.initiative, {}).values()
            if value.by_person and not (value.field in ours and ours[value.field].by_person)
        ]
        values.supersede(conn, [(one.into, value.field) for value in brought], now)
        values.add(conn, [(one.into, value) for value in brought], now, joined=number)
        kept[one.into] = ours | {value.field: value for value in brought}


def split(conn: Connection, splits: Sequence[Split], now: datetime) -> set[str]:
    """Merged initiatives stand on their own again; survivors give back what they inherited."""
    names = [one.initiative for one in splits]
    if not names:
        return set()
    decided = select(_d.c.id).where(_d.c.initiative == _j.c.into, _d.c.at > _j.c.at).exists()
    survivor, absorbed = _n.alias("survivor"), _n.alias("absorbed")
    query = (
        select(_j, survivor.c.status, absorbed.c.status.label("own"), decided.label("decided"))
        .join(survivor, survivor.c.id == _j.c.into)
        .join(absorbed, absorbed.c.id == _j.c.initiative)
        .where(_j.c.initiative == func.any(names), _j.c.undone_at.is_(None))
    )
    undone = conn.execute(query).all()
    if not undone:
        return set()
    numbers = [row.id for row in undone]
    conn.execute(update(_j).where(_j.c.id == func.any(numbers)).values(undone_at=now))
    values.take_back(conn, numbers, now)
    back = [row.initiative for row in undone]
    conn.execute(update(_n).where(_n.c.id == func.any(back)).values(merged_into=None))
    gave = {
        row.into: InitiativeStatus(row.into_status)
        for row in undone
        if not row.decided
        and row.status == inherited(InitiativeStatus(row.into_status), InitiativeStatus(row.own))
    }
    _set_status(conn, gave)
    return {name for row in undone for name in (row.initiative, row.into)}


def _set_status(conn: Connection, statuses: dict[str, InitiativeStatus]) -> None:
    if statuses:
        rows = [{"id": name, "status": status} for name, status in statuses.items()]
        given = table_of(rows, id=Text, status=Text)
        conn.execute(
            update(_n)
            .where(_n.c.id == given.c.id, _n.c.status != given.c.status)
            .values(status=given.c.status)
        )
