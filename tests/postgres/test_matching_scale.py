"""Adding announcements asks the database as much whatever is stored, and says so in statements."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from sqlalchemy import event

from domain.records import Mention, When, Where, Who
from domain.statuses import Precision
from flows import steps
from flows.house import House
from matching import prior
from matching.keys import keys_of
from storage import blocking, counts
from tests.builders import stored_mentions

ROWS = prior.generate(55, events=150)


def told(first: int, last: int) -> list[Mention]:
    """Fictional announcements, twins and other editions among them."""
    found = []
    for i, row in enumerate(ROWS[first:last], start=first):
        day = date.fromisoformat(row["date_start"]) if row["date_start"] else None
        found.append(
            Mention(
                source=row["source"], key=str(i), title=row["title"] or "sans titre",
                text=row["description"] or "", where=Where(commune_name=row["commune"] or None),
                who=Who(name=row["organiser"] or None),
                when=When(starts_on=day, ends_on=day, precision=Precision.DAY) if day else When(),
            )
        )  # fmt: skip
    return found


def arrive(house: House, some: Sequence[Mention]) -> list[str]:
    """The statements it takes to give them keys, match and place them."""
    with house.database.begin() as conn:
        saved = stored_mentions(conn, some)
    sent: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(house.database.engine, "before_cursor_execute", note)
    try:
        with house.database.begin() as conn:
            keys = zip(saved, keys_of(saved), strict=True)
            blocking.put(conn, {one.id: mine for one, mine in keys})
        steps.match(house)
    finally:
        event.remove(house.database.engine, "before_cursor_execute", note)
    return sent


def test_statements_depend_neither_on_what_is_stored_nor_on_how_many_arrive(house: House) -> None:
    """Some are sent only when there is something to move or join; none once per row."""
    among_none = arrive(house, told(0, 20))
    among_some = arrive(house, told(20, 220))
    for sent in (among_none, among_some):
        assert len(sent) < 60
        assert max(Counter(sent).values()) <= 4  # one batch, and the empty one that ends it
    assert max(map(len, among_some)) < 5_000  # no list of values in the text of a statement
    with house.database.reading() as conn:
        found = counts.of_everything(conn)
    assert 0 < found.initiatives < 200  # twins were joined
