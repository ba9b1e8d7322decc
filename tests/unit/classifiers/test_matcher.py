"""How a term of a word list finds its words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifiers.matcher import LONGEST_TEXT, Matcher, Term, expand


def _found(written: str, text: str) -> list[str]:
    matcher = Matcher([Term("x", "word", 1.0, written)])
    reading = matcher.read(text)
    return [matcher.surface(reading, hit.start, hit.end) for hit in reading.hits]


@pytest.mark.parametrize(
    ("written", "text", "shown"),
    [
        ("bénévole formé", "Des BÉNÉVOLES formées au secours", "BÉNÉVOLES formées"),
        ("bénévol*", "un engagement bénévole", "bénévole"),
        (
            "conseil municipal des jeunes",
            "le conseil municipal de jeunes",
            "conseil municipal de jeunes",
        ),
        ("journal local", "les journaux locaux", "journaux locaux"),
        ("éducatrice", "un éducateur", "éducateur"),
        ("*olymp*", "les Ludolympiades du lac", "Ludolympiades"),
        ("{achat,acquisition} matériel", "acquisition de matériel", "acquisition de matériel"),
        ("pouvoir d'agir", "le pouvoir d’agir", "pouvoir d’agir"),
        ("city-stade", "un city stade", "city stade"),
        ("JO", "les JO2024", "JO"),
        ("ESS!", "l'ESS en fête", "ESS"),
    ],
)
def test_a_term_finds(written: str, text: str, shown: str) -> None:
    assert _found(written, text) == [shown]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("conseil citoyen", "Le conseil. Citoyens, votez"),
        ("aide alimentaire", "aide, alimentaire"[:4] + " : alimentaire"),
        ("ESS!", "ess"),
        ("ESS!", "GRANDE ESS POPULAIRE"),
        ("JO", "jo"),
        ("bénévol*", "malbénévole"),
    ],
)
def test_a_term_does_not_find(written: str, text: str) -> None:
    assert _found(written, text) == []


def test_the_last_word_of_a_title_cut_by_its_source_is_completed() -> None:
    assert _found("valeurs olympisme", "2024-62-Les valeurs de l'olympis") == [
        "valeurs de l'olympis"
    ]


def test_a_choice_made_of_small_words_is_refused() -> None:
    with pytest.raises(ValueError, match="'des' is a small word"):
        expand("journée {des,agents}")


def test_only_the_beginning_of_a_huge_text_is_read() -> None:
    assert _found("fin", "a " * LONGEST_TEXT + "fin") == []


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    matcher = Matcher([Term("x", "word", 1.0, "sport"), Term("x", "word", 1.0, "a*")])
    reading = matcher.read(text, text)
    assert all(0 <= h.start < h.end <= len(reading.symbols) for h in reading.hits)
