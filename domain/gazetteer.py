"""The tables of the territory, read once, on first use: communes, former names, departments.

Files of domain/data/territory (see its README), overlaid by what `paat territory refresh` wrote
in PAAT_HOME/territory/communes.json: coordinates, contours, fresh populations and postcodes.
"""

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from domain.settings import load_settings
from domain.text import fold

FOLDER = Path(__file__).parent / "data" / "territory"
OVERLAY = "territory/communes.json"
"""Where, below PAAT_HOME, the refreshed territory is written and read."""

_NOT_WORD = re.compile(r"[^a-z0-9]+")
_ARTICLE = re.compile(r"(?:le|la|les|l) (?=.)")
_ARTICLE_AFTER = re.compile(r"(.+?)\s*[(,]\s*(l[ae]s?|l['’])\s*\)?\s*$")
_SHORTENABLE = re.compile(r" (?:en|de|du|des|d|sur|les|la|le|l|pres|sous) ")
_ABBREVIATIONS = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "s": "sur"}


class Tier(IntEnum):
    """How a name names a commune; the lowest known wins when the evidence leaves several."""

    PRESENT = 0
    USUAL = 1  # « Aix », « La Seyne »
    FORMER = 2  # changed, merged, delegated or associated
    NO_ARTICLE = 3  # « Castellet » for « Le Castellet »
    SHORT = 4  # « Saint-Bonnet » for « Saint-Bonnet-en-Champsaur »


@dataclass(frozen=True, slots=True, kw_only=True)
class Commune:
    """A present commune. Outside the region only code, name, postcodes and population are known."""

    code: str
    name: str
    department: str
    postcodes: tuple[str, ...] = ()
    epci: str | None = None  # SIREN
    epci_name: str | None = None
    population: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """One outline of a commune: its box, to look no further, then its points (lon, lat)."""

    west: float
    south: float
    east: float
    north: float
    points: tuple[tuple[float, float], ...]

    def holds(self, x: float, y: float) -> bool:
        """Whether (longitude, latitude) is inside: even-odd rule (Shimrat, 1962)."""
        if not (self.west <= x <= self.east and self.south <= y <= self.north):
            return False
        hit = False
        for (x1, y1), (x2, y2) in pairwise((*self.points, self.points[0])):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                hit = not hit
        return hit


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    region: Mapping[str, Commune]
    elsewhere: Mapping[str, Commune]
    former: Mapping[str, tuple[str, str]]  # code that is no more → present code, former name
    names: Mapping[str, tuple[tuple[str, Tier], ...]]  # key → (code, tier)
    openings: frozenset[str]  # words a name may begin with, as one finds them in a text
    postcodes: Mapping[str, tuple[str, ...]]  # postcode → codes, whole country
    departments: Mapping[str, str]  # code → name
    contours: Mapping[str, tuple[Ring, ...]] = field(default_factory=dict)


def key(name: str) -> str:
    """A name folded for comparison: `Ste-Tulle` and `SAINTE TULLE` give `sainte tulle`."""
    folded = fold(name)
    after = _ARTICLE_AFTER.fullmatch(folded)
    if after:
        folded = f"{after[2]} {after[1]}"
    return expanded(_NOT_WORD.sub(" ", folded).split())


def expanded(words: Sequence[str]) -> str:
    """Folded words as one key, `st` and `ste` written whole (but a last « s » or « st »)."""
    return " ".join([*(_ABBREVIATIONS.get(word, word) for word in words[:-1]), *words[-1:]])


def without_article(folded: str) -> str:
    return _ARTICLE.sub("", folded, count=1) if _ARTICLE.match(folded) else folded


def _openings(names: Iterable[str]) -> frozenset[str]:
    whole = {one.partition(" ")[0] for name in names for one in (name, without_article(name))}
    return frozenset(whole | {short for short, word in _ABBREVIATIONS.items() if word in whole})


