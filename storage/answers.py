"""What reviewers say of a card: every look is kept, and the first one is carried out at once.

A second, blind look only compares, and a disagreement goes to arbitration. A control (its answer is
known) measures and changes nothing. The last answers of the day can be taken back, one by one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from domain.errors import Conflict, NotAllowed, NotFound
from domain.records import Decision
from domain.statuses import CardState, DecisionKind, Look
from storage import decisions, outbox, tables
from storage.accounts import Account
from storage.cards import same_organisation, settle
from storage.codec import safe
from storage.queue import FRESH, LEASE

_c, _a, _n = tables.cards, tables.answers, tables.initiatives
_ANSWERABLE = (DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.SKIP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a person says of a card. The same `key` twice is one answer."""

    initiative: str
    campaign: str
    kind: DecisionKind
    key: str
    version: int  # of the initiative as it was shown
    themes: tuple[str, ...] = ()
    motive: str = ""
    seconds: float | None = None
    model: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What became of an answer."""

    look: Look
    decision: int | None = None
    again: bool = False  # it had been received already
    aging: bool = False  # the leases of the page deserve to be renewed
    disagrees: bool = False  # with the first look


# --- answering -------------------------------------------------------------------------------


def answer(conn: Connection, account: Account, given: Answer, now: datetime) -> Answered:
    """Keep the answer and carry it out. The same key twice is one answer.

    Raises Conflict (someone else has the card or decided it, the initiative changed since it was
    shown), NotAllowed (another territory, one's own organisation), NotFound (no such card).
    """
    card = _locked(conn, given.initiative, given.campaign)
    if (done := _by_key(conn, given.key)) is not None:
        return done
    look = _look(conn, card, account, given, now)
    if look is Look.SECOND:
        return _second(conn, card, account, given, now)
    if look is Look.CONTROL:
        _keep(conn, account, given, now, look=look)
        settle(conn, given.initiative, given.campaign)
        return Answered(look=look)
    decided = decisions.add(
        conn,
        _decision(account, given, now),
        version=given.version,
        new=True,
        card=_after(card, look, given),
    )
    _keep(conn, account, given, now, look=look, decision=decided.id)
    if given.kind is not DecisionKind.SKIP:
        tell(conn, decided, now)
    aging = card.leased_until is None or card.leased_until < now + FRESH
    return Answered(look=look, decision=decided.id, aging=aging)


def tell(conn: Connection, decision: Decision, now: datetime) -> None:
    """Wake who learns from decisions, once this transaction is committed."""
    payload = {"decision": decision.id, "initiative": decision.initiative}
    outbox.put(
        conn, "paat.decisions.recorded", resource=decision.campaign, now=now, payload=payload
    )


def _locked(conn: Connection, initiative: str, campaign: str) -> Row[Any]:
    here = (_c.c.initiative == initiative) & (_c.c.campaign == campaign)
    card = conn.execute(select(_c).where(here).with_for_update()).one_or_none()
    if card is None:
        raise NotFound("no card for this initiative in this campaign", about=initiative)
    return card


def _look(conn: Connection, card: Row[Any], account: Account, given: Answer, now: datetime) -> Look:
    """In which role this person answers. Raises when they may not."""
    about = card.initiative
    if given.kind not in _ANSWERABLE:
        raise Conflict(f"{given.kind!r} where approve, reject or skip was expected", about=about)
    if account.departments and card.department not in (None, *account.departments):
        raise NotAllowed(f"département {card.department} is not this account's", about=about)
    if same_organisation(card.organiser_key, account.organisation):
        raise NotAllowed("the organiser is the person's own organisation", about=about)
    if card.leased_by not in (None, account.id) and card.leased_until > now:
        raise Conflict("someone else holds this card", about=about)
    state = CardState(card.state)
    if state is CardState.DONE:
        if card.known is None or card.leased_by != account.id:
            raise Conflict("this card was decided meanwhile", about=about)
        return Look.CONTROL
    if state is CardState.SECOND and _first(conn, card).account == account.id:
        raise Conflict("the second look is for someone else", about=about)
    looks = {CardState.OPEN: Look.FIRST, CardState.SECOND: Look.SECOND}
    return looks.get(state, Look.ARBITRATION)


def _first(conn: Connection, card: Row[Any]) -> Row[Any]:
    """The first look at a card that waits for a second."""
    query = select(_a).where(
        _a.c.initiative == card.initiative,
        _a.c.campaign == card.campaign,
        _a.c.look == Look.FIRST,
        _a.c.kind != DecisionKind.SKIP,
        _a.c.undone_at.is_(None),
    )
    return conn.execute(query.order_by(_a.c.id.desc()).limit(1)).one()


def _second(
    conn: Connection, card: Row[Any], account: Account, given: Answer, now: datetime
) -> Answered:
    """Compare with the first look. The decision in force stays until someone arbitrates."""
    version = conn.execute(select(_n.c.version).where(_n.c.id == given.initiative)).scalar_one()
    if version != given.version:
        raise Conflict(f"at version {version} where {given.version} was shown; reload it")
    _keep(conn, account, given, now, look=Look.SECOND)
    if given.kind is DecisionKind.SKIP:
        settle(conn, given.initiative, given.campaign, skips=_c.c.skips + 1)
        return Answered(look=Look.SECOND)
    first = _first(conn, card)
    same = first.kind == given.kind and (
        given.kind is DecisionKind.REJECT or set(first.themes) == set(given.themes)
    )
    if same:
        settle(conn, given.initiative, given.campaign, state=CardState.DONE, known=_known(given))
    else:
        settle(conn, given.initiative, given.campaign, state=CardState.ARBITRATION)
    return Answered(look=Look.SECOND, disagrees=not same)


def _after(card: Row[Any], look: Look, given: Answer) -> dict[str, Any]:
    """The columns of the card after a decision."""
    if given.kind is DecisionKind.SKIP:
        return {"skips": _c.c.skips + 1}
    if look is Look.ARBITRATION:
        return {"state": CardState.DONE, "known": _known(given)}
    return {"state": CardState.SECOND if card.doubled else CardState.DONE}


def _known(given: Answer) -> dict[str, Any]:
    return {"kind": given.kind.value, "themes": sorted(given.themes)}


def _decision(account: Account, given: Answer, now: datetime) -> Decision:
    value: Mapping[str, Any] = {}
    if given.kind is DecisionKind.APPROVE:
        value = {"themes": list(given.themes)}
    return Decision(
        initiative=given.initiative,
        campaign=given.campaign,
        kind=given.kind,
        by=account.by,
        at=now,
        value=value,
        motive=given.motive,
        key=given.key,
    )


def _keep(
    conn: Connection,
    account: Account,
    given: Answer,
    now: datetime,
    *,
    look: Look,
    decision: int | None = None,
) -> None:
    row = {
        "initiative": given.initiative,
        "campaign": given.campaign,
        "account": account.id,
        "look": look,
        "kind": given.kind,
        "themes": sorted(given.themes),
        "at": now,
        "seconds": given.seconds,
        "model": safe(given.model),
        "decision": decision,
        "key": safe(given.key),
    }
    conn.execute(insert(_a), row)


def _by_key(conn: Connection, key: str) -> Answered | None:
    row = conn.execute(select(_a).where(_a.c.key == safe(key))).one_or_none()
    if row is None:
        return None
    return Answered(look=Look(row.look), decision=row.decision, again=True)


# --- undoing ---------------------------------------------------------------------------------


def undo_last(conn: Connection, account: Account, campaign: str, now: datetime) -> str:
    """Take back the person's last answer of the day; the card is theirs again. Its initiative.

    Raises NotFound when there is nothing to undo, Conflict when someone answered since.
    """
    mine = (_a.c.account == account.id) & (_a.c.campaign == campaign) & _a.c.undone_at.is_(None)
    recent = _a.c.at > now - timedelta(hours=24)
    last = conn.execute(
        select(_a).where(mine, recent).order_by(_a.c.id.desc()).limit(1)
    ).one_or_none()
    if last is None:
        raise NotFound("nothing of the last 24 hours to undo", about=account.name)
    _locked(conn, last.initiative, campaign)
    if last.look == Look.FIRST and last.kind != DecisionKind.SKIP and _answered_since(conn, last):
        raise Conflict("someone else answered this card since", about=last.initiative)
    if last.decision is not None:
        undoing = Decision(
            initiative=last.initiative,
            campaign=campaign,
            kind=DecisionKind.UNDO,
            by=account.by,
            at=now,
            undoes=last.decision,
        )
        tell(conn, decisions.add(conn, undoing), now)
    conn.execute(update(_a).where(_a.c.id == last.id).values(undone_at=now))
    here = (_c.c.initiative == last.initiative) & (_c.c.campaign == campaign)
    columns = {"leased_by": account.id, "leased_until": now + LEASE, **_undone(last)}
    conn.execute(update(_c).where(here).values(**columns))
    return str(last.initiative)


def _answered_since(conn: Connection, last: Row[Any]) -> bool:
    later = select(_a.c.id).where(
        _a.c.initiative == last.initiative,
        _a.c.campaign == last.campaign,
        _a.c.id > last.id,
        _a.c.undone_at.is_(None),
        _a.c.kind != DecisionKind.SKIP,
        _a.c.look.in_((Look.SECOND, Look.ARBITRATION)),
    )
    return conn.execute(later.limit(1)).first() is not None


def _undone(last: Row[Any]) -> dict[str, Any]:
    """The columns of the card once that answer is taken back."""
    if last.kind == DecisionKind.SKIP:
        return {"skips": func.greatest(_c.c.skips - 1, 0)}
    state = {
        Look.FIRST: CardState.OPEN,
        Look.SECOND: CardState.SECOND,
        Look.ARBITRATION: CardState.ARBITRATION,
    }.get(Look(last.look))
    return {} if state is None else {"state": state, "known": None}
