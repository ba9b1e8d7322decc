"""Fiches action: both layouts, in every format, several per document. Fictitious content."""

import contextlib
import io
import zipfile
from collections.abc import Callable

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentText
from odf.table import Table, TableCell, TableRow
from odf.text import H, P

from collectors.documents.action_sheets import label_of, tidy
from collectors.kinds.action_sheet import parse
from domain.errors import Unreadable
from domain.records import RawItem, Source

SOURCE = Source(slug="fiches", title="Fiches", kind="action_sheet", url="https://exemple.test/f")

Line = tuple[str, ...]
IN_LINE: list[Line] = [
    ("FICHE 2.3 (version 2024)",),
    ("FAIRE VIVRE LES STADES DE QUARTIER",),
    ("Pilier 2\nAxe 3", "Enjeu : Ouvrir les stades à tous"),
    ("Contexte", "[bookmark: _GoBack]Deux stades ferment à 17 h."),
    ("Objectifs et dynamiques", "· Ouvrir le soir\n· Former des jeunes"),
    ("Echelle Territoriale", "Quartier du Levant"),
    ("Animateur", "Ville de Valmont"),
    ("Partenaires mobilisables (dont habitants)\nDispositifs mobilisables", "Club A, CAF, UFOLEP"),
    ("Financements mobilisables\n(Quels financements ?)", "· Crédits de droit commun"),
    ("Calendrier", "En continu"),
    ("indicateurs de réalisation", "· Nombre de soirées,\n· Taux de fréquentation"),
    ("Indicateurs d’effets", ""),
    ("Liens autres enjeux / fiches « orientations »", "Fiche 2.1 : Santé\nFiche 2.2 : Emploi"),
]
IN_COLUMNS: list[Line] = [
    ("Axe 3. Dynamiser la vie sociale",),
    ("Action 1 : Créer un forum des associations",),
    ("Un rendez-vous de rentrée pour toutes les communes.",),
    ("Diagnostic initial", "Public cible"),
    ("Des associations méconnues", "Habitants, associations"),
    ("Enjeu", "Modalités de mise en œuvre"),
    ("Faire connaître", "<ul style='x'> • Trouver une date • Inviter"),
    ("Objectifs opérationnels", ""),
    ("Développer le bénévolat", "Echéances de réalisation"),
    ("", "2027/2028"),
    ("Services mobilisés et responsables de l'action", "Résultats attendus"),
    ("Office du tourisme du Val", ""),
    ("Partenaires sollicités", "Indicateurs d'évaluation"),
    ("Associations, communes", "<ul> - Nombre de stands - Nombre de visiteurs"),
    ("Axe 4. Bouger",),
    ("Action 2 : Marcher ensemble",),
    ("Diagnostic initial", "Public cible"),
    ("Peu de marches", "Aînés"),
    ("Enjeu", "Echéances de réalisation"),
    ("La santé", "Mai 2027"),
]


