"""Two ways of writing an address are one; two pages are never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.addresses import address_of

SAME = [
    ("http://www.Ville.example/fete", "https://ville.example/fete/"),
    ("https://ville.example:443/fete", "https://ville.example/fete"),
    ("https://ville.example/a/../fete", "https://ville.example/fete"),
    ("https://ville.example/fête", "https://ville.example/f%c3%aate"),
    ("https://été.example/x", "https://xn--t-9fab.example/x"),
    ("https://ville.example/f?utm_source=x&id=3", "https://ville.example/f?id=3&fbclid=z"),
    ("https://v.example/a;jsessionid=9?id=3", "https://v.example/a?id=3&PHPSESSID=8"),
    ("https://v.example/spip.php?article12&xtor=RSS-1", "https://v.example/spip.php?article12"),
    ("https://v.example/agenda/index.php", "https://v.example/agenda/"),
    ("https://v.example/fete#commentaires", "https://v.example/fete"),
]
OTHER = [
    ("https://v.example/spip.php?article12", "https://v.example/spip.php?article13"),
    ("https://v.example/spip.php?article12&lang=fr", "https://v.example/spip.php?lang=fr"),
    (
        "https://v.example/spip.php?page=agenda&id_article=1",
        "https://v.example/spip.php?page=agenda",
    ),
    ("https://v.example/index.php?id=1", "https://v.example/index.php?id=2"),
    ("https://v.example/#!/fete/1", "https://v.example/#!/fete/2"),
    ("https://v.example/Fete", "https://v.example/fete"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_ways_of_writing_an_address_are_one(one: str, other: str) -> None:
    assert address_of(one) == address_of(other) is not None


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_two_pages_are_never_one(one: str, other: str) -> None:
    assert address_of(one) != address_of(other)


@pytest.mark.parametrize(
    "url", ["https://v.example", "https://www.v.example/", "https://v.example/index.php", "", None,
            "mailto:a@v.example", "https://[", "/relatif"]
)  # fmt: skip
def test_a_home_page_and_what_is_no_address_name_nothing(url: str | None) -> None:
    assert address_of(url) is None


def test_a_site_that_moves_keeps_its_pages() -> None:
    before, after = address_of("http://old.example/?p=12"), address_of("https://new.example/?p=12")
    assert before is not None
    assert after is not None
    assert (before.mark, before.host) == (after.mark, "old.example")


@given(st.text(max_size=60))
def test_any_text_has_an_address_or_none(text: str) -> None:
    address_of(f"https://v.example/{text}")
    address_of(text)
