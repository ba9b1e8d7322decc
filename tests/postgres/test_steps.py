"""The chain end to end, on a real database: what a run leaves, and what a second one changes."""

from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import ConfigError
from domain.records import RawItem, Visit
from domain.statuses import Outcome
from flows import exporting, importing, steps, visiting
from flows.house import House
from storage import counts, initiatives, items, mentions, outbox, sources
from tests.builders import NOW, a_raw_item, a_source

CSV = """id;Intitulé;Organisateur;Commune;Date;Description
1;Forum des associations;Ville de Gap;Gap;7 septembre 2024;Appel à bénévoles et stands.
2;Course solidaire;Les Foulées du Buëch;Gap;12 mai 2024;Au profit de l'aide alimentaire.
3;Nettoyons la Durance;Durance Propre;Sisteron;2 juin 2024;Ramassage de déchets.
4;Journée olympique des écoles;USEP 05;Embrun;23 juin 2024;Initiations, Jeux de Paris 2024.
5;Tournoi de boccia;Handisport Sud;Digne-les-Bains;9 mars 2024;Parasport pour tous.
"""


def a_file(folder: Path, text: str = CSV, name: str = "recensement.csv") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def load(house: House, file: Path, slug: str | None = None) -> steps.Report:
    return importing.load(house, importing.read_file(file, slug=slug))


def state(house: House) -> counts.Counts:
    with house.database.reading() as conn:
        return counts.of_everything(conn)


def test_a_file_loaded_twice_changes_nothing(house: House, tmp_path: Path) -> None:
    first = load(house, a_file(tmp_path))
    assert first.counts["new"] == 5
    before = state(house)
    again = load(house, a_file(tmp_path))
    assert again.nothing_new
    assert state(house) == before
    assert before.initiatives == 5


def test_a_corrected_row_updates_its_initiative_and_keeps_its_id(
    house: House, tmp_path: Path
) -> None:
    load(house, a_file(tmp_path))
    with house.database.reading() as conn:
        (forum,) = [f for f in mentions.find(conn, title="forum des associations")]
    moved = CSV.replace("7 septembre 2024", "14 septembre 2024")
    report = load(house, a_file(tmp_path, moved))
    assert (report.counts["new"], report.counts["changed"]) == (0, 1)
    with house.database.reading() as conn:
        (now,) = mentions.find(conn, title="forum des associations")
        assert now.initiative == forum.initiative
        (initiative,) = initiatives.get(conn, [str(forum.initiative)])
    assert initiative.value("starts_on") == "2024-09-14"


def test_another_file_of_the_same_name_is_refused_and_nothing_is_overwritten(
    house: House, tmp_path: Path
) -> None:
    load(house, a_file(tmp_path))
    other = "id;Intitulé\n" + "\n".join(f"{n};Tout autre chose {n * 77}" for n in range(1, 6))
    with pytest.raises(ConfigError, match="--as NOM"):
        load(house, a_file(tmp_path, other))
    assert state(house).items == 5
    assert load(house, a_file(tmp_path, other), slug="autre-ville").counts["new"] == 5


def test_an_item_that_cannot_be_read_is_kept_aside_and_the_others_go_on(house: House) -> None:
    good, poison = a_raw_item("1", title="Fête du sport"), RawItem(source="gap", key="2", fields={})
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
        items.store(conn, [good, poison], NOW)
    steps.process(house)
    found = state(house)
    assert (found.initiatives, found.quarantined) == (1, 1)
    assert steps.process(house) == {"read": 0, "placed": 0, "described": 0, "suggested": 0}


def test_every_step_finishes_what_a_killed_run_left(house: House) -> None:
    with house.database.begin() as conn:
        sources.register(conn, [a_source()])
        items.store(conn, [a_raw_item(str(n), title=f"Fête {n}") for n in range(7)], NOW)
    assert steps.read(house) == 7  # … and the process dies here
    assert state(house).initiatives == 0
    done = steps.process(house)
    assert (done["read"], done["placed"]) == (0, 7)


def test_collected_items_are_told_in_the_same_transaction(house: House, tmp_path: Path) -> None:
    load(house, a_file(tmp_path))
    with house.database.begin() as conn:
        told = {one.event for one in outbox.unpublished(conn)}
    assert told == {"paat.items.collected", "paat.initiatives.changed"}


def test_the_order_of_arrival_does_not_change_who_is_with_whom(house: House) -> None:
    twin = {"commune": "Gap", "organiser": "Ville de Gap", "start": "2024-09-07"}
    pairs = [
        [a_raw_item("1", title="Forum des associations de Gap", **twin)],
        [a_raw_item("2", "embrun", title="Gap : forum des associations", **twin)],
    ]
    with house.database.begin() as conn:
        sources.register(conn, [a_source(), a_source("embrun")])
    for batch in pairs:
        with house.database.begin() as conn:
            items.store(conn, batch, NOW)
        steps.process(house)
    found = state(house)
    assert found.initiatives + found.joined == 2
    assert found.initiatives == 1


def test_an_unknown_source_is_told_with_what_to_do(house: House) -> None:
    with pytest.raises(ConfigError, match="paat source list"):
        visiting.collect(house, [a_source()], ["inconnue"])


def test_the_census_is_whole_or_absent(house: House, tmp_path: Path) -> None:
    load(house, a_file(tmp_path))
    target = tmp_path / "census.csv"
    assert exporting.export(house, "PAAT-2024", "csv", target) >= 1
    assert target.read_bytes().startswith(b"\xef\xbb\xbfanimation_id;intitule;")
    with pytest.raises(ConfigError, match="nowhere"):
        exporting.export(house, "PAAT-2024", "csv", tmp_path / "nowhere" / "census.csv")
    with pytest.raises(ConfigError, match="PAAT-2024"):
        exporting.export(house, "PAAT-1999", "csv", target)
    assert sorted(path.name for path in tmp_path.glob("*census*")) == ["census.csv"]


def test_a_report_names_what_failed() -> None:
    fine = Visit(source="gap", outcome=Outcome.UNCHANGED, started_at=NOW)
    dead = replace(fine, source="mort", outcome=Outcome.UNREACHABLE)
    report = steps.Report(visits=(fine, dead))
    assert report.failed == (dead,)
