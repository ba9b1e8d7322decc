"""What was left of the list: reserved texts (59), feeds of every age and what they drag (75 to
77), sites that change shape or need JavaScript (80, 83, 84), maps and calendars that never end (86,
87), interfaces that move while they are read (90, 92, 94, 96), clocks that jump (100)."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from collectors.upkeep import health
from collectors.upkeep.health import LONGEST, Signals, next_state
from collectors.web import robots
from collectors.web.gates import MAX_WAIT_SECONDS, retry_after
from domain.records import Site, SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from domain.times import PARIS
from tests.builders import NOW, a_source, later
from tests.hostile import KEPT, XML, entry, rss, suffer
from tests.visits import as_json, query, visits
from tests.web import Asked, Web, answer

pytestmark = pytest.mark.faults

HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(body: str, head: str = "") -> bytes:
    return answer(
        f"<!doctype html><html><head>{head}</head><body>{body}</body></html>", headers=HTML
    )


# --- 59: text and data mining reserved

RESERVED: dict[str, Callable[[Web], None]] = {
    "header": lambda web: web.raw(
        "/flux", answer(rss(entry(1)), headers={**XML, "TDM-Reservation": "1"})
    ),
    "robots header": lambda web: web.raw(
        "/flux", answer(rss(entry(1)), headers={**XML, "X-Robots-Tag": "noai"})
    ),
    "file of the site": lambda web: (
        web.raw("/flux", answer(rss(entry(1)), headers=XML)),
        web.raw(
            "/.well-known/tdmrep.json", answer('[{"location": "/flux", "tdm-reservation": 1}]')
        ),
    )[0],
}


@pytest.mark.parametrize("how", RESERVED)
def test_a_reserved_text_is_left_and_its_facts_are_kept(how: str) -> None:
    got = suffer(RESERVED[how])
    assert got.outcome == "ok"
    assert got.harvest.tdm
    (item,) = got.harvest.items
    assert item.fields["title"] == "Fête 1"
    assert "3 juin 2027" in str(item.fields["when"])
    assert "Le 3 juin 2027 à Gap." not in json.dumps(dict(item.fields), ensure_ascii=False)


def test_a_page_that_reserves_itself_is_heard_and_a_free_one_wins_over_its_site() -> None:
    meta = '<meta name="tdm-reservation" content="{}"><title>Fête du sport</title>'
    body = "<main><h1>Fête du sport</h1><p>Le 3 juin 2027 à Gap, pour tous.</p></main>"

    def site(content: int) -> Callable[[Web], None]:
        def setup(web: Web) -> None:
            web.raw("/agenda", page(body, meta.format(content)))
            web.raw("/.well-known/tdmrep.json", answer('[{"location":"/","tdm-reservation":1}]'))

        return setup

    reserved, free = (suffer(site(n), "page", "/agenda").harvest for n in (1, 0))
    assert (reserved.tdm, free.tdm) == ("balise tdm-reservation = 1 dans la page", "")
    assert "text" not in reserved.items[0].fields
    assert "pour tous" in str(free.items[0].fields["text"])


def test_a_site_that_cannot_say_reserves_nothing_and_is_not_asked_each_time() -> None:
    def setup(web: Web, number: int) -> None:
        web.raw("/flux", answer(rss(entry(1), entry(2 + number)), headers=XML))
        web.raw("/.well-known/tdmrep.json", answer(status="500 Oops"))

    harvests, _ = visits(setup, "feed", "/flux", times=2)
    assert [one.tdm for one in harvests] == ["", ""]


# --- 75 to 77: feeds

TITLE, LINK = "<title>Fête du sport</title>", "<link>https://mairie.example/1</link>"
FORMATS = {
    "RSS 0.91": f'<rss version="0.91"><channel>{TITLE}<item>{TITLE}{LINK}</item></channel></rss>',
    "RSS 1.0": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x">{TITLE}</channel>'
        f'<item rdf:about="https://mairie.example/1">{TITLE}{LINK}</item></rdf:RDF>'
    ),
    "Atom 0.3": (
        f'<feed version="0.3" xmlns="http://purl.org/atom/ns#">{TITLE}<entry>{TITLE}'
        '<link rel="alternate" href="https://mairie.example/1"/><id>1</id></entry></feed>'
    ),
    "Atom 1.0": (
        f'<feed xmlns="http://www.w3.org/2005/Atom">{TITLE}<id>f</id><entry>{TITLE}'
        '<link href="https://mairie.example/1"/><id>1</id></entry></feed>'
    ),
    "mixed namespaces": (
        '<rss version="2.0" xmlns:a="http://www.w3.org/2005/Atom" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{TITLE}<item>{TITLE}{LINK}'
        "<a:updated>2026-01-01T00:00:00Z</a:updated><dc:creator>x</dc:creator></item>"
        "</channel></rss>"
    ),
    "JSON Feed": json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Mairie",
            "items": [{"id": "1", "title": "Fête du sport", "url": "https://mairie.example/1"}],
        }
    ),
}


@pytest.mark.parametrize("name", FORMATS)
def test_feeds_of_every_age_are_read(name: str) -> None:
    got = suffer(answer(FORMATS[name], headers={"Content-Type": "application/octet-stream"}))
    assert got.outcome == "ok", got.why
    (item,) = got.harvest.items
    assert (item.fields["title"], item.url) == ("Fête du sport", "https://mairie.example/1")


@pytest.mark.parametrize("length", ["0", "-1", "99999999999999999999", "beaucoup"])
def test_enclosures_are_never_fetched_whatever_they_weigh(length: str) -> None:
    def setup(web: Web) -> None:
        drag = f'<enclosure url="{web.url("/gros.mp4")}" length="{length}" type="texte"/>'
        links = (
            f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{web.url("/hub")}"/>'
            f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="{web.url("/soi")}"/>'
        )
        web.raw(
            "/flux", answer(rss(entry(1), f"<item>{TITLE}{drag}</item>", head=links), headers=XML)
        )

    got = suffer(setup)
    assert (got.outcome, len(got.harvest.items)) == ("ok", 2)
    asked = {one.path for one in got.web.requests}
    assert asked == {"/robots.txt", "/flux", "/.well-known/tdmrep.json"}
    assert got.harvest.moved_to is None  # a « self » that lies moves nothing


# --- 80, 83, 84: pages


def a_list(place: str) -> Callable[[Web, int], None]:
    cards = "".join(
        f'<div class="e"><a href="/e{n}">Fête {n}</a><span class="{place}">Gap</span></div>'
        for n in range(12)
    )

    def setup(web: Web, number: int) -> None:
        web.raw("/agenda", page(cards + f"<p>{number}</p>"))

    return setup


def test_one_selector_of_three_that_finds_nothing_any_more_is_an_alarm_not_a_loss() -> None:
    options: dict[str, Any] = {"item": ".e", "link": "a", "place": ".lieu", "details": False}
    state = SourceState(source="essai")
    shapes = [a_list("lieu"), a_list("lieu"), a_list("ville")]
    harvests, _ = visits(lambda web, n: shapes[n](web, n), "page", "/agenda", times=3, **options)
    for day, harvest in enumerate(harvests):
        assert (harvest.visit.outcome, harvest.visit.items) == ("ok", 12), harvest.visit.why
        state = next_state(
            state, a_source(), harvest.visit, now=later(days=day), signals=harvest.signals
        )
    assert state.health is SourceHealth.DEGRADED
    assert state.last_why.startswith("les lieux disparaissent")


@pytest.mark.parametrize(
    "body", ['<div id="root"></div><script src="/app.js"></script>', "<noscript>x</noscript>"]
)
def test_a_page_that_only_lives_by_javascript_is_told_and_erases_nothing(body: str) -> None:
    got = suffer(page(body), "page", "/agenda")
    assert got.harvest.items == ()
    told = got.why + " ".join(one.why for one in got.harvest.quarantined)
    assert "JavaScript" in told


EVENT = {"@type": "Event", "name": "Fête du sport", "startDate": "2027-06-03"}
LD = {
    "array": json.dumps([EVENT]),
    "graph": json.dumps(
        {"@context": "https://schema.org", "@graph": [{"@type": "WebPage"}, EVENT]}
    ),
    "escaped": json.dumps(EVENT).replace('"', "&quot;"),
    "in a comment": f"<!-- {json.dumps(EVENT)} -->",
    "trailing comma": json.dumps(EVENT)[:-1] + ",}",
    "after a broken one": '{"@type": "Event", "name": </script>'
    f'<script type="application/ld+json">{json.dumps(EVENT)}',
}


@pytest.mark.parametrize("shape", LD)
def test_structured_events_are_read_however_they_are_written(shape: str) -> None:
    head = f'<title>Agenda</title><script type="application/ld+json">{LD[shape]}</script>'
    got = suffer(page("<h1>Agenda</h1>", head), "page", "/agenda")
    assert got.outcome == "ok", got.why
    assert [(i.fields.get("title"), i.fields.get("start")) for i in got.harvest.items] == [
        ("Fête du sport", "2027-06-03")
    ]


# --- 86, 87: maps and calendars without end


def test_a_map_that_turns_round_or_leads_elsewhere_ends() -> None:
    def setup(web: Web) -> None:
        index = (
            f"<sitemapindex><sitemap><loc>{web.url('/sitemap.xml')}</loc></sitemap>"
            f"<sitemap><loc>{web.url('/a.xml')}</loc></sitemap></sitemapindex>"
        )
        urls = "".join(
            f"<url><loc>{loc}</loc><lastmod>{day}</lastmod></url>"
            for loc, day in (
                (web.url("/fete"), "2031-01-01"),  # not yet
                ("http://casino.example/fete", "2026-11-01"),
            )
        )
        web.raw("/sitemap.xml", answer(index, headers={"Content-Type": "text/xml"}))
        web.raw("/a.xml", answer(f"<urlset>{urls}</urlset>", headers={"Content-Type": "text/xml"}))
        web.raw("/fete", page("<h1>Fête</h1><p>Le 3 juin 2027 à Gap.</p>", "<title>Fête</title>"))

    got = suffer(setup, "sitemap", "/sitemap.xml")
    assert len(got.web.asked("/sitemap.xml")) <= 2
    assert len(got.web.asked("/a.xml")) == 1
    assert len(got.web.asked("/fete")) == 1


def calendar(*events: str) -> bytes:
    inside = "".join(f"BEGIN:VEVENT\r\n{one}\r\nEND:VEVENT\r\n" for one in events)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inside}END:VCALENDAR\r\n"
    return answer(text, headers={"Content-Type": "text/calendar; charset=utf-8"})


def test_a_recurrence_by_the_second_is_put_aside_and_the_others_are_read() -> None:
    got = suffer(
        calendar(
            "UID:1\r\nSUMMARY:Piège\r\nDTSTART:20270603T100000\r\nRRULE:FREQ=SECONDLY",
            "UID:2\r\nSUMMARY:Fête\r\nDTSTART:20270603T100000",  # no DTEND
            "UID:3\r\nSUMMARY:Sans date",
        ),
        "calendar",
        "/agenda.ics",
    )
    assert got.outcome == "ok", got.why
    assert "Fête" in [item.fields["title"] for item in got.harvest.items]
    assert [one.key for one in got.harvest.quarantined if "1" in one.key]


# --- 90 to 96: interfaces

API: dict[str, Any] = {"mapping": {"title": "nom"}, "items": "data", "key": "id"}


def test_a_shape_that_drifts_is_tolerated_and_told() -> None:
    rows = [
        {"id": 1, "nom": "Fête"},
        {"id": 2, "nom": None, "nouveau": "x"},
        {"id": 3},
        "pas une annonce",
        {"id": 4, "nom": "Course", "nouveau": "y"},
    ]
    got = suffer(as_json({"data": rows}), "json_api", "/api", **API)
    titles = [item.fields.get("title") for item in got.harvest.items]
    assert {"Fête", "Course"} <= set(titles)
    assert got.harvest.leftovers.get("nouveau")


def test_rows_that_appear_while_pages_are_read_are_neither_lost_nor_doubled() -> None:
    rows = [{"id": n, "nom": f"Fête {n}"} for n in range(6)]

    async def moving(asked: Asked) -> bytes:
        start = int(query(asked).get("offset", 0))
        found = rows[start : start + 3]
        if start == 0:
            rows.insert(0, {"id": 99, "nom": "Nouvelle"})  # everything shifts by one
        return as_json({"data": found})

    options = {**API, "paging": "offset", "size": 3, "size_param": "limit"}
    got = suffer(moving, "json_api", "/api", **options)
    keys = [item.key for item in got.harvest.items]
    assert len(keys) == len(set(keys))
    assert {str(n) for n in range(6)} <= set(keys)


def test_a_rate_limit_is_heeded_and_what_was_read_before_it_is_kept() -> None:
    async def limited(asked: Asked) -> bytes:
        if "cursor" not in query(asked):
            return as_json({"data": [{"id": 1, "nom": "Fête"}], "cursor": "b"})
        return as_json({"message": "doucement"}, "429 Too Many", Retry_After="90")

    got = suffer(limited, "json_api", "/api", **API, paging="cursor", next="cursor")
    assert (got.outcome, len(got.harvest.items)) == ("unreachable", 1)
    assert (got.harvest.wait_seconds, got.harvest.validators) == (90.0, KEPT)


# --- 100: clocks

FINE = Visit(source="gap", outcome=Outcome.OK, started_at=NOW, items=10, new=1)


@pytest.mark.parametrize("jump", [timedelta(days=-1), timedelta(days=1), timedelta(days=-400)])
def test_a_clock_that_jumps_makes_no_burst_and_no_eternal_wait(jump: timedelta) -> None:
    state = next_state(SourceState(source="gap"), a_source(), FINE, now=NOW)
    after = next_state(state, a_source(), FINE, now=NOW + jump)
    assert after.next_visit_at is not None
    assert timedelta(hours=21) < after.next_visit_at - (NOW + jump) < timedelta(hours=24)
    assert all(gap >= 0 for gap in after.memory.gaps)


def test_a_robots_read_in_the_future_is_read_again_once_the_clock_is_right() -> None:
    read = robots.read(Site(site="https://gap.example"), "", now=later(days=300))
    assert robots.due(read, now=NOW)


def test_a_wait_asked_in_a_far_future_is_capped() -> None:
    assert retry_after("Fri, 31 Dec 2999 23:59:59 GMT", now=NOW) == MAX_WAIT_SECONDS
    down = Visit(source="gap", outcome=Outcome.UNREACHABLE, started_at=NOW)
    state = next_state(
        SourceState(source="gap"), a_source(), down, now=NOW, signals=Signals(wait_seconds=1e12)
    )
    assert state.next_visit_at is not None
    assert state.next_visit_at - NOW <= LONGEST * 2


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_the_night_the_hour_changes_a_daily_source_is_still_seen_once(day: str) -> None:
    before = datetime.fromisoformat(f"{day}T05:30:00").replace(tzinfo=PARIS)
    state = next_state(SourceState(source="gap"), a_source(), FINE, now=before)
    same_hour = (before + timedelta(days=1)).astimezone(PARIS)  # on the wall: 05:30 again
    assert state.next_visit_at is not None
    assert state.next_visit_at <= same_hour.astimezone(before.tzinfo) + timedelta(hours=1)
    assert state.next_visit_at > before + timedelta(hours=20)
    assert health.news(SourceState(source="gap"), state) == []
