from dataclasses import replace

import pytest

from domain.errors import Conflict
from domain.records import Moving, Share, Site, SourceMemory, Visit
from domain.statuses import Outcome, SourceHealth
from storage import sources
from tests.builders import NOW, a_source, later


def a_visit(outcome=Outcome.OK, **changes):
    return Visit(source="gap", outcome=outcome, **{"started_at": NOW, "items": 12, **changes})


def test_a_source_reads_back_as_it_was_registered(conn):
    source = a_source(options={"selector": ".x", "n": 3}, department="05", expect_min=2)
    sources.register(conn, [source])
    assert sources.known(conn) == {"gap": source}


def test_registering_again_updates_and_keeps_what_is_remembered(conn):
    sources.register(conn, [a_source()])
    sources.record_visit(conn, a_visit(), usual_items=12)
    sources.register(conn, [a_source(title="Nouveau titre"), a_source("digne")])
    assert sources.known(conn, ["gap"])["gap"].title == "Nouveau titre"
    assert sources.states(conn)["gap"].usual_items == 12
    assert sources.states(conn, ["digne"])["digne"].last_visit_at is None
    sources.register(conn, [])


def test_what_is_due_is_what_never_was_visited_then_the_longest_overdue(conn):
    sources.register(conn, [a_source(s) for s in ("a", "b", "c", "d", "e")])
    sources.register(conn, [a_source("f", enabled=False)])
    for slug, hours in (("b", -1), ("c", -5), ("d", 1)):
        visit = replace(a_visit(), source=slug)
        sources.record_visit(conn, visit, next_visit_at=later(hours=hours))
    sources.pause(conn, "e")
    assert sources.due(conn, NOW) == ["a", "c", "b"]
    assert sources.due(conn, NOW, ["d", "e", "f"]) == ["d"]  # asked for by name: not paused is due


def test_a_failure_counts_until_a_success_and_keeps_the_validators(conn):
    sources.register(conn, [a_source()])
    seen = {"https://gap.example/flux": {"etag": '"x"'}}
    sources.record_visit(conn, a_visit(), validators=seen, health=SourceHealth.OK)
    for hours in (1, 2):
        broken = a_visit(
            Outcome.UNREACHABLE, started_at=later(hours=hours), why="délai dépassé\x00"
        )
        sources.record_visit(conn, broken, health=SourceHealth.FAILING)
    state = sources.states(conn)["gap"]
    assert (state.failures, state.health, state.last_ok_at) == (2, SourceHealth.FAILING, NOW)
    assert (state.validators, state.last_why) == (seen, "délai dépassé\ufffd")
    sources.record_visit(conn, a_visit(Outcome.UNCHANGED, started_at=later(hours=3)))
    assert sources.states(conn)["gap"].failures == 0


def test_visits_come_newest_first(conn):
    sources.register(conn, [a_source()])
    for hours in range(3):
        sources.record_visit(conn, a_visit(started_at=later(hours=hours), items=hours))
    assert [v.items for v in sources.visits(conn, "gap", limit=2)] == [2, 1]


def test_a_paused_source_waits_and_comes_back_at_once(conn):
    sources.register(conn, [a_source()])
    sources.record_visit(conn, a_visit(Outcome.REFUSED), next_visit_at=later(days=7))
    sources.pause(conn, "gap")
    assert sources.states(conn)["gap"].health == SourceHealth.PAUSED
    assert sources.due(conn, later(days=8)) == []
    sources.resume(conn, "gap")
    assert sources.due(conn, NOW) == ["gap"]
    assert sources.states(conn)["gap"].failures == 0
    for change in (sources.pause, sources.resume):
        with pytest.raises(Conflict, match="no such source"):
            change(conn, "nulle-part")


def test_a_visit_dated_by_a_wrong_clock_is_made_again_once(conn):
    sources.register(conn, [a_source()])
    ahead = a_visit(started_at=later(days=400))
    sources.record_visit(conn, ahead, next_visit_at=later(days=401))
    assert sources.due(conn, NOW) == ["gap"]  # and not in a year
    sources.record_visit(conn, a_visit(), next_visit_at=later(days=1))
    assert sources.due(conn, NOW) == []
    state = sources.states(conn)["gap"]
    assert (state.last_visit_at, state.last_ok_at) == (NOW, NOW)


def test_what_a_source_taught_reads_back_and_its_former_address_is_its_own(conn):
    memory = SourceMemory(
        last_new_at=NOW,
        gaps=(1.0, 2.5),
        fill={"date": Share(usual=0.9, recent=0.1)},
        alarms={"field:date": "les dates disparaissent"},
        moving=Moving(to="https://b.example/", seen=2, since=NOW),
    )
    sources.register(conn, [a_source()])
    sources.record_visit(conn, a_visit(), memory=memory)
    assert sources.states(conn)["gap"].memory == memory
    sources.left_address(conn, "gap", "https://avant.example/flux", NOW)
    sources.left_address(conn, "gap", "https://avant.example/flux", later(days=1))
    assert sources.former_addresses(conn, "gap") == ["https://avant.example/flux"]
    with pytest.raises(Conflict, match="gap"):
        sources.add(conn, a_source("double", url="https://avant.example/flux"), "user:anne")


def test_what_sites_asked_reads_back_the_last_word_kept(conn):
    site = Site(site="https://gap.example", robots="User-agent: *", robots_at=NOW)
    sources.remember_sites(conn, [site], NOW)
    closed = replace(site, wait_until=later(hours=2))
    sources.remember_sites(conn, [closed, Site(site="https://autre.example")], NOW)
    assert sources.sites(conn) == [Site(site="https://autre.example"), closed]
    sources.remember_sites(conn, [], NOW)
