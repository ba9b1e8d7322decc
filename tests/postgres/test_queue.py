"""The queue: no card to two people, no decision lost or doubled, two blind looks, controls."""

import threading

import pytest
from sqlalchemy import select, text

from domain.errors import Conflict, NotAllowed, NotFound
from domain.records import Decision
from domain.statuses import CardState, DecisionKind, InitiativeStatus, Look, Role
from storage import answers, boxes, decisions, initiatives, outbox, queue, suggestions, tables
from storage.queue import Box, Filters
from tests.builders import NOW, a_suggestion, later
from tests.review import CAMPAIGN, an_account, an_answer, stored_cards

ALL = Filters(campaign=CAMPAIGN)


@pytest.fixture
def lea(conn):
    return an_account(conn, "lea")


@pytest.fixture
def max_(conn):
    return an_account(conn, "max")


def hold(conn, who, count=8, now=NOW, wanted=ALL, **more):
    return [c.initiative for c in queue.lease(conn, who, wanted, now, count=count, **more)]


def status(conn, name):
    return initiatives.get(conn, [name])[0].status


def state(conn, name):
    query = select(tables.cards.c.state).where(tables.cards.c.initiative == name)
    return conn.execute(query).scalar_one()


def doubled(conn):
    conn.execute(tables.cards.update().values(doubled=True))


# --- leases ----------------------------------------------------------------------------------


def test_two_people_never_hold_the_same_card(conn, lea, max_):
    names = stored_cards(conn, 6)
    first, second = hold(conn, lea, 4), hold(conn, max_, 4)
    assert sorted([*first, *second]) == sorted(names)
    assert hold(conn, max_, 4) == second  # one's own come again
    assert hold(conn, lea, 4, have=first) == []


def test_a_lease_ends_after_ten_minutes_unless_renewed_or_given_back(conn, lea, max_):
    [name] = stored_cards(conn, 1)
    hold(conn, lea)
    assert hold(conn, max_, now=later(minutes=9)) == []
    queue.renew(conn, lea.id, later(minutes=9))
    assert hold(conn, max_, now=later(minutes=11)) == []
    assert hold(conn, max_, now=later(minutes=20)) == [name]
    assert queue.release(conn, max_.id) == 1
    assert hold(conn, lea, now=later(minutes=20)) == [name]


def test_a_page_left_behind_does_not_give_back_what_a_later_page_took(conn, lea):
    stored_cards(conn, 1)
    hold(conn, lea)
    before = (NOW + queue.LEASE).isoformat()
    hold(conn, lea, now=later(seconds=1))  # the page was reloaded; then the beacon arrives
    assert queue.release(conn, lea.id, until=before) == 0
    with pytest.raises(NotFound):
        queue.release(conn, lea.id, until="hier")


def test_one_statement_takes_the_cards(conn, lea, statements):
    stored_cards(conn, 3)
    statements.clear()
    hold(conn, lea, 2)
    assert len([s for s in statements if "UPDATE cards" in s]) == 1
    assert "SKIP LOCKED" in statements[0]


# --- order and boxes -------------------------------------------------------------------------


def test_the_most_uncertain_come_first_and_groups_alternate(conn, lea):
    by_gap = stored_cards(conn, 3)
    by_digne = stored_cards(conn, 1, source="digne", who=_by("Ville de Digne"))
    unsure = stored_cards(conn, 1, source="nice", who=_by("Ville de Nice"))
    one = a_suggestion(unsure[0], campaign=CAMPAIGN, p=0.52)
    suggestions.save(conn, {unsure[0]: [one]}, NOW, campaign=CAMPAIGN, model="rules:2")
    assert hold(conn, lea) == [unsure[0], by_gap[0], by_digne[0], *by_gap[1:]]


def test_boxes_filter(conn, lea):
    gap = stored_cards(conn, 1)
    nice = stored_cards(conn, 1, source="nice", where=_in("06"))
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, department="06")) == nice
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, source="gap")) == gap
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, theme="solidarite")) == []
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, theme="heritage")) == [*gap, *nice]
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, box=Box.REOPENED)) == []
    assert boxes.facets(conn, CAMPAIGN).departments == {"05": 1, "06": 1}


def test_territory_and_own_organisation_are_kept_away(conn):
    stored_cards(conn, 1)
    nice = stored_cards(conn, 1, source="nice", where=_in("06"), who=_by("Club de Nice"))
    local = an_account(conn, "local", departments=("06",))
    club = an_account(conn, "club", organisation="CLUB de Nice")
    assert hold(conn, local) == nice
    queue.release(conn, local.id)
    assert nice[0] not in hold(conn, club)
    queue.release(conn, club.id)
    with pytest.raises(NotAllowed):
        answers.answer(conn, club, an_answer(nice[0]), NOW)


