"""OpenAgenda by its API: cursors, what changed since, tombstones, v3."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from collectors.items import is_tombstone
from domain.statuses import Outcome
from tests.visits import as_json, one_visit, query, visits
from tests.web import Asked, Web

V2 = "/v2/agendas/7/events"


def an_event(uid: int, **changes: Any) -> dict[str, Any]:
    return {
        "uid": uid,
        "slug": f"course-{uid}",
        "title": {"fr": f"Course {uid}", "en": "Race"},
        "description": "Ouverte à tous",
        "longDescription": "<p>Trois parcours.</p>",
        "dateRange": "3 et 4 juin 2027",
        "timings": [
            {"begin": "2027-06-03T14:00:00+02:00", "end": "2027-06-03T18:00:00+02:00"},
            {"begin": "2027-06-04T14:00:00+02:00", "end": "2027-06-04T18:00:00+02:00"},
        ],
        "location": {
            "name": "Stade",
            "city": "Gap",
            "postalCode": "05000",
            "insee": "05061",
            "latitude": 44.56,
            "longitude": 6.08,
        },
        "attendanceMode": 1,
        "status": 1,
        "state": 2,
        "updatedAt": "2026-11-01T08:00:00.000Z",
        "originAgenda": {"uid": 7, "slug": "gap", "title": "Agenda de Gap"},
        **changes,
    }


def api(web: Web, events: list[dict[str, Any]], *, removed: tuple[int, ...] = (), size: int = 2):
    """v2: a cursor of two values, changes since, tombstones with uid and updatedAt only."""

    async def handler(asked: Asked) -> bytes:
        if asked.headers.get("key") != "s3cret":
            return as_json({"message": "Invalid key"}, "403 Forbidden")
        pairs = parse_qsl(urlsplit(asked.path).query)
        after = [v for k, v in pairs if k == "after[]"]
        since = dict(pairs).get("updatedAt[gte]", "")
        if dict(pairs).get("removed") == "1":
            given: list[dict[str, Any]] = [
                {"uid": uid, "updatedAt": "2026-11-22T00:00:00Z"} for uid in removed
            ]
        else:
            given = [one for one in events if one.get("updatedAt", "~") >= since]
        start = int(after[1]) if after else 0
        piece = given[start : start + size]
        more = start + size < len(given)
        cursor = [f"{1780000000000}", str(start + size)] if more else None
        return as_json({"total": len(given), "events": piece, "after": cursor})

    web.on(V2, handler)


def test_every_cursor_is_followed_and_slots_and_places_are_read(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret")
    harvest, web = one_visit(
        lambda web: api(web, [an_event(n) for n in range(1, 6)]),
        "openagenda",
        V2,
        key=f"file:{tmp_path / 'key'}",
    )
    assert harvest.visit.outcome is Outcome.OK, harvest.visit.why
    assert [one.key for one in harvest.items] == ["1", "2", "3", "4", "5"]
    fields = harvest.items[0].fields
    assert fields["title"] == "Course 1"
    assert [slot["start"] for slot in fields["timings"]] == ["2027-06-03T14:00", "2027-06-04T14:00"]
    assert (fields["insee"], fields["commune"], fields["lat"]) == ("05061", "Gap", 44.56)
    assert fields["url"] == "https://openagenda.com/gap/events/course-1"
    assert harvest.leftovers == {}
    assert not any("s3cret" in one.path for one in web.requests)  # never in an address


def test_the_next_visit_asks_what_changed_and_what_was_removed(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret")

    def setup(web: Web, number: int) -> None:
        events = [an_event(n) for n in range(1, 6)]
        if number:
            events[1] = an_event(2, title="Course déplacée", updatedAt="2026-11-21T20:00:00.000Z")
        api(web, events, removed=(3,) if number else ())

    harvests, web = visits(
        setup, "openagenda", V2, times=2, key=f"file:{tmp_path / 'key'}", full_days=30
    )
    changed, gone = harvests[1].items
    assert changed.fields["title"] == "Course déplacée"
    assert (gone.key, is_tombstone(gone)) == ("3", True)
    assert harvests[1].visit.outcome is Outcome.OK
    asked = [query(one) for one in web.asked(V2)][-2:]
    assert asked[0]["updatedAt[gte]"].startswith("2026-11-20T08:30")  # a day of overlap
    assert asked[1]["removed"] == "1"


def test_once_a_month_everything_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret")
    _, web = visits(
        lambda web, _: api(web, [an_event(n) for n in range(1, 4)]),
        "openagenda",
        V2,
        times=3,
        key=f"file:{tmp_path / 'key'}",
        full_days=1,
    )
    asked = [query(one) for one in web.asked(V2)]
    whole = ["updatedAt[gte]" not in one for one in asked if "removed" not in one]
    assert (whole[0], False in whole, whole[-1]) == (True, True, True)
    assert all("updatedAt[gte]" in one for one in asked if "removed" in one)


def test_a_wrong_key_is_refused_and_unpublished_events_are_left(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("autre")
    refused, _ = one_visit(
        lambda web: api(web, []), "openagenda", V2, key=f"file:{tmp_path / 'key'}"
    )
    assert refused.visit.outcome is Outcome.REFUSED
    (tmp_path / "key").write_text("s3cret")
    harvest, _ = one_visit(
        lambda web: api(web, [an_event(1, state=0), an_event(2, status=6), {"slug": "x"}]),
        "openagenda",
        V2,
        key=f"file:{tmp_path / 'key'}",
    )
    assert [(one.key, one.fields["status"]) for one in harvest.items] == [("2", "cancelled")]
    assert len(harvest.quarantined) == 1


def test_v3_is_the_same_behind_its_own_envelope(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("oa_pk_1")

    def setup(web: Web) -> None:
        async def handler(asked: Asked) -> bytes:
            assert asked.headers["authorization"] == "Bearer oa_pk_1"
            if query(asked).get("after"):
                return as_json({"data": [an_event(2)], "pagination": {"after": None}})
            return as_json({"data": [an_event(1)], "pagination": {"after": "abc"}})

        web.on("/v3/agendas/7/events", handler)

    harvest, _ = one_visit(
        setup, "openagenda", "/v3/agendas/7/events", key=f"file:{tmp_path / 'key'}"
    )
    assert [one.key for one in harvest.items] == ["1", "2"]
