"""A question stays open until something answers it: reading an announcement again is no answer."""

from dataclasses import replace

from domain.records import RawItem
from flows import steps
from flows.house import House
from storage import items, matches, sources
from tests.builders import NOW, a_raw_item, a_source

FACTS = {"commune": "Gap", "organiser": "Ville de Gap", "start": "2024-09-07"}
FORUM = a_raw_item("1", title="Forum des associations", **FACTS)
ASSOS = a_raw_item("2", "embrun", title="Forum des assos", commune="Gap", start="2024-09-07")


def visit(house: House, *found: RawItem) -> list[tuple[int, int]]:
    """What is asked once these items were collected, read and placed."""
    with house.database.begin() as conn:
        items.store(conn, list(found), NOW)
    steps.process(house)
    with house.database.reading() as conn:
        return [(one.a, one.b) for one in matches.questions(conn, 10)]


def test_an_announcement_read_again_keeps_its_open_question(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, [a_source(), a_source("embrun")])
    asked = visit(house, FORUM, ASSOS)
    assert len(asked) == 1
    again = replace(ASSOS, fields={**ASSOS.fields, "links": ["https://embrun.example/plan"]})
    assert visit(house, again) == asked
