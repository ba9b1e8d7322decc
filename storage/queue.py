"""The queue: cards leased to one reviewer at a time, and what each of them answered.

A lease lasts ten minutes and ends by itself. The decision of a first look is carried out at once;
a second, blind look only compares, and a disagreement goes to arbitration. A control (its answer is
known) measures and changes nothing.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import ColumnElement

from domain.errors import Conflict, NotAllowed, NotFound
from domain.records import Decision
from domain.statuses import CardState, DecisionKind, Look
from domain.times import PARIS
from storage import decisions, outbox, tables
from storage.accounts import Account
from storage.cards import organiser_key, same_organisation
from storage.codec import safe

_c, _a, _n = tables.cards, tables.answers, tables.initiatives
_q, _p, _b = tables.questions, tables.placements, tables.boxes

LEASE = timedelta(minutes=10)
FRESH = LEASE * 2 / 3  # what is left of a lease not worth writing again
CONTROL_EVERY = 25
_ANSWERABLE = (DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.SKIP)
_TO_REVIEW = (CardState.OPEN, CardState.SECOND)


class Box(StrEnum):
    """Parts of the queue."""

    ALL = "toutes"
    REOPENED = "a-revoir"
    DUPLICATES = "doublons"
    SKIPPED = "passees"
    DISAGREEMENTS = "desaccords"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Which cards of a campaign are wanted."""

    campaign: str
    box: Box = Box.ALL
    theme: str = ""
    department: str = ""
    source: str = ""
    initiative: str = ""  # this one only, when it is still to review


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card in someone's hands. What it shows is the dossier of its initiative."""

    initiative: str
    campaign: str
    state: CardState
    level: int  # 2 = most uncertain
    turn: int
    reopened: bool
    leased_until: datetime

    @property
    def rank(self) -> tuple[int, int, str]:
        return -self.level, self.turn, self.initiative


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


# --- taking and giving back ------------------------------------------------------------------


def lease(
    conn: Connection,
    account: Account,
    wanted: Filters,
    now: datetime,
    *,
    count: int,
    have: Collection[str] = (),
) -> list[Card]:
    """Up to `count` cards for this person, most useful first, in one statement.

    Those already theirs come again unless named in `have`. Nobody else gets them for ten minutes.
    """
    picked = (
        select(_c.c.initiative, _c.c.campaign)
        .where(*_wanted(wanted), *_theirs_to_see(account, now))
        .where(*_not_answered(account, wanted.box))
        .order_by(_c.c.level.desc(), _c.c.turn, _c.c.initiative)
        .limit(count)
        .with_for_update(of=_c, skip_locked=True)
    )
    if have:
        picked = picked.where(_c.c.initiative != func.all(list(have)))
    found = _take(conn, picked, account, now)
    if wanted.box is Box.ALL and not wanted.initiative and found:
        found += _control(conn, account, wanted, now, len(have) + len(found))
    return found


def _take(conn: Connection, query: Any, account: Account, now: datetime) -> list[Card]:
    picked = query.cte("picked")
    taken = (
        update(_c)
        .where(_c.c.initiative == picked.c.initiative, _c.c.campaign == picked.c.campaign)
        .values(leased_by=account.id, leased_until=now + LEASE)
        .returning(_c)
    )
    return sorted((_card(row) for row in conn.execute(taken)), key=lambda card: card.rank)


def _wanted(wanted: Filters) -> list[ColumnElement[bool]]:
    arbitrating = wanted.box is Box.DISAGREEMENTS
    states = (CardState.ARBITRATION,) if arbitrating else _TO_REVIEW
    # Constants, not parameters: the partial indexes are used.
    in_states = or_(*(_c.c.state == _literal(state) for state in states))
    alive = select(_n.c.id).where(_n.c.id == _c.c.initiative, _n.c.merged_into.is_(None))
    conditions = [_c.c.campaign == wanted.campaign, in_states, alive.exists()]
    if wanted.box is Box.REOPENED:
        conditions.append(_c.c.reopened)
    if wanted.box is Box.SKIPPED:
        conditions.append(_c.c.skips > 0)
    if wanted.box is Box.DUPLICATES:
        conditions.append(_asked())
    if wanted.theme:
        conditions.append(_c.c.themes.any(wanted.theme))
    if wanted.department:
        conditions.append(_c.c.department == wanted.department)
    if wanted.source:
        conditions.append(_c.c.sources.any(wanted.source))
    if wanted.initiative:
        conditions.append(_c.c.initiative == wanted.initiative)
    return conditions


def _literal(state: CardState) -> ColumnElement[str]:
    return literal_column(f"'{state.value}'")


