"""The Events Calendar: pages of fifty, a start date always asked, 404 past the end."""

from typing import Any

from domain.statuses import Outcome
from tests.visits import as_json, one_visit, query, visits
from tests.web import Asked, Web

API = "/wp-json/tribe/events/v1/events"


def an_event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "url": f"https://ville.example/event/{number}/",
        "title": f"Course n&deg; {number}",
        "description": "<p>Ouverte à tous.</p>",
        "all_day": False,
        "start_date": "2027-06-03 14:00:00",
        "end_date": "2027-06-03 18:00:00",
        "utc_start_date": "2027-06-03 12:00:00",
        "modified_utc": "2026-11-01 08:00:00",
        "venue": {"venue": "Stade", "address": "1 rue", "city": "Gap", "zip": "05000"},
        "organizer": [{"organizer": "Club", "phone": "04 92 00 00 00"}, {"organizer": "Ville"}],
        "categories": [{"name": "Sport"}],
        **changes,
    }


def api(web: Web, events: list[dict[str, Any]], path: str = API) -> None:
    """The plug-in: upcoming events only unless a start date is asked, 404 past the end."""

    async def handler(asked: Asked) -> bytes:
        asked_for = query(asked)
        given = events if "start_date" in asked_for else []
        page, size = int(asked_for["page"]), min(50, int(asked_for["per_page"]))
        piece = given[(page - 1) * size : page * size]
        if not piece:
            code = {"code": "event-archive-page-not-found", "message": "absent"}
            return as_json(code, "404 Not Found")
        data: dict[str, Any] = {"events": piece, "total": len(given)}
        if page * size < len(given):
            rest = asked.path.replace(f"page={page}&", f"page={page + 1}&")
            data["next_rest_url"] = web.url(rest)
        return as_json(data)

    web.on(path, handler)


def test_every_page_is_followed_and_dates_are_local() -> None:
    harvest, web = one_visit(
        lambda web: api(web, [an_event(n) for n in range(1, 121)]), "events_calendar", "/"
    )
    assert harvest.visit.outcome is Outcome.OK
    assert len(harvest.items) == 120
    fields = harvest.items[0].fields
    assert fields["start"] == "2027-06-03T14:00"
    assert (fields["venue"], fields["commune"]) == ("Stade", "Gap")
    assert fields["partners"] == ["Ville"]
    assert harvest.leftovers == {}
    assert len(web.asked(API)) == 3


def test_a_whole_day_has_no_hour_and_a_cancelled_event_says_so() -> None:
    events = [
        an_event(1, all_day=True, start_date="2027-06-03 00:00:00", end_date="2027-06-04 23:59:59"),
        an_event(2, event_status="canceled", venue=[], organizer=[]),
    ]
    harvest, _ = one_visit(lambda web: api(web, events), "events_calendar", "/")
    first, second = harvest.items
    assert (first.fields["start"], first.fields["end"]) == ("2027-06-03", "2027-06-04")
    assert second.fields["status"] == "cancelled"


def test_an_empty_agenda_is_no_error_and_a_site_without_the_plugin_is_one() -> None:
    empty, _ = one_visit(lambda web: api(web, []), "events_calendar", "/")
    assert empty.visit.outcome is Outcome.OK
    without, _ = one_visit(lambda web: None, "events_calendar", "/")
    assert without.visit.outcome is Outcome.UNREADABLE
    assert "The Events Calendar" in without.visit.why


def test_the_next_page_of_another_site_is_not_followed() -> None:
    def setup(web: Web) -> None:
        async def handler(_: Asked) -> bytes:
            return as_json({"events": [an_event(1)], "next_rest_url": "https://ailleurs.example/"})

        web.on(API, handler)

    harvest, _ = one_visit(setup, "events_calendar", "/")
    assert (harvest.visit.outcome, len(harvest.items)) == (Outcome.OK, 1)


def test_the_same_agenda_next_day_is_unchanged_though_the_date_asked_is_not() -> None:
    harvests, _ = visits(lambda web, _: api(web, [an_event(1)]), "events_calendar", "/", times=2)
    assert [one.visit.outcome for one in harvests] == [Outcome.OK, Outcome.UNCHANGED]
