"""What each column of a table is: by its name (French, English) and by what it holds. Pure.

`guess` answers with the fields of docs/import.md (DESIGN §5); a mapping `COLUMN=FIELD` decides
against it. `FIELD:option` marks a column that ticks one option of a list (« Publics / Jeunes »).
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from rapidfuzz import fuzz

from collectors.tables import values as cells
from domain.campaigns import THEMES
from domain.errors import ConfigError
from domain.identifiers import rna, siren, siret
from domain.records import RAW_FIELDS, Json
from domain.text import fingerprint, fold

TO_RAW: Mapping[str, str | None] = {
    "description": "text",
    "dep": "department",
    "date_start": "start",
    "date_end": "end",
    "latlon": None,  # becomes lat and lon
    "id": None,  # the key
    "source": None,  # kept by `match`, a leftover for an import
    "published_at": None,  # RawItem.published_at
    "updated_at": None,
    "personal": None,  # never imported
    "ignored": None,
}
"""The one place where a field of a table gets another name, or none, in RAW_FIELDS."""

SHOWN = 200  # rows of the sample that are looked at
LOOKED_AT = 5_000  # characters of each of their cells
LISTS = frozenset(
    ("audience", "discipline", "partners", "funders", "labels", "themes", "tags", "links")
)
SEVERAL = LISTS | {
    "description",
    "when",
    "personal",
    "ignored",
    "updated_at",
}  # several columns may hold it
THRESHOLD = 0.5
NUMBERS = ("siret", "siren")
CHOSEN, UNKNOWN = "choisi", "non reconnue"
Scored = tuple[float, str, int, str, str]
"""Minus the score of a column as a field, the field, its place, the column, why."""
_GROUPED = re.compile(r"(?P<group>.+?)\s*(?:/\s*(?P<a>[^/]+)|\[(?P<b>[^\]]+)\])\s*$")
_THEME = re.compile(r"themes?[\s_:-]+(.+)")
_FREE_TEXT = 60  # characters on average: an unnamed column that long is a text
_VAGUE = frozenset(
    ("title", "type", "id", "description", "source", "ignored", "year", "when", "labels", "timings")
)
"""Fields whose one-word names count only where a header starts with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """What a column is taken for (None: nothing), how surely (0–1) and why (French)."""

    column: str
    field: str | None
    confidence: float = 0.0
    reason: str = ""
    month_first: bool = False  # its dates are written month first


@lru_cache(maxsize=1)
def fields() -> dict[str, tuple[str, ...]]:
    """Every field with the folded names columns bear for it, from data/columns.toml."""
    text = (resources.files("collectors") / "data" / "columns.toml").read_text("utf-8")
    return {
        field: tuple(dict.fromkeys([spaced(field), *map(spaced, block["names"])]))
        for field, block in tomllib.loads(text).items()
    }


def known_fields() -> frozenset[str]:
    """The names a mapping may give: fields of a table and those of RAW_FIELDS."""
    return frozenset(fields()) | frozenset(RAW_FIELDS) - {"html", "sheet"}


def spaced(name: str) -> str:
    """A header folded to words: `Date de début*` → `date de debut`, `codePostal` → `code postal`.

    Camel case is cut before folding."""
    name = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])", " ", name)
    return " ".join(re.findall(r"[a-z0-9]+", fold(name.replace("n°", "n ").replace("N°", "n "))))


def guess(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Json]],
    *,
    mapping: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """column → field, for the columns that are something. `rows`: a sample, 200 are enough."""
    found = explain(columns, rows, mapping=mapping)
    return {one.column: one.field for one in found if one.field is not None}


