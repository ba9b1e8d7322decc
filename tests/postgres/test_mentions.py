import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from domain.errors import Conflict
from domain.records import Contact, Decision, When
from domain.statuses import DecisionKind, InitiativeStatus, Precision
from storage import changes, decisions, initiatives, items, mentions
from tests.builders import (
    NOW,
    a_mention,
    a_raw_item,
    a_value,
    an_occurrence,
    later,
    stored_initiative,
    stored_mentions,
)


def reread(conn, mention, extractor="1", **change):
    [again] = mentions.save(conn, [replace(mention, **change)], later(hours=1), extractor=extractor)
    return again


def test_a_mention_reads_back_whole(conn):
    mention = a_mention(
        text="Journée olympique",
        links=("https://a.example",),
        when=When(occurrences=(an_occurrence(),), words="le 5 juin", starts_on=date(2027, 6, 5)),
        contacts=(Contact(kind="email", value="a@b.fr", is_personal=False),),
        collected_at=NOW,
        details={"budget": 1200.5, "audience": ["jeunes"]},
        warnings=("commune à vérifier",),
    )
    [saved] = stored_mentions(conn, [mention])
    assert saved == replace(mention, id=saved.id)
    assert mentions.by_ids(conn, [saved.id, 10**9]) == [saved]


def test_the_id_stays_whatever_is_read(conn):
    [one, two] = stored_mentions(conn, [a_mention("1"), a_mention("2")])
    assert reread(conn, one, title="Autre chose").id == one.id
    given = [a_mention("2"), a_mention("1")]
    assert [m.id for m in mentions.save(conn, given, NOW, extractor="1")] == [two.id, one.id]
    assert mentions.save(conn, [], NOW, extractor="1") == []


def test_a_mention_without_its_announcement_is_refused(conn):
    stored_mentions(conn, [a_mention("1")])
    with pytest.raises(Conflict, match=r"gap/99: .*store its raw item first"):
        mentions.save(conn, [a_mention("99")], NOW, extractor="1")


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"title": "Tournoi"}, True),
        ({"when": When(starts_on=date(2027, 6, 6))}, True),
        ({"details": {"budget": 3}}, False),
        ({"warnings": ("x",)}, False),
        ({}, False),
    ],
)
def test_only_what_matching_reads_sends_back_to_matching(conn, change, again):
    [one] = stored_mentions(conn, [a_mention()])
    stored_initiative(conn, one)
    assert mentions.unmatched(conn, 10) == []
    changed = reread(conn, one, **change)
    assert mentions.unmatched(conn, 10) == ([changed.id] if again else [])


def test_what_is_read_again_while_it_is_matched_is_matched_again(database):
    with database.begin() as conn:
        [one] = stored_mentions(conn, [a_mention()])

    def read_again():
        with database.begin() as conn:
            reread(conn, one, title="Tournoi")

    with ThreadPoolExecutor(1) as hand:
        with database.begin() as conn:
            assert mentions.unmatched(conn, 10) == [one.id]
            reading = hand.submit(read_again)
            waiting = text("select exists (select from pg_locks where not granted)")
            while not conn.execute(waiting).scalar_one():
                assert not reading.done()
                time.sleep(0.01)
            initiatives.apply(conn, [], NOW, matched=[one.id])
        reading.result()
    with database.begin() as conn:
        assert mentions.unmatched(conn, 10) == [one.id]


def test_a_changed_reading_sends_the_initiative_back_for_its_values(conn):
    [one] = stored_mentions(conn, [a_mention()])
    name = stored_initiative(conn, one)
    initiatives.save_values(conn, {name: {"title": a_value()}}, NOW)
    reread(conn, one)
    assert initiatives.without_values(conn, 10) == []
    reread(conn, one, details={"budget": 3})
    assert [i.id for i in initiatives.without_values(conn, 10)] == [name]


