"""An export edited by hand: what changed, cell by cell; what did not change is not seen."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from census import roundtrip
from census.rows import Entry
from census.table import CensusRow
from collectors.tables.reading import read_table
from domain.errors import ConfigError
from domain.records import Dossier
from tests.builders import a_dossier, a_value
from tests.unit.census.test_census_formats import HOSTILE, two, written
from tests.unit.census.test_census_rows import census_of


def current(*dossiers: Dossier) -> dict[str, tuple[Entry, CensusRow]]:
    return {str(row["animation_id"]): (entry, row) for entry, row in census_of(*dossiers).pairs()}


def compared(data: bytes, name: str, *dossiers: Dossier) -> roundtrip.Preview:
    sheet = "Recensement" if name.endswith(("xlsx", "ods")) else None
    read = read_table(data, name=name, sheet=sheet)
    return roundtrip.preview(read.rows, read.columns, current(*dossiers))


def edited(change: Callable[[Any, dict[str, int]], None], *dossiers: Dossier) -> roundtrip.Preview:
    """The preview of an xlsx export after `change(sheet, column numbers by title)`."""
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", *dossiers)))
    sheet = book["Recensement"]
    change(sheet, {cell.value: cell.column for cell in sheet[1]})
    out = io.BytesIO()
    book.save(out)
    return compared(out.getvalue(), "retour.xlsx", *dossiers)


def rich() -> tuple[Dossier, ...]:
    return (
        *two(),
        a_dossier(
            "'Entre guillemets' ; été",
            id="PAAT-93-C",
            description="Appeler le 06 12 34 56 78\r\nou  écrire",
            latitude=44.5,
            longitude=-1.5,
            audience=["jeunes"],
            participants=120,
            budget=1234.5,
            recurrence="FREQ=WEEKLY",
        ),
    )


@pytest.mark.parametrize("name", ["csv", "xlsx", "ods", "json", "jsonl"])
def test_a_file_nobody_edited_changes_nothing(name: str) -> None:
    found = compared(written(name, *rich()), f"r.{name}", *rich())
    assert found.cells == ()
    assert found.problems == ()
    assert (found.same, found.new) == (3, ())


def test_each_edited_cell_is_told() -> None:
    def change(sheet: Any, at: dict[str, int]) -> None:
        sheet.cell(2, at["Intitulé"]).value = "Nouveau titre"
        sheet.cell(2, at["Thème héritage"]).value = "non"
        sheet.cell(2, at["Statut de l'animation"]).value = "Reportée"
        sheet.cell(2, at["Début"]).value = "07/06/2027"
        sheet.cell(2, at["Fin"]).value = "07/06/2027"
        sheet.cell(2, at["Publics"]).value = "seniors | scolaires"
        sheet.cell(3, at["Porteur"]).value = None

    found = edited(change, *two())
    assert {(c.initiative, c.column): c.after for c in found.cells} == {
        ("PAAT-93-A", "intitule"): "Nouveau titre",
        ("PAAT-93-A", "theme_heritage"): False,
        ("PAAT-93-A", "statut"): "reportee",
        ("PAAT-93-A", "date_debut"): "2027-06-07",
        ("PAAT-93-A", "date_fin"): "2027-06-07",
        ("PAAT-93-A", "publics"): ["seniors", "scolaires"],
        ("PAAT-93-B", "porteur_nom"): None,
    }
    entry, _ = current(*two())["PAAT-93-A"]
    cells = found.by_initiative()["PAAT-93-A"]
    assert roundtrip.themes_after(entry, cells) == ["solidarite"]


def test_a_new_row_is_one_without_identifier() -> None:
    def change(sheet: Any, at: dict[str, int]) -> None:
        sheet.cell(4, at["Intitulé"]).value = "Ajoutée à la main"
        sheet.cell(4, at["Commune"]).value = "Gap"

    (row,) = edited(change, *two()).new
    assert row == {"intitule": "Ajoutée à la main", "nom_commune": "Gap"}


@pytest.mark.parametrize(
    ("title", "value", "told"),
    [
        ("Début", "bientôt", "au lieu d'une date"),
        ("Fin", "01/01/2027", "précède le début"),
        ("Thème héritage", "peut-être", "oui ou non"),
        ("Statut de l'animation", "finie", "au lieu de"),
        ("SIREN", "12", "forme attendue"),
        ("Participants prévus", "beaucoup", "nombre"),
        ("Intitulé", None, "vide"),
        ("Identifiant", "PAAT-93-Z", "n'est pas dans ce recensement"),
        ("Identifiant", "PAAT-93-B", "deux fois"),
    ],
)
def test_what_cannot_be_is_told_with_its_line_and_left_aside(
    title: str, value: object, told: str
) -> None:
    def change(sheet: Any, at: dict[str, int]) -> None:
        sheet.cell(2, at[title]).value = value

    found = edited(change, *two())
    assert not [cell for cell in found.cells if cell.title == title]
    (problem,) = found.problems
    assert told in problem
    assert problem.startswith("ligne ")


def test_what_changed_here_meanwhile_is_pointed_out() -> None:
    from datetime import timedelta

    old = a_dossier("Avant", id="PAAT-93-A")
    whole = old.initiative
    values = {**whole.values, "title": a_value("title", "Pendant")}
    later = replace(whole, values=values, changed_at=whole.changed_at + timedelta(hours=2))
    found = compared(written("csv", old), "r.csv", replace(old, initiative=later))
    assert [cell.after for cell in found.cells] == ["Avant"]
    assert found.stale == ("PAAT-93-A",)


@pytest.mark.parametrize(
    ("code", "name", "after"),
    [
        ("13055", "Digne-les-Bains", "13055"),  # the code was edited
        ("04070", "Manosque", "04112"),  # the name was
        ("4070", "Digne-les-Bains", None),  # a spreadsheet ate the zero
        ("04070", "Trifouilly", None),
    ],
)
def test_a_commune_is_edited_by_its_code_or_its_name(
    code: str, name: str, after: str | None
) -> None:
    head = "Identifiant;Code commune COG;Commune;Département"
    found = compared(f"{head}\nPAAT-93-A;{code};{name};04\n".encode(), "r.csv", *two())
    cells = {cell.column: cell.after for cell in found.cells}
    assert cells == ({} if after is None else {"code_commune": after})
    assert bool(found.problems) == (name == "Trifouilly")


def test_a_column_left_out_changes_nothing() -> None:
    data = "Identifiant;Intitulé;Porteur;Commune\nPAAT-93-B;X;OMS;\n".encode()
    (cell,) = compared(data, "r.csv", *two()).cells
    assert (cell.column, cell.after, cell.before) == ("intitule", "X", HOSTILE)


def test_another_table_is_refused() -> None:
    with pytest.raises(ConfigError, match="Identifiant"):
        compared(b"titre;lieu\na;b\n", "r.csv")


def test_a_person_s_dates_replace_those_read() -> None:
    dossier = a_dossier()
    values = {
        **dossier.initiative.values,
        "starts_on": a_value("starts_on", "2027-07-01", rule="user:anne"),
        "ends_on": a_value("ends_on", "2027-07-02", rule="user:anne"),
        "status": a_value("status", "bilan_fait", rule="user:anne"),
    }
    (row,) = census_of(replace(dossier, initiative=replace(dossier.initiative, values=values)))
    assert (row["date_debut"], row["date_fin"]) == ("2027-07-01", "2027-07-02")
    assert row["editions"] == ["2027-07-01/2027-07-02"]
    assert row["statut"] == "bilan_fait"
