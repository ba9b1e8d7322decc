"""What an announcement without a day is of: its initiative, never one of several editions.

One rule for the veille (`levels`) and for tables (`grouping`); what a person said comes before it:
those told to be the same stand together, in no edition from which they were told apart.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from matching.cards import NONE, Bools, Cards, Ints
from matching.cluster import Level, united


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
    read: dict[tuple[str, frozenset[int]], frozenset[int]] = field(default_factory=dict)

    def possible(self, year: float, links: frozenset[int]) -> frozenset[int]:
        """The editions of that year (NaN: of any); of several, those with these links if any."""
        key = str(year), links  # NaN is no key
        if key not in self.read:
            self.read[key] = self._possible(year, links)
        return self.read[key]

    def _possible(self, year: float, links: frozenset[int]) -> frozenset[int]:
        fits = frozenset(e for e, years in self.years.items() if np.isnan(year) or year in years)
        linked = frozenset(e for e in fits if links & self.links[e]) if len(fits) > 1 else fits
        return linked or fits


def choices(
    editions: Ints, initiatives: Ints, dated: Bools, cards: Cards, told: Level
) -> dict[int, Choice]:
    """The choice of each record that tells no day. `editions`, `initiatives`: the group of each
    record; `told`: which ones people said to be the same, and which apart."""
    homes = _homes(editions, initiatives, dated, cards)
    one = united(np.arange(len(editions)), told.must)  # what people hold together is of one
    groups = [(i, int(one[i])) for i in np.flatnonzero(~dated).tolist()]
    possible: dict[int, frozenset[int]] = {}
    for i, group in groups:
        home = homes[int(initiatives[i])]
        fits = home.possible(float(cards.year[i]), frozenset(cards.links[i].tolist()))
        possible[group] = possible.get(group, fits) & fits
    apart = [(int(one[a]), int(one[b])) for a, b in told.cannot]
    known = _known(one, editions, dated, told)
    for x, y in (*apart, *((y, x) for x, y in apart)):
        possible[x] = possible.get(x, frozenset()) - known.get(y, set())
    only = {group: next(iter(fits)) for group, fits in possible.items() if len(fits) == 1}
    # Of two that are told apart, one at most is of it: nobody said which.
    unsure = {g for x, y in apart if x in only and only.get(y) == only[x] for g in (x, y)}
    return {
        i: Choice(
            len(homes[int(initiatives[i])].years),
            NONE if group in unsure else only.get(group, NONE),
        )
        for i, group in groups
    }


def _known(one: Ints, editions: Ints, dated: Bools, told: Level) -> Mapping[int, set[int]]:
    """The dated editions of each group of which people said something."""
    found: dict[int, set[int]] = defaultdict(set)
    for i in {i for link in (*told.must, *told.cannot) for i in link}:
        if dated[i]:
            found[int(one[i])].add(int(editions[i]))
    return found


def _homes(
    editions: Ints, initiatives: Ints, dated: Bools, cards: Cards
) -> defaultdict[int, _Home]:
    """What the dated editions of each initiative with an undated record tell; of one that has no
    dated edition, nothing."""
    homes: defaultdict[int, _Home] = defaultdict(_Home)
    near = dated & np.isin(initiatives, initiatives[~dated])
    for i in np.flatnonzero(near).tolist():
        home, edition = homes[int(initiatives[i])], int(editions[i])
        home.years[edition].add(float(cards.year[i]))
        home.links[edition].update(cards.links[i].tolist())
    return homes
