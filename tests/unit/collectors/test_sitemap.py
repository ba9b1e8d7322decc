"""Sitemaps: index, gzip, robots.txt, and only the pages that are new or say they changed."""

import gzip

import pytest

from collectors.kinds import sitemap
from domain.errors import Unreadable
from domain.statuses import Outcome
from tests.visits import one_visit, visits
from tests.web import Web

PAGE = "<html lang='fr'><body><main><h1>{}</h1><p>Le 3 juin 2027 au stade.</p></main></body></html>"


def urls(*rows: tuple[str, str]) -> str:
    inner = "".join(f"<url><loc>{u}</loc><lastmod>{d}</lastmod></url>" for u, d in rows)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/x">{inner}</urlset>'


def test_robots_then_an_index_then_a_compressed_map_lead_to_the_pages() -> None:
    def setup(web: Web) -> None:
        web.page("/robots.txt", f"User-agent: *\nSitemap: {web.url('/index.xml')}")
        web.page(
            "/index.xml",
            f"<sitemapindex><sitemap><loc>{web.url('/a.xml.gz')}</loc></sitemap></sitemapindex>",
        )
        rows = ((web.url("/agenda/1"), "2026-11-01"), (web.url("/mentions-legales"), "2026-11-01"))
        web.page("/a.xml.gz", gzip.compress(urls(*rows).encode()), kind="application/gzip")
        web.page("/agenda/1", PAGE.format("Course"))

    harvest, web = one_visit(setup, "sitemap", "/", include="/agenda/")
    assert harvest.visit.outcome is Outcome.OK, harvest.visit.why
    assert [one.fields["title"] for one in harvest.items] == ["Course"]
    assert not web.asked("/mentions-legales")


def test_a_known_page_is_asked_again_only_when_its_lastmod_moves() -> None:
    def setup(web: Web, number: int) -> None:
        moved = "2026-11-30" if number == 2 else "2026-11-01"
        rows = ((web.url("/a"), moved), (web.url("/b"), "2026-11-01"))
        web.page("/sitemap.xml", urls(*rows))
        web.page("/a", PAGE.format(f"Course {number}"))
        web.page("/b", PAGE.format("Fête"))

    harvests, web = visits(setup, "sitemap", "/sitemap.xml", times=3)
    assert [len(one.items) for one in harvests] == [2, 0, 1]
    assert harvests[1].visit.outcome in (Outcome.OK, Outcome.UNCHANGED)
    assert harvests[2].items[0].fields["title"] == "Course 2"
    assert len(web.asked("/b")) == 1


def test_old_pages_and_those_of_other_sites_are_left() -> None:
    def setup(web: Web) -> None:
        rows = (
            (web.url("/old"), "2019-01-01"),
            ("https://ailleurs.example/x", "2026-11-01"),
            (web.url("/new"), "2026-11-01"),
        )
        web.page("/sitemap.xml", urls(*rows))
        web.page("/new", PAGE.format("Nouvelle"))

    harvest, web = one_visit(setup, "sitemap", "/sitemap.xml")
    assert [one.fields["title"] for one in harvest.items] == ["Nouvelle"]
    assert not web.asked("/old")


def test_one_broken_map_of_an_index_does_not_hide_the_others() -> None:
    def setup(web: Web) -> None:
        maps = "".join(
            f"<sitemap><loc>{web.url(p)}</loc></sitemap>" for p in ("/absent.xml", "/b.xml")
        )
        web.page("/index.xml", f"<sitemapindex>{maps}</sitemapindex>")
        web.page("/b.xml", urls((web.url("/new"), "2026-11-01")))
        web.page("/new", PAGE.format("Nouvelle"))

    harvest, _ = one_visit(setup, "sitemap", "/index.xml")
    assert [one.fields["title"] for one in harvest.items] == ["Nouvelle"]


def test_a_text_sitemap_and_what_is_none() -> None:
    found = sitemap.read_map(b"https://a.example/1\nhttps://a.example/2\n")
    assert [one.url for one in found] == ["https://a.example/1", "https://a.example/2"]
    with pytest.raises(Unreadable):
        sitemap.read_map(b"<html><body>absent</body></html>")
    with pytest.raises(Unreadable):
        sitemap.read_map(b'<!DOCTYPE x [<!ENTITY a "b">]><urlset></urlset>')