def department_of(code: str) -> str:
    """The department of a commune's INSEE code: `13055` → `13`, `2A004` → `2A`, `97105` → `971`."""
    return code[:3] if code[:2] in {"97", "98"} else code[:2]


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """Everything, read once a process; `gazetteer.cache_clear()` after a refresh."""
    overlay = _overlay(load_settings().home / OVERLAY)
    region = {c.code: _refreshed(c, overlay.get(c.code, {})) for c in shipped()}
    elsewhere = {c.code: c for c in _elsewhere()}
    former_rows = list(_rows("former.csv"))
    names: dict[str, dict[str, Tier]] = defaultdict(dict)
    for tier, name, code in _namings(region, elsewhere, former_rows):
        names[name].setdefault(code, tier)
    postcodes: dict[str, list[str]] = defaultdict(list)
    for one in (*region.values(), *elsewhere.values()):
        for postcode in one.postcodes:
            postcodes[postcode].append(one.code)
    return Gazetteer(
        region=region,
        elsewhere=elsewhere,
        former={
            r["code"]: (r["current"], r["name"]) for r in former_rows if r["code"] != r["current"]
        },
        names={name: tuple(codes.items()) for name, codes in names.items()},
        openings=_openings(names),
        postcodes={postcode: tuple(codes) for postcode, codes in postcodes.items()},
        departments=departments(),
        contours={
            code: rings_of(one["contour"]) for code, one in overlay.items() if "contour" in one
        },
    )


def _namings(
    region: Mapping[str, Commune], elsewhere: Mapping[str, Commune], former: list[dict[str, str]]
) -> Iterator[tuple[Tier, str, str]]:
    """(tier, key, code), best tiers first."""
    everywhere = [(key(c.name), c.code) for c in (*region.values(), *elsewhere.values())]
    for name, code in everywhere:
        yield Tier.PRESENT, name, code
    for row in _rows("usual.csv"):
        yield Tier.USUAL, key(row["name"]), row["code"]
    for row in former:
        yield Tier.FORMER, key(row["name"]), row["current"]
    for name, code in everywhere:
        yield Tier.NO_ARTICLE, without_article(name), code
    for name, code in everywhere[: len(region)]:
        shorter = _SHORTENABLE.search(without_article(name))
        if shorter:
            yield Tier.SHORT, without_article(name)[: shorter.start()], code


def _rows(name: str) -> Iterator[dict[str, str]]:
    path = FOLDER / name
    raw = path.read_bytes()
    text = gzip.decompress(raw).decode() if path.suffix == ".gz" else raw.decode()
    yield from csv.DictReader(io.StringIO(text))


@lru_cache(maxsize=1)
def departments() -> Mapping[str, str]:
    """The name of each département, by code."""
    return {r["code"]: r["name"] for r in _rows("departments.csv")}


@lru_cache(maxsize=1)
def shipped() -> tuple[Commune, ...]:
    """The communes of the region as this release knows them, before any refresh: in milliseconds,
    where the whole country takes half a second."""
    return tuple(_region())


@lru_cache(maxsize=1)
def usual() -> Mapping[str, str]:
    """What communes of the region are called, and their name (« Aix »: Aix-en-Provence)."""
    names = {one.code: one.name for one in shipped()}
    return {r["name"]: names[r["code"]] for r in _rows("usual.csv")}


def _region() -> Iterator[Commune]:
    epcis = {r["siren"]: r["name"] for r in _rows("epcis.csv")}
    centres = {r["code"]: r for r in _rows("centres.csv")}
    for r in _rows("communes.csv"):
        centre = centres.get(r["code"])
        yield Commune(
            code=r["code"],
            name=r["name"],
            department=department_of(r["code"]),
            postcodes=tuple(r["postcodes"].split()),
            epci=r["epci"] or None,
            epci_name=epcis.get(r["epci"]),
            population=int(r["population"]) if r["population"] else None,
            latitude=float(centre["latitude"]) if centre else None,
            longitude=float(centre["longitude"]) if centre else None,
        )


def _elsewhere() -> Iterator[Commune]:
    for r in _rows("elsewhere.csv.gz"):
        yield Commune(
            code=r["code"],
            name=r["name"],
            department=department_of(r["code"]),
            postcodes=tuple(r["postcodes"].split()),
            population=int(r["population"]) if r["population"] else None,
        )


def _overlay(path: Path) -> Mapping[str, Mapping[str, Any]]:
    if not path.is_file():
        return {}
    communes: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text("utf-8"))["communes"]
    return communes


def _refreshed(one: Commune, fresh: Mapping[str, Any]) -> Commune:
    """The commune with the refreshed facts; the name stays the table's, which former names fit."""
    if not fresh:
        return one
    return replace(
        one,
        latitude=fresh.get("latitude", one.latitude),
        longitude=fresh.get("longitude", one.longitude),
        population=fresh.get("population", one.population),
        postcodes=tuple(fresh.get("postcodes", one.postcodes)),
    )


def rings_of(contour: list[list[list[float]]]) -> tuple[Ring, ...]:
    return tuple(
        Ring(
            west=min(x for x, _ in points),
            south=min(y for _, y in points),
            east=max(x for x, _ in points),
            north=max(y for _, y in points),
            points=tuple((x, y) for x, y in points),
        )
        for points in contour
    )
