"""An export edited by hand, compared with what the census says today: cell by cell.

Pure: rows read from the file and entries in, a preview out; `flows.returning` applies it as
decisions with their author and motive. A column left out of the file changes nothing; an emptied
cell empties the value. A second import finds nothing to change.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from census.cells import text
from census.columns import COLUMNS, Column
from census.rows import STATUSES, Entry
from census.table import CensusRow
from census.values import TYPES
from domain import territory
from domain.campaigns import THEMES
from domain.errors import ConfigError
from domain.records import Json
from domain.text import fold
from domain.times import PARIS

FIELDS: Mapping[str, str] = {
    "intitule": "title",
    "description": "description",
    "type_animation": "type",
    "statut": "status",
    "porteur_nom": "organiser",
    "porteur_type": "organiser_kind",
    "porteur_rna": "rna",
    "porteur_siren": "siren",
    "porteur_siret": "siret",
    "date_debut": "starts_on",
    "date_fin": "ends_on",
    "lieu_nom": "venue",
    "lieu_adresse": "address",
    "code_commune": "commune_code",
    "code_departement": "department",
    "publics": "audience",
    "disciplines": "disciplines",
    "partenaires": "partners",
    "financements": "funders",
    "budget_total": "budget",
    "montant_accorde": "amount",
    "participants_prevus": "participants",
    "participants_reels": "attendees",
}
"""What may be edited in a file: column → field of the initiative. Themes are decided together."""

THEME_COLUMNS = {f"theme_{slug.replace('-', '_')}": slug for slug in THEMES}
_CODES = {"statut": STATUSES, "type_animation": TYPES}
_TRUE, _FALSE = {"true", "vrai", "oui", "1", "x", "o"}, {"false", "faux", "non", "0", "n", ""}
_APOSTROPHE = re.compile(r"^'(?=[=+\-@\t\r\n＝＋－＠])")
_FEWEST = 4  # of our columns, for a table to be an export of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A value someone changed."""

    initiative: str
    column: str
    title: str  # of the column
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a file would change. `problems` are told and left aside, in French, with their line."""

    cells: tuple[Cell, ...] = ()
    new: tuple[Mapping[str, Json], ...] = ()  # rows without identifier, by column
    problems: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()  # changed here since the file was exported
    same: int = 0  # rows without any change

    @property
    def nothing(self) -> bool:
        return not (self.cells or self.new)

    def by_initiative(self) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {}
        for cell in self.cells:
            found.setdefault(cell.initiative, []).append(cell)
        return found


def known_columns(headers: Sequence[str]) -> dict[str, str]:
    """header → our column, for headers that are its name or its title."""
    by_word = {fold(w): c.name for c in COLUMNS for w in (c.name, c.title)}
    return {header: by_word[key] for header in headers if (key := fold(header.strip())) in by_word}


def is_ours(headers: Sequence[str]) -> bool:
    """Whether a table is an export of the census, by its header."""
    found = set(known_columns(headers).values())
    return "animation_id" in found and len(found) >= _FEWEST


def preview(
    rows: Iterable[Mapping[str, Json]],
    headers: Sequence[str],
    current: Mapping[str, tuple[Entry, CensusRow]],
) -> Preview:
    """Compare the file with today's rows. Raises ConfigError for a table that is not ours."""
    if not is_ours(headers):
        raise ConfigError(
            "pas de colonne « Identifiant » là où un export du recensement est attendu"
        )
    columns = known_columns(headers)
    cells: list[Cell] = []
    new: list[Mapping[str, Json]] = []
    problems: list[str] = []
    stale: list[str] = []
    same, seen = 0, set()
    for number, row in enumerate(rows, start=2):
        given = {columns[header]: value for header, value in row.items() if header in columns}
        identity = _words(given.get("animation_id"))
        if not identity:
            if any(_words(value) for value in given.values()):
                new.append({name: value for name, value in given.items() if _words(value)})
            continue
        if identity not in current:
            problems.append(f"ligne {number} : {identity} n'est pas dans ce recensement")
            continue
        if identity in seen:
            problems.append(f"ligne {number} : {identity} apparaît deux fois ; la première compte")
            continue
        seen.add(identity)
        entry, now = current[identity]
        stale_row = _older(given.get("date_mise_a_jour"), entry)
        found, told = _read_row(identity, given, now, stale=stale_row)
        problems += [f"ligne {number}{one}" for one in told]
        if found and stale_row:
            stale.append(identity)
        cells += found
        same += not found
    return Preview(
        cells=tuple(cells),
        new=tuple(new),
        problems=tuple(problems),
        stale=tuple(stale),
        same=same,
    )


