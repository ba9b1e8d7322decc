"""Events a page declares about itself, whatever the vocabulary: states, places, dates, links."""

import json
from typing import Any

import pytest

from collectors.extract import mention
from collectors.kinds import page
from domain.records import Json, Mention, RawItem
from domain.statuses import Attendance
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


def read_one(**more: Any) -> dict[str, Json]:
    (event,) = read(json_ld({**DATA, **more}))
    return event


def place(name: str, commune: str = "", **more: Any) -> dict[str, Any]:
    address = {"@type": "PostalAddress", "addressLocality": commune}
    return {"@type": "Place", "name": name, "address": address, **more}


VISIO = {"@type": "VirtualLocation", "url": "https://visio.example/salle"}
MODE = "https://schema.org/{}EventAttendanceMode"


@pytest.mark.parametrize(
    ("said", "attendance", "venue"),
    [
        ({"location": VISIO}, "online", None),
        ({"location": VISIO, "eventAttendanceMode": MODE.format("Online")}, "online", None),
        ({"location": [place("Stade"), VISIO]}, None, "Stade"),
        (
            {"location": [VISIO, place("Stade")], "eventAttendanceMode": MODE.format("Mixed")},
            "on_site",
            "Stade",
        ),
        ({"eventAttendanceMode": MODE.format("Offline")}, "on_site", "Stade"),
        ({"location": [place("A", "Gap"), place("B", "Gap")]}, "itinerant", "A / B"),
        ({"location": [place("A", "Gap"), place("A", "Gap")]}, None, "A"),
        ({"eventStatus": "EventMovedOnline", "location": VISIO}, "online", None),
        ({"eventStatus": "EventMovedOnline"}, "online", "Stade"),
    ],
)
def test_on_site_online_and_itinerant(said: dict[str, Any], attendance: str, venue: str) -> None:
    event = read_one(**said)
    assert (event.get("attendance"), event.get("venue")) == (attendance, venue)
    assert event.get("links", []) == ([VISIO["url"]] if "Virtual" in str(said) else [])


def test_an_itinerant_event_keeps_only_what_its_stops_share() -> None:
    geo = {"geo": {"latitude": 44.5, "longitude": 6.1}}
    event = read_one(location=[place("Stade", "Gap", **geo), place("Plan d'eau", "Embrun")])
    assert (event["venue"], event["commune"]) == ("Stade / Plan d'eau", "Gap / Embrun")
    assert not {"lat", "lon", "address", "postcode"} & set(event)


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ("EventRescheduled", "moved"),
        (["EventRescheduled", "https://schema.org/EventMovedOnline"], "moved"),
        (["EventMovedOnline", "EventPostponed"], "postponed"),
        (["EventPostponed", "http://schema.org/EventCancelled"], "cancelled"),
        ("schema:EventCancelled", "cancelled"),
    ],
)
def test_the_gravest_state_is_the_one(told: Any, status: str) -> None:
    assert read_one(eventStatus=told)["status"] == status


def test_a_moved_event_keeps_the_date_it_had() -> None:
    event = read_one(eventStatus="EventRescheduled", previousStartDate="2027-05-01T10:00")
    assert str(event["start"]) == "2027-06-03T14:00"
    assert event["tags"] == ["date précédente : 2027-05-01T10:00"]


def test_a_sub_event_of_the_same_name_is_another_date_and_another_name_another_event() -> None:
    again = [{"@type": "Event", "startDate": f"2027-06-0{n}T14:00"} for n in (3, 4)]
    other = {"@type": "Event", "name": "Concert", "startDate": "2027-06-04T20:00"}
    fete, concert = read(json_ld({**DATA, "subEvent": [*again, other]}))
    timings: Any = fete["timings"]
    assert [slot["start"] for slot in timings] == ["2027-06-03T14:00", "2027-06-04T14:00"]
    assert (concert["title"], concert["venue"]) == ("Concert", "Stade")  # where the whole is


def test_a_part_says_what_it_is_a_part_of() -> None:
    festival = {"@type": "Festival", "name": "Festival des Alpes"}
    assert read_one(superEvent=festival)["tags"] == ["fait partie de : Festival des Alpes"]


@pytest.mark.parametrize(
    ("schedule", "days", "rule"),
    [
        (
            {"repeatFrequency": "P1W", "byDay": "https://schema.org/Tuesday", "repeatCount": 3},
            ["2027-06-08", "2027-06-15", "2027-06-22"],
            "FREQ=WEEKLY;BYDAY=TU;COUNT=3",
        ),
        (
            {"repeatFrequency": "P2W", "endDate": "2027-07-01", "exceptDate": "2027-06-17"},
            ["2027-06-03", "2027-07-01"],
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=20270701",
        ),
        ({"repeatFrequency": "Daily", "repeatCount": "2"}, ["2027-06-03", "2027-06-04"], None),
        ({"byDay": ["Saturday", "Sunday"]}, [], "FREQ=WEEKLY;BYDAY=SA,SU"),
        ({"repeatFrequency": "P1Y", "byMonth": 2, "byMonthDay": 30, "repeatCount": 2}, [], None),
    ],
)
def test_a_schedule_gives_its_dates_when_it_ends(
    schedule: dict[str, Any], days: list[str], rule: str | None
) -> None:
    own = {"@type": "Schedule", "startTime": "18:30:00", "endTime": "20:00", **schedule}
    event = read_one(eventSchedule=own, endDate=None)
    timings: Any = event.get("timings", [])
    assert [slot["start"] for slot in timings] == [f"{day}T18:30" for day in days]
    assert all(slot["end"].endswith("T20:00") for slot in timings)
    assert rule is None or event["recurrence"] == rule


