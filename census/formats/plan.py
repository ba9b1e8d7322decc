"""The plan document as an editable DOCX, from our template or the one a DRAJES gives."""

from pathlib import Path
from typing import IO, Any

from census.docx import figure, fill
from census.plan import contents
from census.table import Table
from census.typeset import png

SUFFIX = ".docx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE = "Document du plan (Word, LibreOffice)"

_WIDTH_MM = 150


def write(table: Table, out: IO[bytes], *, template: Path | None = None) -> int:
    """Write the document; the number of initiatives. Raises ConfigError for a bad template."""
    data = contents(table)
    figures = data.pop("figures")

    def pictures(document: Any) -> dict[str, Any]:
        return {
            "pictures": {
                name: figure(
                    document,
                    one["svg"],
                    png(one["svg"], made_on=table.made_on),
                    words=f"{one['title']} : {one['alt']}",
                    width_mm=_WIDTH_MM,
                )
                for name, one in figures.items()
            }
        }

    fill(template or "plan.docx", data, out, extra=pictures)
    return int(data["n"])
