"""Word differences: what one side has that the other has not."""

from hypothesis import given
from hypothesis import strategies as st

from review.differences import differences


def _cut(text, spans):
    return [text[a:b] for a, b in spans]


def test_only_what_differs_is_told():
    a, b = "Fête du sport à Gap, le 5 juin", "Fete du sport a Digne, le 6 juin"
    left, right = differences(a, b)
    assert _cut(a, left) == ["Gap", "5"]
    assert _cut(b, right) == ["Digne", "6"]


def test_accents_case_and_equal_texts_do_not_differ():
    assert differences("ÉTÉ Sportif", "été sportif") == ([], [])
    assert differences("", "") == ([], [])


def test_one_empty_side_differs_whole():
    assert differences("Gap", "") == ([(0, 3)], [])


@given(st.text(max_size=80), st.text(max_size=80))
def test_spans_are_in_order_inside_the_text_and_never_blank(a, b):
    for text, spans in zip((a, b), differences(a, b), strict=True):
        flat = [edge for span in spans for edge in span]
        assert flat == sorted(flat)
        assert all(text[start:end].strip() for start, end in spans)
