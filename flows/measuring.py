"""`paat evaluate matching`: a table, its truth (a column, judged pairs or groups), the measures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from census.files import whole_file
from collectors.tables.reading import Table, read_table
from domain.errors import ConfigError
from flows import match_files, match_pairs, table_reading, tables
from matching import said
from matching.evaluate import Mistake, evaluate, labelled
from matching.row_reasons import AND
from matching.rows import Rows, kept
from matching.tables import match_rows
from matching.telling import french, french_labelled

GOLD = "(vérité)"
MISTAKE_COLUMNS = ("id_a", "id_b", "score", "trouvé", "vérité", "motifs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is measured on what."""

    file: Path
    truth: str | None
    gold: Path | None
    series: str | None = None
    mapping: Sequence[str] = ()
    folds: int = 0
    curve: bool = True


def measure(asked: Asked) -> tuple[dict[str, Any], str, Iterator[tuple[object, ...]]]:
    """The measures, the same in French, and the mistakes as rows. Raises ConfigError."""
    hidden = {asked.truth, asked.series}
    opened = tables.open_table(asked.file, asked.mapping, without=hidden)
    with tables.told_of(asked.file):
        rows = kept(opened.table.rows, [*opened.table.columns, *opened.aside])
    names = match_files.row_names(opened, rows)
    read, fields, _ = table_reading.read(rows, opened)
    truth = asked.truth or GOLD
    if asked.gold is not None:
        table = _gold(asked.gold)
        if set(match_pairs.VERDICT_COLUMNS) <= set(table.columns):
            return _pairs(asked.gold, read, fields, names)
        read = Rows({**read.columns, GOLD: _groups(table, asked.gold, names)}, read.size)
    found = evaluate(
        read, fields, truth=truth, series=asked.series, folds=asked.folds, curve=asked.curve
    )
    wrong = (_mistake(one, names) for one in found.mistakes)
    return asdict(found), french(found), wrong


def _pairs(
    gold: Path, rows: Rows, fields: Mapping[str, str], names: Sequence[str]
) -> tuple[dict[str, Any], str, Iterator[tuple[object, ...]]]:
    found = match_rows(rows, fields, names=names)
    verdicts = match_pairs.read(gold).verdicts
    links, _ = said.links(names, verdicts, range(len(names)))
    told = labelled(found, links)
    wrong = ((names[a], names[b], "", one, two, "") for a, b, one, two in told.wrong)
    return asdict(told), french_labelled(told), wrong


def _gold(file: Path) -> Table:
    with tables.told_of(file):
        return read_table(file.read_bytes(), name=file.name)


def _groups(table: Table, file: Path, names: Sequence[str]) -> list[str | None]:
    """The group of each row: the file names rows in its first column, groups in its second."""
    if len(table.columns) != 2:
        raise ConfigError(
            f"colonnes {', '.join(table.columns)} là où id et groupe, ou "
            f"{', '.join(match_pairs.VERDICT_COLUMNS)}, sont attendues",
            about=str(file),
        )
    row, group = table.columns
    told = {str(one.get(row)): str(one[group]) for one in table.rows if one.get(group) is not None}
    unknown = set(told) - set(names)
    if unknown:
        raise ConfigError(
            f"{len(unknown)} identifiant(s) qu'aucune ligne ne porte (« {min(unknown)} ») ; "
            "corrigez le fichier des réponses",
            about=str(file),
        )
    return [told.get(name) for name in names]


def _mistake(one: Mistake, names: Sequence[str]) -> tuple[object, ...]:
    found, true = ("ensemble", "à part") if one.together else ("à part", "ensemble")
    return names[one.a], names[one.b], one.score, found, true, AND.join(one.reasons)


def write_mistakes(path: Path, wrong: Iterator[tuple[object, ...]]) -> None:
    """The mistakes, the surest first."""
    with whole_file(path.resolve()) as out:
        match_files.write_table(out, MISTAKE_COLUMNS, wrong)
