"""What cards are: records by column, the names they bear numbered."""

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.bags import Bags, take
from matching.surfaces import Accents

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1


@dataclass(slots=True)
class Names:
    """Distinct values of a column, numbered; `words` are those of each value."""

    values: list[str] = field(default_factory=list)
    words: list[tuple[str, ...]] = field(default_factory=list)
    known: dict[str, int] = field(default_factory=dict)

    def code(self, value: str, words: tuple[str, ...]) -> int:
        """The number of this value, or NONE for an empty one."""
        if not value:
            return NONE
        found = self.known.get(value)
        if found is None:
            found = self.known[value] = len(self.values)
            self.values.append(value)
            self.words.append(words)
        return found


@dataclass(slots=True)
class Cards:
    """The columns of n records. Codes are numbers of `Names`, NONE if absent; days are ordinals."""

    n: int
    vocabulary: dict[str, int]
    titles: list[str]  # core words sorted: their plain ratio is token_sort, 4x cheaper
    core: Bags
    known: Bags  # core and every other word of the record: what it can explain
    text: Bags
    numbers: Bags
    links: Bags
    identifiers: Bags
    keys: dict[str, int]  # links and identifiers as written, by number
    organisers: Names
    organiser: Ints
    venues: Names
    venue: Ints
    addresses: Names
    address: Ints
    communes: Names
    commune: Ints
    insee: Ints
    departments: Names
    department: Ints
    postcode: Ints
    source: Ints
    host: Ints
    latitude: Floats
    longitude: Floats
    first: Floats  # first day, NaN when undated
    last: Floats
    hour: Floats  # at which it begins; NaN
    soft: Bools  # the day was read in the text, not in a date field
    year: Floats  # of the date, or said alone; NaN
    title_year: Floats
    edition: Ints  # 0 = none said
    status: Ints  # 0 planned, 1 postponed or moved, 2 cancelled
    days: dict[int, frozenset[int]]  # records with several separate days
    accents: Accents  # how the words of titles are written: « fete » fête


def taken(cards: Cards, rows: Ints) -> Cards:
    """The columns of some records, in that order; names and words keep their numbers."""
    parts: dict[str, Any] = {
        "n": len(rows),
        "titles": [cards.titles[i] for i in rows.tolist()],
        "days": {i: cards.days[row] for i, row in enumerate(rows.tolist()) if row in cards.days},
    }
    for column in fields(cards):
        value = getattr(cards, column.name)
        if isinstance(value, np.ndarray):
            parts[column.name] = value[rows]
        elif isinstance(value, Bags):
            parts[column.name] = take(value, rows)
    return replace(cards, **parts)


def distance_km(latitude: Floats, longitude: Floats, a: Ints, b: Ints) -> Floats:
    """Kilometres between records (equirectangular, right under 500 km); NaN without coordinates."""
    lat_a, lat_b = np.radians(latitude[a]), np.radians(latitude[b])
    x = np.radians(longitude[a] - longitude[b]) * np.cos((lat_a + lat_b) / 2)
    return np.asarray(6371.0 * np.hypot(x, lat_a - lat_b))
