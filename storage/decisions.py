"""What people decided, and what it changes at once. Append-only."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.errors import Conflict
from domain.records import Award, Decision, FieldValue, Json
from domain.statuses import DecisionKind, InitiativeStatus
from storage import awards, cards, lists, tables, values
from storage.campaigns import closed, refuse
from storage.codec import decode, encode, plain, safe

_t, _n = tables.decisions, tables.initiatives
_SHOWN = (DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.EDIT, DecisionKind.UNDO)
_STATUS = {
    DecisionKind.APPROVE: InitiativeStatus.REGISTERED,
    DecisionKind.REJECT: InitiativeStatus.REJECTED,
}


def add(
    conn: Connection,
    decision: Decision,
    *,
    version: int | None = None,
    new: bool = False,
    card: Mapping[str, Json] | None = None,
) -> Decision:
    """Record a decision and carry it out; the decision with its id and what was before.

    APPROVE registers, REJECT rejects, EDIT sets a field for good (`value` = {"field", "value"}),
    AWARD gives a label ({"label", "starts_on"[, "ends_on", "level"]}), UNDO takes back the
    decision `undoes`; the others are only remembered. The same key twice is one decision.
    Raises Conflict when the initiative is not at `version` any more, was merged, is unknown, when
    the campaign is archived, or when the decision was undone already.

    The queue, which holds the card and knows that the key is `new`, says what becomes of the
    `card`: two statements less at each key.
    """
    locked = select(_n, closed(decision.campaign).label("closed")).where(
        _n.c.id == decision.initiative
    )
    current = conn.execute(locked.with_for_update(of=_n)).one_or_none()
    if decision.key and not new and (done := _by_key(conn, decision.key)) is not None:
        return done
    if current is not None and current.closed:
        refuse(decision.campaign)
    status = _checked(current, decision, version)
    undone = _undone(conn, decision)
    before = {"status": status.value} | _before(conn, decision)
    kept = _insert(conn, replace(decision, before=before))
    changes = _carry_out(conn, kept) if undone is None else _take_back(conn, kept, undone)
    cards.decided(conn, kept, undone, card=card)
    if kept.kind in _SHOWN:
        lists.refresh(conn, [kept.initiative])
    if changes is not None:
        seen = {"version": _n.c.version + 1, "changed_at": kept.at}
        conn.execute(update(_n).where(_n.c.id == kept.initiative).values(**seen, **changes))
    return kept


def of(
    conn: Connection, initiatives: Collection[str], *, campaign: str | None = None
) -> list[Decision]:
    """The decisions about these initiatives, oldest first, of one campaign or of all."""
    query = select(_t).where(_t.c.initiative == func.any(list(initiatives)))
    if campaign is not None:
        query = query.where(_t.c.campaign == campaign)
    return [_decision(row) for row in conn.execute(query.order_by(_t.c.id))]


def since(
    conn: Connection, campaign: str, after: int = 0, *, limit: int = 10_000
) -> list[Decision]:
    """The decisions of a campaign with an id greater than `after`: what a model learns from."""
    query = select(_t).where(_t.c.campaign == campaign, _t.c.id > after)
    return [_decision(row) for row in conn.execute(query.order_by(_t.c.id).limit(limit))]


def _checked(current: Row[Any] | None, decision: Decision, version: int | None) -> InitiativeStatus:
    about = decision.initiative
    if current is None:
        raise Conflict("no such initiative; reload the page", about=about)
    if current.merged_into is not None:
        raise Conflict(f"merged into {current.merged_into} meanwhile; decide there", about=about)
    if version is not None and current.version != version:
        raise Conflict(
            f"at version {current.version} where {version} was expected: it changed since it was "
            "shown; reload it and decide again",
            about=about,
        )
    return InitiativeStatus(current.status)


def _by_key(conn: Connection, key: str) -> Decision | None:
    row = conn.execute(select(_t).where(_t.c.key == safe(key))).one_or_none()
    return None if row is None else _decision(row)


def _undone(conn: Connection, decision: Decision) -> Decision | None:
    """The decision an UNDO takes back."""
    if decision.kind != DecisionKind.UNDO:
        return None
    row = conn.execute(
        select(_t).where(_t.c.id == decision.undoes, _t.c.initiative == decision.initiative)
    ).one_or_none()
    if row is None:
        raise Conflict(
            f"no decision {decision.undoes} about this initiative to undo; reload the page",
            about=decision.initiative,
        )
    taken = conn.execute(select(_t.c.id).where(_t.c.undoes == decision.undoes)).first()
    if taken is not None:
        raise Conflict(
            f"decision {decision.undoes} was undone already; nothing to do",
            about=decision.initiative,
        )
    return _decision(row)


def _before(conn: Connection, decision: Decision) -> dict[str, Json]:
    """The value an EDIT replaces, whole, so that undoing gives it back."""
    if decision.kind != DecisionKind.EDIT:
        return {}
    kept = values.current(conn, [decision.initiative]).get(decision.initiative, {})
    old = kept.get(str(decision.value["field"]))
    return {"value": None if old is None else encode(old)}


def _insert(conn: Connection, decision: Decision) -> Decision:
    row = {
        "initiative": decision.initiative,
        "campaign": decision.campaign,
        "kind": decision.kind,
        "by": decision.by,
        "at": decision.at,
        "value": encode(decision.value),
        "before": decision.before,
        "motive": safe(decision.motive),
        "undoes": decision.undoes,
        "key": safe(decision.key) or None,
    }
    identity = conn.execute(insert(_t).returning(_t.c.id), row).scalar_one()
    return replace(decision, id=identity, value=plain(decision.value))


def _carry_out(conn: Connection, decision: Decision) -> dict[str, Json] | None:
    """Do what it says; the columns of the initiative it changes, None when it shows nowhere."""
    if decision.kind in _STATUS:
        return {"status": _STATUS[decision.kind]}
    if decision.kind == DecisionKind.EDIT:
        by = decision.by if decision.by.startswith("user:") else f"user:{decision.by}"
        field = str(decision.value["field"])
        _set(
            conn,
            decision,
            field,
            FieldValue(field=field, value=decision.value.get("value"), rule=by),
        )
        return {}
    if decision.kind == DecisionKind.AWARD:
        awards.save(conn, [_award(decision)])
        return {}
    return None


def _take_back(conn: Connection, decision: Decision, undone: Decision) -> dict[str, Json] | None:
    if undone.kind in _STATUS:
        return {"status": undone.before["status"]}
    if undone.kind == DecisionKind.EDIT:
        old = undone.before["value"]
        field = str(undone.value["field"])
        _set(conn, decision, field, None if old is None else _field_value(old))
        return {"values_at": None}  # the sources may have moved meanwhile
    if undone.kind == DecisionKind.AWARD:
        awards.withdraw(conn, undone.id, decision.at)
        return {}
    return None


def _set(conn: Connection, decision: Decision, field: str, value: FieldValue | None) -> None:
    values.supersede(conn, [(decision.initiative, field)], decision.at)
    if value is not None:
        values.add(conn, [(decision.initiative, value)], decision.at)


def _field_value(data: Mapping[str, Json]) -> FieldValue:
    return decode(FieldValue, {"value": None, **data})


def _award(decision: Decision) -> Award:
    ends_on = decision.value.get("ends_on")
    return Award(
        label=str(decision.value["label"]),
        initiative=decision.initiative,
        level=str(decision.value.get("level", "")),
        starts_on=date.fromisoformat(decision.value["starts_on"]),
        ends_on=None if ends_on is None else date.fromisoformat(ends_on),
        decision=decision.id,
    )


def _decision(row: Row[Any]) -> Decision:
    return Decision(
        id=row.id,
        initiative=row.initiative,
        campaign=row.campaign,
        kind=DecisionKind(row.kind),
        by=row.by,
        at=row.at,
        value=row.value,
        before=row.before,
        motive=row.motive,
        undoes=row.undoes,
        key=row.key or "",
    )
