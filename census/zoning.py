"""Priority territories in a census: quartiers prioritaires (QPV) and rural communes (FRR).

Pure. Nothing is said before `paat territory refresh` has read which they are.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from census.indicators import Share, wilson
from census.table import CensusRow
from domain import territory
from domain.campaigns import Campaign
from domain.zones import zones


@dataclass(frozen=True, slots=True, kw_only=True)
class InQuarter:
    """A quarter of the territory and the initiatives in it and around it."""

    code: str
    name: str
    communes: tuple[str, ...]  # names
    inside: int  # initiatives whose place is in it
    around: int  # initiatives of its communes, those inside included


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoning:
    quarters: tuple[InQuarter, ...]  # those without initiative in their communes last
    placed: Share  # initiatives in a quarter, among those whose own place is known
    rural: Share  # initiatives in a FRR commune, among those whose commune's status is known
    rural_communes: int  # of the territory
    silent_rural: int  # of them, without initiative


def zoning(rows: Sequence[CensusRow], campaign: Campaign) -> Zoning | None:
    """What the census says of the priority territories; None when they are not known."""
    known = zones()
    if known is None:
        return None
    inside = Counter(row["code_qpv"] for row in rows)
    by_commune = Counter(row["code_commune"] for row in rows)
    quarters = [
        InQuarter(
            code=one.code,
            name=one.name,
            communes=tuple(filter(None, map(_name, one.communes))),
            inside=inside[one.code],
            around=sum(by_commune[code] for code in one.communes),
        )
        for one in known.quarters.values()
        if any(territory.department_of(code) in campaign.departments for code in one.communes)
    ]
    rural = {c for c in known.rural if territory.department_of(c) in campaign.departments}
    told = [row for row in rows if row["zone_frr"] is not None]
    placed = [row for row in rows if row["position"] == "lieu"]
    return Zoning(
        quarters=tuple(sorted(quarters, key=lambda q: (-q.inside, -q.around, q.code))),
        placed=wilson(sum(row["code_qpv"] is not None for row in placed), len(placed)),
        rural=wilson(sum(row["zone_frr"] is True for row in told), len(told)),
        rural_communes=len(rural),
        silent_rural=sum(by_commune[code] == 0 for code in rural),
    )


def _name(code: str) -> str | None:
    found = territory.commune(code)
    return found.name if found else None
