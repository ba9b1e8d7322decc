"""Numbers in the indicators of action sheets: « Nombre de séances : 12 », « Taux de… : 60 à 70 % ».

Read as French writes them; added up only when comparable: same words, same unit, same nature
(expected or observed). Rates are never averaged: their denominators are not known. Pure.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

from domain.records import Json
from domain.text import fold

_STARTS = r"(?:nombres?|nb|taux|parts?|pourcentages?|%)"
_APART = re.compile(rf"[;\n•]|,\s*(?={_STARTS}\b)", re.IGNORECASE)
_NUMBER = r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"
_VALUE = re.compile(
    rf"(?P<about>environ|env\.|autour de|à peu près|~|≈)?\s*"
    rf"(?:(?P<more>plus de|au moins|minimum|≥|>)|(?P<less>moins de|au plus|maximum|≤|<))?\s*"
    rf"(?:entre\s+|de\s+)?(?P<low>{_NUMBER})\s*(?P<percent_low>%)?"
    rf"(?:\s*(?:à|et|-|–|/)\s*(?P<high>{_NUMBER}))?"
    rf"\s*(?P<unit>%|€|[a-zà-ÿ][\w'’ -]*)?",
    re.IGNORECASE,
)
_SAID = re.compile(r"^(?P<label>.*?)\s*(?:[:=]|→|\s[–—-]\s)\s*(?P<value>.*\d.*)$", re.DOTALL)
_BRACKETS = re.compile(r"^(?P<label>.*?)\s*\((?P<value>[^()]*\d[^()]*)\)\s*$", re.DOTALL)
_FIRST = re.compile(rf"^(?P<value>(?:environ\s+)?(?:{_NUMBER}))\s+(?P<label>[a-zà-ÿ].*)$", re.I)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)(?:\s*[-/–]\s*(?:19|20)?\d{2}(?!\d))?")
_EXPECTED = re.compile(r"\b(?:objectifs?|cibles?|attendus?|previs\w*|prevus?|vise\w*)\b")
_OBSERVED = re.compile(r"\b(?:realise\w*|constate\w*|effecti\w*|bilan|atteint\w*)\b")
_HEAD = re.compile(r"^(?:nombre|nb|taux|part|pourcentage)s? (?:de la |de l |de |des |du |d )?")
_EMPTY = {"de", "des", "du", "d", "la", "le", "les", "l", "en", "a", "au", "aux", "par", "et"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An indicator and its number: `low` alone is « plus de », `high` alone « moins de »."""

    text: str
    label: str
    kind: str  # nombre | taux | autre
    unit: str  # folded, singular; "" when none is said
    nature: str  # attendu | constaté | non précisé
    low: float | None
    high: float | None
    approximate: bool = False
    unit_words: str = ""  # as written

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What must be the same for two numbers to be added up."""
        return self.kind, comparable(self.label), self.unit, self.nature


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """Comparable numbers together: a sum for « nombre », the spread for a rate."""

    label: str
    kind: str
    unit: str
    nature: str
    n: int  # numbers gathered
    low: float  # their sum; the smallest rate
    high: float | None  # their sum; the largest rate; None: at least `low`
    middle: float | None  # the median rate
    approximate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    totals: tuple[Total, ...]  # those gathering the most first
    left_out: tuple[tuple[str, str], ...]  # (indicator, why), in French


def indicators_of(sheet: Mapping[str, Json]) -> list[str]:
    """The indicators of a sheet, one text each."""
    given = sheet.get("liste_indicateurs") or ()
    pieces = (piece for one in given for piece in _APART.split(str(one)))
    return [clean for one in pieces if (clean := one.strip(" -–·•.,;\t\n"))]


def kind_of(text: str) -> str:
    first = fold(text).replace("%", "taux ").split()[:1]
    known = {"nombre": "nombre", "nombres": "nombre", "nb": "nombre", "taux": "taux"}
    known |= {"part": "taux", "parts": "taux", "pourcentage": "taux"}
    return known.get(first[0], "autre") if first else "autre"


def read(text: str) -> Measure | None:
    """The number an indicator gives; None when it gives none."""
    for shape in (_SAID, _BRACKETS, _FIRST):
        found = shape.match(text.strip())
        if found and (measure := _measured(text, found["label"], found["value"], shape is _FIRST)):
            return measure
    return None


def totals(sheets: Iterable[Mapping[str, Json]]) -> Totals:
    """What may be gathered of the indicators of sheets, and what was left out, and why."""
    gathered: defaultdict[tuple[str, str, str, str], list[Measure]] = defaultdict(list)
    left: list[tuple[str, str]] = []
    for sheet in sheets:
        for text in indicators_of(sheet):
            measure = read(text)
            if measure is None:
                left.append((text, "sans valeur chiffrée"))
            elif why := _doubt(measure):
                left.append((text, why))
            else:
                gathered[measure.key].append(measure)
    found = [_total(many) for many in gathered.values()]
    found.sort(key=lambda one: (-one.n, comparable(one.label), one.unit, one.nature))
    return Totals(totals=tuple(found), left_out=tuple(left))


def comparable(label: str) -> str:
    """The words that count, singular: « Nombre de participants » and « nb participant » agree."""
    words = re.findall(r"[a-z0-9]+", _HEAD.sub("", " ".join(re.findall(r"[a-z0-9]+", fold(label)))))
    for pattern in (_EXPECTED, _OBSERVED):
        words = [word for word in words if not pattern.fullmatch(word)]
    return " ".join(_singular(word) for word in words if word not in _EMPTY)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word[-1] in "sx" else word


def _measured(text: str, label: str, value: str, first: bool) -> Measure | None:
    # A year is when, not how many: « en 2024 », « (2024) ».
    plain = _YEAR.sub(" ", value) if re.search(r"\d", _YEAR.sub(" ", value)) else value
    found = _VALUE.search(plain)
    if found is None:
        return None
    kind = "nombre" if first else kind_of(label)
    low, high = number(found["low"]), number(found["high"] or found["low"])
    unit = "%" if found["percent_low"] else " ".join((found["unit"] or "").split())
    unit = unit if unit in ("%", "€") else comparable(unit)
    if first:
        unit = ""
    if kind == "autre" and unit == "%":
        kind = "taux"
    folded = fold(text)
    nature = "attendu" if _EXPECTED.search(folded) else "non précisé"
    nature = "constaté" if _OBSERVED.search(folded) else nature
    return Measure(
        text=text,
        label=label.strip(" -–:("),
        kind=kind,
        unit=unit if comparable(label) != unit else "",
        nature=nature,
        low=None if found["less"] else low,
        high=None if found["more"] else high,
        approximate=bool(found["about"]),
        unit_words="" if first else " ".join((found["unit"] or "").split()),
    )


def number(written: str) -> float:
    """A number as French writes it: « 1 250 », « 1.250 », « 12,5 »."""
    compact = re.sub(r"[ \u00a0\u202f]", "", written)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", compact):
        compact = compact.replace(".", "")
    return float(compact.replace(",", "."))


def _doubt(one: Measure) -> str:
    """Why a number cannot be gathered, in French; empty when it can."""
    if one.low is not None and one.low == one.high and not one.unit and 1990 <= one.low <= 2100:
        return "année ou nombre : ambigu"
    if one.low is not None and one.high is not None and one.low > one.high:
        return "intervalle à l'envers"
    if one.kind == "taux" and (one.unit != "%" or (one.high or one.low or 0) > 100):
        return "taux sans « % » ou au-delà de 100 %"
    if one.kind == "autre":
        return "ni nombre ni taux"
    if one.low is None:
        return "seulement un maximum"
    return ""


def _total(many: list[Measure]) -> Total:
    first = many[0]
    lows = [one.low or 0.0 for one in many]
    highs = [one.high for one in many if one.high is not None]
    rate = first.kind == "taux"
    bounded = len(highs) == len(many)
    middles = [(low + high) / 2 for low, high in zip(lows, highs, strict=False)]
    return Total(
        label=first.label,
        kind=first.kind,
        unit=first.unit and (first.unit_words or first.unit),
        nature=first.nature,
        n=len(many),
        low=min(lows) if rate else sum(lows),
        high=(max(highs) if rate else sum(highs)) if bounded else None,
        middle=median(middles) if rate and bounded else None,
        approximate=any(one.approximate for one in many),
    )


def french(one: Total) -> str:
    """« 1 250 participants », « de 60 à 75 %, médiane 70 % », « au moins 40 »."""
    unit = {"": "", "%": " %"}.get(one.unit, f" {one.unit}")
    about = "environ " if one.approximate else ""
    if one.high is None:
        return f"au moins {_shown(one.low)}{unit}"
    if one.low == one.high:
        return f"{about}{_shown(one.low)}{unit}"
    spread = f"{about}de {_shown(one.low)} à {_shown(one.high)}{unit}"
    return spread if one.middle is None else f"{spread}, médiane {_shown(one.middle)}{unit}"


def _shown(value: float) -> str:
    whole = f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"
    return whole.replace(",", "\u202f").replace(".", ",")
