"""Rows of any table, form or API → items, their columns guessed. Pure; shared by several kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from collectors.tables.columns import Guess, explain, read_mapping
from collectors.tables.rows import ReadRow, keys, read_row
from domain.errors import ConfigError, Unreadable
from domain.records import Json, RawItem, Source
from domain.text import fold

MAPPING = 'Correspondance { "nom de colonne" = "champ" } qui l\'emporte sur ce qui est deviné'
_INSTEAD = ("organiser", "venue", "description")  # what stands for a missing title


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a table gave: items, how each column was taken, and warnings (French)."""

    items: tuple[RawItem, ...]
    guesses: tuple[Guess, ...]
    warnings: tuple[str, ...]


def read_rows(
    columns: Sequence[str], rows: Iterable[Mapping[str, Json]], source: Source, *, about: str
) -> Reading:
    """The rows as items. `rows` is read twice. Raises Unreadable when no column is a title,
    ConfigError for a wrong `options.mapping`."""
    mapping = _mapping(source.options.get("mapping") or {}, columns)
    guesses = with_title(explain(columns, rows, mapping=mapping), about)
    read = [read_row(row, guesses) for row in rows]
    kept = [row for row in read if row.fields.get("title") and not _is_total(row)]
    items = tuple(_item(row, key, source) for row, key in zip(kept, keys(kept), strict=True))
    return Reading(items=items, guesses=guesses, warnings=tuple(_told(guesses, read, kept)))


def _mapping(option: Any, columns: Sequence[str]) -> dict[str, str]:
    if isinstance(option, str):
        return read_mapping(option, columns)
    if not isinstance(option, dict):
        raise ConfigError(
            f"{type(option).__name__} là où une table COLONNE = CHAMP est attendue ; corrigez-la",
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