def _read_row(
    identity: str, given: dict[str, Json], now: CensusRow, *, stale: bool
) -> tuple[list[Cell], list[str]]:
    """The changed cells of a row and what could not be read in it."""
    by_name = {column.name: column for column in COLUMNS}
    cells: list[Cell] = []
    problems = [f" : {told}"] if (told := _placed(given, now, stale=stale)) else []
    for name in (*FIELDS, *THEME_COLUMNS):
        if name not in given:
            continue
        try:
            cell = _cell(identity, by_name[name], given[name], now[name])
        except ValueError as error:
            problems.append(f", « {by_name[name].title} » : {error}")
            continue
        if cell is not None:
            cells.append(cell)
    return cells, problems + _disordered(now, cells)


def _placed(given: dict[str, Json], now: CensusRow, *, stale: bool) -> str:
    """Make the place cells agree: the code is what is kept, a name edited alone is looked up, the
    department follows the commune. A problem in French when they cannot agree, else empty."""
    code = _words(given.get("code_commune"))
    code = code.zfill(5) if code.isdigit() else code
    name = _words(given.get("nom_commune"))
    known = territory.commune(code) if code else None
    if known is not None or name:
        given.pop("code_departement", None)
    if not name or (known is not None and fold(known.name) == fold(name)):
        return ""
    if fold(name) == fold(str(now["nom_commune"] or "")) and not stale:
        return ""  # the code was edited (or there is none), the name left as it was
    if stale and known is not None:
        # Edited and applied already, or edited in between: only a person can tell.
        given.pop("code_commune", None)
        return (
            ""
            if code == now["code_commune"] or name == now["nom_commune"]
            else (f"la commune « {name} » et le code {code} ne vont pas ensemble")
        )
    found = territory.find(name).code
    if found is None:
        given.pop("code_commune", None)
        return f"« {name} » ne désigne pas une seule commune : donnez son code"
    given["code_commune"] = found
    return ""


def _cell(identity: str, column: Column, given: Json, now: Json) -> Cell | None:
    """The change of a cell, None when it says the same. Raises ValueError with the reason."""
    after = parsed(column, given)
    if column.name == "intitule" and not after:
        raise ValueError("un intitulé ne peut pas être vide")
    if _same(column, after, now):
        return None
    return Cell(
        initiative=identity, column=column.name, title=column.title, before=now, after=after
    )


def _same(column: Column, after: Json, now: Json) -> bool:
    if column.type == "array":
        return sorted(after or ()) == sorted(now or ())
    if column.type in ("number", "integer"):
        return bool(after == now)
    if column.type == "string":
        return _flat(after) == _flat(now)
    return (after or None) == (now or None)


def _flat(value: Json) -> str:
    """Spreadsheets change line ends and trailing blanks: they are not an edit."""
    return " ".join(str(value or "").split())


def parsed(column: Column, given: Json) -> Json:
    """The value of a cell in the type of its column. Raises ValueError with the reason, French."""
    words = _words(given)
    if column.type == "boolean":
        return _truth(words)
    if not words:
        return [] if column.type == "array" else None
    if column.type == "date":
        return _day(given, words)
    if column.type in ("number", "integer"):
        return _number(words, whole=column.type == "integer")
    if column.type == "array":
        parts = given if isinstance(given, list) else re.split(r"[|;]", words)
        return [clean for one in parts if (clean := str(one).strip())]
    return _code(column, words)


