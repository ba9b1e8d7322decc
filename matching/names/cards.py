"""Names as files write them → columns to compare.

A name comes shortened (« CTE DEP HANDISPORT »), with its acronym before or after, with its town
behind (« … - 83 TOULON ») or cut at 32 characters; the town may be in another column.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from matching import normalise
from matching.bags import Bags, Packer
from matching.cards import NONE, Bools, Floats, Ints, Names, number, text_of

_SUFFIX = re.compile(r"\s[-–—]\s*(\d\d|2[ABab]|97\d)(?:\s+([^\d]{2,40}))?$")
_ACRONYM_FIRST = re.compile(r"^([A-Z0-9.]{2,12})\s*[-–:]\s+(?=\S{3,})")
_ACRONYM_LAST = re.compile(r"[(\[-]\s*([A-Z0-9.]{2,12})\s*[)\]]?$")
_POSTCODE = re.compile(r"\b(\d{5})\b")
_TOWN = re.compile(r"\b\d{5}\s+(\D{2,})$")
_CEDEX = re.compile(r"\bcedex\b.*", re.I)


@dataclass(slots=True)
class Cards:
    """The columns of n names; same conventions as `matching.cards.Cards`."""

    n: int
    vocabulary: dict[str, int]
    stems: dict[str, int]
    titles: list[str]  # words sorted
    compacts: list[str]  # words in order, joined
    core: Bags
    stem: Bags
    acronyms: Bags  # words that this name may be called by
    numbers: Bags
    keys: Bags  # RNA, SIREN
    establishment: Ints  # SIRET
    first_word: Ints
    places: Names
    place: Ints
    department: Ints
    source: Ints
    year: Floats
    latitude: Floats
    longitude: Floats
    # what `context` reads of announcements, absent here
    first: Floats
    soft: Bools


@dataclass(frozen=True, slots=True)
class Said:
    """A name read: its words, its own acronym, and the place written behind it."""

    words: tuple[str, ...]
    acronym: str
    department: str
    town: str


def read(name: str) -> Said:
    """The parts of a name as public files write it."""
    department = town = acronym = ""
    found = _SUFFIX.search(name)
    if found and found.start() > 2:
        department, town = found[1].upper(), normalise.commune(found[2] or "")
        name = name[: found.start()]
    first = _ACRONYM_FIRST.match(name)
    last = None if first else _ACRONYM_LAST.search(name)
    if first and len(name) - first.end() > len(first[1]):
        acronym, name = first[1], name[first.end() :]
    elif last and last.start() > len(last[1]):
        acronym, name = last[1], name[: last.start()]
    words = normalise.organiser(name) or tuple(normalise.fold(name).split())
    if normalise.is_town_hall(words):  # « Ville de Gap », « Commune de Gap »: its mairie
        words = normalise.proper(words)
    return Said(words, normalise.fold(acronym).replace(" ", ""), department, town)


def counted(words: Iterable[str]) -> frozenset[str]:
    """The numbers of a name, « 5 » and « 05 » being one; the law of 1901 counts nothing."""
    return frozenset(w.lstrip("0") for w in words if w.isdigit() and w != "1901")


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Cards:
    """The columns of rows that hold a name (`title`, or `organiser`) and perhaps a place."""
    builder = _Builder()
    for row in rows:
        builder.add(row)
    return builder.cards()


class _Builder:
    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.stems: dict[str, int] = {}
        self.identifiers: dict[str, int] = {}
        self.titles: list[str] = []
        self.compacts: list[str] = []
        self.bags = {k: Packer() for k in ("core", "stem", "acronyms", "numbers", "keys")}
        self.places, self.departments, self.sources = Names(), Names(), Names()
        self.sirets = Names()
        self.ints: dict[str, list[int]] = {
            k: [] for k in ("first_word", "place", "department", "source", "establishment")
        }
        self.floats: dict[str, list[float]] = {k: [] for k in ("year", "latitude", "longitude")}

    def add(self, row: Mapping[str, Any]) -> None:
        """The next name, with the place and the identifiers of its row."""
        said = read(text_of(row, "title") or text_of(row, "organiser"))
        self._name(said)
        self._place(row, said)
        self._identifiers(row)
        self.ints["source"].append(self.sources.code(text_of(row, "source"), ()))
        self.floats["year"].append(number(text_of(row, "year")[:4]))
        self.floats["latitude"].append(number(row.get("lat")))
        self.floats["longitude"].append(number(row.get("lon")))

    def _name(self, said: Said) -> None:
        words = said.words
        proper = normalise.proper(words)
        called = (said.acronym, normalise.acronym(words), normalise.acronym(proper))
        self.titles.append(" ".join(sorted(words)))
        self.compacts.append("".join(words))
        self._bag("core", words, self.vocabulary)
        self._bag("stem", (w[:4] for w in words), self.stems)
        self._bag("acronyms", (w for w in called if len(w) > 2), self.vocabulary)
        self._bag("numbers", sorted(counted(words)), self.vocabulary)
        self.ints["first_word"].append(self.vocabulary[words[0]] if words else NONE)

    def _bag(self, name: str, words: Iterable[str], codes: dict[str, int]) -> None:
        self.bags[name].add(codes.setdefault(w, len(codes)) for w in words)

    def _identifiers(self, row: Mapping[str, Any]) -> None:
        rna = text_of(row, "rna").strip().upper()
        siret = text_of(row, "siret").replace(" ", "")
        siren = (text_of(row, "siren").replace(" ", "") or siret)[:9]
        told = (("rna", rna), ("siren", siren))
        self._bag("keys", (f"{kind}:{value}" for kind, value in told if value), self.identifiers)
        self.ints["establishment"].append(self.sirets.code(siret, ()))

    def _place(self, row: Mapping[str, Any], said: Said) -> None:
        address = text_of(row, "address")
        postcode = text_of(row, "postcode") or text_of(row, "insee")
        if not postcode and (found := _POSTCODE.search(address)):
            postcode = found[1]
        town = normalise.commune(text_of(row, "commune")) or said.town
        behind = _TOWN.search(_CEDEX.sub("", address))
        town = town or normalise.commune(behind[1] if behind else _POSTCODE.sub(" ", address))
        department = text_of(row, "dep").upper() or said.department or postcode[:2]
        department = department.zfill(2)[:2] if department else ""
        words = tuple(town.split())
        for word in words:
            self.vocabulary.setdefault(word, len(self.vocabulary))
        self.ints["place"].append(self.places.code(town, words))
        self.ints["department"].append(self.departments.code(department, ()))

    def cards(self) -> Cards:
        """The columns of the names added."""
        n = len(self.titles)
        ints = {k: np.array(v, dtype=np.int64) for k, v in self.ints.items()}
        floats = {k: np.array(v, dtype=np.float64) for k, v in self.floats.items()}
        bags = {k: v.bags() for k, v in self.bags.items()}
        return Cards(
            n=n, vocabulary=self.vocabulary, stems=self.stems, titles=self.titles,
            compacts=self.compacts, places=self.places, first=np.full(n, np.nan),
            soft=np.zeros(n, dtype=np.bool_), **ints, **floats, **bags,  # type: ignore[arg-type]
        )  # fmt: skip