def _asked() -> ColumnElement[bool]:
    """Whether a pair with one of its mentions waits for a person."""
    pairs = select(_q.c.a).join(_p, or_(_p.c.mention == _q.c.a, _p.c.mention == _q.c.b))
    pairs = pairs.where(_p.c.initiative == _c.c.initiative, _p.c.left_at.is_(None))
    return pairs.where(_q.c.closed_at.is_(None)).exists()


def _theirs_to_see(account: Account, now: datetime) -> list[ColumnElement[bool]]:
    """Free (or theirs), in their territory, not of their own organisation."""
    free = or_(_c.c.leased_by.is_(None), _c.c.leased_until < now, _c.c.leased_by == account.id)
    conditions: list[ColumnElement[bool]] = [free]
    if account.departments:
        mine = _c.c.department == func.any(list(account.departments))
        conditions.append(or_(_c.c.department.is_(None), mine))
    if account.organisation.strip():
        conditions.append(_c.c.organiser_key != organiser_key(account.organisation))
    return conditions


def _not_answered(account: Account, box: Box) -> list[ColumnElement[bool]]:
    if box is Box.DISAGREEMENTS:
        return []
    mine = and_(
        _a.c.initiative == _c.c.initiative,
        _a.c.campaign == _c.c.campaign,
        _a.c.account == account.id,
        _a.c.undone_at.is_(None),
        _a.c.at >= _c.c.entered_at,
    )
    if box is Box.SKIPPED:
        mine = and_(mine, _a.c.kind != DecisionKind.SKIP)
    return [~select(_a.c.id).where(mine).exists()]


def _control(
    conn: Connection, account: Account, wanted: Filters, now: datetime, in_hand: int
) -> list[Card]:
    """One card whose answer is known, once in 25; none when there is none they have not seen."""
    mine = _a.c.account == account.id
    last = select(func.coalesce(func.max(_a.c.id), 0)).where(mine, _a.c.look == Look.CONTROL)
    since = select(func.count()).where(mine, _a.c.id > last.scalar_subquery())
    if conn.execute(since).scalar_one() + in_hand < CONTROL_EVERY:
        return []
    waiting = select(_c.c.initiative).where(
        _c.c.leased_by == account.id, _c.c.state == CardState.DONE, _c.c.leased_until > now
    )
    if conn.execute(waiting.limit(1)).first() is not None:
        return []
    seen = select(_a.c.id).where(
        _a.c.initiative == _c.c.initiative, _a.c.campaign == _c.c.campaign, mine
    )
    picked = (
        select(_c.c.initiative, _c.c.campaign)
        .where(_c.c.campaign == wanted.campaign, _c.c.state == CardState.DONE)
        .where(_c.c.known.is_not(None), ~seen.exists(), *_theirs_to_see(account, now))
        .order_by(func.md5(_c.c.initiative + account.name))
        .limit(1)
        .with_for_update(of=_c, skip_locked=True)
    )
    return _take(conn, picked, account, now)


def renew(conn: Connection, account: int, now: datetime) -> None:
    """The person is at work: what they hold stays theirs for ten more minutes."""
    # Not at each key: a lease is written again once a third of it is gone.
    aging = (_c.c.leased_by == account) & (_c.c.leased_until < now + FRESH)
    conn.execute(update(_c).where(aging).values(leased_until=now + LEASE))


def release(
    conn: Connection, account: int, *, keep: Collection[str] = (), until: str | None = None
) -> int:
    """Give back what the person holds, but `keep`; how many cards.

    With `until` (an ISO instant), only leases that end by then: a page that is left must not give
    back what a later page of the same person took.
    """
    held = update(_c).where(_c.c.leased_by == account)
    if until is not None:
        held = held.where(_c.c.leased_until <= _instant(until))
    if keep:
        held = held.where(_c.c.initiative != func.all(list(keep)))
    return conn.execute(held.values(leased_by=None, leased_until=None)).rowcount


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise NotFound(f"{text[:40]!r} where an instant was expected; reload the page") from None


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
        _settle(conn, given)
        return Answered(look=look)
    decided = decisions.add(conn, _decision(account, given, now), version=given.version)
    _keep(conn, account, given, now, look=look, decision=decided.id)
    _settle(conn, given, **_after(card, look, given))
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
        _settle(conn, given, skips=_c.c.skips + 1)
        return Answered(look=Look.SECOND)
    first = _first(conn, card)
    same = first.kind == given.kind and (
        given.kind is DecisionKind.REJECT or set(first.themes) == set(given.themes)
    )
    if same:
        _settle(conn, given, state=CardState.DONE, known=_known(given))
    else:
        _settle(conn, given, state=CardState.ARBITRATION)
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


