"""Lists: words without accents, filters, cursors, one statement a page, 100,000 lines in time."""

import time
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import text

from domain.records import Decision
from domain.statuses import DecisionKind, InitiativeStatus
from storage import db, decisions, initiatives, lists, suggestions, tables
from storage.lists import Wanted
from tests.builders import (
    NOW,
    a_mention,
    a_suggestion,
    a_value,
    an_occurrence,
    later,
    stored_initiative,
    stored_mentions,
)


def _kept(conn, key, *, source="gap", day=None, **fields):
    """A stored initiative whose values are these; its id."""
    [mention] = stored_mentions(conn, [a_mention(key, source)])
    name = stored_initiative(conn, mention)
    values = {f: a_value(f, v) for f, v in fields.items()}
    initiatives.save_values(conn, {name: values}, NOW)
    if day is not None:
        [one] = initiatives.get(conn, [name])
        initiatives.save_occurrences(
            conn, [replace(one.editions[0], occurrences=(an_occurrence(day),))]
        )
    return name


def _found(conn, **wanted):
    return {one.id for one in lists.page(conn, Wanted(**wanted)).lines}


@pytest.mark.parametrize(
    "asked", ["fete", "FÊTE", "fêtes de l'etang", "étang martigues", "foulees", "foul"]
)
def test_words_are_found_whatever_their_accents_case_and_ending(conn, asked):
    name = _kept(
        conn, "1", title="Fête de l'Étang", description="Les foulées", commune_name="Martigues"
    )
    _kept(conn, "2", title="Tournoi de boules")
    assert _found(conn, words=asked) == {name}


def test_only_stop_words_or_signs_filter_nothing_or_find_nothing_but_never_fail(conn):
    name = _kept(conn, "1", title="Fête")
    assert _found(conn, words=" !?& ") == {name}
    for odd in ("de la", "a & | b:*", "' or 1=1", "\u202e\U0001f3c3"):
        lists.page(conn, Wanted(words=odd))


def test_every_filter(conn):
    gap = _kept(conn, "1", title="A", department="05", commune_code="05061", day=date(2027, 6, 5))
    digne = _kept(conn, "2", source="digne", title="B", department="04", day=date(2026, 1, 2))
    nowhere = _kept(conn, "3", source="digne", title="C")
    assert _found(conn, department="05") == {gap}
    assert _found(conn, commune="05061") == {gap}
    assert _found(conn, source="digne") == {digne, nowhere}
    assert _found(conn, first=date(2027, 1, 1)) == {gap}
    assert _found(conn, last=date(2026, 1, 2)) == {digne}
    assert _found(conn, first=date(2026, 1, 2), last=date(2027, 6, 5)) == {gap, digne}
    assert _found(conn, departments=("05",)) == {gap, nowhere}
    assert _found(conn, status=InitiativeStatus.REGISTERED) == set()
    assert _found(conn, campaign="PAAT-2024") == {gap, digne, nowhere}


def test_a_theme_is_what_the_machine_proposes_until_a_person_decides(conn):
    name = _kept(conn, "1", title="A")
    suggestions.save(
        conn, {name: [a_suggestion(name, "heritage")]}, NOW, campaign="PAAT-2024", model="rules:1"
    )
    assert _found(conn, campaign="PAAT-2024", theme="heritage") == {name}
    assert _found(conn, campaign="SOP-2027", theme="heritage") == set()
    given = Decision(
        initiative=name,
        campaign="PAAT-2024",
        kind=DecisionKind.APPROVE,
        by="user:lea",
        at=NOW,
        value={"themes": ["solidarite"]},
    )
    decided = decisions.add(conn, given)
    assert _found(conn, campaign="PAAT-2024", theme="heritage") == set()
    assert _found(conn, theme="solidarite") == {name}
    undo = Decision(
        initiative=name,
        campaign="PAAT-2024",
        kind=DecisionKind.UNDO,
        by="user:lea",
        at=later(hours=1),
        undoes=decided.id,
    )
    decisions.add(conn, undo)
    assert _found(conn, theme="heritage") == {name}


