"""Every document parses with a reader that is not ours and holds every announcement."""

import csv
import io
import json
import re

import docx
import feedparser
import icalendar
import pytest
import python_calamine
from lxml import html

from demo import web
from demo.documents import of

BASE = "http://127.0.0.1:1"
PAGES = web.documents(BASE)


def test_the_same_bytes_every_time() -> None:
    again = web.documents(BASE)
    assert {p: d.etag for p, d in PAGES.items()} == {p: d.etag for p, d in again.items()}


@pytest.mark.parametrize(
    ("source", "path", "bozo"),
    [
        ("fil-brianconnais", "/fil-brianconnais/rss.xml", False),
        ("sport-alpes", "/sport-alpes/atom.xml", False),
        ("ligue-plein-air", "/ligue-plein-air/rss.xml", False),
        ("centres-sociaux-13", "/centres-sociaux-13/feed", True),
        ("gazette-var", "/gazette-var/rss", True),
        ("mairie-apt", "/mairie-apt/spip.php?page=backend", True),
    ],
)
def test_feeds(source: str, path: str, *, bozo: bool) -> None:
    parsed = feedparser.parse(PAGES[path].body)
    assert bool(parsed.bozo) is bozo
    assert len(parsed.entries) == len(of(source, "before"))


def test_the_mislabelled_feed_is_not_utf8() -> None:
    with pytest.raises(UnicodeDecodeError):
        PAGES["/centres-sociaux-13/feed"].body.decode("utf-8")


def test_json_feed() -> None:
    feed = json.loads(PAGES["/azur-sorties/feed.json"].body)
    assert len(feed["items"]) == len(of("azur-sorties", "before"))


def test_calendar() -> None:
    calendar = icalendar.Calendar.from_ical(PAGES["/agenda-gap/agenda.ics"].body)
    events = calendar.walk("VEVENT")
    assert len(events) == len(of("agenda-gap", "before"))
    assert all(len(line) <= 75 for line in PAGES["/agenda-gap/agenda.ics"].body.split(b"\r\n"))
    assert any("RRULE" in event for event in events)


def test_form_export() -> None:
    text = PAGES["/declarations/export.csv"].body.decode("cp1252")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 3 + len(of("declarations", "before"))
    assert len({len(row) for row in rows}) == 1


def test_prefecture_workbook() -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(PAGES["/prefecture-83/recensement.xlsx"].body)
    )
    rows = book.get_sheet_by_name("Recensement").to_python()
    assert len([r for r in rows if str(r[0]).startswith("83-")]) == len(
        of("prefecture-83", "before")
    )


@pytest.mark.parametrize("name", ["fiches-cv/contrat-de-ville", "fiches-ctg/fiches-action-ctg"])
def test_action_sheets(name: str) -> None:
    document = docx.Document(io.BytesIO(PAGES[f"/{name}.docx"].body))
    assert len(document.tables) == len(of(name.split("/")[0], "before"))


def test_json_ld_is_json() -> None:
    found = [
        json.loads(script)
        for path, page in PAGES.items()
        if path.startswith("/ville-digne/")
        for script in html.fromstring(page.body).xpath(
            "//script[@type='application/ld+json']/text()"
        )
    ]
    assert len(found) == len(of("ville-digne", "before"))
    assert {event["@type"] for event in found} == {"Event"}


def test_every_internal_link_leads_somewhere() -> None:
    for path, page in PAGES.items():
        if page.content_type.startswith("text/html") and page.body.startswith(b"<!DOCTYPE"):
            tree = html.fromstring(page.body, base_url=BASE + path)
            tree.make_links_absolute(BASE + path)
            for link in tree.xpath("//main//a/@href"):
                assert link.removeprefix(BASE) in PAGES, f"{path} → {link}"


def test_texts_are_written_by_people() -> None:
    """No two announcements of one source share their first sentences, none is a stub."""
    for path, page in PAGES.items():
        assert b"{when}" not in page.body, path
        assert not re.search(rb"\bNone\b", page.body) or page.content_type.startswith(
            "application/"
        ), path
