"""Action sheets in the layout « ctg », as an editable DOCX."""

from pathlib import Path
from typing import IO

from census.docx import fill
from census.sheets import sheets
from census.table import Table

SUFFIX = ".docx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE = "Fiches action, modèle ctg (Word, LibreOffice)"


def write(table: Table, out: IO[bytes], *, template: Path | None = None) -> int:
    """Write the sheets, one a page; their number. Raises ConfigError for a bad template."""
    found = sheets(table)
    fill(template or "ctg.docx", {"sheets": found}, out)
    return len(found)
