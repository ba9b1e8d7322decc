"""Batches: cards with one prediction, of one organiser or source, decided in one transaction.

One card in twenty shown is a control: its answer is known, it must be ticked or not accordingly.
Only sure, single-look cards enter a batch: those due for a second, blind look stay in the queue.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, insert, select
from sqlalchemy.sql import ColumnElement

from domain.records import Decision
from domain.statuses import CardState, DecisionKind, Look, ScopeAnswer, SuggestionKind
from storage import decisions, outbox, tables
from storage.accounts import Account
from storage.cards import organiser_key, same_organisation
from storage.codec import safe
from storage.queue import theirs_to_see

_c, _s, _l = tables.cards, tables.suggestions, tables.listings
_n, _a, _d = tables.initiatives, tables.answers, tables.decisions

LEAST = 2  # cards that make a group
SIZE = 20  # cards shown at once, one control more


class By(StrEnum):
    """What the cards of a batch share."""

    ORGANISER = "porteur"
    SOURCE = "source"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cards with the same prediction."""

    campaign: str
    by: By
    key: str  # organiser as a card names it, or slug of the source
    scope: ScopeAnswer  # in: to approve with `themes`; out: to reject
    themes: tuple[str, ...] = ()

    @property
    def kind(self) -> DecisionKind:
        return DecisionKind.APPROVE if self.scope is ScopeAnswer.IN else DecisionKind.REJECT

    @property
    def known(self) -> dict[str, Any]:
        """What the answer of a control says when it is this prediction."""
        return {"kind": self.kind.value, "themes": sorted(self.themes)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A line of the table; nothing tells a control from the others."""

    id: str
    version: int
    title: str
    organiser: str
    commune_name: str | None
    starts_on: date | None
    control: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a batch."""

    decided: int = 0
    passed: int = 0  # decided, changed or taken by someone else meanwhile
    missed: tuple[str, ...] = ()  # titles of the controls answered wrongly: nothing was decided


def groups(
    conn: Connection, account: Account, campaign: str, by: By, now: datetime, *, limit: int = 60
) -> list[tuple[Group, int]]:
    """The groups a person may decide and how many cards each holds, largest first."""
    key = _key(by)
    scoped = _scoped(campaign)
    themes = func.array_to_string(_c.c.themes, ",")
    kept = func.coalesce(func.nullif(scoped.c.value, "out") + ":" + themes, "out:")
    query = (
        select(key.label("key"), kept.label("prediction"), func.count().label("cards"))
        .select_from(_eligible(scoped))
        .where(*_open(account, campaign, now), key != "")
        .group_by(key, kept)
        .having(func.count() >= LEAST)
        .order_by(func.count().desc(), key, kept)
        .limit(limit)
    )
    found = []
    for row in conn.execute(query):
        scope, _, names = row.prediction.partition(":")
        group = Group(
            campaign=campaign,
            by=by,
            key=row.key,
            scope=ScopeAnswer(scope),
            themes=tuple(one for one in names.split(",") if one),
        )
        found.append((group, row.cards))
    return found


def members(
    conn: Connection, account: Account, group: Group, now: datetime, *, limit: int = SIZE
) -> list[Member]:
    """The first cards of a group with their control, in an order that tells nothing."""
    query = _of(account, group, now).order_by(_c.c.initiative).limit(limit)
    found = [_member(row) for row in conn.execute(query)]
    if found:
        found += [_member(row, control=True) for row in conn.execute(_controls(account, group))]
    return sorted(found, key=lambda one: one.id[-6:])


def decide(
    conn: Connection,
    account: Account,
    group: Group,
    now: datetime,
    *,
    batch: str,
    ticked: Collection[str],
    seen: Mapping[str, int],
) -> Done:
    """Carry out the prediction for the ticked ones of `seen` (id → version shown).

    When a control is answered wrongly, that is remembered and nothing is decided. Called again
    with the same `batch`, nothing is done twice.
    """
    missed = _check_controls(conn, account, group, now, batch=batch, ticked=ticked, seen=seen)
    if missed:
        return Done(missed=tuple(missed))
    query = _of(account, group, now).where(_c.c.initiative == func.any(list(seen)))
    free = {row.initiative: row for row in conn.execute(query.with_for_update(of=_c))}
    wanted = [i for i in seen if i in ticked and i in free and free[i].version == seen[i]]
    rows = []
    for identity in sorted(wanted):
        decision = Decision(
            initiative=identity,
            campaign=group.campaign,
            kind=group.kind,
            by=account.by,
            at=now,
            value={"themes": list(group.themes)} if group.kind is DecisionKind.APPROVE else {},
            motive="décidée par lot",
            key=f"lot:{batch}:{identity}",
        )
        kept = decisions.add(conn, decision, version=seen[identity])
        rows.append(_answer(account, group, now, identity, kind=group.kind, key=decision.key))
        rows[-1] |= {"decision": kept.id, "look": Look.FIRST}
    if rows:
        conn.execute(insert(_a), rows)
        payload = {"batch": batch, "decisions": len(rows)}
        outbox.put(
            conn, "paat.decisions.recorded", resource=group.campaign, now=now, payload=payload
        )
    controls = {row.initiative for row in conn.execute(_known(group.campaign, seen))}
    left = sum(i in ticked for i in seen if i not in controls) - len(rows)
    return Done(decided=len(rows), passed=left)


def undo(conn: Connection, account: Account, batch: str, now: datetime) -> int:
    """Take back every decision of one's batch still standing; how many."""
    undone = select(_d.c.undoes).where(_d.c.undoes.is_not(None))
    query = select(_d.c.id, _d.c.initiative, _d.c.campaign).where(
        _d.c.key.startswith(f"lot:{safe(batch)}:", autoescape=True),
        _d.c.by == account.by,
        _d.c.id.not_in(undone),
    )
    rows = conn.execute(query.order_by(_d.c.initiative)).all()
    for row in rows:
        decisions.add(
            conn,
            Decision(
                initiative=row.initiative,
                campaign=row.campaign,
                kind=DecisionKind.UNDO,
                by=account.by,
                at=now,
                undoes=row.id,
                motive="lot annulé",
            ),
        )
    return len(rows)


# --- which cards -----------------------------------------------------------------------------


def _key(by: By) -> Any:
    if by is By.ORGANISER:
        return _c.c.organiser_key
    return func.coalesce(_c.c.sources[1], "")


def _scoped(campaign: str) -> Any:
    """The sure scope of each initiative."""
    return (
        select(_s.c.initiative, _s.c.value)
        .where(_s.c.campaign == campaign, _s.c.kind == SuggestionKind.SCOPE, _s.c.chosen)
        .where(_s.c.value.in_((ScopeAnswer.IN, ScopeAnswer.OUT)))
        .subquery("scoped")
    )


def _eligible(scoped: Any) -> Any:
    alive = and_(_n.c.id == _c.c.initiative, _n.c.merged_into.is_(None))
    return _c.join(scoped, scoped.c.initiative == _c.c.initiative).join(_n, alive)


def _open(account: Account, campaign: str, now: datetime) -> list[ColumnElement[bool]]:
    """Cards to review that are theirs to see; those with a likely twin are seen one by one."""
    here = [_c.c.campaign == campaign, _c.c.state == CardState.OPEN, ~_c.c.doubled]
    return [*here, *theirs_to_see(account, now)]


def _of(account: Account, group: Group, now: datetime) -> Select[Any]:
    scoped = _scoped(group.campaign)
    query = (
        select(_c.c.initiative, _n.c.version, *_shown())
        .select_from(_eligible(scoped).outerjoin(_l, _l.c.initiative == _c.c.initiative))
        .where(*_open(account, group.campaign, now))
        .where(_key(group.by) == group.key, scoped.c.value == group.scope)
    )
    if group.scope is ScopeAnswer.IN:
        query = query.where(_c.c.themes == list(group.themes))
    return query


def _shown() -> tuple[Any, ...]:
    return _l.c.title, _l.c.organiser, _l.c.commune_name, _l.c.starts_on


def _member(row: Row[Any], *, control: bool = False) -> Member:
    return Member(
        id=row.initiative,
        version=row.version,
        title=row.title or "",
        organiser=row.organiser or "",
        commune_name=row.commune_name,
        starts_on=row.starts_on,
        control=control,
    )


# --- controls --------------------------------------------------------------------------------


def _controls(account: Account, group: Group) -> Select[Any]:
    """One card whose answer is known, preferably not the prediction: that is what it tests."""
    mine = and_(
        _a.c.initiative == _c.c.initiative,
        _a.c.campaign == _c.c.campaign,
        _a.c.account == account.id,
    )
    query = (
        select(_c.c.initiative, _n.c.version, *_shown())
        .select_from(
            _c.join(_n, and_(_n.c.id == _c.c.initiative, _n.c.merged_into.is_(None))).outerjoin(
                _l, _l.c.initiative == _c.c.initiative
            )
        )
        .where(_c.c.campaign == group.campaign, _c.c.state == CardState.DONE)
        .where(_c.c.known.is_not(None), ~select(_a.c.id).where(mine).exists())
        .order_by(_c.c.known == group.known, func.md5(_c.c.initiative + account.name))
        .limit(1)
    )
    if account.organisation.strip():
        query = query.where(_c.c.organiser_key != organiser_key(account.organisation))
    return query


def _known(campaign: str, seen: Collection[str]) -> Select[Any]:
    return (
        select(_c.c.initiative, _c.c.known, _c.c.organiser_key, _l.c.title)
        .outerjoin(_l, _l.c.initiative == _c.c.initiative)
        .where(_c.c.campaign == campaign, _c.c.initiative == func.any(list(seen)))
        .where(_c.c.state == CardState.DONE, _c.c.known.is_not(None))
    )


def _check_controls(
    conn: Connection,
    account: Account,
    group: Group,
    now: datetime,
    *,
    batch: str,
    ticked: Collection[str],
    seen: Mapping[str, int],
) -> list[str]:
    """Remember how the controls were answered; the titles of those answered wrongly."""
    missed, rows = [], []
    for row in conn.execute(_known(group.campaign, seen)):
        if same_organisation(row.organiser_key, account.organisation):
            continue
        said = row.initiative in ticked
        if said != (row.known == group.known):
            missed.append(row.title or row.initiative)
        kind = group.kind if said else DecisionKind.SKIP
        key = f"lot:{batch}:temoin:{row.initiative}"
        rows.append(_answer(account, group, now, row.initiative, kind=kind, key=key))
    already = select(_a.c.key).where(_a.c.key == func.any([row["key"] for row in rows]))
    told = set(conn.execute(already).scalars()) if rows else set()
    fresh = [row for row in rows if row["key"] not in told]
    if fresh:
        conn.execute(insert(_a), fresh)
    return missed


def _answer(
    account: Account, group: Group, now: datetime, initiative: str, *, kind: DecisionKind, key: str
) -> dict[str, Any]:
    return {
        "initiative": initiative,
        "campaign": group.campaign,
        "account": account.id,
        "look": Look.CONTROL,
        "kind": kind,
        "themes": sorted(group.themes) if kind is DecisionKind.APPROVE else [],
        "at": now,
        "key": key,
    }
