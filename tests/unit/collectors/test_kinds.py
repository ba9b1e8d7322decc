"""What each web kind makes of documents as they are: good, odd and broken."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.items import Found
from collectors.kinds import calendar, feed, opendatasoft, page
from collectors.pages.json_ld import json_ld_events, read_json
from domain.errors import CollectError, Unreadable
from domain.records import Quarantined, RawItem, Source


def source(kind: str = "feed", **options: Any) -> Source:
    return Source(slug="s", title="S", kind=kind, url="https://ville.example/x", options=options)


def items(found: list[Found]) -> list[RawItem]:
    return [one for one in found if isinstance(one, RawItem)]


RSS = '<rss version="2.0"><channel><title>x</title><link>https://ville.example/</link>{}</channel></rss>'


def rss(*entries: str) -> bytes:
    return RSS.format("".join(f"<item>{one}</item>" for one in entries)).encode()


@pytest.mark.parametrize(
    "body",
    [
        rss("<title>Fête</title><link>/a</link>"),
        RSS.replace("2.0", "0.91")
        .format("<item><title>Fête</title><link>/a</link></item>")
        .encode(),
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><entry><title>Fête</title>'
        '<link href="https://ville.example/a"/></entry></feed>'.encode(),
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/'
        'rss/1.0/"><channel/><item rdf:about="https://ville.example/a"><title>Fête</title>'
        "<link>https://ville.example/a</link></item></rdf:RDF>".encode(),
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "items": [{"id": "1", "title": "Fête", "url": "https://ville.example/a"}],
            }
        ).encode(),
        "\n<!-- x --><?xml?xml version='1.0'??><rss rss:version=2.0><rss:channel><rss:item>"
        "<rss:title>Fête</rss:title><rss:link>https://ville.example/a</rss:link></rss:item>"
        "</rss:channel></rss>".encode(),
    ],
    ids=["rss2", "rss091", "atom", "rdf", "json", "undeclared prefix"],
)
def test_every_version_of_feed(body: bytes) -> None:
    (one,) = items(feed.parse(body, source(), url="https://ville.example/x"))
    assert one.fields["title"] == "Fête"
    assert one.url == "https://ville.example/a"
    assert one.published_at is None  # never « now »


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        (["<guid>a</guid>", "<guid>b</guid>"], ["a", "b"]),
        (["<guid>a</guid><link>/1</link>", "<link>/2</link>"], ["a", "https://ville.example/2"]),
        (
            ["<guid>a</guid><link>/1</link>", "<guid>a</guid><link>/2</link>"],
            ["https://ville.example/1", "https://ville.example/2"],
        ),
    ],
    ids=["own guids", "one without", "one guid for all"],
)
def test_the_key_is_the_guid_then_the_link(entries: list[str], keys: list[str]) -> None:
    body = rss(*(f"<title>T{n}</title>{entry}" for n, entry in enumerate(entries))).replace(
        b"<guid>", b'<guid isPermaLink="false">'
    )
    assert [one.key for one in items(feed.parse(body, source()))] == keys


def test_entries_without_identity_are_told_apart_by_their_content() -> None:
    body = rss("<title>Un</title>", "<title>Deux</title>")
    first, second = items(feed.parse(body, source()))
    assert first.key != second.key


def test_a_cut_feed_keeps_its_whole_entries_and_puts_the_last_aside() -> None:
    body = rss("<title>Un</title>", "<title>Deux</title>").partition(b"Deux")[0]
    found = feed.parse(body, source())
    assert [one.fields["title"] for one in items(found)] == ["Un"]
    assert isinstance(found[-1], Quarantined)
    assert "coupé" in found[-1].why


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"<html><body>x", b"bonjour", b"{}", b'{"version":"1"}']
)
def test_what_is_no_feed_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable):
        feed.parse(body, source())


def test_one_impossible_character_reference_does_not_kill_a_feed() -> None:
    body = rss("<title>Un &#xD800;</title>", "<title>Deux &#99999999999; &bogus; A & B</title>")
    first, second = items(feed.parse(body, source()))
    assert first.fields["title"] == "Un"
    assert "A & B" in second.fields["title"]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([feed, page, calendar, opendatasoft]))
def test_no_bytes_make_a_kind_raise_anything_but_a_collect_error(body: bytes, kind: Any) -> None:
    for head in (
        b"",
        b'<rss version="2.0"><channel><item>',
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n",
        b"[",
    ):
        try:
            kind.parse(head + body, source())
        except CollectError:
            continue


EVENT = {
    "@type": "Event",
    "name": "Fête",
    "startDate": "2027-06-03",
    "location": {"@type": "Place", "name": "Stade", "address": "Gap"},
}


def html(*blocks: str, body: str = "<h1>Titre</h1>") -> bytes:
    scripts = "".join(f'<script type="application/ld+json">{one}</script>' for one in blocks)
    return f"<html lang='fr'><head>{scripts}</head><body>{body}</body></html>".encode()


@pytest.mark.parametrize(
    "block",
    [
        json.dumps(EVENT),
        json.dumps([EVENT]),
        json.dumps(
            {"@graph": [{"@type": "WebPage"}, {**EVENT, "@type": ["Thing", "SportsEvent"]}]}
        ),
        json.dumps({"@type": "ItemList", "itemListElement": [{"item": EVENT}]}),
        f"<!-- {json.dumps(EVENT)} -->",
        f"//<![CDATA[\n{json.dumps(EVENT)}\n//]]>",
        json.dumps(EVENT).replace("}}", "},}"),
        json.dumps(EVENT).replace('"', "&quot;"),
        json.dumps(EVENT).replace("Fête", "Fête").replace('"Gap"', '"05000\nGap"'),
        json.dumps(EVENT) + ";",
    ],
)
def test_events_in_json_ld_as_it_is_written(block: str) -> None:
    (one,) = items(page.parse(html(block), source("page")))
    assert (one.fields["title"], one.fields["start"]) == ("Fête", "2027-06-03")
    assert one.fields["venue"] == "Stade"


def test_several_events_of_one_page_have_their_own_keys() -> None:
    later = {**EVENT, "startDate": "2027-06-10", "eventStatus": "https://schema.org/EventCancelled"}
    first, second = items(page.parse(html(json.dumps([EVENT, later])), source("page")))
    assert first.key != second.key
    assert second.fields["status"] == "cancelled"


def test_microdata() -> None:
    body = """<div itemscope itemtype="https://schema.org/Event"><h2 itemprop="name">Fête</h2>
    <time itemprop="startDate" datetime="2027-06-03T14:00">3 juin</time>
    <div itemprop="location" itemscope itemtype="https://schema.org/Place">
    <b itemprop="name">Stade</b><span itemprop="address" itemscope>
    <i itemprop="addressLocality">Gap</i></span></div></div>"""
    (one,) = items(page.parse(html(body=body), source("page")))
    assert one.fields["start"] == "2027-06-03T14:00"
    assert (one.fields["venue"], one.fields["commune"]) == ("Stade", "Gap")


def test_deep_or_broken_json_ld_is_left() -> None:
    assert read_json("[" * 100_000) is None
    assert json_ld_events('<script type="application/ld+json">{pas du json</script>') == []
    nested: Any = EVENT
    for _ in range(50):
        nested = {"@graph": [nested]}
    assert json_ld_events(html(json.dumps(nested)).decode()) == []


def test_an_address_that_pretends_to_be_the_home_page_is_not_believed() -> None:
    body = b"<html><head><link rel=canonical href='https://ville.example/'></head><h1>Fete</h1><p>x</p>"
    (one,) = items(
        page.parse(body, source("page"), url="https://ville.example/agenda/fete?utm_source=x")
    )
    assert one.url == one.key == "https://ville.example/agenda/fete"


def test_an_empty_page_is_told() -> None:
    with pytest.raises(Unreadable, match="JavaScript"):
        page.parse(b"<html><body><div id=app></div></body></html>", source("page"))


def ics(*lines: str) -> bytes:
    event = "\r\n".join(("BEGIN:VEVENT", "UID:u", "SUMMARY:Atelier", *lines, "END:VEVENT"))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}\r\nEND:VCALENDAR\r\n".encode()


@pytest.mark.parametrize(
    ("lines", "start", "end", "count"),
    [
        (
            ["DTSTART;VALUE=DATE:20270605", "DTEND;VALUE=DATE:20270607"],
            "2027-06-05",
            "2027-06-06",
            0,
        ),
        (["DTSTART;VALUE=DATE:20270605"], "2027-06-05", "2027-06-05", 0),
        (["DTSTART:20270605T120000Z", "DURATION:PT2H"], "2027-06-05T14:00", "2027-06-05T16:00", 0),
        (["DTSTART:20270605T140000"], "2027-06-05T14:00", "2027-06-05T14:00", 0),
        (
            ["DTSTART:20270605T140000", "DTEND:20270605T150000", "RRULE:FREQ=DAILY;COUNT=3"],
            "2027-06-05T14:00",
            "2027-06-07T15:00",
            3,
        ),
        (  # over the change of hour: always 14 h in Paris
            [
                "DTSTART;TZID=Europe/Paris:20270320T140000",
                "RRULE:FREQ=WEEKLY;UNTIL=20270403T120000Z",
            ],
            "2027-03-20T14:00",
            "2027-04-03T14:00",
            3,
        ),
    ],
)
def test_dates_of_a_calendar(lines: list[str], start: str, end: str, count: int) -> None:
    (one,) = items(calendar.parse(ics(*lines), source("calendar"), today=date(2027, 1, 1)))
    assert (one.fields["start"], one.fields["end"]) == (start, end)
    assert len(one.fields.get("timings", [])) == count


def test_an_endless_repetition_is_bounded() -> None:
    body = ics("DTSTART:20200101T100000", "RRULE:FREQ=DAILY")
    (one,) = items(calendar.parse(body, source("calendar"), today=date(2027, 1, 1)))
    assert len(one.fields["timings"]) == calendar.MAX_SLOTS
    assert one.fields["start"] == "2025-01-01T10:00"


def test_a_repetition_of_every_second_is_refused_and_the_others_read() -> None:
    both = ics("DTSTART:20270101T100000", "RRULE:FREQ=SECONDLY").replace(
        b"END:VCALENDAR",
        ics("DTSTART:20270102").partition(b"2.0\r\n")[2].replace(b"UID:u", b"UID:v"),
    )
    found = calendar.parse(both, source("calendar"))
    assert [type(one).__name__ for one in found] == ["Quarantined", "RawItem"]


def test_records_of_every_shape() -> None:
    fields = {"uid": "1", "title_fr": "Fête", "location_city": "Gap"}
    shapes = [
        {"total_count": 1, "results": [fields]},
        {"nhits": 1, "records": [{"recordid": "r", "fields": fields}]},
        {"total_count": 1, "records": [{"record": {"id": "r", "fields": fields}}]},
        [fields],
    ]
    for shape in shapes:
        (one,) = items(opendatasoft.parse(json.dumps(shape).encode(), source("opendatasoft")))
        assert (one.key, one.fields["title"], one.fields["commune"]) == ("1", "Fête", "Gap")


def test_the_job_centre_is_not_an_agenda() -> None:
    noise = {
        "uid": "1",
        "title_fr": "Atelier CV",
        "location_city": "Gap",
        "originagenda_title": "Mes événements France Travail",
    }
    body = json.dumps([noise]).encode()
    assert opendatasoft.parse(body, source("opendatasoft")) == []
    assert len(opendatasoft.parse(body, source("opendatasoft", exclude_agendas=[]))) == 1


def test_the_day_in_a_filter_is_the_day_of_the_visit() -> None:
    one = source("opendatasoft", where="fin >= date'{today-30}'")
    assert "2026-12-02" in opendatasoft.page_url(one, offset=0, today=date(2027, 1, 1))
