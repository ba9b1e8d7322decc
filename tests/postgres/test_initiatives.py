from dataclasses import replace
from datetime import date, time

import pytest

from domain.errors import Conflict
from domain.intents import (
    AskReviewer,
    Forget,
    JoinInitiative,
    MoveEdition,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Remember,
    Split,
    Withdraw,
)
from domain.records import Decision, Occurrence, Question
from domain.statuses import DecisionKind, EventStatus, InitiativeStatus, Relation
from storage import decisions, initiatives, matches, mentions, values
from storage.joining import inherited
from tests.builders import (
    NOW,
    a_mention,
    a_value,
    a_verdict,
    an_id,
    an_occurrence,
    later,
    stored_initiative,
    stored_mentions,
)

W, R, J, AGAIN = (
    InitiativeStatus.WAITING,
    InitiativeStatus.REGISTERED,
    InitiativeStatus.REJECTED,
    InitiativeStatus.REOPENED,
)


@pytest.fixture
def many(conn):
    stored = stored_mentions(conn, [a_mention(str(n)) for n in range(6)])
    return sorted(stored, key=lambda m: m.id)


def one(conn, name):
    [found] = initiatives.get(conn, [name])
    return found


def decide(conn, name, kind=DecisionKind.APPROVE, **changes):
    given = {"campaign": "PAAT-2024", "by": "user:anne", "at": later(minutes=1), **changes}
    return decisions.add(conn, Decision(initiative=name, kind=kind, **given))


# --- placing ---------------------------------------------------------------------------------


def test_a_plan_makes_initiatives_with_editions_and_undated_mentions(conn, many):
    name, y2024, y2025, part = an_id(), "ED-1", "ED-2", "ED-3"
    plan = [
        NewInitiative(initiative=name),
        NewEdition(edition=part, initiative=name, part_of=y2025),
        NewEdition(edition=y2024, initiative=name, label="2024"),
        NewEdition(edition=y2025, initiative=name, label="2025"),
        PlaceMention(mention=many[0].id, initiative=name, edition=y2024),
        PlaceMention(mention=many[1].id, initiative=name, edition=y2025),
        PlaceMention(mention=many[2].id, initiative=name),
    ]
    done = initiatives.apply(conn, plan, NOW, matched=[m.id for m in many])
    assert (done.created, done.placed, done.touched) == (1, 3, (name,))
    found = one(conn, name)
    assert [(e.label, e.mentions, e.part_of) for e in found.editions] == [
        ("2024", (many[0].id,), None),
        ("2025", (many[1].id,), None),
        ("", (), y2025),
    ]
    assert found.undated == (many[2].id,)
    assert (found.version, found.status, found.created_at) == (1, W, NOW)
    assert mentions.unmatched(conn, 9) == []
    assert initiatives.by_mentions(conn, [many[1].id, many[5].id]) == [found]


def test_a_plan_carried_out_twice_changes_nothing(conn, many):
    a, b, *_ = many
    keep, gone = stored_initiative(conn, a), stored_initiative(conn, b)
    edition = one(conn, keep).editions[0].id
    plan = [
        PlaceMention(mention=b.id, initiative=keep, edition=edition),
        JoinInitiative(initiative=gone, into=keep),
        Remember(verdicts=(a_verdict(a.id, b.id),)),
    ]
    first = initiatives.apply(conn, plan, later(hours=1))
    stored = initiatives.get(conn, [keep, gone])
    second = initiatives.apply(conn, plan, later(hours=2))
    assert (first.joined, first.touched) == (1, (keep, gone))
    assert (second.joined, second.placed, second.touched) == (0, 0, ())
    assert initiatives.get(conn, [keep, gone]) == stored


def test_a_mention_placed_elsewhere_leaves_where_it_was(conn, many):
    a, b, *_ = many
    first, second = stored_initiative(conn, a, b), stored_initiative(conn)
    initiatives.apply(conn, [PlaceMention(mention=b.id, initiative=second)], later(hours=1))
    assert one(conn, first).mentions == (a.id,)
    assert one(conn, second).undated == (b.id,)
    assert (one(conn, first).version, one(conn, first).changed_at) == (2, later(hours=1))
    due = {i.id for i in initiatives.without_values(conn, 9)}
    assert due == {first, second}