def status_after(conn, kind, *, source_changed, reading_changed):
    [one] = stored_mentions(conn, [a_mention()])
    name = stored_initiative(conn, one)
    decisions.add(
        conn, Decision(initiative=name, campaign="PAAT-2024", kind=kind, by="user:anne", at=NOW)
    )
    if source_changed:
        items.store(conn, [a_raw_item(title="Reporté au 12 juin")], later(hours=1))
    change = (
        {"when": When(starts_on=date(2027, 6, 12))} if reading_changed else {"text": "Mieux lu"}
    )
    reread(conn, one, extractor="2", **change)
    return initiatives.get(conn, [name])[0].status


@pytest.mark.parametrize(("source", "reading"), [(True, False), (False, True), (False, False)])
def test_a_review_stands_unless_both_source_and_reading_changed(conn, source, reading):
    status = status_after(
        conn, DecisionKind.APPROVE, source_changed=source, reading_changed=reading
    )
    assert status == InitiativeStatus.REGISTERED


def test_a_review_is_reopened_when_both_changed(conn):
    status = status_after(conn, DecisionKind.APPROVE, source_changed=True, reading_changed=True)
    assert status == InitiativeStatus.REOPENED


def test_a_rejected_initiative_stays_rejected(conn):
    status = status_after(conn, DecisionKind.REJECT, source_changed=True, reading_changed=True)
    assert status == InitiativeStatus.REJECTED


def test_why_is_my_event_not_there(conn):
    placed, waiting = stored_mentions(
        conn, [a_mention("1", title="Fête de l’Été à Gap"), a_mention("2", title="Été 100% sport")]
    )
    name = stored_initiative(conn, placed)
    [found] = mentions.find(conn, url="http://www.gap.example/1/#haut")
    assert (found.mention, found.initiative) == (placed, name)
    assert found.status == InitiativeStatus.WAITING
    assert [f.mention.id for f in mentions.find(conn, title="ETE")] == [waiting.id, placed.id]
    [lost] = mentions.find(conn, title="0% s")
    assert (lost.mention, lost.initiative, lost.status) == (waiting, None, None)
    assert mentions.find(conn, url="https://gap.example/3") == []


def test_saving_takes_a_constant_number_of_statements(conn, statements):
    many = [a_mention(str(n)) for n in range(300)]
    stored_mentions(conn, many)
    statements.clear()
    mentions.save(conn, [replace(m, title="Autre") for m in many], NOW, extractor="1")
    assert len(statements) <= 10  # two of them around: a savepoint


def test_what_each_reading_changed_is_kept_with_its_date(conn):
    [one] = stored_mentions(conn, [a_mention()])
    assert changes.of(conn, [one.id]) == []
    items.store(conn, [a_raw_item(title="Reporté au 12 juin")], later(hours=1))
    day = date(2027, 6, 12)
    when = When(starts_on=day, ends_on=day, precision=Precision.DAY)
    reread(conn, one, extractor="2", when=when, warnings=("x",))
    reread(conn, one, extractor="3", when=when)
    [changed] = changes.of(conn, [one.id], reopening=True)
    assert (changed.at, changed.reopens) == (later(hours=1), True)
    assert changed.changes == {
        "starts_on": ["2027-06-05", "2027-06-12"],
        "ends_on": ["2027-06-05", "2027-06-12"],
    }


@pytest.mark.parametrize("written", ["ANNONCE 1", "Annonce 1 !"])
def test_a_title_written_otherwise_reopens_nothing(conn, written):
    [one] = stored_mentions(conn, [a_mention()])
    name = stored_initiative(conn, one)
    approve = Decision(
        initiative=name, campaign="PAAT-2024", kind=DecisionKind.APPROVE, by="user:anne", at=NOW
    )
    decisions.add(conn, approve)
    items.store(conn, [a_raw_item(title=written)], later(hours=1))
    reread(conn, one, extractor="2", title=written)
    assert initiatives.get(conn, [name])[0].status == InitiativeStatus.REGISTERED
