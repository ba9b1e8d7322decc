"""The page of a source: what is put aside and reading it again; another candidate's options."""

import pytest

from domain.records import Quarantined
from domain.statuses import Role
from review import preview
from storage import items, sources
from storage.db import Database
from tests.builders import NOW, a_raw_item, a_source
from tests.review import a_house, a_person


def test_what_is_aside_is_shown_and_read_again_from_the_page(database: Database) -> None:
    payload = {"title": "<script>alert(1)</script>"}
    bad = Quarantined(source="gap", key="1", why="date impossible", payload=payload)
    with database.begin() as conn:
        sources.register(conn, [a_source()])
        sources.recognise(conn, "gap", {"policy": "url", "why": "5 identifiants ont changé"})
        items.store(conn, [a_raw_item("1")], NOW)
        items.quarantine(conn, [bad], NOW, extractor="1")
    admin = a_person(a_house(database), Role.ADMIN)
    page = admin.get("/sources/gap").text
    assert "reconnues par l&#39;adresse : 5 identifiants ont changé" in page
    assert "date impossible" in page
    assert "<script>alert(1)" not in page
    assert admin.post("/sources/gap/relire").status_code == 303
    with database.begin() as conn:
        assert [one.item.key for one in items.unread(conn, 9, extractor="1")] == ["1"]
        assert sources.due(conn, NOW) == ["gap"]
    reader = a_person(a_house(database), Role.READER)
    assert reader.post("/sources/gap/relire").status_code == 403


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        ("page", '{"link": "a[href*=\\"/agenda/\\"]"}', {"link": 'a[href*="/agenda/"]'}),
        ("page", '{"headers": {"X": "1"}}', {}),  # an option of every kind, not of a candidate
        ("openagenda", '{"key": "env:SECRET"}', {}),
        ("openagenda", '{"filters": {"x": ["file:/etc/passwd"]}}', {}),
        ("page", '{"max_pages": -3}', {}),
        ("page", "[]", {}),
        ("page", "{", {}),
        ("inconnu", '{"link": "a"}', {}),
    ],
)
def test_a_link_carries_a_candidate_s_options_and_never_a_secret(
    kind: str, text: str, kept: dict[str, str]
) -> None:
    assert preview.options_of(kind, text) == kept