def test_an_edition_moves_with_its_mentions(conn, many):
    a, b, *_ = many
    first, second = stored_initiative(conn, a), stored_initiative(conn, b)
    moved = one(conn, first).editions[0].id
    festival = one(conn, second).editions[0].id
    plan = [MoveEdition(edition=moved, initiative=second, part_of=festival)]
    done = initiatives.apply(conn, plan, later(hours=1))
    assert done.touched == (first, second)
    assert one(conn, first).mentions == ()
    found = {e.id: (e.mentions, e.part_of) for e in one(conn, second).editions}
    assert found == {moved: ((a.id,), festival), festival: ((b.id,), None)}


def test_a_plan_asks_and_remembers(conn, many):
    a, b, c, *_ = many
    question = Question(a=a.id, b=b.id, p={Relation.SAME: 0.5}, worth=2)
    plan = [AskReviewer(question=question), Remember(verdicts=(a_verdict(a.id, c.id),))]
    assert initiatives.apply(conn, plan, NOW, matched=[a.id]).asked == 1
    assert matches.questions(conn, 9) == [question]
    assert len(matches.verdicts(conn, [c.id])) == 1
    initiatives.apply(conn, [Withdraw(a=a.id, b=b.id), Forget(a=a.id, b=c.id)], NOW)
    assert matches.questions(conn, 9) == matches.verdicts(conn, [c.id]) == []


@pytest.mark.parametrize("case", ["merged", "foreign edition", "not emptied", "unknown"])
def test_a_plan_that_no_longer_fits_is_refused(conn, many, case):
    a, b, c, *_ = many
    first, second = stored_initiative(conn, a), stored_initiative(conn, b)
    foreign = one(conn, second).editions[0].id
    plan = {
        "merged": [PlaceMention(mention=c.id, initiative=first)],
        "foreign edition": [PlaceMention(mention=c.id, initiative=first, edition=foreign)],
        "not emptied": [JoinInitiative(initiative=second, into=first)],
        "unknown": [JoinInitiative(initiative=second, into="PAAT-93-X")],
    }[case]
    if case == "merged":
        away = PlaceMention(mention=a.id, initiative=second)
        initiatives.apply(conn, [away, JoinInitiative(initiative=first, into=second)], NOW)
    with pytest.raises(Conflict, match="make the plan again"):
        initiatives.apply(conn, plan, NOW)


def test_a_plan_takes_a_constant_number_of_statements(conn, statements):
    stored = stored_mentions(conn, [a_mention(str(n)) for n in range(200)])
    names = [an_id() for _ in stored]
    plan = [NewInitiative(initiative=name) for name in names]
    plan += [NewEdition(edition=f"ED-{name}", initiative=name) for name in names]
    plan += [
        PlaceMention(mention=m.id, initiative=name, edition=f"ED-{name}")
        for m, name in zip(stored, names, strict=True)
    ]
    statements.clear()
    initiatives.apply(conn, plan, NOW, matched=[m.id for m in stored])
    assert len(statements) <= 11
    statements.clear()
    assert len(initiatives.get(conn, names)) == 200
    assert len(statements) == 5


# --- joining and splitting -------------------------------------------------------------------


def merge(conn, gone, into, at=NOW):
    """As matching plans it: its edition moves with its mentions, then it points to the other."""
    found = one(conn, gone)
    plan = [
        *(MoveEdition(edition=e.id, initiative=into) for e in found.editions),
        *(PlaceMention(mention=m, initiative=into) for m in found.undated),
        JoinInitiative(initiative=gone, into=into),
    ]
    return initiatives.apply(conn, plan, at)


def undo(conn, name):
    return initiatives.apply(conn, initiatives.undo_join(conn, name), later(hours=5))


def known(found):
    return replace(found, version=0, changed_at=NOW)


