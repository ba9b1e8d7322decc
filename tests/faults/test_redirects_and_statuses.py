"""Faults 26 to 47 and 48 to 50: where an answer sends us, and what it says instead of answering."""

import asyncio
import socket
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest

from collectors.collect import visit_all
from collectors.upkeep.health import LONGEST, Signals, next_state
from collectors.web.client import Client
from collectors.web.fetch import Fetch
from domain.errors import Refused
from domain.records import SourceState, Visit
from domain.settings import Settings
from domain.statuses import Outcome, SourceHealth
from tests.builders import NOW, a_source, later
from tests.hostile import FEED, GOOD, KEPT, PATIENCE, XML, Names, in_turn, rss, suffer
from tests.web import Asked, Web, answer

pytestmark = pytest.mark.faults

HOME = answer(
    "<!doctype html><html><body>Bienvenue</body></html>", headers={"Content-Type": "text/html"}
)


def to(place: str, status: str = "302 Found") -> bytes:
    return answer(status=status, headers={"Location": place.encode().decode("latin-1")})


# --- redirects ----------------------------------------------------------------------------------


def test_a_loop_of_redirects_is_left_after_a_few_hops() -> None:
    got = suffer(to("/flux"))
    assert (got.outcome, got.harvest.validators) == ("unreadable", KEPT)
    assert "plus de 5 redirections" in got.why
    assert len(got.web.asked("/flux")) == 6


@pytest.mark.parametrize(("hops", "outcome"), [(5, "ok"), (6, "unreadable")])
def test_five_hops_are_followed_not_six(hops: int, outcome: str) -> None:
    def setup(web: Web) -> None:
        web.redirect("/flux", "/1")
        for number in range(1, hops):
            web.redirect(f"/{number}", f"/{number + 1}")
        web.raw(f"/{hops}", GOOD)

    assert suffer(setup).outcome == outcome


INSIDE = (
    *("169.254.169.254", "10.1.2.3", "100.64.0.1", "192.168.1.1", "172.16.0.1"),
    *("100.100.100.200", "192.0.0.192", "[fd00:ec2::254]"),
    *("168.63.129.16", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::10.0.0.1]", "167772161", "0x0a000001"),
    *("012.0.0.1", "10.1", "１０.0.0.1", "[::]", "0.0.0.1"),
)


@pytest.mark.parametrize("host", INSIDE)
def test_a_redirect_to_the_inside_is_refused(host: str) -> None:
    got = suffer(to(f"http://{host}/secret"))
    assert (got.outcome, got.harvest.validators) == ("refused", KEPT)


@pytest.mark.parametrize(
    "place",
    [
        *("file:///etc/passwd", "gopher://127.0.0.1/", "data:text/xml,<rss/>", "ftp://a.example/"),
        *("http://a:b@mairie.example/", "http://127.0.0.1:22/", "http:\\\\10.0.0.1/"),
    ],
)
def test_a_redirect_that_is_no_web_address_is_refused(place: str) -> None:
    got = suffer(to(place))
    assert (got.outcome, got.harvest.validators) == ("refused", KEPT)


def test_a_name_with_one_inside_address_is_refused_whole() -> None:
    got = suffer(
        lambda web: web.raw("/flux", GOOD),
        path="http://mairie.example:{port}/flux",
        resolver=Names(["127.0.0.1", "10.0.0.1"]),
    )
    assert (got.outcome, got.web.requests) == ("refused", [])
    assert "mairie.example (10.0.0.1)" in got.why


def test_the_address_is_checked_once_more_where_the_connection_is_made() -> None:
    async def connect() -> None:
        async with Client(Settings(), lambda: NOW) as client:
            info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
            client.transport._socket(info)

    with pytest.raises(Refused):
        asyncio.run(connect())


def test_a_name_that_does_not_exist_is_unreachable() -> None:
    got = suffer(lambda web: None, path="http://nulle-part.example/flux", resolver=Names([]))
    assert got.outcome == "unreachable"
    assert "le nom nulle-part.example n'existe pas" in got.why


@pytest.mark.parametrize("accepted", [False, True])
def test_a_fall_from_https_to_http_is_refused_unless_accepted(accepted: bool) -> None:
    async def follow() -> int:
        async with Client(Settings(per_host_seconds=0), lambda: NOW) as client:

            async def send(method: str, url: str, **_: object) -> tuple[int, dict[str, str], bytes]:
                if url.startswith("https:"):
                    return 301, {"location": "http://mairie.example/flux"}, b""
                return 200, {}, FEED.encode()

            client.transport.send = send  # type: ignore[method-assign]
            fetch = Fetch(client.transport, seconds=PATIENCE, limit=10_000, allow_http=accepted)
            return (await fetch.follow("GET", "https://mairie.example/flux", {})).status

    if accepted:
        assert asyncio.run(follow()) == 200
    else:
        with pytest.raises(Refused, match="https vers http"):
            asyncio.run(follow())


