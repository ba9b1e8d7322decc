"""Runs, outbox, models, actors."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from domain.errors import Conflict, StorageError
from domain.records import Actor, Run
from domain.statuses import ActorKind
from storage import actors, models, outbox, runs
from storage.models import Model
from tests.builders import NOW, later

# --- runs ------------------------------------------------------------------------------------


def test_a_run_begins_ends_and_tells_what_it_did(conn):
    first = Run(id="2026-11-21T06", started_at=NOW, trigger="schedule")
    second = Run(id="r2", started_at=later(hours=1))
    runs.start(conn, first)
    runs.start(conn, replace(first, trigger="again"))
    runs.start(conn, second)
    runs.finish(conn, first.id, later(minutes=3), {"new": 12})
    ended = replace(first, ended_at=later(minutes=3), counts={"new": 12})
    assert runs.last(conn, 5) == [second, ended]
    assert runs.last(conn) == [second]


# --- outbox ----------------------------------------------------------------------------------


def test_events_wait_until_they_are_published(conn):
    ids = [
        outbox.put(conn, "paat.items.collected", resource=f"run/{n}", now=NOW, payload={"n": n})
        for n in range(3)
    ]
    waiting = outbox.unpublished(conn, 2)
    assert [(one.id, one.payload) for one in waiting] == [(ids[0], {"n": 0}), (ids[1], {"n": 1})]
    outbox.mark_published(conn, ids[:2], later(seconds=1))
    assert [one.resource for one in outbox.unpublished(conn)] == ["run/2"]


def test_a_rolled_back_transaction_tells_nothing(database):
    def fail() -> None:
        with database.begin() as conn:
            outbox.put(conn, "paat.items.collected", resource="run/1", now=NOW)
            raise ValueError("raté")

    with pytest.raises(ValueError, match="raté"):
        fail()
    with database.begin() as conn:
        assert outbox.unpublished(conn) == []


def test_two_publishers_never_take_the_same_event(database):
    with database.begin() as conn:
        for n in range(4):
            outbox.put(conn, "paat.source.silent", resource=str(n), now=NOW)
    with database.begin() as one, database.begin() as two:
        mine, theirs = outbox.unpublished(one, 2), outbox.unpublished(two, 9)
    assert [e.resource for e in mine] + [e.resource for e in theirs] == ["0", "1", "2", "3"]


# --- models ----------------------------------------------------------------------------------


def a_model(version="1", **changes):
    given = {"data_sha256": "ab", "metrics": {"f1": 0.8}, "payload": b"{}", "created_at": NOW}
    return Model(name="themes", version=version, **{**given, **changes})


def test_one_version_is_active_and_every_other_is_kept(conn):
    assert models.active(conn, "themes") is None
    models.save(conn, a_model("1", active=True))
    models.save(conn, a_model("2", payload=b"\x00\xff", active=True))
    models.save(conn, a_model("3"))
    assert models.active(conn, "themes") == a_model("2", payload=b"\x00\xff", active=True)
    assert [(m.version, m.active, m.payload) for m in models.history(conn, "themes")] == [
        ("3", False, b""),
        ("2", True, b""),
        ("1", False, b""),
    ]
    models.activate(conn, "themes", "1")
    assert models.active(conn, "themes").version == "1"


def test_a_version_is_never_rewritten(conn):
    models.save(conn, a_model())
    with pytest.raises(Conflict, match="ne se réécrit jamais"):
        models.save(conn, a_model(payload=b"other"))
    with pytest.raises(Conflict, match="themes/9"):
        models.activate(conn, "themes", "9")


def test_a_model_that_was_tampered_with_is_not_used(conn):
    models.save(conn, a_model(active=True))
    conn.execute(text("update models set payload = 'evil'::bytea"))
    with pytest.raises(StorageError, match="n'est plus ce qui fut gardé"):
        models.active(conn, "themes")


# --- actors ----------------------------------------------------------------------------------


def test_an_actor_is_found_under_every_name_and_number(conn):
    club = Actor(
        id="AC-1",
        name="Union sportive de Gap",
        kind=ActorKind.ASSOCIATION,
        rna="W051000001",
        siren="732829320",
        department="05",
        aliases=("US Gap",),
    )
    town = Actor(id="AC-2", name="Ville de Gap")
    actors.upsert(conn, [club, town])
    for asked in ({"name": "us GAP"}, {"rna": "W051000001"}, {"siren": "732829320"}):
        assert actors.find(conn, **asked) == [club]
    assert actors.find(conn, name="UNION SPORTIVE DE GAP") == [club]
    assert actors.find(conn) == []
    assert actors.by_ids(conn, ["AC-2", "AC-9"]) == [town]


def test_a_renamed_actor_keeps_its_former_name(conn):
    actors.upsert(conn, [Actor(id="AC-1", name="Comité des fêtes")])
    actors.upsert(conn, [Actor(id="AC-1", name="Gap en fête")])
    actors.upsert(conn, [])
    assert actors.find(conn, name="comite des fetes") == [
        Actor(id="AC-1", name="Gap en fête", aliases=("Comité des fêtes",))
    ]


def test_instants_come_back_aware(conn):
    runs.start(conn, Run(id="r", started_at=NOW))
    assert runs.last(conn)[0].started_at.utcoffset() == timedelta(0)
