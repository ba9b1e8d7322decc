"""Descriptions of others: whole when their licence is open, else a short quotation that says so."""

from dataclasses import replace

import pytest

from census.values import QUOTED, is_open
from domain.records import Dossier
from tests.builders import a_dossier, a_value
from tests.unit.census.test_census_rows import census_of

LONG = "Un après-midi de découverte ouvert à tous. " * 20


def told(licence: str | None, **value: object) -> tuple[str, str]:
    made = a_dossier(description=LONG)
    (mention,) = made.mentions
    details = {"licence": licence} if licence else {}
    mentions = (replace(mention, id=7, details=details),)
    kept = a_value("description", LONG, **{"mention": 7, **value})
    values = {**made.initiative.values, "description": kept}
    whole: Dossier = replace(
        made, mentions=mentions, initiative=replace(made.initiative, values=values)
    )
    (row,) = census_of(whole)
    return row["description"], row["description_licence"]


@pytest.mark.parametrize("licence", ["Licence Ouverte 2.0", "ODbL 1.0", "CC-BY 4.0", "CC0"])
def test_an_open_licence_lets_the_whole_text_through(licence: str) -> None:
    assert told(licence) == (LONG, licence)


@pytest.mark.parametrize("licence", [None, "Tous droits réservés", "CC BY-NC-ND 4.0"])
def test_any_other_gives_a_short_quotation(licence: str | None) -> None:
    text, said = told(licence)
    assert len(text) <= 301
    assert text.endswith("…")
    assert said == QUOTED


def test_what_a_person_wrote_is_ours() -> None:
    text, said = told("Tous droits réservés", rule="user:zoe", mention=None)
    assert (text, said) == (LONG, "Licence Ouverte 2.0")


@pytest.mark.parametrize(
    ("licence", "expected"),
    [("etalab-2.0", True), ("cc by sa", True), ("CC-BY-NC", False), ("", False)],
)
def test_open_or_not(licence: str, expected: bool) -> None:
    assert is_open(licence) is expected


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("11h", "5 juin 2027, 11h"),
        ("10h-22h", "5 juin 2027, 10h-22h"),
        ("de 9 h 30 à 12h", "5 juin 2027, de 9 h 30 à 12h"),
        ("samedi 5 juin à 11h", "samedi 5 juin à 11h"),
        ("année scolaire 2026/2027", "année scolaire 2026/2027"),
    ],
)
def test_hours_alone_are_completed_with_their_day(words: str, shown: str) -> None:
    (row,) = census_of(a_dossier(when_words=words))
    assert row["dates_texte"] == shown
