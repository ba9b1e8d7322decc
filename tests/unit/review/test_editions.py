"""An initiative as it is held: series, festivals, why each announcement stands where it does."""

from datetime import date, time, timedelta

import pytest

from domain.records import Edition, Initiative, Occurrence, Question
from domain.series import shape
from domain.statuses import Relation
from review import editions
from tests.builders import NOW, a_mention, a_verdict, an_occurrence


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"editions": 1}, ""),
        ({"editions": 0}, ""),
        ({"editions": 1, "dates": 4}, "une édition, 4 dates"),
        ({"editions": 3}, "série : 3 éditions"),
        ({"editions": 3, "days": 2}, "série : 3 éditions"),
        ({"editions": 2, "days": 1}, "2 temps le même jour"),
        ({"editions": 1, "parts": 1}, "festival : 1 partie"),
        ({"editions": 2, "parts": 3}, "festival : 2 éditions, 3 parties"),
    ],
)
def test_what_is_held_several_times_has_a_name(held, expected):
    assert shape(**held) == expected


def an_initiative(*held, undated=()):
    return Initiative(id="I", created_at=NOW, changed_at=NOW, editions=held, undated=undated)


def an_edition(name, day, *mentions, **more):
    slots = () if day is None else (an_occurrence(day),)
    return Edition(id=name, initiative="I", occurrences=slots, mentions=mentions, **more)


def told(one, **more):
    read = {m: a_mention(str(m), title=f"Annonce {m}", id=m) for m in one.mentions}
    return editions.whole(one, read, **more)


def test_editions_come_by_date_parts_under_their_festival_and_empty_ones_are_left_out():
    day = date(2027, 6, 5)
    one = an_initiative(
        an_edition("B", day, 1),
        an_edition("A", day + timedelta(days=365), 2),
        an_edition("C", day, 3, part_of="B"),
        an_edition("ghost", day),
    )
    found = told(one)
    assert [e.edition.id for e in found.editions] == ["B", "A"]
    assert [e.title for e in found.editions[0].parts] == ["Annonce 3"]
    assert found.shape == "festival : 2 éditions, 1 partie"


def test_a_part_whose_festival_is_elsewhere_stands_by_itself():
    found = told(an_initiative(an_edition("C", date(2027, 6, 5), 3, part_of="gone")))
    assert [e.edition.id for e in found.editions] == ["C"]


def test_what_put_an_announcement_there_is_what_agrees_with_where_it_stands():
    one = an_initiative(an_edition("A", None, 1, 2), an_edition("B", None, 3))
    found = told(
        one,
        verdicts=[
            a_verdict(1, 2, p=0.97),
            a_verdict(1, 3, Relation.OTHER_EDITION, p=0.999),
            a_verdict(2, 3, Relation.DIFFERENT),
        ],
    )
    [first, second], [third] = (e.announced for e in found.editions)
    assert first.why == "même édition que « Annonce 2 » d'après la machine (97 %)"
    assert second.pair == first.pair == (1, 2)
    assert third.why == "autre édition de « Annonce 1 » d'après la machine (99 %)"


def test_a_person_is_named_before_the_machine_and_nothing_said_is_told_as_such():
    one = an_initiative(an_edition("A", None, 1, 2, 4))
    by_lea = a_verdict(1, 2, p=None, by="user:lea")
    [first, _, last] = told(one, verdicts=[a_verdict(1, 4), by_lea]).editions[0].announced
    assert first.why == "même édition que « Annonce 2 » d'après lea"
    assert last.pair == (1, 4)
    [alone] = told(an_initiative(an_edition("A", None, 1))).editions[0].announced
    assert (alone.why, alone.pair) == ("", None)
    [near, _] = told(an_initiative(an_edition("A", None, 1, 2))).editions[0].announced
    assert (near.why, near.pair) == ("", (1, 2))


def test_which_edition_an_undated_one_is_of_is_asked_of_it_alone():
    one = an_initiative(an_edition("A", date(2027, 6, 5), 1), undated=(2,))
    found = told(one, questions=[Question(a=1, b=2, p={}), Question(a=1, b=9, p={})])
    [dated], [undated] = found.editions[0].announced, found.undated
    assert (dated.question, dated.inside) == ((1, 9), False)  # a possible duplicate, elsewhere
    assert (undated.question, undated.inside) == ((1, 2), True)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2027, 6, 4), date(2027, 6, 4), "4 juin 2027"),
        (date(2027, 6, 1), date(2027, 6, 6), "du 1er au 6 juin 2027"),
        (date(2027, 5, 30), date(2027, 6, 2), "du 30 mai 2027 au 2 juin 2027"),
    ],
)
def test_days_are_written_as_one_says_them(first, last, expected):
    assert editions.days(Occurrence(starts_on=first, ends_on=last)) == expected


def test_many_dates_are_counted_and_hours_told():
    day = date(2027, 6, 5)
    slots = [Occurrence(starts_on=day, ends_on=day, starts_at=time(14, 5))]
    slots += [an_occurrence(day + timedelta(days=n)) for n in range(1, 14)]
    said = editions.when(slots)
    assert said.startswith("5 juin 2027 à 14 h 05, 6 juin 2027")
    assert said.endswith("et 2 autres dates")
