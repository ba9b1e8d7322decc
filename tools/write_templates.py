"""`python -m tools.write_templates`: rewrite the DOCX templates of census/templates.

They are ordinary Word documents with docxtpl tags: a DRAJES changes a copy and gives it with
`paat export census --format plan --template FILE` (docs/plan.md). Run it only to change ours.
"""

import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from census.files import rezipped
from census.sheets import CONTRAT_DE_VILLE, CTG

FOLDER = Path(__file__).parent.parent / "census" / "templates"
CENSUS = ("Initiative", "Porteur", "Commune", "Dates", "Thèmes", "Statut")


def _document(title: str) -> Any:
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = "paat"
    document.core_properties.language = "fr-FR"
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Calibri", Pt(10)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "fr-FR")
    style.element.get_or_add_rPr().append(language)
    for section in document.sections:
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(1.8)
    return document


def _table(document: Any, headers: tuple[str, ...], loop: str, cells: list[str]) -> None:
    """A table whose rows are those of a list: `{%tr for … %}` around the row."""
    table = document.add_table(rows=4, cols=len(headers))
    table.style = "Table Grid"
    for cell, words in zip(table.rows[0].cells, headers, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    _repeat(table.rows[0])
    table.rows[1].cells[0].text = f"{{%tr for r in {loop} %}}"
    for cell, words in zip(table.rows[2].cells, cells, strict=True):
        cell.text = words
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph()


def _repeat(row: Any) -> None:
    """Repeat a header row on each page: also what makes it a header for a screen reader."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _columns(document: Any, headers: tuple[str, ...], loop: str) -> None:
    _table(document, headers, loop, [f"{{{{ r[{n}] }}}}" for n in range(len(headers))])


def _figure(document: Any, name: str, caption: str) -> None:
    document.add_paragraph(f"{{{{ pictures.{name} }}}}").alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(caption, style="Caption")


def _counts(document: Any, label: str, loop: str) -> None:
    _columns(document, (label, "Nombre", "Part et intervalle à 95 %"), loop)


def plan() -> Any:
    document = _document("Plan d'animation territoriale")
    document.add_paragraph("Recensement des animations territoriales")
    document.add_heading("{{ title }}", level=0)
    document.add_paragraph("Campagne {{ code }}, {{ period }}")
    document.add_paragraph("Document établi le {{ made_on }}. {{ licence }}")
    document.add_paragraph("{% if filters %}Filtres : {{ filters|join(' ; ') }}{% endif %}")
    document.add_page_break()
    document.add_heading("1. Cadre", level=1)
    document.add_paragraph(
        "Ce document présente le recensement des animations territoriales de la campagne "
        "« {{ title }} » ({{ period }}){% if games %}, en lien avec : {{ games }}{% endif %}. "
        "Chaque chiffre porte son effectif, chaque part son intervalle de confiance à 95 % "
        "(Wilson)."
    )
    _columns(document, ("Ensemble", "Valeur"), "summary")
    document.add_heading("2. Gouvernance", level=1)
    document.add_paragraph(
        "[À compléter : instance de concertation (CRDS), comité de pilotage, équipe projet, "
        "conférence des financeurs, référents départementaux.]"
    )
    _diagnosis(document)
    _themes(document)
    _calendar(document)
    document.add_heading("6. Recensement des animations par département", level=1)
    document.add_paragraph("{%p for one in tables %}")
    document.add_heading("{{ one.name }}", level=2)
    _columns(document, CENSUS, "one.rows")
    document.add_paragraph("{%p endfor %}")
    _rest(document)
    return document


def _diagnosis(document: Any) -> None:
    document.add_heading("3. Diagnostic territorial", level=1)
    document.add_heading("Par département", level=2)
    _figure(document, "departments", "Initiatives par département (contours : {{ credit }})")
    _counts(document, "Département", "departments")
    document.add_heading("Par intercommunalité", level=2)
    _counts(document, "EPCI", "epcis")
    document.add_heading("Lieux", level=2)
    _figure(document, "map", "Lieux des initiatives (contours : {{ credit }})")
    _columns(document, ("Commune", "Nombre"), "communes")
    document.add_heading("Territoires silencieux", level=2)
    document.add_paragraph("{{ silences.sentence }}")
    _columns(document, ("EPCI sans initiative", "Communes", "Habitants"), "silences.epcis")
    _columns(document, ("Commune sans initiative", "Département", "Habitants"), "silences.communes")
    document.add_paragraph(
        "{% if silences.others %}et {{ silences.others }} autres communes.{% endif %}"
    )
    document.add_heading("Quartiers prioritaires et communes rurales", level=2)
    document.add_paragraph("{{ qpv }}")
    quarters = ("Quartier", "Commune", "Initiatives dans le quartier", "dans la commune")
    _columns(document, quarters, "quarters")


def _themes(document: Any) -> None:
    document.add_heading("4. Axes et thèmes", level=1)
    _figure(document, "themes", "Initiatives par thème (une initiative peut en avoir plusieurs)")
    _counts(document, "Thème", "themes")
    document.add_heading("Thèmes par département", level=2)
    document.add_paragraph(
        "Les effectifs de 1 à 4 sont masqués, et avec eux ce qui les ferait retrouver par "
        "soustraction."
    )
    table = document.add_table(rows=4, cols=4)
    table.style = "Table Grid"
    table.rows[0].cells[0].text = "Département"
    for cell, words in zip(
        table.rows[0].cells[1:],
        ("{%tc for c in crossing.columns %}", "{{ c }}", "{%tc endfor %}"),
        strict=True,
    ):
        cell.text = words
    _repeat(table.rows[0])
    table.rows[1].cells[0].text = "{%tr for r in crossing.rows %}"
    for cell, words in zip(
        table.rows[2].cells,
        ("{{ r[0] }}", "{%tc for v in r[1:] %}", "{{ v }}", "{%tc endfor %}"),
        strict=True,
    ):
        cell.text = words
    table.rows[3].cells[0].text = "{%tr endfor %}"
    document.add_paragraph()
    _columns(document, ("Département", "Thème sans initiative"), "silences.themes")
    document.add_heading("Types, publics, porteurs", level=2)
    _counts(document, "Type", "types")
    _counts(document, "Public", "audiences")
    _counts(document, "Nature du porteur", "organisers")


def _calendar(document: Any) -> None:
    document.add_heading("5. Calendrier", level=1)
    _figure(document, "months", "Initiatives par mois de début")
    _counts(document, "Mois", "months")
    document.add_heading("Temps forts", level=2)
    _columns(document, ("Temps fort", "Dates", "Initiatives"), "highlights")
    document.add_paragraph("{%p for phase in phases %}")
    document.add_heading("{{ phase.name }} : {{ phase.count }}", level=2)
    _columns(document, CENSUS, "phase.rows")
    document.add_paragraph("{%p endfor %}")


def _rest(document: Any) -> None:
    document.add_heading("7. Financements", level=1)
    document.add_paragraph("Subventions connues : {{ financing.total }}.")
    _columns(document, ("Initiative", "Bénéficiaire", "Montant accordé"), "financing.rows")
    _columns(document, ("Financeur", "Initiatives"), "financing.funders")
    document.add_heading("8. Labels", level=1)
    _columns(document, ("Label", "Émetteur", "Détenus", "Cités"), "labels")
    document.add_paragraph(
        "Labels que les initiatives pourraient demander, selon les règles de la campagne : une "
        "proposition n'est jamais une attribution."
    )
    _columns(document, ("Label", "Critères", "Détenus", "Proposés"), "label_rules")
    document.add_heading("9. Communication", level=1)
    document.add_paragraph("[À compléter : supports, relais, calendrier des publications.]")
    document.add_heading("10. Suivi et indicateurs", level=1)
    _columns(document, ("Indicateur des fiches action", "Fiches"), "sheet_indicators")
    document.add_paragraph(
        "Valeurs chiffrées, cumulées quand elles se comparent (mêmes mots, même unité ; un taux "
        "n'est jamais moyenné)."
    )
    measures = ("Indicateur", "Nature", "Cumul ou étendue", "n")
    _columns(document, measures, "measures.rows")
    document.add_paragraph("{{ measures.left_out }}")
    document.add_heading("11. Héritage", level=1)
    _columns(document, CENSUS, "heritage")
    document.add_heading("12. Méthode et sources", level=1)
    document.add_paragraph(
        "Le recensement vient d'une veille de sources publiques, d'imports et de relectures. Le "
        "tableau dit ce qui a été veillé, ce qui n'a pas répondu, et ce qui était attendu."
    )
    sources = ("Source", "État", "Lue le", "Attendu / recueilli", "Initiatives")
    _columns(document, sources, "sources")
    document.add_heading("13. Glossaire", level=1)
    _columns(document, ("Terme", "Sens"), "glossary")


def contrat_de_ville() -> Any:
    document = _document("Fiches action")
    document.add_paragraph("{%p for f in sheets %}")
    head = "{% if f.numero %}FICHE {{ f.numero }} – {% endif %}{{ f.intitule }}"
    document.add_heading(head, 1).paragraph_format.page_break_before = True
    document.add_paragraph("{{ f.description }}").runs[0].italic = True
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for name, label in CONTRAT_DE_VILLE:
        cells = table.add_row().cells
        cells[0].width, cells[1].width = Cm(4.5), Cm(12.9)
        cells[0].paragraphs[0].add_run(label).bold = True
        cells[1].text = f"{{{{ f.{name} }}}}"
    _end(document)
    return document


def ctg() -> Any:
    document = _document("Fiches action")
    document.add_paragraph("{%p for f in sheets %}")
    axis = document.add_paragraph("{% if f.axe %}Axe : {{ f.axe }}{% endif %}")
    axis.paragraph_format.page_break_before = True
    document.add_heading("{% if f.numero %}Action {{ f.numero }} : {% endif %}{{ f.intitule }}", 1)
    document.add_paragraph("{{ f.description }}").runs[0].italic = True
    table = document.add_table(rows=0, cols=2)
    table.style = "Table Grid"
    for pair in CTG:
        labels, values = table.add_row().cells, table.add_row().cells
        for cell, (_, label) in zip(labels, pair, strict=True):
            cell.paragraphs[0].add_run(label).bold = True
        for cell, (name, _) in zip(values, pair, strict=True):
            cell.text = f"{{{{ f.{name} }}}}"
    _end(document)
    return document


def _end(document: Any) -> None:
    document.add_paragraph("Identifiant : {{ f.identifiant }}")
    document.add_paragraph("{%p endfor %}")


TEMPLATES = {"plan.docx": plan, "contrat-de-ville.docx": contrat_de_ville, "ctg.docx": ctg}


def main() -> None:
    for name, build in TEMPLATES.items():
        made = io.BytesIO()
        build().save(made)
        made.seek(0)
        with (FOLDER / name).open("wb") as out:
            rezipped(made, out)


if __name__ == "__main__":
    main()
