"""ODS written by hand as a stream: 40 times faster than odfpy (bench/census.py), constant memory.

The parts of an OpenDocument spreadsheet this uses are those of ODF 1.2, §3 (packages) and §9
(tables); LibreOffice, calamine and odfpy read it.
"""

import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from census.cells import text, xml
from census.columns import Column
from census.files import member
from census.readme import lines
from census.table import Table
from domain.records import Json
from domain.times import PARIS

SUFFIX = ".ods"
MEDIA_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
TITLE = "Classeur OpenDocument (LibreOffice)"

_NS = "urn:oasis:names:tc:opendocument:xmlns:"
_WIDE = {"intitule": "8cm", "description": "12cm", "porteur_nom": "6cm", "animation_id": "6cm"}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<office:document-content xmlns:office="{_NS}office:1.0" xmlns:table="{_NS}table:1.0" '
    f'xmlns:text="{_NS}text:1.0" xmlns:style="{_NS}style:1.0" '
    f'xmlns:fo="{_NS}xsl-fo-compatible:1.0" xmlns:number="{_NS}datastyle:1.0" '
    'office:version="1.2"><office:automatic-styles>'
    '<number:date-style style:name="N1"><number:day number:style="long"/><number:text>/'
    '</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<number:date-style style:name="N2"><number:day number:style="long"/><number:text>/'
    '</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/><number:text> </number:text>'
    '<number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/></number:date-style>'
    '<style:style style:name="d" style:family="table-cell" style:data-style-name="N1"/>'
    '<style:style style:name="t" style:family="table-cell" style:data-style-name="N2"/>'
    '<style:style style:name="h" style:family="table-cell"><style:table-cell-properties '
    'fo:background-color="#e8edf3" fo:wrap-option="wrap"/>'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="r" style:family="table-row"><style:table-row-properties '
    'style:row-height="0.5cm" style:use-optimal-row-height="false"/></style:style>'
    "{widths}</office:automatic-styles><office:body><office:spreadsheet>"
)
_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<manifest:manifest xmlns:manifest="{_NS}manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MEDIA_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="meta.xml" manifest:media-type="text/xml"/>'
    '<manifest:file-entry manifest:full-path="settings.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
_SETTINGS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    f'<office:document-settings xmlns:office="{_NS}office:1.0" xmlns:config="{_NS}config:1.0" '
    'office:version="1.2"><office:settings><config:config-item-set config:name="ooo:view-settings">'
    '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
    '<config:config-item config:name="ActiveTable" config:type="string">Recensement'
    '</config:config-item><config:config-item-map-named config:name="Tables">'
    '<config:config-item-map-entry config:name="Recensement">'
    '<config:config-item config:name="HorizontalSplitMode" config:type="short">2'
    '</config:config-item><config:config-item config:name="VerticalSplitMode" '
    'config:type="short">2</config:config-item><config:config-item '
    'config:name="HorizontalSplitPosition" config:type="int">2</config:config-item>'
    '<config:config-item config:name="VerticalSplitPosition" config:type="int">1'
    '</config:config-item><config:config-item config:name="PositionRight" config:type="int">2'
    '</config:config-item><config:config-item config:name="PositionBottom" config:type="int">1'
    "</config:config-item></config:config-item-map-entry></config:config-item-map-named>"
    "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set>"
    "</office:settings></office:document-settings>"
)


def write(table: Table, out: IO[bytes]) -> int:
    """Write the workbook; the number of rows."""
    with zipfile.ZipFile(out, "w") as book:
        # ODF 1.2, §3.3: the type comes first, stored, so that `file` knows what it is.
        book.writestr(member("mimetype", stored=True), MEDIA_TYPE)
        with book.open(member("content.xml"), "w", force_zip64=True) as content:
            count = _write_content(table, content)
        book.writestr(member("meta.xml"), _meta(table))
        book.writestr(member("settings.xml"), _SETTINGS)
        book.writestr(member("META-INF/manifest.xml"), _MANIFEST)
    return count


