"""CSV that French Excel opens right: UTF-8 with BOM, `;`, CRLF, ISO dates.

Its header is the names of the published schema, so that the file is valid as it is; the titles a
person reads are those of the workbooks (xlsx, ods).
"""

import csv
import io
from typing import IO

from census.cells import neutralised
from census.table import Table

SUFFIX = ".csv"
MEDIA_TYPE = "text/csv; charset=utf-8"
TITLE = "Tableau CSV (Excel, LibreOffice)"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the table; the number of rows."""
    stream = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    count = 0
    for count, row in enumerate(table, start=1):  # noqa: B007 — the count is what comes back
        writer.writerow([neutralised(row[column.name]) for column in table.columns])
    stream.detach()
    return count
