"""Faults 60 to 81 and 89 to 93: what a document says. One poison announcement never costs the
others; nothing is ever « now » by default."""

import json
from datetime import UTC, datetime

import pytest

from domain.records import RawItem
from tests.hostile import KEPT, XML, Suffered, entry, rss, suffer
from tests.visits import as_json, query
from tests.web import Asked, Web, answer

pytestmark = pytest.mark.faults

PLAIN = {"Content-Type": "application/xml"}


def feed(body: str | bytes, **headers: str) -> Suffered:
    return suffer(answer(body, headers=headers or XML))


def titles(got: Suffered) -> list[str]:
    return [str(item.fields.get("title", "")) for item in got.harvest.items]


def only(got: Suffered) -> RawItem:
    (item,) = got.harvest.items
    return item


def doctype(inside: str) -> str:
    return FEED_WITH_ENTITY.replace("INSIDE", inside)


FEED_WITH_ENTITY = (
    "<!DOCTYPE rss [INSIDE]><rss version='2.0'><channel><title>&a;</title>"
    "<item><guid>1</guid><title>&a;</title></item></channel></rss>"
)
LAUGHS = '<!ENTITY z "ha">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">'
    for a, b in zip("zyxwvutsrqponm", "yxwvutsrqponma", strict=True)
)


@pytest.mark.parametrize(
    "inside",
    [
        LAUGHS,
        '<!ENTITY a "' + "x" * 100_000 + '">',
        '<!ENTITY a SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "http://10.0.0.1/x.dtd"> %p;',
    ],
    ids=["billion laughs", "quadratic", "external", "parameter"],
)
def test_entities_are_refused_without_a_look_at_them(inside: str) -> None:
    got = feed(doctype(inside))
    assert (got.outcome, got.harvest.items, got.harvest.validators) == ("unreadable", (), KEPT)
    assert "déclarations d'entités" in got.why


def test_html_where_a_feed_is_due_tells_where_the_feed_is() -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="/flux.xml">'
    got = feed(f"<!doctype html><html><head>{link}</head><body></body></html>")
    assert got.outcome == "unreadable"
    assert "/flux.xml" in got.why


def test_a_cut_feed_keeps_its_whole_items_and_puts_the_cut_one_aside() -> None:
    whole = rss(entry(1), entry(2), entry(3))
    got = feed(whole[: whole.index("Fête 3") + 3])
    assert (got.outcome, titles(got)) == ("ok", ["Fête 1", "Fête 2"])
    assert ["coupé" in one.why for one in got.harvest.quarantined] == [True]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (rss(entry(1, title="Été à l’Œuvre")).encode("cp1252"), PLAIN),
        (rss(entry(1, title="Été à l’Œuvre")).encode("cp1252"), XML),
        (
            rss(entry(1, title="Été à l’Œuvre")).replace("utf-8", "iso-8859-1").encode(),
            {"Content-Type": "text/xml; charset=iso-8859-1"},
        ),
        (rss(entry(1, title="Été à l’Œuvre")).encode("utf-16-le"), PLAIN),
        (rss(entry(1, title="Été à l’Œuvre")).encode("utf-16"), PLAIN),
        (b"\xef\xbb\xbf" * 2 + rss(entry(1, title="Été à l’Œuvre")).encode(), XML),
        (b"\r\n \n" + rss(entry(1, title="Été à l’Œuvre")).encode(), XML),
        (rss(entry(1, title="&Eacute;t&eacute; &agrave; l&rsquo;&OElig;uvre")).encode(), XML),
        (rss(entry(1, title="&amp;Eacute;t&amp;eacute; à l’&amp;OElig;uvre")).encode(), XML),
    ],
    ids=["cp1252", "cp1252 as utf-8", "utf-8 as latin-1", "utf-16 without BOM", "utf-16",
         "two BOMs", "bytes before the prolog", "named entities", "escaped twice"],
)  # fmt: skip
def test_accents_arrive_whatever_the_encoding(body: bytes, headers: dict[str, str]) -> None:
    assert titles(suffer(answer(body, headers=headers))) == ["Été à l’Œuvre"]


