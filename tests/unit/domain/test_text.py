import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from domain.text import _UNWANTED, clean

ANY = st.text() | st.text(
    st.sampled_from("ab \n\t\r\u00a0\u202f\u2009\u3000\u200b\u2028\x00\x85\x1f\ud800e\u0301\u202e"),
    max_size=14,
)


@given(ANY)
def test_cleaning_is_what_its_slow_definition_says(text: str) -> None:
    newlines = text.replace("\r\n", "\n").replace("\r", "\n")
    wanted = _UNWANTED.sub(" ", unicodedata.normalize("NFC", newlines))
    squeezed = re.sub(r"[ \t\u00a0\u202f\u2009]+", " ", wanted)
    assert clean(text) == re.sub(r"\s*\n\s*\n\s*", "\n\n", squeezed).strip()
