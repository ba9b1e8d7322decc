"""CSV and its relatives: delimiter, quotes, header and ragged lines. Streams."""

import csv
import itertools
from collections import Counter
from collections.abc import Callable, Iterator

from collectors.documents.decoding import lines
from collectors.tables.header import LOOK, find_header
from domain.errors import Unreadable
from domain.records import Json

DELIMITERS = ",;\t|"
_MAX_FIELD = 20_000_000  # characters; more is an unclosed quote
_MANY_LINES = 200  # in one cell: an unclosed quote, told
csv.field_size_limit(_MAX_FIELD)

Row = dict[str, Json]


def read(
    body: bytes, *, about: str, warn: Callable[[str], None]
) -> tuple[tuple[str, ...], Callable[[], Iterator[Row]]]:
    """Columns and a maker of rows. Raises Unreadable when no header is found."""
    text, warning = lines(body, about=about)
    warn(warning)
    head = list(itertools.islice(text, 400))
    marked = head[0][4:5] if head and head[0].lower().startswith("sep=") else ""
    delimiter = marked or sniff(head[:200])
    start = 1 if marked else 0
    first = _first(head[start:], delimiter, about)
    header = find_header(first, about=about)
    _check_shape(first[header.first_row :], len(header.columns), about)
    if header.skipped:
        warn(f"{header.skipped} ligne(s) de titre ignorée(s) avant l'en-tête")
    columns = header.columns

    def rows() -> Iterator[Row]:
        again = itertools.islice(lines(body, about=about)[0], start, None)
        parsed = _parse(again, delimiter, about)
        return _rows(parsed, columns, header.first_row, warn, delimiter)

    return columns, rows


def sniff(head: list[str]) -> str:
    """The delimiter of the first lines: the one that cuts them most, and most evenly."""
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if not widths:
            continue
        width, count = max(Counter(widths).items(), key=lambda wc: (wc[0] > 1) * wc[1] * wc[0])
        score = (width > 1) * (count / len(widths)) * min(width, 60) ** 0.5
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _check_shape(rows: list[list[str]], width: int, about: str) -> None:
    """Refuse prose: a table has as many cells on most lines as its header has names."""
    full = [row for row in rows if any(row)]
    even = sum(len(row) == width or (not any(row[width:]) and len(row) > width) for row in full)
    if len(full) >= 3 and even < 0.5 * len(full):
        raise Unreadable(
            f"{even} lignes sur {len(full)} de {width} cellules là où un tableau est attendu ; "
            "si c'est un texte, une fiche action se lit avec le type action_sheet",
            about=about,
        )


def _first(head: list[str], delimiter: str, about: str) -> list[list[str]]:
    parsed = list(itertools.islice(_parse(iter(head), delimiter, about), LOOK * 2))
    return [row for _, row in parsed]


def _parse(text: Iterator[str], delimiter: str, about: str) -> Iterator[tuple[int, list[str]]]:
    """(line where the row ends, cells); empty lines are kept so that rows can be counted."""
    reader = csv.reader(text, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            large = "field limit" in str(error)
            found = f"cellule de plus de {_MAX_FIELD // 1_000_000} Mo" if large else error
            raise Unreadable(
                f"ligne {reader.line_num} : {found} ; un guillemet n'y est sans doute pas fermé",
                about=about,
            ) from error
        except UnicodeError as error:
            raise Unreadable(
                f"ligne {reader.line_num} : {error} ; enregistrez le fichier en UTF-8", about=about
            ) from error
        yield reader.line_num, row


def _rows(
    parsed: Iterator[tuple[int, list[str]]],
    columns: tuple[str, ...],
    first_row: int,
    warn: Callable[[str], None],
    delimiter: str,
) -> Iterator[Row]:
    width, longer, shorter, quoted = len(columns), [0, 0], [0, 0], 0
    swallowed, last = "", first_row
    for line, cells in itertools.islice(parsed, first_row, None):
        if len(cells) != width and any(cells):
            extra = [c for c in cells[width:] if c.strip()]
            if extra:
                longer = [longer[0] + 1, longer[1] or line]
            elif len(cells) < width:
                shorter = [shorter[0] + 1, shorter[1] or line]
                if not swallowed and _holds_rows(cells, delimiter, width):
                    swallowed = f"lignes {last + 1} à {line}"
            row: Row = dict(zip(columns, cells + [""] * (width - len(cells)), strict=False))
            row |= {f"colonne {width + 1 + i}": cell for i, cell in enumerate(cells[width:])}
        else:
            row = dict(zip(columns, cells, strict=False))
        if not quoted and any(cell.count("\n") > _MANY_LINES for cell in cells if len(cell) > 999):
            quoted = line
        last = line
        yield row
    if longer[0]:
        warn(f"{longer[0]} ligne(s) plus longue(s) que l'en-tête (la première : ligne {longer[1]})")
    if shorter[0]:
        warn(f"{shorter[0]} ligne(s) incomplète(s) (la première : ligne {shorter[1]})")
    if quoted:
        warn(f"ligne {quoted} : cellule de plus de {_MANY_LINES} lignes, guillemet non fermé ?")
    if swallowed:
        warn(
            f"{swallowed} : lues comme une seule, un guillemet n'y est sans doute pas refermé ; "
            "corrigez-le"
        )


def _holds_rows(cells: list[str], delimiter: str, width: int) -> bool:
    """Whether a cell of a short row holds whole rows: an opened quote swallowed them."""
    told = (cell.split("\n")[1:] for cell in cells if "\n" in cell)
    return width > 1 and any(one.count(delimiter) == width - 1 for few in told for one in few)
