from dataclasses import replace

import pytest

from collectors.upkeep import moves
from collectors.upkeep.health import tasks
from collectors.web.domains import registrable
from domain.records import SourceMemory, SourceState
from tests.builders import NOW, a_source, later

OLD, NEW = "https://gap.example/flux", "https://www.gap.example/actus/rss"


NOTHING = SourceMemory()


def seen(
    *to: str | None, memory: SourceMemory = NOTHING, days: float = 1, failed: bool = False
) -> SourceMemory:
    """The memory after visits `days` apart, each sent permanently to that address."""
    for number, one in enumerate(to):
        memory = moves.learn(
            memory,
            a_source(),
            failed=failed,
            moved_to=one,
            gone=False,
            now=later(days=days * number),
        )
    return memory


def test_a_permanent_redirect_seen_three_times_over_a_day_is_followed() -> None:
    assert seen(NEW, NEW).address is None
    moved = seen(NEW, NEW, NEW)
    assert (moved.address, moved.address_of, moved.moving) == (NEW, OLD, None)
    assert moves.effective(a_source(), moved).url == NEW
    (told,) = tasks(a_source(), SourceState(source="gap", memory=moved), now=NOW, place="05.toml")
    assert f'dans 05.toml, remplacez url = "{OLD}" par url = "{NEW}"' in told


@pytest.mark.parametrize(
    "to",
    [
        (NEW, NEW, None, NEW),  # a visit that was not sent away
        (NEW, NEW, NEW + "?2", NEW),  # somewhere else in between
    ],
)
def test_anything_else_in_between_starts_again(to: tuple[str | None, ...]) -> None:
    assert seen(*to).address is None


def test_three_visits_in_an_hour_are_one_sighting_and_a_failure_is_none() -> None:
    assert seen(NEW, NEW, NEW, NEW, days=0.01).address is None
    assert seen(NEW, NEW, NEW, NEW, failed=True).moving is None


@pytest.mark.parametrize(
    "to", ["https://casino.example2/flux", "https://gap.example/", "https://gap.wordpress.com/feed"]
)
def test_another_owner_or_a_home_page_is_a_persons_decision(to: str) -> None:
    memory = seen(to, to, to)
    assert memory.address is None
    assert moves.leaves(memory, a_source(), now=later(days=3)) == to
    (told,) = tasks(a_source(), SourceState(source="gap", memory=memory), now=later(days=3))
    assert to in told
    assert "vérifiez" in told


def test_a_block_that_was_corrected_forgets_the_move() -> None:
    moved = seen(NEW, NEW, NEW)
    corrected = a_source(url="https://gap.example/agenda.ics")
    assert moves.effective(corrected, moved).url == corrected.url
    after = moves.learn(moved, corrected, failed=False, moved_to=None, gone=False, now=NOW)
    assert after.address is None


def test_a_second_move_starts_from_the_first_and_still_answers_to_the_block() -> None:
    third = "https://gap.example/rss3"
    memory = seen(third, third, third, memory=seen(NEW, NEW, NEW))
    assert (memory.address, memory.address_of) == (third, OLD)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.mairie-gap.fr", "mairie-gap.fr"),
        ("hautes-alpes.gouv.fr", "hautes-alpes.gouv.fr"),
        ("www.paca.drajes.gouv.fr", "drajes.gouv.fr"),
        ("club.wordpress.com", "club.wordpress.com"),
        ("192.0.2.7", "192.0.2.7"),
        ("localhost", "localhost"),
    ],
)
def test_the_registrable_domain_of_a_host(host: str, domain: str) -> None:
    assert registrable(host) == domain


def test_410_is_confirmed_by_another_a_day_later() -> None:
    first = moves.learn(SourceMemory(), a_source(), failed=True, moved_to=None, gone=True, now=NOW)
    assert first.gone_since == NOW
    assert not moves.is_gone(first, gone=True, now=later(hours=2))
    assert moves.is_gone(first, gone=True, now=later(hours=22))
    assert not moves.is_gone(first, gone=False, now=later(hours=22))
    between = moves.learn(first, a_source(), failed=True, moved_to=None, gone=False, now=NOW)
    assert between.gone_since == NOW  # a time-out in between proves nothing
    assert replace(first) == first
