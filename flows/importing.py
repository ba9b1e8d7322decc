"""`paat import`: a spreadsheet or an action sheet of any layout, as a source of its own.

The file becomes a source named after it: loading it twice changes nothing, loading next month's
version updates the rows that have an identifier and adds the others.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from collectors.columns import read_mapping
from collectors.kinds import action_sheet, table
from collectors.tables import read_table
from domain.campaigns import campaign as campaign_of
from domain.records import Mention, Source
from domain.statuses import Publisher
from domain.text import fold
from flows import steps
from flows.house import House

DOCUMENTS = (".docx", ".odt", ".html", ".htm", ".txt", ".md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an import would load."""

    columns: tuple[tuple[str, str, str], ...]  # column, field, reason
    warnings: tuple[str, ...]
    mentions: tuple[Mention, ...]


def source_of(
    file: Path, *, campaign: str | None = None, mapping: Path | None = None, slug: str | None = None
) -> Source:
    """The source a file stands for. Raises ConfigError for an unknown campaign or a bad mapping."""
    if campaign is not None:
        campaign_of(campaign)
    kind = "action_sheet" if file.suffix.lower() in DOCUMENTS else "table"
    options = {"mapping": _mapping(file, mapping)} if mapping is not None else {}
    stem = re.sub(r"[^a-z0-9]+", "-", fold(file.stem)).strip("-")
    return Source(
        slug=slug or f"import-{stem or 'fichier'}",
        title=file.name,
        kind=kind,
        url=file.resolve().as_uri(),
        publisher=Publisher.IMPORT,
        campaign=campaign,
        options=options,
    )


def _mapping(file: Path, mapping: Path) -> dict[str, str]:
    columns = read_table(file.read_bytes(), name=file.name).columns
    return read_mapping(mapping.read_text("utf-8"), columns, about=str(mapping))


def preview(file: Path, source: Source) -> Preview:
    """Read the file without storing anything. Raises Unreadable."""
    body = file.read_bytes()
    if source.kind == "action_sheet":
        items = action_sheet.parse(body, source)
        mentions, _ = steps.read_items((one, source) for one in items)
        return Preview(columns=(), warnings=(), mentions=tuple(mentions))
    reading = table.read(body, source, name=file.name)
    mentions, bad = steps.read_items((one, source) for one in reading.items)
    told = [(one.column, one.field or "—", one.reason) for one in reading.guesses]
    aside = tuple(f"{one.key} : {one.why}" for one in bad)
    return Preview(
        columns=tuple(told), warnings=(*reading.warnings, *aside), mentions=tuple(mentions)
    )


def load(house: House, source: Source) -> steps.Report:
    """Store the file's rows and run the rest of the chain on them."""
    with steps.alone(house, "veille"):
        return steps.veille(house, [source.slug], known=[source], trigger="import")
