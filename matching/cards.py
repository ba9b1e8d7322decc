"""Records as columns: what every comparison needs, prepared once per record.

`of_mentions` reads the house's mentions, `of_rows` any table's rows by field; both go through the
same fields, so that a table and the veille are judged alike.
"""

import math
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.records import Mention
from domain.statuses import EventStatus, Precision
from matching import normalise

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1
COARSE = frozenset({Precision.MONTH, Precision.SEASON, Precision.YEAR})
"""Precisions that give a period, not a day: such an announcement counts as undated."""


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
class Bags:
    """A set of word numbers per record, packed: record i holds data[starts[i]:starts[i+1]]."""

    starts: Ints
    data: NDArray[np.int32]

    def __getitem__(self, i: int) -> NDArray[np.int32]:
        return self.data[self.starts[i] : self.starts[i + 1]]


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
    soft: Bools  # the day was read in the text, not in a date field
    year: Floats  # of the date, or said alone; NaN
    title_year: Floats
    edition: Ints  # 0 = none said
    status: Ints  # 0 planned, 1 postponed or moved, 2 cancelled
    days: dict[int, frozenset[int]]  # records with several separate days


@lru_cache(maxsize=100_000)
def day(text: str) -> int | None:
    """The ordinal of an ISO or French numeric date (2024-05-27, 27/05/2024), or None."""
    head = text.strip()[:10]
    try:
        if len(head) == 10 and head[4] == "-":
            return date.fromisoformat(head).toordinal()
        parts = head.replace("-", "/").replace(".", "/").split("/")
        if len(parts) == 3 and len(parts[2]) == 4:
            return date(int(parts[2]), int(parts[1]), int(parts[0])).toordinal()
    except ValueError:
        return None
    return None


def number(value: object) -> float:
    """A finite float, or NaN: NaN, infinities and unreadable words are an absence."""
    try:
        found = float(str(value).replace(",", ".")) if value not in (None, "") else math.nan
    except ValueError:
        return math.nan
    return found if math.isfinite(found) else math.nan


def fields(mention: Mention) -> dict[str, Any]:
    """A mention under the names of a table's fields."""
    when, where, who = mention.when, mention.where, mention.who
    dated = when.starts_on is not None and when.precision not in COARSE
    return {
        "title": mention.title, "description": mention.text, "organiser": who.name,
        "venue": where.venue, "address": where.address, "commune": where.commune_name,
        "insee": where.commune_code, "postcode": where.postcode, "dep": where.department,
        "lat": where.latitude, "lon": where.longitude,
        "date_start": when.starts_on.isoformat() if dated and when.starts_on else None,
        "date_end": when.ends_on.isoformat() if dated and when.ends_on else None,
        "occurrences": tuple(o.starts_on.toordinal() for o in when.occurrences) if dated else (),
        "year": when.starts_on.year if when.starts_on else None,
        "url": mention.url, "ticket": mention.ticket, "links": mention.links,
        "rna": who.rna, "siren": who.siren or (who.siret or "")[:9], "source": mention.source,
        "status": mention.status,
    }  # fmt: skip


def of_mentions(mentions: Sequence[Mention]) -> Cards:
    """The columns of mentions, in their order."""
    return of_rows(fields(m) for m in mentions)


_STATUS = {
    EventStatus.PLANNED: 0, EventStatus.POSTPONED: 1, EventStatus.MOVED: 1, EventStatus.CANCELLED: 2
}  # fmt: skip


class Packer:
    """Grows the bags of one column, four bytes an item."""

    def __init__(self) -> None:
        self.starts = array("q", [0])
        self.data = array("i")

    def add(self, items: Iterable[int]) -> None:
        self.data.extend(sorted({*items}))
        self.starts.append(len(self.data))

    def bags(self) -> Bags:
        return Bags(np.array(self.starts, dtype=np.int64), np.array(self.data, dtype=np.int32))


