"""Tables given on the command line: read, their columns recognised, what was odd told in French."""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import click

from collectors.tables import columns as guessing
from collectors.tables import reading as tables
from domain.errors import ConfigError, Unreadable
from domain.records import Json
from flows.bodies import body_column

FILE = "fichier"
"""The column that says from which table a row comes, when several are given."""
NAMED = 30  # columns told one by one
FRENCH: Mapping[str, str] = {
    "id": "identifiant", "title": "titre ou nom", "description": "texte", "organiser": "porteur",
    "venue": "lieu", "address": "adresse", "commune": "commune", "postcode": "code postal",
    "insee": "code INSEE", "dep": "département", "lat": "latitude", "lon": "longitude",
    "latlon": "latitude et longitude", "date_start": "premier jour", "date_end": "dernier jour",
    "when": "dates en toutes lettres", "timings": "créneaux", "year": "année", "url": "lien",
    "ticket": "billetterie", "links": "liens", "rna": "numéro RNA", "siren": "SIREN du porteur",
    "siret": "SIRET du porteur", "source": "source", "status": "statut",
}  # fmt: skip
"""The fields that are compared, as a person reads them; the others are only written back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A table whose columns are known: `fields` maps a column to a field of DESIGN §5."""

    file: Path
    table: tables.Table
    fields: Mapping[str, str]
    month_first: Collection[str] = ()  # columns whose dates are written month first
    aside: Sequence[str] = ()  # columns there are, that were not to be looked at
    left: Sequence[str] = ()  # columns that « --map COLONNE= » leaves aside
    refused: Mapping[str, str] = field(default_factory=dict)  # column left aside → why
    parts: Sequence[tuple[str, "Opened"]] = ()  # what it is made of, when several files were given

    def column(self, field: str) -> str | None:
        """The column that holds a field, or None."""
        return next((column for column, name in self.fields.items() if name == field), None)

    @property
    def warnings(self) -> list[str]:
        """What was odd in the file; complete once its rows were read."""
        left = [f"colonne « {column} » laissée : {why}" for column, why in self.refused.items()]
        told = [f"{label} : {words}" for label, one in self.parts for words in one.warnings]
        return [*self.table.warnings, *left, *told]

    @property
    def doubled_id(self) -> str | None:
        """The column that is called an identifier and is none: several rows bear the same."""
        names = guessing.fields()["id"]
        left = (c for c in self.table.columns if c not in self.fields)
        return next((c for c in left if guessing.spaced(c) in names), None)

    @property
    def compared(self) -> list[str]:
        """The columns a person looks at to compare two rows."""
        return [c for c in self.table.columns if self.fields.get(c) != "id"]

    def canonical(self) -> Iterator[dict[str, Json]]:
        """The rows under field names; a row without id is numbered from 1."""
        for number, row in enumerate(self.table.rows, start=1):
            named = {field: row.get(column) for column, field in self.fields.items()}
            yield {"id": str(number), **{k: v for k, v in named.items() if v is not None}}


def open_table(
    file: Path, mapping: Sequence[str] = (), *, without: Collection[str | None] = ()
) -> Opened:
    """The table of a file; the columns of `without` are not looked at.

    Raises ConfigError for a file that is no table or a wrong COLUMN=FIELD.
    """
    return _understood(file, _read(file), dict(map(_pair, mapping)), without)


def open_tables(
    files: Sequence[Path], mapping: Sequence[str] = (), *, without: Collection[str | None] = ()
) -> Opened:
    """Several tables as one: columns of one name or one field are one, and FILE says whose row it
    is. Raises ConfigError as `open_table`."""
    if len(files) == 1:
        return open_table(files[0], mapping, without=without)
    decided = dict(map(_pair, mapping))
    read = [_read(file) for file in files]
    unknown = set(decided) - {column for table in read for column in table.columns}
    if unknown:
        guessing.check_mapping({column: decided[column] for column in unknown}, read[0].columns)
    return _joined([
        _understood(file, table, {c: f for c, f in decided.items() if c in table.columns}, without)
        for file, table in zip(files, read, strict=True)
    ])  # fmt: skip


@contextmanager
def told_of(file: Path) -> Iterator[None]:
    """What is wrong with a file somebody gave is theirs to put right: a ConfigError."""
    try:
        yield
    except Unreadable as error:
        raise ConfigError(error.message, about=str(file)) from None
    except OSError as error:
        why = "accès refusé" if isinstance(error, PermissionError) else "lecture impossible"
        raise ConfigError(
            f"{why} là où un tableau lisible est attendu ; voyez ses droits", about=str(file)
        ) from None


def _read(file: Path) -> tables.Table:
    with told_of(file):
        piped = str(file) == "-"
        body = sys.stdin.buffer.read() if piped else file.read_bytes()
        return tables.read_table(body, name="entrée" if piped else file.name)


