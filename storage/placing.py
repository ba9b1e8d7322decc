"""The one place that carries out a plan: where mentions belong, joins, and what undoes them.

Nothing is forgotten: a placement is closed, never deleted; a join keeps what it took, so that a
split gives back exactly what was. The same plan twice changes nothing the second time.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert

from domain.errors import Conflict
from domain.intents import (
    AskReviewer,
    Forget,
    Intent,
    JoinInitiative,
    MoveEdition,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Remember,
    Split,
    Withdraw,
)
from domain.records import Json
from domain.statuses import InitiativeStatus
from storage import matches, moved, tables, values
from storage.ahead import asking
from storage.rows import table_of

_n, _e, _p, _j = tables.initiatives, tables.editions, tables.placements, tables.joins
_m, _d = tables.mentions, tables.decisions

I = TypeVar("I")  # noqa: E741
_Place = tuple[str, str | None]  # initiative, edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a plan changed; all zero when it was already carried out."""

    created: int = 0
    placed: int = 0
    joined: int = 0
    split: int = 0
    asked: int = 0
    touched: tuple[str, ...] = field(default=())  # initiatives whose members changed


def apply(
    conn: Connection,
    intents: Iterable[Intent],
    now: datetime,
    *,
    matched: Collection[int] = (),
    answered: bool = False,
) -> Applied:
    """Carry out the plan in the transaction of `conn`; a constant number of statements. What it
    says first to remember is written while the rest is thought out, if it still is.

    `matched` are the mentions the plan was made for: they are matched from now on. Others that it
    placed, and that wait for theirs, still do: nobody looked for what they are near.
    `answered`: a person's answer wants it; where the chain had put what moves is remembered.
    Raises Conflict when the plan no longer fits what is stored: make it again.
    """
    plan = _thought_out(conn, intents)
    _lock(conn, plan, matched)
    joins = _only(plan, JoinInitiative)
    before = _snapshot(conn, [name for one in joins for name in (one.initiative, one.into)])
    created = _create(conn, _only(plan, NewInitiative), now)
    split = _split(conn, _only(plan, Split), now)
    _create_editions(conn, _only(plan, NewEdition))
    moves, places = _only(plan, MoveEdition), _only(plan, PlaceMention)
    if answered:
        moved.remember(conn, [one.mention for one in places], [one.edition for one in moves])
    placed, touched = _place(conn, moves, places, now)
    if answered:
        moved.settle(conn, touched)
    else:
        moved.forget(conn, placed.intersection(matched))
    joined = _join(conn, joins, before, now, answered=answered)
    touched |= split | joined
    _check(conn, touched | created)
    questions = [one.question for one in _only(plan, AskReviewer)]
    matches.forget(conn, [(one.a, one.b) for one in _only(plan, Forget)], now)
    matches.withdraw(conn, [(one.a, one.b) for one in _only(plan, Withdraw)], now)
    matches.put_questions(conn, questions, now)
    _finish(conn, touched - created, {*matched}, now)
    return Applied(
        created=len(created),
        placed=len(placed),
        joined=len(joined & {one.initiative for one in joins}),
        split=len(split & {one.initiative for one in _only(plan, Split)}),
        asked=len(questions),
        touched=tuple(sorted(touched | created)),
    )


def _thought_out(conn: Connection, intents: Iterable[Intent]) -> list[Intent]:
    """The intents but what is to be remembered, which is written meanwhile."""
    rest: list[Intent] = []
    written: list[Callable[[], None]] = []
    with asking() as ask:
        for one in intents:
            if isinstance(one, Remember):
                written.append(ask(matches.add_verdicts, conn, one.verdicts))
            else:
                rest.append(one)
        for done in written:
            done()
    return rest


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


def _only(plan: Sequence[Intent], kind: type[I]) -> list[I]:
    return [one for one in plan if isinstance(one, kind)]


def _lock(conn: Connection, plan: Sequence[Intent], matched: Collection[int]) -> None:
    """Hold every initiative concerned, in one order: two plans at once wait, never deadlock."""
    mentions = {*matched, *(one.mention for one in _only(plan, PlaceMention))}
    named = {
        name
        for one in plan
        for name in (getattr(one, "initiative", None), getattr(one, "into", None))
        if name is not None
    }
    here = select(_p.c.initiative).where(
        _p.c.mention == func.any(list(mentions)), _p.c.left_at.is_(None)
    )
    moved = [one.edition for one in _only(plan, MoveEdition)]
    there = select(_e.c.initiative).where(_e.c.id == func.any(moved))
    told = select(func.unnest(type_coerce(list(named), ARRAY(Text))))
    concerned = _n.c.id.in_(union(told, here, there))  # an « or » would read every initiative
    conn.execute(select(_n.c.id).where(concerned).order_by(_n.c.id).with_for_update())


# --- creating and placing --------------------------------------------------------------------


def _create(conn: Connection, new: Sequence[NewInitiative], now: datetime) -> set[str]:
    if not new:
        return set()
    given = table_of([{"id": one.initiative} for one in new], id=Text)
    rows = select(given.c.id, literal(now), literal(now))
    statement = insert(_n).from_select(["id", "created_at", "changed_at"], rows)
    return set(conn.execute(statement.on_conflict_do_nothing().returning(_n.c.id)).scalars())


