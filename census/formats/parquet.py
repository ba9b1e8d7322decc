"""Parquet, for those who compute. Needs pyarrow: `uv sync --extra parquet`."""

from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import IO, Any

from census.columns import Column
from census.table import LICENCE, CensusRow, Table
from domain.errors import ConfigError
from domain.records import Json

SUFFIX = ".parquet"
MEDIA_TYPE = "application/vnd.apache.parquet"
TITLE = "Parquet (analyse)"

ROWS = 5000  # of a group: what memory holds


def write(table: Table, out: IO[bytes]) -> int:
    """Write the file; the number of rows. Raises ConfigError without pyarrow."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ConfigError(
            "pyarrow manque, dont le format parquet a besoin ; lancez `uv sync --extra parquet`",
            about="parquet",
        ) from None
    types = _types(pa)
    fields = [pa.field(one.name, types[one.type]) for one in table.columns]
    told = {"campagne": table.campaign.code, "date_export": table.made_on.isoformat()}
    schema = pa.schema(fields, metadata={**told, "licence": LICENCE})
    count = 0
    rows = iter(table)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(rows):
            arrays = [
                pa.array([_value(row[c.name], c) for row in group], type=types[c.type])
                for c in table.columns
            ]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            count += len(group)
    return count


def _groups(rows: Iterator[CensusRow]) -> Iterator[list[CensusRow]]:
    while group := list(islice(rows, ROWS)):
        yield group


def _types(pa: Any) -> dict[str, Any]:
    return {
        "string": pa.string(),
        "date": pa.date32(),
        "datetime": pa.timestamp("s", tz="UTC"),
        "number": pa.float64(),
        "integer": pa.int64(),
        "boolean": pa.bool_(),
        "array": pa.list_(pa.string()),
    }


def _value(value: Json, column: Column) -> Any:
    if value is None:
        return None
    if column.type == "date":
        return date.fromisoformat(value)
    if column.type == "datetime":
        return datetime.fromisoformat(value)
    if column.type == "integer":
        return int(value)
    return str(value) if column.type == "string" else value
