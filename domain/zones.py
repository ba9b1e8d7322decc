"""Priority zones: quartiers prioritaires (QPV, décret 2023-1314) and rural communes (FRR).

Known only once `paat territory refresh` has written PAAT_HOME/territory/zones.json: before, every
answer is None, never « no ».
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from domain.gazetteer import Ring, rings_of
from domain.settings import load_settings

OVERLAY = "territory/zones.json"
QPV_SINCE = date(2024, 1, 1)  # the quarters before were others (QP0XXYYY, 2015-2023)
FRR_SINCE = date(2024, 7, 1)  # ZRR before


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quartier prioritaire. Its outline tells whether a place is inside."""

    code: str  # QNXXXYYZ
    name: str
    communes: tuple[str, ...]
    rings: tuple[Ring, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    quarters: Mapping[str, Quarter]  # by code
    rural: frozenset[str]  # codes of the communes in FRR


@lru_cache(maxsize=1)
def zones() -> Zones | None:
    """What is known, read once a process; None before a refresh."""
    path = load_settings().home / OVERLAY
    if not path.is_file():
        return None
    told = json.loads(path.read_text("utf-8"))
    quarters = {
        one["code"]: Quarter(
            code=one["code"],
            name=one["name"],
            communes=tuple(one["communes"]),
            rings=rings_of(one["contour"]),
        )
        for one in told["qpv"]
    }
    return Zones(quarters=quarters, rural=frozenset(told["frr"]))


def quarter_at(latitude: float, longitude: float) -> Quarter | None:
    """The quarter a place is in; None when it is in none, or when none is known."""
    known = zones()
    if known is None:
        return None
    held = (
        q for q in known.quarters.values() if any(r.holds(longitude, latitude) for r in q.rings)
    )
    return next(held, None)


def is_rural(commune: str) -> bool | None:
    """Whether a commune is in France ruralités revitalisation; None when it is not known."""
    known = zones()
    return None if known is None else commune in known.rural
