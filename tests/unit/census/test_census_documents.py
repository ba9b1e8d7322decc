"""The plan and the action sheets: written, accessible, read back; a wrong template says so."""

import io
import json
import re
import unicodedata
from datetime import date
from pathlib import Path

import docx
import pytest

from census.formats import fiches_contrat_de_ville, fiches_ctg, plan, plan_pdf
from census.plan import contents
from census.sheets import euros
from census.table import Watched, format_named
from census.typeset import DRAWN, pdf, printable
from collectors.kinds import action_sheet
from domain import territory
from domain.errors import ConfigError
from domain.records import Dossier
from tests.builders import a_dossier, a_source
from tests.unit.census.test_census_rows import census_of

SHEET = {
    "intitule": "Impliquer les habitants",
    "numero": "1",
    "axe": "Dynamiser la vie sociale",
    "enjeu": "Créer une identité territoriale",
    "diagnostic": "Des demandes citoyennes",
    "objectifs": "Associer les publics",
    "modalites": "Définition du cadre\nAller à la rencontre",
    "resultats": "Un groupe mixte",
    "indicateurs": "Nombre de rencontres",
    "liste_indicateurs": ["Nombre de rencontres", "Taux de participation"],
    "contact": "Jeanne Martin",
}


def some() -> list[Dossier]:
    return [
        a_dossier("Course & fête <été> 🎉", themes=["heritage"], amount=1500.0, funders=["ANS"]),
        a_dossier("Débat", themes=["engagement"], commune_code="13055", department="13", days=()),
        a_dossier("Impliquer les habitants", sheet=SHEET, description=None),
    ]


def test_the_plan_in_word_has_its_sections_tables_and_figures() -> None:
    out = io.BytesIO()
    region = tuple(territory.region_communes())
    source = Watched(slug="gap", title="Agenda de Gap", health="en échec", expected=10, collected=3)
    table = census_of(*some(), communes=region, watched=(source,))
    assert plan.write(table, out) == 3
    document = docx.Document(io.BytesIO(out.getvalue()))
    text = "\n".join(p.text for p in document.paragraphs)
    cells = {cell.text for t in document.tables for row in t.rows for cell in row.cells}
    for title in ("Diagnostic", "Calendrier", "Financements", "Héritage", "Méthode et sources"):
        assert title in text
    assert "Course & fête <été> 🎉" in cells
    assert {"Agenda de Gap", "en échec", "10 / 3", euros(1500.0)} <= cells
    assert re.search(r"944 communes sur 946 n'ont aucune initiative", text)
    assert len(document.inline_shapes) == 4
    drawn = [p for p in document.part.package.iter_parts() if p.content_type == "image/svg+xml"]
    assert len(drawn) == 4  # each figure as a drawing too, over its PNG
    words = [shape._inline.docPr.get("descr") for shape in document.inline_shapes]
    assert "Initiatives par département : " in words[0]
    assert "Hautes-Alpes (05) : " in words[0]
    assert "{" not in text


def test_the_plan_in_pdf_is_accessible() -> None:
    out = io.BytesIO()
    plan_pdf.write(census_of(*some()), out)  # how quick it is: bench/census.py
    data = out.getvalue()
    assert data.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in data
    assert b"pdfuaid" in data  # the claim of PDF/UA, that typst only writes when it holds


@pytest.mark.parametrize("name", ["plan-pdf", "fiches-ctg-pdf", "fiches-contrat-de-ville-pdf"])
def test_documents_survive_any_text_and_none(name: str) -> None:
    hostile = a_dossier(
        "#eval(1) $x$ \\ @ref 漢字 \u200d🏃 *é*", description="a\x0bb\n#pagebreak()"
    )
    for dossiers in ([hostile], []):
        out = io.BytesIO()
        format_named(name).write(census_of(*dossiers), out)
        assert out.getvalue().startswith(b"%PDF")


def test_every_character_said_to_be_drawn_is() -> None:
    every = [chr(c) for low, high in DRAWN for c in range(low, high + 1)]
    kept = [c for c in every if unicodedata.category(c) not in ("Cc", "Cf", "Cn")]
    assert printable(kept) == kept
    sheet = {"intitule": " ".join(kept), "description": "", "numero": "", "identifiant": "x"}
    data = {"layout": "ctg", "title": "t", "made_on": "", "pairs": [], "rows": []}
    sheet["axe"] = ""
    assert pdf("sheets.typ", {**data, "sheets": [sheet]}, made_on=date(2027, 1, 1))


@pytest.mark.parametrize("form", [fiches_contrat_de_ville, fiches_ctg])
def test_an_action_sheet_goes_out_and_is_read_back(form: object) -> None:
    out = io.BytesIO()
    assert form.write(census_of(*some()), out) == 3  # type: ignore[attr-defined]
    items = action_sheet.parse(out.getvalue(), a_source(kind="action_sheet"))
    read = next(one.fields["sheet"] for one in items if "habitants" in one.fields["title"])
    for field in ("enjeu", "diagnostic", "objectifs", "modalites", "resultats"):
        assert " ".join(read[field].split()) == " ".join(SHEET[field].split())
    assert "Jeanne" not in json.dumps(read)


def test_a_template_that_asks_for_an_unknown_field_names_it(tmp_path: Path) -> None:
    path = tmp_path / "modele.docx"
    document = docx.Document()
    document.add_paragraph("{{ titre_du_prefet }}")
    document.save(str(path))
    with pytest.raises(ConfigError, match=r"titre_du_prefet.*financing"):
        plan.write(census_of(*some()), io.BytesIO(), template=path)


@pytest.mark.parametrize("body", [b"not a document", b""])
def test_a_template_that_is_no_document_is_said(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "modele.docx"
    path.write_bytes(body)
    with pytest.raises(ConfigError, match="docx"):
        plan.write(census_of(*some()), io.BytesIO(), template=path)


def test_a_replaced_template_is_used(tmp_path: Path) -> None:
    path = tmp_path / "modele.docx"
    document = docx.Document()
    document.add_paragraph("Préfecture : {{ n }} initiatives")
    document.save(str(path))
    out = io.BytesIO()
    plan.write(census_of(*some()), out, template=path)
    assert docx.Document(io.BytesIO(out.getvalue())).paragraphs[0].text == (
        "Préfecture : 3 initiatives"
    )


def test_the_calendar_has_a_before_a_during_and_an_after() -> None:
    from census.table import table
    from domain.campaigns import campaign
    from tests.unit.census.test_census_rows import TODAY

    days = (date(2024, 5, 1), date(2024, 8, 1), date(2025, 1, 5))
    found = table(
        [a_dossier(days=[day]) for day in days],
        campaign("PAAT-2024"),
        today=TODAY,
        commune=territory.commune,
    )
    counts = [(one["name"].split(" ")[0], one["count"]) for one in contents(found)["phases"]]
    assert counts == [("Avant", 1), ("Pendant", 1), ("Après", 1), ("Sans", 1 - 1)]