def explain(
    columns: Sequence[str],
    rows: Iterable[Mapping[str, Json]],
    *,
    mapping: Mapping[str, str] | None = None,
) -> tuple[Guess, ...]:
    """One Guess per column, in order. Raises ConfigError for a mapping that names nothing known."""
    decided = check_mapping(mapping or {}, columns)
    sample = [row for _, row in zip(range(SHOWN), rows, strict=False)]
    values = {c: [_start(row.get(c)) for row in sample] for c in columns}
    free = [c for c in columns if c not in decided]
    options = {c: o for c in free if (o := _option(c, values[c], columns))}
    scored: list[Scored] = sorted(
        (-score, field, index, column, reason)
        for index, column in enumerate(free)
        if column not in options
        for field, (score, reason) in _scores(column, values[column], columns).items()
        if score >= THRESHOLD
    )
    taken = {field for field in decided.values() if field not in SEVERAL}
    chosen: dict[str, tuple[str, float, str]] = {}
    for score, field, _, column, reason in scored:
        if column in chosen or field in taken:
            continue
        chosen[column] = (field, -score, reason)
        if field not in SEVERAL:
            taken.add(field)
    if "date_end" not in taken:
        chosen |= _second_date(chosen, scored, values)
    chosen |= {c: (o, 0.9, "une case par réponse") for c, o in options.items()}
    chosen |= {c: (f, 1.0, CHOSEN) for c, f in decided.items() if f}
    _free_texts(chosen, {c: values[c] for c in free})
    return tuple(
        _as_guess(c, chosen.get(c), values[c], CHOSEN if c in decided else _refusal(c, values[c]))
        for c in columns
    )


def _start(value: Json) -> Json:
    """What is looked at of a cell: of a megabyte of text, the beginning."""
    return value[:LOOKED_AT] if isinstance(value, str) else value


def _as_guess(
    column: str, found: tuple[str, float, str] | None, values: list[Json], why_none: str
) -> Guess:
    if found is None:
        return Guess(column=column, field=None, reason=why_none)
    field, score, reason = found
    dated = field in ("date_start", "date_end", "published_at", "start", "end")
    return Guess(
        column=column,
        field=field,
        confidence=round(min(score, 1.0), 2),
        reason=reason,
        month_first=dated and cells.is_month_first(v for v in values if v is not None),
    )


# --- by name ---------------------------------------------------------------------------------


def _name_score(name: str, names: tuple[str, ...], vague: bool) -> tuple[float, str]:
    """How well a folded header is one of the names of a field, and the name it was."""
    if name in names:
        return 1.0, name
    best, best_name = 0.0, ""
    for known in names:
        if len(known) >= 6 and fuzz.ratio(name, known) >= 90:
            score = 0.85
        elif f" {known} " in f" {name} " and (
            " " in known or (len(known) >= 5 and (not vague or name.startswith(known)))
        ):
            score = 0.55 + 0.35 * len(known) / len(name)
        else:
            continue
        if score > best:
            best, best_name = score, known
    return best, best_name


def _forms(column: str) -> list[tuple[str, float]]:
    """The readings of a header with the weight of each: whole, without remark, its last part."""
    bare = re.sub(
        r"\([^)]*\)|\[[^\]]*\]|[*:?]+\s*$|^\s*(?:q?\d+[.):]\s*)+", " ", column, flags=re.I
    )
    forms = [(spaced(column), 1.0), (spaced(bare), 0.97)]
    if "/" in column or "." in column:
        forms.append((spaced(re.split(r"[/.]", column)[-1]), 0.9))
    forms.append((spaced(re.sub(r"[\s_]*1$", "", column)), 0.8))  # « Libellé 1 »
    return [(form, weight) for form, weight in reversed(dict(reversed(forms)).items()) if form]


def _scores(
    column: str, values: list[Json], columns: Sequence[str]
) -> dict[str, tuple[float, str]]:
    """field → (score, reason) of a column, from its name corrected by what it holds."""
    present = [v for v in values if v is not None]
    scores: dict[str, tuple[float, str]] = {}
    for field, names in fields().items():
        by_name, name = max(
            (
                (score * weight, known)
                for form, weight in _forms(column)
                for score, known in [_name_score(form, names, field in _VAGUE)]
            ),
            default=(0.0, ""),
        )
        by_content = _share(field, present)
        if by_name:
            scores[field] = (by_name * _trust(by_content, bool(present)), f"nom « {name} »")
        elif field in _TELLING and len(present) >= 2 and (by_content or 0) >= 0.9:
            scores[field] = (_TELLING[field], "contenu")
    return _corrected(column, scores, present, columns)


def _corrected(
    column: str, scores: dict[str, tuple[float, str]], present: list[Json], columns: Sequence[str]
) -> dict[str, tuple[float, str]]:
    """Exceptions that need the neighbours or the repetition of values."""
    by_date = max(
        (scores.get(f, (0.0, "")) for f in ("date_start", "date_end")), key=lambda s: s[0]
    )
    name = spaced(column)
    if present and by_date[0] and (_share("date_start", present) or 0) < 0.5:
        words = sum(isinstance(v, str) for v in present) >= 0.5 * len(present)
        if words:
            scores["when"] = (0.8, "date en toutes lettres")
    if name == "uid" and {"sid", "ip address"} & {spaced(c) for c in columns}:
        return {"personal": (1.0, "compte du répondant")}
    for field in ("url", "ticket"):
        if (
            field in scores
            and len(present) >= 10
            and len(set(map(str, present))) < len(present) / 2
        ):
            del scores[field]  # the same address everywhere is the dataset's
    if "id" in scores and present and not _identifies(present):
        del scores["id"]
    return scores


