"""Word, OpenDocument, HTML and text documents → rows of cells, in reading order. Pure.

A paragraph is a row of one cell; a row of a table is a row of as many cells as it shows. List
items start with « - ». Deleted text, comments and field codes are left out.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree, html

from collectors.documents.decoding import text as decode
from domain.errors import Unreadable
from domain.text import clean

Rows = list[tuple[str, ...]]
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_T = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_MAX_XML = 100_000_000  # bytes of document text once unpacked
_MAX_REPEAT = 50  # repeated cells of an OpenDocument row
_BOOKMARK = re.compile(r"\[bookmark:[^\]]*\]")
_BLOCKS = frozenset(
    (
        *("p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "main"),
        *("ul", "ol", "dl", "dt", "dd", "blockquote", "figure", "body", "footer", "center"),
    )
)
_SILENT = frozenset(("script", "style", "head", "template", "noscript", "svg"))


def read_document(body: bytes, *, name: str = "") -> Rows:
    """The rows of a document, its format seen from its first bytes. Raises Unreadable."""
    about = name or "document"
    if body.startswith(b"PK\x03\x04"):
        return _zipped(body, about)
    if body.startswith((b"%PDF", b"\xd0\xcf\x11\xe0", b"{\\rtf")):
        raise Unreadable(
            "un PDF ou un ancien document Word où un .docx, .odt, .html ou .txt est attendu ; "
            "enregistrez-le sous l'un de ces formats",
            about=about,
        )
    if not body.strip():
        raise Unreadable("un fichier vide où un document est attendu", about=about)
    text, _ = decode(body, about=about)
    head = text[:2000].lower()
    if re.search(r"<(?:!doctype html|html|body|table|h1|div)\b", head):
        return _html(text, about)
    return _text(text)


def _zipped(body: bytes, about: str) -> Rows:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
            for part, read in (("word/document.xml", _docx), ("content.xml", _odt)):
                if part not in names:
                    continue
                if archive.getinfo(part).file_size > _MAX_XML:
                    raise Unreadable("un document démesuré ; découpez-le", about=about)
                return _tidy(read(_xml(archive.read(part), about)))
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError) as error:
        raise Unreadable(
            "un document abîmé, coupé ou chiffré ; téléchargez-le à nouveau", about=about
        ) from error
    raise Unreadable(
        "une archive où un document .docx ou .odt est attendu ; donnez le document lui-même",
        about=about,
    )


def _xml(source: bytes, about: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        return etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("un document abîmé ; enregistrez-le à nouveau", about=about) from error


def _tidy(rows: Iterator[tuple[str, ...]]) -> Rows:
    cleaned = (tuple(clean(_BOOKMARK.sub("", cell)) for cell in row) for row in rows)
    return [row for row in cleaned if any(row)]


# --- Word ------------------------------------------------------------------------------------


def _docx(root: etree._Element) -> Iterator[tuple[str, ...]]:
    body = root.find(f"{_W}body")
    yield from _word_blocks(body) if body is not None else ()


def _word_blocks(parent: etree._Element) -> Iterator[tuple[str, ...]]:
    for node in parent:
        if node.tag == f"{_W}p":
            yield from ((line,) for line in _word_paragraph(node).split("\n"))
        elif node.tag == f"{_W}tbl":
            rows = node.iter(f"{_W}tr")
            yield from (_word_row(r) for r in rows if next(r.iterancestors(f"{_W}tbl")) is node)
        elif node.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins"):
            yield from _word_blocks(node)


def _word_row(row: etree._Element) -> tuple[str, ...]:
    cells = []
    for cell in row.iter(f"{_W}tc"):
        if next(cell.iterancestors(f"{_W}tr")) is not row:
            continue  # of a table inside the cell, whose paragraphs are read with it
        merge = cell.find(f"{_W}tcPr/{_W}vMerge")
        continues = merge is not None and merge.get(f"{_W}val") != "restart"
        paragraphs = [] if continues else [_word_paragraph(p) for p in cell.iter(f"{_W}p")]
        cells.append("\n".join(filter(None, paragraphs)))
    return tuple(cells)


def _word_paragraph(paragraph: etree._Element) -> str:
    text = "".join(_word_text(paragraph))
    listed = paragraph.find(f"{_W}pPr/{_W}numPr") is not None
    return f"- {text.strip()}" if listed and text.strip() else text


def _word_text(node: etree._Element) -> Iterator[str]:
    for child in node:
        if child.tag == f"{_W}t":
            yield child.text or ""
        elif child.tag in (f"{_W}tab", f"{_W}br", f"{_W}cr"):
            yield " " if child.tag == f"{_W}tab" else "\n"
        elif child.tag not in (f"{_W}del", f"{_W}pPr", _FALLBACK):
            yield from _word_text(child)


# --- OpenDocument ----------------------------------------------------------------------------


def _odt(root: etree._Element) -> Iterator[tuple[str, ...]]:
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    yield from _odt_blocks(body) if body is not None else ()


def _odt_blocks(parent: etree._Element, *, bullet: str = "") -> Iterator[tuple[str, ...]]:
    for node in parent:
        if node.tag in (f"{_T}p", f"{_T}h"):
            text = "".join(_odt_text(node))
            yield from ((f"{bullet}{line}" if line.strip() else "",) for line in text.split("\n"))
        elif node.tag == f"{_TABLE}table":
            for row in node.iter(f"{_TABLE}table-row"):
                yield tuple(_odt_cells(row))
        elif node.tag in (f"{_T}list", f"{_T}list-item"):
            yield from _odt_blocks(node, bullet="- ")
        elif node.tag in (f"{_T}section", f"{_T}index-body"):
            yield from _odt_blocks(node)


def _odt_cells(row: etree._Element) -> Iterator[str]:
    for cell in row:
        if cell.tag == f"{_TABLE}table-cell":
            rows = _odt_blocks(cell)
            text = "\n".join(part for one in rows for part in one if part)
            yield from [text] * min(
                int(cell.get(f"{_TABLE}number-columns-repeated", 1)), _MAX_REPEAT
            )


def _odt_text(node: etree._Element) -> Iterator[str]:
    yield node.text or ""
    for child in node:
        if child.tag == f"{_T}line-break":
            yield "\n"
        elif child.tag in (f"{_T}s", f"{_T}tab"):
            yield " "
        elif child.tag != f"{_OFFICE}annotation":
            yield from _odt_text(child)
        yield child.tail or ""


# --- HTML and text ---------------------------------------------------------------------------


def _html(source: str, about: str) -> Rows:
    try:
        root = html.document_fromstring(source)
    except (etree.ParserError, ValueError) as error:
        raise Unreadable("une page HTML vide où un document est attendu", about=about) from error
    return _tidy(iter(_html_rows(root)))


def _html_rows(root: html.HtmlElement) -> Rows:
    rows: Rows = []
    inline: list[str] = []

    def flush() -> None:
        rows.extend((line,) for line in "".join(inline).split("\n"))
        inline.clear()

    def walk(node: html.HtmlElement) -> None:
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            return
        if node.tag == "tr":
            flush()
            cells = [c for c in node if c.tag in ("td", "th")]
            rows.append(tuple(_html_text(c) for c in cells))
            return
        apart = node.tag in _BLOCKS or node.tag in ("li", "table")
        if apart:
            flush()
        inline.append("- " if node.tag == "li" else "\n" if node.tag == "br" else "")
        inline.append(_spaces(node.text))
        for child in node:
            walk(child)
            inline.append(_spaces(child.tail))
        if apart:
            flush()

    walk(root)
    flush()
    return rows


def _html_text(cell: html.HtmlElement) -> str:
    """The text of a cell, one line per block, whatever is nested in it."""
    parts: list[str] = []

    def walk(node: html.HtmlElement) -> None:
        if not isinstance(node.tag, str) or node.tag in _SILENT:
            return
        apart = node.tag in _BLOCKS or node.tag in ("li", "br", "tr", "table")
        parts.append("\n- " if node.tag == "li" else "\n" if apart else "")
        parts.append(_spaces(node.text))
        for child in node:
            walk(child)
            parts.append(_spaces(child.tail))
        parts.append("\n" if apart and node.tag != "br" else "")

    walk(cell)
    lines = (line.strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line and line != "-")


def _spaces(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


_TAG = re.compile(r"</?(?:p|i|b|u|em|strong|span|div|ul|ol|li|br|font|a)\b[^<>]*>", re.I)


def strip_tags(text: str) -> str:
    """Text without the HTML that exports leave in it; items and breaks become lines."""
    text = re.sub(r"<(?:li|br|/p|/div)\b[^<>]*>", "\n", text, flags=re.I)
    return _TAG.sub(" ", text)


def _text(source: str) -> Rows:
    """Lines; tabs are the borders of cells, kept even when a cell is empty."""
    lines = _BOOKMARK.sub("", source.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    rows = (tuple(clean(cell) for cell in line.split("\t")) for line in lines)
    return [row for row in rows if any(row)]
