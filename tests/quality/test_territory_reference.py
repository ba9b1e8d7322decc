"""The generated commune table against an independent one: same communes, differences explained."""

import csv
from pathlib import Path

import pytest

from domain import territory
from domain.gazetteer import gazetteer, key

REFERENCE = Path(__file__).parents[3] / "shared" / "reference"
pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(
        not (REFERENCE / "paca_communes.csv").is_file(), reason="needs ../shared/reference"
    ),
]
RENAMED_SINCE = {"05127": "Rousset-Serre-Ponçon", "83052": "Esparron-de-Pallières"}
"""Official names of 2026 that the reference table, older, does not have."""


def reference(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_codes_names_postcodes_and_epci_agree() -> None:
    ours = {c.code: c for c in territory.region_communes()}
    theirs = {r["code_insee"]: r for r in reference("paca_communes.csv")}
    assert ours.keys() == theirs.keys()
    renamed = {code: c.name for code, c in ours.items() if c.name != theirs[code]["nom"]}
    assert renamed == RENAMED_SINCE
    for code, one in ours.items():
        assert one.epci == theirs[code]["epci_siren"]
        assert set(one.postcodes) == set(theirs[code]["codes_postaux"].split(";"))


def test_every_former_name_of_the_reference_leads_to_the_present_commune() -> None:
    missed = {
        (row["nom_avant"], row["code_apres"])
        for row in reference("paca_communes_anciennes.csv")
        if row["code_apres"] in gazetteer().region
        and territory.find(row["nom_avant"], department=row["code_apres"][:2]).code
        != row["code_apres"]
        and key(row["nom_avant"]) != key(row["nom_apres"])
    }
    assert missed == set()


def test_shipped_centres_are_near_the_real_ones() -> None:
    theirs = {r["code_insee"]: r for r in reference("paca_communes.csv")}
    far = {}
    for one in territory.region_communes():
        if one.latitude is None or one.longitude is None:
            continue
        there = (float(theirs[one.code]["latitude"]), float(theirs[one.code]["longitude"]))
        distance = territory.kilometres((one.latitude, one.longitude), there)
        if distance > 8:  # a town is not the middle of its territory, nor the sea its coast
            far[one.name] = round(distance)
    # Arles: the town, not the middle of the Camargue.
    assert far.keys() <= {"Arles"}
