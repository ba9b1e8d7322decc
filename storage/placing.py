"""The one place that carries out a plan: where mentions belong; joins and splits are in `joining`.

Nothing is forgotten: a placement is closed, never deleted. The same plan twice changes nothing the
second time.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    Connection,
    Text,
    delete,
    func,
    literal,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import insert

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
from storage import joining, matches, moved, tables
from storage.ahead import asking
from storage.rows import table_of

_n, _e, _p, _u = tables.initiatives, tables.editions, tables.placements, tables.unmatched

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
    before = joining.snapshot(conn, [name for one in joins for name in (one.initiative, one.into)])
    created = _create(conn, _only(plan, NewInitiative), now)
    split = joining.split(conn, _only(plan, Split), now)
    _create_editions(conn, _only(plan, NewEdition))
    moves, places = _only(plan, MoveEdition), _only(plan, PlaceMention)
    if answered:
        moved.remember(conn, [one.mention for one in places], [one.edition for one in moves])
    placed, touched = _place(conn, moves, places, now)
    if answered:
        moved.settle(conn, touched)
    else:
        moved.forget(conn, placed.intersection(matched))
    joined = joining.join(conn, joins, before, now, answered=answered)
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
    # Their names first: joined to what gives them, every initiative would be read.
    named |= {*conn.execute(union(here, there)).scalars()}
    held = select(_n.c.id).where(_n.c.id == func.any(list(named)))
    conn.execute(held.order_by(_n.c.id).with_for_update())


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
        conn.execute(delete(_u).where(_u.c.mention == func.any(list(matched))))
