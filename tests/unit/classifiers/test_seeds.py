"""The texts written for the first day: enough of each theme, varied, none twice."""

from collections import Counter, defaultdict

import pytest

from classifiers.cold import seeds
from classifiers.train import Example
from domain.campaigns import THEMES
from domain.text import fold


@pytest.fixture(scope="module")
def written() -> list[Example]:
    return seeds()


def test_no_text_is_written_twice(written: list[Example]) -> None:
    times = Counter(fold(" ".join(one.text.split())) for one in written)
    assert [text for text, count in times.items() if count > 1] == []


def test_every_theme_is_met_in_every_register(written: list[Example]) -> None:
    met: dict[str, set[str]] = defaultdict(set)
    for one in written:
        met[one.id.partition(":")[0]] |= one.themes or {"none"}
    registers = {name: themes for name, themes in met.items() if name != "varies.tsv"}
    assert all(themes >= set(THEMES) for themes in registers.values()), registers


def test_no_place_name_tells_the_theme(written: list[Example]) -> None:
    """A commune written about often is met with several themes, so that none is learned from it."""
    places = ("Gap", "Nice", "Digne", "Toulon", "Arles", "Marseille", "Manosque", "Carpentras")
    for place in places:
        its = [one.themes for one in written if place in one.text]
        assert len(set(its)) >= min(3, len(its)), place
