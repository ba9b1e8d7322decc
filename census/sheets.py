"""An initiative as a « fiche action »: the fields of both layouts prefectures and CAF use.

What an action sheet said is given back as it was; what it did not say comes from the census row
(dates, territory, partners…). Nothing is invented: a field nobody told stays empty, visibly.
The layouts are those of domain.fr.md §5.2.
"""

from collections.abc import Mapping
from datetime import date
from typing import IO

from census.rows import Entry
from census.table import CensusRow, Table
from census.typeset import pdf
from census.words import shown
from domain.privacy import mask
from domain.records import Json
from domain.times import french_date

CONTRAT_DE_VILLE: tuple[tuple[str, str], ...] = (
    ("axe", "Pilier / Axe"),
    ("enjeu", "Enjeu"),
    ("diagnostic", "Contexte"),
    ("objectifs", "Objectifs et dynamiques"),
    ("modalites", "Réalisations attendues"),
    ("resultats", "Effets attendus"),
    ("territoire", "Échelle territoriale"),
    ("pilote", "Animateur"),
    ("partenaires", "Partenaires mobilisables (dont habitants), dispositifs mobilisables"),
    ("financements", "Financements mobilisables"),
    ("calendrier", "Calendrier"),
    ("indicateurs_realisation", "Indicateurs de réalisation"),
    ("indicateurs_effets", "Indicateurs d'effets"),
    ("liens", "Liens autres enjeux / fiches"),
)
CTG: tuple[tuple[tuple[str, str], tuple[str, str]], ...] = (
    (("diagnostic", "Diagnostic initial"), ("public", "Public cible")),
    (("enjeu", "Enjeu"), ("modalites", "Modalités de mise en œuvre")),
    (("objectifs", "Objectifs opérationnels"), ("calendrier", "Échéances de réalisation")),
    (
        ("pilote", "Services mobilisés et responsables de l'action"),
        ("resultats", "Résultats attendus"),
    ),
    (("partenaires", "Partenaires sollicités"), ("indicateurs", "Indicateurs d'évaluation")),
)


def told(entry: Entry, *, private: bool = False) -> Mapping[str, Json]:
    """The action sheet an initiative was read in; public: no contact, no address nor number."""
    found = entry.value("sheet")
    if not isinstance(found, Mapping):
        return {}
    if private:
        return found
    return {name: _masked(value) for name, value in found.items() if name != "contact"}


def _masked(value: Json) -> Json:
    if isinstance(value, list):
        return [mask(str(one)) for one in value]
    return mask(str(value))


def sheet(entry: Entry, row: CensusRow, *, private: bool = False) -> dict[str, str]:
    """Every field of both layouts, as text; empty when unknown."""
    said = {name: _text(value) for name, value in told(entry, private=private).items()}
    derived = {
        "intitule": str(row["intitule"] or "Sans titre"),
        "description": str(row["description"] or ""),
        "axe": ", ".join(shown("theme", slug) for slug in entry.themes),
        "public": ", ".join(shown("publics", one) for one in row["publics"]),
        "pilote": str(row["porteur_nom"] or ""),
        "partenaires": "\n".join(row["partenaires"]),
        "financements": _funding(row),
        "territoire": _territory(row),
        "calendrier": _days(row),
        "indicateurs": "",
        "numero": "",
    }
    names = {name for name, _ in CONTRAT_DE_VILLE} | {n for pair in CTG for n, _ in pair}
    fields = {name: said.get(name) or derived.get(name, "") for name in names | set(derived)}
    both = [fields["indicateurs"], fields["indicateurs_realisation"], fields["indicateurs_effets"]]
    fields["indicateurs"] = fields["indicateurs"] or "\n".join(filter(None, both))
    fields["indicateurs_realisation"] = fields["indicateurs_realisation"] or fields["indicateurs"]
    return fields | {"identifiant": str(row["animation_id"])}


def _text(value: Json) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _funding(row: CensusRow) -> str:
    lines = list(row["financements"])
    if row["montant_accorde"] is not None:
        lines.append(f"Subvention accordée : {euros(row['montant_accorde'])}")
    if row["budget_total"] is not None:
        lines.append(f"Budget prévisionnel : {euros(row['budget_total'])}")
    return "\n".join(lines)


def _territory(row: CensusRow) -> str:
    named = (row["nom_commune"], row["epci_nom"])
    department = row["code_departement"]
    last = shown("code_departement", department) if department else None
    return ", ".join(str(one) for one in (*named, last) if one)


def _days(row: CensusRow) -> str:
    spans = [one.partition("/") for one in row["editions"]]
    lines = [span(date.fromisoformat(a), date.fromisoformat(b)) for a, _, b in spans]
    return "\n".join(lines) or str(row["dates_texte"] or "")


def span(first: date, last: date) -> str:
    """`le 5 juin 2027`, `du 5 juin 2027 au 7 juin 2027`."""
    if first == last:
        return f"le {french_date(first)}"
    return f"du {french_date(first)} au {french_date(last)}"


def euros(amount: float) -> str:
    """`1 500 €`, with the unbreakable spaces of French typography."""
    cents = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",").removesuffix(",00")
    return f"{cents}\u00a0€"


def sheets(table: Table) -> list[dict[str, str]]:
    """The sheet of every initiative of a census, in its order."""
    return [sheet(entry, row, private=table.private) for entry, row in table.pairs()]


def typeset(table: Table, out: IO[bytes], *, layout: str) -> int:
    """Write every sheet in a layout, one a page, as a tagged PDF; their number."""
    found = sheets(table)
    data = {
        "layout": layout,
        "title": f"Fiches action – {table.campaign.title}",
        "made_on": french_date(table.made_on),
        "rows": CONTRAT_DE_VILLE,
        "pairs": CTG,
        "sheets": found,
    }
    out.write(pdf("sheets.typ", data, made_on=table.made_on))
    return len(found)
