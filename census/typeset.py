"""PDF by typst: data as JSON, never as markup, so that no text of a source is ever an instruction.

The fonts are those typst carries: the same bytes everywhere. PDF/UA-1 is asked for: typst refuses
to write a document that would not be accessible.
"""

import json
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from census.cells import clean
from domain.records import Json

TEMPLATES = Path(__file__).parent / "templates"

# What the fonts typst carries can draw (measured: tests/unit/census/test_census_documents.py).
DRAWN = (
    *((0x20, 0x24F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF)),
    *((0x2010, 0x2027), (0x2030, 0x2040), (0x2044, 0x2052), (0x2070, 0x209F), (0x20A0, 0x20BF)),
    *((0x2190, 0x21FF), (0x2200, 0x22FF), (0x25A0, 0x25FF), (0xFB00, 0xFB06)),
)
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Mn", "So", "Sk", "Zl", "Zp"}


def pdf(template: str, data: Json, *, made_on: Any) -> bytes:
    """The PDF/UA-1 of a template of census/templates."""
    return _compile(template, data, made_on=made_on, format="pdf", pdf_standards=["ua-1"])


def printable(value: Json) -> Json:
    """The same data in characters the fonts can draw: typst refuses a PDF/UA with a missing one.

    Emoji and unseen characters go; a letter of another script leaves a white square.
    """
    if isinstance(value, str):
        # Nearly every text is Latin: look at each character only when one may not be drawn.
        return value if value.isascii() else "".join(map(_drawn, value))
    if isinstance(value, dict):
        return {name: printable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [printable(one) for one in value]
    return value


@lru_cache(maxsize=4096)
def _drawn(character: str) -> str:
    kind = unicodedata.category(character)
    if character == "\n":
        return character
    if kind not in ("Cc", "Cf", "Cn") and any(a <= ord(character) <= b for a, b in DRAWN):
        return character
    plain = unicodedata.normalize("NFKC", character)
    if plain != character:
        return "".join(map(_drawn, plain))
    return "" if kind in _UNSEEN else "□"


def _compile(template: str, data: Json, *, made_on: Any, **options: Any) -> bytes:
    import typst

    # Same state and date, same bytes: the date written in the file is that of the census.
    moment = int(datetime(made_on.year, made_on.month, made_on.day, tzinfo=UTC).timestamp())
    made = typst.compile(
        str(TEMPLATES / template),
        root=str(TEMPLATES),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(printable(clean(data)), ensure_ascii=False)},
        timestamp=moment,
        **options,
    )
    return made if isinstance(made, bytes) else b"".join(made)


def png(svg: str, *, made_on: Any, ppi: float = 200) -> bytes:
    """A figure as a picture, for formats that have no SVG."""
    return _compile("figure.typ", {"svg": svg}, made_on=made_on, format="png", ppi=ppi)
