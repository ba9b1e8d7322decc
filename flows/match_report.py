"""The report of `paat match`: pairs side by side, by what was decided, on one page.

One HTML file: no external resource, everything escaped, readable without script (the script only
filters), usable by keyboard, right in print and in the dark.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import chain, count
from typing import IO, Any

from domain.text import fold
from flows.match_groups import Initiative
from matching.pairs import PART_OF, Pair, Pairs

SHOWN = 150  # pairs of a zone: all of them are in the file of --pairs
_WORD = re.compile(r"\w+")
BRIEF = 80  # characters of a cell that both rows say
LONGEST = 600  # characters of a cell: beyond, the start is shown and the cut is said
ZONES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "ask": (
        "À décider",
        "La machine hésite : à vous de dire. Les plus utiles d'abord.",
        ("ask",),
    ),
    "same": (
        "Même édition",
        "Regroupées sans question (cluster_id). Les moins sûres d'abord, à vérifier.",
        ("same",),
    ),
    "near": (
        "Même initiative",
        "Une autre édition, ou une partie d'un même événement (series_id).",
        ("other_edition", "part_of"),
    ),
    "different": (
        "Différentes",
        "Ressemblantes, mais tenues à part. Les plus ressemblantes d'abord.",
        ("different",),
    ),
}
"""Key → title, explanation, decisions of `--pairs` it holds."""
_DECISIONS = {
    "ask": "à décider", "same": "même édition", "other_edition": "deux éditions d'une initiative",
    "part_of": "parties d'un même événement", "different": "différentes",
}  # fmt: skip
_SIDES = ("la partie", "le festival")

Row = Mapping[str, Any]
Piece = tuple[str, bool]  # text, whether the other side does not say it


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One column of both rows."""

    column: str
    left: tuple[Piece, ...]
    right: tuple[Piece, ...]
    differs: bool
    same: bool  # both say it; neither, when one is silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One pair as the page shows it."""

    number: int
    names: tuple[str, str]
    sides: tuple[str, ...]  # what each is to the other, where they are not alike
    score: str
    decision: str
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]
    alike: str  # what both say, in short
    search: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    key: str
    title: str
    about: str
    total: int
    pairs: tuple[Shown, ...]


def zones(
    pairs: Pairs, rows: Sequence[Row], names: Sequence[str], columns: Sequence[str]
) -> list[Zone]:
    """The pairs of `match_rows` by zone, at most SHOWN of each; `columns`: those to compare."""
    number = count(1)
    found = []
    for key, (title, about, decisions) in ZONES.items():
        held = [k for k, said in enumerate(pairs.decisions) if said in decisions]
        if key == "same":
            held.reverse()  # they come likeliest first
        told = pairs.told(held[:SHOWN])
        shown = tuple(_shown(next(number), one, rows, names, columns) for one in told)
        found.append(Zone(key=key, title=title, about=about, total=len(held), pairs=shown))
    return found


def _shown(
    number: int, pair: Pair, rows: Sequence[Row], names: Sequence[str], columns: Sequence[str]
) -> Shown:
    one, two = rows[pair.a], rows[pair.b]
    lines = tuple(
        line(column, one.get(column), two.get(column))
        for column in columns
        if not (_text(one.get(column)) == _text(two.get(column)) == "")
    )
    words = chain.from_iterable((_text(row.get(c)) for c in columns) for row in (one, two))
    directed = PART_OF in pair.reasons[:1]
    name = names[pair.a], names[pair.b]
    part_of = f"{name[0]} est une partie de {name[1]}"
    return Shown(
        number=number,
        names=name,
        sides=_SIDES if directed else (),
        score=_percent(pair.score),
        decision=part_of if directed else _decision(pair),
        reasons=pair.reasons[1:] if directed else pair.reasons,
        lines=lines,
        alike=" · ".join(_start(one.left) for one in lines if one.same),
        search=fold(" ".join(words))[:2_000],
    )


def _start(pieces: Sequence[Piece]) -> str:
    text = " ".join(words for words, _ in pieces)
    return text if len(text) <= BRIEF else f"{text[:BRIEF]}…"


def _percent(p: float) -> str:
    """A probability as a person reads it."""
    if p >= 0.99:
        return "99 % ou plus"
    return f"{p * 100:.0f} %" if p >= 0.01 else "moins de 1 %"


def _decision(pair: Pair) -> str:
    """What is decided; of a question, also what is likeliest."""
    if pair.decision != "ask":
        return _DECISIONS[pair.decision]
    return f"à décider ; le plus probable : {_DECISIONS[pair.likely]}"


def line(column: str, left: object, right: object) -> Line:
    """Both values, the words that only one says set apart; accents and capitals do not count."""
    one, two = _text(left), _text(right)
    said = [_words(text) for text in (one, two)]
    return Line(
        column=column,
        left=tuple(_pieces(one, said[1] if two else None)),
        right=tuple(_pieces(two, said[0] if one else None)),
        differs=said[0] != said[1] and bool(one and two),
        same=said[0] == said[1] and bool(one and two),
    )


def _text(value: object) -> str:
    text = "" if value is None or value != value else str(value).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… (coupé)"


def _words(text: str) -> set[str]:
    """What is said, however it is written: « Saint-Rémy » is « saint remy »."""
    return set(_WORD.findall(fold(text)))


def _pieces(text: str, other: set[str] | None) -> Iterator[Piece]:
    """Runs of words said by both or by one; nothing is set apart when the other is silent."""
    run: list[str] = []
    alone = False
    for word in text.split():
        now = other is not None and not _words(word) <= other
        if now != alone and run:
            yield " ".join(run), alone
            run = []
        alone = now
        run.append(word)
    if run:
        yield " ".join(run), alone


def write(
    out: IO[bytes], *, title: str, facts: Sequence[tuple[str, str]], told: Sequence[Zone],
    fields: Mapping[str, str], warnings: Sequence[str],
    groups: tuple[Sequence[Initiative], int] = ((), 0),
) -> None:  # fmt: skip
    """The page. `facts`: what is told at the top; `fields`: column → what it was taken for;
    `groups`: series and festivals, and how many there are."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    source = (resources.files("flows") / "match_report.html").read_text("utf-8")
    page = environment.from_string(source).generate(
        title=title, facts=facts, zones=told, fields=fields, warnings=warnings, most=SHOWN,
        initiatives=groups[0], initiatives_total=groups[1],
    )  # fmt: skip
    for part in page:
        out.write(part.encode("utf-8", "replace"))
