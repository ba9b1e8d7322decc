"""An edited export comes back into a real database: decisions, once; an archive refuses them."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from census.columns import COLUMNS
from census.table import format_named
from domain.errors import ConfigError, Conflict
from domain.records import Decision
from domain.statuses import DecisionKind
from flows import archives, exporting, returning, steps
from flows.house import House
from storage import decisions, dossiers, tables
from tests.builders import NOW, a_mention, stored_initiative, stored_mentions

CODE = "PAAT-2024"
WHO = {"author": "anne", "motive": "réunion du 3 mai"}


def a_census(house: House) -> str:
    """An approved initiative in the campaign; its id."""
    with house.database.begin() as conn:
        (mention,) = stored_mentions(conn, [a_mention(collected_at=NOW)])
        name = stored_initiative(conn, mention)
    steps.describe(house)
    with house.database.begin() as conn:
        approve = Decision(
            initiative=name,
            campaign=CODE,
            kind=DecisionKind.APPROVE,
            by="user:zoe",
            at=NOW,
            value={"themes": ["heritage"]},
        )
        decisions.add(conn, approve)
    return name


def exported(house: House, folder: Path, name: str = "r.csv") -> Path:
    path = folder / name
    exporting.export(house, CODE, path.suffix[1:], path)
    return path


def edit(path: Path, **values: str) -> None:
    """Write these values in the first row of a CSV export, and a new row after it."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"))
    rows[0] |= values
    rows.append({"intitule": "Ajoutée à la main", "nom_commune": "Gap", "date_debut": "2024-05-04"})
    out = io.StringIO()
    writer = csv.DictWriter(out, [c.name for c in COLUMNS if not c.personal], delimiter=";")
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue(), "utf-8-sig")


def test_edits_become_decisions_once_and_the_census_says_them(house: House, tmp_path: Path) -> None:
    name = a_census(house)
    path = exported(house, tmp_path)
    edit(
        path,
        intitule="Titre corrigé",
        theme_heritage="false",
        theme_solidarite="true",
        statut="annulee",
        date_debut="2024-06-01",
        date_fin="2024-06-02",
        code_commune="13055",
    )
    seen = returning.preview(house, path, CODE)
    first = returning.apply(house, path, CODE, **WHO)
    second = returning.apply(house, path, CODE, **WHO)

    assert {cell.column for cell in seen.cells} == {
        *("intitule", "theme_heritage", "theme_solidarite", "statut"),
        *("date_debut", "date_fin", "code_commune"),
    }
    assert first.new == 1
    assert (second.decisions, second.new, second.preview.cells) == (0, 0, ())
    steps.describe(house)  # what the sources say again does not take a person's word back
    table = exported(house, tmp_path, "apres.csv").read_text("utf-8-sig")
    (row,) = (r for r in csv.DictReader(io.StringIO(table), delimiter=";"))
    assert (row["intitule"], row["statut"]) == ("Titre corrigé", "annulee")
    assert (row["theme_heritage"], row["theme_solidarite"]) == ("false", "true")
    assert (row["date_debut"], row["date_fin"]) == ("2024-06-01", "2024-06-02")
    assert (row["nom_commune"], row["code_departement"]) == ("Marseille", "13")
    with house.database.begin() as conn:
        (kept,) = dossiers.dossiers(conn, CODE, ids=[name])
    said = [one for one in kept.decisions if one.by == "user:anne"]
    assert len(said) == first.decisions
    assert {one.motive for one in said} == {"réunion du 3 mai"}


def test_nothing_is_decided_without_an_author_and_a_motive(house: House, tmp_path: Path) -> None:
    a_census(house)
    path = exported(house, tmp_path)
    with pytest.raises(ConfigError, match="--author"):
        returning.apply(house, path, CODE, author="", motive="x")


def test_an_export_is_known_for_one(house: House, tmp_path: Path) -> None:
    a_census(house)
    assert returning.is_export(exported(house, tmp_path, "r.xlsx"))
    other = tmp_path / "autre.csv"
    other.write_text("titre;lieu\na;b\n")
    assert not returning.is_export(other)


def test_an_archived_campaign_is_frozen_and_reproducible(house: House, tmp_path: Path) -> None:
    a_census(house)
    made = archives.archive(house, CODE, tmp_path / "archive")
    again = archives.write(house, CODE, tmp_path / "encore", on=made.on)
    assert made.names == again.names
    for one in made.names:
        first, second = tmp_path / "archive" / one, tmp_path / "encore" / one
        assert first.read_bytes() == second.read_bytes(), one
    assert "recensement-paat-2024.csv" in made.names
    path = exported(house, tmp_path)
    edit(path, intitule="Trop tard")
    with pytest.raises(Conflict):
        returning.apply(house, path, CODE, **WHO)
    with pytest.raises(Conflict):
        archives.archive(house, CODE, tmp_path / "deux")


def test_an_archived_campaign_gives_back_what_was_handed_over(house: House, tmp_path: Path) -> None:
    a_census(house)
    made = archives.archive(house, CODE, tmp_path / "archive")
    later = replace(house, clock=lambda: house.clock() + timedelta(days=400))
    with house.database.begin() as conn:  # the veille goes on: a source tells another title
        conn.execute(update(tables.initiative_values).values(value="Autre titre"))
    for name in ("csv", "xlsx", "plan", "plan-pdf", "indicateurs"):
        path = tmp_path / f"{name}{format_named(name).SUFFIX}"
        assert archives.give_back(later, CODE, name, path)
        kept = tmp_path / "archive" / archives.file_of(CODE, name, path.suffix)
        assert path.read_bytes() == kept.read_bytes()
    assert archives.give_back(later, CODE, "plan", tmp_path / "plan.pdf")
    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")
    assert not archives.give_back(later, "SOP-2027", "csv", tmp_path / "sop.csv")
    # With a filter it is made again, but at the day it was closed.
    exporting.export(later, CODE, "json", tmp_path / "again.json")
    assert f'"date_export":"{made.on}"' in (tmp_path / "again.json").read_text().replace(" ", "")


def test_an_export_of_today_is_that_of_the_date_asked(house: House, tmp_path: Path) -> None:
    a_census(house)
    moved = replace(house, clock=lambda: NOW.replace(year=2028))
    day = NOW.date()
    exporting.export(house, CODE, "json", tmp_path / "a.json", on=day)
    exporting.export(moved, CODE, "json", tmp_path / "b.json", on=day)
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
