"""What a page names, and what each way would really give, on a small loopback web."""

import asyncio
import json
from typing import Any

from collectors.discovery import guess
from collectors.discovery.discover import BUDGET, Discovery, discover
from collectors.discovery.json_shape import options_of
from collectors.pages.page_links import find_links
from collectors.web.client import Client
from domain.settings import Settings
from tests.builders import NOW
from tests.visits import as_json
from tests.web import Asked, Web

AT = "https://ville.example/agenda/"
FEED = (
    "<rss version='2.0'><channel><title>Ville</title>"
    "<item><title>Fête du sport</title><guid>1</guid></item>"
    "<item><title>Marché</title><guid>2</guid></item></channel></rss>"
)
CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Course\r\n"
    "DTSTART:20270603T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def named(html: str, url: str = AT) -> dict[str, str]:
    return {one.kind: one.url for one in find_links(html, url)}


def test_a_page_names_its_feeds_but_not_those_of_comments() -> None:
    html = """<link rel="alternate" type="application/rss+xml" title="Actus" href="/feed/">
      <link rel="alternate" type="application/rss+xml" title="Commentaires" href="/comments/feed/">
      <link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">"""
    assert named(html) == {"feed": "https://ville.example/feed/"}


def test_each_system_offers_its_own_addresses() -> None:
    generator = '<meta name="generator" content="{}">'
    assert named(generator.format("SPIP 4.2"))["feed"].endswith("/spip.php?page=backend")
    assert named(generator.format("TYPO3 CMS"))["feed"] == "https://ville.example/?type=9818"
    assert named(generator.format("Drupal 10"))["feed"] == "https://ville.example/rss.xml"
    assert named(generator.format("Joomla!"))["feed"] == f"{AT}?format=feed&type=rss"
    wordpress = '<link rel="https://api.w.org/" href="https://ville.example/site/wp-json/">'
    assert named(wordpress) == {"wordpress": "https://ville.example/site/"}
    both = named(f'{wordpress}<div class="tribe-events-view">')
    assert both["events_calendar"] == "https://ville.example/site/"


def test_calendars_agendas_tables_and_data_sets_are_seen() -> None:
    html = """<a href="webcal://ville.example/a.ics">s'abonner</a>
      <iframe src="https://calendar.google.com/calendar/embed?src=sport%40ville.example&amp;ctz=x">
      </iframe><iframe src="https://openagenda.com/agendas/12345678/embeds/1"></iframe>
      <a href="/docs/actions.xlsx">les actions</a><a href="/fiche-action.docx">fiche</a>
      <a href="https://data.example/explore/dataset/agenda-sport/table/">données</a>
      <a href="https://www.helloasso.com/associations/club-de-gap/evenements/x">billets</a>"""
    found = find_links(html, AT)
    urls = {one.url for one in found}
    assert "https://ville.example/a.ics" in urls
    assert (
        "https://calendar.google.com/calendar/ical/sport%40ville.example/public/basic.ics" in urls
    )
    assert "https://api.openagenda.com/v2/agendas/12345678/events" in urls
    assert "https://ville.example/docs/actions.xlsx" in urls
    assert "https://data.example/api/explore/v2.1/catalog/datasets/agenda-sport/records" in urls
    kinds = {one.kind: one for one in found}
    assert kinds["action_sheet"].url == "https://ville.example/fiche-action.docx"
    assert kinds["helloasso"].needs
    assert kinds["helloasso"].options["filters"] == {"organizationName": "club de gap"}


def test_a_list_of_detail_pages_is_proposed_with_its_selector() -> None:
    html = "".join(f'<a href="/agenda/fete-{n}">Fête {n}</a>' for n in range(5))
    (one,) = find_links(html, AT)
    assert (one.kind, one.options) == ("page", {"link": 'a[href*="/agenda/"]'})


def test_the_kind_of_an_answer_is_told_by_its_bytes() -> None:
    assert guess.by_content(FEED.encode()) == "feed"
    assert guess.by_content(b"\xef\xbb\xbf" + CALENDAR.encode()) == "calendar"
    assert guess.by_content(b"<!doctype html><html><svg><feed/></svg></html>") == "page"
    assert guess.by_content(b'<?xml version="1.0"?><urlset></urlset>') == "sitemap"
    assert guess.by_content(b'{"version":"https://jsonfeed.org/version/1.1","items":[]}') == "feed"
    assert guess.by_content(b"%PDF-1.7", "application/pdf") is None
    jo = "https://x.example/api/explore/v2.1/catalog/datasets/jo_associations/records"
    assert guess.by_address(jo) == "journal_officiel"


def found_on(setup: Any, path: str = "/") -> tuple[Discovery, Web]:
    async def once() -> tuple[Discovery, Web]:
        async with Web() as web:
            setup(web)
            settings = Settings(allow_loopback=True, per_host_seconds=0)
            async with Client(settings, lambda: NOW) as client:
                return await discover(web.url(path), client), web

    return asyncio.run(once())


