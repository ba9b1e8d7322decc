"""XLSX written by hand as a stream: real dates, codes as text, frozen header, filters, and a
« Lisez-moi » sheet. Three times faster than XlsxWriter or openpyxl (bench/census.py).

Texts are written in their cell (ECMA-376, §18.18.11, `inlineStr`): no table of strings to hold, so
that memory does not grow with rows, and no text is ever a formula.
"""

import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from typing import IO

from census.cells import text, xml
from census.columns import Column
from census.files import member
from census.readme import lines
from census.table import LICENCE, Table
from domain.records import Json
from domain.times import PARIS

SUFFIX = ".xlsx"
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = "Classeur Excel"

MOST_CHARACTERS = 32_767  # of an Excel cell
_WIDTHS = {"intitule": 46, "description": 60, "porteur_nom": 34, "animation_id": 38, "lieu_nom": 28}
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of Excel
_PLAIN, _HEAD, _DATE, _INSTANT, _TEXT, _BOLD, _WRAP = range(7)  # of _STYLES, in its order

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default '
    f'Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    f'ContentType="{_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    f'ContentType="{_TYPE}.worksheet+xml"/><Override PartName="/xl/worksheets/sheet2.xml" '
    f'ContentType="{_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" '
    f'ContentType="{_TYPE}.styles+xml"/><Override PartName="/docProps/core.xml" '
    'ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/><Relationship Id="rId2" '
    f'Type="{_PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>",
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship '
    f'Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/><Relationship Id="rId3" '
    f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" '
    'formatCode="dd/mm/yyyy"/><numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/>'
    '<name val="Calibri"/></font></fonts><fills count="3"><fill><patternFill patternType="none"/>'
    '</fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill '
    'patternType="solid"><fgColor rgb="FFE8EDF3"/></patternFill></fill></fills><borders count="1">'
    "<border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="
    '"1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="7">'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1" '
    'applyAlignment="1"><alignment wrapText="1" vertical="top"/></xf>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0" applyAlignment="1">'
    '<alignment wrapText="1" vertical="top"/></xf></cellXfs><cellStyles count="1"><cellStyle '
    'name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


def write(table: Table, out: IO[bytes]) -> int:
    """Write the workbook; the number of rows. Memory does not grow with rows."""
    with zipfile.ZipFile(out, "w") as book:
        for name, body in _PARTS.items():
            book.writestr(member(name), _XML + body)
        with book.open(member("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as sheet:
            count = _write_rows(table, sheet)
        book.writestr(member("xl/worksheets/sheet2.xml"), _readme(table, count))
        book.writestr(member("xl/workbook.xml"), _workbook(table, count))
        book.writestr(member("docProps/core.xml"), _properties(table))
    return count


def _write_rows(table: Table, sheet: IO[bytes]) -> int:
    columns = table.columns
    sheet.write(
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView tabSelected="1" '
        'workbookViewId="0"><pane xSplit="2" ySplit="1" topLeftCell="C2" '
        'activePane="bottomRight" state="frozen"/></sheetView></sheetViews>'
        f"{_widths(_WIDTHS.get(one.name, 16) for one in columns)}<sheetData>".encode()
    )
    letters = [_letters(number) for number in range(1, len(columns) + 1)]
    titles = [_string(f"{at}1", one.title, _HEAD) for at, one in zip(letters, columns, strict=True)]
    sheet.write(f'<row r="1">{"".join(titles)}</row>'.encode())
    cells = [(at, one.name, _WRITERS.get(one.type, _as_text)) for at, one in _zip(letters, columns)]
    count = 0
    for count, row in enumerate(table, start=1):
        line = count + 1
        written = [
            make(f"{at}{line}", value)
            for at, name, make in cells
            if (value := row[name]) is not None and value != "" and value != []
        ]
        sheet.write(f'<row r="{line}">{"".join(written)}</row>'.encode())
    sheet.write(
        f'</sheetData><autoFilter ref="{_area(columns, count)}"/><pageMargins left="0.4" '
        'right="0.4" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="8" orientation="landscape"/></worksheet>'.encode()  # 8: A3
    )
    return count


def _zip(letters: list[str], columns: tuple[Column, ...]) -> Iterable[tuple[str, Column]]:
    return zip(letters, columns, strict=True)


def _as_text(at: str, value: Json) -> str:
    return _string(at, text(value)[:MOST_CHARACTERS], _TEXT)


def _as_date(at: str, value: Json) -> str:
    serial = date.fromisoformat(value).toordinal() - _EPOCH
    return f'<c r="{at}" s="{_DATE}"><v>{serial}</v></c>'


def _as_instant(at: str, value: Json) -> str:
    # A spreadsheet knows no time zone: the hour written is that of Paris.
    local = datetime.fromisoformat(value).astimezone(PARIS)
    seconds = local.hour * 3600 + local.minute * 60 + local.second
    serial = local.toordinal() - _EPOCH + seconds / 86_400
    return f'<c r="{at}" s="{_INSTANT}"><v>{serial:.10f}</v></c>'


def _as_number(at: str, value: Json) -> str:
    return f'<c r="{at}"><v>{value!r}</v></c>'


def _as_truth(at: str, value: Json) -> str:
    return _string(at, "oui" if value else "non", _PLAIN)


_WRITERS = {
    "date": _as_date,
    "datetime": _as_instant,
    "number": _as_number,
    "integer": _as_number,
    "boolean": _as_truth,
}


def _string(at: str, words: str, style: int) -> str:
    inside = f'<is><t xml:space="preserve">{xml(words)}</t></is>'
    return f'<c r="{at}" s="{style}" t="inlineStr">{inside}</c>'


def _readme(table: Table, count: int) -> str:
    rows = "".join(
        f'<row r="{n}">{_string(f"A{n}", label, _BOLD)}{_string(f"B{n}", words, _WRAP)}</row>'
        for n, (label, words) in enumerate(lines(table, count), start=1)
    )
    return (
        f'{_XML}<worksheet xmlns="{_MAIN}">{_widths((42, 90))}<sheetData>{rows}</sheetData>'
        "</worksheet>"
    )


def _workbook(table: Table, count: int) -> str:
    area = _area(table.columns, count, absolute=True)
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Recensement" sheetId="1" r:id="rId1"/>'
        '<sheet name="Lisez-moi" sheetId="2" r:id="rId2"/></sheets><definedNames>'
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">{area}'
        '</definedName><definedName name="_xlnm.Print_Titles" localSheetId="0">'
        "Recensement!$A:$B,Recensement!$1:$1</definedName></definedNames></workbook>"
    )


def _properties(table: Table) -> str:
    return (
        f'{_XML}<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{xml(table.title)}</dc:title><dc:description>{xml(LICENCE)}</dc:description>"
        # Same state and date, same bytes: the creation date is the census's, not the clock's.
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{table.made_on.isoformat()}T00:00:00Z'
        "</dcterms:created><dc:language>fr-FR</dc:language></cp:coreProperties>"
    )


def _widths(widths: Iterable[float]) -> str:
    cols = (
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(widths, start=1)
    )
    return f"<cols>{''.join(cols)}</cols>"


def _area(columns: tuple[Column, ...], count: int, *, absolute: bool = False) -> str:
    last = _letters(len(columns))
    line = max(count, 1) + 1
    return f"Recensement!$A$1:${last}${line}" if absolute else f"A1:{last}{line}"


def _letters(number: int) -> str:
    """1 → A, 27 → AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found
