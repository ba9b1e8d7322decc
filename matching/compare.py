"""What two records have in common, feature by feature; absence is NaN, never a zero distance.

Everything is computed by columns on chunks of pairs: strings by rapidfuzz `cpdist` on sorted
words, organisers, venues and addresses once per distinct pair of names, words by their rarity.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from scipy import sparse

from matching import normalise
from matching.bags import Bags
from matching.cards import NONE, Bools, Cards, Floats, Ints, Names, distance_km
from matching.disciplines import practices
from matching.families import families, naming

Matrix = NDArray[np.float32]
Known = tuple[sparse.csr_array, sparse.csr_array]  # what the first, what the second of pairs says
CHUNK = 16_384
YEAR_DAYS = 365.25

FEATURES = (
    "title_ratio", "title_cover_min", "title_cover_max", "left_min", "left_max", "left_mass_min",
    "left_mass_max", "left_count_min", "left_count_max", "left_ratio", "title_equal", "title_mass",
    "numbers_clash", "practice_clash",
    "text_cover", "text_same", "text_within", "text_mass",
    "gap", "start_gap", "end_gap", "span_min", "span_max", "inside", "week_rest", "year_rest",
    "year_gap", "title_year_clash", "edition_gap", "undated", "soft", "shared_days",
    "organiser_ratio", "organiser_cover", "organiser_town", "organiser_said",
    "venue_ratio", "venue_said", "address_ratio", "commune", "commune_said", "department",
    "postcode", "km", "link", "host", "source", "identifier", "moved",
)  # fmt: skip
F = {name: i for i, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True)
class Rarity:
    """How rare each word is: `background` counts words in `size` titles, `said` in `said_size`
    descriptions (« buvette » is rare in titles, not there); the table adds its own."""

    background: dict[str, int]
    size: int
    said: dict[str, int] = field(default_factory=dict)
    said_size: int = 0

    def weights(self, cards: Cards, *, own: bool = True) -> Floats:
        """Rarity in titles of each word of the cards' vocabulary, 1 = never seen, whatever the
        table's size; `own` adds the table's own counts."""
        return _weights(cards, cards.core if own else None, self.background, self.size)

    def said_weights(self, cards: Cards, *, own: bool = True) -> Floats:
        """The same in descriptions."""
        return _weights(cards, cards.text if own else None, self.said, self.said_size)


def _weights(cards: Cards, own: Bags | None, background: dict[str, int], size: int) -> Floats:
    known = np.array([background.get(w, 0) for w in cards.vocabulary], dtype=np.float64)
    if own is not None:
        known += np.bincount(own.data, minlength=len(cards.vocabulary))
        size += cards.n
    return np.asarray(np.log((size + 10) / (known + 1)) / np.log(size + 10))


@dataclass(frozen=True, slots=True)
class Prepared:
    """Cards with their word matrices and distinct-name matrices, built once per table."""

    cards: Cards
    titles: NDArray[np.object_]
    idf: Floats
    words: list[str]
    spelt: NDArray[np.object_]  # the same words
    core: sparse.csr_array  # idf of the title's words
    known: sparse.csr_array  # 1 for each word the record says anywhere
    text: sparse.csr_array  # 1 for each word of the description
    story: sparse.csr_array  # rarity of the description's words that name nothing
    title_mass: Floats
    story_mass: Floats
    organiser: sparse.csr_array  # per distinct organiser: idf of its proper words
    organiser_texts: list[str]
    town_hall: NDArray[np.bool_]
    venue: sparse.csr_array
    commune: sparse.csr_array
    numbers: sparse.csr_array
    practices: sparse.csr_array  # 1 for each sport or art that the title names
    members: sparse.csr_array  # word × member of a family: 1 where it names it
    links: sparse.csr_array
    identifiers: sparse.csr_array


def prepare(cards: Cards, rarity: Rarity, *, own: bool = True) -> Prepared:
    """Builds the matrices. `own=False` keeps the rarity independent of the other records."""
    idf = rarity.weights(cards, own=own)
    width = max(len(cards.vocabulary), 1)
    core = _matrix(cards.core, cards.n, width, idf)
    said = _matrix(cards.text, cards.n, width, rarity.said_weights(cards, own=own))
    proper = [normalise.proper(w) for w in cards.organisers.words]
    organiser = _names_matrix(proper, cards, idf)
    venue = _names_matrix(cards.venues.words, cards, idf)
    commune = _names_matrix(cards.communes.words, cards, idf)
    named = core + organiser[cards.organiser] + venue[cards.venue] + commune[cards.commune]
    story = unsaid(said, binary(sparse.csr_array(named)))
    return Prepared(
        cards=cards,
        titles=np.array(cards.titles, dtype=object),
        idf=idf,
        words=list(cards.vocabulary),
        spelt=np.array(list(cards.vocabulary), dtype=object),
        core=core,
        known=_matrix(cards.known, cards.n, width, None),
        text=binary(said),
        story=story,
        title_mass=row_sums(core),
        story_mass=row_sums(story),
        organiser=organiser,
        organiser_texts=[" ".join(sorted(w)) for w in proper],
        town_hall=np.array([normalise.is_town_hall(w) for w in cards.organisers.words] + [False]),
        venue=venue,
        commune=commune,
        numbers=_matrix(cards.numbers, cards.n, width, None),
        practices=_practices(cards, organiser),
        members=naming(cards.vocabulary),
        links=_matrix(cards.links, cards.n, max(len(cards.keys), 1), None),
        identifiers=_matrix(cards.identifiers, cards.n, max(len(cards.keys), 1), None),
    )


def _matrix(bags: Bags, n: int, width: int, weights: Floats | None) -> sparse.csr_array:
    data = np.ones(len(bags.data), np.float32)
    if weights is not None:
        data = weights[bags.data].astype(np.float32)
    return sparse.csr_array((data, bags.data, bags.starts), shape=(n, width))


def _practices(cards: Cards, organisers: sparse.csr_array) -> sparse.csr_array:
    """What each title names, or else its organiser (« Portes ouvertes », by the judo club)."""
    practice, width = np.array([*practices(cards.vocabulary), NONE]), len(families().family)
    titles = _named(practice[cards.core.data], cards.core.starts, width)
    held = sparse.csr_array(organisers[cards.organiser])
    names = _named(practice[held.indices], held.indptr, width)
    silent = (np.diff(titles.indptr) == 0).astype(np.float32)
    return binary(sparse.csr_array(titles + sparse.diags_array(silent).tocsr() @ names))


def _named(practice: Ints, starts: Ints, width: int) -> sparse.csr_array:
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    named = practice != NONE
    ends = (rows[named], practice[named])
    shape = (len(starts) - 1, width)
    return sparse.csr_array((np.ones(len(ends[0]), np.float32), ends), shape=shape)


def _names_matrix(names: Sequence[tuple[str, ...]], cards: Cards, idf: Floats) -> sparse.csr_array:
    """The rarity of each name's words; the last row, which NONE finds, is empty."""
    width = max(len(cards.vocabulary), 1)
    rows, data = [], []
    for i, words in enumerate(names):
        for word in set(words):
            rows.append(i)
            data.append(cards.vocabulary[word])
    columns = np.array(data, dtype=np.int64)
    values = idf[columns].astype(np.float32) if len(columns) else np.zeros(0, np.float32)
    return sparse.csr_array((values, (rows, columns)), shape=(len(names) + 1, width))


