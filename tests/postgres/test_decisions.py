import threading
from datetime import date

import pytest

from domain.errors import Conflict
from domain.records import Award, Decision
from domain.statuses import DecisionKind, InitiativeStatus
from storage import awards, campaigns, decisions, initiatives, values
from tests.builders import (
    NOW,
    a_mention,
    a_value,
    later,
    stored_initiative,
    stored_mentions,
)

KINDS_SEEN_ON_A_CARD = (DecisionKind.APPROVE, DecisionKind.REJECT)


@pytest.fixture
def name(conn):
    return stored_initiative(conn, *stored_mentions(conn, [a_mention()]))


def a_decision(initiative, kind=DecisionKind.APPROVE, **changes):
    given = {"campaign": "PAAT-2024", "by": "user:anne", "at": later(minutes=5), **changes}
    return Decision(initiative=initiative, kind=kind, **given)


def now_of(conn, name):
    [found] = initiatives.get(conn, [name])
    return found


@pytest.mark.parametrize(
    ("kind", "status", "version"),
    [
        (DecisionKind.APPROVE, InitiativeStatus.REGISTERED, 2),
        (DecisionKind.REJECT, InitiativeStatus.REJECTED, 2),
        (DecisionKind.SKIP, InitiativeStatus.WAITING, 1),
        (DecisionKind.NOTE, InitiativeStatus.WAITING, 1),
        (DecisionKind.MERGE, InitiativeStatus.WAITING, 1),
    ],
)
def test_a_decision_is_kept_and_carried_out(conn, name, kind, status, version):
    given = a_decision(name, kind, value={"themes": ["heritage"]}, motive="évident\x00")
    kept = decisions.add(conn, given, version=1)
    assert (now_of(conn, name).status, now_of(conn, name).version) == (status, version)
    [stored] = decisions.of(conn, [name])
    assert stored.id == kept.id > 0
    assert (stored.value, stored.motive) == ({"themes": ["heritage"]}, "évident\ufffd")
    assert stored.before == {"status": "waiting"}


def test_the_same_key_twice_is_one_decision(conn, name):
    given = a_decision(name, key="k1")
    first = decisions.add(conn, given, version=1)
    again = decisions.add(conn, given, version=1)  # a double click, an answer lost on the way
    assert again == first
    assert len(decisions.of(conn, [name])) == 1


def test_a_stale_card_is_refused(conn, name):
    decisions.add(conn, a_decision(name), version=1)
    with pytest.raises(Conflict, match="at version 2 where 1 was expected"):
        decisions.add(conn, a_decision(name, DecisionKind.REJECT), version=1)
    with pytest.raises(Conflict, match="no such initiative"):
        decisions.add(conn, a_decision("PAAT-93-X"))


def test_a_merged_initiative_is_not_decided_upon(conn, name):
    from domain.intents import JoinInitiative, PlaceMention

    other = stored_initiative(conn)
    moved = [
        PlaceMention(mention=now_of(conn, name).mentions[0], initiative=other),
        JoinInitiative(initiative=name, into=other),
    ]
    initiatives.apply(conn, moved, NOW)
    with pytest.raises(Conflict, match=f"merged into {other}"):
        decisions.add(conn, a_decision(name))


def test_an_archived_campaign_takes_no_decision(conn, name):
    campaigns.archive(conn, "PAAT-2024", NOW)
    assert campaigns.archived(conn) == {"PAAT-2024": NOW}
    with pytest.raises(Conflict, match="archivée"):
        decisions.add(conn, a_decision(name))
    decisions.add(conn, a_decision(name, campaign="SOP-2027"))
    with pytest.raises(Conflict, match="déjà archivée"):
        campaigns.archive(conn, "PAAT-2024", NOW)


