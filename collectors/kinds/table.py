"""Exports de formulaires et tableurs : CSV, XLSX, ODS, JSON, JSON Lines, Parquet.

Framaforms, LimeSurvey, Google Forms, Démarches simplifiées, Grist, tableur d'une mairie : les
colonnes sont devinées, une correspondance l'emporte (docs/import.md).
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from collectors.columns import Guess, explain, read_mapping
from collectors.table_rows import ReadRow, keys, read_row
from collectors.tables import Table, read_table
from domain.errors import ConfigError, Unreadable
from domain.records import RawItem, Source
from domain.text import fold

OPTIONS: dict[str, str] = {
    "mapping": 'Correspondance { "nom de colonne" = "champ" } qui l\'emporte sur ce qui est deviné',
    "sheet": "Feuille à lire (nom ou rang à partir de 0) ; sinon celle qui ressemble au tableau",
}
VERSION = 1
MAX_BYTES = 200_000_000  # an export is longer than a page, and slower to come
TOTAL_SECONDS = 120.0
_INSTEAD = ("organiser", "venue", "description")  # what stands for a missing title


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a table gave: items, how each column was taken, and warnings (French)."""

    items: tuple[RawItem, ...]
    guesses: tuple[Guess, ...]
    warnings: tuple[str, ...]


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """The rows of a table as items. Raises Unreadable, and ConfigError for a wrong mapping."""
    return list(read(body, source, name=name).items)


def read(body: bytes, source: Source, *, name: str = "") -> Reading:
    """Like `parse`, with what was guessed and dropped: `paat import --dry-run` shows it."""
    about = name or source.slug
    table = read_table(body, name=about, sheet=source.options.get("sheet"))
    mapping = _mapping(source.options.get("mapping") or {}, table.columns)
    guesses = with_title(explain(table.columns, table.rows, mapping=mapping), about)
    rows = [read_row(row, guesses) for row in table.rows]
    kept = [row for row in rows if row.fields.get("title") and not _is_total(row)]
    warnings = [*table.warnings, *_told(guesses, rows, kept)]
    if not rows:
        raise Unreadable("un en-tête sans aucune ligne en dessous ; refaites l'export", about=about)
    items = tuple(_item(row, key, source) for row, key in zip(kept, keys(kept), strict=True))
    return Reading(items=items, guesses=guesses, warnings=tuple(warnings))


def _mapping(option: Any, columns: Sequence[str]) -> dict[str, str]:
    if isinstance(option, str):
        return read_mapping(option, columns)
    if not isinstance(option, dict):
        raise ConfigError(
            f"{type(option).__name__} where a table COLUMN = FIELD was expected; correct it",
            about="mapping",
        )
    return {str(column): str(field) for column, field in option.items()}


def with_title(guesses: Sequence[Guess], about: str) -> tuple[Guess, ...]:
    """The guesses with a column for the title: an organiser's or a venue's name, for want of one.

    Raises Unreadable when no column can stand for it.
    """
    by_field = {guess.field: guess for guess in reversed(guesses)}
    if "title" in by_field:
        return tuple(guesses)
    for field in _INSTEAD:
        if field in by_field:
            old = by_field[field]
            new = Guess(column=old.column, field="title", confidence=0.3, reason="faute d'intitulé")
            return tuple(new if guess is old else guess for guess in guesses)
    raise Unreadable(
        f"les colonnes {', '.join(g.column for g in guesses)[:300]} là où une colonne "
        "d'intitulés est attendue ; "
        "dites laquelle par --mapping ou options.mapping (COLONNE = title)",
        about=about,
    )


def _is_total(row: ReadRow) -> bool:
    return fold(str(row.fields["title"])).strip(" :") in ("total", "total general", "sous-total")


def _told(guesses: Sequence[Guess], rows: list[ReadRow], kept: list[ReadRow]) -> list[str]:
    told = []
    personal = [g.column for g in guesses if g.field == "personal"]
    if personal:
        told.append(f"colonnes personnelles non importées (RGPD) : {', '.join(personal)}")
    instead = [g.column for g in guesses if g.reason == "faute d'intitulé"]
    if instead:
        told.append(f"aucune colonne d'intitulé : « {instead[0]} » en tient lieu")
    if len(kept) < len(rows):
        told.append(f"{len(rows) - len(kept)} ligne(s) sans intitulé ou de total, ignorée(s)")
    doubles = len(kept) - len({row.id or row.identity for row in kept})
    if doubles:
        told.append(f"{doubles} ligne(s) de même identité qu'une autre, gardée(s) à part")
    return told


def _item(row: ReadRow, key: str, source: Source) -> RawItem:
    url = row.fields.get("url")
    return RawItem(
        source=source.slug,
        key=key,
        url=url,
        fields=row.fields,
        published_at=row.published_at,
        leftovers=tuple(row.rest),
    )


async def collect(source: Source, http: Any) -> AsyncIterator[RawItem]:
    """Fetch the export and yield its rows; nothing when it has not changed."""
    page = await http.get(
        source.url, published=True, max_bytes=MAX_BYTES, total_seconds=TOTAL_SECONDS
    )
    if page.unchanged:
        return
    name = PurePosixPath(urlsplit(page.url).path).name
    for item in await http.parse(parse, page.body, source, name=name):
        yield item


__all__ = ["OPTIONS", "Reading", "Table", "collect", "parse", "read", "with_title"]
