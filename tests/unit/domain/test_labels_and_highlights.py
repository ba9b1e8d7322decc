from datetime import date

import pytest

from domain.campaigns import campaigns
from domain.highlights import Confidence, attach, highlights
from domain.labels import Validity, ends_on, labels, mentioned, successor, validity
from domain.records import Award

THEMES = {"engagement", "education-populaire", "solidarite", "heritage", "developpement-durable"}


def test_the_21_national_labels_are_coherent() -> None:
    assert len(labels()) == 21
    for one in labels().values():
        assert set(one.themes) <= THEMES
        assert one.status in {"ouvert", "annuel", "clos", "a_verifier"}
        assert one.patterns
        if one.status == "clos":
            assert one.closes_on
        if one.becomes:
            assert one.becomes.label in labels()


def test_every_label_is_recognised_by_its_own_name() -> None:
    for one in labels().values():
        assert one in mentioned(f"Projet porté au titre de : {one.name}.")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2022, 12, 31), Validity.NOT_YET),
        (date(2023, 1, 1), Validity.VALID),
        (date(2027, 12, 31), Validity.VALID),
        (date(2028, 1, 2), Validity.EXPIRED),
    ],
)
def test_an_award_counts_for_its_duration(on: date, state: Validity) -> None:
    award = Award(label="MSS", starts_on=date(2023, 1, 1))
    assert validity(award, on) is state


def test_no_award_outlives_its_label() -> None:
    award = Award(label="TDJ2024", starts_on=date(2021, 1, 1), ends_on=date(2030, 1, 1))
    assert ends_on(award) == date(2024, 9, 8)


def test_an_award_nobody_bounded_is_to_be_checked() -> None:
    award = Award(label="G2030", level="2", starts_on=date(2026, 1, 1))
    assert validity(award, date(2029, 1, 1)) is Validity.UNKNOWN


def test_generation_2024_became_generation_2030_level_1() -> None:
    award = Award(label="G2024", actor="lycée", starts_on=date(2023, 9, 1))
    assert validity(award, date(2026, 1, 1)) is Validity.EXPIRED
    assert successor(award, date(2025, 10, 1)) is None
    became = successor(award, date(2026, 1, 1))
    assert became is not None
    assert (became.label, became.level, became.actor) == ("G2030", "1", "lycée")
    other = Award(label="ESUS", starts_on=date(2023, 9, 1))
    assert successor(other, date(2026, 1, 1)) is None


def test_months_end_on_a_real_day() -> None:
    assert ends_on(Award(label="FPFP", starts_on=date(2024, 2, 29))) == date(2026, 2, 28)


def test_two_clues_give_a_high_confidence() -> None:
    found = attach("Fête de la Journée olympique", starts_on=date(2027, 6, 20))
    assert (found[0].code, found[0].confidence) == ("JOL", Confidence.HIGH)
    assert len(found[0].clues) == 2


def test_one_clue_is_enough_for_a_low_confidence() -> None:
    by_words = attach("Une journée olympique", starts_on=date(2027, 11, 2))
    by_date = attach("Tournoi", starts_on=date(2027, 6, 30))
    assert [(a.code, a.confidence) for a in (*by_words, *by_date)] == [
        ("JOL", Confidence.LOW),
        ("JOL", Confidence.LOW),
    ]
    assert attach("Tournoi", starts_on=date(2027, 7, 1)) == ()


def test_a_date_that_moves_each_year_is_never_the_only_clue() -> None:
    assert attach("Tournoi", starts_on=date(2027, 9, 5)) == ()
    found = attach("Forum des associations", starts_on=date(2027, 9, 5))
    assert found[0].confidence is Confidence.HIGH


def test_the_relay_counts_where_it_passed() -> None:
    day = date(2024, 5, 11)
    here = attach("Animation", starts_on=day, department="04")
    there = attach("Animation", starts_on=day, department="05")
    assert "RELAIS" in {a.code for a in here}
    assert "RELAIS" not in {a.code for a in there}


def test_acronyms_are_read_in_capitals_only() -> None:
    assert attach("La SOP au collège")[0].code == "SOP"
    assert attach("une sop au collège") == ()
    assert attach("LA SOP AU COLLEGE") == ()


def test_a_long_event_meets_a_moment_of_another_year() -> None:
    found = attach("Saison", starts_on=date(2026, 12, 20), ends_on=date(2027, 12, 31))
    assert "JOL" in {a.code for a in found}
    assert len(highlights()) == 16


def test_the_campaigns_speak_of_known_moments() -> None:
    for one in campaigns().values():
        assert set(one.highlights) <= set(highlights())
