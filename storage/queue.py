"""The queue: cards leased to one reviewer at a time (storage.answers keeps what they say).

A lease lasts ten minutes and ends by itself. Whoever asks takes the most useful cards that nobody
holds, in one statement: two people never get the same one.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, and_, func, literal_column, or_, select, update
from sqlalchemy.sql import ColumnElement

from domain.errors import NotFound
from domain.statuses import CardState, DecisionKind, Look
from storage import tables
from storage.accounts import Account
from storage.cards import organiser_key

_c, _a, _n = tables.cards, tables.answers, tables.initiatives
_q, _p = tables.questions, tables.placements

LEASE = timedelta(minutes=10)
FRESH = LEASE * 2 / 3  # what is left of a lease not worth writing again
CONTROL_EVERY = 25
TO_REVIEW = (CardState.OPEN, CardState.SECOND)


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
        .where(*_wanted(wanted), *theirs_to_see(account, now))
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
    states = (CardState.ARBITRATION,) if arbitrating else TO_REVIEW
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


def theirs_to_see(account: Account, now: datetime) -> list[ColumnElement[bool]]:
    """Cards free (or theirs), in their territory, not of their own organisation."""
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
        .where(_c.c.known.is_not(None), ~seen.exists(), *theirs_to_see(account, now))
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