def _trust(share: float | None, filled: bool) -> float:
    """What the share of cells that fit a field makes of the score of its name."""
    if not filled:
        return 0.9
    if share is None:
        return 0.97
    return 1.0 if share >= 0.8 else 0.85 if share >= 0.3 else 0.3


def _identifies(present: list[Json]) -> bool:
    return len(set(map(str, present))) == len(present) > 0


def _second_date(
    chosen: Mapping[str, tuple[str, float, str]], scored: Sequence[Scored],
    values: Mapping[str, list[Json]],
) -> dict[str, tuple[str, float, str]]:  # fmt: skip
    """The last day, when a second column is called a date and never comes before the first."""
    first = next((c for c, found in chosen.items() if found[0] == "date_start"), None)
    others = (c for _, field, _, c, _ in scored if field == "date_start" and c not in chosen)
    for column in others if first else ():
        both = [
            (one, two) for one, two in zip(values[first or ""], values[column], strict=True)
            if one is not None and two is not None
        ]  # fmt: skip
        american = cells.is_month_first(v for pair in both for v in pair)
        days = [[cells.instant(v, month_first=american) for v in pair] for pair in both]
        read = [(one, two) for one, two in days if one and two]
        if any(one < two for one, two in read) and all(one <= two for one, two in read):
            return {column: ("date_end", 0.6, "seconde date, jamais avant la première")}
    return {}


def _refusal(column: str, values: list[Json]) -> str:
    """Why a column is nothing: its name is that of a number, and what it holds is not."""
    present = [v for v in values if v is not None]
    for field in NUMBERS:
        share = _share(field, present)
        if share is not None and share < THRESHOLD and spaced(column) in fields()[field]:
            right = round(share * len(present))
            return (
                f"{right} {field.upper()} à la clé juste sur {len(present)} ; corrigez-les, ou "
                f'--map "{column}={field}" pour les comparer tels quels'
            )
    return UNKNOWN


def _free_texts(
    chosen: dict[str, tuple[str, float, str]], values: Mapping[str, list[Json]]
) -> None:
    """Long texts nobody named join the description: nothing a form asked is lost."""
    for column, cells_ in values.items():
        texts = [v for v in cells_ if isinstance(v, str)]
        if column in chosen or len(texts) < 1 or len(texts) < 0.5 * _filled(cells_):
            continue
        coded = texts[0].startswith(("http", "[{", "{"))
        if sum(map(len, texts)) / len(texts) >= _FREE_TEXT and not coded:
            chosen[column] = ("description", THRESHOLD, "texte libre")


def _filled(values: list[Json]) -> int:
    return sum(v is not None for v in values)


# --- by content ------------------------------------------------------------------------------

_CHECKS: dict[str, Callable[[Json], object]] = {
    "date_start": cells.instant,
    "date_end": cells.instant,
    "published_at": cells.instant,
    "updated_at": cells.instant,
    "number": cells.number,
    "amount": cells.number,
    "budget": cells.number,
    "participants": cells.number,
    "lat": lambda v: cells.coordinate(v, 90),
    "lon": lambda v: cells.coordinate(v, 180),
    "latlon": cells.point,
    "insee": cells.insee,
    "postcode": lambda v: re.fullmatch(r"\d{5}", cells.code(v, 5) or ""),
    "dep": lambda v: len(str(v)) <= 40,
    "email": lambda v: isinstance(v, str) and cells.email(v),
    "phone": lambda v: re.fullmatch(r"\+?[\d\s.()/-]{8,40}", str(v).strip()),
    "url": lambda v: isinstance(v, str) and cells.web_address(v),
    "ticket": lambda v: isinstance(v, str) and cells.web_address(v),
    "links": lambda v: isinstance(v, str) and cells.web_address(v),
    "siret": lambda v: len(str(v)) >= 12 and siret(cells.code(v, 14) or ""),
    "siren": lambda v: len(str(v)) >= 7 and siren(cells.code(v, 9) or ""),
    "rna": lambda v: rna(str(v)),
    "timings": cells.timings,
    "year": lambda v: re.match(r"(?:19|20)\d{2}", str(v)),
    "commune": lambda v: isinstance(v, str) and len(v) <= 80 and not v[:1].isdigit(),
    "title": lambda v: isinstance(v, str) and len(v) > 2 and cells.truth(v) is None,
    "description": lambda v: isinstance(v, str) and cells.truth(v) is None,
    "organiser": lambda v: isinstance(v, str) and len(v) < 300 and cells.truth(v) is None,
    "venue": lambda v: isinstance(v, str) and cells.truth(v) is None,
    "address": lambda v: isinstance(v, str) and not cells.email(v) and not cells.web_address(v),
    "contact": lambda v: isinstance(v, str) and not cells.email(v) and not cells.web_address(v),
}
_TELLING = {"email": 0.6, "siret": 0.6, "rna": 0.6, "siren": 0.5, "links": 0.5}
"""Fields a column may be by its content alone, with the score it gets."""


