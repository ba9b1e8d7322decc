from dataclasses import replace
from itertools import combinations

import pytest

from domain.records import Question
from domain.statuses import Relation
from storage import matches
from tests.builders import NOW, a_mention, a_verdict, later, stored_mentions


@pytest.fixture
def ids(conn):
    return sorted(m.id for m in stored_mentions(conn, [a_mention(str(n)) for n in range(6)]))


def unnumbered(verdicts):
    return [replace(one, id=0) for one in verdicts]


def test_a_machine_verdict_supersedes_the_machine_whatever_its_version(conn, ids):
    a, b, *_ = ids
    first = a_verdict(a, b)
    second = a_verdict(a, b, Relation.DIFFERENT, by="matching:2")
    matches.add_verdicts(conn, [first])
    matches.add_verdicts(conn, [second])
    assert unnumbered(matches.verdicts(conn, [b])) == [second]
    assert unnumbered(matches.history(conn, a, b)) == [first, second]


def test_a_verdict_repeated_adds_nothing(conn, ids):
    a, b, *_ = ids
    said = a_verdict(a, b)
    matches.add_verdicts(conn, [said])
    matches.add_verdicts(conn, [replace(said, at=later(hours=1))])
    matches.add_verdicts(conn, [])
    assert unnumbered(matches.history(conn, a, b)) == [said]
    matches.add_verdicts(conn, [replace(said, p=0.5)])
    assert len(matches.history(conn, a, b)) == 2


def test_people_and_machine_may_disagree_and_all_is_told(conn, ids):
    a, b, *_ = ids
    said = [
        a_verdict(a, b),
        a_verdict(a, b, Relation.DIFFERENT, by="user:anne", p=None),
        a_verdict(a, b, Relation.UNSURE, by="user:omar", p=None),
    ]
    matches.add_verdicts(conn, said)
    kept = matches.verdicts(conn, [a])
    assert sorted(unnumbered(kept), key=lambda v: v.by) == said
    assert matches.by_people(conn) == [one for one in kept if one.by_person]


def test_between_mentions_only_what_ties_two_of_them_is_read(conn, ids):
    a, b, c, *_ = ids
    said = [
        a_verdict(a, b),
        a_verdict(a, b, Relation.DIFFERENT, by="user:anne", p=None),
        a_verdict(b, c),
    ]
    matches.add_verdicts(conn, said)
    kept = unnumbered(matches.between(conn, [a, b]))
    assert sorted(kept, key=lambda v: v.by) == said[:2]
    assert matches.between(conn, [a]) == []


def test_many_verdicts_get_their_own_ids(conn, ids):
    given = [a_verdict(a, b, p=(a + b) % 7 / 7) for a, b in combinations(ids, 2)]
    matches.add_verdicts(conn, given)
    kept = matches.verdicts(conn, ids)
    assert len({one.id for one in kept}) == len(given)
    assert sorted(unnumbered(kept), key=lambda v: (v.a, v.b)) == given


# --- questions -------------------------------------------------------------------------------


def a_question(a, b, worth=1.0):
    return Question(a=a, b=b, p={Relation.SAME: 0.5, Relation.DIFFERENT: 0.5}, worth=worth)


def test_the_question_worth_most_comes_first(conn, ids):
    a, b, c, *_ = ids
    asked = [a_question(a, b, 1), a_question(a, c, 3), a_question(b, c, 2)]
    matches.put_questions(conn, asked, NOW)
    assert [q.worth for q in matches.questions(conn, 2)] == [3, 2]
    assert matches.questions(conn, 9)[2] == asked[0]


def test_a_question_asked_again_is_brought_up_to_date(conn, ids):
    a, b, *_ = ids
    matches.put_questions(conn, [a_question(a, b, 1)], NOW)
    matches.put_questions(conn, [a_question(a, b, 5)], NOW)
    assert matches.questions(conn, 9) == [a_question(a, b, 5)]


def test_what_a_person_answered_is_never_asked_again(conn, ids):
    a, b, c, *_ = ids
    matches.put_questions(conn, [a_question(a, b), a_question(a, c)], NOW)
    matches.add_verdicts(conn, [a_verdict(a, b, Relation.UNSURE, by="user:anne", p=None)])
    matches.add_verdicts(conn, [a_verdict(a, c)])  # the machine's word closes nothing
    assert matches.questions(conn, 9) == [a_question(a, c)]
    matches.put_questions(conn, [a_question(a, b)], NOW)
    assert matches.questions(conn, 9) == [a_question(a, c)]


def test_a_question_that_is_settled_is_withdrawn_and_may_come_back(conn, ids):
    a, b, c, d, *_ = ids
    matches.put_questions(conn, [a_question(a, b), a_question(a, c), a_question(c, d)], NOW)
    matches.withdraw(conn, [(a, b)], NOW)
    assert [(q.a, q.b) for q in matches.questions(conn, 9)] == [(a, c), (c, d)]
    matches.withdraw(conn, [(a, c), (c, d)], NOW)
    assert matches.questions(conn, 9) == []
    matches.put_questions(conn, [a_question(a, b)], NOW)
    assert [(q.a, q.b) for q in matches.questions(conn, 9)] == [(a, b)]
