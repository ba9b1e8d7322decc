"""`paat import`: a spreadsheet or action sheets of any layout, as a source of its own.

The file becomes a source named after it: loading it twice changes nothing, loading next month's
version updates the rows that have an identifier and adds the others.
"""

from dataclasses import replace
from pathlib import Path

from rapidfuzz import fuzz

from collectors.imports import Import, read_import
from collectors.tables.columns import read_mapping
from collectors.tables.reading import read_table
from domain.campaigns import campaign as campaign_of
from domain.errors import ConfigError
from domain.records import Mention, RawItem, Run, Visit
from domain.statuses import Outcome
from domain.text import fold
from flows import steps
from flows.house import House
from storage import items, outbox, runs, sources

ALIKE = 60.0  # titles under this are of two different things
FEW = 5  # shared keys under which two files cannot be told apart


def read_file(
    file: Path, *, campaign: str | None = None, mapping: Path | None = None, slug: str | None = None
) -> Import:
    """What the file holds; nothing is stored. Raises Unreadable, ConfigError."""
    if campaign is not None:
        campaign_of(campaign)
    body = file.read_bytes()
    decided = None
    if mapping is not None:
        columns = read_table(body, name=file.name).columns
        decided = read_mapping(mapping.read_text("utf-8"), columns, about=str(mapping))
    found = read_import(body, name=file.name, mapping=decided, campaign=campaign)
    return found if slug is None else _renamed(found, slug)


def _renamed(found: Import, slug: str) -> Import:
    source = replace(found.source, slug=slug)
    return replace(
        found, source=source, items=tuple(replace(one, source=slug) for one in found.items)
    )


def mentions_of(found: Import) -> tuple[list[Mention], list[str]]:
    """How its rows would be read, and what could not be."""
    good, bad = steps.read_items((one, found.source) for one in found.items)
    return good, [f"{one.key} : {one.why}" for one in bad]


def load(house: House, found: Import) -> steps.Report:
    """Store the file's rows and run the rest of the chain on them.

    Raises ConfigError when the rows are those of another file of the same name.
    """
    run = Run(id=house.new_id("RUN"), started_at=house.clock(), trigger="import")
    slug = found.source.slug
    with house.database.begin() as conn:
        runs.start(conn, run)
        _refuse_another_file(found, items.titles(conn, slug))
        sources.register(conn, [replace(found.source, enabled=False)])
        stored = items.store(conn, found.items, run.started_at)
        touched = stored.new + stored.changed
        visit = Visit(
            source=slug,
            outcome=Outcome.OK if touched else Outcome.UNCHANGED,
            started_at=run.started_at,
            items=len(found.items),
            new=stored.new,
            changed=stored.changed,
        )
        sources.record_visit(conn, visit, run=run.id)
        if touched:
            outbox.put(conn, "paat.items.collected", resource=slug, now=run.started_at)
    counts = {"new": stored.new, "changed": stored.changed, **steps.process(house)}
    with house.database.begin() as conn:
        runs.finish(conn, run.id, house.clock(), counts)
    return steps.Report(visits=(visit,), counts=counts)


def _refuse_another_file(found: Import, known: dict[str, str]) -> None:
    """Two towns may both send `export.xlsx` with rows 1, 2, 3: one must not overwrite the other."""
    shared = [one for one in found.items if one.key in known]
    strangers = [one for one in shared if not _alike(one, known[one.key])]
    if len(shared) < FEW or len(strangers) * 2 <= len(shared):
        return
    slug = found.source.slug
    raise ConfigError(
        f"{len(strangers)} des {len(shared)} identifiants déjà chargés sous {slug} ont ici "
        f"un autre titre (le premier : {strangers[0].key!r}) : c'est sans doute un autre fichier "
        "du même nom ; donnez-lui le sien avec --as NOM",
        about=found.source.title,
    )


def _alike(item: RawItem, title: str) -> bool:
    return fuzz.token_set_ratio(fold(str(item.fields.get("title"))), fold(title)) >= ALIKE