# --- answering -------------------------------------------------------------------------------


def test_an_approval_registers_tells_and_closes(conn, lea):
    [name] = stored_cards(conn, 1)
    hold(conn, lea)
    done = answers.answer(conn, lea, an_answer(name, themes=("heritage", "engagement")), NOW)
    assert done.look is Look.FIRST
    assert status(conn, name) is InitiativeStatus.REGISTERED
    [decision] = decisions.of(conn, [name])
    assert (decision.by, set(decision.value["themes"])) == ("user:lea", {"heritage", "engagement"})
    [event] = [e for e in outbox.unpublished(conn) if e.event == "paat.decisions.recorded"]
    assert event.payload["decision"] == decision.id
    assert hold(conn, lea) == []


def test_the_same_key_twice_is_one_decision(conn, lea):
    [name] = stored_cards(conn, 1)
    given = an_answer(name)
    first, again = (answers.answer(conn, lea, given, NOW) for _ in range(2))
    assert (again.again, again.decision) == (True, first.decision)
    assert len(decisions.of(conn, [name])) == 1


def test_a_stale_card_is_refused_and_nothing_changes(conn, lea):
    [name] = stored_cards(conn, 1)
    initiatives.bump(conn, [name], NOW)
    with pytest.raises(Conflict, match="version"):
        answers.answer(conn, lea, an_answer(name), NOW)


def test_an_expired_lease_still_counts_unless_somebody_took_the_card(conn, lea, max_):
    names = stored_cards(conn, 2)
    hold(conn, lea)
    late = later(minutes=15)
    answers.answer(conn, lea, an_answer(names[0]), late)
    assert hold(conn, max_, now=late) == [names[1]]
    with pytest.raises(Conflict, match="someone else holds"):
        answers.answer(conn, lea, an_answer(names[1]), late)


def test_a_skipped_card_waits_for_others_and_in_its_box(conn, lea, max_):
    [name] = stored_cards(conn, 1)
    answers.answer(conn, lea, an_answer(name, DecisionKind.SKIP), NOW)
    assert hold(conn, lea) == []
    assert hold(conn, lea, wanted=Filters(campaign=CAMPAIGN, box=Box.SKIPPED)) == [name]
    queue.release(conn, lea.id)
    assert hold(conn, max_) == [name]
    assert status(conn, name) is InitiativeStatus.WAITING


def test_a_decision_taken_elsewhere_closes_the_card_and_its_undo_opens_it(conn, lea):
    [name] = stored_cards(conn, 1)
    values = {"initiative": name, "campaign": CAMPAIGN, "by": lea.by, "at": NOW}
    kept = decisions.add(conn, Decision(kind=DecisionKind.REJECT, **values))
    assert hold(conn, lea) == []
    decisions.add(conn, Decision(kind=DecisionKind.UNDO, undoes=kept.id, **values))
    assert hold(conn, lea) == [name]


def test_a_reopened_review_comes_back_to_everyone(conn, lea):
    [name] = stored_cards(conn, 1)
    answers.answer(conn, lea, an_answer(name), NOW)
    conn.execute(text("update initiatives set status = 'reopened'"))
    found = {name: [a_suggestion(name, campaign=CAMPAIGN)]}
    suggestions.save(conn, found, later(hours=1), campaign=CAMPAIGN, model="rules:1")
    box = Filters(campaign=CAMPAIGN, box=Box.REOPENED)
    assert hold(conn, lea, wanted=box, now=later(hours=1)) == [name]


# --- undo ------------------------------------------------------------------------------------


def test_undo_takes_back_ones_last_answer_one_after_the_other(conn, lea):
    names = stored_cards(conn, 3)
    for name in names[:2]:
        answers.answer(conn, lea, an_answer(name), NOW)
    answers.answer(conn, lea, an_answer(names[2], DecisionKind.SKIP), NOW)
    assert [answers.undo_last(conn, lea, CAMPAIGN, later(minutes=1)) for _ in names] == names[::-1]
    assert {status(conn, name) for name in names} == {InitiativeStatus.WAITING}
    assert sorted(hold(conn, lea, now=later(minutes=1))) == sorted(names)
    with pytest.raises(NotFound):
        answers.undo_last(conn, lea, CAMPAIGN, later(minutes=1))


def test_undo_is_refused_once_somebody_else_has_answered(conn, lea, max_):
    [name] = stored_cards(conn, 1)
    doubled(conn)
    answers.answer(conn, lea, an_answer(name), NOW)
    answers.answer(conn, max_, an_answer(name, version=3), NOW)
    with pytest.raises(Conflict):
        answers.undo_last(conn, lea, CAMPAIGN, NOW)


# --- two looks, arbitration, controls --------------------------------------------------------


