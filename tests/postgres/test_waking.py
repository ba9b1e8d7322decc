"""What is asked on screen is done at once beside the served application, without Prefect."""

import threading
from dataclasses import replace

import pytest

from domain.errors import Conflict
from domain.settings import Settings
from flows import publish, steps, waking
from flows.house import House
from review.pages.sources import said
from storage import counts, items, outbox, sources
from tests.builders import NOW, a_raw_item, a_source

FEED = (
    '<rss version="2.0"><channel><title>Mairie</title><item><guid>1</guid>'
    "<title>Fête du sport</title><description>Le 3 juin 2027 à Gap.</description></item>"
    "</channel></rss>"
)


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    file = house.settings.home / "flux.xml"
    file.write_text(FEED, "utf-8")
    with house.database.begin() as conn:
        sources.register(conn, [a_source(url=f"file:{file}"), a_source("autre")])
    own = Settings(home=house.settings.home, sources=house.settings.sources)
    return replace(house, settings=own)


def ask(house: House, event: str, resource: str = "gap") -> None:
    with house.database.begin() as conn:
        outbox.put(conn, event, resource=resource, now=NOW)


def state(house: House) -> counts.Counts:
    with house.database.reading() as conn:
        return counts.of_everything(conn)


def left(house: House) -> list[str]:
    with house.database.reading() as conn:
        return [one.event for one in outbox.waiting(conn, (waking.SUBMITTED, waking.HURRIED))]


def test_a_hurried_source_is_visited_alone_and_what_it_gives_is_placed(house: House) -> None:
    ask(house, "paat.source.hurried")
    last = waking.take(house)
    assert state(house).initiatives == 1
    with house.database.reading() as conn:
        states = sources.states(conn)
    assert states["gap"].last_ok_at is not None
    assert states["autre"].last_visit_at is None
    assert left(house) == []
    assert waking.take(house, after=last) == last  # nothing more to do


def test_a_declaration_is_read_and_placed(house: House) -> None:
    with house.database.begin() as conn:
        items.store(conn, [a_raw_item("DEC-1", title="Tournoi de boccia")], NOW)
    ask(house, "paat.form.submitted")
    waking.take(house)
    assert state(house).initiatives == 1


def test_what_cannot_be_done_now_stays_asked(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = steps.alone
    monkeypatch.setattr(steps, "alone", lambda house, key: alone(house, key, seconds=0.0))
    ask(house, "paat.source.hurried")
    with house.database.locked("veille"), pytest.raises(Conflict):
        waking.take(house)
    assert left(house) == ["paat.source.hurried"]
    waking.take(house)
    assert left(house) == []


def test_with_prefect_the_event_is_published_at_once_and_nothing_is_done_here(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted: list[str] = []
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:1/api")
    monkeypatch.setattr(
        publish,
        "_post",
        lambda url, events: bool(posted.extend(e["event"] for e in events)) or True,
    )
    ask(house, "paat.source.hurried")
    waking.take(house)
    assert posted == ["paat.source.hurried"]
    assert (left(house), state(house).items) == ([], 0)


def test_a_thread_watches_while_the_application_is_served(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, twice = threading.Event(), threading.Event()

    def refuses_once(house: House, *, after: int) -> int:
        if seen.is_set():
            twice.set()
            return after
        seen.set()
        raise Conflict("busy")

    monkeypatch.setattr(waking, "take", refuses_once)
    monkeypatch.setattr(waking, "LATER_SECONDS", 0.01)
    with waking.awake(house, every=0.01):
        assert twice.wait(600)  # a refusal does not end the watch
    assert "paat-waking" not in [one.name for one in threading.enumerate()]


def test_the_page_says_what_will_happen() -> None:
    assert "prochain passage" in said("reessai", awake=False)
    assert "est lancé" in said("reessai", awake=True)
    assert said("pause", awake=True) == said("pause", awake=False)
    assert said("", awake=True) == ""