def as_docx(lines: list[Line]) -> bytes:
    document = docx.Document()
    table = None
    for line in lines:
        if len(line) == 1:
            document.add_paragraph(line[0])
            table = None
            continue
        table = table or document.add_table(rows=0, cols=len(line))
        for cell, text in zip(table.add_row().cells, line, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def as_odt(lines: list[Line]) -> bytes:
    document = OpenDocumentText()
    table = None
    for line in lines:
        if len(line) == 1:
            document.text.addElement(H(outlinelevel=1, text=line[0]))
            table = None
            continue
        if table is None:
            table = Table()
            document.text.addElement(table)
        row = TableRow()
        for text in line:
            cell = TableCell()
            for part in text.split("\n"):
                cell.addElement(P(text=part))
            row.addElement(cell)
        table.addElement(row)
    out = io.BytesIO()
    document.write(out)
    return out.getvalue()


def as_html(lines: list[Line]) -> bytes:
    def escaped(text: str) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")

    parts = ["<!DOCTYPE html><html><head><title>x</title></head><body>"]
    for line in lines:
        if len(line) == 1:
            parts.append(f"<p>{escaped(line[0])}</p>")
        else:
            cells = "".join(f"<td><p>{escaped(text)}</p></td>" for text in line)
            parts.append(f"<table><tr>{cells}</tr></table>")
    return "".join([*parts, "</body></html>"]).encode()


def as_txt(lines: list[Line]) -> bytes:
    return "\n".join("\t".join(c.replace("\n", " ") for c in line) for line in lines).encode()


def as_txt_cells(lines: list[Line]) -> bytes:
    """What a converter makes of a two-column table: each cell on a line of its own."""
    return "\n".join(f"\t{cell}\n" for line in lines for cell in line if cell).encode()


WRITERS = [as_docx, as_odt, as_html]


@pytest.mark.parametrize("write", [*WRITERS, as_txt_cells])
def test_labels_in_line(write: Callable[[list[Line]], bytes]) -> None:
    (item,) = parse(write(IN_LINE), SOURCE)
    sheet = item.fields["sheet"]
    assert item.fields["title"] == "FAIRE VIVRE LES STADES DE QUARTIER"
    assert item.key.endswith("-2.3")
    assert item.fields["when"] == "En continu"
    assert item.fields["organiser"] == "Ville de Valmont"
    assert item.fields["partners"] == ["Club A", "CAF", "UFOLEP"]
    assert item.fields["funders"] == ["Crédits de droit commun"]
    assert item.fields["type"] == "dispositif_annuel"
    assert sheet["axe"] == "Pilier 2\nAxe 3"
    assert sheet["enjeu"] == "Ouvrir les stades à tous"
    assert sheet["diagnostic"] == "Deux stades ferment à 17 h."
    assert sheet["objectifs"] == "- Ouvrir le soir\n- Former des jeunes"
    assert sheet["liste_indicateurs"] == ["Nombre de soirées", "Taux de fréquentation"]
    assert sheet["liens"] == "Fiche 2.1 : Santé\nFiche 2.2 : Emploi"


@pytest.mark.parametrize("write", [*WRITERS, as_txt])
def test_labels_in_columns_and_several_sheets(write: Callable[[list[Line]], bytes]) -> None:
    first, second = parse(write(IN_COLUMNS), SOURCE)
    assert first.fields["title"] == "Créer un forum des associations"
    assert first.fields["text"] == "Un rendez-vous de rentrée pour toutes les communes."
    assert first.fields["when"] == "2027/2028"
    assert first.fields["audience"] == ["Habitants", "associations"]
    assert first.fields["organiser"] == "Office du tourisme du Val"
    assert first.fields["sheet"] == {
        "intitule": "Créer un forum des associations",
        "numero": "1",
        "axe": "Axe 3. Dynamiser la vie sociale",
        "description": "Un rendez-vous de rentrée pour toutes les communes.",
        "diagnostic": "Des associations méconnues",
        "public": "Habitants, associations",
        "enjeu": "Faire connaître",
        "modalites": "- Trouver une date\n- Inviter",
        "objectifs": "Développer le bénévolat",
        "calendrier": "2027/2028",
        "pilote": "Office du tourisme du Val",
        "resultats": "",
        "partenaires": "Associations, communes",
        "indicateurs": "- Nombre de stands\n- Nombre de visiteurs",
        "liste_indicateurs": ["Nombre de stands", "Nombre de visiteurs"],
    }
    assert second.fields["sheet"]["axe"] == "Axe 4. Bouger"
    assert second.fields["when"] == "Mai 2027"
    assert "objectifs" not in second.fields["sheet"]


@pytest.mark.parametrize("write", [as_docx, as_odt, as_html])
def test_an_empty_cell_is_not_an_absent_field(write: Callable[[list[Line]], bytes]) -> None:
    (item,) = parse(write(IN_LINE), SOURCE)
    assert item.fields["sheet"]["indicateurs_effets"] == ""
    assert "contact" not in item.fields["sheet"]


def test_two_sheets_in_line_are_told_apart_from_the_sheets_they_link_to() -> None:
    second = [("FICHE 2.4",), ("NAGER",), *IN_LINE[2:]]
    items = parse(as_docx(IN_LINE + second), SOURCE)
    assert [i.key.split("-")[1] for i in items] == ["2.3", "2.4"]
    assert items[1].fields["title"] == "NAGER"


def test_a_form_with_its_title_in_a_cell() -> None:
    rows = [
        ("Intitulé de l'action", "Courir au collège"),
        ("Porteur de projet", "Collège du Val"),
        ("Public visé", "Élèves"),
        ("Budget prévisionnel", "3 000 €"),
        ("Contact", "Mme X, 04 90 00 00 00, x@exemple.test"),
    ]
    again = [("Intitulé de l'action", "Nager au collège"), *rows[1:]]
    first, second = parse(as_docx(rows + again), SOURCE)
    assert first.fields["title"] == "Courir au collège"
    assert first.fields["email"] == "x@exemple.test"
    assert first.fields["phone"] == "04 90 00 00 00"
    assert second.fields["title"] == "Nager au collège"
    assert first.key != second.key


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        ("Échéances de réalisation :", "calendrier"),
        ("INDICATEURS D'EVALUATION", "indicateurs"),
        ("Public ciblé", "public"),
        ("Modalité de mise en oeuvre", "modalites"),
        ("· indicateurs de mixité", None),
        ("Axe 3", None),
        ("Action 2", None),
        ("Population", None),
        ("2023/2024", None),
    ],
)
def test_labels_are_recognised_by_likeness(cell: str, field: str | None) -> None:
    assert label_of(cell) == field


