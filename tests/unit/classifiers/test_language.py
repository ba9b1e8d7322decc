"""Texts the rules cannot read are asked, not guessed."""

import pytest

from classifiers.cold import rules_model
from classifiers.language import doubt
from classifiers.matcher import LONGEST_TEXT, tokens_of
from classifiers.suggest import Text, suggest
from domain.statuses import SuggestionKind


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The club is looking for volunteers to help with the games on the beach", "anglais"),
        ("Il torneo della città si svolge nel parco con una festa per i bambini", "italien"),
        ("Der Verein ist auf der Suche nach Helfern für das Fest im Park", "allemand"),
        ("", "texte vide"),
        ("… !!! 2024", "texte vide"),
    ],
)
def test_doubt(text: str, said: str) -> None:
    reason = doubt(tokens_of(text))
    assert reason is not None
    assert said in reason.text


@pytest.mark.parametrize(
    "text",
    [
        "Tournoi de basket sur la place du village avec les clubs",
        "QE 2024 - PORT-LAUZON - STAGES MULTISPORTS ET SORTIES",
        "Subvention 2014 BASKET CLUB",
    ],
)
def test_no_doubt_in_french_even_clipped(text: str) -> None:
    assert doubt(tokens_of(text)) is None


def test_nothing_is_chosen_in_doubt() -> None:
    (found,) = suggest([Text(id="x", title="")], model=rules_model())
    assert not any(s.chosen for s in found if s.kind is SuggestionKind.THEME)


def test_a_huge_text_is_read_from_its_beginning() -> None:
    """A megabyte says what its first twenty thousand characters say: bounded work, no surprise."""
    start = "La ville recherche des bénévoles pour le relais de la flamme olympique. "
    filler = "Le marché se tient sur la place et le repas est servi à midi. "
    text = start + filler * (1_000_000 // len(filler))
    whole, cut = (
        suggest([Text(id="x", title="Appel", text=one)], model=rules_model())[0]
        for one in (text, text[:LONGEST_TEXT])
    )
    assert whole == cut
    assert next(s for s in whole if s.value == "engagement").chosen