def test_a_bare_ampersand_keeps_the_words_around_it() -> None:
    (title,) = titles(feed(rss(entry(1, title="Sport & culture, R&D en fête"))))
    assert title.replace(";", "") == "Sport & culture, R&D en fête"


@pytest.mark.parametrize(
    "poison", ["&#0;", "&#xD800;", "&#x110000;", "&#99999999999;", "\x00", "\x0b", "\x1f", "\ufffe"]
)
def test_impossible_characters_go_and_the_words_stay(poison: str) -> None:
    got = feed(rss(entry(1), entry(2, title=f"Fête {poison}deux")))
    assert (got.outcome, titles(got)) == ("ok", ["Fête 1", "Fête deux"])
    everything = json.dumps([dict(item.fields) for item in got.harvest.items])
    assert "\\u0000" not in everything
    assert "\\ud800" not in everything


def test_letters_are_composed_and_hidden_direction_marks_leave_titles() -> None:
    (title,) = titles(feed(rss(entry(1, title="E\u0301te\u0301 \u202eesrever\u202c 👨‍👩‍👧"))))
    assert title == "Été esrever 👨‍👩‍👧"


def test_same_or_missing_identifiers_still_make_several_announcements() -> None:
    same = rss(*(entry(n, guid="tous") for n in (1, 2, 3)))
    none = "".join(
        f"<item><title>Fête {n}</title><link>https://a.example/{n}</link></item>" for n in (1, 2, 3)
    )
    for body in (same, rss(none)):
        keys = {item.key for item in feed(body).harvest.items}
        assert len(keys) == 3


def test_a_huge_identifier_is_kept_short() -> None:
    item = only(feed(rss(entry(1, guid="g" * 10_000))))
    assert len(item.key) <= 500


def test_ten_thousand_items_are_all_read() -> None:
    got = suffer(
        answer(rss(*(entry(n, "x") for n in range(3000))), headers=XML),
        settings={"max_bytes": 10_000_000, "total_seconds": 5},
    )
    assert len(got.harvest.items) == 3000


def test_an_announcement_of_five_megabytes_is_bounded_and_the_others_are_read() -> None:
    big = entry(2, "mot " * 1_300_000)
    got = suffer(
        answer(rss(entry(1), big, entry(3)), headers=XML),
        settings={"max_bytes": 10_000_000, "total_seconds": 5},
    )
    assert len(titles(got)) == 3
    assert all(len(str(item.fields.get("text", ""))) <= 1_000_000 for item in got.harvest.items)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.fr"])
def test_a_link_that_is_no_address_is_dropped(link: str) -> None:
    item = only(
        feed(
            rss(
                f"<item><guid isPermaLink='false'>1</guid><title>F</title>"
                f"<link>{link}</link></item>"
            )
        )
    )
    assert item.url is None or item.url.startswith("http")
    assert link not in json.dumps(dict(item.fields))


def test_a_relative_link_is_made_absolute() -> None:
    item = only(feed(rss("<item><title>F</title><link>/agenda/1</link></item>")))
    assert item.url is not None
    assert item.url.startswith("http")
    assert item.url.endswith("/agenda/1")


