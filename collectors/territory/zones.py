"""`paat territory refresh`, second half: quartiers prioritaires (QPV) and rural communes (FRR).

QPV: « Quartiers prioritaires de la politique de la ville », ANCT, on data.gouv.fr, a zip whose
GeoJSON in WGS84 covers the country (Licence Ouverte 2.0). FRR: Observatoire des territoires (ANCT,
after the DGCL), an XLSX whose header is `codgeo … codefrr`; empty, 0 or -9999 is « not in FRR ».
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from collectors.tables.reading import read_table
from collectors.territory.outlines import thinned
from collectors.web.client import Client
from domain import territory
from domain.errors import Implausible, Unreadable
from domain.records import Json, Source
from domain.zones import OVERLAY, zones

QPV = "https://www.data.gouv.fr/api/1/datasets/r/942d4ee8-8142-4556-8ea1-335537ce1119"
FRR = (
    "https://www.observatoire-des-territoires.gouv.fr/outils/cartographie-interactive/api/v1/"
    "functions/GC_API_download.php?type=stat&nivgeo=com2025&dataset=frr&indic=codefrr"
)
LICENCE = "Licence Ouverte 2.0, ANCT (data.gouv.fr et Observatoire des territoires)"
_MAX_BYTES = 60_000_000  # the national zip weighs about 15 MB, its GeoJSON 11
_TOTAL_SECONDS = 120.0
_CODE = re.compile(r"QN\d{5}[A-Z]|QP\d{6}")
_INSEE = re.compile(r"(?:\d{2}|2[AB])\d{3}")
_NOT_RURAL = {"", "0", "-9999"}
_DECIMALS, _TOLERANCE = 5, 2e-5  # degrees: quarters are small, two metres


async def refresh(client: Client, home: Path, *, qpv: str = QPV, frr: str = FRR) -> tuple[int, int]:
    """Write the overlay, whole or not at all; how many quarters and rural communes the region has.

    Raises CollectError; what was there before then stays.
    """
    here = {one.code for one in territory.region_communes()}
    quarters = list(_quarters(await _ask(client, qpv), here, about=qpv))
    rural = sorted(_rural(await _ask(client, frr), about=frr) & here)
    if not quarters and not rural:
        raise Implausible("no quarter nor rural commune of the region; nothing changed", about=qpv)
    _write(home / OVERLAY, {"qpv": quarters, "frr": rural}, client.clock())
    zones.cache_clear()
    return len(quarters), len(rural)


async def _ask(client: Client, url: str) -> bytes:
    source = Source(slug="zonages-anct", title="Zonages ANCT", kind="territory", url=url)
    page = await client.session(source).get(
        url, published=True, max_bytes=_MAX_BYTES, total_seconds=_TOTAL_SECONDS
    )
    return page.body


def _quarters(body: bytes, here: set[str], *, about: str) -> Iterator[dict[str, Json]]:
    """The quarters that touch a commune of the region, with their outlines."""
    for feature in _features(body, about):
        told = feature.get("properties") or {}
        code = str(told.get("code_qp") or "")
        communes = [c for c in _INSEE.findall(str(told.get("insee_com") or "")) if c in here]
        if not _CODE.fullmatch(code) or not communes:
            continue
        if rings := list(_rings(feature.get("geometry") or {})):
            yield {
                "code": code,
                "name": str(told.get("lib_qp") or code),
                "communes": communes,
                "contour": rings,
            }


def _features(body: bytes, about: str) -> Sequence[Mapping[str, Json]]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = [n for n in archive.namelist() if n.lower().endswith("wgs84.geojson")]
            if not names:
                raise Unreadable("no WGS84 GeoJSON in the archive of quarters", about=about)
            info = archive.getinfo(names[0])
            if info.file_size > 4 * _MAX_BYTES:
                raise Unreadable(f"{info.file_size} bytes once unzipped: too many", about=about)
            features = json.loads(archive.read(info))["features"]
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise Unreadable("no zip of quarters where one was expected", about=about) from error
    if not isinstance(features, list):
        raise Unreadable("no list of features in the file of quarters", about=about)
    return features


def _rings(geometry: Mapping[str, Json]) -> Iterator[list[tuple[float, float]]]:
    given = geometry.get("coordinates") or []
    for polygon in [given] if geometry.get("type") == "Polygon" else given:
        points = [(round(x, _DECIMALS), round(y, _DECIMALS)) for x, y, *_ in polygon[0]]
        if len(ring := thinned(points, _TOLERANCE)) >= 4:
            yield ring


def _rural(body: bytes, *, about: str) -> set[str]:
    """The codes of the communes the table classes, whatever the class."""
    table = read_table(body, name="frr.xlsx")
    names = {name.strip().lower(): name for name in table.columns}
    if not {"codgeo", "codefrr"} <= names.keys():
        raise Unreadable("no codgeo and codefrr where the list of FRR was expected", about=about)
    classed = set()
    for row in table.rows:
        code, given = str(row[names["codgeo"]] or ""), row[names["codefrr"]]
        value = "" if given is None else str(given).strip()
        if _INSEE.fullmatch(code) and value.removesuffix(".0") not in _NOT_RURAL:
            classed.add(code)
    return classed


def _write(path: Path, content: Mapping[str, Json], now: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    told = {"licence": LICENCE, "refreshed_at": now.isoformat(), **content}
    draft.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")), "utf-8")
    draft.replace(path)
