"""Records ready to be compared: their words as matrices, how rare each is. Built once a table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching import normalise
from matching.bags import Bags
from matching.cards import NONE, Cards, Floats, Ints
from matching.disciplines import practices
from matching.families import families, naming
from matching.matrices import binary, row_sums, unsaid

Known = tuple[sparse.csr_array, sparse.csr_array]  # what the first, what the second of pairs says


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
    starts = bags.starts.astype(sparse.get_index_dtype(maxval=len(data)))  # half of the memory
    return sparse.csr_array((data, bags.data, starts), shape=(n, width))


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
    columns = np.array(data, dtype=np.int32)
    values = idf[columns].astype(np.float32) if len(columns) else np.zeros(0, np.float32)
    ends = np.array(rows, dtype=np.int32), columns
    return sparse.csr_array((values, ends), shape=(len(names) + 1, width))
