"""Names of associations, bodies and people: the same engine as announcements, other features.

A name comes shortened (« CTE DEP HANDISPORT »), with its acronym before or after, with its town
behind (« … - 83 TOULON ») or cut at 32 characters; the town may be in another column.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

from matching import normalise
from matching.bags import Bags, Packer
from matching.block import Pairs, mix, pairs_of
from matching.cards import NONE, Floats, Ints, Names, distance_km, number, text_of
from matching.compare import Matrix, binary, chunks, dots, row_sums, share

NAME_FEATURES = (
    "ratio", "set_ratio", "partial", "compact", "equal", "cover_min", "cover_max", "stem_min",
    "stem_max", "left_min", "left_max", "left_mass_min", "left_mass_max", "left_ratio", "shared",
    "rarest", "acronym", "short", "first", "numbers", "words_min", "words_max", "department",
    "place", "place_said", "identifier", "source", "year_gap", "km",
)  # fmt: skip
N = {name: i for i, name in enumerate(NAME_FEATURES)}
TOP = 20
CAP = 150
_SUFFIX = re.compile(r"\s[-–—]\s*(\d\d|2[ABab]|97\d)(?:\s+([^\d]{2,40}))?$")
_ACRONYM_FIRST = re.compile(r"^([A-Z0-9.]{2,12})\s*[-–:]\s+(?=\S{3,})")
_ACRONYM_LAST = re.compile(r"[(\[-]\s*([A-Z0-9.]{2,12})\s*[)\]]?$")
_POSTCODE = re.compile(r"\b(\d{5})\b")
_TOWN = re.compile(r"\b\d{5}\s+(\D{2,})$")
_CEDEX = re.compile(r"\bcedex\b.*", re.I)


@dataclass(slots=True)
class Cards:
    """The columns of n names; same conventions as `cards.Cards`."""

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
    soft: np.ndarray[Any, np.dtype[np.bool_]]


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


class _Builder:
    def __init__(self) -> None:
        self.vocabulary: dict[str, int] = {}
        self.stems: dict[str, int] = {}
        self.others: dict[str, int] = {}
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
        words = said.words
        vocabulary, stems = self.vocabulary, self.stems
        self.titles.append(" ".join(sorted(words)))
        self.compacts.append("".join(words))
        self.bags["core"].add(vocabulary.setdefault(w, len(vocabulary)) for w in words)
        self.bags["stem"].add(stems.setdefault(w[:4], len(stems)) for w in words)
        called = (
            said.acronym,
            normalise.acronym(words),
            normalise.acronym(normalise.proper(words)),
        )
        self.bags["acronyms"].add(
            vocabulary.setdefault(w, len(vocabulary)) for w in called if len(w) > 2
        )
        self.bags["numbers"].add(vocabulary.setdefault(w, len(vocabulary)) for w in counted(words))
        self.ints["first_word"].append(vocabulary[words[0]] if words else NONE)
        self._place(row, said)
        siren = (text_of(row, "siren") or text_of(row, "siret")).replace(" ", "")[:9]
        rna = text_of(row, "rna").strip().upper()
        keys = [k for k, told in ((f"rna:{rna}", rna), (f"siren:{siren}", siren)) if told]
        self.bags["keys"].add(self.others.setdefault(k, len(self.others)) for k in keys)
        siret = text_of(row, "siret").replace(" ", "")
        self.ints["establishment"].append(self.sirets.code(siret, ()))
        self.ints["source"].append(self.sources.code(text_of(row, "source"), ()))
        self.floats["year"].append(number(text_of(row, "year")[:4]))
        self.floats["latitude"].append(number(row.get("lat")))
        self.floats["longitude"].append(number(row.get("lon")))

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


def of_rows(rows: Iterable[Mapping[str, Any]]) -> Cards:
    """The columns of rows that hold a name (`title`, or `organiser`) and perhaps a place."""
    builder = _Builder()
    for row in rows:
        builder.add(row)
    return builder.cards()


def candidates(cards: Cards, *, cap: int = CAP, top: int = TOP) -> Pairs:
    """Pairs sharing rare words, stems within a place, or an acronym."""
    everyone = np.arange(cards.n)
    stem_rows = np.repeat(everyone, np.diff(cards.stem.starts))
    word_rows = np.repeat(everyone, np.diff(cards.core.starts))
    acronym_rows = np.repeat(everyone, np.diff(cards.acronyms.starts))
    stem, word = cards.stem.data.astype(np.int64), cards.core.data.astype(np.int64)
    acronym = cards.acronyms.data.astype(np.int64)
    compact: dict[str, int] = {}
    heads = np.array([compact.setdefault(c[:8], len(compact)) for c in cards.compacts], np.int64)
    titles: dict[str, int] = {}
    whole = np.array([titles.setdefault(c, len(titles)) for c in cards.titles], np.int64)
    parts: list[tuple[Ints, Ints, Ints]] = [
        (stem_rows, stem, np.zeros_like(stem)),
        (stem_rows, stem, cards.department[stem_rows]),
        (stem_rows, stem, cards.place[stem_rows]),
        (word_rows, word, np.zeros_like(word)),
        (acronym_rows, acronym, np.zeros_like(acronym)),
        (everyone, heads, np.zeros_like(heads)),
        (everyone, heads, cards.department),
        (everyone, whole, np.zeros_like(whole)),
        (everyone, whole, cards.department),
    ]
    key_rows = np.repeat(everyone, np.diff(cards.keys.starts))
    key = cards.keys.data.astype(np.int64)
    parts += [_stem_pairs(cards), (key_rows, key, np.zeros_like(key))]
    owners, hashes = [], []
    with np.errstate(over="ignore"):
        for i, (rows, left, right) in enumerate(parts):
            keep = right != NONE
            kind = 3 if i == 4 else i  # an acronym meets the word it may be written as
            mixed = mix(left[keep].astype(np.uint64) + np.uint64(kind << 40))
            owners.append(rows[keep])
            hashes.append(mix(mixed + right[keep].astype(np.uint64)))
    return pairs_of(np.concatenate(owners), np.concatenate(hashes), cards.n, cap=cap, top=top)


def _stem_pairs(cards: Cards) -> tuple[Ints, Ints, Ints]:
    """Neighbouring stems two by two, for names made of common words only."""
    rows, left, right = [], [], []
    starts = cards.stem.starts
    count = np.diff(starts)
    for i in range(6):
        for j in range(i + 1, 6):
            who = np.flatnonzero(count > j)
            rows.append(who)
            left.append(cards.stem.data[starts[who] + i].astype(np.int64))
            right.append(cards.stem.data[starts[who] + j].astype(np.int64))
    return np.concatenate(rows), np.concatenate(left), np.concatenate(right)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Name cards with their word and stem matrices."""

    cards: Cards
    words: list[str]
    idf: Floats
    core: sparse.csr_array
    stem: sparse.csr_array
    called: sparse.csr_array
    numbers: sparse.csr_array
    keys: sparse.csr_array
    place: sparse.csr_array
    mass: Floats
    stem_mass: Floats


