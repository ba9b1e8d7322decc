"""A file someone hands over → the source it stands for and its items. The pure part of
`paat import`: a table of any layout, or a document of action sheets. Writes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath

from collectors.kinds import action_sheet, table
from collectors.tables.columns import Guess
from domain.errors import Unreadable
from domain.records import RawItem, Source
from domain.statuses import Publisher
from domain.text import words

_COPY = re.compile(
    r"^copie? (?:de|of) |[\s_-]*(?:\(\d+\)|copie|copy|v\d+|version \d+|final|corrig[ée]e?|"
    r"\d{4}-?\d{2}-?\d{2}(?:[T_-]?\d{4,6})?)$",
    re.IGNORECASE,
)
_DOCUMENTS = (".docx", ".odt", ".html", ".htm", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file gives. `guesses` is empty for a document."""

    source: Source
    items: tuple[RawItem, ...]
    guesses: tuple[Guess, ...] = ()
    warnings: tuple[str, ...] = ()


def read_import(
    body: bytes,
    *,
    name: str,
    mapping: Mapping[str, str] | None = None,
    campaign: str | None = None,
    department: str | None = None,
) -> Import:
    """Read a file as what it is. Raises Unreadable, and ConfigError for a wrong mapping.

    The same file, or a corrected copy of it (`… (1).xlsx`), is the same source: `import_slug`.
    """
    source = Source(
        slug=import_slug(name),
        title=PurePath(name).name,
        kind="table",
        url=f"file:{PurePath(name).name}",
        publisher=Publisher.IMPORT,
        campaign=campaign,
        department=department,
        options={"mapping": dict(mapping)} if mapping else {},
    )
    if not _is_document(body, name):
        return _table(body, source, name)
    try:
        items = action_sheet.parse(body, source, name=name)
    except Unreadable as error:
        if not name.lower().endswith(".txt"):
            raise
        try:  # a .txt may be a table too
            return _table(body, source, name)
        except Unreadable:
            raise error from None
    return Import(source=_as_document(source), items=tuple(items))


def _as_document(source: Source) -> Source:
    return replace(source, kind="action_sheet", options={})


def _table(body: bytes, source: Source, name: str) -> Import:
    reading = table.read(body, source, name=name)
    return Import(
        source=source, items=reading.items, guesses=reading.guesses, warnings=reading.warnings
    )


def _is_document(body: bytes, name: str) -> bool:
    if body.startswith(b"PK\x03\x04"):
        return b"word/" in body or b"opendocument.text" in body[:200]
    return name.lower().endswith(_DOCUMENTS)


def import_slug(name: str) -> str:
    """`import-` and the name of the file without what tells copies apart.

    `Recensement Nice_v2 (1).xlsx` → `import-recensement-nice`.
    """
    stem = PurePath(name).stem
    while (shorter := _COPY.sub("", stem).strip()) and shorter != stem:
        stem = shorter
    return "-".join(["import", *words(stem)])[:80]
