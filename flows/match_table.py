"""A table given to `paat match`: as it was, as it is compared, and what is written of it."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from flows import (
    match_files,
    match_groups,
    match_pairs,
    match_report,
    match_words,
    table_reading,
    tables,
)
from matching.engines import engine_of
from matching.rows import Rows, kept
from matching.tables import Matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """`rows` are written back as they were; `read` and `fields` (field → column) are compared;
    `names`: how each row is called; `odd`: what a person must know of it, in French."""

    opened: tables.Opened
    rows: Rows
    read: Rows
    fields: Mapping[str, str]
    names: Sequence[str]
    odd: Sequence[str]


def read(
    files: Sequence[Path], mapping: Sequence[str], *, across: str | None, learn: Path | None
) -> Table:
    """The files as one table; says on stderr how it is understood. Raises ConfigError."""
    opened = tables.open_tables(files, mapping, without=match_files.ADDED)
    with tables.told_of(opened.file):
        rows = kept(opened.table.rows, opened.table.columns)
    compared, fields, odd = table_reading.read(rows, opened, across=across)
    engine = engine_of(fields)
    tables.tell(opened, any_column=engine == "unknown")
    odd = [*opened.warnings, *odd, *match_words.names_odd(opened, rows, mapping, learn)]
    if across is not None:
        odd += match_words.across_odd(rows, across)
    if len(rows):
        click.echo(match_words.engine(len(rows), engine), err=True)
    else:
        odd.append("aucune ligne sous l'en-tête : rien à rapprocher")
    tables.warn(odd)
    names = match_files.row_names(opened, rows)
    return Table(opened=opened, rows=rows, read=compared, fields=fields, names=names, odd=odd)


def write(
    table: Table, found: Matches, outputs: Mapping[str, Path | None], *,
    answers: match_pairs.Answers, late: Sequence[str],
) -> None:  # fmt: skip
    """The files asked for, all or none. `outputs`: option → file; `late`: what was odd once
    compared."""
    with ExitStack() as stack:
        rows, pairs, page = match_files.whole_files(
            stack, [outputs[option] for option in ("-o", "--pairs", "--report")]
        )
        if rows is not None:
            match_files.write_rows(rows, table.rows, found)
        if pairs is not None:
            match_pairs.write(pairs, found.pairs, table.names, answers.verdicts)
        if page is not None:
            opened, names = table.opened, table.names
            match_report.write(
                page,
                title=opened.file.name,
                facts=match_words.facts(found),
                told=match_report.zones(found.pairs, table.rows, names, opened.compared),
                fields=tables.in_french(opened.fields),
                warnings=[*table.odd, *late],
                groups=match_groups.initiatives(found, table.read, table.fields, names),
            )


def outcome(table: Table, found: Matches, answers: match_pairs.Answers) -> dict[str, Any]:
    """What `--json` tells, but for the output."""
    names = table.names
    return {
        "rows": len(table.rows),
        "engine": found.engine,
        "clusters": len(set(found.cluster)),
        "series": len(set(found.series)),
        "candidates": found.candidates,
        "to_confirm": match_words.to_confirm(found),
        "questions": found.questions,
        "answers": len(answers.verdicts),
        "unanswered": answers.open,
        "conflicts": [[names[chain[0]], names[chain[-1]]] for chain in found.conflicts],
    }