def test_an_unmerge_gives_back_exactly_what_was(conn, many):
    a, b, c, d, *_ = many
    keep, gone = stored_initiative(conn, a, b), stored_initiative(conn, c)
    festival = one(conn, keep).editions[0].id
    part = an_id("ED")
    more = [
        NewEdition(edition=part, initiative=gone, label="2025", part_of=festival),
        PlaceMention(mention=d.id, initiative=gone),
    ]
    initiatives.apply(conn, more, NOW)
    decide(conn, gone)
    decide(conn, gone, DecisionKind.EDIT, value={"field": "title", "value": "Le vrai titre"})
    before = [known(i) for i in initiatives.get(conn, [keep, gone])]

    merge(conn, gone, keep)
    assert one(conn, gone).merged_into == keep
    assert one(conn, keep).mentions == (a.id, b.id, c.id, d.id)
    assert one(conn, keep).status == R  # the decision of a person outlives the merge
    assert one(conn, keep).value("title") == "Le vrai titre"
    assert initiatives.resolve(conn, gone) == keep

    assert undo(conn, gone).split == 1
    assert [known(i) for i in initiatives.get(conn, [keep, gone])] == before
    with pytest.raises(Conflict, match="not merged"):
        initiatives.undo_join(conn, gone)


def test_a_merge_into_an_edition_is_undone_too(conn, many):
    a, b, *_ = many
    keep, gone = stored_initiative(conn, a), stored_initiative(conn, b)
    edition = one(conn, keep).editions[0].id
    before = [known(i) for i in initiatives.get(conn, [keep, gone])]
    plan = [
        PlaceMention(mention=b.id, initiative=keep, edition=edition),
        JoinInitiative(initiative=gone, into=keep),
    ]
    initiatives.apply(conn, plan, NOW)
    undo(conn, gone)
    assert [known(i) for i in initiatives.get(conn, [keep, gone])] == before
    assert initiatives.apply(conn, [Split(initiative=gone)], NOW).split == 0


def test_a_survivor_taken_into_the_edition_of_the_other_gets_its_own_back(conn, many):
    """The edition kept may be that of the initiative that goes: here of its festival too."""
    a, b, c, *_ = many
    keep, gone = stored_initiative(conn, a, c), stored_initiative(conn, b)
    [own], [other] = ([e.id for e in one(conn, i).editions] for i in (keep, gone))
    later_one = an_id("ED")
    plan = [
        NewEdition(edition=later_one, initiative=keep, label="2026"),
        PlaceMention(mention=c.id, initiative=keep, edition=later_one),
    ]
    initiatives.apply(conn, plan, NOW)
    before = [known(i) for i in initiatives.get(conn, [keep, gone])]
    plan = [
        MoveEdition(edition=other, initiative=keep),
        MoveEdition(edition=later_one, initiative=keep, part_of=other),
        PlaceMention(mention=a.id, initiative=keep, edition=other),
        JoinInitiative(initiative=gone, into=keep),
    ]
    initiatives.apply(conn, plan, NOW)
    assert one(conn, keep).mentions == (a.id, b.id, c.id)
    undo(conn, gone)
    assert [known(i) for i in initiatives.get(conn, [keep, gone])] == before
    assert {e.id: e.mentions for e in one(conn, keep).editions} == {
        own: (a.id,),
        later_one: (c.id,),
    }


def test_a_decision_taken_since_the_merge_survives_the_unmerge(conn, many):
    a, b, *_ = many
    keep, gone = stored_initiative(conn, a), stored_initiative(conn, b)
    decide(conn, gone)
    merge(conn, gone, keep)
    decide(conn, keep)
    undo(conn, gone)
    assert (one(conn, keep).status, one(conn, gone).status) == (R, R)


def test_a_person_value_of_the_survivor_is_not_overwritten_by_a_merge(conn, many):
    a, b, *_ = many
    keep, gone = stored_initiative(conn, a), stored_initiative(conn, b)
    decide(conn, keep, DecisionKind.EDIT, value={"field": "title", "value": "A"})
    decide(conn, gone, DecisionKind.EDIT, value={"field": "title", "value": "B"})
    merge(conn, gone, keep)
    assert one(conn, keep).value("title") == "A"


@pytest.mark.parametrize(
    ("survivor", "absorbed", "result"),
    [
        (W, W, W),
        (W, R, R),
        (W, J, J),
        (R, W, R),
        (R, R, R),
        (J, J, J),
        (R, J, AGAIN),
        (J, R, AGAIN),
    ],
)
def test_what_people_decided_outlives_a_merge(survivor, absorbed, result):
    assert inherited(survivor, absorbed) == result


