"""Days, years and editions."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

import numpy as np

from domain.times import french_date
from matching.cards import Ints
from matching.compare import F, Prepared, edition_year
from matching.details import HOURS
from matching.evidence.texts import Texts, chosen, once
from matching.matrices import Matrix

ONE_YEAR = 21  # days around an anniversary


def dates(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    """How their days meet, or which of them gives none."""
    cards = ready.cards

    def undated(rows: Ints) -> Texts:
        ends = (a[rows], b[rows])
        none = [np.isnan(cards.first[end]) for end in ends]
        years = [np.where(no, cards.year[end], np.nan) for no, end in zip(none, ends, strict=True)]
        return once(_undated, none[0] & none[1], *map(np.nan_to_num, years))

    def hours(rows: Ints) -> Texts:
        one, two = np.sort(np.stack([cards.hour[a[rows]], cards.hour[b[rows]]]), axis=0)
        return once(_hours, cards.first[a[rows]], one, two)

    def gap(rows: Ints) -> Texts:
        ends = (cards.first[a], cards.first[b], cards.last[a], cards.last[b])
        days = np.rint(np.expm1(x[rows, F["gap"]]))
        other_year = x[rows, F["year_rest"]] <= ONE_YEAR
        return once(_gap, days, other_year, x[rows, F["soft"]] > 0, *(end[rows] for end in ends))

    day = cards.first[a]
    one_day = (day == cards.first[b]) & (day == cards.last[a]) & (day == cards.last[b])
    apart = np.abs(cards.hour[a] - cards.hour[b]) >= HOURS
    everyone = np.ones(len(a), np.bool_)
    return chosen((x[:, F["undated"]] > 0, undated), (one_day & apart, hours), (everyone, gap))


def _undated(both: bool, *years: float) -> str:
    """Who gives no day, and the year it gives instead (0: none)."""
    who = "aucune annonce ne dit" if both else "une annonce ne dit pas"
    told = " / ".join(str(int(year)) for year in sorted({*years} - {0}))
    return f"{who} le jour, seulement {told}" if told else f"{who} le jour"


def _hours(day: float, one: float, two: float) -> str:
    return f"heures différentes le {_french(day)} : " + " / ".join(map(_clock, (one, two)))


def _clock(hour: float) -> str:
    """14.5 as 14 h 30."""
    minutes = round(60 * hour)
    return f"{minutes // 60} h" + (f" {minutes % 60:02}" if minutes % 60 else "")


def _gap(days: float, other_year: bool, soft: bool, *ends: float) -> str:
    """`ends`: first day of each, then last day of each."""
    one, two, end, other = ends
    told = " (date lue dans le texte)" if soft else ""
    if days == 0:
        return _meeting(one, two, end, other) + told
    first, second = sorted((one, two))
    if other_year:
        years = (date.fromordinal(int(day)).year for day in (first, second))
        return "années différentes : {} / {}".format(*years) + told
    count = "1 jour" if days == 1 else f"{days:.0f} jours"
    return f"{count} d'écart : {_french(first)} / {_french(second)}{told}"


def _meeting(one: float, two: float, end: float, other: float) -> str:
    if one != two:
        return "dates qui se recouvrent"
    if end == other > one:
        return f"mêmes dates, du {_french(one)} au {_french(end)}"
    return f"{'même jour' if end == other else 'même début'}, {_french(one)}"


@lru_cache(maxsize=10_000)
def _french(day: float) -> str:
    return french_date(date.fromordinal(int(day)))


def editions(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Texts:
    """Which editions, or years, where titles give them."""
    cards, gap = ready.cards, x[:, F["edition_gap"]]

    def numbers(rows: Ints) -> Texts:
        return once(_two("éditions différentes"), cards.edition[a[rows]], cards.edition[b[rows]])

    def number(rows: Ints) -> Texts:
        return once("même édition : {}e".format, cards.edition[a[rows]])

    def titles(rows: Ints) -> Texts:
        ends = a[rows], b[rows]
        said = [edition_year(cards, end) for end in ends] + [cards.year[end] for end in ends]
        return once(_years, *map(np.nan_to_num, said))

    def years(rows: Ints) -> Texts:
        return once(_two("années différentes"), cards.year[a[rows]], cards.year[b[rows]])

    clash = x[:, F["title_year_clash"]] > 0
    clash &= (x[:, F["undated"]] > 0) | (x[:, F["year_gap"]] == 0)  # else the days say it
    silent = (x[:, F["undated"]] == 2) & (x[:, F["year_gap"]] > 0)
    return chosen(
        (gap > 0, numbers), (gap == 0, number), (clash, titles),
        (silent, years),
    )  # fmt: skip


def _two(what: str) -> Callable[[float, float], str]:
    return lambda one, two: f"{what} : {min(one, two):.0f} / {max(one, two):.0f}"


def _years(*years: float) -> str:
    """0: none said."""
    return "années différentes : " + " / ".join(str(int(year)) for year in sorted({*years} - {0}))
