"""Structure of a PDF as an assistive reader finds it: what PDF/UA-1 asks and a machine can see.

    uv run --with pikepdf python -m tools.check_pdf FILE.pdf…

Tagged, language, title shown, headings without a jump, a text for each figure, a scope for each
header cell, text that can be copied. Not veraPDF: the Matterhorn protocol's human checks remain.
"""

import itertools
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

HEADINGS = {f"/H{n}": n for n in range(1, 7)}


def problems(path: str) -> list[str]:
    """What is wrong, a line each; none when nothing is."""
    pikepdf: Any = import_module("pikepdf")
    with pikepdf.open(path) as pdf:
        root = pdf.Root
        found = list(_document(root, pdf))
        if "/StructTreeRoot" not in root:
            return [*found, "no structure tree"]
        elements = list(_elements(root.StructTreeRoot, pikepdf))
        return [*found, *_headings(elements), *_figures(elements), *_tables(elements)]


def _document(root: Any, pdf: Any) -> Iterator[str]:
    if not bool(root.get("/MarkInfo", {}).get("/Marked", False)):
        yield "not marked as tagged"
    if not str(root.get("/Lang", "")):
        yield "no language"
    if not bool(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle", False)):
        yield "the file name is shown instead of the title"
    if not str(pdf.docinfo.get("/Title", "")):
        yield "no title"
    for number, page in enumerate(pdf.pages, start=1):
        if str(page.get("/Tabs", "")) != "/S":
            yield f"page {number}: the tab order is not that of the structure"
        fonts = page.get("/Resources", {}).get("/Font", {}) or {}
        if any("/ToUnicode" not in font for font in fonts.values()):
            yield f"page {number}: text that cannot be copied"


def _elements(node: Any, pikepdf: Any) -> Iterator[Any]:
    """Every structure element, in reading order."""
    if isinstance(node, pikepdf.Array):
        for one in node:
            yield from _elements(one, pikepdf)
    elif isinstance(node, pikepdf.Dictionary):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from _elements(node.K, pikepdf)


def _headings(elements: list[Any]) -> Iterator[str]:
    levels = [HEADINGS[str(one.S)] for one in elements if str(one.S) in HEADINGS]
    if levels and levels[0] != 1:
        yield f"the first heading is of level {levels[0]}"
    for before, after in itertools.pairwise(levels):
        if after > before + 1:
            yield f"a heading of level {after} follows one of level {before}"


def _figures(elements: list[Any]) -> Iterator[str]:
    for one in elements:
        if str(one.S) == "/Figure" and not str(one.get("/Alt", one.get("/ActualText", ""))).strip():
            yield "a figure without words"


def _tables(elements: list[Any]) -> Iterator[str]:
    kinds = [str(one.S) for one in elements]
    if kinds.count("/Table") > kinds.count("/TH"):
        yield "a table without header cell"
    for one in elements:
        if str(one.S) == "/TH" and "/Scope" not in str(one.get("/A", "")):
            yield "a header cell without scope"


def main() -> None:
    wrong = {path: problems(path) for path in sys.argv[1:]}
    for _path, _found in wrong.items():
        pass
    sys.exit(any(wrong.values()))


if __name__ == "__main__":
    main()
