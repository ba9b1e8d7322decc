"""How much there is of everything, in one statement: reports, `paat db status`, the first page."""

from dataclasses import dataclass

from sqlalchemy import Connection, ScalarSelect, Select, and_, func, select

from domain.statuses import InitiativeStatus
from storage import tables as t


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows that count today; merged initiatives, released or closed rows are left out."""

    items: int
    quarantined: int
    initiatives: int
    joined: int  # mentions that share their initiative with another
    questions: int  # pairs waiting for a person
    waiting: int  # initiatives to review


def of_everything(conn: Connection) -> Counts:
    """The counts as the connection sees them now."""
    alive = t.initiatives.c.merged_into.is_(None)
    to_review = (InitiativeStatus.WAITING, InitiativeStatus.REOPENED)
    placed = select(t.placements.c.initiative, func.count().label("members")).where(
        t.placements.c.left_at.is_(None)
    )
    shared = placed.group_by(t.placements.c.initiative).having(func.count() > 1).subquery()
    row = conn.execute(
        select(
            _count(select(func.count()).select_from(t.items)),
            _count(
                select(func.count())
                .select_from(t.quarantine)
                .where(t.quarantine.c.released_at.is_(None))
            ),
            _count(select(func.count()).select_from(t.initiatives).where(alive)),
            _count(select(func.coalesce(func.sum(shared.c.members - 1), 0))),
            _count(
                select(func.count())
                .select_from(t.questions)
                .where(t.questions.c.closed_at.is_(None))
            ),
            _count(
                select(func.count())
                .select_from(t.initiatives)
                .where(and_(alive, t.initiatives.c.status.in_(to_review)))
            ),
        )
    ).one()
    return Counts(
        items=row[0],
        quarantined=row[1],
        initiatives=row[2],
        joined=int(row[3]),
        questions=row[4],
        waiting=row[5],
    )


def _count(query: Select[tuple[int]]) -> ScalarSelect[int]:
    return query.scalar_subquery()