def prepare(cards: Cards) -> Prepared:
    """The matrices, words weighted by how rare they are among these names."""
    idf = _rarity(cards.core, len(cards.vocabulary), cards.n)
    stem_idf = _rarity(cards.stem, len(cards.stems), cards.n)
    core = _bag_matrix(cards.core, cards.n, idf)
    stem = _bag_matrix(cards.stem, cards.n, stem_idf)
    ones = np.ones(len(idf))
    rows = [i for i, words in enumerate(cards.places.words) for _ in words]
    data = [cards.vocabulary[w] for words in cards.places.words for w in words]
    shape = (max(1, len(cards.places.words)), len(idf))
    place = sparse.csr_array((np.ones(len(rows), np.float32), (rows, data)), shape=shape)
    width = int(cards.keys.data.max(initial=0)) + 1
    return Prepared(
        cards, list(cards.vocabulary), idf, core, stem, _bag_matrix(cards.acronyms, cards.n, ones),
        _bag_matrix(cards.numbers, cards.n, ones), _bag_matrix(cards.keys, cards.n, np.ones(width)),
        place, row_sums(core), row_sums(stem),
    )  # fmt: skip


def _rarity(bags: Bags, width: int, n: int) -> Floats:
    df = np.bincount(bags.data, minlength=max(width, 1))
    return np.asarray(np.log((n + 10) / (df + 1)) / np.log(n + 10))


