"""Mentions and rows read into cards, by batches of columns: what is written alike is read once."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np

from domain.records import Mention
from domain.statuses import EventStatus
from matching import normalise
from matching.bags import Bags, joined, packed, sets, take
from matching.cards.cells import (
    addresses,
    day_number,
    department,
    district,
    hour,
    identifiers,
    named_postcode,
    number,
    said_day,
)
from matching.cards.columns import NONE, Bools, Cards, Floats, Ints, Names, taken
from matching.cards.mentions import FIELDS, fields_of
from matching.rows import batches
from matching.surfaces import Titles, Words, as_texts, by_number, by_text, by_value

_AT_ONCE = 20_000
_Row = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]
_STATUS = {
    EventStatus.PLANNED: 0, EventStatus.POSTPONED: 1, EventStatus.MOVED: 1, EventStatus.CANCELLED: 2
}  # fmt: skip


def of_mentions(mentions: Sequence[Mention]) -> Cards:
    """The columns of mentions, in their order."""
    builder = Builder()
    builder.add_mentions(mentions)
    return builder.cards()


Read = Callable[[Sequence[Mention]], Cards]
"""`of_mentions`, or a `Reader` that remembers those it has read."""


class Reader:
    """`of_mentions` for several looks in a row at mentions that are stored: each is read once."""

    def __init__(self) -> None:
        self._builder = Builder()
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
        return taken(self._builder.cards(), rows)


def of_rows(rows: Iterable[_Row], mapping: Mapping[str, str] | None = None) -> Cards:
    """The columns of rows given by field (DESIGN §5), or by the columns that `mapping` gives the
    fields; an absent field is an absence, never 0."""
    given = {k: k for k in FIELDS} if mapping is None else mapping
    builder = Builder()
    for columns, n in batches(rows, {k: given[k] for k in FIELDS if k in given}):
        builder.add(columns, n)
    return builder.cards()


class Builder:
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
            columns = zip(*map(fields_of, some), strict=True)
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
        named = {text: named_postcode(text) for text in dict.fromkeys(texts["commune"])}
        districts = map(district, insee, postcode, map(named.__getitem__, texts["commune"]))
        self._plain("insee", [*districts])
        self._plain("postcode", postcode)
        self._plain("source", texts["source"])
        told = list(zip(texts["dep"], insee, postcode, strict=True))
        names = self.names["department"]
        self.ints["department"].append(
            self._code("department", told, lambda t: names.code(department(*t), ()))
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
        several = map(addresses, more) if more is not None else repeat((), len(urls))
        told = zip(urls, texts["ticket"], several, strict=True)
        link = normalise.link
        self.bags["links"].append(self._keys((link(u), link(t), *map(link, s)) for u, t, s in told))
        ids = zip(texts["rna"], texts["siren"], strict=True)
        self.bags["identifiers"].append(
            self._keys(identifiers(*one) if any(one) else () for one in ids)
        )

    def _keys(self, rows: Iterable[Iterable[str]]) -> Bags:
        """The numbers of the keys of each row, without those that are empty."""
        keys = self.keys
        return packed([[keys.setdefault(k, len(keys)) for k in row if k] for row in rows])

    def _dates(self, texts: Mapping[str, Sequence[str]], title: Titles) -> None:
        first, last = (by_text(texts[k], day_number) for k in ("date_start", "date_end"))
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
