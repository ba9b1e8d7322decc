"""Exports de formulaires et tableurs : CSV, XLSX, ODS, JSON, JSON Lines, Parquet.

Framaforms, LimeSurvey, Google Forms, Démarches simplifiées, Grist, tableur d'une mairie : les
colonnes sont devinées, une correspondance l'emporte (docs/import.md).
"""

from collections.abc import AsyncIterator
from dataclasses import replace

from collectors.answers import one_file
from collectors.http import Http
from collectors.tables.items import MAPPING, Reading, read_rows
from collectors.tables.reading import read_table
from domain.errors import Unreadable
from domain.records import RawItem, Source

TITLE = "tableau (CSV, Excel…)"
OPTIONS: dict[str, str] = {
    "mapping": MAPPING,
    "sheet": "Feuille à lire (nom ou rang à partir de 0) ; sinon celle qui ressemble au tableau",
}
VERSION = 1
PERSONAL = True
FILES = True


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """The rows of a table as items. Raises Unreadable, and ConfigError for a wrong mapping."""
    return list(read(body, source, name=name).items)


def read(body: bytes, source: Source, *, name: str = "") -> Reading:
    """Like `parse`, with what was guessed and dropped: `paat import --dry-run` shows it."""
    about = name or source.slug
    table = read_table(body, name=about, sheet=source.options.get("sheet"))
    if next(iter(table.rows), None) is None:
        raise Unreadable("un en-tête sans aucune ligne en dessous ; refaites l'export", about=about)
    reading = read_rows(table.columns, table.rows, source, about=about)
    return replace(reading, warnings=(*table.warnings, *reading.warnings))


def collect(source: Source, http: Http) -> AsyncIterator[RawItem]:
    """The rows of the export, unless it has not changed."""
    return one_file(source, http, parse)
