"""What is not what it says: walls, wrapped feeds, sites sold, endless lists, odd tables and dates
(faults 29, 36, 47, 56, 62, 71, 73, 76, 78, 81, 82, 84 to 88 of the list)."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.collect import Harvest
from collectors.upkeep.health import next_state
from domain.noise import text_sha256
from domain.records import SourceState
from domain.statuses import SourceHealth
from tests.builders import a_source, later
from tests.hostile import BYTES, FEED, GOOD, KEPT, XML, Names, Suffered, entry, rss, suffer
from tests.visits import query, visits
from tests.web import Asked, Web, answer

pytestmark = pytest.mark.faults

HTML = {"Content-Type": "text/html; charset=utf-8"}
ROOMY = {"max_bytes": 10_000_000, "total_seconds": 60.0}


def page(body: str, head: str = "") -> bytes:
    return answer(f"<html><head>{head}</head><body>{body}</body></html>", headers=HTML)


def titles(got: Suffered) -> list[object]:
    return [item.fields.get("title") for item in got.harvest.items]


def learned(harvests: list[Harvest]) -> SourceState:
    """What is thought of a source after a visit a day."""
    state = SourceState(source="essai")
    for day, one in enumerate(harvests):
        at = later(days=day)
        state = next_state(state, a_source(), one.visit, now=at, signals=one.signals)
    return state


# --- 29: names


def test_a_name_that_turns_out_to_be_inside_on_the_way_is_refused() -> None:
    """Outside for the first questions, inside where they lead."""

    def setup(web: Web) -> None:
        to = {"Location": f"http://encore.example:{web.port}/encore"}
        web.raw("/flux", answer(status="302 Found", headers=to))
        web.raw("/encore", GOOD)

    outside = "http://mairie.example:{port}/flux"
    got = suffer(setup, path=outside, resolver=Names(["127.0.0.1"], ["10.0.0.1"]))
    assert (got.outcome, got.harvest.validators) == ("refused", KEPT)
    assert "encore.example (10.0.0.1)" in got.why
    assert got.web.asked("/encore") == []


# --- 36, 47, 56: pages instead of an answer


@pytest.mark.parametrize(
    "body",
    [
        '<meta http-equiv="refresh" content="0; url=/ailleurs">',
        '<script>window.location.href = "/ailleurs"</script>',
    ],
)
def test_where_a_page_sends_browsers_is_told_and_not_followed(body: str) -> None:
    got = suffer(page("", body))
    assert got.outcome == "unreadable"
    assert "renvoie les navigateurs vers" in got.why
    assert "/ailleurs" in got.why
    assert got.web.asked("/ailleurs") == []


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("Nous utilisons des cookies. Tout accepter / Continuer sans accepter", "refused"),
        ("Sans votre consentement aux traceurs, acceptez l'abonnement", "refused"),
        ("Agenda. " * 400 + "Gestion des cookies : accepter", "unreadable"),
    ],
)
def test_a_wall_of_cookies_blocks_and_a_banner_below_a_page_does_not(
    words: str, outcome: str
) -> None:
    got = suffer(page(f"<p>{words}</p>"))
    assert (got.outcome, got.harvest.validators) == (outcome, KEPT)
    state = next_state(SourceState(source="gap"), a_source(), got.harvest.visit, now=later())
    assert (state.health is SourceHealth.BLOCKED) is (outcome == "refused")


@pytest.mark.parametrize("where", ["first", "last"])
def test_the_first_half_megabyte_of_a_robots_of_ten_is_obeyed(where: str) -> None:
    rule, rest = "User-agent: *\nDisallow: /agenda\n", "# rien\n" * 1_500_000
    text = rule + rest if where == "first" else rest + rule

    def setup(web: Web) -> None:
        web.raw("/robots.txt", answer(text))
        web.raw("/agenda", page("<h1>Fête</h1><p>Le 3 juin 2027.</p>", "<title>Fête</title>"))

    got = suffer(setup, "page", "/agenda", settings=ROOMY)
    assert got.outcome == ("refused" if where == "first" else "ok")


# --- 62, 73, 76, 78: feeds


def test_what_xinclude_names_is_not_opened() -> None:
    xi = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>'
    got = suffer(answer(rss(entry(1, f"Fête {xi}")), headers=XML))
    assert "root:" not in json.dumps(dict(got.harvest.items[0].fields))


def test_relative_links_follow_the_base_that_is_written() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://mairie.example/agenda/">'
        '<title>M</title><entry xml:base="2027/"><id>1</id><title>F</title><link href="fete"/>'
        '<content type="html">&lt;a href="affiche"&gt;x&lt;/a&gt;</content></entry></feed>'
    )
    (item,) = suffer(answer(atom, headers=XML)).harvest.items
    assert item.url == "https://mairie.example/agenda/2027/fete"
    assert item.fields["links"] == ["https://mairie.example/agenda/2027/affiche"]
    listed = page("<div class=e><a href=fete>F</a></div>", "<base href=https://m.example/ville/>")
    got = suffer(listed, "page", "/agenda", item=".e", link="a", details=False)
    assert [one.url for one in got.harvest.items] == ["https://m.example/ville/fete"]


def test_an_entry_without_a_link_is_kept_without_one() -> None:
    alone = '<item><guid isPermaLink="false">n1</guid><title>Fête</title></item>'
    (item,) = suffer(answer(rss(alone), headers=XML)).harvest.items
    assert (item.key, item.url) == ("n1", None)


ESCAPED = FEED.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize(
    "body",
    [
        f"<html><body><![CDATA[{FEED}]]></body></html>",
        f'<?xml version="1.0"?><string xmlns="http://tempuri.org/"><![CDATA[{FEED}]]></string>',
        f'<?xml version="1.0"?><string xmlns="http://tempuri.org/">{ESCAPED}</string>',
    ],
    ids=["page", "string", "escaped"],
)
def test_a_feed_inside_another_document_is_read(body: str) -> None:
    assert titles(suffer(answer(body, headers=XML))) == ["Fête 1", "Fête 2"]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("LUNDI 6 JANVIER 2025", datetime(2025, 1, 5, 23, tzinfo=UTC)),
        ("1er août 2025 à 14h30", datetime(2025, 8, 1, 12, 30, tzinfo=UTC)),
        ("6 janv. 2025 14 h", datetime(2025, 1, 6, 13, tzinfo=UTC)),
        ("1736154000", datetime(2025, 1, 6, 9, tzinfo=UTC)),
        ("Mon, 06 Jan 2025 10:00:00 CEST", datetime(2025, 1, 6, 8, tzinfo=UTC)),
        ("2025-03-30T02:30:00", datetime(2025, 3, 30, 1, 30, tzinfo=UTC)),  # no such hour in Paris
        ("2025-10-26T02:30:00", datetime(2025, 10, 26, 0, 30, tzinfo=UTC)),  # twice in Paris
        ("2025-01-06T10:00:00+99:99", datetime(2025, 1, 6, 9, tzinfo=UTC)),  # no such zone
        ("Mon, 06 Jan 3025 10:00:00 GMT", None),
        ("1970-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("32 janvier 2025", None),
    ],
)
def test_an_odd_publication_date_is_read_or_told(written: str, read: datetime | None) -> None:
    (item,) = suffer(answer(rss(entry(1, pubDate=written)), headers=XML)).harvest.items
    assert item.published_at == read
    assert ("published" in item.leftovers) is (read is None)


# --- 71: a domain that was sold


def test_another_site_at_the_same_address_is_an_alarm_and_takes_nothing_away() -> None:
    ours = rss(*(entry(n) for n in range(12)))
    theirs = rss(*(entry(n, "Jouez en ligne", title=f"Bonus {n}") for n in range(50, 62)))
    bodies = [ours, ours.replace("Gap", "Embrun"), theirs]
    harvests, _ = visits(
        lambda web, n: web.raw("/flux", answer(bodies[n], headers=XML)), "feed", "/flux", times=3
    )
    state = learned(harvests)
    assert state.health is SourceHealth.DEGRADED
    assert "dates disparaissent" in state.last_why
    assert not any(item.fields.get("status") for item in harvests[2].items)  # nothing withdrawn


# --- 81, 82, 84, 86: without end


def listing(number: int) -> bytes:
    card = f"<div class=e><a href=/e{number}>Fête {number}</a></div>"
    return page(f"{card}<a class=next href='/agenda?page={number + 1}'>suite</a>")


@pytest.mark.parametrize(
    ("shown", "asked"),
    [(lambda n: listing(min(n, 3)), 4), (listing, 10), (lambda n: listing(999), 2)],
    ids=["the last page for ever", "a calendar without end", "page 999"],
)
def test_a_list_without_end_is_left(shown: Callable[[int], bytes], asked: int) -> None:
    async def agenda(one: Asked) -> bytes:
        return shown(int(query(one).get("page", 1)))

    def setup(web: Web, _: int) -> None:
        web.on("/agenda", agenda)

    options: dict[str, Any] = {"item": ".e", "link": "a", "next": "a.next", "details": False}
    (got,), web = visits(setup, "page", "/agenda", **options)
    assert got.visit.outcome == "ok"
    assert len(web.asked("/agenda")) <= asked


def test_a_page_of_a_hundred_megabytes_is_cut_at_its_limit() -> None:
    sent = [0]

    async def handler(asked: Asked) -> None:
        asked.writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
        while not asked.writer.is_closing() and sent[0] < 100_000_000:
            asked.writer.write(b"<p>Bonjour</p>" * 5_000)
            sent[0] += 70_000
            await asked.writer.drain()

    got = suffer(handler, "page", "/agenda")
    assert (got.outcome, got.harvest.validators) == ("unreadable", KEPT)
    assert "plus de 300 ko" in got.why
    assert sent[0] < BYTES + 20_000_000  # what the sockets' buffers hold


def test_ten_thousand_structured_events_are_all_read() -> None:
    events = [{"@type": "Event", "name": f"F{n}", "startDate": "2027-06-03"} for n in range(10_000)]
    script = f'<script type="application/ld+json">{json.dumps(events)}</script>'
    got = suffer(page("<h1>A</h1>", f"<title>A</title>{script}"), "page", "/a", settings=ROOMY)
    assert len(got.harvest.items) == 10_000


def maps(web: Web, first: str) -> None:
    """An index: a map of 60,000 old pages or a bomb first, then a good one."""
    xml = {"Content-Type": "text/xml"}
    both = "".join(f"<sitemap><loc>{web.url(p)}</loc></sitemap>" for p in (first, "/bon.xml"))
    web.raw("/sitemap.xml", answer(f"<sitemapindex>{both}</sitemapindex>", headers=xml))
    if first == "/gros.xml":
        old = "<lastmod>2019-01-01</lastmod>"
        urls = (f"<url><loc>{web.url(f'/{n}')}</loc>{old}</url>" for n in range(60_000))
        web.raw(first, answer(f"<urlset>{''.join(urls)}</urlset>", headers=xml))
    else:
        bomb = gzip.compress(b"<urlset>" + b" " * 60_000_000, 1)
        web.raw(first, answer(bomb, headers={"Content-Type": "application/gzip"}))
    web.raw("/bon.xml", answer(f"<urlset><url><loc>{web.url('/fete')}</loc></url></urlset>"))
    web.raw("/fete", page("<h1>Fête</h1><p>Le 3 juin 2027 à Gap.</p>", "<title>Fête</title>"))


@pytest.mark.parametrize(
    ("first", "read"),
    [
        ("/bombe.gz", ["Fête"]),
        pytest.param("/gros.xml", [], marks=pytest.mark.slow),  # 50,000 addresses are enough
    ],
)
def test_a_map_too_big_is_left_where_it_is_too_big(first: str, read: list[str]) -> None:
    got = suffer(lambda web: maps(web, first), "sitemap", "/sitemap.xml", settings=ROOMY)
    assert (got.outcome, titles(got)) == ("ok", read), got.why
    assert len(got.web.requests) < 10  # no old page is opened


# --- 85: noise


def test_tokens_clocks_and_advertisements_are_no_change() -> None:
    def setup(web: Web, number: int) -> None:
        token = f"{number}f3a9c" * 5
        body = (
            f'<input type=hidden name=csrf value="{token}"><div class=pub>Promo {number}</div>'
            f"<main><h1>Fête du sport</h1><p>Le 3 juin 2027 à Gap, stade municipal.</p>"
            f'<a href="/inscription?PHPSESSID={token}">Inscription</a></main>'
            f"<footer>Il est 10:{10 + number}. {1000 + number} visiteurs</footer>"
            f'<script>var s="{token}"</script>'
        )
        web.raw("/agenda", page(body, "<title>Fête du sport</title>"))

    (one, two), _ = visits(setup, "page", "/agenda", times=2)
    first, second = one.items[0], two.items[0]
    assert (first.key, text_sha256(first.fields)) == (second.key, text_sha256(second.fields))
    assert "stade municipal" in str(first.fields["text"])


# --- 87, 88: calendars and tables


def events(count: int) -> str:
    return "".join(
        f"BEGIN:VEVENT\r\nUID:{n}\r\nSUMMARY:Fête {n}\r\nDTSTART:20270603T100000\r\nEND:VEVENT\r\n"
        for n in range(count)
    )


def calendar(inside: str) -> bytes:
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"
    return answer(text, headers={"Content-Type": "text/calendar; charset=utf-8"})


def test_a_cut_calendar_keeps_its_whole_events_and_puts_the_cut_one_aside() -> None:
    whole = calendar(events(30))
    body = whole.partition(b"\r\n\r\n")[2][:-60]
    got = suffer(answer(body, headers={"Content-Type": "text/calendar"}), "calendar", "/a.ics")
    assert (got.outcome, len(got.harvest.items)) == ("ok", 29)
    assert ["coupé" in one.why for one in got.harvest.quarantined] == [True]


def test_an_export_that_shrinks_to_thirty_events_is_told() -> None:
    sizes = [240, 240, 30]
    harvests, _ = visits(
        lambda web, n: web.raw("/a.ics", calendar(events(sizes[n]) + f"X-WR-CALNAME:{n}\r\n")),
        *("calendar", "/a.ics"),
        times=3,
    )
    state = learned(harvests)
    assert state.health is SourceHealth.DEGRADED
    assert "30" in state.last_why


TABLES: dict[str, tuple[bytes, dict[str, object]]] = {
    "semicolons": (b"id;titre\n1;F\xeate\n", {"title": "Fête"}),
    "tabs, mark and UTF-8": ("\ufeffid\ttitre\n1\tFête\n".encode(), {"title": "Fête"}),
    "UTF-16": ("id\ttitre\n1\tFête\n".encode("utf-16"), {"title": "Fête"}),
    "days of Excel": (b"id;titre;date\n1;Fete;45000\n", {"title": "Fete", "start": "2023-03-15"}),
    "a formula": (b"id;titre\n1;=cmd|' /C calc'!A0\n", {"title": "=cmd|' /C calc'!A0"}),
    "lines in quotes": (b'id;titre;description\n1;Fete;"un\ndeux"\n', {"title": "Fete"}),
    "one name twice": (b"id;titre;titre\n1;Fete;Autre\n", {"title": "Fete"}),
    "three lines of header": (
        b'"Formulaire";;\n;"Votre projet";\n"Num";"titre";"commune"\n1;Fete;Gap\n',
        {"title": "Fete", "commune": "Gap"},
    ),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_read_however_it_is_written(name: str) -> None:
    body, expected = TABLES[name]
    got = suffer(answer(body, headers={"Content-Type": "text/csv"}), "table", "/t.csv")
    assert got.outcome == "ok", got.why
    (item,) = got.harvest.items
    assert {field: item.fields.get(field) for field in expected} == expected