def test_old_ids_lead_to_the_one_that_lives(conn, many):
    a, b, c, *_ = many
    first, second, third = (stored_initiative(conn, m) for m in (a, b, c))
    merge(conn, first, second)
    merge(conn, second, third)
    assert initiatives.resolve_all(conn, [first, second, third, "?"]) == dict.fromkeys(
        [first, second, third], third
    )
    assert initiatives.merged_with(conn, [third]) == {third: [first, second, third]}
    with pytest.raises(Conflict, match="no such initiative"):
        initiatives.resolve(conn, "?")


# --- values and occurrences ------------------------------------------------------------------


def test_what_a_plan_reads_around_mentions(conn, many):
    """Where they are with all that was merged there, and nothing of the others."""
    a, b, c, *_ = many
    first, second, third = (stored_initiative(conn, m) for m in (a, b, c))
    initiatives.apply(
        conn,
        [
            PlaceMention(mention=b.id, initiative=first),
            JoinInitiative(initiative=second, into=first),
        ],
        NOW,
    )
    whole = {one.id: one for one in initiatives.get(conn, [first, second])}
    found = {one.id: one for one in initiatives.around(conn, [b.id])}
    assert found.keys() == {first, second}
    assert found[first].mentions == whole[first].mentions == (a.id, b.id)
    assert found[second].merged_into == first
    assert found[second].values == whole[second].values
    assert [one.id for one in initiatives.around(conn, [c.id])] == [third]
    assert initiatives.around(conn, []) == []


def test_values_keep_their_provenance_and_their_history(conn, many):
    name = stored_initiative(conn, many[0])
    first = a_value(mention=many[0].id, alternatives=("Fête",), at=NOW)
    assert initiatives.save_values(conn, {name: {"title": first}}, NOW) == [name]
    assert one(conn, name).values == {"title": first}
    assert initiatives.without_values(conn, 9) == []
    second = a_value(value="Fête du sport 2027", at=later(hours=1))
    place = a_value("place", "Gap", at=NOW)
    initiatives.save_values(conn, {name: {"title": second, "place": place}}, later(hours=1))
    assert values.history(conn, name, "title") == [first, second]
    assert one(conn, name).value("place") == "Gap"
    initiatives.save_values(conn, {name: {"title": second}}, later(hours=2))
    assert one(conn, name).values == {"title": second}


def test_the_same_values_again_change_nothing(conn, many):
    name = stored_initiative(conn, many[0])
    given = {"title": a_value(value="a\x00b"), "n": a_value("n", [1, {"x": None}])}
    initiatives.save_values(conn, {name: given}, NOW)
    version = one(conn, name).version
    assert initiatives.save_values(conn, {name: given}, later(hours=1)) == []
    assert one(conn, name).version == version
    assert initiatives.save_values(conn, {}, NOW) == []


def test_a_person_value_is_never_overwritten(conn, many):
    name = stored_initiative(conn, many[0])
    initiatives.save_values(conn, {name: {"title": a_value()}}, NOW)
    decide(conn, name, DecisionKind.EDIT, value={"field": "title", "value": "Le vrai"})
    initiatives.save_values(conn, {name: {"title": a_value(value="Autre")}}, later(hours=1))
    initiatives.save_values(conn, {name: {}}, later(hours=2))
    kept = one(conn, name).values["title"]
    assert (kept.value, kept.rule, kept.by_person) == ("Le vrai", "user:anne", True)


def test_editions_keep_their_dates_label_and_status(conn, many):
    name = stored_initiative(conn, many[0])
    [edition] = one(conn, name).editions
    slots = (
        an_occurrence(date(2027, 6, 5)),
        Occurrence(
            starts_on=date(2027, 6, 6),
            ends_on=date(2027, 6, 7),
            starts_at=time(14, 30),
            ends_at=time(18),
        ),
    )
    held = replace(edition, label="2027", status=EventStatus.MOVED, occurrences=slots)
    initiatives.save_occurrences(conn, [held, held])
    assert one(conn, name).editions == (held,)
    fewer = replace(held, occurrences=slots[1:] * 2)
    initiatives.save_occurrences(conn, [fewer])
    assert one(conn, name).editions == (replace(held, occurrences=slots[1:]),)
    initiatives.save_occurrences(conn, [replace(held, occurrences=())])
    assert one(conn, name).editions[0].occurrences == ()
    initiatives.save_occurrences(conn, [])
