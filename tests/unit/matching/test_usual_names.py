"""A commune under the name people give it, and a letter that counts in the middle of a title."""

import pytest

from matching.normalise import commune, title


@pytest.mark.parametrize(
    ("usual", "own"),
    [
        ("Antibes Juan-les-Pins", "Antibes"), ("JUAN LES PINS", "Antibes"),
        ("Aix", "Aix-en-Provence"), ("La Seyne", "La Seyne-sur-Mer"), ("Digne", "Digne-les-Bains"),
        ("Isle-sur-Sorgue", "L'Isle-sur-la-Sorgue"),
    ],
)  # fmt: skip
def test_a_commune_is_one_under_its_usual_name(usual: str, own: str) -> None:
    assert commune(usual) == commune(own)


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("Tournoi du club A de pétanque", "A"), ("Réunion du conseil B de quartier", "B"),
        ("Stage C pour débutants", "C"), ("Match du groupe a contre Sisteron", "A"),
    ],
)  # fmt: skip
def test_a_letter_within_a_title_counts(text: str, letter: str) -> None:
    found = title(text)
    assert letter in found.numbers
    assert {"club", "conseil", "stage", "groupe"} & {*found.core}


@pytest.mark.parametrize(
    "text",
    ["LE CLUB A DIX ANS", "Le club a dix ans", "Du sport à tous les étages", "A la découverte"],
)
def test_a_word_of_one_letter_is_none(text: str) -> None:
    assert title(text).numbers == ()
