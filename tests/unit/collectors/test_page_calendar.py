"""The calendar file a detail page gives: its date, when the page tells none to machines."""

import pytest

from domain.records import RawItem
from tests.visits import visits
from tests.web import Web

EVENT = (
    "BEGIN:VEVENT\r\nUID:{0}\r\nSUMMARY:Fête\r\nDTSTART:2027060{0}T120000Z\r\nLOCATION:Stade\r\n"
)
ICS = "text/calendar; charset=utf-8"


def file(*days: int) -> str:
    events = "".join(f"{EVENT.format(day)}END:VEVENT\r\n" for day in days)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{events}END:VCALENDAR\r\n"


def read(*links: str, calendar: str, times: int = 1) -> tuple[list[RawItem], Web]:
    """What the last visit gives of a list of one page, which links to these files."""

    def site(web: Web, number: int) -> None:
        anchors = "".join(f'<a href="{link}">agenda</a>' for link in links)
        web.page("/agenda", '<ul><li><a href="/fete">Fête</a></li></ul>')
        web.page("/fete", f"<h1>Fête</h1><p>Venez, visite {number}.</p>{anchors}")
        web.page("/fete.ics", calendar, kind=ICS)

    harvests, web = visits(site, "page", "/agenda", times=times, link="li a", recheck=1)
    return list(harvests[-1].items), web


def test_it_gives_the_date_and_the_place_the_page_does_not() -> None:
    (item,), _ = read("/fete.ics", calendar=file(3))
    assert (item.fields["title"], item.fields["start"]) == ("Fête", "2027-06-03T14:00")
    assert item.fields["venue"] == "Stade"


def test_it_is_read_whole_again_when_the_page_changes() -> None:
    (item,), _ = read("/fete.ics", calendar=file(3), times=2)
    assert "visite 1" in str(item.fields["text"])
    assert item.fields["start"] == "2027-06-03T14:00"


@pytest.mark.parametrize(
    ("links", "calendar"),
    [
        (["/fete.ics"], file(3, 4)),  # that of the whole site
        (["/fete.ics", "/autre.ics"], file(3)),
        (["/fete.ics"], "<html>introuvable</html>"),
        (["/absent.ics"], file(3)),
    ],
)
def test_what_is_not_its_own_file_changes_nothing(links: list[str], calendar: str) -> None:
    (item,), _ = read(*links, calendar=calendar)
    assert (item.fields["title"], "start" in item.fields) == ("Fête", False)