def test_a_tenth_of_the_cards_gets_a_second_look_and_so_does_every_label(conn):
    names = stored_cards(conn, 300)
    found = {name: [a_suggestion(name, campaign=CAMPAIGN)] for name in names}
    suggestions.save(conn, found, NOW, campaign=CAMPAIGN, model="rules:1")
    sampled = conn.execute(text("select count(*) from cards where doubled")).scalar_one()
    assert 10 <= sampled <= 60
    label = a_suggestion(names[0], "terre-de-jeux", kind="label", campaign=CAMPAIGN)
    suggestions.save(conn, {names[0]: [label]}, NOW, campaign=CAMPAIGN, model="rules:1")
    assert conn.execute(
        select(tables.cards.c.doubled).where(tables.cards.c.initiative == names[0])
    ).scalar_one()


def test_two_looks_that_agree_settle_the_card(conn, lea, max_):
    [name] = stored_cards(conn, 1)
    doubled(conn)
    answers.answer(conn, lea, an_answer(name), NOW)
    assert hold(conn, lea) == []  # not one's own second look
    assert hold(conn, max_) == [name]
    done = answers.answer(conn, max_, an_answer(name, version=3), NOW)
    assert (done.look, done.disagrees) == (Look.SECOND, False)
    assert state(conn, name) == CardState.DONE
    assert len(decisions.of(conn, [name])) == 1


def test_two_looks_that_disagree_go_to_arbitration(conn, lea, max_):
    [name] = stored_cards(conn, 1)
    doubled(conn)
    answers.answer(conn, lea, an_answer(name), NOW)
    done = answers.answer(conn, max_, an_answer(name, DecisionKind.REJECT, version=3), NOW)
    assert done.disagrees
    assert status(conn, name) is InitiativeStatus.REGISTERED  # in force until arbitrated
    judge = an_account(conn, "judge", Role.COMMITTEE)
    box = Filters(campaign=CAMPAIGN, box=Box.DISAGREEMENTS)
    assert hold(conn, judge) == []
    assert hold(conn, judge, wanted=box) == [name]
    last = answers.answer(conn, judge, an_answer(name, DecisionKind.REJECT, version=3), NOW)
    assert last.look is Look.ARBITRATION
    assert status(conn, name) is InitiativeStatus.REJECTED
    assert state(conn, name) == CardState.DONE


def test_a_control_comes_after_twenty_four_answers_and_changes_nothing(conn, lea, max_):
    [known, *others] = stored_cards(conn, 30)
    doubled(conn)
    answers.answer(conn, lea, an_answer(known), NOW)
    answers.answer(conn, max_, an_answer(known, version=3), NOW)
    conn.execute(tables.cards.update().values(doubled=False))
    judge = an_account(conn, "judge")
    for name in others[: queue.CONTROL_EVERY - 1]:
        assert known not in hold(conn, judge, 1)
        answers.answer(conn, judge, an_answer(name), NOW)
    assert hold(conn, judge, 1)[-1] == known
    wrong = an_answer(known, DecisionKind.REJECT, version=3)
    assert answers.answer(conn, judge, wrong, NOW).look is Look.CONTROL
    assert status(conn, known) is InitiativeStatus.REGISTERED
    assert known not in hold(conn, judge, 8)


# --- many at once ----------------------------------------------------------------------------


def _review_until_empty(database, account, seen):
    """Take one card at a time and answer it, as sixteen people would."""
    while True:
        with database.begin() as conn:
            cards = queue.lease(conn, account, ALL, NOW, count=4)
        if not cards:
            return
        for card in cards:
            seen.append(card.initiative)
            with database.begin() as conn:
                answers.answer(conn, account, an_answer(card.initiative), NOW)


def _together(database, cards, people):
    with database.begin() as conn:
        for _ in range(cards // 250):
            stored_cards(conn, 250)
        accounts = [an_account(conn, f"relecteur-{n}") for n in range(people)]
    seen: list[str] = []
    threads = [
        threading.Thread(target=_review_until_empty, args=(database, one, seen)) for one in accounts
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.begin() as conn:
        decided = conn.execute(select(tables.decisions.c.initiative)).scalars().all()
        left = conn.execute(text("select count(*) from cards where state = 'open'")).scalar_one()
    assert len(seen) == len(set(seen)), "a card was given to two people"
    assert (len(decided), len(set(decided)), left) == (cards, cards, 0)


def test_four_people_at_once_share_the_queue(database):
    _together(database, 250, 4)


@pytest.mark.slow
def test_sixteen_people_take_4000_decisions_without_a_double_or_a_loss(database):
    _together(database, 4000, 16)


def _by(name):
    from domain.records import Who

    return Who(name=name)


def _in(department):
    from domain.records import Where

    return Where(department=department)
