"""Lists sent to the database come back as they were, whatever they hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.array import ListDumper
from sqlalchemy import ARRAY, BigInteger, Text, cast, literal, select

NAMES = ("INI-01J", "ED-01J-2", "NULL", "null", "", "a,b", '"', "{}", "INI-a,ED-b", "INI- ", "é\\")

WRITABLE = st.characters(exclude_characters="\0", codec="utf-8")


def back(conn, some, kind):
    return conn.execute(select(cast(literal(some, ARRAY(kind)), ARRAY(kind)))).scalar_one()


@settings(max_examples=60)
@given(st.lists(st.sampled_from(NAMES) | st.text(WRITABLE, max_size=6) | st.none()))
def test_texts(migrated, some):
    with migrated.engine.connect() as conn:
        assert back(conn, some, Text) == some


@pytest.mark.parametrize("some", [[], [1, -2, 2**62], [3, None]])
def test_numbers(conn, some):
    assert back(conn, some, BigInteger) == some


def test_numbers_and_identifiers_are_written_at_once(conn, monkeypatch):
    """Without psycopg's own dumper, which writes one by one."""
    monkeypatch.delattr(ListDumper, "dump")
    names = [f"INI-{i}" for i in range(300)]
    assert back(conn, names, Text) == names
    assert back(conn, [*range(300)], BigInteger) == [*range(300)]
