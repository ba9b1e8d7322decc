"""« What changed since »: two states of a census compared, told in French."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from census.cells import text
from census.columns import COLUMNS
from census.table import CensusRow
from census.words import shown
from domain.errors import ConfigError
from domain.records import Dossier, Json
from domain.times import french_date

# What moves without anything having happened to the initiative.
_NOISE = {"date_mise_a_jour", "date_collecte", "nombre_mentions", "sources", "position"}
MOST_TOLD = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    column: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    row: CensusRow
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What is new, changed, cancelled, reviewed, gone, between two exports of a campaign."""

    new: tuple[CensusRow, ...] = ()
    gone: tuple[CensusRow, ...] = ()
    cancelled: tuple[CensusRow, ...] = ()
    moved: tuple[Changed, ...] = ()  # dates or place
    reviewed: tuple[CensusRow, ...] = ()
    changed: tuple[Changed, ...] = field(default=())  # every change, those above included
    merged: tuple[tuple[CensusRow, str], ...] = ()  # with the title it is now under

    @property
    def nothing(self) -> bool:
        return not (self.new or self.gone or self.changed or self.merged)


def digest(before: Iterable[Mapping[str, Json]], after: Iterable[CensusRow]) -> Digest:
    """Compare two states. `before` may be a CSV read back: values compare as they are written."""
    old = {str(row["animation_id"]): row for row in before}
    new = {str(row["animation_id"]): row for row in after}
    both = [(old[key], row) for key, row in new.items() if key in old]
    changed = [
        Changed(row=row, changes=found) for was, row in both if (found := tuple(_changes(was, row)))
    ]
    return Digest(
        new=tuple(row for key, row in new.items() if key not in old),
        gone=tuple(row for key, row in old.items() if key not in new),
        cancelled=tuple(c.row for c in changed if _became(c, "statut", "annulee")),
        moved=tuple(c for c in changed if _touches(c, {"date_debut", "date_fin", "code_commune"})),
        reviewed=tuple(c.row for c in changed if _became(c, "etat_relecture", "recensée")),
        changed=tuple(changed),
    )


def since(
    then: Iterable[Dossier],
    now: Iterable[Dossier],
    *,
    gone: Iterable[Dossier] = (),
    into: Mapping[str, str] | None = None,
    rows: Callable[[Iterable[Dossier]], Iterable[CensusRow]],
) -> Digest:
    """What changed, from the history: the dossiers that changed as they were and as they are.

    `gone` are the initiatives merged since, as they were; `into` names the one each is in now.
    `rows` makes the census of dossiers: the same date and filters for all.
    """
    today = list(rows(now))
    titles = {str(row["animation_id"]): str(row["intitule"]) for row in today}
    under = into or {}
    found = digest(rows(then), today)
    told = (
        (row, titles.get(under.get(str(row["animation_id"]), ""), "une autre initiative"))
        for row in rows(gone)
    )
    return replace(found, merged=tuple(told))


def read_export(
    data: bytes, *, about: str, campaign: str
) -> tuple[date | None, list[dict[str, Json]]]:
    """The date and rows of an export in json (or jsonl, without date). Raises ConfigError when it
    is something else, or of another campaign."""
    try:
        text_ = data.decode("utf-8-sig")
        whole = json.loads(text_) if text_.startswith('{"campagne"') else None
        rows = whole["initiatives"] if whole else [json.loads(x) for x in text_.splitlines()]
        day = date.fromisoformat(whole["date_export"]) if whole else None
        for row in rows:
            row["animation_id"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "illisible là où un export json ou jsonl d'un recensement est attendu ; "
            "faites-en un avec `paat export census --format json`",
            about=about,
        ) from error
    if whole and whole["campagne"] != campaign:
        raise ConfigError(
            f"un export de {whole['campagne']} là où un export de {campaign} est attendu",
            about=about,
        )
    return day, rows


def _changes(was: Mapping[str, Json], row: CensusRow) -> Iterable[Change]:
    for column in COLUMNS:
        name = column.name
        if name in _NOISE or name not in was or name not in row:
            continue
        if text(was[name]) != text(row[name]):
            yield Change(column=name, before=was[name], after=row[name])


def _became(one: Changed, column: str, value: str) -> bool:
    return any(change.column == column and change.after == value for change in one.changes)


def _touches(one: Changed, columns: set[str]) -> bool:
    return any(change.column in columns for change in one.changes)


def markdown(found: Digest, *, since: date, until: date, campaign: str) -> str:
    """The digest as a page a person reads."""
    head = f"# {campaign} : ce qui a changé du {french_date(since)} au {french_date(until)}"
    if found.nothing:
        return f"{head}\n\nRien n'a changé.\n"
    lines = [head, "", summed_up(found)]
    for title, told in sections(found):
        lines += _section(title, told)
    return "\n".join([*lines, ""])


def summed_up(found: Digest) -> str:
    """One sentence."""
    return (
        f"{_many(len(found.new), 'nouvelle')}, {_many(len(found.changed), 'modifiée')}, "
        f"dont {_many(len(found.cancelled), 'annulée')} ; {_many(len(found.gone), 'sortie')} "
        "du recensement."
    )


def sections(found: Digest) -> list[tuple[str, list[str]]]:
    """(title, a line an initiative) of what there is to tell; details are lines after a newline."""
    others = [c for c in found.changed if c not in found.moved]
    told = [
        ("Nouvelles", [line(row) for row in found.new]),
        ("Annulées", [line(row) for row in found.cancelled]),
        ("Dates ou lieu changés", [_told(one) for one in found.moved]),
        ("Relues", [line(row) for row in found.reviewed]),
        ("Autres modifications", [_told(one) for one in others]),
        ("Sorties du recensement", [line(row) for row in found.gone]),
        (
            "Réunies à une autre initiative",
            [f"{line(row)} : réunie à « {into} »" for row, into in found.merged],
        ),
    ]
    return [(title, lines) for title, lines in told if lines]


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'s' if count > 1 else ''}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    told = ["- " + one.replace("\n", "\n  - ") for one in lines]
    more = [f"- … et {len(told) - MOST_TOLD} autres"] if len(told) > MOST_TOLD else []
    return ["", f"## {title} ({len(told)})", "", *told[:MOST_TOLD], *more] if told else []


def line(row: Mapping[str, Json]) -> str:
    days = row.get("date_debut")
    day = french_date(date.fromisoformat(str(days))) if days else "sans date"
    return f"{row['intitule']} — {day}, {row.get('nom_commune') or 'sans lieu'}"


def _told(one: Changed) -> str:
    titles = {column.name: column.title for column in COLUMNS}
    parts = [
        f"{titles[c.column]} : {_value(c.column, c.before)} → {_value(c.column, c.after)}"
        for c in one.changes
    ]
    return "\n".join((line(one.row), *parts))


def _value(column: str, value: Json) -> str:
    written = text(value)
    if written in ("true", "false"):
        return "oui" if written == "true" else "non"
    words = shown(column, written) if written else "vide"
    return f"« {words[:120]}{'…' if len(words) > 120 else ''} »" if written else words
