"""One body written in two ways, in a crowd that bears one title."""

import pytest

from matching.bodies import forms
from matching.normalise import organiser
from matching.tables import Matches, match_rows

TOWNS = {
    "Gap": "Gapençais", "Briançon": "Briançonnais", "Embrun": "Embrunais",
    "Manosque": "Manosquin", "Toulon": "Toulonnais", "Avignon": "Avignonnais",
}  # fmt: skip
SPORTS = ("Judo", "Tennis", "Rugby", "Natation", "Volley", "Aviron", "Escrime", "Karaté",
          "Handball", "Danse")  # fmt: skip


def crowd(*more: str) -> Matches:
    """A hundred and twenty announcements of one title and day, each club once at full length and
    once by its initials; then others."""
    names = [name for town, people in TOWNS.items() for sport in SPORTS
             for name in (f"{sport} Club {people}", f"{sport[0]}C {town}")]  # fmt: skip
    rows = [{"title": "Journée olympique", "organiser": name, "date_start": "2025-06-23"}
            for name in (*names, *more)]  # fmt: skip
    return match_rows(rows, {name: name for name in rows[0]})


def test_bodies_that_a_number_tells_apart_are_not_one_in_a_crowd() -> None:
    found = crowd("Comité de quartier 1408", "Comité de quartier 1409")
    assert "same" not in found.decisions[120:]


def test_two_writings_of_one_club_meet_in_a_crowd() -> None:
    found = crowd()
    twins = [found.cluster[k] == found.cluster[k + 1] for k in range(0, 120, 2)]
    assert all(twins)
    assert len(set(found.cluster)) == 60


def test_initials_of_two_clubs_are_neither() -> None:
    found = crowd("Jujitsu Club Gapençais")
    judo, initials, jujitsu = found.cluster[0], found.cluster[1], found.cluster[120]
    assert len({judo, initials, jujitsu}) == 3
    assert any("porteur à part" in told for told in found.warnings)


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("Judo Club Gapençais", "JC Gap"), ("Running Club Dracénois", "RCD"),
        ("USEP 05", "USEP Hautes-Alpes"), ("Racing club de Toulon", "RC Toulonnais"),
    ],
)  # fmt: skip
def test_a_name_and_its_initials_have_a_form_in_common(full: str, short: str) -> None:
    assert forms(organiser(full)) & forms(organiser(short))


def test_two_clubs_have_none() -> None:
    assert not forms(organiser("Judo Club Gapençais")) & forms(organiser("Tennis Club Gapençais"))
