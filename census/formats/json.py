"""JSON: one object with the campaign, the date, the licence and the rows."""

import json
from typing import IO

from census.table import LICENCE, Table

SUFFIX = ".json"
MEDIA_TYPE = "application/json"
TITLE = "JSON"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the object, a row a line; the number of rows."""
    head = {
        "campagne": table.campaign.code,
        "titre": table.campaign.title,
        "date_export": table.made_on.isoformat(),
        "licence": LICENCE,
        "filtres": list(table.notes),
    }
    out.write(json.dumps(head, ensure_ascii=False).encode()[:-1] + b', "initiatives": [')
    count = 0
    for count, row in enumerate(table, start=1):
        out.write(b"\n" if count == 1 else b",\n")
        out.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode())
    out.write(b"\n]}\n")
    return count
