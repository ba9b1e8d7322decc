"""Spreadsheets that would not fit in memory, refused before calamine opens them.

calamine aborts the whole process when it lacks memory (an exception cannot be caught): a few
hundred bytes of XLSX or ODS may claim billions of cells, or repeat one long text in each of them.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from domain.errors import Unreadable

MAX_UNZIPPED = 1_000_000_000  # bytes; a bomb, not a spreadsheet
MAX_CELLS = 10_000_000  # of a sheet; about 300 MB once read
MAX_TEXT = 300_000_000  # characters of all the cells together, shared texts counted each time
_CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=\s*[\"'](\d{1,10})[\"']")
_SHARED = re.compile(
    rb"<(?:\w+:)?c\s[^<>]*?\bt\s*=\s*[\"']s[\"'][^<>]*>\s*<(?:\w+:)?v>\s*(\d{1,9})\s*<"
)
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def check(body: bytes, about: str) -> None:
    """Raises Unreadable for documents that are no spreadsheet, damaged ones, and bombs."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = archive.namelist()
            weight = sum(info.file_size for info in archive.infolist())
            _check("pesant {} octets une fois décompressé", weight, MAX_UNZIPPED, about)
            _check("étendu sur {} cellules", _cells(archive, names), MAX_CELLS, about)
            _check("montrant {} caractères", _characters(archive, names), MAX_TEXT, about)
    except (
        *(zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, zlib.error),
        etree.XMLSyntaxError,
    ) as error:
        raise Unreadable(
            "un classeur abîmé ou coupé ; téléchargez-le à nouveau",
            about=about,
        ) from error
    if any(n.startswith("word/") for n in names):
        raise Unreadable(
            "un document Word là où un tableau est attendu ; "
            "une fiche action se lit avec le type action_sheet",
            about=about,
        )


def _check(what: str, count: int, most: int, about: str) -> None:
    if count > most:
        raise Unreadable(
            f"un classeur {what.format(count)} là où {most} au plus est attendu ; "
            "supprimez les cellules égarées loin du tableau ou enregistrez-le en CSV",
            about=about,
        )


def _cells(archive: zipfile.ZipFile, names: list[str]) -> int:
    """Cells of the rectangle of the widest sheet: calamine holds all of it, even empty."""
    sheets = [_xlsx_cells(_chunks(archive, name)) for name in names if _is_sheet(name)]
    if "content.xml" in names:
        sheets.append(_ods_cells(archive))
    return max(sheets, default=0)


def _is_sheet(name: str) -> bool:
    return name.lower().startswith("xl/worksheets/") and name.lower().endswith(".xml")


def _chunks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """A part by megabytes; each piece begins where the last tag of the one before did."""
    with archive.open(name) as part:
        tail = b""
        while chunk := part.read(1 << 20):
            yield tail + chunk
            tail = (tail + chunk)[-200:]


def _xlsx_cells(chunks: Iterator[bytes]) -> int:
    right = bottom = 0
    for chunk in chunks:
        for letters, row in set(_CELL.findall(chunk)):
            right, bottom = max(right, _column(letters)), max(bottom, int(row))
        bottom = max([bottom, *map(int, _ROW.findall(chunk))])
    return right * bottom


def _column(letters: bytes) -> int:
    """`A` → 1, `XFD` → 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _ods_cells(archive: zipfile.ZipFile) -> int:
    widest = rows = right = bottom = 0
    tags = (f"{_TABLE}table-row", f"{_TABLE}table")
    with archive.open("content.xml") as part:
        for _, node in etree.iterparse(part, tag=tags, resolve_entities=False, no_network=True):
            if node.tag == tags[1]:
                widest, rows, right, bottom = max(widest, right * bottom), 0, 0, 0
            else:
                width = _ods_width(node)
                rows += _repeated(node, "rows")
                if width:
                    right, bottom = max(right, width), rows
            node.clear()
    return max(widest, right * bottom)


def _ods_width(row: etree._Element) -> int:
    """Cells up to the last one that says something: the empty ones after it are not kept."""
    position = last = 0
    for cell in row:
        position += _repeated(cell, "columns")
        if len(cell) or cell.get(f"{_OFFICE}value-type"):
            last = position
    return last


def _repeated(node: etree._Element, what: str) -> int:
    return max(1, int(node.get(f"{_TABLE}number-{what}-repeated", "1")))


def _characters(archive: zipfile.ZipFile, names: list[str]) -> int:
    """Characters of the shared texts, each counted as often as a cell shows it."""
    shared = next((name for name in names if name.lower() == "xl/sharedstrings.xml"), None)
    if shared is None:
        return 0
    lengths = []
    claimed, weight = 0, archive.getinfo(shared).file_size
    with archive.open(shared) as part:
        events = etree.iterparse(
            part, events=("start", "end"), resolve_entities=False, no_network=True, huge_tree=True
        )
        for event, node in events:
            if event == "start" and node.tag == f"{_SHEET}sst":
                claimed = int(node.get("uniqueCount", "0"))
            elif event == "end" and node.tag == f"{_SHEET}si":
                lengths.append(sum(len(text) for text in node.itertext()))
                node.clear()
    if claimed > weight:  # calamine makes room for as many as are claimed
        return MAX_TEXT + claimed
    longest, cells = max(lengths, default=0), 0
    sheets = [name for name in names if _is_sheet(name)]
    for name in sheets:
        cells += sum(chunk.count(b"<v>") for chunk in _chunks(archive, name))
    if longest * cells <= MAX_TEXT:
        return 0
    return sum(
        lengths[int(number)]
        for name in sheets
        for chunk in _chunks(archive, name)
        for number in _SHARED.findall(chunk)
        if int(number) < len(lengths)
    )