@pytest.mark.parametrize(
    ("status", "moves"), [("301 X", True), ("308 X", True), ("302 X", False), ("307 X", False)]
)
def test_only_a_permanent_move_is_told(status: str, moves: bool) -> None:
    def setup(web: Web) -> None:
        web.redirect("/flux", "/neuf", status)
        web.raw("/neuf", GOOD)

    got = suffer(setup)
    assert got.outcome == "ok"
    assert bool(got.harvest.moved_to) is moves


def test_every_path_sent_to_the_home_page_is_no_feed() -> None:
    def setup(web: Web) -> None:
        web.redirect("/flux", "/")
        web.redirect("/robots.txt", "/")
        web.raw("/", HOME)

    got = suffer(setup)
    assert got.outcome == "unreadable"
    assert "page HTML où un flux est attendu" in got.why


def test_a_page_that_only_sends_elsewhere_by_script_is_no_feed() -> None:
    meta = '<html><head><meta http-equiv="refresh" content="0;url=/ailleurs"></head></html>'
    got = suffer(answer(meta, headers={"Content-Type": "text/html"}))
    assert got.outcome == "unreadable"
    assert got.web.asked("/ailleurs") == []


def test_credentials_and_cookies_do_not_follow_to_another_host() -> None:
    def setup(web: Web) -> None:
        web.raw("/flux", to(web.url("/ailleurs", "localhost")))
        web.raw("/ailleurs", GOOD)

    secret = {"Authorization": "Bearer x", "Cookie": "a=b", "X-Api-Key": "y", "Accept": "text/xml"}
    got = suffer(setup, headers=secret)
    assert got.outcome == "ok", got.why
    own, other = got.web.asked("/flux")[0].headers, got.web.asked("/ailleurs")[0].headers
    assert {"authorization", "cookie", "x-api-key"} <= set(own)
    assert not {"authorization", "cookie", "x-api-key"} & set(other)
    assert other["accept"] == "text/xml"


WALL = answer(status="302 Found", headers={"Location": "/flux", "Set-Cookie": "vu=1; Path=/"})


def test_a_cookie_wall_opens_with_its_cookie_which_is_not_kept() -> None:
    async def handler(asked: Asked) -> bytes:
        return GOOD if asked.headers.get("cookie") == "vu=1" else WALL

    got = suffer(lambda web: web.on("/flux", handler))
    assert (got.outcome, len(got.harvest.items)) == ("ok", 2)
    sent = [asked.headers.get("cookie") for asked in got.web.asked("/flux")]
    assert sent == [None, "vu=1"]
    assert "vu=1" not in str(got.harvest.validators)


def test_a_cookie_wall_that_never_opens_ends() -> None:
    assert suffer(WALL).outcome == "unreadable"


def test_a_cookie_given_on_the_way_does_not_reach_another_host() -> None:
    def setup(web: Web) -> None:
        away = {"Location": web.url("/ailleurs", "localhost"), "Set-Cookie": "vu=1"}
        web.raw("/flux", answer(status="302 Found", headers=away))
        web.raw("/ailleurs", GOOD)

    got = suffer(setup)
    assert got.outcome == "ok"
    assert "cookie" not in got.web.asked("/ailleurs")[0].headers


def test_a_redirect_that_asks_to_come_back_later_is_obeyed_a_short_one_followed() -> None:
    def sent(wait: str) -> Callable[[Web], None]:
        def setup(web: Web) -> None:
            headers = {"Location": "/ailleurs", "Retry-After": wait}
            web.raw("/flux", answer(status="302 Found", headers=headers))
            web.raw("/ailleurs", GOOD)

        return setup

    later = suffer(sent("3600"))
    assert (later.outcome, later.harvest.wait_seconds) == ("unreachable", 3600)
    assert "302; il demande d'attendre 3600 s" in later.why
    assert [suffer(sent(wait)).outcome for wait in ("0", "bientot")] == ["ok"] * 2


