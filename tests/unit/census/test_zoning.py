"""Priority territories: told only when known, and of the day the initiative takes place."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from census.plan import contents
from census.zoning import zoning
from domain.records import Dossier
from domain.zones import OVERLAY, zones
from tests.builders import a_campaign, a_dossier
from tests.unit.census.test_census_rows import census_of

GAP = {"commune_code": "05061", "department": "05"}
INSIDE = {"latitude": 44.555, "longitude": 6.065}
SQUARE = [[6.06, 44.55], [6.07, 44.55], [6.07, 44.56], [6.06, 44.56], [6.06, 44.55]]


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    quarter = {
        "code": "QN00501M",
        "name": "Le Haut-Gap",
        "communes": ["05061"],
        "contour": [SQUARE],
    }
    path = tmp_path / OVERLAY
    path.parent.mkdir()
    path.write_text(json.dumps({"qpv": [quarter], "frr": ["05001", "04001"]}))
    monkeypatch.setenv("PAAT_HOME", str(tmp_path))
    zones.cache_clear()
    yield
    zones.cache_clear()


def row(dossier: Dossier) -> dict[str, object]:
    (found,) = census_of(dossier)
    return dict(found)


@pytest.mark.usefixtures("known")
def test_a_place_is_in_its_quarter_and_the_centre_of_its_commune_in_none() -> None:
    assert row(a_dossier(**GAP, **INSIDE))["code_qpv"] == "QN00501M"
    assert row(a_dossier(**GAP))["code_qpv"] is None
    assert row(a_dossier(**GAP, latitude=44.6, longitude=6.065))["code_qpv"] is None


@pytest.mark.usefixtures("known")
def test_a_commune_is_rural_or_not_and_nothing_is_said_without_a_commune() -> None:
    assert row(a_dossier(commune_code="05001", department="05"))["zone_frr"] is True
    assert row(a_dossier(**GAP))["zone_frr"] is False
    assert row(a_dossier(commune_code=None, department="05"))["zone_frr"] is None


@pytest.mark.usefixtures("known")
def test_the_zones_of_today_say_nothing_of_before_they_existed() -> None:
    (old,) = census_of(
        a_dossier(**GAP, **INSIDE, days=[date(2023, 6, 1)]), campaign=a_campaign_of(2023)
    )
    assert (old["code_qpv"], old["zone_frr"]) == (None, None)


@pytest.mark.usefixtures("known")
def test_the_plan_tells_each_quarter_with_its_initiatives() -> None:
    table = census_of(a_dossier(**GAP, **INSIDE), a_dossier(**GAP))
    found = zoning(list(table), a_campaign())
    assert found is not None
    (quarter,) = found.quarters
    assert (quarter.communes, quarter.inside, quarter.around) == (("Gap",), 1, 2)
    assert (found.placed.k, found.placed.n) == (1, 1)
    assert (found.rural_communes, found.silent_rural) == (2, 2)
    told = contents(census_of(a_dossier(**GAP, **INSIDE)))
    assert told["quarters"] == [["Le Haut-Gap (QN00501M)", "Gap", "1", "1"]]


def test_before_they_are_known_the_plan_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAAT_HOME", "/nowhere")
    zones.cache_clear()
    told = contents(census_of(a_dossier(**GAP, **INSIDE)))
    zones.cache_clear()
    assert "non renseignés" in told["qpv"]
    assert told["quarters"] == []


def a_campaign_of(year: int) -> object:
    return a_campaign(starts_on=date(year, 1, 1), ends_on=date(year, 12, 31))
