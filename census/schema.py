"""The TableSchema and the data dictionary, from the columns."""

from typing import Any

from census.columns import COLUMNS, Column
from domain.records import Json

VERSION = "1.0.0"


def table_schema(columns: tuple[Column, ...]) -> dict[str, Any]:
    """The TableSchema (specs.frictionlessdata.io/table-schema) of these columns."""
    return {
        "$schema": "https://specs.frictionlessdata.io/schemas/table-schema.json",
        "name": "paat-animations",
        "title": "Recensement des animations territoriales (PAAT)",
        "description": "Une ligne par initiative d'une campagne.",
        "countryCode": "FR",
        "version": VERSION,
        "licenses": [
            {
                "name": "etalab-2.0",
                "title": "Licence Ouverte 2.0",
                "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
            }
        ],
        "missingValues": [""],
        "primaryKey": "animation_id",
        "fields": [_field(column) for column in columns],
    }


def _field(column: Column) -> dict[str, Json]:
    listed = column.type == "array"
    kind = "string" if listed else column.type
    one: dict[str, Json] = {"name": column.name, "title": column.title, "type": kind}
    # A list is a text in a CSV cell: every validator reads it, few read the « list » of 2024.
    words = [column.description, "Valeurs séparées par « | »." if listed else ""]
    if said := " ".join(filter(None, words)):
        one["description"] = said
    if column.example:
        one["example"] = column.example
    if column.constraints:
        one["constraints"] = column.constraints
    return one


def dictionary() -> str:
    """docs/dictionnaire.md, generated."""
    lines = [
        "# Dictionnaire des données du recensement",
        "",
        "Page produite par `make docs` à partir de `census/columns.py` : ne pas la modifier.",
        "",
        "| colonne | intitulé | type | contenu | exemple | export public |",
        "|---|---|---|---|---|---|",
    ]
    for one in COLUMNS:
        public = "non (donnée personnelle)" if one.personal else "oui"
        cells = (one.name, one.title, one.type, one.description, one.example, public)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join([*lines, ""])
