"""Indicators of a census: each with its n; a proportion with its interval; small cells hidden.

Pure: rows in, records out. The rules are those of domain.fr.md §5.1: « afficher n et l'intervalle,
jamais un pourcentage nu ; masquer les croisements < 5 ».
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from census.labelling import issuer_of, name_of
from census.measures import indicators_of, kind_of, read
from census.table import CensusRow, Watched
from census.words import shown
from domain.campaigns import THEMES, Campaign
from domain.records import Json
from domain.territory import Commune
from domain.text import fold

SMALLEST = 5  # a crossing below is not shown: one could recognise who it is about
Z95 = 1.959964  # normal quantile of a 95 % interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many of the n initiatives have a value."""

    code: str
    label: str
    count: int
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A proportion k/n with its 95 % Wilson interval; None without anything to divide."""

    k: int
    n: int
    p: float | None
    low: float | None
    high: float | None

    def french(self) -> str:
        """`27 sur 38, soit 71,1 % [55,2 ; 83,0]`."""
        if self.p is None or self.low is None or self.high is None:
            return "sans objet (n = 0)"
        p, low, high = (
            f"{100 * one:.1f}".replace(".", ",") for one in (self.p, self.low, self.high)
        )
        return f"{self.k} sur {self.n}, soit {p} % [{low} ; {high}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Two columns crossed. A cell is None when it is hidden: small, or giving a small one back."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int | None, ...], ...]
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A territory nobody announced anything in."""

    code: str
    name: str
    department: str
    population: int
    communes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Silences:
    communes: tuple[Silence, ...]  # the most populous first
    epcis: tuple[Silence, ...]
    themes: tuple[tuple[str, str], ...]  # (department, theme slug) without initiative
    population: int  # of the silent communes
    total_population: int
    total_communes: int


def wilson(k: int, n: int) -> Share:
    """The interval of a proportion (Wilson, 1927): right near 0, near 1, and for a small n."""
    if n == 0:
        return Share(k=k, n=n, p=None, low=None, high=None)
    p, z2 = k / n, Z95 * Z95
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Share(k=k, n=n, p=p, low=max(0.0, centre - half), high=min(1.0, centre + half))


def by(rows: Sequence[CensusRow], column: str) -> list[Count]:
    """Initiatives by value of a column, the most frequent first; a list counts for each of its
    values. « non renseigné » comes last."""
    found: Counter[str] = Counter()
    for row in rows:
        found.update(_values(row, column))
    ranked = sorted(found.items(), key=lambda one: (one[0] == "", -one[1], one[0]))
    return [
        Count(code=code, label=shown(column, code), count=count, n=len(rows))
        for code, count in ranked
    ]


def by_theme(rows: Sequence[CensusRow], campaign: Campaign) -> list[Count]:
    """Initiatives by theme, in the campaign's order; one may have several."""
    return [
        Count(
            code=slug,
            label=shown("theme", slug),
            count=sum(bool(row.get(theme_column(slug))) for row in rows),
            n=len(rows),
        )
        for slug in campaign.themes
    ]


def by_month(rows: Sequence[CensusRow]) -> list[Count]:
    """Initiatives by month of their first day, in order, months without any included."""
    found = Counter(str(row["date_debut"])[:7] for row in rows if row["date_debut"])
    if not found:
        return []
    months = list(_months(min(found), max(found)))
    dated = sum(found.values())
    return [Count(code=m, label=shown("mois", m), count=found.get(m, 0), n=dated) for m in months]


def crossing(
    rows: Sequence[CensusRow], column: str, campaign: Campaign, *, smallest: int = SMALLEST
) -> Crossing:
    """A column by theme. A cell between 1 and `smallest` - 1 is hidden, and what would give it
    back; a zero is told."""
    cells: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for value in _values(row, column):
            cells[value].update(s for s in campaign.themes if row.get(theme_column(s)))
    codes = sorted(cells)
    columns = [
        _protected([cells[code][slug] for code in codes], smallest) for slug in campaign.themes
    ]
    return Crossing(
        rows=tuple(shown(column, code) for code in codes),
        columns=tuple(shown("theme", slug) for slug in campaign.themes),
        cells=tuple(zip(*columns, strict=True)) if columns else (),
        n=len(rows),
    )


def _protected(counts: Sequence[int], smallest: int) -> list[int | None]:
    """A column of a crossing whose total is told elsewhere: small cells are hidden, and when one
    alone is, a second too, else a subtraction would give it back (complementary suppression)."""
    hidden = {n for n, count in enumerate(counts) if 0 < count < smallest}
    if len(hidden) == 1 and len(counts) > 1:
        others = [n for n in range(len(counts)) if n not in hidden]
        # The smallest that says something; a zero only when there is nothing else.
        hidden.add(min(others, key=lambda n: (counts[n] == 0, counts[n], n)))
    return [None if n in hidden else count for n, count in enumerate(counts)]


