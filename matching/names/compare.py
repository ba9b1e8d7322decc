"""What two names have in common, feature by feature; absence is NaN, never a zero distance."""

from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process
from scipy import sparse

from matching.bags import Bags
from matching.cards import NONE, Floats, Ints, distance_km
from matching.matrices import Matrix, binary, chunks, dots, row_sums, share, unsaid
from matching.names.cards import Cards

NAME_FEATURES = (
    "ratio", "set_ratio", "partial", "compact", "equal", "cover_min", "cover_max", "stem_min",
    "stem_max", "left_min", "left_max", "left_mass_min", "left_mass_max", "left_ratio", "shared",
    "rarest", "acronym", "short", "first", "numbers", "words_min", "words_max", "department",
    "place", "place_said", "identifier", "source", "year_gap", "km",
)  # fmt: skip
N = {name: i for i, name in enumerate(NAME_FEATURES)}
Cores = tuple[sparse.csr_array, sparse.csr_array]  # the words of the first, of the second of pairs


@dataclass(frozen=True, slots=True)
class Prepared:
    """Name cards with their word and stem matrices, built once per table."""

    cards: Cards
    words: list[str]
    idf: Floats
    core: sparse.csr_array  # rarity of the words
    stem: sparse.csr_array
    called: sparse.csr_array  # 1 for each acronym it may be called by
    numbers: sparse.csr_array
    keys: sparse.csr_array
    place: sparse.csr_array  # per distinct town: 1 for each of its words; the last one has none
    mass: Floats
    stem_mass: Floats


def prepare(cards: Cards, *, since: int = 0) -> Prepared:
    """The matrices, words weighted by how rare they are among these names (from `since` on)."""
    idf = _rarity(cards.core, len(cards.vocabulary), since)
    core = _bag_matrix(cards.core, idf)
    stem = _bag_matrix(cards.stem, _rarity(cards.stem, len(cards.stems), since))
    ones = np.ones(len(idf))
    return Prepared(
        cards=cards,
        words=list(cards.vocabulary),
        idf=idf,
        core=core,
        stem=stem,
        called=_bag_matrix(cards.acronyms, ones),
        numbers=_bag_matrix(cards.numbers, ones),
        keys=_bag_matrix(cards.keys, np.ones(int(cards.keys.data.max(initial=0)) + 1)),
        place=_places(cards, len(idf)),
        mass=row_sums(core),
        stem_mass=row_sums(stem),
    )


def _rarity(bags: Bags, width: int, since: int) -> Floats:
    n = len(bags) - since
    df = np.bincount(bags.data[bags.starts[since] :], minlength=max(width, 1))
    return np.asarray(np.log((n + 10) / (df + 1)) / np.log(n + 10))


def _bag_matrix(bags: Bags, weights: Floats) -> sparse.csr_array:
    data = weights[bags.data].astype(np.float32)
    return sparse.csr_array((data, bags.data, bags.starts), shape=(len(bags), len(weights)))


def _places(cards: Cards, width: int) -> sparse.csr_array:
    towns = cards.places.words
    rows = [i for i, words in enumerate(towns) for _ in words]
    data = [cards.vocabulary[w] for words in towns for w in words]
    ones = np.ones(len(rows), np.float32)
    return sparse.csr_array((ones, (rows, data)), shape=(len(towns) + 1, width))


def features(ready: Prepared, a: Ints, b: Ints) -> Matrix:
    """NAME_FEATURES of pairs, one row each."""
    out = np.full((len(a), len(NAME_FEATURES)), np.nan, dtype=np.float32)
    for part in chunks(len(a)):
        one, two, rows = a[part], b[part], out[part]
        cores = ready.core[one], ready.core[two]
        _spelling(ready.cards, one, two, rows)
        _shared(ready, one, two, cores, rows)
        _left(ready, one, two, cores, rows)
        _signs(ready, one, two, cores, rows)
        _places_told(ready, one, two, cores, rows)
        _told(ready, one, two, rows)
    return out