def _bag_matrix(bags: Bags, n: int, weights: Floats) -> sparse.csr_array:
    data = weights[bags.data].astype(np.float32)
    return sparse.csr_array((data, bags.data, bags.starts), shape=(n, len(weights)))


def features(ready: Prepared, a: Ints, b: Ints) -> Matrix:
    """NAME_FEATURES of pairs, one row each."""
    out = np.full((len(a), len(NAME_FEATURES)), np.nan, dtype=np.float32)
    for part in chunks(len(a)):
        _words(ready, a[part], b[part], out[part])
        _around(ready, a[part], b[part], out[part])
    return out


def _words(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    cards = ready.cards
    left = [cards.titles[i] for i in a.tolist()]
    right = [cards.titles[i] for i in b.tolist()]
    for name, scorer in (("ratio", fuzz.ratio), ("set_ratio", fuzz.token_set_ratio)):
        out[:, N[name]] = process.cpdist(left, right, scorer=scorer) / 100
    out[:, N["equal"]] = [x == y for x, y in zip(left, right, strict=True)]
    one = [cards.compacts[i] for i in a.tolist()]
    two = [cards.compacts[i] for i in b.tolist()]
    out[:, N["compact"]] = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    out[:, N["partial"]] = process.cpdist(one, two, scorer=fuzz.partial_ratio) / 100
    core_a, core_b = ready.core[a], ready.core[b]
    both = core_a.multiply(binary(core_b))
    shared = row_sums(both)
    _both(out, "cover", share(shared, ready.mass[a]), share(shared, ready.mass[b]))
    out[:, N["shared"]] = shared
    out[:, N["rarest"]] = np.ravel(both.max(axis=1).toarray()) if both.nnz else 0
    stems = dots(ready.stem[a], binary(ready.stem[b]))
    _both(out, "stem", share(stems, ready.stem_mass[a]), share(stems, ready.stem_mass[b]))
    place_a, place_b = _place_words(ready, a), _place_words(ready, b)
    lost_a = _left(core_a, binary(core_b) + place_b)
    lost_b = _left(core_b, binary(core_a) + place_a)
    mass_a, mass_b = row_sums(lost_a), row_sums(lost_b)
    _both(out, "left", share(mass_a, ready.mass[a]), share(mass_b, ready.mass[b]))
    _both(out, "left_mass", mass_a, mass_b)
    out[:, N["left_ratio"]] = _left_ratio(ready, lost_a, lost_b)
    called = dots(ready.called[a], binary(core_b)) + dots(ready.called[b], binary(core_a))
    called += dots(ready.called[a], ready.called[b]) * 0.5
    out[:, N["acronym"]] = called
    count = np.diff(cards.core.starts)
    _both(out, "words", count[a].astype(float), count[b].astype(float))
    size = np.array([len(t) for t in cards.compacts], dtype=float)
    out[:, N["short"]] = np.minimum(size[a], size[b])
    out[:, N["first"]] = cards.first_word[a] == cards.first_word[b]
    digits = np.diff(cards.numbers.starts)
    clash = dots(ready.numbers[a], ready.numbers[b]) == 0
    either = (digits[a] > 0) | (digits[b] > 0)
    out[:, N["numbers"]] = np.where(either, clash, np.nan)


def _place_words(ready: Prepared, rows: Ints) -> sparse.csr_array:
    code = ready.cards.place[rows]
    words = ready.place[np.maximum(code, 0)]
    words.data *= np.repeat((code != NONE).astype(np.float32), np.diff(words.indptr))
    return words


def _left(core: sparse.csr_array, known: sparse.csr_array) -> sparse.csr_array:
    known = sparse.csr_array(known)
    known.eliminate_zeros()
    left = sparse.csr_array(core - core.multiply(binary(known)))
    left.eliminate_zeros()
    return left


def _left_ratio(ready: Prepared, one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    out = np.full(one.shape[0], np.nan)
    both = np.flatnonzero((np.diff(one.indptr) > 0) & (np.diff(two.indptr) > 0))
    words = ready.words
    spelt = [
        [" ".join(sorted(words[k] for k in m.indices[m.indptr[i] : m.indptr[i + 1]].tolist()))
         for i in both.tolist()]
        for m in (one, two)
    ]  # fmt: skip
    if len(both):
        out[both] = process.cpdist(spelt[0], spelt[1], scorer=fuzz.ratio) / 100
    return out


def _both(out: Matrix, name: str, one: Floats, two: Floats) -> None:
    out[:, N[f"{name}_min"]] = np.fmin(one, two)
    out[:, N[f"{name}_max"]] = np.fmax(one, two)


def _around(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    cards = ready.cards
    for name, codes in (("department", cards.department), ("source", cards.source)):
        told = (codes[a] != NONE) & (codes[b] != NONE)
        out[:, N[name]] = np.where(told, codes[a] == codes[b], np.nan)
    told = (cards.place[a] != NONE) & (cards.place[b] != NONE)
    values = cards.places.values
    one = [values[i] for i in cards.place[a][told].tolist()]
    two = [values[i] for i in cards.place[b][told].tolist()]
    if one:
        out[told, N["place"]] = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    said = np.full(len(a), np.nan)
    for code, other in ((cards.place[a], b), (cards.place[b], a)):
        rows = np.flatnonzero(code != NONE)
        words = ready.place[code[rows]]
        found = share(dots(words, binary(ready.core[other[rows]])), row_sums(words))
        said[rows] = np.fmax(said[rows], found)
    out[:, N["place_said"]] = said
    out[:, N["year_gap"]] = np.abs(cards.year[a] - cards.year[b])
    out[:, N["km"]] = np.log1p(distance_km(cards.latitude, cards.longitude, a, b))
    count = np.diff(cards.keys.starts)
    told = (count[a] > 0) & (count[b] > 0)
    same = dots(ready.keys[a], ready.keys[b]) > 0
    sites = cards.establishment[a], cards.establishment[b]
    sisters = same & (sites[0] != NONE) & (sites[1] != NONE) & (sites[0] != sites[1])
    out[:, N["identifier"]] = np.where(told & ~sisters, same, np.nan)


def reasons(ready: Prepared, a: int, b: int, x: Matrix) -> tuple[str, ...]:
    """Why two names look alike or not, in French, for the screen."""
    said = [_likeness(x)]
    if x[N["acronym"]] > 0.5:
        said.append("sigle de l'autre nom")
    left = [_only(ready, one, two) for one, two in ((a, b), (b, a))]
    if words := [w for side in left for w in side][:3]:
        said.append("d'un seul côté : " + ", ".join(f"« {w} »" for w in words))
    for name, same, other in (
        ("department", "même département", "départements différents"),
        ("identifier", "même identifiant", "identifiants différents"),
    ):
        if x[N[name]] == x[N[name]]:
            said.append(same if x[N[name]] else other)
    if x[N["place"]] >= 0.9:
        said.append("même commune")
    if x[N["km"]] == x[N["km"]]:
        said.append(f"à {float(np.expm1(x[N['km']])):.1f} km".replace(".", ","))
    return tuple(said)


def _likeness(x: Matrix) -> str:
    if x[N["words_min"]] == 0:
        return "sans nom"
    return "même nom" if x[N["equal"]] else f"nom proche à {round(float(x[N['ratio']]) * 100)} %"


def _only(ready: Prepared, one: int, two: int) -> list[str]:
    core = ready.cards.core
    left = set(core[one].tolist()) - set(core[two].tolist())
    return [ready.words[k] for k in sorted(left, key=lambda k: (-ready.idf[k], k))[:2]]
