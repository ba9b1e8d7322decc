"""What a pass stores of its sources: our own network, moves, disappearances, what sites ask."""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from collectors.web import look, transport
from domain.records import Source, SourceState, Visit
from domain.settings import Settings
from domain.statuses import Outcome, SourceHealth
from flows import report, steps, visiting
from flows.house import House
from storage import items, outbox, sources
from tests.builders import NOW, a_source
from tests.hostile import GOOD, XML, entry, rss
from tests.web import Web, answer


class Names(AbstractResolver):
    """`*.example` is this machine, the DNS itself is there; any other name has no answer."""

    roots = True

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        if host in look._ROOTS and self.roots:
            return [
                ResolveResult(
                    hostname=host,
                    host="193.0.14.129",
                    port=port,
                    family=socket.AF_INET,
                    proto=0,
                    flags=0,
                )
            ]
        if not host.endswith(".example"):
            raise OSError(socket.EAI_AGAIN, "Temporary failure in name resolution")
        where = ResolveResult(
            hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0
        )
        return [where]

    async def close(self) -> None:
        pass


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(transport, "_System", Names)
    monkeypatch.setattr(look, "_routed", lambda family, address: True)
    own = Settings(
        home=house.settings.home,
        sources=house.settings.sources,
        allow_loopback=True,
        per_host_seconds=0,
    )
    return replace(house, settings=own)


Prepare = Callable[[Web], None]


def passes(
    house: House,
    *prepared: Prepare,
    known: Callable[[Web], list[Source]],
    after: Callable[[int], None] = lambda day: None,
    every: timedelta = timedelta(days=1),
) -> tuple[list[list[Visit]], list[list[str]]]:
    """One pass a day over these sources, the web prepared before each, `after` called after each.

    The visits of each pass, and the paths it asked for.
    """

    async def run() -> tuple[list[list[Visit]], list[list[str]]]:
        visits, asked = [], []
        async with Web() as web:
            for day, prepare in enumerate(prepared):
                prepare(web)
                web.requests.clear()
                then = NOW + every * day
                there = replace(house, clock=lambda then=then: then)
                given = known(web)
                slugs = [one.slug for one in given]
                visits.append(await asyncio.to_thread(visiting.collect, there, given, slugs))
                asked.append([one.path for one in web.requests])
                after(day)
        return visits, asked

    return asyncio.run(run())


def nothing(web: Web) -> None:
    """A web where nothing is."""


def states(house: House) -> dict[str, SourceState]:
    with house.database.reading() as conn:
        return sources.states(conn)


def events(house: House) -> list[str]:
    with house.database.begin() as conn:
        return [one.event for one in outbox.unpublished(conn)]


def dead(count: int, first: int = 0) -> list[Source]:
    return [a_source(f"mort-{n}", url=f"http://s{n}.nulle") for n in range(first, first + count)]


def feed(web: Web, slug: str = "gap", path: str = "/flux", host: str = "", **more: Any) -> Source:
    return a_source(slug, url=f"http://{host or slug}.example:{web.port}{path}", **more)


def test_our_own_network_is_held_against_nobody_and_told_once(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, dead(6))
    before = states(house)
    (visits,), _ = passes(house, nothing, known=lambda web: dead(6))
    assert {one.counted for one in visits} == {False}
    assert states(house) == before  # no failure, no state, no back-off
    assert events(house) == ["paat.network.down"]
    told = report.lines(steps.Report(visits=tuple(visits)))
    assert sum("connexion de cette machine" in line for line in told) == 1
    with house.database.reading() as conn:
        assert sources.visits(conn, "mort-0") == []


def test_a_site_that_answers_500_counts_and_does_not_excuse_the_silent(house: House) -> None:
    def known(web: Web) -> list[Source]:
        return [*dead(3), *(feed(web, f"s{n}") for n in range(3))]  # three of six: not more

    passes(house, lambda web: web.raw("/flux", answer(status="500 Oops")), known=known)
    assert {one.failures for one in states(house).values()} == {1}
    assert "paat.network.down" not in events(house)


