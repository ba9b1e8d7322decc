"""The files `paat match` writes: checked first, whole at last; rows with their groups."""

import csv
import io
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from census.files import whole_file
from domain.errors import ConfigError

if TYPE_CHECKING:
    from flows.tables import Opened
    from matching.rows import Rows
    from matching.tables import Matches

ADDED = (
    "cluster_id", "series_id", "part_of", "match_decision", "match_score", "match_reasons",
)  # fmt: skip
_FORMULA = re.compile(r"[=@\t\r＝＋－＠]|[+-].*[|!]|[+-]\s*[A-Za-z.]+\(")
_SIGNS = frozenset("=@\t\r＝＋－＠+-")
STREAM = "-"  # the standard input, or output
_PLAIN = frozenset((".csv", ".txt", ""))


def check(
    inputs: Sequence[Path], outputs: Mapping[str, Path | None], *, as_json: bool = False
) -> None:
    """Say before the work what could not be written after it. `outputs`: option → file. Raises
    ConfigError."""
    if [str(one) for one in inputs].count(STREAM) > 1:
        raise ConfigError("« - » deux fois là où l'entrée ne se lit qu'une fois", about="match")
    taken = {one.resolve(): f"le fichier lu {one}" for one in inputs}
    for option, path in outputs.items():
        if path is None:
            continue
        if str(path) == STREAM:
            if option != "-o" or as_json:
                raise ConfigError(
                    "la sortie là où un fichier est attendu (elle porte une seule chose : le CSV "
                    "de -o, ou le bilan de --json) ; donnez un nom de fichier",
                    about=f"{option} -",
                )
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
    return [
        sys.stdout.buffer if str(one) == STREAM
        else stack.enter_context(whole_file(one.resolve())) if one else None
        for one in paths
    ]  # fmt: skip


def write_rows(out: IO[bytes], rows: "Rows", found: "Matches") -> None:
    """Every row as it was, and what was found of it."""
    groups = zip(
        found.cluster, found.series, found.part_of, found.decisions, found.scores, found.reasons,
        strict=True,
    )  # fmt: skip
    table = (
        (*map(cell, cells), *map(_known, told))
        for cells, told in zip(rows.lines(), groups, strict=True)
    )
    write_table(out, (*rows.columns, *ADDED), table)


def _known(value: Any) -> Any:
    return "" if value is None else value


def cell(value: Any) -> Any:
    """A cell as it was; what a CSV cannot hold is JSON, and a formula gets the apostrophe that
    reading took off (a telephone number or a dash is none)."""
    if type(value) is str:
        risky = value[:1] in _SIGNS and _FORMULA.match(value)
        return f"'{value}" if risky else value
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else value


def write_table(out: IO[bytes], header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A CSV in UTF-8, row after row."""
    stream = io.TextIOWrapper(out, encoding="utf-8", newline="", errors="replace")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    stream.flush()
    stream.detach()


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