def test_scripts_never_reach_what_is_kept() -> None:
    bad = (
        "<![CDATA[<p>Fête<script>x()</script><img src=x onerror=y()>"
        "<svg onload=z()></svg><iframe src='//a'></iframe><style>b{}</style></p>]]>"
    )
    kept = json.dumps(dict(only(feed(rss(entry(1, bad)))).fields))
    assert "Fête" in json.loads(kept).get("text", "")
    for word in ("script", "onerror", "onload", "iframe", "x()", "y()", "z()", "b{}"):
        assert word not in kept


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Mon, 06 Jan 2025 10:00:00 +0100", datetime(2025, 1, 6, 9, tzinfo=UTC)),
        ("lun, 06 jan 2025 10:00:00 CET", datetime(2025, 1, 6, 9, tzinfo=UTC)),
        ("lundi 6 janvier 2025", datetime(2025, 1, 5, 23, tzinfo=UTC)),
        ("06/01/2025 10:00", datetime(2025, 1, 6, 9, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("2025-02-31T10:00:00Z", None),
        ("Mon, 06 Jan 2025 25:00:00 +0100", None),
        ("demain", None),
        ("", None),
    ],
)
def test_a_publication_date_is_right_or_absent_never_now(
    written: str, read: datetime | None
) -> None:
    item = only(feed(rss(entry(1, pubDate=written))))
    assert item.published_at == read


# --- lists and interfaces ---------------------------------------------------------------------


def test_a_selector_that_finds_nothing_any_more_is_implausible() -> None:
    got = suffer(lambda web: web.page("/agenda", "<html><body><p>Refonte</p></body></html>"),
                 "page", "/agenda", item=".evenement")  # fmt: skip
    assert (got.outcome, got.harvest.validators) == ("implausible", KEPT)
    assert "sélecteur item" in got.why


def test_a_pagination_that_turns_round_ends() -> None:
    async def same(asked: Asked) -> bytes:
        number = int(query(asked).get("page", 1))
        return answer(
            f"<html><body><div class=e><a href='/e1'>Fête</a></div>"
            f"<a class=next href='/agenda?page={number + 1}'>suite</a></body></html>",
            headers={"Content-Type": "text/html"},
        )

    def setup(web: Web) -> None:
        web.on("/agenda", same)
        web.page(
            "/e1", "<html><head><title>Fête</title></head><body><p>Le 3 juin.</p></body></html>"
        )

    got = suffer(setup, "page", "/agenda", item=".e", link="a", next="a.next")
    assert len(got.web.asked("/agenda")) == 2
    assert len(got.web.asked("/e1")) == 1


API = {"mapping": {"title": "nom"}, "items": "data", "paging": "cursor", "next": "cursor"}


def test_a_cursor_that_repeats_ends() -> None:
    got = suffer(
        as_json({"data": [{"id": 1, "nom": "Fête"}], "cursor": "x"}), "json_api", "/api", **API
    )
    assert len(got.web.asked("/api")) <= 3
    assert {item.key for item in got.harvest.items} == {"1"}


def test_a_page_that_fails_keeps_the_pages_before_it() -> None:
    async def second_fails(asked: Asked) -> bytes:
        if "cursor" in query(asked):
            return answer(status="500 Oops")
        return as_json({"data": [{"id": 1, "nom": "Fête"}], "cursor": "x"})

    got = suffer(lambda web: web.on("/api", second_fails), "json_api", "/api", **API)
    assert (got.outcome, got.harvest.validators) == ("unreachable", KEPT)
    assert [item.key for item in got.harvest.items] == ["1"]


def test_an_error_said_with_200_is_an_error() -> None:
    got = suffer(as_json({"error": "quota dépassé"}), "json_api", "/api", error="error", **API)
    assert (got.outcome, got.harvest.validators) == ("unreadable", KEPT)
    assert "quota dépassé" in got.why


def test_one_poison_item_of_a_hundred_is_put_aside_with_its_payload() -> None:
    rows: list[object] = [{"id": n, "nom": f"Fête {n}"} for n in range(99)]
    rows.insert(50, "poison")
    got = suffer(
        as_json({"data": rows}), "json_api", "/api", mapping={"title": "nom"}, items="data"
    )
    assert (got.outcome, len(got.harvest.items)) == ("ok", 99)
    assert [one.payload for one in got.harvest.quarantined] == ["poison"]
