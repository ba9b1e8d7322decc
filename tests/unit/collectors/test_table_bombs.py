"""A few hundred bytes that claim a whole memory are refused in words, before any is taken."""

import io
import zipfile

import pytest

from collectors.tables import reading as tables
from domain.errors import Unreadable

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"
CELL = (
    '<t:table-cell o:value-type="string" t:number-columns-repeated="{}"><x:p>x</x:p></t:table-cell>'
)


def zipped(**parts: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return held.getvalue()


def xlsx(cells: str, shared: str = "") -> bytes:
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    texts = f'<sst xmlns="{MAIN}" {shared}</sst>' if shared else f'<sst xmlns="{MAIN}"/>'
    return zipped(xl__worksheets__sheet1_xml=sheet, xl__sharedStrings_xml=texts)


def ods(*rows: str) -> bytes:
    spaces = f'xmlns:o="{ODF}office:1.0" xmlns:t="{ODF}table:1.0" xmlns:x="{ODF}text:1.0"'
    sheet = f'<t:table t:name="A">{"".join(rows)}</t:table>'
    return zipped(content_xml=f"<o:document-content {spaces}>{sheet}</o:document-content>")


BOMBS = {
    "xlsx: one cell at the far end": (
        xlsx('<row r="9"><c s="1" r="XFD1048576"><v>1</v></c></row>'), "17179869184 cellules"
    ),
    "xlsx: a row without cells at the far end": (
        xlsx('<row r="4294967295"/><row r="1"><c r="B1"><v>1</v></c></row>'), "cellules"
    ),
    "xlsx: room claimed for four billion texts": (
        xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', 'uniqueCount="4000000000">'),
        "caractères",
    ),
    "xlsx: one long text in each cell": (
        xlsx(
            '<row r="1"><c r="A1"/></row>' + '<row><c t="s"><v>0</v></c></row>' * 4000,
            f'count="1"><si><t>{"a" * 100_000}</t></si>',
        ),
        "400000000 caractères",
    ),
    "ods: a million rows of a thousand cells": (
        ods(f'<t:table-row t:number-rows-repeated="1048576">{CELL.format(1024)}</t:table-row>'),
        "1073741824 cellules",
    ),
    "ods: a cell after a million empty rows": (
        ods(
            '<t:table-row t:number-rows-repeated="1048575"><t:table-cell/></t:table-row>',
            f"<t:table-row>{CELL.format(16)}</t:table-row>",
        ),
        "16777216 cellules",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_opened(name: str) -> None:
    body, words = BOMBS[name]
    assert len(body) < 3000
    with pytest.raises(Unreadable, match=words):
        tables.read_table(body, name="piège")


def test_empty_cells_at_the_end_count_for_nothing() -> None:
    empty = '<t:table-cell t:number-columns-repeated="16384"/>'
    rows = [f"<t:table-row>{CELL.format(2)}{empty}</t:table-row>"] * 3
    rows.append(f'<t:table-row t:number-rows-repeated="1048573">{empty}</t:table-row>')
    with pytest.raises(Unreadable, match=r"impossible à ouvrir|abîmé"):  # not refused as a bomb
        tables.read_table(ods(*rows), name="calc")


def test_deep_json_is_refused_in_words() -> None:
    for body in (b"[" * 100_000, b'[{"a":' * 50_000):
        with pytest.raises(Unreadable, match=r"imbriqué|JSON"):
            tables.read_table(body)
