"""XLSX: real dates, codes as text, frozen header, filters, and a « Lisez-moi » sheet."""

import tempfile
from datetime import date, datetime
from typing import IO, Any

import xlsxwriter

from census.cells import text
from census.columns import Column
from census.readme import lines
from census.table import LICENCE, Table
from domain.records import Json
from domain.times import PARIS

SUFFIX = ".xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "Classeur Excel"

MOST_CHARACTERS = 32_767  # of an Excel cell
_WIDTHS = {"intitule": 46, "description": 60, "porteur_nom": 34, "animation_id": 38, "lieu_nom": 28}


def write(table: Table, out: IO[bytes]) -> int:
    """Write the workbook; the number of rows. Memory does not grow with rows."""
    with tempfile.TemporaryDirectory(prefix="paat-xlsx-") as folder:
        options = {
            "constant_memory": True,
            "tmpdir": folder,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(out, options)
        book.set_properties({"title": table.title, "comments": LICENCE})
        # Same state and date, same bytes: the creation date is the census's, not the clock's.
        book.set_properties({"created": datetime(*table.made_on.timetuple()[:3])})  # noqa: DTZ001
        count = _write_rows(book, table)
        _write_readme(book, table, count)
        book.close()
    return count


def _write_rows(book: Any, table: Table) -> int:
    sheet = book.add_worksheet("Recensement")
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF3", "border": 1, "text_wrap": True})
    styles = {
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "datetime": book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        "string": book.add_format({"num_format": "@"}),
    }
    for position, column in enumerate(table.columns):
        sheet.set_column(position, position, _WIDTHS.get(column.name, 16))
    for position, column in enumerate(table.columns):
        sheet.write_string(0, position, column.title, bold)
    sheet.freeze_panes(1, 2)
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.repeat_rows(0)
    sheet.repeat_columns(0, 1)
    count = 0
    for count, row in enumerate(table, start=1):
        for position, column in enumerate(table.columns):
            _write_cell(sheet, count, position, column, row[column.name], styles)
    sheet.autofilter(0, 0, max(count, 1), len(table.columns) - 1)
    return count


def _write_cell(
    sheet: Any, line: int, position: int, column: Column, value: Json, styles: dict[str, Any]
) -> None:
    if value is None or value == "" or value == []:
        return
    if column.type == "date":
        sheet.write_datetime(line, position, date.fromisoformat(value), styles["date"])
    elif column.type == "datetime":
        # A spreadsheet knows no time zone: the hour written is that of Paris.
        local = datetime.fromisoformat(value).astimezone(PARIS).replace(tzinfo=None)
        sheet.write_datetime(line, position, local, styles["datetime"])
    elif column.type in ("number", "integer"):
        sheet.write_number(line, position, value)
    elif column.type == "boolean":
        sheet.write_string(line, position, "oui" if value else "non")
    else:
        sheet.write_string(line, position, text(value)[:MOST_CHARACTERS], styles["string"])


def _write_readme(book: Any, table: Table, count: int) -> None:
    sheet = book.add_worksheet("Lisez-moi")
    sheet.set_column(0, 0, 42)
    sheet.set_column(1, 1, 90)
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for number, (label, words) in enumerate(lines(table, count)):
        sheet.write_string(number, 0, label, bold)
        sheet.write_string(number, 1, words, wrapped)