def test_residues_are_cleaned() -> None:
    assert tidy("<p><i>Un texte</i></p> <ul> • un • deux") == "Un texte\n- un\n- deux"


PROSE = "Compte rendu\n\nRésultats\n\n38 réponses obtenues\n\n- Manque de temps\n"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (PROSE.encode(), "resultats"),
        (as_docx([("Bonjour",), ("Ordre du jour", "Horaire")]), "aucun"),
        (b"", "vide"),
        (b"%PDF-1.4", "PDF"),
        (b"PK\x03\x04...", "abîmé"),
        (b"<html>", "libellés"),
    ],
)
def test_what_is_no_action_sheet_says_why(body: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        parse(body, SOURCE, name="reunion")
    assert caught.value.about == "reunion"


def test_entities_of_a_hostile_document_are_not_expanded() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml",
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        )
    with pytest.raises(Unreadable):
        parse(out.getvalue(), SOURCE)


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"<html>", b"Enjeu :"]))
def test_no_bytes_crash_the_reader(body: bytes, start: bytes) -> None:
    with contextlib.suppress(Unreadable):
        assert all(isinstance(i, RawItem) for i in parse(start + body, SOURCE))


cells = st.one_of(st.sampled_from([c for line in IN_LINE + IN_COLUMNS for c in line]), st.text())


@given(st.lists(st.lists(cells, min_size=1, max_size=3), max_size=20))
def test_any_document_keeps_the_contract(lines: list[list[str]]) -> None:
    try:
        items = parse(as_txt([tuple(line) for line in lines]), SOURCE)
    except Unreadable:
        return
    assert all(item.fields["title"] and len(item.fields["sheet"]) >= 4 for item in items)
    assert len({item.key for item in items}) == len(items)


@pytest.mark.parametrize("label", ["Description", "Les partenaires", "Des objectifs", "L'enjeu"])
def test_an_article_before_a_label_is_not_part_of_it_and_is_not_cut_from_a_word(label: str) -> None:
    assert label_of(label) is not None
