"""JSON Lines: one initiative a line, to be read as it comes."""

import json
from typing import IO

from census.table import Table

SUFFIX = ".jsonl"
MEDIA_TYPE = "application/x-ndjson"
TITLE = "JSON, une initiative par ligne"


def write(table: Table, out: IO[bytes]) -> int:
    """Write the lines; their number."""
    count = 0
    for count, row in enumerate(table, start=1):  # noqa: B007 — the count is what comes back
        out.write(json.dumps(row, ensure_ascii=False, allow_nan=False).encode() + b"\n")
    return count
