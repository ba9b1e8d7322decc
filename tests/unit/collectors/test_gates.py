import asyncio

import pytest

from collectors.web.domains import operator
from collectors.web.gates import Gate, Gates


def test_a_slow_host_is_left_alone_as_long_as_it_takes_to_answer() -> None:
    gate = Gate(1.0, 1.0)
    gate.answered(4.0, fine=True)
    assert gate.delay_seconds == 4.0
    for expected in (2.1, 1.15, 1.0):  # half the way back at each good answer, never under ours
        gate.answered(0.2, fine=True)
        assert gate.delay_seconds == pytest.approx(expected)


def test_a_quick_error_never_brings_us_back_sooner_and_a_slow_one_later() -> None:
    gate = Gate(1.0, 8.0)
    gate.answered(0.01, fine=False)
    assert gate.delay_seconds == 8.0
    gate.answered(9.0, fine=False)
    assert gate.delay_seconds == 9.0


def test_no_delay_is_longer_than_thirty_seconds_and_none_is_wanted_on_one_s_own_machine() -> None:
    gate, own = Gate(1.0, 1.0), Gate(0.0, 0.0)
    gate.answered(120.0, fine=True)
    own.answered(120.0, fine=True)
    assert (gate.delay_seconds, own.delay_seconds) == (30.0, 0.0)


def test_a_crawl_delay_read_once_more_does_not_forget_that_the_host_is_slow() -> None:
    gate = Gate(1.0, 6.0)
    gate.ask(2.0)
    assert (gate.floor_seconds, gate.delay_seconds) == (2.0, 6.0)
    gate.ask(10.0)
    assert gate.delay_seconds == 10.0


@pytest.mark.parametrize(
    ("host", "asked"),
    [
        ("club-gap.wordpress.com", "wordpress.com"),
        ("asso.free.fr", "free.fr"),
        ("www.ville-gap.fr", "www.ville-gap.fr"),
        ("sports.gouv.fr", "sports.gouv.fr"),
        ("127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_site_is_its_own_operator_unless_a_platform_hosts_it(host: str, asked: str) -> None:
    assert operator(host) == asked


def test_a_429_of_one_blog_is_about_its_whole_platform_and_about_no_other_host() -> None:
    async def run() -> list[bool]:
        gates = Gates(1.0)
        gates.refuse("https://gap.over-blog.com/rss", 3600)
        gates.refuse("https://ville-gap.fr/rss", 3600)
        asked = ("embrun.over-blog.com", "over-blog.org", "ville-gap.fr", "agenda.ville-gap.fr")
        return [gates.wait_seconds(f"https://{host}/") > 0 for host in asked]

    assert asyncio.run(run()) == [True, False, True, False]