def _create_editions(conn: Connection, new: Sequence[NewEdition]) -> None:
    if not new:
        return
    names = ("id", "initiative", "label", "part_of")
    rows = [
        {"id": e.edition, "initiative": e.initiative, "label": e.label, "part_of": e.part_of}
        for e in new
    ]
    # One statement: an edition may be part of another that comes with it.
    given = table_of(rows, **dict.fromkeys(names, Text))
    statement = insert(_e).from_select(names, select(*(given.c[name] for name in names)))
    conn.execute(statement.on_conflict_do_nothing())


def _place(
    conn: Connection, moves: Sequence[MoveEdition], places: Sequence[PlaceMention], now: datetime
) -> tuple[set[int], set[str]]:
    """Move editions with their mentions, then mentions. Those that moved, initiatives touched."""
    touched = _move(conn, moves)
    ids = [one.mention for one in places]
    homes = {one.edition: one.initiative for one in moves}
    query = select(_p.c.mention, _p.c.initiative, _p.c.edition).where(_p.c.left_at.is_(None))
    concerned = or_(_p.c.mention == func.any(ids), _p.c.edition == func.any(list(homes)))
    now_at: dict[int, _Place] = {
        row.mention: (row.initiative, row.edition) for row in conn.execute(query.where(concerned))
    }
    wanted: dict[int, _Place] = {
        mention: (homes[edition], edition)
        for mention, (_, edition) in now_at.items()
        if edition in homes
    }
    wanted |= {one.mention: (one.initiative, one.edition) for one in places}
    leaving = {m: place for m, place in now_at.items() if m in wanted and wanted[m] != place}
    arriving = {m: place for m, place in wanted.items() if now_at.get(m) != place}
    if leaving:
        gone = _p.c.mention == func.any(list(leaving))
        conn.execute(update(_p).where(gone, _p.c.left_at.is_(None)).values(left_at=now))
    if arriving:
        rows = [{"m": m, "i": i, "e": e} for m, (i, e) in sorted(arriving.items())]
        given = table_of(rows, m=BigInteger, i=Text, e=Text)
        columns = ("mention", "initiative", "edition", "placed_at")
        there = select(given.c.m, given.c.i, given.c.e, literal(now)).order_by(given.c.m)
        conn.execute(insert(_p).from_select(columns, there))
    touched |= {place[0] for place in (*leaving.values(), *arriving.values())}
    return set(arriving), touched


def _move(conn: Connection, moves: Sequence[MoveEdition]) -> set[str]:
    """Editions change initiative or festival; the initiatives on both sides."""
    if not moves:
        return set()
    wanted = {one.edition: (one.initiative, one.part_of) for one in moves}
    query = select(_e.c.id, _e.c.initiative, _e.c.part_of).where(_e.c.id == func.any(list(wanted)))
    there = {row.id: (row.initiative, row.part_of) for row in conn.execute(query)}
    changed = {i: place for i, place in wanted.items() if there.get(i) != place}
    if not changed:
        return set()
    rows = [{"id": i, "initiative": n, "part_of": p} for i, (n, p) in changed.items()]
    given = table_of(rows, id=Text, initiative=Text, part_of=Text)
    conn.execute(
        update(_e)
        .where(_e.c.id == given.c.id)
        .values(initiative=given.c.initiative, part_of=given.c.part_of)
    )
    return {n for n, _ in changed.values()} | {there[i][0] for i in changed if i in there}


# --- joining and splitting -------------------------------------------------------------------


def _snapshot(conn: Connection, ids: Sequence[str]) -> dict[str, dict[str, list[object]]]:
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


def _join(
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


def _split(conn: Connection, splits: Sequence[Split], now: datetime) -> set[str]:
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


# --- after -----------------------------------------------------------------------------------


def _check(conn: Connection, ids: set[str]) -> None:
    """Raises Conflict when the plan would leave mentions where they cannot be."""
    query = (
        select(_p.c.mention, _p.c.initiative, _p.c.edition, _n.c.merged_into)
        .join(_n, _n.c.id == _p.c.initiative)
        .outerjoin(_e, _e.c.id == _p.c.edition)
        .where(
            _p.c.left_at.is_(None),
            _p.c.initiative == func.any(list(ids)),
            or_(_n.c.merged_into.is_not(None), _e.c.initiative != _p.c.initiative),
        )
        .limit(1)
    )
    wrong = conn.execute(query).first()
    if wrong is not None:
        why = (
            f"which is merged into {wrong.merged_into}"
            if wrong.merged_into
            else f"but in edition {wrong.edition} of another initiative"
        )
        raise Conflict(
            f"the plan leaves mention {wrong.mention} in {wrong.initiative}, {why}; "
            "make the plan again from what is stored",
            about=wrong.initiative,
        )


def _finish(conn: Connection, touched: set[str], matched: set[int], now: datetime) -> None:
    if touched:
        conn.execute(
            update(_n)
            .where(_n.c.id == func.any(list(touched)))
            .values(values_at=None, version=_n.c.version + 1, changed_at=now)
        )
    if matched:
        waiting = _m.c.id == func.any(list(matched)), _m.c.matched_at.is_(None)
        conn.execute(update(_m).where(*waiting).values(matched_at=now))
