"""Read any table: `read_table(bytes)` gives columns, rows and what was odd about them.

CSV (any delimiter and encoding), XLSX, XLS, ODS, JSON, GeoJSON, JSON Lines, Parquet (when pyarrow
is installed). A value is None, str, int, float, bool or a list: dates of a spreadsheet come as
ISO text. Rows are read while they are iterated, any number of times; CSV and JSON Lines never
hold more than a row. docs/import.md tells users what is understood.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from collectors.tables import bombs, json_tables, text, workbooks
from domain.errors import Unreadable
from domain.records import Json

Row = dict[str, Json]
Warn = Callable[[str], None]
_NOTHING = frozenset(
    ("nan", "null", "inf", "-inf", "infinity", "-infinity", "#n/a", "#ref!", "#value!", "#div/0!")
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table: each iteration reads them again from the start."""

    make: Callable[[], Iterator[Row]]

    def __iter__(self) -> Iterator[Row]:
        return self.make()


@dataclass(frozen=True, slots=True)
class Table:
    """Columns in the order of the file, their rows, and warnings (French, for a person).

    `warnings` grows while the rows are read: look at it after the last one.
    """

    columns: tuple[str, ...]
    rows: Rows
    warnings: list[str] = field(default_factory=list)


def read_table(body: bytes, *, name: str = "", sheet: str | int | None = None) -> Table:
    """The table of a file; its format is seen from its first bytes, `name` only helps messages.

    Raises Unreadable (where, what, what to do) for what is no table, is empty or has no header.
    """
    about = name or "table"
    if not body.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise Unreadable(
            "un fichier vide là où un tableau est attendu ; refaites l'export", about=about
        )
    warnings: list[str] = []

    def warn(words: str) -> None:
        if words and words not in warnings:
            warnings.append(words)

    columns, make = _reader(body, about, sheet, warn)
    return Table(columns, Rows(lambda: _clean_rows(make(), warn)), warnings)


_Read = tuple[tuple[str, ...], Callable[[], Iterator[Row]]]


def _reader(body: bytes, about: str, sheet: str | int | None, warn: Warn) -> _Read:
    if body.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        if body.startswith(b"PK"):
            bombs.check(body, about)
        return workbooks.read(body, about=about, sheet=sheet, warn=warn)
    if body.startswith(b"PAR1"):
        return _parquet(body, about)
    head = body[:65536].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if head.startswith((b"<!DOCTYPE", b"<!doctype", b"<html", b"<HTML", b"<?xml")):
        raise Unreadable(
            "une page web ou du XML là où un tableau est attendu ; "
            "donnez l'adresse de l'export lui-même",
            about=about,
        )
    if json_tables.looks_like_lines(head, about):
        return json_tables.read_lines(body, about=about, warn=warn)
    if head.startswith((b"{", b"[")):
        return json_tables.read(body, about=about, warn=warn)
    return text.read(body, about=about, warn=warn)


def _parquet(body: bytes, about: str) -> _Read:
    try:
        import pyarrow.parquet as parquet
    except ImportError as error:
        raise Unreadable(
            "un fichier Parquet alors que pyarrow n'est pas installé ; "
            "installez paat[parquet] ou enregistrez le tableau en CSV",
            about=about,
        ) from error
    try:
        file = parquet.ParquetFile(io.BytesIO(body))
    except (OSError, ValueError) as error:
        raise Unreadable(
            "un fichier Parquet abîmé ; téléchargez-le à nouveau", about=about
        ) from error

    def rows() -> Iterator[Row]:
        for batch in file.iter_batches(batch_size=1000):
            yield from batch.to_pylist()

    return tuple(file.schema_arrow.names), rows


def _clean_rows(rows: Iterator[Row], warn: Warn) -> Iterator[Row]:
    for row in rows:
        cleaned = {name: clean_value(value) for name, value in row.items()}
        if any(value is not None for value in cleaned.values()):
            for name, value in row.items():
                if value and cleaned[name] is None and (said := str(value).strip()):
                    warn(f"{name} : « {said[:20]} » ne dit rien, la cellule est lue comme vide")
            yield cleaned


def clean_value(value: Any) -> Json:
    """A cell as JSON: stripped, "" and NaN → None, 3.0 → 3, dates → ISO, `'=1` → `=1`."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 1e15 else value
    if isinstance(value, datetime):
        midnight = value.time() == time() and value.tzinfo is None
        return value.date().isoformat() if midnight else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, list | tuple):
        return [clean_value(v) for v in value if clean_value(v) is not None] or None
    return value if isinstance(value, dict) else str(value)


def _clean_text(value: str) -> str | None:
    value = value.strip()
    if not value or (len(value) < 10 and value.lower() in _NOTHING):
        return None
    # An apostrophe before a formula sign is what exports write against injection (census too).
    return value[1:] if value[0] == "'" and value[1:2] in ("=", "+", "-", "@") else value