# --- statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0),
        (format_datetime(later(hours=2)), 7200.0),
        (format_datetime(later(hours=-2)), None),
        ("-30", None),
        ("1000000000", 14 * 86400.0),
        ("bientôt", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_retry_after_is_obeyed_within_reason(
    value: str, seconds: float | None, status: str
) -> None:
    got = suffer(answer(status=status, headers={"Retry-After": value.encode().decode("latin-1")}))
    assert (got.outcome, got.harvest.wait_seconds) == ("unreachable", seconds)
    state = next_state(
        SourceState(source="gap"),
        a_source(),
        got.harvest.visit,
        now=NOW,
        signals=Signals(wait_seconds=seconds),
    )
    assert state.next_visit_at is not None
    assert timedelta(hours=12) < state.next_visit_at - NOW <= LONGEST * 2  # never sooner than usual


@pytest.mark.parametrize(("status", "asked"), [("429 X", 1), ("503 X", 2)])
def test_a_429_speaks_of_the_host_and_a_503_of_the_address(status: str, asked: int) -> None:
    async def run() -> int:
        async with Web() as web:
            for path in ("/a", "/b"):
                web.raw(path, answer(status=status, headers={"Retry-After": "3600"}))
            sources = [a_source(p, url=web.url(f"/{p}")) for p in "ab"]
            own = Settings(allow_loopback=True, per_host_seconds=0)
            async with Client(own, lambda: NOW) as client:
                harvests = [h async for h in visit_all(sources, client, {})]
            assert {h.visit.outcome for h in harvests} == {Outcome.UNREACHABLE}
            return len(web.asked("/a")) + len(web.asked("/b"))

    assert asyncio.run(run()) == asked


STATUSES = {
    "408 Request Timeout": ("unreachable", "répond 408"),
    "500 Oops": ("unreachable", "répond 500"),
    "502 Bad Gateway": ("unreachable", "répond 502"),
    "400 Bad Request": ("unreadable", "400 où 200"),
    "404 Not Found": ("unreadable", "page introuvable (404)"),
    "410 Gone": ("unreadable", "retirée par son éditeur (410)"),
    "401 Unauthorized": ("refused", "accès refusé par le site (401)"),
    "403 Forbidden": ("refused", "accès refusé par le site (403)"),
    "451 Unavailable For Legal Reasons": ("refused", "451"),
    "999 Odd": ("unreachable", "999"),
    "300 Choices": ("unreadable", "300 où 200"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_status_has_its_outcome_and_the_body_is_not_read_as_a_feed(status: str) -> None:
    outcome, words = STATUSES[status]
    got = suffer(answer(FEED, status, XML))
    assert (got.outcome, got.harvest.items) == (outcome, ())
    assert words in got.why
    assert got.harvest.validators == KEPT
    assert got.harvest.gone is status.startswith("410")


@pytest.mark.parametrize("status", ["403 Forbidden", "503 Service Unavailable"])
def test_a_cloudflare_challenge_is_a_refusal(status: str) -> None:
    got = suffer(answer("", status, {"cf-mitigated": "challenge"}))
    assert got.outcome == "refused"
    assert "Cloudflare" in got.why


def test_a_503_then_an_answer_forgets_the_failure() -> None:
    handler = in_turn(answer(status="503 X"), GOOD)
    state = SourceState(source="gap")
    for expected in (1, 0):
        visit = suffer(handler).harvest.visit
        state = next_state(state, a_source(), visit, now=NOW)
        assert state.failures == expected


def test_a_month_of_500_is_visited_weekly_and_never_given_up() -> None:
    state, now, visits = SourceState(source="gap"), NOW, 0
    down = Visit(source="gap", outcome=Outcome.UNREACHABLE, why="500", started_at=NOW)
    while now < later(days=60):
        state = next_state(state, a_source(), down, now=now)
        assert state.next_visit_at is not None
        assert state.next_visit_at - now < LONGEST * 1.1
        now, visits = state.next_visit_at, visits + 1
    assert state.health in (SourceHealth.FAILING, SourceHealth.DORMANT)
    assert 8 < visits < 20


@pytest.mark.parametrize(
    ("status", "health"), [("404 X", SourceHealth.DORMANT), ("403 X", SourceHealth.BLOCKED)]
)
def test_what_stays_absent_or_closed_is_asked_less_and_less_and_never_given_up(
    status: str, health: SourceHealth
) -> None:
    visit, state, now = suffer(answer(status=status)).harvest.visit, SourceState(source="gap"), NOW
    waits = []
    for _ in range(8):
        state = next_state(state, a_source(), visit, now=now)
        assert state.next_visit_at is not None
        waits.append(state.next_visit_at - now)
        now = state.next_visit_at
        if visit.outcome is Outcome.UNREADABLE and len(waits) == 5:
            assert state.health is SourceHealth.FAILING
    assert state.health is health
    assert min(waits) > timedelta(hours=12)
    assert timedelta(days=5) < waits[-1] < LONGEST * 1.1


@pytest.mark.parametrize("words", ["Site en maintenance", "Nous utilisons des cookies"])
def test_a_page_served_instead_of_the_feed_is_told(words: str) -> None:
    got = suffer(answer(f"<html><body><p>{words}</p></body></html>", headers=XML))
    assert (got.outcome, got.harvest.items) == ("unreadable", ())


def test_a_feed_that_used_to_give_and_is_empty_is_implausible() -> None:
    got = suffer(answer(rss(), headers=XML), usual=12.0)
    assert (got.outcome, got.harvest.validators) == ("implausible", KEPT)
    assert "aucune annonce alors qu'il y en a d'habitude 12" in got.why
