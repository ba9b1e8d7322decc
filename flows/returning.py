"""An edited export comes back: previewed cell by cell, applied as decisions of a person.

One transaction: all of it or nothing. New rows enter like any import, to be matched and reviewed.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from census import roundtrip
from census import table as census
from census.rows import Entry
from census.table import CensusRow
from collectors.tables.reading import Table, read_table
from domain import territory
from domain.campaigns import campaign
from domain.errors import CollectError, ConfigError
from domain.records import Decision, Json
from domain.statuses import DecisionKind
from domain.times import paris_day
from flows import importing
from flows.house import House
from storage import campaigns, decisions, dossiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an import of an edited export did."""

    preview: roundtrip.Preview
    decisions: int
    new: int


def is_export(file: Path) -> bool:
    """Whether a file is an export of the census, by its header."""
    try:
        columns = _read(file).columns
    except CollectError:  # a document, or something the ordinary import will explain
        return False
    return roundtrip.is_ours(columns)


def preview(house: House, file: Path, code: str) -> roundtrip.Preview:
    """What the file would change in the campaign, today. Raises ConfigError or Unreadable."""
    found, _ = _compared(house, file, code)
    return found


def apply(house: House, file: Path, code: str, *, author: str, motive: str) -> Applied:
    """Apply the file. Raises ConfigError without author or motive, Conflict for an archived
    campaign: then nothing is changed."""
    if not author.strip() or not motive.strip():
        raise ConfigError(
            "ni auteur ni motif là où une décision demande les deux ; ajoutez --author et --motive",
            about=file.name,
        )
    found, current = _compared(house, file, code)
    made = 0
    with house.database.begin() as conn:
        campaigns.require_open(conn, [code])
        for identity, cells in found.by_initiative().items():
            entry, _ = current[identity]
            for one in _decisions(house, entry, cells, code=code, author=author, motive=motive):
                decisions.add(conn, one)
                made += 1
    new = _add(house, found, file, code)
    return Applied(preview=found, decisions=made, new=new)


def _read(file: Path) -> Table:
    """The rows of a file; of a workbook, those of the sheet we write. Raises Unreadable."""
    body = file.read_bytes()
    if body[:2] == b"PK":
        try:
            return read_table(body, name=file.name, sheet="Recensement")
        except CollectError:  # the sheet was renamed: the largest table is tried
            pass
    return read_table(body, name=file.name)


def _compared(
    house: House, file: Path, code: str
) -> tuple[roundtrip.Preview, dict[str, tuple[Entry, CensusRow]]]:
    chosen = campaign(code)
    read = _read(file)
    with house.database.reading() as conn:
        now = census.table(
            dossiers.dossiers(conn, code),
            chosen,
            today=paris_day(house.clock()),
            commune=territory.commune,
        )
        current = {str(row["animation_id"]): (entry, row) for entry, row in now.pairs()}
    return roundtrip.preview(read.rows, read.columns, current), current


def _decisions(
    house: House, entry: Entry, cells: list[roundtrip.Cell], *, code: str, author: str, motive: str
) -> list[Decision]:
    initiative = entry.dossier.initiative
    empty = Decision(
        initiative=initiative.id,
        campaign=code,
        kind=DecisionKind.EDIT,
        by=author if author.startswith("user:") else f"user:{author}",
        at=house.clock(),
        motive=motive,
    )
    made = []
    for field, value in _fields(cells).items():
        # The version in the key: the same file twice is one decision, a later change another.
        key = f"retour:{initiative.id}:{initiative.version}:{field}"
        made.append(replace(empty, value={"field": field, "value": value}, key=key))
    themes = roundtrip.themes_after(entry, cells)
    if themes is not None:
        key = f"retour:{initiative.id}:{initiative.version}:themes"
        kind = DecisionKind.APPROVE
        made.append(replace(empty, kind=kind, value={"themes": themes}, key=key))
    return made


def _fields(cells: list[roundtrip.Cell]) -> dict[str, Json]:
    """field → value; a new commune brings its name and department, unless they were edited."""
    fields: dict[str, Json] = {}
    for cell in cells:
        if cell.column not in roundtrip.FIELDS:
            continue
        fields[roundtrip.FIELDS[cell.column]] = cell.after
        place = (
            territory.commune(cell.after) if cell.column == "code_commune" and cell.after else None
        )
        if place is not None:
            fields |= {"commune_code": place.code, "commune_name": place.name}
            fields.setdefault("department", place.department)
            # The coordinates were those of the former place.
            fields |= {"latitude": None, "longitude": None}
    return fields


def _add(house: House, found: roundtrip.Preview, file: Path, code: str) -> int:
    """Load the rows without identifier as an import of the campaign; how many were unseen."""
    if not found.new:
        return 0
    folder = house.settings.home / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"retour-{code.lower()}.csv"
    path.write_text(_csv(found.new), encoding="utf-8")
    added = importing.read_file(path, campaign=code, slug=f"import-retour-{code.lower()}")
    title = f"Lignes ajoutées dans {file.name}"
    done = importing.load(house, replace(added, source=replace(added.source, title=title)))
    return done.counts.get("new", 0)


def _csv(rows: tuple[Mapping[str, Json], ...]) -> str:
    import csv

    from census.cells import text

    names = sorted({name for row in rows for name in row})
    out = io.StringIO()
    writer = csv.DictWriter(out, names, delimiter=";")
    writer.writeheader()
    writer.writerows({name: text(value) for name, value in row.items()} for row in rows)
    return out.getvalue()