def _share(field: str, present: list[Json]) -> float | None:
    """Share of the cells that fit a field; None when any cell fits."""
    check = _CHECKS.get(field)
    if check is None or not present:
        return None
    return sum(bool(check(v)) for v in present) / len(present)


def _option(column: str, values: list[Json], columns: Sequence[str]) -> str | None:
    """`audience:Jeunes` for a column that ticks one answer of a question, else None."""
    present = [v for v in values if v is not None]
    if not present or any(cells.truth(v) is None for v in present):
        return None
    name = spaced(column)
    theme = _THEME.fullmatch(name)
    slug = (theme.group(1) if theme else name).replace(" ", "-")
    if slug in THEMES:
        return f"themes:{slug}"
    grouped = _GROUPED.fullmatch(column)
    if not grouped:
        return None
    scores = {
        field: _name_score(spaced(grouped["group"]), fields()[field], False)[0]
        for field in LISTS | {"type", "status"}
        if field in fields()
    }
    best = max(scores, key=lambda field: scores[field])
    option = (grouped["a"] or grouped["b"]).strip()
    return f"{best}:{option}" if scores[best] >= THRESHOLD else None


# --- mapping ---------------------------------------------------------------------------------


def check_mapping(mapping: Mapping[str, str], columns: Sequence[str]) -> dict[str, str]:
    """The mapping of these columns. "" leaves a column aside. Raises ConfigError."""
    folded = {spaced(c): c for c in reversed(columns)}
    checked = {}
    for column, field in mapping.items():
        real = column if column in columns else folded.get(spaced(column))
        if real is None:
            raise ConfigError(
                f"colonne {column!r} là où l'une de celles-ci est attendue : "
                f"{', '.join(columns)} ; corrigez la correspondance",
                about=column,
            )
        if field and field.partition(":")[0] not in known_fields():
            raise ConfigError(
                f"champ {field!r} là où l'un de ceux-ci est attendu : "
                f"{', '.join(sorted(known_fields()))} ; corrigez la correspondance",
                about=column,
            )
        checked[real] = field
    return checked


def header_key(columns: Sequence[str]) -> str:
    """Twelve characters that name a layout: the same columns, whatever their order or accents."""
    return fingerprint("\n".join(sorted(map(spaced, columns))))[:12]


def read_mapping(text: str, columns: Sequence[str], *, about: str = "mapping") -> dict[str, str]:
    """column → field from a mapping file, TOML or JSON: `"Nom" = "title"`, or the same under the
    `header_key` of the table, so that one file serves several forms. Raises ConfigError."""
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (json.JSONDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{about}: {error} ; voyez docs/import.md", about=about) from None
    chosen = data.get(header_key(columns), {k: v for k, v in data.items() if isinstance(v, str)})
    if not all(isinstance(v, str) for v in chosen.values()):
        raise ConfigError(
            f"{about}: autre chose que du texte là où COLONNE = CHAMP est attendu ; "
            "voyez docs/import.md",
            about=about,
        )
    return check_mapping(chosen, columns)


def write_mapping(columns: Sequence[str], mapping: Mapping[str, str], *, old: str = "") -> str:
    """The text of a mapping file (JSON) with this layout added or replaced in `old`."""
    data = json.loads(old) if old.strip() else {}
    data[header_key(columns)] = dict(mapping)
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