@pytest.mark.parametrize("kind", KINDS_SEEN_ON_A_CARD)
def test_undo_gives_the_status_back(conn, name, kind):
    done = decisions.add(conn, a_decision(name, kind))
    undo = a_decision(name, DecisionKind.UNDO, undoes=done.id)
    decisions.add(conn, undo)
    assert now_of(conn, name).status == InitiativeStatus.WAITING
    assert len(decisions.of(conn, [name])) == 2
    with pytest.raises(Conflict, match="undone already"):
        decisions.add(conn, undo)
    with pytest.raises(Conflict, match="no decision 0"):
        decisions.add(conn, a_decision(name, DecisionKind.UNDO, undoes=0))


def test_undo_of_a_note_changes_nothing(conn, name):
    note = decisions.add(conn, a_decision(name, DecisionKind.NOTE))
    decisions.add(conn, a_decision(name, DecisionKind.UNDO, undoes=note.id))
    assert now_of(conn, name).version == 1


@pytest.mark.parametrize("there", [True, False])
def test_undo_of_an_edit_gives_the_value_back(conn, name, there):
    if there:
        initiatives.save_values(conn, {name: {"title": a_value(at=NOW)}}, NOW)
    before = now_of(conn, name).values
    edit = a_decision(name, DecisionKind.EDIT, by="anne", value={"field": "title", "value": "X"})
    done = decisions.add(conn, edit)
    assert now_of(conn, name).values["title"].rule == "user:anne"
    decisions.add(conn, a_decision(name, DecisionKind.UNDO, undoes=done.id))
    assert now_of(conn, name).values == before
    assert [i.id for i in initiatives.without_values(conn, 9)] == [name]
    assert len(values.history(conn, name, "title")) == (3 if there else 1)


def test_a_label_is_awarded_and_taken_back(conn, name):
    awards.register_labels(conn, {"terre-de-jeux": "Terre de Jeux 2024"})
    awards.register_labels(conn, {})
    value = {"label": "terre-de-jeux", "starts_on": "2022-01-01", "ends_on": "2024-12-31"}
    done = decisions.add(conn, a_decision(name, DecisionKind.AWARD, value=value))
    assert awards.of(conn, [name]) == [
        Award(
            label="terre-de-jeux",
            initiative=name,
            starts_on=date(2022, 1, 1),
            ends_on=date(2024, 12, 31),
            decision=done.id,
        )
    ]
    decisions.add(conn, a_decision(name, DecisionKind.UNDO, undoes=done.id))
    assert awards.of(conn, [name]) == []
    unknown = {"label": "inconnu", "starts_on": "2022-01-01"}
    with pytest.raises(Conflict, match="inconnu"):
        decisions.add(conn, a_decision(name, DecisionKind.AWARD, value=unknown))
    awards.save(conn, [])


def test_decisions_are_read_by_campaign_and_since_the_last_one_learned(conn, name):
    kept = [decisions.add(conn, a_decision(name, DecisionKind.NOTE)) for _ in range(3)]
    decisions.add(conn, a_decision(name, DecisionKind.NOTE, campaign="SOP-2027"))
    assert [d.id for d in decisions.since(conn, "PAAT-2024", kept[0].id)] == [
        d.id for d in kept[1:]
    ]
    assert len(decisions.of(conn, [name], campaign="SOP-2027")) == 1
    assert len(decisions.of(conn, [name])) == 4


def test_of_two_reviewers_at_once_one_decides_and_the_other_is_told(database):
    with database.begin() as conn:
        name = stored_initiative(conn, *stored_mentions(conn, [a_mention()]))
    told = []

    def decide(kind, by):
        try:
            with database.begin() as conn:
                told.append(decisions.add(conn, a_decision(name, kind, by=by), version=1).by)
        except Conflict as conflict:
            told.append(type(conflict))

    reviewers = [(DecisionKind.APPROVE, "user:anne"), (DecisionKind.REJECT, "user:omar")]
    threads = [threading.Thread(target=decide, args=one) for one in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Conflict in told
    with database.begin() as conn:
        [kept] = decisions.of(conn, [name])
        [decided] = [by for by in told if by is not Conflict]
        assert kept.by == decided
