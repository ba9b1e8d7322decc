"""What two looks and controls say, read back."""

from domain.statuses import DecisionKind
from review.pages.agreement import by_pair, by_question
from storage import agreement, answers, tables
from tests.builders import NOW
from tests.review import CAMPAIGN, an_account, an_answer, stored_cards


def test_two_looks_are_paired_and_measured(conn):
    lea, max_ = an_account(conn, "lea"), an_account(conn, "max")
    names = stored_cards(conn, 3)
    conn.execute(tables.cards.update().values(doubled=True))
    for name in names:
        answers.answer(conn, lea, an_answer(name), NOW)
    answers.answer(conn, max_, an_answer(names[0], version=3), NOW)
    answers.answer(conn, max_, an_answer(names[1], version=3, themes=("solidarite",)), NOW)
    answers.answer(conn, max_, an_answer(names[2], DecisionKind.REJECT, version=3), NOW)
    looks = agreement.two_looks(conn, CAMPAIGN)
    assert [one.kinds[1] for one in looks] == ["approve", "approve", "reject"]
    found = by_question(looks)
    assert found["Dans le champ"].raw == 2 / 3
    assert (found["Héritage"].cards, found["Héritage"].raw) == (2, 0.5)
    assert by_pair(looks) == [("lea", "max", 3, 1)]


def test_controls_count_right_answers(conn):
    lea, max_, judge = (an_account(conn, name) for name in ("lea", "max", "judge"))
    [name] = stored_cards(conn, 1)
    conn.execute(tables.cards.update().values(doubled=True))
    answers.answer(conn, lea, an_answer(name), NOW)
    answers.answer(conn, max_, an_answer(name, version=3), NOW)
    conn.execute(tables.cards.update().values(leased_by=judge.id, leased_until=NOW))
    answers.answer(conn, judge, an_answer(name, version=3), NOW)
    [row] = agreement.controls(conn, CAMPAIGN)
    assert (row.name, row.asked, row.right) == ("judge", 1, 1)
