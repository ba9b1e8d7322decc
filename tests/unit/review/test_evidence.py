"""The words that weighed are found in the text as written, and only they are marked."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Reason
from review.evidence import spans, telling, words_of
from review.render import marked, safe_link
from tests.builders import a_suggestion


def found(text, *words):
    return [text[start:end] for start, end in spans(text, words)]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("Une fête solidaire", ["solidaire"], ["solidaire"]),
        ("L’ÉCOLE et les écoles", ["ecole"], ["ÉCOLE"]),
        ("Cœur de ville", ["coeur de ville"], ["Cœur de ville"]),
        ("développement durable", ["durable", "developpement durable"], ["développement durable"]),
        ("bénévolat", ["benevol"], []),  # a whole word
        ("Exposition : HISTOIRE, sport", ["histoire sport"], ["HISTOIRE, sport"]),
        ("2020_CIDFF_Egalité", ["cidff"], ["CIDFF"]),
        ("", ["x"], []),
        ("un deux", [], []),
    ],
)
def test_words_are_found_whatever_their_accents(text, words, expected):
    assert found(text, *words) == expected


def test_only_what_weighed_for_is_quoted():
    reasons = [
        Reason(code="word", text="« bénévoles »", weight=1.2),
        Reason(code="pattern", text="mécanisme (« course solidaire »)", weight=0.8),
        Reason(code="word", text="« club »", weight=-0.5),
        Reason(code="language", text="langue inconnue", weight=1.0),
    ]
    assert words_of(reasons) == ("benevoles", "course solidaire")


def test_a_theme_that_is_not_shown_marks_nothing():
    why = (Reason(code="word", text="« vélo »", weight=1.0),)
    unlikely = a_suggestion("x", chosen=False, p=0.2, reasons=why)
    assert telling([unlikely]) == ()
    assert telling([a_suggestion("x", reasons=why)]) == ("velo",)


@given(st.text(max_size=80), st.lists(st.text(min_size=1, max_size=6), max_size=4))
def test_marking_shows_every_character_once_and_escapes_it(text, words):
    shown = str(marked(text, spans(text, words)))
    bare = shown.replace("<mark>", "").replace("</mark>", "")
    assert "<" not in bare
    assert html.unescape(bare) == text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x", "", None, "http:[["]
)
def test_a_collected_link_that_is_not_a_page_is_no_link(url):
    assert safe_link(url) == ""
