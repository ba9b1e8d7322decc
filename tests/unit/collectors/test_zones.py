"""Quartiers prioritaires and rural communes, read from stand-ins of the ANCT's files."""

import asyncio
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from collectors.territory.zones import refresh
from collectors.web.client import Client
from domain.errors import CollectError
from domain.settings import Settings
from domain.zones import is_rural, quarter_at, zones
from tests.web import Web

NOW = datetime(2027, 1, 2, tzinfo=UTC)
SQUARE = [[6.06, 44.55], [6.07, 44.55], [6.07, 44.56], [6.06, 44.56], [6.06, 44.55]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PAAT_HOME", str(tmp_path))
    zones.cache_clear()
    yield tmp_path
    zones.cache_clear()


def quarter(code: str, communes: str) -> dict[str, object]:
    told = {"code_qp": code, "lib_qp": "Le Haut-Gap", "insee_com": communes, "insee_reg": "93"}
    polygon = {"type": "MultiPolygon", "coordinates": [[SQUARE]]}
    return {"type": "Feature", "properties": told, "geometry": polygon}


def quarters() -> bytes:
    """The archive of the ANCT: a GeoJSON per projection, one of them in degrees."""
    features = [quarter("QN00501M", "05061"), quarter("QN07501A", "75110"), quarter("?", "05061")]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("GEOJSON/QP2024_France_hexagonale_LB93.geojson", "{}")
        name = "GEOJSON/QP2024_France_Hexagonale_Outre_Mer_WGS84.geojson"
        archive.writestr(name, json.dumps({"features": features}))
    return out.getvalue()


def rural() -> bytes:
    """The workbook of the Observatoire: a title, then codgeo, libgeo, codefrr."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["codgeo", "libgeo", "codefrr"])
    for code, value in (("05001", "1"), ("05061", "-9999"), ("04001", 4), ("01001", 1)):
        sheet.append([code, "Commune", value])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def run(home: Path, qpv: bytes, frr: bytes) -> tuple[int, int]:
    async def go() -> tuple[int, int]:
        settings = Settings(home=home, allow_loopback=True, per_host_seconds=0)
        async with Web() as web, Client(settings, lambda: NOW) as client:
            web.page("/qpv", qpv)
            web.page("/frr", frr)
            return await refresh(client, home, qpv=web.url("/qpv"), frr=web.url("/frr"))

    return asyncio.run(go())


def test_nothing_is_said_of_zones_before_they_are_known(home: Path) -> None:
    assert (is_rural("05001"), quarter_at(44.555, 6.065)) == (None, None)


def test_a_refresh_tells_which_quarter_a_place_is_in_and_which_communes_are_rural(
    home: Path,
) -> None:
    assert run(home, quarters(), rural()) == (1, 2)
    inside = quarter_at(44.555, 6.065)
    assert inside is not None
    assert (inside.code, inside.name, inside.communes) == ("QN00501M", "Le Haut-Gap", ("05061",))
    assert quarter_at(44.57, 6.065) is None
    assert [is_rural(code) for code in ("05001", "04001", "05061")] == [True, True, False]


@pytest.mark.parametrize("qpv", [b"<html>", b"PK\x03\x04broken"])
def test_an_answer_that_is_not_the_archive_changes_nothing(home: Path, qpv: bytes) -> None:
    run(home, quarters(), rural())
    before = (home / "territory/zones.json").read_bytes()
    with pytest.raises(CollectError):
        run(home, qpv, rural())
    with pytest.raises(CollectError):
        run(home, quarters(), b"codgeo;autre\n05001;1\n")
    assert (home / "territory/zones.json").read_bytes() == before