def _commune_words(text: str) -> tuple[str, ...]:
    return tuple(normalise.commune(text).split())


_READERS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "organiser": normalise.organiser, "venue": normalise.words, "address": normalise.words,
    "commune": _commune_words,
}  # fmt: skip


class _Builder:
    """Reads rows one by one into columns; `cards` closes it."""

    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.keys: dict[str, int] = {}
        self.titles: list[str] = []
        self.names = {
            k: Names() for k in ("organiser", "venue", "address", "commune", "insee", "department",
                                 "postcode", "source", "host")
        }  # fmt: skip
        self.codes: dict[str, list[int]] = {k: [] for k in (*self.names, "edition", "status")}
        self.floats: dict[str, list[float]] = {
            k: [] for k in ("latitude", "longitude", "first", "last", "year", "title_year", "soft")
        }
        self.bags = {
            k: Packer() for k in ("core", "known", "text", "numbers", "links", "identifiers")
        }
        self.days: dict[int, frozenset[int]] = {}
        self.read: dict[tuple[str, str, str], tuple[int, tuple[int, ...]]] = {}

    def ids(self, words: Iterable[str]) -> tuple[int, ...]:
        vocabulary = self.vocabulary
        return tuple([vocabulary.setdefault(w, len(vocabulary)) for w in words])

    def text_ids(self, text: str) -> tuple[int, ...]:
        said = dict.fromkeys(normalise.fold(text).split())
        return self.ids(w for w in said if len(w) > 2)

    def add(self, row: Mapping[str, Any]) -> None:
        title = normalise.title(text_of(row, "title"))
        text = text_of(row, "description")
        core = self.ids(title.core)
        said = self.text_ids(text) if text else ()
        place, place_words = self._read("commune", text_of(row, "commune"), "")
        organiser, organiser_words = self._read("organiser", text_of(row, "organiser"), "")
        commune = self.names["commune"].values[place] if place != NONE else ""
        venue, venue_words = self._read("venue", text_of(row, "venue"), commune)
        address, _ = self._read("address", text_of(row, "address"), commune)
        self.titles.append(" ".join(sorted(title.core)))
        self.bags["core"].add(core)
        self.bags["text"].add(said)
        self.bags["known"].add((*core, *said, *organiser_words, *venue_words, *place_words))
        self.bags["numbers"].add(self.ids(title.numbers) if title.numbers else ())
        self.codes["organiser"].append(organiser)
        self.codes["venue"].append(venue)
        self.codes["address"].append(address)
        self.codes["commune"].append(place)
        self._places(row)
        self._links(row)
        self._dates(row, title, text)
        self.codes["edition"].append(title.edition)
        status = _STATUS.get(row.get("status") or EventStatus.PLANNED, 0)
        self.codes["status"].append(max(status, 2 * title.cancelled, int(title.postponed)))

    def _read(self, column: str, text: str, commune: str) -> tuple[int, tuple[int, ...]]:
        """The code of a name and its words, read once per distinct spelling (and commune)."""
        if not text:
            return NONE, ()
        known = self.read.get((column, text, commune))
        if known is None:
            words = _READERS[column](text)
            if commune:
                places = commune.split()
                words = tuple(w for w in words if w not in places)
            if column == "organiser":
                self.ids(normalise.proper(words))
            value = " ".join(sorted(words) if column == "venue" else words)
            known = self.names[column].code(value, words), self.ids(words)
            self.read[(column, text, commune)] = known
        return known

    def _name(self, column: str, value: str, words: tuple[str, ...]) -> None:
        self.codes[column].append(self.names[column].code(value, words))

    def _places(self, row: Mapping[str, Any]) -> None:
        insee, postcode = text_of(row, "insee").strip(), text_of(row, "postcode").strip()
        department = text_of(row, "dep").strip().upper() or (insee or postcode)[:2]
        self._name("insee", insee, ())
        self._name("postcode", postcode, ())
        self._name("department", department.zfill(2) if department else "", ())
        self._name("source", text_of(row, "source"), ())
        latitude, longitude = number(row.get("lat")), number(row.get("lon"))
        ok = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0, 0)
        self.floats["latitude"].append(latitude if ok else math.nan)
        self.floats["longitude"].append(longitude if ok else math.nan)

    def _links(self, row: Mapping[str, Any]) -> None:
        url = text_of(row, "url")
        self._name("host", normalise.host(url) if url else "", ())
        found = [
            normalise.link(u) for u in (url, text_of(row, "ticket"), *(row.get("links") or ()))
        ]
        keys = self.keys
        self.bags["links"].add(keys.setdefault(k, len(keys)) for k in found if k)
        ids = [f"{k}:{v}" for k in ("rna", "siren") if (v := text_of(row, k).strip().upper())]
        self.bags["identifiers"].add(keys.setdefault(k, len(keys)) for k in ids)

    def _dates(self, row: Mapping[str, Any], title: normalise.Title, text: str) -> None:
        first = day(text_of(row, "date_start"))
        last = day(text_of(row, "date_end"))
        first = last if first is None else first
        soft = False
        if first is None and text:
            first, soft = said_day(text), True
        last = first if last is None or (first is not None and last < first) else last
        year = number(text_of(row, "year")[:4])
        if first is not None:
            year = float(date.fromordinal(first).year)
        several = row.get("occurrences") or ()
        if len(several) > 1:
            self.days[len(self.titles) - 1] = frozenset(several)
        put = self.floats
        put["first"].append(math.nan if first is None else first)
        put["last"].append(math.nan if last is None else last)
        put["soft"].append(float(soft and first is not None))
        put["title_year"].append(float(title.years[-1]) if title.years else math.nan)
        put["year"].append(put["title_year"][-1] if math.isnan(year) else year)

    def cards(self) -> Cards:
        ints = {k: np.array(v, dtype=np.int64) for k, v in self.codes.items()}
        floats = {k: np.array(v, dtype=np.float64) for k, v in self.floats.items()}
        soft = floats.pop("soft") > 0
        bags = {k: v.bags() for k, v in self.bags.items()}
        return Cards(
            n=len(self.titles), vocabulary=self.vocabulary, titles=self.titles, soft=soft,
            organisers=self.names["organiser"], venues=self.names["venue"],
            addresses=self.names["address"], communes=self.names["commune"], days=self.days,
            departments=self.names["department"], keys=self.keys,
            **ints, **floats, **bags,  # type: ignore[arg-type]
        )  # fmt: skip


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Cards:
    """The columns of rows given by field (DESIGN §5); an absent field is an absence, never 0."""
    builder = _Builder()
    for row in rows:
        builder.add(row)
    return builder.cards()


def said_day(text: str) -> int | None:
    """The first full French date of a text (27 mai 2024), as an ordinal; None without one."""
    for found in normalise.DAY_MONTH.finditer(" ".join(normalise.fold(text[:2000]).split())):
        if found[3]:
            try:
                return date(int(found[3]), normalise.MONTHS[found[2]], int(found[1])).toordinal()
            except ValueError:
                continue
    return None


def text_of(row: Mapping[str, Any], name: str) -> str:
    """The field as text; "" when it is absent or NaN."""
    value = row.get(name)
    return "" if value is None or value != value else str(value)


def distance_km(latitude: Floats, longitude: Floats, a: Ints, b: Ints) -> Floats:
    """Kilometres between records (equirectangular, right under 500 km); NaN without coordinates."""
    lat_a, lat_b = np.radians(latitude[a]), np.radians(latitude[b])
    x = np.radians(longitude[a] - longitude[b]) * np.cos((lat_a + lat_b) / 2)
    return np.asarray(6371.0 * np.hypot(x, lat_a - lat_b))