def silences(
    rows: Sequence[CensusRow], communes: Iterable[Commune], campaign: Campaign
) -> Silences:
    """The communes, EPCI and themes of the territory that no initiative of the census reaches."""
    spoken = {row["code_commune"] for row in rows}
    everywhere = list(communes)
    silent = [one for one in everywhere if one.code not in spoken]
    held = {
        (row["code_departement"], s)
        for row in rows
        for s in campaign.themes
        if row[theme_column(s)]
    }
    return Silences(
        communes=tuple(sorted(map(_silent, silent), key=_most_people)),
        epcis=tuple(sorted(_silent_epcis(everywhere, spoken), key=_most_people)),
        themes=tuple(
            (department, slug)
            for department in campaign.departments
            for slug in campaign.themes
            if (department, slug) not in held
        ),
        population=sum(one.population or 0 for one in silent),
        total_population=sum(one.population or 0 for one in everywhere),
        total_communes=len(everywhere),
    )


def _silent(one: Commune) -> Silence:
    return Silence(
        code=one.code, name=one.name, department=one.department, population=one.population or 0
    )


def _silent_epcis(communes: Sequence[Commune], spoken: set[Json]) -> Iterable[Silence]:
    members: defaultdict[str, list[Commune]] = defaultdict(list)
    for one in communes:
        if one.epci:
            members[one.epci].append(one)
    for siren, its in members.items():
        if not any(one.code in spoken for one in its):
            yield Silence(
                code=siren,
                name=its[0].epci_name or siren,
                department=its[0].department,
                population=sum(one.population or 0 for one in its),
                communes=len(its),
            )


def _most_people(one: Silence) -> tuple[int, str]:
    return -one.population, one.code


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was expected of a source, and what it gave to the census."""

    source: Watched
    initiatives: int
    short: bool  # it gives less than it should


def coverage(rows: Sequence[CensusRow], watched: Iterable[Watched]) -> list[Coverage]:
    """Each source, in the order given, with the initiatives of the census it speaks of."""
    spoken = Counter(slug for row in rows for slug in row["sources"] or ())
    return [
        Coverage(
            source=one,
            initiatives=spoken[one.slug],
            short=bool(one.expected and (one.collected or 0) < one.expected),
        )
        for one in watched
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetIndicator:
    """An indicator action sheets promise: « Nombre de… », « Taux de… »."""

    kind: str  # nombre | taux | autre
    text: str
    sheets: int


def sheet_indicators(sheets: Iterable[Mapping[str, Json]]) -> list[SheetIndicator]:
    """The indicators of the action sheets, those said alike counted together, shared ones first."""
    texts: dict[str, str] = {}
    found: Counter[str] = Counter()
    for sheet in sheets:
        said = {}
        for text in indicators_of(sheet):
            words = one.label if (one := read(text)) else text
            said[" ".join(fold(words).replace("'", " ").split())] = words
        texts = {**said, **texts}
        found.update(said.keys())
    return [
        SheetIndicator(kind=kind_of(key), text=texts[key], sheets=count)
        for key, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The counts a first page tells."""

    n: int
    dated: int
    placed: int
    communes: int
    reviewed: Share
    themed: Share
    with_amount: int
    granted: float  # euros


def summary(rows: Sequence[CensusRow]) -> Summary:
    granted = [row["montant_accorde"] for row in rows if row["montant_accorde"] is not None]
    themed = sum(any(row[theme_column(slug)] is True for slug in THEMES) for row in rows)
    return Summary(
        n=len(rows),
        dated=sum(row["date_debut"] is not None for row in rows),
        placed=sum(row["code_commune"] is not None for row in rows),
        communes=len({row["code_commune"] for row in rows} - {None}),
        reviewed=wilson(sum(row["etat_relecture"] == "recensée" for row in rows), len(rows)),
        themed=wilson(themed, len(rows)),
        with_amount=len(granted),
        granted=float(sum(granted)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A label of a campaign: how many initiatives hold it, cite it, might ask for it."""

    code: str
    name: str
    issuer: str
    why: str
    held: int
    cited: int
    proposed: int
    share: Share  # proposed, among all


def proposed_labels(rows: Sequence[CensusRow], campaign: Campaign) -> list[Proposed]:
    """Each label of the campaign's rules, with its counts."""
    return [
        Proposed(
            code=rule.code,
            name=name_of(rule),
            issuer=issuer_of(rule),
            why=rule.why,
            held=_listing(rows, "labels_nationaux", rule.code)
            + sum(row["label_regional"] == rule.code for row in rows),
            cited=_listing(rows, "labels_cites", rule.code),
            proposed=(k := _listing(rows, "labels_proposes", rule.code)),
            share=wilson(k, len(rows)),
        )
        for rule in campaign.labels
    ]


def _listing(rows: Iterable[CensusRow], column: str, code: str) -> int:
    return sum(code in (row[column] or ()) for row in rows)


def theme_column(slug: str) -> str:
    return f"theme_{slug.replace('-', '_')}"


def _values(row: CensusRow, column: str) -> list[str]:
    value = row.get(column)
    if isinstance(value, list | tuple):
        return sorted({str(one) for one in value}) or [""]
    return ["" if value is None else str(value)]


def _months(first: str, last: str) -> Iterable[str]:
    year, month = int(first[:4]), int(first[5:])
    while (name := f"{year:04}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