def test_the_way_that_gives_dated_events_is_proposed_first() -> None:
    def setup(web: Web) -> None:
        web.page(
            "/",
            '<html><head><title>Ville</title><link rel="alternate" type="application/rss+xml" '
            'href="/feed/"></head><body><a href="/a.ics">agenda</a></body></html>',
        )
        web.page("/feed/", FEED, kind="application/rss+xml")
        web.page("/a.ics", CALENDAR, kind="text/calendar")

    found, web = found_on(setup)
    assert found.best is not None
    assert (found.best.kind, found.best.count, found.best.sample) == ("calendar", 1, "Course")
    feed = next(one for one in found.candidates if one.kind == "feed")
    assert (feed.count, feed.dated, feed.sample) == (2, 0, "Fête du sport")
    assert found.requests <= BUDGET
    assert found.requests == len(web.requests) - len(web.asked("/robots.txt"))


def test_usual_places_are_tried_when_a_page_says_nothing() -> None:
    def setup(web: Web) -> None:
        web.page("/", "<html><body><p>Bienvenue</p></body></html>")
        web.page("/rss.xml", FEED, kind="application/rss+xml")

    found, _ = found_on(setup)
    assert found.best is not None
    assert found.best.url.endswith("/rss.xml")


def test_an_events_calendar_site_is_preferred_to_its_articles() -> None:
    def setup(web: Web) -> None:
        async def posts(_: Asked) -> bytes:
            return as_json([{"id": 1, "title": {"rendered": "Article"}, "guid": {}}])

        async def events(_: Asked) -> bytes:
            event = {"id": 3, "title": "Course", "start_date": "2027-06-03 10:00:00"}
            return as_json({"events": [event], "rest_url": "x"})

        web.page(
            "/",
            f'<html><link rel="https://api.w.org/" href="{web.url("/wp-json/")}">'
            '<div class="tribe-events"></div></html>',
        )
        web.on("/wp-json/wp/v2/posts", posts)
        web.on("/wp-json/tribe/events/v1/events", events)

    found, _ = found_on(setup)
    assert found.best is not None
    assert (found.best.kind, found.best.sample) == ("events_calendar", "Course")


def test_a_dead_site_and_a_forbidden_one_say_why() -> None:
    absent, web = found_on(lambda web: None, "/nulle-part")
    assert "404" in absent.why
    assert absent.advice == f"cherchez la page à partir de {web.url('/')}"

    def closed(web: Web) -> None:
        web.page("/robots.txt", "User-agent: *\nDisallow: /")
        web.page("/", "<html></html>")

    refused, web = found_on(closed)
    assert "robots.txt" in refused.why
    assert not web.asked("/")


def test_an_address_that_gives_nothing_says_what_to_do_next() -> None:
    def answering(body: bytes, kind: str = "text/html") -> Discovery:
        return found_on(lambda web: web.page("/", body, kind=kind))[0]

    lost = answering("<title>Page non trouvée</title><h1>Désolé</h1>".encode())
    assert "page introuvable" in lost.why
    scripted = answering(b"<html><script src='/app.js'></script><div id='app'></div></html>")
    assert "JavaScript" in scripted.why
    pdf = answering(b"%PDF-1.7", "application/pdf")
    assert "type folder" in pdf.advice
    agenda = answering(b'<html><iframe src="https://openagenda.com/fr/ville-de-digne"></iframe>')
    assert agenda.advice.startswith("il faut le num")
    for one in (lost, scripted, pdf, agenda):
        assert one.best is None


def test_a_page_of_text_is_proposed_only_for_a_day_to_come() -> None:
    def text(day: str) -> Discovery:
        body = f"<title>Fête du sport</title><p>Rendez-vous le {day} au stade de Gap.</p>"
        return found_on(lambda web: web.page("/", body * 3))[0]

    assert text("3 juin 2018").best is None
    best = text("3 juin 2027").best
    assert best is not None
    assert (best.kind, str(best.sample_on), best.fill["date"]) == ("page", "2027-06-03", 1.0)


def test_an_unknown_api_is_proposed_with_its_list_and_its_fields() -> None:
    record = {"id": 7, "nom": "Raid", "debut": "2027-05-01", "lieu": {"commune": "Gap"}}
    body = json.dumps({"data": {"items": [record]}, "links": {"next": "/?page=2"}}).encode()
    assert options_of(body) == {
        "items": "data.items",
        "mapping": {"title": "nom", "start": "debut", "commune": "lieu.commune"},
        "key": "id",
        "paging": "next",
        "next": "links.next",
    }
    assert options_of(b'{"data": [{"x": 1}]}') is None
    found, _ = found_on(lambda web: web.page("/", body, kind="application/json"))
    assert found.best is not None
    assert (found.best.kind, found.best.sample, found.best.fill["place"]) == (
        "json_api",
        "Raid",
        1.0,
    )


def test_a_site_that_links_to_a_thousand_feeds_costs_a_bounded_number_of_requests() -> None:
    def setup(web: Web) -> None:
        links = "".join(f'<a href="/{n}.rss">flux</a>' for n in range(1000))
        web.page("/", f"<html><body>{links}</body></html>")

    found, web = found_on(setup)
    assert found.best is None or found.best.kind == "page"
    assert len(web.requests) <= BUDGET + 1  # robots.txt