def _write_content(table: Table, content: IO[bytes]) -> int:
    content.write(_HEAD.replace("{widths}", "".join(_widths(table.columns))).encode())
    content.write(_table_head("Recensement", len(table.columns)).encode())
    titles = "".join(_string(column.title, style="h") for column in table.columns)
    content.write(
        f"<table:table-header-rows><table:table-row>{titles}</table:table-row>"
        "</table:table-header-rows>".encode()
    )
    kinds = [(column.name, column.type) for column in table.columns]
    count = 0
    for count, row in enumerate(table, start=1):  # noqa: B007 — the count is what comes back
        cells = "".join([_cell(row[name], kind) for name, kind in kinds])
        content.write(f'<table:table-row table:style-name="r">{cells}</table:table-row>'.encode())
    content.write(b"</table:table>")
    content.write(_readme(table, count).encode())
    last = f"{_letters(len(table.columns))}{count + 1}"
    content.write(
        '<table:database-ranges><table:database-range table:name="recensement" '
        f'table:target-range-address="Recensement.A1:Recensement.{last}" '
        'table:display-filter-buttons="true"/></table:database-ranges>'
        "</office:spreadsheet></office:body></office:document-content>".encode()
    )
    return count


def _cell(value: Json, kind: str) -> str:
    if value is None or value == "" or value == []:
        return "<table:table-cell/>"
    if kind == "date":
        return (
            f'<table:table-cell table:style-name="d" office:value-type="date" '
            f'office:date-value="{value}"><text:p>{value[8:10]}/{value[5:7]}/{value[:4]}</text:p>'
            "</table:table-cell>"
        )
    if kind == "datetime":
        # A spreadsheet knows no time zone: the hour written is that of Paris.
        local = datetime.fromisoformat(value).astimezone(PARIS)
        return (
            f'<table:table-cell table:style-name="t" office:value-type="date" '
            f'office:date-value="{local:%Y-%m-%dT%H:%M:%S}"><text:p>{local:%d/%m/%Y %H:%M}'
            "</text:p></table:table-cell>"
        )
    if kind in ("number", "integer"):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{text(value)}</text:p></table:table-cell>"
        )
    if kind == "boolean":
        return _string("oui" if value else "non")
    return _string(text(value))


def _string(words: str, *, style: str = "") -> str:
    named = f' table:style-name="{style}"' if style else ""
    safe = xml(words)
    lines_ = safe.replace("\n", "</text:p><text:p>") if "\n" in safe else safe
    return (
        f'<table:table-cell{named} office:value-type="string"><text:p>{lines_}</text:p>'
        "</table:table-cell>"
    )


def _readme(table: Table, count: int) -> str:
    rows = "".join(
        f"<table:table-row>{_string(label, style='h')}{_string(words)}</table:table-row>"
        for label, words in lines(table, count)
    )
    return (
        '<table:table table:name="Lisez-moi"><table:table-column table:style-name="c0"/>'
        f'<table:table-column table:style-name="c1"/>{rows}</table:table>'
    )


def _table_head(name: str, columns: int) -> str:
    styled = "".join(
        f'<table:table-column table:style-name="k{number}"/>' for number in range(columns)
    )
    return f'<table:table table:name="{name}">{styled}'


def _widths(columns: tuple[Column, ...]) -> Iterator[str]:
    sizes = [(f"k{n}", _WIDE.get(column.name, "3.2cm")) for n, column in enumerate(columns)]
    for name, width in [*sizes, ("c0", "8cm"), ("c1", "16cm")]:
        yield (
            f'<style:style style:name="{name}" style:family="table-column">'
            f'<style:table-column-properties style:column-width="{width}"/></style:style>'
        )


def _meta(table: Table) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<office:document-meta xmlns:office="{_NS}office:1.0" xmlns:meta="{_NS}meta:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" office:version="1.2"><office:meta>'
        f"<dc:title>{xml(table.title)}</dc:title><dc:language>fr-FR</dc:language>"
        f"<meta:creation-date>{table.made_on.isoformat()}T00:00:00</meta:creation-date>"
        "</office:meta></office:document-meta>"
    )


def _letters(number: int) -> str:
    """1 → A, 27 → AA."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found