def chunks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices that cover 0..n."""
    return (slice(i, min(i + size, n)) for i in range(0, n, size))


def features(ready: Prepared, a: Ints, b: Ints, out: Matrix | None = None) -> Matrix:
    """The features of pairs (a[i], b[i]), one row each, columns as FEATURES (in `out` if given)."""
    out = np.empty((len(a), len(FEATURES)), dtype=np.float32) if out is None else out
    out.fill(np.nan)
    for part in chunks(len(a)):
        one, two, rows = a[part], b[part], out[part]
        known = ready.known[one], ready.known[two]
        _titles(ready, one, two, known, rows)
        _dates(ready.cards, one, two, rows)
        _organisers(ready, one, two, known, rows)
        _places(ready, one, two, known, rows)
        _rest(ready, one, two, rows)
    return out


def row_sums(matrix: sparse.csr_array) -> Floats:
    """The sum of each row."""
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()


def dots(one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    """The product of each row of one with the same row of two."""
    return row_sums(one.multiply(two))


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where there is nothing to share."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def _titles(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    titles = ready.titles
    out[:, F["title_ratio"]] = alike(titles[a].tolist(), titles[b].tolist())
    out[:, F["title_equal"]] = out[:, F["title_ratio"]] == 1
    core_a, core_b = ready.core[a], ready.core[b]
    mass_a, mass_b = ready.title_mass[a], ready.title_mass[b]
    shared = dots(core_a, binary(core_b))
    cover_a, cover_b = share(shared, mass_a), share(shared, mass_b)
    _pair(out, "title_cover", cover_a, cover_b)
    out[:, F["title_mass"]] = shared
    unsaid_a = unsaid(core_a, known[1])
    unsaid_b = unsaid(core_b, known[0])
    lost_a, lost_b = row_sums(unsaid_a), row_sums(unsaid_b)
    _pair(out, "left", share(lost_a, mass_a), share(lost_b, mass_b))
    _pair(out, "left_mass", lost_a, lost_b)
    counts = [np.diff(m.indptr).astype(np.float64) for m in (unsaid_a, unsaid_b)]
    _pair(out, "left_count", counts[0], counts[1])
    out[:, F["left_ratio"]] = _left_ratio(ready.spelt, unsaid_a, unsaid_b)
    clash = dots(ready.numbers[a], ready.numbers[b])
    digits = np.diff(ready.cards.numbers.starts)
    both = (digits[a] > 0) & (digits[b] > 0)
    out[:, F["numbers_clash"]] = np.where(both, clash == 0, np.nan)
    shared = dots(ready.practices[a], ready.practices[b])
    named = np.diff(ready.practices.indptr)
    both = (named[a] > 0) & (named[b] > 0)
    out[:, F["practice_clash"]] = np.where(both, shared == 0, np.nan)
    _texts(ready, (a, b), (core_a, core_b), (mass_a, mass_b), out)


def _texts(
    ready: Prepared, ends: tuple[Ints, Ints], cores: Known, masses: tuple[Floats, Floats],
    out: Matrix,
) -> None:  # fmt: skip
    """What each description says of the other's title, and what both tell that names nothing: a
    sentence copied into a longer text is `within` it, whatever surrounds it."""
    (a, b), (core_a, core_b), (mass_a, mass_b) = ends, cores, masses
    text_a, text_b = ready.text[a], ready.text[b]
    said_a = share(dots(core_a, text_b), mass_a)
    said_b = share(dots(core_b, text_a), mass_b)
    none_a, none_b = np.diff(text_a.indptr) == 0, np.diff(text_b.indptr) == 0
    said = np.fmax(np.where(none_b, np.nan, said_a), np.where(none_a, np.nan, said_b))
    out[:, F["text_cover"]] = said
    common = dots(ready.story[a], binary(ready.story[b]))
    story_a, story_b = ready.story_mass[a], ready.story_mass[b]
    told = (story_a > 0) & (story_b > 0)
    out[:, F["text_same"]] = np.where(told, share(common, story_a + story_b - common), np.nan)
    out[:, F["text_within"]] = np.where(told, share(common, np.minimum(story_a, story_b)), np.nan)
    out[:, F["text_mass"]] = np.where(told, common, np.nan)


def binary(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same places, all worth 1."""
    return sparse.csr_array(
        (np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape
    )


def unsaid(core: sparse.csr_array, known: sparse.csr_array) -> sparse.csr_array:
    """The title's words that the other record says nowhere, with their rarity."""
    left = sparse.csr_array(core - core.multiply(known))
    left.eliminate_zeros()
    return left


def alike(one: Sequence[str], two: Sequence[str]) -> Floats:
    """How alike texts are, one by one, from 0 to 1."""
    found: Floats = process.cpdist(one, two, scorer=fuzz.ratio) / 100
    return found


def _left_ratio(words: NDArray[np.object_], one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    """How alike what is left on both sides is: a typo is near 1, another sport near 0."""
    out = np.full(one.shape[0], np.nan)
    both = np.flatnonzero((np.diff(one.indptr) > 0) & (np.diff(two.indptr) > 0))
    if len(both):
        left, right = (_spelt(words, side, both) for side in (one, two))
        out[both] = alike(left, right)
    return out


def _spelt(words: NDArray[np.object_], matrix: sparse.csr_array, rows: Ints) -> list[str]:
    """The words of these rows in the order of their spelling, which is that of their numbers."""
    matrix.sort_indices()
    flat, starts = words[matrix.indices], matrix.indptr[:-1][rows]
    out = flat[starts]
    several = np.flatnonzero(np.diff(matrix.indptr)[rows] > 1)
    cuts = zip(starts[several].tolist(), matrix.indptr[1:][rows[several]].tolist(), strict=True)
    told = flat.tolist()
    for i, (start, end) in zip(several.tolist(), cuts, strict=True):
        out[i] = " ".join(told[start:end])
    return list(out.tolist())


def _pair(out: Matrix, name: str, one: Floats, two: Floats) -> None:
    """Both sides of a measure as its minimum and maximum, so that a and b may swap."""
    out[:, F[f"{name}_min"]] = np.fmin(one, two)
    out[:, F[f"{name}_max"]] = np.fmax(one, two)


def _dates(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    first_a, first_b, last_a, last_b = cards.first[a], cards.first[b], cards.last[a], cards.last[b]
    gap = np.maximum(0, np.maximum(first_a, first_b) - np.minimum(last_a, last_b))
    start = np.abs(first_a - first_b)
    out[:, F["gap"]] = np.log1p(gap)
    out[:, F["start_gap"]] = np.log1p(start)
    out[:, F["end_gap"]] = np.log1p(np.abs(last_a - last_b))
    span_a, span_b = last_a - first_a, last_b - first_b
    _pair(out, "span", np.log1p(span_a), np.log1p(span_b))
    a_in_b = (first_a >= first_b) & (last_a <= last_b)
    within = a_in_b | ((first_b >= first_a) & (last_b <= last_a))
    out[:, F["inside"]] = np.where(np.isnan(gap), np.nan, within & (span_a != span_b))
    rest = np.mod(start, 7)
    out[:, F["week_rest"]] = np.where(
        (start > 3) & (start < 200), np.minimum(rest, 7 - rest), np.nan
    )
    turns = np.maximum(1, np.round(start / YEAR_DAYS))
    out[:, F["year_rest"]] = np.where(start > 150, np.abs(start - turns * YEAR_DAYS), np.nan)
    out[:, F["year_gap"]] = np.abs(cards.year[a] - cards.year[b])
    own_a, own_b = edition_year(cards, a), edition_year(cards, b)
    clash = np.fmax(np.abs(own_a - cards.year[b]), np.abs(own_b - cards.year[a]))
    out[:, F["title_year_clash"]] = clash
    said = (cards.edition[a] > 0) & (cards.edition[b] > 0)
    out[:, F["edition_gap"]] = np.where(said, np.abs(cards.edition[a] - cards.edition[b]), np.nan)
    none_a, none_b = np.isnan(first_a), np.isnan(first_b)
    # « Plan 2019 » in both titles is what they are called, when one gives a day of 2024 or a grant
    # is of 2020.
    named = (none_a | none_b) & (cards.title_year[a] == cards.title_year[b])
    out[named, F["title_year_clash"]] = 0
    from_title = np.where(none_a, cards.year[a], cards.year[b]) == cards.title_year[a]
    out[named & from_title & (none_a != none_b), F["year_gap"]] = np.nan
    out[:, F["undated"]] = none_a.astype(int) + none_b
    out[:, F["soft"]] = cards.soft[a].astype(int) + cards.soft[b]
    if cards.days:
        _several_days(cards, a, b, out)


def edition_year(cards: Cards, i: Ints) -> Floats:
    """The year that the title gives its edition; « 2030, et après ? » held in 2026 gives none: a
    year far from the day is what it is about."""
    told = cards.title_year[i]
    far = ~np.isnan(cards.first[i]) & (np.abs(told - cards.year[i]) > 1)
    return np.where(far, np.nan, told)


def _several_days(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Records with separate days meet on a day they share, not between their first and last."""
    for i, (one, two) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        if (one in cards.days or two in cards.days) and not out[i, F["undated"]]:
            days = [
                cards.days.get(x) or frozenset(range(int(cards.first[x]), int(cards.last[x]) + 1))
                for x in (one, two)
            ]
            common = len(days[0] & days[1])
            out[i, F["shared_days"]] = common / min(len(days[0]), len(days[1]))
            if not common:
                closest = min(abs(x - y) for x in days[0] for y in days[1])
                out[i, F["gap"]] = np.log1p(closest)


def _organisers(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    codes = ready.cards.organiser[a], ready.cards.organiser[b]
    both = (codes[0] != NONE) & (codes[1] != NONE)
    same = both & (codes[0] == codes[1])
    out[same, F["organiser_ratio"]] = out[same, F["organiser_cover"]] = 1
    rows = np.flatnonzero(both & ~same)
    found = _by_name(ready.organiser_texts, ready.organiser, codes[0][rows], codes[1][rows])
    out[rows, F["organiser_ratio"]], out[rows, F["organiser_cover"]] = found
    town = ready.town_hall
    halls = town[codes[0]].astype(int) + town[codes[1]]
    out[:, F["organiser_town"]] = np.where(both, halls, np.nan)
    same &= ~town[codes[0]]  # which is compared as « mairie », and may not say the word
    out[:, F["organiser_said"]] = _said(ready.organiser, codes, known, same)


def _by_name(
    texts: list[str], weights: sparse.csr_array, a: Ints, b: Ints
) -> tuple[Floats, Floats]:
    """Ratio and word cover of pairs of names, computed once per distinct pair."""
    if not len(a):
        return np.zeros(0), np.zeros(0)
    low, high = np.minimum(a, b), np.maximum(a, b)
    pairs, back = np.unique(low * len(texts) + high, return_inverse=True)
    one, two = pairs // len(texts), pairs % len(texts)
    ratio = alike([texts[i] for i in one.tolist()], [texts[i] for i in two.tolist()])
    words_one, words_two = weights[one], weights[two]
    shared = dots(words_one, binary(words_two))
    cover = share(shared, np.minimum(row_sums(words_one), row_sums(words_two)))
    return ratio[back], cover[back]


def _said(names: sparse.csr_array, codes: tuple[Ints, Ints], known: Known, same: Bools) -> Floats:
    """The share of one record's name that the other says somewhere, the better of both sides; all
    of it where both have the `same`."""
    words = (names[np.where(same, NONE, code)] for code in codes)
    one, two = (
        share(dots(mine, other), row_sums(mine))
        for mine, other in zip(words, reversed(known), strict=True)
    )
    return np.where(same, 1.0, np.fmax(one, two))


def _places(ready: Prepared, a: Ints, b: Ints, known: Known, out: Matrix) -> None:
    cards = ready.cards
    for name, codes, names in (
        ("venue_ratio", cards.venue, cards.venues),
        ("address_ratio", cards.address, cards.addresses),
        ("commune", cards.commune, cards.communes),
    ):
        out[:, F[name]] = _ratio(names, codes[a], codes[b])
    near = out[:, F["commune"]]
    out[:, F["commune"]] = np.where(np.isnan(near), np.nan, near >= 0.88)
    venues, communes = (cards.venue[a], cards.venue[b]), (cards.commune[a], cards.commune[b])
    out[:, F["venue_said"]] = _said(ready.venue, venues, known, _one(*venues))
    out[:, F["commune_said"]] = _said(ready.commune, communes, known, _one(*communes))
    _insee(cards, a, b, out)
    out[:, F["department"]] = _equal(cards.department, a, b)
    out[:, F["postcode"]] = _equal(cards.postcode, a, b)
    out[:, F["km"]] = np.log1p(distance_km(cards.latitude, cards.longitude, a, b))


def _insee(cards: Cards, a: Ints, b: Ints, out: Matrix) -> None:
    """Two codes decide whatever the names say (Saint-Denis 93066 is not 97411)."""
    same = _equal(cards.insee, a, b)
    told = ~np.isnan(same)
    out[told, F["commune"]] = same[told]


def _equal(codes: Ints, a: Ints, b: Ints) -> Floats:
    both = (codes[a] != NONE) & (codes[b] != NONE)
    return np.where(both, (codes[a] == codes[b]).astype(np.float64), np.nan)


def _one(a: Ints, b: Ints) -> Bools:
    """Whether two codes are one, and said."""
    return np.asarray((a == b) & (a != NONE))


def _ratio(names: Names, a: Ints, b: Ints) -> Floats:
    """How alike two names are, NaN where one is absent; computed once per distinct pair."""
    out = np.where(_one(a, b), 1.0, np.nan)
    rows = np.flatnonzero((a != NONE) & (b != NONE) & (a != b))
    if len(rows):
        size, one, two = len(names.values), a[rows], b[rows]
        pairs, back = np.unique(np.minimum(one, two) * size + np.maximum(one, two),
                                return_inverse=True)  # fmt: skip
        ends = ([names.values[i] for i in code.tolist()] for code in np.divmod(pairs, size))
        out[rows] = alike(*ends)[back]
    return out


def _rest(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    cards = ready.cards
    for name, matrix, bags in (
        ("link", ready.links, cards.links),
        ("identifier", ready.identifiers, cards.identifiers),
    ):
        count = np.diff(bags.starts)
        both = (count[a] > 0) & (count[b] > 0)
        shared = dots(matrix[a], matrix[b])
        out[:, F[name]] = np.where(both, shared > 0, np.nan)
    out[:, F["host"]] = _equal(cards.host, a, b)
    out[:, F["source"]] = _equal(cards.source, a, b)
    out[:, F["moved"]] = np.maximum(cards.status[a], cards.status[b])
