"""The value kept for each field of an initiative, its provenance and its history."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from domain.records import FieldValue
from storage import tables
from storage.codec import encode, plain

_t = tables.initiative_values
_Values = Mapping[str, Mapping[str, FieldValue]]


def current(conn: Connection, initiatives: Collection[str]) -> dict[str, dict[str, FieldValue]]:
    """initiative → field → the value kept now."""
    found: defaultdict[str, dict[str, FieldValue]] = defaultdict(dict)
    query = select(_t).where(_t.c.initiative == func.any(list(initiatives)))
    query = query.where(_t.c.superseded_at.is_(None)).order_by(_t.c.initiative, _t.c.field)
    for row in conn.execute(query).mappings():
        found[row["initiative"]][row["field"]] = value_of(row)
    return dict(found)


def history(conn: Connection, initiative: str, field: str) -> list[FieldValue]:
    """Every value the field has had, oldest first."""
    query = select(_t).where(_t.c.initiative == initiative, _t.c.field == field)
    return [value_of(row) for row in conn.execute(query.order_by(_t.c.id)).mappings()]


def replace(conn: Connection, found: _Values, now: datetime) -> set[str]:
    """The machine's values are these from now on; a person's stay. Ids of those that changed."""
    before = current(conn, list(found))
    new: list[tuple[str, FieldValue]] = []
    gone: list[tuple[str, str]] = []
    for initiative, fields in found.items():
        old = {n: v for n, v in before.get(initiative, {}).items() if not v.by_person}
        kept = before.get(initiative, {}).keys() - old.keys()
        fresh = {n: v for n, v in fields.items() if n not in kept}
        changed = [v for n, v in fresh.items() if n not in old or _facts(old[n]) != _facts(v)]
        new += [(initiative, value) for value in changed]
        gone += [(initiative, value.field) for value in changed if value.field in old]
        gone += [(initiative, name) for name in old.keys() - fresh.keys()]
    supersede(conn, gone, now)
    add(conn, new, now)
    return {initiative for initiative, _ in gone} | {initiative for initiative, _ in new}


def supersede(conn: Connection, fields: Collection[tuple[str, str]], now: datetime) -> None:
    """What is kept for these (initiative, field) becomes history."""
    if fields:
        pairs = tuple_(_t.c.initiative, _t.c.field).in_(list(fields))
        current_ones = update(_t).where(pairs, _t.c.superseded_at.is_(None))
        conn.execute(current_ones.values(superseded_at=now))


def add(
    conn: Connection,
    rows: Collection[tuple[str, FieldValue]],
    now: datetime,
    *,
    joined: int | None = None,
) -> None:
    """Keep these (initiative, value); what was kept must have been superseded."""
    if rows:
        conn.execute(
            insert(_t),
            [
                {
                    "initiative": initiative,
                    "field": one.field,
                    "value": encode(one.value),
                    "mention": one.mention,
                    "rule": one.rule,
                    "at": one.at or now,
                    "alternatives": encode(one.alternatives),
                    "joined": joined,
                }
                for initiative, one in rows
            ],
        )


def _facts(one: FieldValue) -> tuple[object, ...]:
    """What makes two values different; not the instant."""
    return plain(one.value), one.mention, one.rule, plain(one.alternatives)


def value_of(row: RowMapping) -> FieldValue:
    return FieldValue(
        field=row["field"],
        value=row["value"],
        mention=row["mention"],
        rule=row["rule"],
        at=row["at"],
        alternatives=tuple(row["alternatives"]),
    )


def take_back(conn: Connection, joins: Collection[int], now: datetime) -> None:
    """The values these joins brought become history."""
    brought = update(_t).where(_t.c.joined == func.any(list(joins)), _t.c.superseded_at.is_(None))
    conn.execute(brought.values(superseded_at=now))
