"""One cell of a table read: an hour, a day, a number, a code, an address; an absence is never 0."""

import math
import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from matching import normalise

_HOUR = re.compile(r"[T ](\d\d)[:h](\d\d)")


def hour(text: str) -> float:
    """The hour that a date cell tells (2024-05-27 14:30 is 14.5), or NaN; midnight is none."""
    found = _HOUR.search(text, 8) if len(text) > 10 else None
    return (int(found[1]) + int(found[2]) / 60 or math.nan) if found else math.nan


@lru_cache(maxsize=100_000)
def day(text: str) -> int | None:
    """The ordinal of an ISO or French numeric date (2024-05-27, 27/05/2024), or None."""
    head = text.strip()[:10]
    try:
        if len(head) == 10 and head[4] == "-":
            return date.fromisoformat(head).toordinal()
        parts = head.replace("-", "/").replace(".", "/").split("/")
        if len(parts) == 3 and len(parts[2]) == 4:
            return date(int(parts[2]), int(parts[1]), int(parts[0])).toordinal()
    except ValueError:
        return None
    return None


def day_number(text: str) -> float:
    """The same, NaN for none."""
    found = day(text) if text else None
    return math.nan if found is None else float(found)


def number(value: object) -> float:
    """A finite float, or NaN: NaN, infinities and unreadable words are an absence."""
    try:
        found = float(str(value).replace(",", ".")) if value not in (None, "") else math.nan
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan


_WHOLE = frozenset(("13055", "69123", "75056"))
_DISTRICT = re.compile(r"(130(?=0[1-9]|1[0-6])|6900(?=[1-9])|750(?=0[1-9]|1\d|20))(\d\d?)")
_DISTRICTS = {"130": "132", "6900": "6938", "750": "751"}


_NAMED = re.compile(r"\s*(marseille|lyon|paris)\W*(\d\d?) ?(?:er|[eèé])", re.IGNORECASE)
_TOWNS = {"marseille": "130", "lyon": "690", "paris": "750"}


def district(insee: str, postcode: str, named: str) -> str:
    """The code of a commune; of Marseille, Lyon or Paris that of the district, or none: 13055 is
    the town of 13015 as of 13013. `named`: the postcode that the commune's name gives."""
    if insee and insee not in _WHOLE:
        return insee
    found = _DISTRICT.fullmatch(postcode) or _DISTRICT.fullmatch(named)
    return _DISTRICTS[found[1]] + found[2] if found else ""


def named_postcode(commune: str) -> str:
    """The postcode of « Marseille 13e Arrondissement »; "" of « Marseille 13 », its département."""
    found = _NAMED.match(commune)
    return f"{_TOWNS[found[1].lower()]}{int(found[2]):02}" if found else ""


def department(told: str, insee: str, postcode: str) -> str:
    """The code that is told, or the one that the commune or the postcode begins with."""
    found = told.strip().upper() or (insee or postcode)[:2]
    return found.zfill(2) if found else ""


def addresses(value: Any) -> tuple[str, ...]:
    """The addresses of a cell that holds several: a list, or a text with spaces between them."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(value) if value else ()


def identifiers(rna: str, siren: str) -> list[str]:
    """The numbers of a body, by kind (siren:123456789)."""
    told = (("rna", rna.strip().upper()), ("siren", siren.strip().upper()))
    return [f"{kind}:{value}" for kind, value in told if value]


_HISTORY = re.compile(
    r"\b(?:depuis|nee?s?|fondee?s?|creee?s?|inauguree?s?|morte?s?|decedee?s?|parue?s?|publiee?s?|"
    r"loi|decret|arrete|guerre|liberation|armistice|bataille)"
    r"(?: (?:a|au|en|le|la|du|de|des|par|[a-z]{4,})){0,3} $"
)
RECENT = 2000
"""A day of an earlier year, in a text that gives no other, is history and not an appointment."""


def said_day(text: str, *, near: float = math.nan) -> int | None:
    """The first full French date of a text (27 mai 2024) that may be the day of what it announces,
    as an ordinal; None without one. What is told of the past (« depuis le 3 mai 1998 ») is not,
    nor a year far from `near`, that of the announcement."""
    plain = " ".join(normalise.fold(text[:2000]).split())
    for found in normalise.DAY_MONTH.finditer(plain):
        if not found[3] or _HISTORY.search(plain[: found.start()][-60:]):
            continue
        year = int(found[3])
        if year < RECENT or abs(year - near) > 1:
            continue
        try:
            return date(year, normalise.MONTHS[found[2]], int(found[1])).toordinal()
        except ValueError:
            continue
    return None


def text_of(row: Mapping[str, Any], name: str) -> str:
    """The field as text; "" when it is absent or NaN."""
    value = row.get(name)
    return "" if value is None or value != value else str(value)
