"""Every theme file is complete, and its examples classify as it declares."""

import pytest

from classifiers.cold import rules_model
from classifiers.definitions import themes
from classifiers.suggest import Text, suggest
from domain.campaigns import THEMES
from domain.statuses import SuggestionKind


def _chosen(text: str) -> set[str]:
    (found,) = suggest([Text(id="x", title=text)], model=rules_model())
    return {s.value for s in found if s.kind is SuggestionKind.THEME and s.chosen}


def test_there_is_one_file_per_theme_of_the_founding_document() -> None:
    assert list(themes()) == list(THEMES)
    assert {slug: theme.title for slug, theme in themes().items()} == THEMES


@pytest.mark.parametrize("slug", THEMES)
def test_a_theme_file_is_complete(slug: str) -> None:
    theme = themes()[slug]
    roles = {term.role for term in theme.terms}
    assert len(theme.definition) > 80
    assert theme.counts
    assert theme.counts_not
    assert {"word", "counter", "against", "first", "then"} <= roles
    assert len(theme.yes) >= 3
    assert len(theme.no) >= 3


@pytest.mark.parametrize("slug", THEMES)
def test_the_examples_of_a_theme_are_chosen(slug: str) -> None:
    for text in themes()[slug].yes:
        assert slug in _chosen(text), text


@pytest.mark.parametrize("slug", THEMES)
def test_the_counter_examples_of_a_theme_are_not(slug: str) -> None:
    for text in themes()[slug].no:
        assert slug not in _chosen(text), text