def _spelling(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Letter by letter: words sorted, then as they come."""
    one, two = ([cards.titles[i] for i in end.tolist()] for end in (a, b))
    out[:, N["ratio"]] = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    out[:, N["set_ratio"]] = process.cpdist(one, two, scorer=fuzz.token_set_ratio) / 100
    out[:, N["equal"]] = [x == y for x, y in zip(one, two, strict=True)]
    one, two = ([cards.compacts[i] for i in end.tolist()] for end in (a, b))
    out[:, N["compact"]] = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    out[:, N["partial"]] = process.cpdist(one, two, scorer=fuzz.partial_ratio) / 100
    size = np.array([len(text) for text in cards.compacts], dtype=float)
    out[:, N["short"]] = np.minimum(size[a], size[b])


def _shared(ready: Prepared, a: Ints, b: Ints, cores: Cores, out: Matrix) -> None:
    """Words of both, by their rarity; then stems."""
    both = cores[0].multiply(binary(cores[1]))
    shared = row_sums(both)
    _pair(out, "cover", share(shared, ready.mass[a]), share(shared, ready.mass[b]))
    out[:, N["shared"]] = shared
    out[:, N["rarest"]] = np.ravel(both.max(axis=1).toarray()) if both.nnz else 0
    stems = dots(ready.stem[a], binary(ready.stem[b]))
    _pair(out, "stem", share(stems, ready.stem_mass[a]), share(stems, ready.stem_mass[b]))
    out[:, N["first"]] = ready.cards.first_word[a] == ready.cards.first_word[b]
    count = np.diff(ready.cards.core.starts).astype(float)
    _pair(out, "words", count[a], count[b])


def _left(ready: Prepared, a: Ints, b: Ints, cores: Cores, out: Matrix) -> None:
    """Words of one side only, that are not of the other's town."""
    one, two = cores
    lost_a = unsaid(one, binary(_or(binary(two), ready.place[ready.cards.place[b]])))
    lost_b = unsaid(two, binary(_or(binary(one), ready.place[ready.cards.place[a]])))
    mass_a, mass_b = row_sums(lost_a), row_sums(lost_b)
    _pair(out, "left", share(mass_a, ready.mass[a]), share(mass_b, ready.mass[b]))
    _pair(out, "left_mass", mass_a, mass_b)
    out[:, N["left_ratio"]] = _left_ratio(ready.words, lost_a, lost_b)


def _or(one: sparse.csr_array, two: sparse.csr_array) -> sparse.csr_array:
    return sparse.csr_array(one + two)


def _left_ratio(words: list[str], one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    out = np.full(one.shape[0], np.nan)
    both = np.flatnonzero((np.diff(one.indptr) > 0) & (np.diff(two.indptr) > 0))
    if len(both):
        left, right = ([_spelt(words, side, i) for i in both.tolist()] for side in (one, two))
        out[both] = process.cpdist(left, right, scorer=fuzz.ratio) / 100
    return out


def _spelt(words: list[str], matrix: sparse.csr_array, row: int) -> str:
    held = matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]]
    return " ".join(sorted(words[k] for k in held.tolist()))


def _signs(ready: Prepared, a: Ints, b: Ints, cores: Cores, out: Matrix) -> None:
    """The acronym of one written by the other, and numbers: « CDOS 05 » is not « CDOS 06 »."""
    called_a, called_b = ready.called[a], ready.called[b]
    called = dots(called_a, binary(cores[1])) + dots(called_b, binary(cores[0]))
    out[:, N["acronym"]] = called + dots(called_a, called_b) * 0.5
    digits = np.diff(ready.cards.numbers.starts)
    clash = dots(ready.numbers[a], ready.numbers[b]) == 0
    either = (digits[a] > 0) | (digits[b] > 0)
    out[:, N["numbers"]] = np.where(either, clash, np.nan)


def _places_told(ready: Prepared, a: Ints, b: Ints, cores: Cores, out: Matrix) -> None:
    """Towns against each other, then each against the words of the other's name."""
    cards, values = ready.cards, ready.cards.places.values
    place_a, place_b = cards.place[a], cards.place[b]
    told = (place_a != NONE) & (place_b != NONE)
    if told.any():
        one, two = ([values[i] for i in end[told].tolist()] for end in (place_a, place_b))
        out[told, N["place"]] = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    said = [
        share(dots(words, binary(core)), row_sums(words))
        for place, core in ((place_a, cores[1]), (place_b, cores[0]))
        for words in [ready.place[place]]
    ]
    out[:, N["place_said"]] = np.fmax(*said)


def _told(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    """Columns beside the name. Two establishments (SIRET) of one SIREN say nothing."""
    cards = ready.cards
    for name, codes in (("department", cards.department), ("source", cards.source)):
        told = (codes[a] != NONE) & (codes[b] != NONE)
        out[:, N[name]] = np.where(told, codes[a] == codes[b], np.nan)
    out[:, N["year_gap"]] = np.abs(cards.year[a] - cards.year[b])
    out[:, N["km"]] = np.log1p(distance_km(cards.latitude, cards.longitude, a, b))
    count = np.diff(cards.keys.starts)
    told = (count[a] > 0) & (count[b] > 0)
    same = dots(ready.keys[a], ready.keys[b]) > 0
    site_a, site_b = cards.establishment[a], cards.establishment[b]
    sisters = same & (site_a != NONE) & (site_b != NONE) & (site_a != site_b)
    out[:, N["identifier"]] = np.where(told & ~sisters, same, np.nan)


def _pair(out: Matrix, name: str, one: Floats, two: Floats) -> None:
    """Both sides of a measure as its minimum and maximum, so that a and b may swap."""
    out[:, N[f"{name}_min"]] = np.fmin(one, two)
    out[:, N[f"{name}_max"]] = np.fmax(one, two)