def _understood(
    file: Path, table: tables.Table, mapping: Mapping[str, str],
    without: Collection[str | None] = (),
) -> Opened:  # fmt: skip
    columns = tuple(one for one in table.columns if one not in without)
    with told_of(file):
        guesses = guessing.explain(columns, table.rows, mapping=mapping)
    fields = {one.column: one.field for one in guesses if one.field is not None}
    if not {"siren", "siret", "rna"} & set(fields.values()):
        left = [c for c in columns if c not in fields and c not in mapping]
        with told_of(file):
            if body := body_column(left, table.rows):
                fields[body] = "siren"
    refused = {
        one.column: one.reason for one in guesses
        if one.column not in fields and one.reason not in (guessing.CHOSEN, guessing.UNKNOWN)
    }  # fmt: skip
    first = frozenset(one.column for one in guesses if one.month_first)
    aside = tuple(one for one in table.columns if one in without)
    put_aside = tuple(one for one in columns if mapping.get(one) == "")
    looked_at = replace(table, columns=columns)
    return Opened(
        file=file,
        table=looked_at,
        fields=fields,
        month_first=first,
        aside=aside,
        left=put_aside,
        refused=refused,
    )


def _joined(opened: Sequence[Opened]) -> Opened:
    """One table of several; the first to have a field names its column."""
    homes: dict[str, str] = {}
    fields: dict[str, str] = {}
    columns: dict[str, None] = {FILE: None}
    renamed: list[dict[str, str]] = []
    for one in opened:
        names = {}
        for column in one.table.columns:
            field = one.fields.get(column)
            single = field is not None and field not in guessing.SEVERAL
            name = homes.setdefault(field, column) if single and field else column
            if fields.get(name, field) != field or name == FILE:
                name = f"{column} ({one.file.stem})"
            names[column] = name
            columns[name] = None
            if field:
                fields.setdefault(name, field)
        renamed.append(names)
    parts = list(zip(_labels([one.file for one in opened]), opened, strict=True))

    def rows() -> Iterator[dict[str, Json]]:
        for (label, one), names in zip(parts, renamed, strict=True):
            with told_of(one.file):
                for row in one.table.rows:
                    yield {FILE: label, **{names[c]: row[c] for c in names if c in row}}

    return Opened(
        file=Path(" et ".join(one.file.name for one in opened)),
        table=tables.Table(tuple(columns), tables.Rows(rows)),
        fields=fields,
        month_first=frozenset(
            names[c] for one, names in zip(opened, renamed, strict=True) for c in one.month_first
        ),
        left=tuple(names[c] for one, names in zip(opened, renamed, strict=True) for c in one.left),
        parts=parts,
    )


def _labels(files: Sequence[Path]) -> list[str]:
    """How each file is called: its name without suffix, numbered when two are alike."""
    stems = [file.stem for file in files]
    return [
        stem if stems.count(stem) == 1 else f"{stem}-{n}" for n, stem in enumerate(stems, start=1)
    ]


def tell(opened: Opened, *, any_column: bool = False) -> None:
    """Say on stderr how the columns were understood. `any_column`: all are compared as they are,
    whatever they hold, but for those left aside."""
    names = [one for one in opened.table.columns if one != FILE]
    if any_column:
        compared = [one for one in names if opened.fields.get(one) != "id"]
        compared = [one for one in compared if one not in opened.left]
        click.echo(f"  comparées telles quelles : {_list(compared)}", err=True)
        if opened.left:
            click.echo(f"  colonnes laissées : {_list(opened.left)}", err=True)
    else:
        _tell_fields(opened, names)
    click.echo("  pour corriger : --map COLONNE=CHAMP, --map COLONNE= pour laisser", err=True)


def _tell_fields(opened: Opened, names: Sequence[str]) -> None:
    others = []
    for column, name in opened.fields.items():
        if name in FRENCH:
            click.echo(f"  {column} → {name} : {FRENCH[name]}", err=True)
        else:
            others.append(f"{column} → {name}")
    if others:
        click.echo(f"  non comparées : {_list(others)}", err=True)
    if unread := [one for one in names if one not in opened.fields]:
        click.echo(f"  colonnes laissées : {_list(unread)}", err=True)


def _list(names: Sequence[str]) -> str:
    more = f" et {len(names) - NAMED} autres" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def in_french(fields: Mapping[str, str]) -> dict[str, str]:
    """Column → what it was taken for, as a person reads it."""
    return {column: FRENCH.get(name, f"{name} (non comparé)") for column, name in fields.items()}


def warn(warnings: Iterable[str]) -> None:
    """Say on stderr what was odd."""
    for one in warnings:
        click.echo(f"  ⚠ {one}", err=True)


def _pair(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals:
        raise ConfigError(f"{text!r} là où COLONNE=CHAMP est attendu", about="--map")
    return column, field