def test_what_the_graph_says_elsewhere_is_followed() -> None:
    graph = [
        {**DATA, "@id": "#e", "location": {"@id": "#lieu"}, "organizer": {"@id": "#club"}},
        {"@type": "Place", "@id": "#lieu", "name": "Stade", "address": "Gap"},
        {"@type": "Organization", "@id": "#club", "name": "Club de Gap"},
        {"@type": "WebPage", "about": {"@id": "#e"}},
    ]
    (event,) = read(json_ld({"@graph": graph}))
    assert (event["venue"], event["organiser"]) == ("Stade", "Club de Gap")


def test_prefixed_names_and_a_duration() -> None:
    event = {"@type": "schema:Event", "schema:name": "Fête", "schema:startDate": "2027-06-03"}
    (one,) = read(json_ld({**event, "schema:duration": "P2D"}))
    assert (one["title"], one["start"], one["end"]) == ("Fête", "2027-06-03", "2027-06-04")


def test_a_parcel_is_no_event() -> None:
    html = json_ld({**DATA, "@type": "DeliveryEvent"}).replace("<h1>", "<p>Mots.</p><h1>")
    (page_itself,) = read(html)
    assert page_itself["title"] == "Agenda"


def test_microdata_borrows_and_nests() -> None:
    (one,) = read("""<div itemscope itemtype="https://schema.org/Event" itemref="quand">
      <h2 itemprop="name">Fête</h2>
      <div itemprop="location" itemscope itemtype="https://schema.org/Place">
        <b itemprop="name">Stade</b>
        <p itemprop="address" itemscope itemtype="https://schema.org/PostalAddress">
          <i itemprop="postalCode">05000</i> <i itemprop="addressLocality">Gap</i></p></div>
      <div itemprop="subEvent" itemscope itemtype="https://schema.org/Event">
        <meta itemprop="startDate" content="2027-06-04"></div></div>
      <p id="quand"><time itemprop="startDate" datetime="2027-06-03">3 juin</time></p>""")
    assert (one["title"], one["venue"], one["commune"]) == ("Fête", "Stade", "Gap")
    assert (one["start"], one["postcode"]) == ("2027-06-03", "05000")


GOOGLE = "https://calendar.google.com/calendar/render?action=TEMPLATE&amp;text=F%C3%AAte"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose?subject=F%C3%AAte"


@pytest.mark.parametrize(
    ("link", "start", "end"),
    [
        (f"{GOOGLE}&amp;dates=20270603T120000Z/20270603T160000Z", *("T14:00", "T18:00")),
        (f"{GOOGLE}&amp;dates=20270603/20270604", *("", "")),
        (f"{OUTLOOK}&amp;startdt=2027-06-03T14:00&amp;enddt=2027-06-03T18:00", "T14:00", "T18:00"),
    ],
)
def test_the_link_that_adds_it_to_an_agenda_tells_the_date(link: str, start: str, end: str) -> None:
    (one,) = read(f'<h1>Fête</h1><a href="{link}&amp;location=Stade">Ajouter</a>')
    assert (one["title"], one["venue"]) == ("Fête", "Stade")
    assert (one["start"], one["end"]) == (f"2027-06-03{start}", f"2027-06-03{end}")


def test_the_agenda_links_of_a_list_do_not_make_it_one_of_its_events() -> None:
    links = "".join(f'<a href="{GOOGLE}&amp;dates=2027060{n}/2027061{n}">+</a>' for n in (3, 4))
    (one,) = read(f"<h1>Agenda</h1><p>Deux dates.</p>{links}")
    assert (one["title"], "start" in one) == ("Agenda", False)


def mention_of(**more: Any) -> Mention:
    (one,) = page.parse(json_ld({**DATA, **more}).encode(), a_source(department="05"))
    assert isinstance(one, RawItem)
    return mention.read(one, a_source(department="05"))


def test_online_and_itinerant_reach_the_mention() -> None:
    online = mention_of(location=VISIO)
    assert (online.where.attendance, online.where.commune_code) == (Attendance.ONLINE, None)
    assert online.links == (VISIO["url"],)
    tour = mention_of(location=[place("Stade", "Gap"), place("Plage", "Embrun")])
    assert tour.where.attendance is Attendance.ITINERANT
    assert tour.where.candidates == ("05061", "05046")
    unnamed = mention_of(location=[place("Car A"), place("Car B")], description="Le car à Gap.")
    assert unnamed.where.attendance is Attendance.ITINERANT


@pytest.mark.parametrize("start", ["2126-06-03", "3025-06-03", "1970-01-01", "0001-01-01"])
def test_a_date_too_far_is_kept_and_told(start: str) -> None:
    when = mention_of(startDate=start, endDate=None).when
    assert str(when.starts_on) == start
    assert when.warnings == (f"année peu vraisemblable : {int(start[:4])}",)


@pytest.mark.parametrize("start", ["3 juin 3025", "3 juin 1515", "31 février 2027", "1736154000"])
def test_a_date_that_cannot_be_is_told_and_no_other_takes_its_place(start: str) -> None:
    when = mention_of(startDate=start, endDate=None, datePublished="2026-11-01").when
    assert (when.starts_on, when.words) == (None, start)
    assert when.warnings