def test_sources_that_were_failing_already_are_not_excused_by_each_other(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, dead(6))
        for one in dead(6):
            lost = Visit(source=one.slug, outcome=Outcome.UNREACHABLE, started_at=NOW)
            sources.record_visit(conn, lost)
    passes(house, nothing, known=lambda web: dead(6))
    assert {one.failures for one in states(house).values()} == {2}


def test_a_small_shard_follows_the_verdict_of_another_of_the_last_half_hour(house: House) -> None:
    shards = iter([dead(2), dead(5, 10), dead(2, 20), dead(2, 30)])
    minutes = timedelta(minutes=20)
    visits, _ = passes(house, *[nothing] * 4, known=lambda web: next(shards), every=minutes)
    counted = [{one.counted for one in shard} for shard in visits]
    assert counted == [{True}, {False}, {False}, {True}]  # the last is forty minutes later


def test_a_house_of_two_sources_alone_without_a_name_that_resolves_blames_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Names, "roots", False)
    passes(house, nothing, known=lambda web: dead(2))
    assert {one.failures for one in states(house).values()} == {0}
    assert events(house) == ["paat.network.down"]


def test_a_machine_without_a_way_out_blames_nobody(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look, "_routed", lambda family, address: False)
    passes(house, nothing, known=lambda web: dead(1))
    assert {one.failures for one in states(house).values()} == {0}


def test_one_answer_is_enough_to_know_that_we_are_not_alone(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Names, "roots", False)
    passes(
        house, lambda web: web.raw("/flux", GOOD), known=lambda web: [*dead(2), feed(web, "gap")]
    )
    assert [one.failures for _, one in sorted(states(house).items())] == [0, 1, 1]


def test_sites_that_died_together_are_excused_until_another_source_is_read(house: House) -> None:
    def known(web: Web) -> list[Source]:
        return next(turns)(web)

    turns = iter([*[lambda web: dead(6)] * 2, lambda web: [feed(web)], lambda web: dead(6)])
    good: Prepare = lambda web: web.raw("/flux", GOOD)  # noqa: E731
    visits, _ = passes(house, nothing, nothing, good, nothing, known=known)
    counted = [{one.counted for one in one_pass} for one_pass in visits]
    assert counted == [{False}, {False}, {True}, {True}]
    assert events(house).count("paat.network.down") == 2


def test_a_permanent_redirect_is_followed_after_three_days_and_the_line_to_change_told(
    house: House,
) -> None:
    block = '[[source]]\nslug = "gap"\n'
    (house.settings.sources / "05.toml").write_text(f"# Hautes-Alpes\n\n{block}", "utf-8")

    def prepare(web: Web) -> None:
        web.redirect("/flux", "/neuf", "301 Moved")
        web.page("/neuf", rss(entry(1)), kind=XML["Content-Type"])

    visits, asked = passes(house, *[prepare] * 4, known=lambda web: [feed(web)])
    assert [[path for path in paths if "." not in path] for paths in asked] == [
        *[["/flux", "/neuf"]] * 3,
        ["/neuf"],
    ]
    outcomes = [one.outcome for (one,) in visits]  # at a new address, everything is read again
    assert outcomes == [Outcome.OK, Outcome.UNCHANGED, Outcome.UNCHANGED, Outcome.OK]
    assert events(house).count("paat.source.moved") == 1
    (told,) = steps.tasks(house, ["gap"])
    assert told.startswith("gap : a déménagé")
    assert "dans 05.toml, ligne 4, remplacez url" in told
    with house.database.reading() as conn:
        (old,) = sources.former_addresses(conn, "gap")
    assert old.endswith("/flux")


def test_410_twice_is_gone_and_asks_for_a_person_then_a_return_heals(house: House) -> None:
    found: list[tuple[SourceHealth, int]] = []

    def look(day: int) -> None:
        told = [one for one in steps.tasks(house, ["gap"]) if "disparue (410 confirmé)" in one]
        found.append((states(house)["gap"].health, len(told)))

    gone = answer(status="410 Gone")
    prepared = [lambda web, reply=one: web.raw("/flux", reply) for one in (gone, gone, GOOD)]
    passes(house, *prepared, known=lambda web: [feed(web)], after=look)
    assert found == [(SourceHealth.DEGRADED, 0), (SourceHealth.GONE, 1), (SourceHealth.OK, 0)]
    assert events(house).count("paat.source.gone") == 1


