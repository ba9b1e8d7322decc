import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.web.tdm import facts_only, of_file, of_page
from tests.builders import a_raw_item

HTML = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("headers", "reserved"),
    [
        ({"tdm-reservation": "1"}, True),
        ({"tdm-reservation": " 0 "}, False),
        ({"tdm-reservation": "oui"}, None),
        ({"x-robots-tag": "noai, noimageai"}, True),
        ({"x-robots-tag": "noindex, nofollow"}, None),
        ({"x-robots-tag": "paat-veille: noai"}, True),
        ({"x-robots-tag": "autrebot: noai"}, None),
        ({"x-robots-tag": "autrebot: noindex, noai"}, None),
        ({"x-robots-tag": "unavailable_after: 25 Jun 2010 15:00:00 PST"}, None),
        ({}, None),
    ],
)
def test_what_headers_say(headers: dict[str, str], reserved: bool | None) -> None:
    said = of_page(headers, b"")
    assert (said.reserved if said else None) is reserved


@pytest.mark.parametrize(
    ("page", "reserved"),
    [
        ('<meta name="tdm-reservation" content="1">', True),
        ("<META content=1 NAME='tdm-reservation'/>", True),
        ('<meta name="tdm-reservation" content="0">', False),
        ('<meta name="robots" content="index, noai">', True),
        ('<meta name="robots" content="noindex">', None),
        ('<meta name="description" content="noai">', None),
        ("<p>tdm-reservation 1</p>", None),
    ],
)
def test_what_a_page_says(page: str, reserved: bool | None) -> None:
    said = of_page(HTML, page.encode())
    assert (said.reserved if said else None) is reserved


def test_the_page_wins_over_the_header_and_a_feed_is_not_searched_for_elements() -> None:
    said = of_page({**HTML, "tdm-reservation": "1"}, b'<meta name="tdm-reservation" content="0">')
    assert said is not None
    assert not said.reserved
    xml = {"content-type": "application/rss+xml"}
    assert of_page(xml, b'<meta name="tdm-reservation" content="1">') is None


RULES = json.dumps(
    [
        {"location": "/", "tdm-reservation": 1},
        {"location": "/ouvert/*.ics$", "tdm-reservation": 0},
        {"location": "/ouvert/prive", "tdm-reservation": 1},
        "n'importe quoi",
        {"location": 3},
    ]
)


@pytest.mark.parametrize(
    ("path", "reserved"),
    [("/agenda", True), ("/ouvert/a.ics", False), ("/ouvert/a.ics?x=1", True)],
)
def test_the_longest_pattern_of_the_sites_file_decides(path: str, reserved: bool) -> None:
    said = of_file(RULES, f"https://gap.example{path}")
    assert said is not None
    assert said.reserved is reserved


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "null", '[{"location": "/autre"}]'])
def test_a_file_that_says_nothing_reserves_nothing(text: str) -> None:
    assert of_file(text, "https://gap.example/agenda") is None


@given(st.text(), st.binary(max_size=300))
def test_nothing_written_anywhere_makes_it_fail(text: str, body: bytes) -> None:
    of_page({"content-type": "text/html", "x-robots-tag": text, "tdm-reservation": text}, body)
    of_file(text, "https://gap.example/")


def test_facts_are_kept_and_the_body_is_not() -> None:
    item = a_raw_item("1", text="Longue prose", html="<p>Longue prose</p>", commune="Gap")
    kept = facts_only(item, facts={"when": "3 juin 2027", "commune": "Embrun", "venue": None})
    assert kept.fields == {"title": "Annonce 1", "commune": "Gap", "when": "3 juin 2027"}
    assert kept.key == item.key
