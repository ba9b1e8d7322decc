"""`paat territory refresh`: coordinates, contours, populations and postcodes of geo.api.gouv.fr.

Written in PAAT_HOME/territory: communes.json, which domain.gazetteer lays over its own tables, and
contours.json, the departments and EPCI dissolved from their communes (the API draws neither), which
domain.outlines takes instead of those that come with the product.
Source: API Découpage administratif (DINUM), data IGN and INSEE, Licence Ouverte 2.0.
"""

import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collectors.territory import outlines
from collectors.web.client import Client
from domain import outlines as drawn
from domain import territory
from domain.errors import Implausible, Unreadable
from domain.gazetteer import OVERLAY, gazetteer
from domain.records import Json, Source

API = "https://geo.api.gouv.fr"
FIELDS = "code,nom,codesPostaux,codeEpci,population,centre,contour"
LICENCE = "Licence Ouverte 2.0, geo.api.gouv.fr"
CREDIT = "© IGN, geo.api.gouv.fr"
_MAX_BYTES = 60_000_000  # a department's detailed contours weigh up to 25 MB
_TOTAL_SECONDS = 120.0
_DECIMALS = 4  # of a degree: eleven metres
_STEP = 0.002  # degrees between two points kept of a contour: about 200 m
_LEAST_SHARE = 0.9  # of the known communes: fewer is a broken answer, not a reform


@dataclass(slots=True)
class _Drawing:
    """What is left of the borders of communes once those inside a department, an EPCI, cancel."""

    departments: defaultdict[str, outlines.Edges] = field(default_factory=lambda: defaultdict(dict))
    epcis: defaultdict[str, outlines.Edges] = field(default_factory=lambda: defaultdict(dict))

    def add(self, row: Mapping[str, Json]) -> None:
        geometry = row.get("contour") or {}
        given = geometry.get("coordinates") or []
        for polygon in [given] if geometry.get("type") == "Polygon" else given:
            outlines.add(self.departments[territory.department_of(str(row["code"]))], polygon)
            if row.get("codeEpci"):
                outlines.add(self.epcis[str(row["codeEpci"])], polygon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh changed, for the screen."""

    path: Path
    communes: int
    contours: int
    departments: int  # outlines drawn from those contours
    epcis: int
    unknown: tuple[str, ...]  # codes the API has and the tables have not: regenerate them
    missing: tuple[str, ...]  # the other way round: merged since


async def refresh(client: Client, home: Path, *, base: str = API) -> Refreshed:
    """Read every department of the region and write the overlay, whole or not at all.

    Raises CollectError; what was there before then stays.
    """
    departments = sorted({c.department for c in territory.region_communes()})
    communes: dict[str, dict[str, Json]] = {}
    drawing = _Drawing()
    for department in departments:
        rows = await _ask(client, base, department)
        communes |= dict(_communes(rows, about=department))
        for row in rows:
            drawing.add(row)
    known = {c.code for c in territory.region_communes()}
    if len(known & communes.keys()) < _LEAST_SHARE * len(known):
        raise Implausible(
            f"{len(known & communes.keys())} communes where {len(known)} were expected; "
            "nothing was changed, try again later",
            about=base,
        )
    path = home / OVERLAY
    shapes = {
        "departments": outlines.outlines(drawing.departments),
        "epcis": outlines.outlines(drawing.epcis),
    }
    told = {"licence": LICENCE, "refreshed_at": client.clock().isoformat()}
    if any(shapes["departments"].values()):
        _write(home / drawn.OVERLAY, told | {"credit": CREDIT} | shapes)
    _write(path, told | {"communes": communes})
    gazetteer.cache_clear()
    drawn.outlines.cache_clear()
    return Refreshed(
        path=path,
        communes=len(communes),
        contours=sum("contour" in one for one in communes.values()),
        departments=len(shapes["departments"]),
        epcis=len(shapes["epcis"]),
        unknown=tuple(sorted(communes.keys() - known)),
        missing=tuple(sorted(known - communes.keys())),
    )


async def _ask(client: Client, base: str, department: str) -> list[Json]:
    url = f"{base}/communes?codeDepartement={department}&fields={FIELDS}&format=json"
    source = Source(slug="geo-api-gouv-fr", title="API Géo", kind="territory", url=url)
    page = await client.session(source).get(
        url, published=True, max_bytes=_MAX_BYTES, total_seconds=_TOTAL_SECONDS
    )
    try:
        rows = json.loads(page.body)
    except ValueError as error:
        raise Unreadable("no JSON where a list of communes was expected", about=url) from error
    if not isinstance(rows, list):
        raise Unreadable(f"{type(rows).__name__} where a list of communes was expected", about=url)
    return rows


def _communes(rows: Sequence[Json], *, about: str) -> Iterator[tuple[str, dict[str, Json]]]:
    """(code, facts) of each commune of an answer; a commune without its centre keeps the rest."""
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("code"), str):
            raise Unreadable("a commune without code; the API has changed", about=about)
        facts: dict[str, Json] = {}
        if centre := _point((row.get("centre") or {}).get("coordinates")):
            facts["longitude"], facts["latitude"] = centre
        if isinstance(row.get("population"), int):
            facts["population"] = row["population"]
        if isinstance(row.get("codesPostaux"), list):
            facts["postcodes"] = [str(code) for code in row["codesPostaux"]]
        if rings := list(_rings(row.get("contour") or {})):
            facts["contour"] = rings
        yield row["code"], facts


def _point(pair: Json) -> tuple[float, float] | None:
    """(longitude, latitude), rounded, when they are two finite numbers on Earth."""
    if not isinstance(pair, list) or len(pair) < 2:
        return None
    if not all(isinstance(x, int | float) and math.isfinite(x) for x in pair[:2]):
        return None
    x, y = round(pair[0], _DECIMALS), round(pair[1], _DECIMALS)
    return (x, y) if abs(x) <= 180 and abs(y) <= 90 else None


def _rings(geometry: Mapping[str, Json]) -> Iterator[list[tuple[float, float]]]:
    """The outer rings of a Polygon or MultiPolygon, thinned; holes (enclaves) are not kept."""
    coordinates = geometry.get("coordinates") or []
    polygons = [coordinates] if geometry.get("type") == "Polygon" else coordinates
    for polygon in polygons:
        if polygon and (ring := _thinned(polygon[0])):
            yield ring


def _thinned(ring: Sequence[Json]) -> list[tuple[float, float]]:
    """One point every 200 m or so is enough to say which commune a place is in."""
    kept: list[tuple[float, float]] = []
    for pair in ring:
        point = _point(pair)
        if point and (not kept or math.dist(point, kept[-1]) >= _STEP):
            kept.append(point)
    return kept if len(kept) >= 3 else []


def _write(path: Path, content: Mapping[str, Json]) -> None:
    """Whole or not at all: a reader never sees half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    draft.write_text(json.dumps(content, separators=(",", ":")), "utf-8")
    draft.replace(path)
