"""What an announcement without a day is of: its initiative, never one of several editions.

One rule for the veille (`levels`) and for tables (`grouping`); what a person said comes before it.
"""

from collections import defaultdict
from collections.abc import Set
from dataclasses import dataclass, field

import numpy as np

from matching.cards import NONE, Bools, Cards, Ints


@dataclass(frozen=True, slots=True)
class Choice:
    """How many dated editions its initiative has, and the only one it can be of: there is no
    other, no other of the year that it tells, or no other with a link that it bears (a ticket is
    bought for one edition). NONE: several, or none."""

    editions: int
    only: int


@dataclass(slots=True)
class _Home:
    """What the dated records of each edition of one initiative tell."""

    years: dict[int, set[float]] = field(default_factory=lambda: defaultdict(set))
    links: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def only(self, year: float, links: Set[int]) -> int:
        """The only edition of that year (NaN: of any), or the only one of them with these links."""
        fits = [e for e, years in self.years.items() if np.isnan(year) or year in years]
        if len(fits) > 1:
            fits = [e for e in fits if links & self.links[e]]
        return fits[0] if len(fits) == 1 else NONE


def choices(editions: Ints, initiatives: Ints, dated: Bools, cards: Cards) -> dict[int, Choice]:
    """The choice of each record that tells no day. `editions`, `initiatives`: the group of each
    record."""
    homes: dict[int, _Home] = defaultdict(_Home)
    near = dated & np.isin(initiatives, initiatives[~dated])
    for i in np.flatnonzero(near).tolist():
        home, edition = homes[int(initiatives[i])], int(editions[i])
        home.years[edition].add(float(cards.year[i]))
        home.links[edition].update(cards.links[i].tolist())
    found: dict[int, Choice] = {}
    known: dict[tuple[int, str, frozenset[int]], int] = {}
    for i in np.flatnonzero(~dated).tolist():
        home = homes[int(initiatives[i])]
        told = float(cards.year[i]), frozenset(cards.links[i].tolist())
        key = int(initiatives[i]), str(told[0]), told[1]
        if key not in known:
            known[key] = home.only(*told)
        found[i] = Choice(len(home.years), known[key])
    return found
