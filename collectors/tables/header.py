"""Where the header of a grid is, and the names of its columns. Pure.

Spreadsheets carry titles above the header, headers on two lines with merged groups; Framaforms
exports carry three lines. A grid is a list of lists of cells, None or "" when empty.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from domain.errors import Unreadable
from domain.text import fold, one_line

Grid = Sequence[Sequence[Any]]
LOOK = 40  # lines among which a header is looked for
_DATA = re.compile(
    r"""\s*(?:[-+]?[\d\s.,]*\d[\s€%]*|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\S+@\S+\.\w+|https?://\S+)\s*""",
    re.VERBOSE,
)
_SUBMISSION = ("submission details", "details de la soumission", "informations de soumission")


@dataclass(frozen=True, slots=True)
class Header:
    """Unique column names and the index of the first line of data."""

    columns: tuple[str, ...]
    first_row: int
    skipped: int = 0  # lines of title above it


def blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def find_header(grid: Grid, *, about: str) -> Header:
    """The header of the first lines of a grid. Raises Unreadable when there is none."""
    three = _webform(grid)
    if three is not None:
        return three
    width = _width(grid)
    for index, row in enumerate(grid[:LOOK]):
        if not _header_like(row, width):
            continue
        following = grid[index + 1] if index + 1 < len(grid) else ()
        if _second_line(row, following):
            return Header(unique(_two_lines(row, following)), index + 2, index)
        return Header(unique(_texts(row)), index + 1, index)
    first = next((r for r in grid if not all(blank(c) for c in r)), ())
    shown = ", ".join(str(c) for c in first if not blank(c))[:80]
    raise Unreadable(
        f"des données ({shown!r}) là où une ligne de noms de colonnes est attendue ; "
        "ajoutez une première ligne qui nomme les colonnes",
        about=about,
    )


def _width(grid: Grid) -> int:
    """Cells of the usual full line: the largest count seen at least twice, else the largest."""
    counts = Counter(sum(not blank(c) for c in row) for row in grid)
    twice = [width for width, rows in counts.items() if rows > 1]
    return max(twice or counts, default=0)


def _header_like(row: Sequence[Any], width: int) -> bool:
    cells = [c for c in row if not blank(c)]
    if not cells or len(cells) < max(1 if width == 1 else 2, 0.5 * width):
        return False
    data = sum(_is_data(c) for c in cells)
    return data <= 0.34 * len(cells) and len({fold(str(c)) for c in cells}) > 0.5 * len(cells)


def _is_data(cell: Any) -> bool:
    if isinstance(cell, bool | int | float | date | datetime | time):
        return True
    return _DATA.fullmatch(str(cell)) is not None


def _texts(row: Sequence[Any]) -> list[str]:
    return ["" if blank(c) else one_line(str(c)) for c in row]


def _second_line(row: Sequence[Any], following: Sequence[Any]) -> bool:
    """True when `following` names the columns of merged groups of `row`, and nothing else."""
    above, below = _texts(row), _texts(following)
    if len(above) != len(below) or not any(below) or any(_is_data(c) for c in below if c):
        return False
    width = 1 + max(i for i in range(len(above)) if above[i] or below[i])
    grouped = {column for span in _spans(above[:width]) for column in span}
    return bool(grouped) and all(bool(below[i]) == (i in grouped) for i in range(width))


def _spans(above: list[str]) -> list[range]:
    """The groups: a name followed by blank cells, which were merged with it."""
    starts = [i for i, name in enumerate(above) if name]
    ends = [*starts[1:], len(above)]
    return [range(s, e) for s, e in zip(starts, ends, strict=True) if e - s > 1]


def _two_lines(row: Sequence[Any], following: Sequence[Any]) -> list[str]:
    names, group = [], ""
    for above, below in zip(_texts(row), _texts(following), strict=True):
        group = above or group
        names.append(f"{group} / {below}" if below else above)
    return names


def _webform(grid: Grid) -> Header | None:
    """The three header lines of a Framaforms (Drupal webform) export: title, groups, names.

    An option of a question with several answers comes as « question / option ».
    """
    if len(grid) < 3:
        return None
    first, groups, names = (_texts(row) for row in grid[:3])
    marked = any(fold(c) in _SUBMISSION for c in groups[:2])
    webform = {"sid", "serial", "numero de serie"} & {fold(c) for c in names[:3]}
    if not (marked or (webform and sum(map(bool, first)) <= 1)):
        return None
    width = len(names)
    groups = (groups + [""] * width)[:width]
    full, group = [], ""
    for i, name in enumerate(names):
        if groups[i] and fold(groups[i]) not in _SUBMISSION:
            group = groups[i]
        elif not _marks(grid[3:], i):
            group = ""
        full.append(f"{group} / {name}" if group and _marks(grid[3:], i) else name or groups[i])
    return Header(unique(full), 3)


def _marks(rows: Grid, column: int) -> bool:
    """True when the cells of a column are only marks of a ticked box (or nothing)."""
    cells = {fold(str(r[column])).strip() for r in rows if column < len(r) and not blank(r[column])}
    return cells <= {"x"}


def unique(names: Sequence[str]) -> tuple[str, ...]:
    """Names made unique and never empty: « Nom », « Nom (2) », « colonne 3 »."""
    last = max((i for i, n in enumerate(names) if n), default=-1)
    seen: set[str] = set()
    result = []
    for i, name in enumerate(names[: last + 1]):
        base = name or f"colonne {i + 1}"
        candidate, n = base, 2
        while candidate in seen:
            candidate, n = f"{base} ({n})", n + 1
        seen.add(candidate)
        result.append(candidate)
    return tuple(result)
