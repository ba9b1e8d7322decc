"""Indicators: each with its n, proportions with their interval, small cells hidden."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from census import indicators
from census.digest import digest, markdown, read_export
from domain import territory
from domain.errors import ConfigError
from tests.builders import a_campaign, a_dossier
from tests.unit.census.test_census_formats import written
from tests.unit.census.test_census_rows import census_of

CAMPAIGN = a_campaign()


def test_wilson_is_that_of_the_survey_of_the_reference() -> None:
    # domain.fr.md §5.1: 27/38 : 71,1 % [55,2 ; 83,0]
    assert indicators.wilson(27, 38).french() == "27 sur 38, soit 71,1 % [55,2 ; 83,0]"
    assert indicators.wilson(0, 0).french() == "sans objet (n = 0)"


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_proportion(k: int, n: int) -> None:
    share = indicators.wilson(min(k, n), n)
    assert share.low is not None
    assert share.p is not None
    assert share.high is not None
    assert 0 <= share.low <= share.p + 1e-12
    assert share.p <= share.high + 1e-12 <= 1 + 2e-12


def test_small_cells_are_hidden_and_zeros_told() -> None:
    rows = [
        *census_of(*(a_dossier(themes=["heritage"]) for _ in range(5))),
        *census_of(*(a_dossier(themes=["solidarite"]) for _ in range(4))),
        *census_of(*(a_dossier(commune_code="13055", department="13") for _ in range(2))),
    ]
    found = indicators.crossing(rows, "code_departement", CAMPAIGN)
    line = dict(zip(found.columns, found.cells[0], strict=True))
    assert line["Héritage"] == 5
    assert line["Solidarité"] is None
    assert line["Engagement"] == 0


def test_a_hidden_cell_is_not_given_back_by_a_subtraction() -> None:
    places = {"05061": 3, "13055": 9, "06088": 6}
    rows = list(
        census_of(
            *(
                a_dossier(themes=["heritage"], commune_code=code, department=code[:2])
                for code, count in places.items()
                for _ in range(count)
            )
        )
    )
    found = indicators.crossing(rows, "code_departement", CAMPAIGN)
    heritage = [line[found.columns.index("Héritage")] for line in found.cells]
    # 05, 06, 13: the total is 18, told beside; 05 alone hidden would be 18 - 6 - 9.
    assert heritage == [None, None, 9]


@given(st.lists(st.integers(0, 12), min_size=2, max_size=8))
def test_never_one_cell_alone_is_hidden(counts: list[int]) -> None:
    told = indicators._protected(counts, 5)
    assert told.count(None) != 1
    assert all(one is None or one == 0 or one >= 5 for one in told)


def test_silent_territories_come_with_their_people() -> None:
    region = territory.region_communes()
    found = indicators.silences(list(census_of(a_dossier(themes=["heritage"]))), region, CAMPAIGN)
    everyone = sum(one.population or 0 for one in region)
    gap = territory.commune("05061")
    assert gap is not None
    assert gap.population is not None
    assert len(found.communes) == len(region) - 1
    assert found.population == everyone - gap.population
    assert found.communes[0].name == "Marseille"
    assert gap.epci not in {one.code for one in found.epcis}
    assert ("05", "heritage") not in found.themes
    assert ("05", "solidarite") in found.themes


def test_months_without_initiative_are_told_too() -> None:
    rows = list(census_of(a_dossier(days=[date(2027, 1, 9)]), a_dossier(days=[date(2027, 3, 2)])))
    assert [(one.code, one.count, one.n) for one in indicators.by_month(rows)] == [
        ("2027-01", 1, 2),
        ("2027-02", 0, 2),
        ("2027-03", 1, 2),
    ]


def test_indicators_of_sheets_said_alike_count_together() -> None:
    sheets = [
        {"liste_indicateurs": ["Nombre d'enfants ; taux de présence"]},
        {"liste_indicateurs": ["nombre d’enfants."]},
        {},
    ]
    found = indicators.sheet_indicators(sheets)
    assert [(one.kind, one.sheets) for one in found] == [("nombre", 2), ("taux", 1)]


def test_what_changed_since_an_export() -> None:
    stays = a_dossier("Reste", id="PAAT-93-1")
    moved = a_dossier("Déplacée", id="PAAT-93-2")
    gone = a_dossier("Sortie", id="PAAT-93-3")
    day, before = read_export(written("json", stays, moved, gone), about="x", campaign="ESSAI-2027")
    later = a_dossier("Déplacée", id="PAAT-93-2", days=[date(2027, 7, 1)])
    found = digest(before, census_of(stays, later, a_dossier("Nouvelle", id="PAAT-93-4")))
    told = markdown(found, since=day or date.min, until=date(2027, 4, 1), campaign="Essai")
    assert [one["intitule"] for one in found.new] == ["Nouvelle"]
    assert [one["intitule"] for one in found.gone] == ["Sortie"]
    assert [one.row["intitule"] for one in found.moved] == ["Déplacée"]
    assert "Début : « 2027-06-05 » → « 2027-07-01 »" in told
    assert digest(before, census_of(stays, moved, gone)).nothing


@pytest.mark.parametrize("data", [b"\x00", b"[1]", b'{"campagne": "X"}', b"a;b"])
def test_a_file_that_is_no_export_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError):
        read_export(data, about="f", campaign="ESSAI-2027")


def test_the_indicators_are_a_format_too() -> None:
    told = json.loads(written("indicateurs", a_dossier(themes=["heritage"])))
    (heritage,) = [one for one in told["par"]["theme"] if one["code"] == "heritage"]
    assert (heritage["nombre"], heritage["n"]) == (1, 1)
    assert told["silences"]["total_communes"] == 0
