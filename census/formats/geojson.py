"""GeoJSON (RFC 7946): a point an initiative; without coordinates the geometry is null, kept."""

import json
from typing import IO

from census.table import Table

SUFFIX = ".geojson"
MEDIA_TYPE = "application/geo+json"
TITLE = "Carte GeoJSON"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the collection, a feature a line; the number of features."""
    name = json.dumps(table.title, ensure_ascii=False)
    out.write(f'{{"type": "FeatureCollection", "name": {name}, "features": ['.encode())
    count = 0
    for count, row in enumerate(table, start=1):
        latitude, longitude = row["latitude"], row["longitude"]
        placed = latitude is not None and longitude is not None
        point = {"type": "Point", "coordinates": [longitude, latitude]} if placed else None
        properties = {k: v for k, v in row.items() if k not in ("latitude", "longitude")}
        feature = {
            "type": "Feature",
            "id": row["animation_id"],
            "geometry": point,
            "properties": properties,
        }
        out.write(b"\n" if count == 1 else b",\n")
        out.write(json.dumps(feature, ensure_ascii=False, allow_nan=False).encode())
    out.write(b"\n]}\n")
    return count
