"""Records as columns: what every comparison needs, prepared once per record.

`of_mentions` reads the house's mentions, `of_rows` any table's rows by field; both go through the
same fields, so that a table and the veille are judged alike.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import lru_cache, partial
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from domain.records import Mention, When
from domain.statuses import EventStatus, Precision
from matching import normalise
from matching.bags import Bags, joined, packed, sets, take
from matching.rows import batches
from matching.surfaces import Accents, Titles, Words, as_texts, by_number, by_text, by_value

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

NONE = -1
_AT_ONCE = 20_000
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


_HOUR = re.compile(r"[T ](\d\d)[:h](\d\d)")


def hour(text: str) -> float:
    """The hour that a date cell tells (2024-05-27 14:30 is 14.5), or NaN; midnight is none."""
    found = _HOUR.search(text, 8) if len(text) > 10 else None
    return (int(found[1]) + int(found[2]) / 60 or math.nan) if found else math.nan


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


def of_mentions(mentions: Sequence[Mention]) -> Cards:
    """The columns of mentions, in their order."""
    builder = _Builder()
    builder.add_mentions(mentions)
    return builder.cards()


Read = Callable[[Sequence[Mention]], Cards]
"""`of_mentions`, or a `Reader` that remembers those it has read."""


class Reader:
    """`of_mentions` for several looks in a row at mentions that are stored: each is read once."""

    def __init__(self) -> None:
        self._builder = _Builder()
        self._rows: dict[int, int] = {}

    def add(self, mentions: Sequence[Mention]) -> None:
        """Reads those that it has not read."""
        new = {one.id: one for one in mentions if one.id not in self._rows}
        self._rows |= {id_: row for row, id_ in enumerate(new, len(self._rows))}
        self._builder.add_mentions([*new.values()])

    def __call__(self, mentions: Sequence[Mention]) -> Cards:
        """The columns of these mentions, in their order."""
        self.add(mentions)
        rows = np.array([self._rows[one.id] for one in mentions], dtype=np.int64)
        return _taken(self._builder.cards(), rows)


def _taken(cards: Cards, rows: Ints) -> Cards:
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


def _fields(mention: Mention) -> tuple[Any, ...]:
    """What is read of a mention, in the order of FIELDS."""
    when, where, who = mention.when, mention.where, mention.who
    dated = when.starts_on is not None and when.precision not in COARSE
    return (
        mention.title, mention.text, who.name, where.venue, where.address, where.commune_name,
        where.commune_code, where.postcode, where.department, where.latitude, where.longitude,
        _start(when) if dated else None,
        when.ends_on.isoformat() if dated and when.ends_on else None,
        tuple(o.starts_on.toordinal() for o in when.occurrences) if dated else (),
        when.starts_on.year if when.starts_on else None,
        mention.url, mention.ticket, mention.links, who.rna, who.siren or (who.siret or "")[:9],
        mention.source, mention.status,
    )  # fmt: skip


def _start(when: When) -> str | None:
    """The first day, with its hour when there is one slot."""
    if when.starts_on is None:
        return None
    slot = when.occurrences[0].starts_at if len(when.occurrences) == 1 else None
    return f"{when.starts_on} {slot:%H:%M}" if slot else str(when.starts_on)


_STATUS = {
    EventStatus.PLANNED: 0, EventStatus.POSTPONED: 1, EventStatus.MOVED: 1, EventStatus.CANCELLED: 2
}  # fmt: skip


FIELDS = (
    "title", "description", "organiser", "venue", "address", "commune", "insee", "postcode", "dep",
    "lat", "lon", "date_start", "date_end", "occurrences", "year", "url", "ticket", "links", "rna",
    "siren", "source", "status",
)  # fmt: skip
"""What is read of a row."""


Columns = Mapping[str, Sequence[Any]]
_Row = Mapping[str, Any]


class _Builder:
    """Reads batches of columns; what is written alike is read once. `cards` closes it."""

    def __init__(self) -> None:
        self.words = Words()
        self.keys: dict[str, int] = {}
        self.titles: list[str] = []
        self.names = {
            k: Names() for k in ("organiser", "venue", "address", "commune", "insee", "department",
                                 "postcode", "source", "host")
        }  # fmt: skip
        self.ints: dict[str, list[Ints]] = {k: [] for k in (*self.names, "edition", "status")}
        self.floats: dict[str, list[Floats]] = {
            k: [] for k in ("latitude", "longitude", "first", "last", "hour", "year", "title_year")
        }
        self.soft: list[Bools] = []
        self.bags: dict[str, list[Bags]] = {
            k: [] for k in ("core", "text", "numbers", "links", "identifiers")
        }
        self.days: dict[int, frozenset[int]] = {}
        self.read: dict[str, dict[Any, int]] = {k: {} for k in self.names}

    def add_mentions(self, mentions: Sequence[Mention]) -> None:
        """Reads mentions."""
        for i in range(0, len(mentions), _AT_ONCE):
            some = mentions[i : i + _AT_ONCE]
            columns = zip(*map(_fields, some), strict=True)
            self.add(dict(zip(FIELDS, columns, strict=True)), len(some))

    def add(self, columns: Columns, n: int) -> None:
        """Reads n rows given by column; an absent column is an absence everywhere."""
        texts = {k: as_texts(columns[k]) if k in columns else [""] * n for k in FIELDS}
        title = Titles(texts["title"], self.words)
        self._titles(title, columns.get("status"), n)
        self.bags["text"].append(by_value(texts["description"], self.words.said))
        self._names(texts)
        self._places(texts)
        self._links(texts, columns.get("links"))
        self._dates(texts, title)
        for i, several in enumerate(columns.get("occurrences", ())):
            if several and not isinstance(several, str) and len(several) > 1:
                self.days[len(self.titles) - n + i] = frozenset(several)

    def _titles(self, title: Titles, statuses: Sequence[Any] | None, n: int) -> None:
        self.titles += map(title.sorted.__getitem__, title.codes.tolist())
        self.bags["core"].append(take(title.core, title.codes))
        self.bags["numbers"].append(take(title.numbers, title.codes))
        self.ints["edition"].append(title.edition[title.codes])
        told = np.zeros(n, dtype=np.int64)
        if statuses is not None:
            told[:] = [_STATUS.get(s or EventStatus.PLANNED, 0) for s in statuses]
        self.ints["status"].append(np.maximum(told, title.status[title.codes]))

    def _code(self, column: str, surfaces: Sequence[Any], read: Callable[[Any], int]) -> Ints:
        """The code of each surface, each distinct one read once."""
        known = self.read[column]
        for one in dict.fromkeys(surfaces):
            if one not in known:
                known[one] = read(one)
        return np.fromiter(map(known.__getitem__, surfaces), np.int64, len(surfaces))

    def _names(self, texts: Mapping[str, Sequence[str]]) -> None:
        commune = self._code("commune", texts["commune"], self._commune)
        self.ints["commune"].append(commune)
        self.ints["organiser"].append(self._code("organiser", texts["organiser"], self._organiser))
        for column in ("venue", "address"):
            told = [(t, c) if t else ("", NONE) for t, c in zip(
                texts[column], commune.tolist(), strict=True)]  # fmt: skip
            self.ints[column].append(self._code(column, told, partial(self._place, column)))

    def _commune(self, text: str) -> int:
        words = tuple(normalise.commune(text).split()) if text else ()
        self.words.ids(words)
        return self.names["commune"].code(" ".join(words), words)

    def _organiser(self, text: str) -> int:
        words = normalise.organiser(text) if text else ()
        self.words.ids((*normalise.proper(words), *words))
        return self.names["organiser"].code(" ".join(words), words)

    def _place(self, column: str, told: tuple[str, int]) -> int:
        """A venue or an address, without the words of its commune."""
        text, commune = told
        words = normalise.words(text) if text else ()
        if commune != NONE:
            town = self.names["commune"].words[commune]
            words = tuple(w for w in words if w not in town)
        self.words.ids(words)
        value = " ".join(sorted(words) if column == "venue" else words)
        return self.names[column].code(value, words)

    def _plain(self, column: str, values: Sequence[str]) -> None:
        names = self.names[column]
        self.ints[column].append(self._code(column, values, lambda v: names.code(v, ())))

    def _places(self, texts: Mapping[str, Sequence[str]]) -> None:
        insee, postcode = ([t.strip() for t in texts[k]] for k in ("insee", "postcode"))
        self._plain("insee", list(map(_district, insee, postcode)))
        self._plain("postcode", postcode)
        self._plain("source", texts["source"])
        told = list(zip(texts["dep"], insee, postcode, strict=True))
        names = self.names["department"]
        self.ints["department"].append(
            self._code("department", told, lambda t: names.code(_department(*t), ()))
        )
        latitude, longitude = (by_text(texts[k], number) for k in ("lat", "lon"))
        ok = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)
        ok &= (latitude != 0) | (longitude != 0)
        self.floats["latitude"].append(np.where(ok, latitude, np.nan))
        self.floats["longitude"].append(np.where(ok, longitude, np.nan))

    def _links(self, texts: Mapping[str, Sequence[str]], more: Sequence[Any] | None) -> None:
        names = self.names["host"]
        urls = texts["url"]
        self.ints["host"].append(
            self._code("host", [normalise.host(u) if u else "" for u in urls],
                       lambda v: names.code(v, ()))
        )  # fmt: skip
        several = map(_several, more) if more is not None else repeat((), len(urls))
        told = zip(urls, texts["ticket"], several, strict=True)
        link = normalise.link
        self.bags["links"].append(self._keys((link(u), link(t), *map(link, s)) for u, t, s in told))
        ids = zip(texts["rna"], texts["siren"], strict=True)
        self.bags["identifiers"].append(
            self._keys(_identifiers(*one) if any(one) else () for one in ids)
        )

    def _keys(self, rows: Iterable[Iterable[str]]) -> Bags:
        """The numbers of the keys of each row, without those that are empty."""
        keys = self.keys
        return packed([[keys.setdefault(k, len(keys)) for k in row if k] for row in rows])

    def _dates(self, texts: Mapping[str, Sequence[str]], title: Titles) -> None:
        first, last = (by_text(texts[k], _day) for k in ("date_start", "date_end"))
        first = np.where(np.isnan(first), last, first)
        told = by_text([t[:4] for t in texts["year"]], number)
        title_year = title.year[title.codes]
        soft = np.isnan(first)
        around = np.where(np.isnan(told), title_year, told)
        for i in np.flatnonzero(soft).tolist():
            text = texts["description"][i]
            found = said_day(text, near=float(around[i])) if text else None
            first[i] = math.nan if found is None else found
        soft &= ~np.isnan(first)
        last = np.where(np.isnan(last) | (last < first), first, last)
        dated = by_number(first, lambda day_: float(date.fromordinal(int(day_)).year))
        year = np.where(np.isnan(first), told, dated)
        self.soft.append(soft)
        hours = by_text(texts["date_start"], hour)
        for name, values in (
            ("first", first), ("last", last), ("hour", hours), ("title_year", title_year)
        ):  # fmt: skip
            self.floats[name].append(values)
        self.floats["year"].append(np.where(np.isnan(year), title_year, year))

    def cards(self) -> Cards:
        """The columns, words numbered by their spelling so that no order of rows shows."""
        spelling = sorted(self.words.known)
        rank = np.empty(len(spelling), dtype=np.int32)
        rank[[self.words.known[w] for w in spelling]] = np.arange(len(spelling))
        vocabulary = {w: i for i, w in enumerate(spelling)}
        of_names = {
            k: packed([[vocabulary[w] for w in words] for words in self.names[k].words])
            for k in ("organiser", "venue", "commune")
        }
        core, text, known = [], [], []
        for i, (one, two) in enumerate(zip(self.bags["core"], self.bags["text"], strict=True)):
            one, two = (Bags(bag.starts, rank[bag.data]) for bag in (one, two))
            named = [take(bags, self.ints[k][i]) for k, bags in of_names.items()]
            core.append(sets(one))
            text.append(sets(two))
            known.append(sets(core[-1], text[-1], *named))
        numbers = [sets(Bags(bag.starts, rank[bag.data])) for bag in self.bags["numbers"]]
        empty = np.zeros(0)
        ints = {k: np.concatenate([empty.astype(np.int64), *v]) for k, v in self.ints.items()}
        floats = {k: np.concatenate([empty, *v]) for k, v in self.floats.items()}
        return Cards(
            n=len(self.titles), vocabulary=vocabulary, titles=self.titles,
            core=joined(core), text=joined(text), known=joined(known), numbers=joined(numbers),
            links=joined(map(sets, self.bags["links"])),
            identifiers=joined(map(sets, self.bags["identifiers"])),
            organisers=self.names["organiser"], venues=self.names["venue"],
            addresses=self.names["address"], communes=self.names["commune"], days=self.days,
            accents=self.words.accents,
            departments=self.names["department"], keys=self.keys,
            soft=np.concatenate([empty.astype(np.bool_), *self.soft]),
            **ints, **floats,
        )  # fmt: skip


def _day(text: str) -> float:
    found = day(text) if text else None
    return math.nan if found is None else float(found)


_WHOLE = frozenset(("13055", "69123", "75056"))
_DISTRICT = re.compile(r"(130(?=0[1-9]|1[0-6])|6900(?=[1-9])|750(?=0[1-9]|1\d|20))(\d\d?)")
_DISTRICTS = {"130": "132", "6900": "6938", "750": "751"}


def _district(insee: str, postcode: str) -> str:
    """The code of a commune; of Marseille, Lyon or Paris that of the district, or none: 13055 is
    the town of 13015 as of 13013."""
    if insee and insee not in _WHOLE:
        return insee
    found = _DISTRICT.fullmatch(postcode)
    return _DISTRICTS[found[1]] + found[2] if found else ""


def _department(told: str, insee: str, postcode: str) -> str:
    found = told.strip().upper() or (insee or postcode)[:2]
    return found.zfill(2) if found else ""


def _several(value: Any) -> tuple[str, ...]:
    """The addresses of a cell that holds several: a list, or a text with spaces between them."""
    if isinstance(value, str):
        return tuple(value.split())
    return tuple(value) if value else ()


def _identifiers(rna: str, siren: str) -> list[str]:
    told = (("rna", rna.strip().upper()), ("siren", siren.strip().upper()))
    return [f"{kind}:{value}" for kind, value in told if value]


def of_rows(rows: Iterable[_Row], mapping: Mapping[str, str] | None = None) -> Cards:
    """The columns of rows given by field (DESIGN §5), or by the columns that `mapping` gives the
    fields; an absent field is an absence, never 0."""
    given = {k: k for k in FIELDS} if mapping is None else mapping
    builder = _Builder()
    for columns, n in batches(rows, {k: given[k] for k in FIELDS if k in given}):
        builder.add(columns, n)
    return builder.cards()


_HISTORY = re.compile(
    r"\b(?:depuis|nee?s?|fondee?s?|creee?s?|inauguree?s?|morte?s?|decedee?s?|parue?s?|publiee?s?|"
    r"loi|decret|arrete|guerre|liberation|armistice|bataille)"
    r"(?: (?:a|au|en|le|la|du|de|des|par|[a-z]{4,})){0,3} $"
)
RECENT = 2000
"""A day of an earlier year, in a text that gives no other, is history and not an appointment."""


def said_day(text: str, *, near: float = math.nan) -> int | None:
    """The first full French date of a text (27 mai 2024) that may be the day of what it announces,
    as an ordinal; None without one. What is told of the past (« depuis le 3 mai 1998 ») is not,
    nor a year far from `near`, that of the announcement."""
    plain = " ".join(normalise.fold(text[:2000]).split())
    for found in normalise.DAY_MONTH.finditer(plain):
        if not found[3] or _HISTORY.search(plain[: found.start()][-60:]):
            continue
        year = int(found[3])
        if year < RECENT or abs(year - near) > 1:
            continue
        try:
            return date(year, normalise.MONTHS[found[2]], int(found[1])).toordinal()
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