def _settle(conn: Connection, given: Answer, **columns: Any) -> None:
    here = (_c.c.initiative == given.initiative) & (_c.c.campaign == given.campaign)
    free: dict[str, Any] = {"leased_by": None, "leased_until": None}
    conn.execute(update(_c).where(here).values(**free | columns))


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
    card = _locked(conn, last.initiative, campaign)
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
    columns = {"leased_by": account.id, "leased_until": now + LEASE, **_undone(card, last)}
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


def _undone(card: Row[Any], last: Row[Any]) -> dict[str, Any]:
    """The columns of the card once that answer is taken back."""
    if last.kind == DecisionKind.SKIP:
        return {"skips": func.greatest(_c.c.skips - 1, 0)}
    state = {
        Look.FIRST: CardState.OPEN,
        Look.SECOND: CardState.SECOND,
        Look.ARBITRATION: CardState.ARBITRATION,
    }.get(Look(last.look))
    return {} if state is None else {"state": state, "known": None}


# --- how much there is -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Cards of a campaign, by box."""

    campaign: str
    to_review: int
    second: int
    reopened: int
    skipped: int
    disagreements: int
    done: int


def counts(conn: Connection) -> list[Waiting]:
    """For each campaign with cards, the one with most to review first."""
    open_ones = _c.c.state.in_(_TO_REVIEW)

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    query = (
        select(
            _c.c.campaign,
            how_many(open_ones).label("to_review"),
            how_many(_c.c.state == CardState.SECOND).label("second"),
            how_many(and_(open_ones, _c.c.reopened)).label("reopened"),
            how_many(and_(open_ones, _c.c.skips > 0)).label("skipped"),
            how_many(_c.c.state == CardState.ARBITRATION).label("disagreements"),
            how_many(_c.c.state == CardState.DONE).label("done"),
        )
        .join(_n, _n.c.id == _c.c.initiative)
        .where(_n.c.merged_into.is_(None))
        .group_by(_c.c.campaign)
    )
    found = [Waiting(**row) for row in conn.execute(query).mappings()]
    return sorted(found, key=lambda one: (-one.to_review, one.campaign))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """Values to filter by, with how many cards wait under each."""

    themes: Mapping[str, int] = field(default_factory=dict)
    departments: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)


def facets(conn: Connection, campaign: str) -> Facets:
    """The themes, départements and sources of what waits in a campaign."""
    waiting = and_(_c.c.campaign == campaign, _c.c.state.in_(_TO_REVIEW))

    def by(value: ColumnElement[Any]) -> dict[str, int]:
        each = select(value.label("value")).where(waiting).subquery()
        query = select(each.c.value, func.count()).where(each.c.value.is_not(None))
        query = query.group_by(each.c.value).order_by(each.c.value)
        return {row[0]: row[1] for row in conn.execute(query)}

    return Facets(
        themes=by(func.unnest(_c.c.themes)),
        departments=by(_c.c.department),
        sources=by(func.unnest(_c.c.sources)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A person's own day: how many answers, seconds for half of them."""

    today: int
    seconds: float | None


def done_by(conn: Connection, account: int, now: datetime) -> Mine:
    """What this person answered since midnight in Paris."""
    midnight = now.astimezone(PARIS).replace(hour=0, minute=0, second=0, microsecond=0)
    mine = and_(_a.c.account == account, _a.c.at >= midnight, _a.c.undone_at.is_(None))
    median = func.percentile_cont(0.5).within_group(_a.c.seconds)
    row = conn.execute(select(func.count(), median).where(mine)).one()
    return Mine(today=row[0], seconds=row[1])


# --- saved boxes -----------------------------------------------------------------------------


def save_box(conn: Connection, account: int, name: str, query: str) -> None:
    """Keep these filters under a name; the same name again replaces them."""
    row = {"account": account, "name": safe(name)[:60], "query": safe(query)[:500]}
    new = upsert(_b).values(row)
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_b.c.account, _b.c.name], set_={"query": new.excluded.query}
        )
    )


def drop_box(conn: Connection, account: int, name: str) -> None:
    conn.execute(_b.delete().where(_b.c.account == account, _b.c.name == name))


def saved_boxes(conn: Connection, account: int) -> dict[str, str]:
    """name → filters as in the address."""
    query = select(_b.c.name, _b.c.query).where(_b.c.account == account).order_by(_b.c.name)
    return {row.name: row.query for row in conn.execute(query)}


def _card(row: Row[Any]) -> Card:
    return Card(
        initiative=row.initiative,
        campaign=row.campaign,
        state=CardState(row.state),
        level=row.level,
        turn=row.turn,
        reopened=row.reopened,
        leased_until=row.leased_until,
    )
