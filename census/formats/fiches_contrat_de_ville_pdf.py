"""Action sheets in the layout « contrat-de-ville », as a tagged PDF (PDF/UA-1)."""

from typing import IO

from census.sheets import CONTRAT_DE_VILLE, CTG, sheets
from census.table import Table
from census.typeset import pdf
from domain.times import french_date

SUFFIX = ".pdf"
MEDIA_TYPE = "application/pdf"
TITLE = "Fiches action, modèle contrat-de-ville (PDF accessible)"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the sheets, one a page; their number."""
    found = sheets(table)
    data = {
        "layout": "contrat-de-ville",
        "title": f"Fiches action – {table.campaign.title}",
        "made_on": french_date(table.made_on),
        "rows": CONTRAT_DE_VILLE,
        "pairs": CTG,
        "sheets": found,
    }
    out.write(pdf("sheets.typ", data, made_on=table.made_on))
    return len(found)
