"""A table given on the command line: read, its columns recognised, its warnings told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from collectors import columns as guessing
from collectors import tables
from domain.errors import ConfigError
from domain.records import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A table whose columns are known: `fields` maps a column to a field of DESIGN §5."""

    file: Path
    table: tables.Table
    fields: Mapping[str, str]

    def column(self, field: str) -> str | None:
        """The column that holds a field, or None."""
        return next((column for column, name in self.fields.items() if name == field), None)

    def canonical(self) -> Iterator[dict[str, Json]]:
        """The rows under field names; a row without id is numbered from 1."""
        for number, row in enumerate(self.table.rows, start=1):
            named = {field: row.get(column) for column, field in self.fields.items()}
            yield {"id": str(number), **{k: v for k, v in named.items() if v is not None}}


def open_table(
    file: Path, mapping: Sequence[str] = (), *, without: Collection[str | None] = ()
) -> Opened:
    """The table of a file; the columns of `without` are not looked at.

    Raises Unreadable, or ConfigError for a wrong COLUMN=FIELD.
    """
    table = tables.read_table(file.read_bytes(), name=file.name)
    columns = [one for one in table.columns if one not in without]
    fields = guessing.guess(columns, table.rows, mapping=dict(map(_pair, mapping)))
    return Opened(file=file, table=table, fields=fields)


def _pair(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise ConfigError(f"{text!r} là où COLONNE=CHAMP est attendu", about="--map")
    return column, field


def tell(opened: Opened) -> None:
    """Say on stderr how the columns were understood, and what was odd in the file."""
    for column, field in opened.fields.items():
        click.echo(f"  {column} → {field}", err=True)
    unread = [column for column in opened.table.columns if column not in opened.fields]
    if unread:
        click.echo(f"  colonnes laissées : {', '.join(unread)} (--map pour décider)", err=True)
    for warning in opened.table.warnings:
        click.echo(f"  ⚠ {warning}", err=True)
