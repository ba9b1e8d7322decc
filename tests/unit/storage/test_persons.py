"""Whom some words name, however they are written."""

import pytest

from domain.errors import NotFound
from storage.persons import BLANK, sought


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("lea@exemple.fr", "Contact : LEA@exemple.fr."),
        ("lea@exemple.fr", "<lea@exemple.fr>, ou mairie@exemple.fr"),
        ("04 92 10 20 30", "Tél. 0492102030"),
        ("0492102030", "+33 4 92 10 20 30"),
        ("+33492102030", "04.92.10.20.30"),
        ("04 92 10 20 30", "+33 (0)4-92-10-20-30"),
        ("Léa Martin", "Mme LÉA  MARTIN, présidente"),
    ],
)
def test_a_person_is_found_however_written(asked, written):
    assert BLANK in sought(asked).pattern.sub(BLANK, written)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("lea@exemple.fr", "clea@exemple.fr"),
        ("lea@exemple.fr", "lea@exemple.fr-club"),
        ("04 92 10 20 30", "10492102030"),
        ("04 92 10 20 30", "SIRET 904921020301234"),
        ("Martin", "Saint-Martinien"),
        ("lea@exemple.fr", "lea@exempleXfr"),
    ],
)
def test_somebody_else_is_not(asked, written):
    assert sought(asked).pattern.sub(BLANK, written) == written


@pytest.mark.parametrize("words", ["", "  ", "Léa", "a.b"])
def test_too_few_words_name_nobody(words):
    with pytest.raises(NotFound):
        sought(words)


def test_every_way_of_writing_has_one_mark():
    ways = ("04 92 10 20 30", "+33 4 92 10 20 30", "0033492102030", "+33 (0)4.92.10.20.30")
    assert len({sought(way).mark for way in ways}) == 1
    assert sought("LEA@exemple.fr").mark == sought("lea@exemple.fr").mark
