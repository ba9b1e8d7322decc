"""XLSX, XLS and ODS by calamine: the sheet that holds the table, real dates, merged cells."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineSheet, load_workbook

from collectors.tables.header import Header, blank, find_header
from domain.errors import Unreadable
from domain.records import Json

Row = dict[str, Json]
Grid = list[list[Any]]
_Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    grid: Grid
    header: Header

    @property
    def size(self) -> int:
        rows = self.grid[self.header.first_row :]
        return sum(not blank(cell) for row in rows for cell in row)


def read(
    body: bytes, *, about: str, sheet: str | int | None, warn: Callable[[str], None]
) -> tuple[tuple[str, ...], Callable[[], Iterator[Row]]]:
    """Columns and rows of the sheet asked for, else of the largest table and of the sheets that
    have the same columns. Sheets left out are told."""
    try:
        with load_workbook(io.BytesIO(body)) as book:
            names = list(book.sheet_names)
            wanted = names if sheet is None else [_named(names, sheet, about)]
            sheets = {name: book.get_sheet_by_name(name) for name in wanted}
            grids = {name: _grid(one) for name, one in sheets.items()}
            merges = {name: list(one.merged_cell_ranges or ()) for name, one in sheets.items()}
    except (CalamineError, OSError, ValueError) as error:
        raise Unreadable(
            "un classeur impossible à ouvrir (abîmé ou protégé par un mot de passe) ; "
            "enregistrez-le en XLSX ou en CSV",
            about=about,
        ) from error
    chosen = _choose(grids, about, warn)
    for one in chosen:
        _fill_down(one.grid, merges[one.name], one.header.first_row)
    columns = chosen[0].header.columns
    if chosen[0].header.skipped:
        warn(f"{chosen[0].header.skipped} ligne(s) de titre ignorée(s) avant l'en-tête")

    def rows() -> Iterator[Row]:
        for one in chosen:
            for cells in one.grid[one.header.first_row :]:
                yield dict(zip(columns, cells, strict=False))

    return columns, rows


def _named(names: list[str], sheet: str | int, about: str) -> str:
    if isinstance(sheet, int) and 0 <= sheet < len(names):
        return names[sheet]
    if sheet in names:
        return str(sheet)
    raise Unreadable(
        f"la feuille {sheet!r} est demandée là où il y a {', '.join(names)} ; choisissez-en une",
        about=about,
    )


def _grid(sheet: CalamineSheet) -> Grid:
    """All rows from the first line of the sheet, blanks as None."""
    return [[None if blank(c) else c for c in row] for row in sheet.to_python(False)]


def _fill_down(grid: Grid, merges: list[_Range], first_row: int) -> None:
    """Repeat on each line of data what cells merged over several lines say once."""
    for (top, left), (bottom, right) in merges:
        if left != right or top < first_row or bottom >= len(grid) or left >= len(grid[top]):
            continue
        for line in range(top + 1, bottom + 1):
            grid[line][left] = grid[top][left]


def _choose(grids: dict[str, Grid], about: str, warn: Callable[[str], None]) -> list[_Sheet]:
    tables, why = [], None
    for name, grid in grids.items():
        try:
            found = _Sheet(name, grid, find_header(grid, about=f"{about}, feuille {name}"))
        except Unreadable as error:
            why = error
            continue
        if found.size:
            tables.append(found)
    if not tables:
        raise why or Unreadable(
            "des feuilles vides là où un tableau est attendu ; refaites l'export", about=about
        )
    groups: dict[tuple[str, ...], list[_Sheet]] = {}
    for table in tables:
        groups.setdefault(table.header.columns, []).append(table)
    chosen = max(groups.values(), key=lambda group: sum(t.size for t in group))
    ignored = [t.name for t in tables if t not in chosen]
    if len(chosen) > 1:
        warn(f"feuilles lues ensemble : {', '.join(t.name for t in chosen)}")
    if ignored:
        warn(f"feuille(s) non lue(s) : {', '.join(ignored)}")
    return chosen
