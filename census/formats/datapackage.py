"""A Data Package (specs.frictionlessdata.io): the CSV, its schema, a README, in one archive.

`frictionless validate` accepts it (tests/unit/census checks the parts, bench the whole).
"""

import hashlib
import json
import tempfile
import zipfile
from typing import IO

from census.files import member
from census.formats import csv
from census.readme import markdown
from census.schema import table_schema
from census.table import LICENCE_URL, Table

SUFFIX = ".zip"
MEDIA_TYPE = "application/zip"
TITLE = "Paquet de données (CSV, schéma, notice)"

_BLOCK = 1 << 16


def write(table: Table, out: IO[bytes]) -> int:
    """Write the archive; the number of rows."""
    name = f"recensement-{table.campaign.code.lower()}"
    with tempfile.TemporaryFile(prefix="paat-") as data:
        count = csv.write(table, data)
        size = data.tell()
        data.seek(0)
        digest = hashlib.file_digest(data, "sha256").hexdigest()
        data.seek(0)
        schema = table_schema(table.columns)
        descriptor = _descriptor(table, name, count=count, size=size, digest=digest)
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(member("datapackage.json"), _json(descriptor))
            archive.writestr(member("README.md"), markdown(table, count))
            archive.writestr(member("schema.json"), _json(schema))
            with archive.open(member(f"{name}.csv"), "w", force_zip64=True) as target:
                while block := data.read(_BLOCK):
                    target.write(block)
    return count


def _descriptor(
    table: Table, name: str, *, count: int, size: int, digest: str
) -> dict[str, object]:
    return {
        "profile": "tabular-data-package",
        "name": name,
        "title": table.campaign.title,
        "description": "; ".join((f"recensement au {table.made_on.isoformat()}", *table.notes)),
        "created": f"{table.made_on.isoformat()}T00:00:00Z",
        "licenses": [{"name": "etalab-2.0", "title": "Licence Ouverte 2.0", "path": LICENCE_URL}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": name,
                "path": f"{name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8-sig",
                "dialect": {"delimiter": ";", "lineTerminator": "\r\n"},
                "schema": "schema.json",
                "bytes": size,
                "hash": f"sha256:{digest}",
                "rows": count,
            }
        ],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
