"""The truth is complete, up to date, and says what the brief of the demonstration asks."""

from collections import Counter

import pytest

from demo import build, story
from demo.sources import SITES, sources
from domain.campaigns import THEMES

TRUTH = build.truth()


def test_the_committed_truth_is_up_to_date() -> None:
    assert build.FILE.read_text("utf-8") == build.text(), "run python -m demo.build"


@pytest.mark.parametrize("state", story.STATES)
def test_every_announcement_is_named_once_in_its_source(state: str) -> None:
    told = build.truth(state)["announcements"]
    tables = [(a["source"], a["key"]) for a in told if a["key"]]
    paths = [(a["source"], a["path"]) for a in told if a["path"]]
    sheets = [(a["source"], a["title"]) for a in told if not a["key"] and not a["path"]]
    for names in (tables, paths, sheets):
        assert [n for n, count in Counter(names).items() if count > 1] == []
    assert all(s.startswith("fiches-") for s, _ in sheets)


def test_it_is_as_large_as_promised() -> None:
    assert len(SITES) >= 12
    assert 280 <= len(TRUTH["announcements"]) <= 330
    assert 170 <= len(TRUTH["initiatives"]) <= 195
    assert {s.department for s in SITES} >= {"04", "05", "06", "13", "83", "84"}
    assert {s.kind for s in SITES} == {
        *("feed", "page", "calendar", "opendatasoft", "table", "action_sheet")
    }


def test_every_source_says_something_and_every_initiative_is_said() -> None:
    assert {a["source"] for a in TRUTH["announcements"]} == {
        s.slug for s in SITES if s.outcome != "unreachable"
    }
    said = {a["initiative"] for a in TRUTH["announcements"]}
    assert said == {i["id"] for i in TRUTH["initiatives"]}


def test_festivals_exist_and_hold_their_parts() -> None:
    ids = {i["id"] for i in TRUTH["initiatives"]}
    parts = [i["part_of"] for i in TRUTH["initiatives"] if i["part_of"]]
    assert len(parts) >= 4
    assert set(parts) <= ids


def test_every_theme_is_well_represented_and_none_too() -> None:
    counts = Counter(t for i in TRUTH["initiatives"] for t in i["themes"])
    assert set(counts) == set(THEMES)
    assert min(counts.values()) >= 18
    assert sum(not i["themes"] for i in TRUTH["initiatives"]) >= 50


def test_duplicates_editions_homonyms_and_troubles_are_there() -> None:
    per_edition = Counter((a["initiative"], a["edition"]) for a in TRUTH["announcements"])
    assert sum(count > 1 for count in per_edition.values()) >= 60
    assert sum(len(i["editions"]) > 1 for i in TRUTH["initiatives"]) >= 12
    names = Counter(town.name for town in story.towns().values())
    assert {name for name, count in names.items() if count > 1} == {
        *("Mirabeau", "Vitrolles", "Rousset", "La Garde", "Aspremont")
    }
    assert Counter(a["status"] for a in TRUTH["announcements"])["cancelled"] >= 2
    assert {s.outcome for s in SITES} == {"ok", "unreachable", "refused", "implausible"}
    answers = Counter(a["scope"]["PAAT-2024"] for a in TRUTH["announcements"])
    assert min(answers["in"], answers["out"]) > 80
    assert answers["ask"] >= 2


def test_after_something_moved_and_nothing_else() -> None:
    before = {(a["source"], a["key"] or a["path"]): a for a in TRUTH["announcements"]}
    after = {(a["source"], a["key"] or a["path"]): a for a in build.truth("after")["announcements"]}
    gone = Counter(source for source, _ in before.keys() - after.keys())
    new = [after[k] for k in after.keys() - before.keys()]
    changed = {k: after[k] for k in after.keys() & before.keys() if after[k] != before[k]}
    assert gone == {"gazette-var": 21}
    assert [(n["source"], n["initiative"]) for n in new] == [("declarations", "grasse-femmes-nuit")]
    assert sorted(c["status"] for c in changed.values()) == ["cancelled", "postponed"]


def test_sources_are_served_where_they_say() -> None:
    assert all(s.url.startswith("http://127.0.0.1:1/") for s in sources("http://127.0.0.1:1"))
