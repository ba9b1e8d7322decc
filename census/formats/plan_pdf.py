"""The plan document as a tagged PDF (PDF/UA-1)."""

from typing import IO

from census.plan import contents
from census.table import Table
from census.typeset import pdf

SUFFIX = ".pdf"
MEDIA_TYPE = "application/pdf"
TITLE = "Document du plan (PDF accessible)"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the document; the number of initiatives."""
    data = contents(table)
    out.write(pdf("plan.typ", data, made_on=table.made_on))
    return int(data["n"])