@pytest.mark.parametrize("by_date", [False, True])
def test_pages_follow_each_other_without_a_hole_nor_a_repeat_while_lines_arrive(conn, by_date):
    names = [
        _kept(conn, str(n), title="A", **({"starts_on": f"2027-01-0{n}"} if n % 2 else {}))
        for n in range(1, 8)
    ]
    seen, after = [], ""
    while after is not None:
        found = lists.page(conn, Wanted(by_date=by_date), after=after, size=3)
        seen += [one.id for one in found.lines]
        after = found.after
        if after:
            _kept(conn, f"new-{after}", title="Nouvelle", starts_on="2020-01-01")
    assert sorted(seen) == sorted(names)


def test_a_cursor_that_is_not_one_starts_again(conn):
    name = _kept(conn, "1", title="A")
    found = lists.page(conn, Wanted(by_date=True), after="n'importe~quoi")
    assert [one.id for one in found.lines] == [name]


def test_a_page_is_one_statement_however_long(conn, statements):
    for n in range(12):
        _kept(conn, str(n), title="A")
    statements.clear()
    assert len(lists.page(conn, Wanted(words="a", campaign="SOP-2027")).lines) <= 50
    assert len(statements) == 1


def test_an_upgrade_gives_their_line_to_initiatives_that_have_none(database):
    with database.begin() as conn:
        _kept(conn, "1", title="Fête du lac")
        conn.execute(tables.listings.delete())
        assert lists.page(conn, Wanted()).lines == ()
    db.upgrade(database)
    with database.begin() as conn:
        assert [one.title for one in lists.page(conn, Wanted()).lines] == ["Fête du lac"]


_MANY = (
    """
    insert into initiatives (id, status, created_at, changed_at, values_at)
    select 'PAAT-93-' || lpad(n::text, 26, '0'),
           (array['waiting', 'registered', 'rejected'])[1 + n % 3], now(), now(), now()
    from generate_series(1, 100000) n
    """,
    # Without it the foreign keys below are checked by the plan of an empty table: for minutes.
    "analyze initiatives",
    "insert into editions (id, initiative) select 'E' || id, id from initiatives",
    "analyze editions",
    """
    insert into listings (initiative, title, department, commune_code, starts_on, sort_on, sources,
                          marks, words)
    select id, 'Fête', (array['04', '05', '06', '13', '83', '84'])[1 + n % 6],
           (10000 + n % 950)::text, date '2024-01-01' + n % 1500, date '2024-01-01' + n % 1500,
           array['s' || n % 300],
           array['c:*',
                 't:PAAT-2024:' || (array['heritage', 'solidarite', 'engagement'])[1 + n % 3]],
           to_tsvector('french', 'fete mot' || n % 5000 || ' rare' || n)
    from (select id, substr(id, 9)::int as n from initiatives) as m
    """,
    """
    insert into occurrences (edition, starts_on, ends_on)
    select 'E' || initiative, starts_on, starts_on + 1 from listings
    """,
    "analyze listings, occurrences",
)


def _seconds(do):
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


@pytest.mark.slow
def test_a_page_of_a_hundred_thousand_takes_the_database_a_tenth_of_a_second(conn):
    for statement in _MANY:
        conn.execute(text(statement))
    slow = {}
    for wanted in (
        {},
        {"by_date": True},
        {"campaign": "PAAT-2024", "theme": "heritage", "by_date": True},
        {"words": "fete"},
        {"words": "mot12 fete", "by_date": True},
        {"words": "rare777"},
        {"words": "absent"},
        {"status": InitiativeStatus.REGISTERED, "department": "05", "by_date": True},
        {"status": InitiativeStatus.REOPENED},
        {"commune": "10013", "source": "s7"},
        {"source": "s7", "by_date": True},
        {"first": date(2027, 1, 1), "last": date(2027, 1, 2), "department": "13"},
        {"first": date(2040, 1, 1)},
        {"departments": ("05",), "campaign": "SOP-2027"},
    ):
        for read in (lists.page, lists.count):
            taken = min(_seconds(lambda: read(conn, Wanted(**wanted))) for _ in range(3))  # noqa: B023
            if taken > 0.1:
                slow[read.__name__, str(wanted)] = round(taken * 1000)
    assert not slow, f"milliseconds: {slow}"
