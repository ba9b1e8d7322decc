"""Outlines of departments and EPCI: the background of maps, without any tile server.

Those of domain/data/territory/departments.geojson (Natural Earth, public domain, right to a
kilometre), replaced by what `paat territory refresh` wrote in PAAT_HOME/territory/contours.json.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from domain.gazetteer import FOLDER
from domain.records import Json
from domain.settings import load_settings

OVERLAY = "territory/contours.json"
"""Where, below PAAT_HOME, the refreshed outlines are written and read."""

Ring = tuple[tuple[float, float], ...]  # (longitude, latitude), closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The shape of a territory: polygons, each its outer ring then its holes."""

    code: str
    polygons: tuple[tuple[Ring, ...], ...]

    @property
    def box(self) -> tuple[float, float, float, float]:
        """west, south, east, north, in degrees."""
        xs = [x for polygon in self.polygons for x, _ in polygon[0]]
        ys = [y for polygon in self.polygons for _, y in polygon[0]]
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    credit: str  # who drew them: shown beside every map
    departments: Mapping[str, Outline]  # by code, the region's and their neighbours
    epcis: Mapping[str, Outline]  # by SIREN; none before a refresh


@lru_cache(maxsize=1)
def outlines() -> Outlines:
    """Everything, read once a process; `outlines.cache_clear()` after a refresh."""
    shipped = json.loads((FOLDER / "departments.geojson").read_text("utf-8"))
    departments = {
        one["id"]: _outline(one["id"], one["geometry"]["coordinates"])
        for one in shipped["features"]
    }
    path = load_settings().home / OVERLAY
    if not path.is_file():
        return Outlines(credit=shipped["credit"], departments=departments, epcis={})
    fresh = _fresh(path)
    # Beyond the region nothing is fresher than what is shipped.
    around = {code: one for code, one in departments.items() if code not in fresh["departments"]}
    return Outlines(
        credit=f"{fresh['credit']} ; {shipped['credit']}",
        departments=around | {k: _outline(k, v) for k, v in fresh["departments"].items()},
        epcis={k: _outline(k, v) for k, v in fresh["epcis"].items()},
    )


def geojson(wanted: Iterable[tuple[Outline, Mapping[str, Json]]]) -> Json:
    """A FeatureCollection (RFC 7946) of outlines with their properties."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": one.code,
                "properties": dict(properties),
                "geometry": {"type": "MultiPolygon", "coordinates": one.polygons},
            }
            for one, properties in wanted
        ],
    }


def _fresh(path: Path) -> Mapping[str, Json]:
    content: Mapping[str, Json] = json.loads(path.read_text("utf-8"))
    return content


def _outline(code: str, polygons: Json) -> Outline:
    rings = tuple(tuple(tuple((x, y) for x, y in r) for r in p) for p in polygons)
    return Outline(code=code, polygons=rings)