def with_robots(reply: bytes) -> Prepare:
    def prepare(web: Web) -> None:
        web.raw("/robots.txt", reply)
        web.page("/agenda", "<html><title>Fête</title><p>Le 3 juin 2027.</p></html>")

    return prepare


def a_page(web: Web) -> list[Source]:
    return [feed(web, path="/agenda", kind="page")]


BROKEN = with_robots(answer(status="503 Oops"))


def test_a_robots_in_error_denies_a_whole_day_from_one_run_to_the_next(house: House) -> None:
    fine = with_robots(answer("User-agent: *\nDisallow: /prive"))
    visits, asked = passes(house, BROKEN, fine, fine, known=a_page, every=timedelta(hours=13))
    assert asked[0] == ["/robots.txt"]
    assert asked[1] == []  # thirteen hours later: nothing at all is asked
    assert asked[2][:2] == ["/robots.txt", "/agenda"]
    outcomes = [one.outcome for (one,) in visits]
    assert outcomes == [Outcome.UNREACHABLE, Outcome.UNREACHABLE, Outcome.OK]
    assert visits[1][0].why.startswith("robots.txt répond 503")


def test_the_rules_known_from_before_hold_while_robots_is_in_error(house: House) -> None:
    closed = with_robots(answer("User-agent: *\nDisallow: /agenda"))
    visits, _ = passes(house, closed, BROKEN, known=a_page)
    assert [one.outcome for (one,) in visits] == [Outcome.REFUSED, Outcome.REFUSED]
    opened = with_robots(answer(status="404 Not Found"))
    visits, _ = passes(house, opened, BROKEN, known=lambda web: a_page(web))
    assert [one.outcome for (one,) in visits] == [Outcome.OK, Outcome.UNCHANGED]


def test_a_429_closes_its_host_for_the_next_runs_too(house: House) -> None:
    busy = answer(status="429 Too Many", headers={"Retry-After": "7200"})
    known = [lambda web: [feed(web)], lambda web: [feed(web, "autre", host="gap")]]
    turns = iter([*known, known[1]])
    visits, asked = passes(
        house,
        lambda web: web.raw("/flux", busy),
        lambda web: web.raw("/flux", GOOD),
        nothing,
        known=lambda web: next(turns)(web),
        every=timedelta(hours=1.5),
    )
    assert [len(paths) for paths in asked] == [2, 0, 2]  # robots.txt then the feed; nobody; both
    assert "demande d'attendre" in visits[1][0].why
    assert visits[2][0].outcome is Outcome.OK


def test_a_reserved_text_is_not_kept_its_facts_are_and_the_source_says_so(house: House) -> None:
    rules = '[{"location": "/", "tdm-reservation": 1}]'

    def prepare(web: Web) -> None:
        web.raw("/.well-known/tdmrep.json", answer(rules))
        web.raw("/flux", answer(rss(entry(1, "Fête à Gap le 3 juin 2027.")), headers=XML))

    def look(day: int) -> None:
        with house.database.reading() as conn:
            kept.append(dict(items.revisions(conn, "gap", "n1")[-1].fields))
            told.append(sources.states(conn)["gap"].memory.tdm)

    kept: list[dict[str, object]] = []
    told: list[str] = []
    agreed = iter([{}, {"tdm_agreement": "courriel du maire, 3 mai 2026"}])
    passes(house, prepare, prepare, known=lambda web: [feed(web, options=next(agreed))], after=look)
    assert told == ["fichier /.well-known/tdmrep.json du site", ""]
    assert kept[0]["title"] == "Fête 1"
    assert "text" not in kept[0]
    assert "3 juin 2027" in str(kept[0]["when"])
    assert kept[0]["commune"] == "Gap"
    assert kept[1]["text"]
