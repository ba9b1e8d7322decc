"""What two people said of the same cards, and how people did on controls: data to measure with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from domain.statuses import DecisionKind, Look
from storage import tables

_a, _c, _t = tables.answers, tables.cards, tables.accounts


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoLooks:
    """One card looked at twice, blind: kinds (approve, reject) and themes of each look."""

    initiative: str
    kinds: tuple[str, str]
    themes: tuple[frozenset[str], frozenset[str]]
    people: tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """A person's answers to cards whose answer was known."""

    name: str
    asked: int
    right: int


def two_looks(conn: Connection, campaign: str) -> list[TwoLooks]:
    """Every card of the campaign answered in a first and a second look; passes are left out."""
    first, second = _a.alias("first"), _a.alias("second")
    one, two = _t.alias("one"), _t.alias("two")

    def standing(look: Any, which: Look) -> Any:
        said = look.c.kind != DecisionKind.SKIP
        return and_(look.c.look == which, look.c.undone_at.is_(None), said)

    query = (
        select(
            first.c.initiative,
            first.c.kind,
            second.c.kind.label("other_kind"),
            first.c.themes,
            second.c.themes.label("other_themes"),
            one.c.name,
            two.c.name.label("other_name"),
        )
        .join(
            second, and_(second.c.initiative == first.c.initiative, second.c.campaign == campaign)
        )
        .join(one, one.c.id == first.c.account)
        .join(two, two.c.id == second.c.account)
        .where(first.c.campaign == campaign, second.c.id > first.c.id)
        .where(standing(first, Look.FIRST), standing(second, Look.SECOND))
        .order_by(second.c.id)
    )
    return [
        TwoLooks(
            initiative=row.initiative,
            kinds=(row.kind, row.other_kind),
            themes=(frozenset(row.themes), frozenset(row.other_themes)),
            people=(row.name, row.other_name),
        )
        for row in conn.execute(query)
    ]


def controls(conn: Connection, campaign: str) -> list[Controls]:
    """How each person did on controls, by name."""
    known: Mapping[str, Any] = {
        "kind": _c.c.known["kind"].astext,
        "themes": _c.c.known["themes"],
    }
    right = and_(
        _a.c.kind == known["kind"],
        (_a.c.kind == DecisionKind.REJECT) | (func.to_jsonb(_a.c.themes) == known["themes"]),
    )
    query = (
        select(_t.c.name, func.count().label("asked"), func.count().filter(right).label("right"))
        .select_from(_a)
        .join(_t, _t.c.id == _a.c.account)
        .join(_c, and_(_c.c.initiative == _a.c.initiative, _c.c.campaign == _a.c.campaign))
        .where(_a.c.campaign == campaign, _a.c.look == Look.CONTROL, _a.c.undone_at.is_(None))
        .where(_c.c.known.is_not(None), _a.c.kind != DecisionKind.SKIP)
        .group_by(_t.c.name)
        .order_by(_t.c.name)
    )
    return [Controls(**row) for row in conn.execute(query).mappings()]
