"""What initiatives were at an instant: the values, verdicts and merges of then."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

from sqlalchemy import Connection, func, or_, select

from domain.records import Decision, Dossier, Edition, FieldValue, Occurrence
from domain.statuses import DecisionKind, InitiativeStatus
from storage import initiatives, tables
from storage.values import value_of

_n, _v, _j = tables.initiatives, tables.initiative_values, tables.joins
_STATUS = {
    DecisionKind.APPROVE: InitiativeStatus.REGISTERED,
    DecisionKind.REJECT: InitiativeStatus.REJECTED,
}
_Values = dict[str, dict[str, FieldValue]]


def touched(conn: Connection, since: datetime) -> list[str]:
    """Ids of the initiatives that changed from that instant on, merged ones left out."""
    query = select(_n.c.id).where(_n.c.changed_at >= since, _n.c.merged_into.is_(None))
    return list(conn.execute(query.order_by(_n.c.id)).scalars())


def merged(conn: Connection, since: datetime) -> dict[str, str]:
    """initiative → where it is now, of the merges made since and still standing."""
    query = select(_j.c.initiative).where(_j.c.at >= since, _j.c.undone_at.is_(None))
    return initiatives.resolve_all(conn, list(conn.execute(query).scalars()))


def before(
    conn: Connection, dossiers: Iterable[Dossier], moment: datetime, *, batch: int = 500
) -> Iterator[Dossier]:
    """These dossiers as they were just before that instant; what did not exist yet is left out.

    Proposals of the machine are not kept once replaced: those of today stand for those of then.
    The dates of an initiative with several editions are today's.
    """
    rest = iter(dossiers)
    while part := list(islice(rest, batch)):
        old = [one for one in part if one.initiative.created_at < moment]
        kept = _values(conn, [one.initiative.id for one in old], moment)
        for one in old:
            yield _before(one, kept.get(one.initiative.id, {}), moment)


def _values(conn: Connection, ids: Sequence[str], moment: datetime) -> _Values:
    """initiative → field → the value kept at that instant."""
    query = select(_v).where(_v.c.initiative == func.any(list(ids)), _v.c.at < moment)
    query = query.where(or_(_v.c.superseded_at.is_(None), _v.c.superseded_at >= moment))
    # A value read again may bear the instant of its mention: the first one written was kept then.
    query = query.distinct(_v.c.initiative, _v.c.field)
    query = query.order_by(_v.c.initiative, _v.c.field, _v.c.id)
    found: _Values = {}
    for row in conn.execute(query).mappings():
        found.setdefault(row["initiative"], {})[row["field"]] = value_of(row)
    return found


def _before(one: Dossier, values: dict[str, FieldValue], moment: datetime) -> Dossier:
    decisions = tuple(d for d in one.decisions if d.at < moment)
    since = {d.id for d in one.decisions} - {d.id for d in decisions}
    whole = replace(
        one.initiative,
        values=values,
        status=_status(decisions),
        editions=_editions(one.initiative.editions, values, one.initiative.values),
    )
    awards = tuple(award for award in one.awards if award.decision not in since)
    return replace(one, initiative=whole, decisions=decisions, awards=awards)


def _status(decisions: Sequence[Decision]) -> InitiativeStatus:
    """What the last verdict standing made of it."""
    undone = {one.undoes for one in decisions if one.undoes}
    standing = [one for one in decisions if one.kind in _STATUS and one.id not in undone]
    return _STATUS[standing[-1].kind] if standing else InitiativeStatus.WAITING


def _editions(
    editions: tuple[Edition, ...], then: dict[str, FieldValue], now: object
) -> tuple[Edition, ...]:
    """The only edition on the days it had then."""
    days = [_day(then, name) for name in ("starts_on", "ends_on")]
    if len(editions) != 1 or days == [_day(now, name) for name in ("starts_on", "ends_on")]:
        return editions
    first = days[0] or days[1]
    if first is None:
        return ()
    slot = Occurrence(starts_on=first, ends_on=max(first, days[1] or first))
    return (replace(editions[0], occurrences=(slot,)),)


def _day(values: object, name: str) -> date | None:
    found = values.get(name) if isinstance(values, dict) else None
    return date.fromisoformat(str(found.value)) if found and found.value else None
