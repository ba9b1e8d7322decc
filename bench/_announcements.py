"""Fictional announcements in any number: worlds of matching.prior, one after the other."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from domain.records import Mention, When, Where, Who
from domain.statuses import Precision
from matching import prior

TRUTH = ("event", "series", "parent")
WORLD = 6_000  # events of one world: its towns, bodies and habits are drawn afresh
SEED = 50_000  # no model learnt from these worlds

Row = dict[str, Any]


def rows(size: int) -> Iterator[Row]:
    """So many announcements with their truth, made one world at a time: none is a copy."""
    made = world = 0
    while made < size:
        for row in prior.generate(SEED + world, events=WORLD)[: size - made]:
            told = {
                k: f"{world}.{v}" if k in TRUTH and v is not None else v for k, v in row.items()
            }
            yield {**told, "id": str(made)}
            made += 1
        world += 1


def mention(row: Row) -> Mention:
    """The announcement as the chain would have read it."""
    first = row.get("date_start") or ""
    last = row.get("date_end") or first
    return Mention(
        id=int(row["id"]) + 1, source=str(row["source"]), key=str(row["id"]),
        title=row["title"] or "sans titre", text=row["description"] or "",
        url=row["url"] or None, ticket=row["ticket"] or None,
        when=When(
            starts_on=date.fromisoformat(first), ends_on=date.fromisoformat(last),
            precision=Precision.DAY,
        ) if first else When(),
        where=Where(
            venue=row["venue"] or None, address=row["address"] or None,
            commune_name=row["commune"] or None, commune_code=row.get("insee") or None,
            postcode=row.get("postcode") or None, department=row.get("dep") or None,
            latitude=row.get("lat") or None, longitude=row.get("lon") or None,
        ),
        who=Who(name=row["organiser"] or None),
    )  # fmt: skip
