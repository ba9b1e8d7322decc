"""The files `paat match` writes and reads back: rows with their groups, pairs, verdicts."""

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from census.files import whole_file
from domain.errors import ConfigError

if TYPE_CHECKING:
    from flows.tables import Opened
    from matching.rows import Rows
    from matching.tables import Matches, Pair

ADDED = ("cluster_id", "series_id", "part_of", "match_score", "match_reasons")
PAIR_COLUMNS = ("id_a", "id_b", "score", "decision", "reasons")
VERDICT_COLUMNS = ("id_a", "id_b", "decision")
_FORMULA = re.compile(r"[=@\t\r＝＋－＠]|[+-].*[|!]|[+-]\s*[A-Za-z.]+\(")
_PLAIN = frozenset((".csv", ".txt", ""))


def check(inputs: Sequence[Path], outputs: Mapping[str, Path | None]) -> None:
    """Say before the work what could not be written after it. `outputs`: option → file. Raises
    ConfigError."""
    taken = {one.resolve(): f"le fichier lu {one}" for one in inputs}
    for option, path in outputs.items():
        if path is None:
            continue
        real = path.resolve()
        if real in taken:
            raise ConfigError(
                f"{taken[real]} là où un autre fichier est attendu ; choisissez un autre nom",
                about=f"{option} {path}",
            )
        taken[real] = f"le fichier de {option}"
        if option != "--report" and path.suffix.lower() not in _PLAIN:
            raise ConfigError(
                f"un nom en {path.suffix} là où un CSV est écrit ; terminez-le par .csv",
                about=f"{option} {path}",
            )
        if wrong := _unwritable(path):
            raise ConfigError(
                f"{wrong} là où un fichier à écrire est attendu ; choisissez un autre nom",
                about=f"{option} {path}",
            )


def _unwritable(path: Path) -> str:
    if path.exists() and not path.is_file():
        return "un dossier" if path.is_dir() else "autre chose qu'un fichier"
    if not path.parent.is_dir():
        return f"un dossier {path.parent} qui n'existe pas"
    return "" if os.access(path.parent, os.W_OK) else f"un dossier {path.parent} protégé"


def whole_files(stack: ExitStack, paths: Iterable[Path | None]) -> list[IO[bytes] | None]:
    """Files that all appear once all are whole: none does when the work is interrupted."""
    return [stack.enter_context(whole_file(one.resolve())) if one else None for one in paths]


def write_rows(out: IO[bytes], rows: "Rows", found: "Matches") -> None:
    """Every row as it was, and what was found of it."""
    groups = zip(
        found.cluster, found.series, found.part_of, found.scores, found.reasons, strict=True
    )
    table = (
        (*map(_cell, cells), *map(_known, told))
        for cells, told in zip(rows.lines(), groups, strict=True)
    )
    _write(out, (*rows.columns, *ADDED), table)


def write_pairs(out: IO[bytes], pairs: Iterable["Pair"], names: Sequence[str]) -> None:
    """The pairs as they come: they are never held together."""
    table = (
        (names[one.a], names[one.b], one.score, one.decision, " ; ".join(one.reasons))
        for one in pairs
    )
    _write(out, PAIR_COLUMNS, table)


def _known(value: Any) -> Any:
    return "" if value is None else value


def _cell(value: Any) -> Any:
    """A cell as it was; what a CSV cannot hold is JSON, and a formula gets the apostrophe that
    reading took off (a telephone number or a dash is none)."""
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if type(value) is str and _FORMULA.match(value) else value


def _write(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    stream = io.TextIOWrapper(out, encoding="utf-8", newline="", errors="replace")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    stream.flush()
    stream.detach()


def read_verdicts(file: Path) -> Iterator[tuple[str, str, str]]:
    """(id, id, decision) of a pairs file. Raises ConfigError naming what is missing."""
    from collectors.tables.reading import read_table
    from flows.tables import told_of

    with told_of(file):
        table = read_table(file.read_bytes(), name=file.name)
        missing = set(VERDICT_COLUMNS) - set(table.columns)
        if missing:
            raise ConfigError(
                f"colonnes {', '.join(table.columns)} là où {', '.join(VERDICT_COLUMNS)} sont "
                "attendues ; donnez un fichier écrit par --pairs",
                about=str(file),
            )
        for row in table.rows:
            one, two, said = (_text(row.get(name)) for name in VERDICT_COLUMNS)
            if (one and two) or said:
                yield one, two, said


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def row_names(opened: "Opened", rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How a row is called: its id, else its number from 1; of several files, after its file."""
    from flows.tables import FILE
    from matching.rows import column

    ids = opened.column("id")
    files = column(rows, FILE) if opened.parts else [""] * len(rows)
    place: Counter[Any] = Counter()
    names = []
    for file, own in zip(files, column(rows, ids or ""), strict=True):
        place[file] += 1
        number = str(place[file])
        name = (_text(own) or f"ligne {number}") if ids else number
        names.append(f"{file}:{name}" if opened.parts else name)
    return names
