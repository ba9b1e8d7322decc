"""Records to JSON that PostgreSQL accepts, and back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.records import Mention, Question, Source
from domain.statuses import Relation
from storage.codec import decode, dumps, encode, plain, safe

_text = st.text(st.characters(codec=None, categories=None), max_size=20)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=8,
)


@given(_json)
def test_any_json_becomes_what_jsonb_accepts(value):
    text = dumps(value)
    text.encode()  # no lone surrogate
    assert "\\u0000" not in text
    assert "\x00" not in text
    assert plain(json.loads(text)) == json.loads(text)  # once accepted, it does not change


@given(_text)
def test_a_safe_text_has_as_many_characters_and_loses_only_what_is_refused(text):
    assert len(safe(text)) == len(text)
    assert safe(safe(text)) == safe(text)
    safe(text).encode()


def test_what_equals_its_default_is_left_out():
    assert encode(Mention(source="gap", key="1", title="Fête")) == {
        "source": "gap",
        "key": "1",
        "title": "Fête",
    }


def test_a_field_of_another_version_is_ignored_and_a_missing_one_has_its_default():
    stored = {"slug": "gap", "title": "t", "kind": "feed", "url": "u", "abandoned": 1}
    assert decode(Source, stored) == Source(slug="gap", title="t", kind="feed", url="u")


@pytest.mark.parametrize("p", [{Relation.SAME: 0.5}, {}])
def test_enums_are_read_back_as_keys_too(p):
    question = Question(a=1, b=2, p=p)
    assert decode(Question, plain(question)) == question
