"""CSV that French Excel opens right: UTF-8 with BOM, `;`, CRLF, French headers, ISO dates."""

import csv
import io
from typing import IO

from census.cells import neutralised, text
from census.table import Table

SUFFIX = ".csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
TITLE = "Tableau CSV (Excel, LibreOffice)"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the table; the number of rows."""
    stream = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.title for column in table.columns])
    count = 0
    for count, row in enumerate(table, start=1):  # noqa: B007 — the count is what comes back
        writer.writerow([neutralised(text(row[column.name])) for column in table.columns])
    stream.detach()
    return count