def _words(value: Json) -> str:
    written = text(value).strip()
    return _APOSTROPHE.sub("", written)


def _truth(words: str) -> bool:
    said = fold(words)
    if said in _TRUE:
        return True
    if said in _FALSE:
        return False
    raise ValueError(f"« {words} » au lieu de oui ou non")


def _day(given: Json, words: str) -> str:
    if isinstance(given, datetime | date):
        return given.isoformat()[:10]
    for pattern in ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(words[:10], pattern).date().isoformat()  # noqa: DTZ007 — a day
        except ValueError:
            continue
    raise ValueError(f"« {words} » au lieu d'une date (JJ/MM/AAAA)")


def _number(words: str, *, whole: bool) -> float | int:
    plain = re.sub(r"[\s\u00a0\u202f€]", "", words).replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        raise ValueError(f"« {words} » au lieu d'un nombre") from None
    if whole and not value.is_integer():
        raise ValueError(f"« {words} » au lieu d'un nombre entier")
    return int(value) if whole else value


def _code(column: Column, words: str) -> str:
    allowed = _CODES.get(column.name)
    if allowed is not None:
        code = re.sub(r"[^a-z]+", "_", fold(words)).strip("_")
        if code not in allowed:
            raise ValueError(f"« {words} » au lieu de : {', '.join(allowed)}")
        return code
    pattern = column.constraints.get("pattern")
    if column.name == "code_commune" and words.isdigit():
        words = words.zfill(5)  # a spreadsheet has eaten the zero of 05061
    if column.name == "code_departement" and words.isdigit():
        words = words.zfill(2)
    if pattern is not None and re.search(pattern, words) is None:
        raise ValueError(f"« {words} » n'a pas la forme attendue (ex. : {column.example})")
    enum = column.constraints.get("enum")
    if enum is not None and words not in enum:
        raise ValueError(f"« {words} » au lieu de : {', '.join(enum)}")
    return words


def _disordered(now: CensusRow, cells: list[Cell]) -> list[str]:
    """Dates that would end before they begin: both are left aside, and told."""
    said = {cell.column: cell.after for cell in cells}
    first = said.get("date_debut", now["date_debut"])
    last = said.get("date_fin", now["date_fin"])
    if not (first and last and last < first and {"date_debut", "date_fin"} & set(said)):
        return []
    cells[:] = [cell for cell in cells if cell.column not in ("date_debut", "date_fin")]
    return [f" : la fin ({last}) précède le début ({first})"]


def _older(exported: Json, entry: Entry) -> bool:
    """Whether the initiative changed since the file was written."""
    words = _words(exported)
    if not words:
        return False
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return False
    if moment.tzinfo is None:  # a workbook tells the hour of Paris
        moment = moment.replace(tzinfo=PARIS)
    return (entry.changed_at - moment).total_seconds() >= 1


def themes_after(entry: Entry, cells: Iterable[Cell]) -> list[str] | None:
    """The themes of an initiative once its cells are applied; None when no theme cell changed."""
    changed = {
        THEME_COLUMNS[cell.column]: bool(cell.after)
        for cell in cells
        if cell.column in THEME_COLUMNS
    }
    if not changed:
        return None
    kept = {slug: slug in entry.themes for slug in entry.campaign.themes} | changed
    return [slug for slug in entry.campaign.themes if kept.get(slug)]


def french(found: Preview) -> list[str]:
    """The preview, a line a cell."""
    lines = []
    for cell in found.cells:
        lines.append(
            f"{cell.initiative} · {cell.title} : {_told(cell.before)} → {_told(cell.after)}"
        )
    lines += [f"nouvelle ligne : {row.get('intitule', 'sans intitulé')}" for row in found.new]
    lines += [f"⚠ {problem}" for problem in found.problems]
    lines += [f"⚠ {one} a été modifiée depuis l'export : vérifiez" for one in found.stale]
    return lines


def _told(value: Json) -> str:
    if isinstance(value, bool):
        return "oui" if value else "non"
    return f"« {text(value)} »" if text(value) else "vide"
