"""Events a page declares about itself, whatever the vocabulary: states, places, dates, links."""

import json
from typing import Any

import pytest

from collectors.kinds import page
from domain.records import Json, RawItem
from tests.builders import a_source

DATA: dict[str, Any] = {
    "@context": "https://schema.org",
    "@type": "SportsEvent",
    "name": "Fête",
    "startDate": "2027-06-03T14:00:00+02:00",
    "endDate": "2027-06-03T18:00:00+02:00",
    "location": {"@type": "Place", "name": "Stade", "address": "Gap"},
}


def read(html: str) -> list[dict[str, Json]]:
    found = page.parse(html.encode(), a_source(), url="https://ville.example/agenda/")
    assert all(isinstance(one, RawItem) for one in found)
    return [{**one.fields, "key": one.key} for one in found if isinstance(one, RawItem)]


def json_ld(*events: dict[str, Any]) -> str:
    blocks = "".join(
        f'<script type="application/ld+json">{json.dumps(one)}</script>' for one in events
    )
    return f"<html><head>{blocks}</head><body><h1>Agenda</h1></body></html>"


def microdata(status: str) -> str:
    return f"""<html><body><div itemscope itemtype="https://schema.org/Event">
<h2 itemprop="name">Fête</h2><time itemprop="startDate" datetime="2027-06-03T14:00">3 juin</time>
<link itemprop="eventStatus" href="https://schema.org/{status}"></div></body></html>"""


def rdfa(status: str) -> str:
    return f"""<html><body><div vocab="https://schema.org/" typeof="Event">
<h2 property="name">Fête</h2><time property="startDate" datetime="2027-06-03T14:00">3 juin</time>
<link property="eventStatus" href="https://schema.org/{status}"></div></body></html>"""


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("EventCancelled", "cancelled"),
        ("EventPostponed", "postponed"),
        ("EventScheduled", None),
        ("n'importe quoi", None),
    ],
)
@pytest.mark.parametrize("written", ["json_ld", "microdata", "rdfa"])
def test_a_cancelled_or_postponed_event_says_so(written: str, status: str, told: str) -> None:
    html = {
        "json_ld": json_ld({**DATA, "eventStatus": f"https://schema.org/{status}"}),
        "microdata": microdata(status),
        "rdfa": rdfa(status),
    }[written]
    (event,) = read(html)
    assert event["title"] == "Fête"
    assert str(event["start"]).startswith("2027-06-03T14:00")
    assert event.get("status") in (told, "scheduled" if told is None else told)


def test_several_events_and_several_dates_on_one_page() -> None:
    days = [{**DATA, "startDate": f"2027-06-0{n}", "endDate": f"2027-06-0{n}"} for n in (3, 4)]
    other = {**DATA, "name": "Tournoi", "@id": "https://ville.example/tournoi"}
    found = read(json_ld({"@graph": [*days, other]}))
    assert {event["title"] for event in found} == {"Fête", "Tournoi"}
    assert len({event["key"] for event in found}) == len(found)
    assert {str(event["start"])[:10] for event in found} == {"2027-06-03", "2027-06-04"}


def test_relative_links_follow_the_base_of_the_page() -> None:
    events = json_ld({**DATA, "url": "fete"}, {**DATA, "name": "Tournoi", "url": "tournoi"})
    found = read(events.replace("<head>", '<head><base href="/sport/">'))
    assert [event["url"] for event in found] == [
        "https://ville.example/sport/fete",
        "https://ville.example/sport/tournoi",
    ]


@pytest.mark.parametrize("start", ["0001-01-01", "0000-00-00", "", "bientôt", "2027-02-31"])
def test_no_date_is_ever_invented(start: str) -> None:
    (event,) = read(json_ld({**DATA, "startDate": start, "endDate": ""}))
    assert not str(event.get("start", "")).startswith(("2026", "2025"))
    assert event.get("start") in (None, "0001-01-01")
