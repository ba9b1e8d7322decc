"""What names alone can tell, in `paat match`."""

import numpy as np
import pytest

from matching.engines import _name_odds
from matching.tables import Matches, match_rows

FIELDS = {"title": "name", "dep": "dep", "siren": "siren", "commune": "town"}


def matched(*names: str, siren: str = "") -> Matches:
    rows = [{"name": name, "dep": "05", "siren": siren, "town": ""}
            for name in names]  # fmt: skip
    return match_rows(rows, FIELDS)


@pytest.mark.parametrize(
    ("one", "two"),
    [("CDOS 05", "CDOS 06"), ("Foyer rural 12", "Foyer rural 13"), ("RC 4 Gap", "RC 5 Gap")],
)
def test_two_numbers_are_two_bodies_and_nothing_is_asked(one: str, two: str) -> None:
    found = matched(one, two)
    assert found.cluster == (0, 1)
    assert found.questions == 0


def test_a_number_may_be_told_by_one_only_or_with_a_zero() -> None:
    assert matched("CDOS 5", "CDOS 05").cluster == (0, 0)
    assert matched("Judo club de Gap", "Judo club de Gap (loi 1901)").cluster == (0, 0)


def test_an_identifier_decides_whatever_the_numbers() -> None:
    assert matched("CDOS 05", "CDOS 06", siren="123456782").cluster == (0, 0)


def test_rows_without_a_name_say_nothing() -> None:
    rows = [{"name": "", "dep": "05", "siren": "", "town": town} for town in ("Gap", "Embrun")]
    assert match_rows(rows, FIELDS).cluster == (0, 1)
    found = match_rows([{**row, "siren": "123456782"} for row in rows], FIELDS)
    assert found.cluster == (0, 0)
    assert "même nom" not in found.reasons[0]


def test_of_people_and_products_a_missing_name_is_neutral() -> None:
    rows = [{"name": "", "phone": "0492511111"}, {"name": "", "phone": "0492511112"}]
    assert _name_odds(rows, "name", np.array([0]), np.array([1])).tolist() == [1.0]


@pytest.mark.parametrize(
    ("club", "section"),
    [
        ("OGC Nice", "OGC Nice Handball"), ("AS Monaco", "Association Sportive Monaco Basket"),
        ("Stade Laurentin", "Stade Laurentin Volley Ball"), ("ASPTT Digne", "ASPTT Digne – judo"),
        ("ASPTT Digne", "ASPTT Digne section pétanque"), ("MJC de Vaulx", "MJC de Vaulx aïkido"),
    ],
)  # fmt: skip
def test_a_section_is_asked_and_not_grouped_with_its_club(club: str, section: str) -> None:
    found = matched(club, section)
    assert found.cluster == (0, 1)
    (pair,) = found.pairs
    assert pair.decision == "ask"
    assert "une section et son club" in pair.reasons


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Association Sportive Monaco", "AS Monaco"), ("Clochards Célestes", "Théâtre des Clochards"
         " Célestes"), ("OGC Nice Handball", "O.G.C. Nice hand-ball"),
    ],
)  # fmt: skip
def test_two_writings_of_a_name_are_no_section(one: str, two: str) -> None:
    found = matched(one, two)
    assert found.cluster == (0, 0)
    assert "une section" not in found.reasons[0]
