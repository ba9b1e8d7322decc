"""`paat territory refresh` against a stand-in of geo.api.gouv.fr on loopback."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from collectors.territory.geo import Refreshed, refresh
from collectors.web.client import Client
from domain import territory
from domain.errors import CollectError
from domain.gazetteer import gazetteer
from domain.outlines import outlines
from domain.settings import Settings
from tests.web import Asked, Web, answer

NOW = datetime(2027, 1, 2, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("PAAT_HOME", str(tmp_path))
    gazetteer.cache_clear()
    outlines.cache_clear()
    yield tmp_path
    gazetteer.cache_clear()
    outlines.cache_clear()


def rows(department: str) -> list[dict[str, Any]]:
    """What the API gives: each commune a square beside the last, Gap where it really is."""
    given = []
    for rank, one in enumerate(territory.region_communes()):
        if one.department != department:
            continue
        x, y = (6.05, 44.53) if one.code == "05061" else (10.0 + rank / 10, 40.0)
        square = [[x, y], [x + 0.1, y], [x + 0.1, y + 0.1], [x, y + 0.1], [x, y]]
        given.append(
            {
                "code": one.code,
                "nom": one.name,
                "codesPostaux": list(one.postcodes),
                "codeEpci": one.epci,
                "population": 41_000,
                "centre": {"type": "Point", "coordinates": [x + 0.04, y + 0.04]},
                "contour": {"type": "Polygon", "coordinates": [square]},
            }
        )
    return given


def run(home: Path, *, body: bytes | None = None, keep: int | None = None) -> Refreshed:
    async def serve(asked: Asked) -> bytes:
        department = parse_qs(urlsplit(asked.path).query)["codeDepartement"][0]
        return answer(body if body is not None else json.dumps(rows(department)[:keep]))

    async def go() -> Refreshed:
        settings = Settings(home=home, allow_loopback=True, per_host_seconds=0)
        async with Web() as web, Client(settings, lambda: NOW) as client:
            web.on("/communes", serve)
            return await refresh(client, home, base=web.url("").rstrip("/"))

    return asyncio.run(go())


def test_a_refresh_lays_coordinates_and_contours_over_the_tables(home: Path) -> None:
    done = run(home)
    assert (done.communes, done.contours, done.unknown, done.missing) == (946, 946, (), ())
    gap = territory.commune("05061")
    assert gap is not None
    assert (gap.latitude, gap.longitude, gap.population) == (44.57, 6.09, 41_000)
    inside = territory.at(44.56, 6.08)
    assert inside is not None
    assert inside.code == "05061"
    assert territory.find(None, latitude=44.56, longitude=6.08).code == "05061"
    assert territory.at(48.85, 2.35) is None
    paris = territory.find("Paris", latitude=44.56, longitude=6.08)
    assert (paris.code, paris.candidates) == (None, ("75056",))


def test_departments_and_epci_are_drawn_from_their_communes(home: Path) -> None:
    shipped = outlines().departments
    assert {"04", "05", "06", "13", "83", "84", "26", "30"} <= shipped.keys()
    assert outlines().epcis == {}
    outlines.cache_clear()
    done = run(home)
    assert (done.departments, done.epcis) == (6, 52)
    fresh = outlines()
    # Gap, and what lies on each side of the place it left.
    assert len(fresh.departments["05"].polygons) == 3
    assert len(fresh.departments["83"].polygons) == 1
    assert fresh.departments["26"] == shipped["26"]
    assert fresh.epcis.keys() == {one.epci for one in territory.region_communes() if one.epci}
    assert "IGN" in fresh.credit


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'[{"nom": "Gap"}]'])
def test_an_answer_that_is_not_the_api_s_changes_nothing(home: Path, body: bytes) -> None:
    with pytest.raises(CollectError):
        run(home, body=body)
    assert not list(home.rglob("*.json"))


def test_too_few_communes_are_refused(home: Path) -> None:
    with pytest.raises(CollectError, match="nothing was changed"):
        run(home, keep=3)


def test_a_commune_without_usable_coordinates_keeps_the_rest() -> None:
    from collectors.territory.geo import _communes

    odd = {"code": "05061", "centre": {"coordinates": [float("nan"), 44.5]}, "contour": None}
    assert dict(_communes([odd], about="x")) == {"05061": {}}
