"""Action sheets in the layout « contrat-de-ville », as a tagged PDF (PDF/UA-1)."""

from typing import IO

from census.sheets import typeset
from census.table import Table

SUFFIX = ".pdf"
MEDIA_TYPE = "application/pdf"
TITLE = "Fiches action, modèle contrat-de-ville (PDF accessible)"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the sheets, one a page; their number."""
    return typeset(table, out, layout="contrat-de-ville")
