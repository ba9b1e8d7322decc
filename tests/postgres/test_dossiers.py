from dataclasses import replace
from datetime import date

import pytest

from domain.errors import Conflict
from domain.intents import JoinInitiative, PlaceMention
from domain.records import Award, Decision
from domain.statuses import DecisionKind, InitiativeStatus, SuggestionKind
from storage import awards, campaigns, decisions, initiatives, suggestions
from storage.dossiers import count, dossiers
from tests.builders import (
    NOW,
    a_mention,
    a_suggestion,
    a_value,
    stored_initiative,
    stored_mentions,
)

CAMPAIGN = "PAAT-2024"


@pytest.fixture
def three(conn):
    stored = stored_mentions(conn, [a_mention(str(n)) for n in range(3)])
    return [stored_initiative(conn, one) for one in stored]


def compute_values(conn, names):
    initiatives.save_values(conn, {name: {"title": a_value()} for name in names}, NOW)


def suggest(conn, *given, model="rules:1", names=()):
    found = {name: [] for name in names}
    for one in given:
        found.setdefault(one.initiative, []).append(one)
    suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model=model)


# --- suggestions -----------------------------------------------------------------------------


def test_an_initiative_waits_for_its_values_then_for_each_new_model(conn, three):
    assert suggestions.unsuggested(conn, CAMPAIGN, "rules:1", 9) == []
    compute_values(conn, three)
    assert suggestions.unsuggested(conn, CAMPAIGN, "rules:1", 9) == three
    suggest(conn, a_suggestion(three[0]), names=three[:2])  # nothing is an answer too
    assert suggestions.unsuggested(conn, CAMPAIGN, "rules:1", 9) == three[2:]
    assert suggestions.unsuggested(conn, CAMPAIGN, "rules:2", 2) == three[:2]
    assert suggestions.unsuggested(conn, "SOP-2027", "rules:1", 9) == three


def test_an_initiative_that_changed_is_suggested_again(conn, three):
    compute_values(conn, three)
    suggest(conn, names=three)
    initiatives.save_values(conn, {three[1]: {"title": a_value(value="Autre")}}, NOW)
    assert suggestions.unsuggested(conn, CAMPAIGN, "rules:1", 9) == [three[1]]


def test_new_suggestions_replace_the_former(conn, three):
    name = three[0]
    suggest(conn, a_suggestion(name, "heritage"), a_suggestion(name, "solidarite", p=0.95))
    scope = a_suggestion(name, "in", kind=SuggestionKind.SCOPE)
    suggest(conn, a_suggestion(name, "engagement", model="rules:2"), scope, model="rules:2")
    found = suggestions.of(conn, [name], campaign=CAMPAIGN)
    assert [(one.kind, one.value) for one in found] == [("scope", "in"), ("theme", "engagement")]
    suggest(conn)
    assert suggestions.of(conn, [name], campaign="SOP-2027") == []


def test_an_archived_campaign_takes_no_suggestion(conn, three):
    campaigns.archive(conn, CAMPAIGN, NOW)
    with pytest.raises(Conflict, match="archivée"):
        suggest(conn, a_suggestion(three[0]))


def test_suggestions_take_a_constant_number_of_statements(conn, three, statements):
    statements.clear()
    suggest(conn, *(a_suggestion(name) for name in three))
    assert len(statements) == 6  # the line of the lists is the sixth


# --- dossiers --------------------------------------------------------------------------------


def test_a_dossier_holds_everything(conn):
    awards.register_labels(conn, {"terre-de-jeux": "Terre de Jeux 2024"})
    [one, two] = stored_mentions(conn, [a_mention("1"), a_mention("2")])
    name = stored_initiative(conn, one, two)
    suggestion = a_suggestion(name)
    suggest(conn, suggestion)
    award = Award(label="terre-de-jeux", initiative=name, starts_on=date(2024, 1, 1))
    awards.save(conn, [award])
    note = Decision(
        initiative=name, campaign=CAMPAIGN, kind=DecisionKind.NOTE, by="user:anne", at=NOW
    )
    kept = decisions.add(conn, note)
    [dossier] = dossiers(conn, CAMPAIGN)
    assert dossier.initiative == initiatives.get(conn, [name])[0]
    assert dossier.mentions == tuple(sorted((one, two), key=lambda m: m.id))
    assert dossier.suggestions == (suggestion,)
    assert dossier.decisions == (kept,)
    assert dossier.awards == (award,)
    [elsewhere] = dossiers(conn, "SOP-2027")
    assert (elsewhere.suggestions, elsewhere.decisions) == ((), ())


def test_what_was_decided_on_a_merged_initiative_is_in_the_survivor_s_dossier(conn, three):
    gone, keep, _ = three
    note = Decision(
        initiative=gone, campaign=CAMPAIGN, kind=DecisionKind.REJECT, by="user:anne", at=NOW
    )
    kept = decisions.add(conn, note)
    [mention] = initiatives.get(conn, [gone])[0].mentions
    plan = [
        PlaceMention(mention=mention, initiative=keep),
        JoinInitiative(initiative=gone, into=keep),
    ]
    initiatives.apply(conn, plan, NOW)
    found = {d.initiative.id: d for d in dossiers(conn, CAMPAIGN)}
    assert set(found) == set(three[1:])
    assert found[keep].decisions == (kept,)


def test_dossiers_are_chosen_by_id_status_and_campaign(conn, three):
    done = Decision(
        initiative=three[1], campaign=CAMPAIGN, kind=DecisionKind.APPROVE, by="user:a", at=NOW
    )
    decisions.add(conn, done)
    registered = [InitiativeStatus.REGISTERED]
    assert [d.initiative.id for d in dossiers(conn, CAMPAIGN, status=registered)] == [three[1]]
    assert [d.initiative.id for d in dossiers(conn, CAMPAIGN, ids=three[:1])] == three[:1]
    only = replace(a_mention("9"), campaign="SOP-2027")
    own = stored_initiative(conn, *stored_mentions(conn, [only]))
    assert own not in {d.initiative.id for d in dossiers(conn, CAMPAIGN)}
    assert own in {d.initiative.id for d in dossiers(conn, "SOP-2027")}
    assert count(conn, CAMPAIGN) == 3
    assert count(conn, CAMPAIGN, status=registered) == 1


def test_dossiers_stream_in_batches_with_a_constant_number_of_statements(conn, three, statements):
    statements.clear()
    assert [d.initiative.id for d in dossiers(conn, CAMPAIGN, batch=1)] == three
    one_by_one = len(statements)
    statements.clear()
    assert len(list(dossiers(conn, CAMPAIGN))) == 3
    at_once = len(statements)
    assert at_once <= 11
    assert one_by_one == 1 + 3 * (at_once - 1)


def test_a_reader_that_stops_midway_leaves_no_cursor_open(conn, three):
    reading = dossiers(conn, CAMPAIGN, batch=1)
    assert next(reading).initiative.id == three[0]

    reading.close()

    assert conn.exec_driver_sql("select count(*) from pg_cursors").scalar_one() == 0
