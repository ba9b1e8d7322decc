"""A table kept by column reads as the rows it was made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import prior, rows
from matching.cards import of_rows
from matching.tables import match_rows

cells = st.one_of(
    st.none(), st.text(max_size=3), st.integers(), st.lists(st.integers(), max_size=2)
)
tables = st.lists(st.fixed_dictionaries({"a": cells, "b": cells}), max_size=6)


@given(tables)
def test_rows_are_given_back(table: list[dict[str, object]]) -> None:
    found = rows.kept(table, ("a", "b"))
    assert list(found) == table == [found[i] for i in range(len(found))] == found[:]
    assert list(rows.column(found, "a")) == list(rows.column(table, "a"))
    assert list(rows.column(found, "nope")) == [None] * len(table)
    which = list(range(0, len(table), 2))
    assert list(rows.picked(found, which)) == list(rows.picked(table, which))


def test_a_row_out_of_the_table_is_none() -> None:
    found = rows.kept([{"a": 1}], ("a",))
    assert found[-1] == {"a": 1}
    with pytest.raises(IndexError, match="row 1 where 1 are"):
        found[1]


def test_both_forms_are_read_and_matched_alike() -> None:
    table = prior.generate(79, events=60)
    names = tuple(dict.fromkeys(name for row in table for name in row))
    found = rows.kept(table, names)
    mapping = {n: n for n in names if n not in ("event", "series", "parent")}
    assert of_rows(table, mapping).titles == of_rows(found, mapping).titles
    one, two = match_rows(table, mapping), match_rows(found, mapping)
    assert one == two
    assert list(one.pairs) == list(two.pairs)
    same = rows.kept([{"a": f"{n}x"[1:]} for n in range(3)], ("a",)).columns["a"]
    assert same[0] is same[2]
