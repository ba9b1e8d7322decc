"""Faults 52 to 58: robots.txt, good and bad. Pages obey it; what is published is read."""

import pytest

from tests.hostile import GOOD, SHORT, drip, suffer
from tests.web import Handler, Web, answer

pytestmark = pytest.mark.faults

PAGE = (
    "<html><head><title>Fête</title></head><body><h1>Fête</h1><p>Le 3 juin 2027.</p></body></html>"
)


def robots(reply: bytes | Handler, path: str = "/agenda", **settings: float) -> str:
    """The outcome of a page whose site has that robots.txt."""

    def setup(web: Web) -> None:
        web.raw("/robots.txt", reply) if isinstance(reply, bytes) else web.on("/robots.txt", reply)
        web.page(path, PAGE)

    return suffer(setup, "page", path, settings=settings).outcome


@pytest.mark.parametrize(
    ("rules", "path", "outcome"),
    [
        ("User-agent: *\nDisallow: /", "/agenda", "refused"),
        ("User-agent: *\nDisallow:", "/agenda", "ok"),
        ("User-agent: *\nDisallow: /*?s=", "/agenda?s=1", "refused"),
        ("User-agent: *\nDisallow: /*.php$", "/agenda.php", "refused"),
        ("User-agent: *\nDisallow: /*.php$", "/agenda.php7", "ok"),
        ("User-agent: *\nDisallow: /agenda\nAllow: /agenda/public", "/agenda/public/1", "ok"),
        ("User-agent: *\nDisallow: /\n\nUser-agent: paat-veille\nAllow: /", "/agenda", "ok"),
        ("\ufeffUser-agent: *\r\nDisallow: /agenda", "/agenda", "refused"),
        ("<html><body>Disallow: /</body></html>", "/agenda", "ok"),
        pytest.param(
            "User-agent: *\nDisallow: /prive\n" * 20_000, "/agenda", "ok", id="forty thousand lines"
        ),
    ],
)
def test_the_longest_rule_decides(rules: str, path: str, outcome: str) -> None:
    if len(rules) > 300_000:  # heavier than an answer may be: as if there were none
        assert robots(answer(rules), path) == "ok"
    assert robots(answer(rules), path) == outcome


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        (answer(status="404 Not Found"), "ok"),
        (answer(status="403 Forbidden"), "ok"),
        (answer(status="500 Oops"), "unreachable"),
        (answer(status="429 Too Many"), "unreachable"),
        (answer(status="302 Found", headers={"Location": "/robots.txt"}), "ok"),
    ],
)
def test_a_site_that_cannot_say_is_left_for_now_one_without_rules_is_read(
    reply: bytes | Handler, outcome: str
) -> None:
    assert robots(reply) == outcome


def test_a_site_whose_rules_never_end_is_left_for_now() -> None:
    assert robots(drip(b"HTTP/1.1 200 OK\r\n\r\n"), **SHORT) == "unreachable"


def test_rules_against_search_robots_are_not_about_what_is_published() -> None:
    def setup(web: Web, agent: str) -> None:
        web.raw("/robots.txt", answer(f"User-agent: {agent}\nDisallow: /"))
        web.raw("/flux", GOOD)

    assert suffer(lambda web: setup(web, "*")).outcome == "ok"
    named = suffer(lambda web: setup(web, "paat-veille"))
    assert named.outcome == "refused"
    assert "robots.txt interdit" in named.why
    assert named.web.asked("/flux") == []


def test_a_crawl_delay_of_an_hour_is_capped() -> None:
    from collectors.web.robots import MAX_CRAWL_DELAY, parse

    assert parse(b"User-agent: *\nCrawl-delay: 3600").delay_seconds == MAX_CRAWL_DELAY
    assert parse(b"User-agent: *\nCrawl-delay: -1").delay_seconds == 0
