"""The boxes of the queue: how much waits in each, those a person saved, and their own day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql import ColumnElement

from domain.statuses import CardState
from domain.times import PARIS
from storage import tables
from storage.codec import safe
from storage.queue import TO_REVIEW

_c, _a, _n, _b = tables.cards, tables.answers, tables.initiatives, tables.boxes


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
    open_ones = _c.c.state.in_(TO_REVIEW)

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
    waiting = and_(_c.c.campaign == campaign, _c.c.state.in_(TO_REVIEW))

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
