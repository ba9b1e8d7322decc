"""`paat actor resolve`: the bodies that a table names, found in a directory, another table."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

from collectors.tables import values as cells
from collectors.tables.columns import spaced
from domain import territory
from domain.errors import ConfigError
from domain.gazetteer import department_of
from domain.records import Actor
from flows import match_files
from flows.tables import Opened, told_of
from matching.actors import Resolved, Told, resolve
from matching.cards import text_of
from matching.rows import Rows, kept

ADDED = ("actor_id", "actor_name", "actor_decision", "actor_candidates", "actor_reasons")
ALSO = frozenset((
    "alias", "aliases", "autre nom", "autres noms", "ancien nom", "anciens noms", "nom d usage",
    "sigle", "sigles", "acronyme", "nom court",
))  # fmt: skip
"""Headers of a directory under which an actor has its other names, as `columns.spaced` folds."""
_SEVERAL = re.compile(r"[;|\n]")


@dataclass(frozen=True, slots=True)
class Found:
    """The rows as they were and what each names; `sure`, `asked`: how many of each."""

    rows: Rows
    answers: Sequence[Resolved]

    @property
    def sure(self) -> int:
        return sum(one.actor is not None for one in self.answers)

    @property
    def asked(self) -> int:
        return sum(bool(one.candidates) for one in self.answers)


def find(opened: Opened, directory: Opened) -> tuple[Found, Sequence[Actor]]:
    """Whom each row of a table names, and the actors of the directory. Raises ConfigError when one
    of them has no column of names nor of identifiers."""
    rows, known = _rows(opened), actors(directory)
    told = [_told(opened, row) for row in rows]
    distinct = list(dict.fromkeys(told))
    answer = dict(zip(distinct, resolve(distinct, known), strict=True))
    return Found(rows, [answer[one] for one in told]), known


def actors(directory: Opened) -> list[Actor]:
    """The rows of a directory as actors, called by their id or else by their number."""
    rows = _rows(directory)
    also = [c for c in rows.columns if c not in directory.fields and spaced(c) in ALSO]
    return [
        Actor(
            id=name,
            name=told.name,
            department=told.department or None,
            commune_code=told.commune_code or None,
            rna=told.rna or None,
            siren=told.siren or None,
            siret=told.siret or None,
            aliases=tuple(_names(row.get(c) for c in also)),
        )
        for name, row in zip(match_files.row_names(directory, rows), rows, strict=True)
        for told in [_told(directory, row)]
    ]


def _rows(opened: Opened) -> Rows:
    named = {"organiser", "title", "rna", "siren", "siret"}
    if not named & set(opened.fields.values()):
        raise ConfigError(
            f"colonnes {', '.join(opened.table.columns)} là où un nom (organiser ou title) ou un "
            "numéro (rna, siren, siret) est attendu ; dites-le par --map COLONNE=organiser",
            about=str(opened.file),
        )
    with told_of(opened.file):
        return kept(opened.table.rows, opened.table.columns)


def _told(opened: Opened, row: Mapping[str, Any]) -> Told:
    said = {field: row.get(column) for column, field in opened.fields.items()}
    insee = cells.insee(said.get("insee")) or ""
    return Told(
        name=(text_of(said, "organiser") or text_of(said, "title")).strip(),
        commune_code=insee,
        department=_department(text_of(said, "dep"), insee or cells.code(said.get("postcode"), 5)),
        rna=text_of(said, "rna").strip().upper(),
        siren=cells.code(said.get("siren"), 9) or "",
        siret=cells.code(said.get("siret"), 14) or "",
    )


def _department(said: str, code: str | None) -> str:
    """The code of the département said, else that of a commune; one of elsewhere as it is said."""
    if said:
        return territory.department(said) or said.strip().upper()
    return department_of(code) if code else ""


def _names(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield from (name for part in _SEVERAL.split(str(value or "")) if (name := part.strip()))


def write(out: IO[bytes], found: Found) -> None:
    """Every row as it was, and whom it names: `same`, `ask` with the candidates best first, or
    nobody."""
    lines = (
        (*map(match_files.cell, row), *_columns(one))
        for row, one in zip(found.rows.lines(), found.answers, strict=True)
    )
    match_files.write_table(out, (*found.rows.columns, *ADDED), lines)


def _columns(one: Resolved) -> tuple[str, ...]:
    why = " ; ".join(one.reasons)
    if one.actor is not None:
        return one.actor.id, one.actor.name, "same", "", why
    asked = " | ".join(f"{some.id} : {some.name}" for some in one.candidates)
    return "", "", "ask" if asked else "", asked, why


def odd(known: Sequence[Actor]) -> Iterator[str]:
    """What makes a directory unclear, in French: one RNA or SIRET borne by several actors."""
    for kind in ("rna", "siret"):
        count = Counter(number for one in known if (number := getattr(one, kind)))
        if several := [number for number, times in count.items() if times > 1]:
            yield (
                f"annuaire : {kind.upper()} {several[0]} porté par {count[several[0]]} acteurs"
                + (f", et {len(several) - 1} autres numéros" if len(several) > 1 else "")
                + " ; qui le porte est à confirmer"
            )
