"""Where only titles can tell two things apart, they must do it: nothing else is merged or asked.

Files of subsidies have neither day nor place; their titles begin with who pays (« 2022 - 84 - CC
Rhône Lez Provence - … ») or say nothing (« VVV 3 actions »). A forest sees two long titles that are
nearly the same; a person sees two projects of one funder. What many titles of one source say
weighs little here, in what two titles share as in what only one of them says. A title that one
source gives to several rows of a year names a programme (« APP Billetterie », « 3 actions »): it
proves nothing; two rows of one source are never the same without being asked.

Two bodies that have nothing in common do not hold one assembly in one house on one day: they hold
two (gold: 1 of 634 such pairs is one event). Under a title of its own, a person is asked.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from rapidfuzz import fuzz
from scipy import sparse

from matching import normalise
from matching.cards import NONE, Bools, Cards, Floats, Ints
from matching.compare import F, Matrix, Prepared, binary, chunks, dots, row_sums, share, unsaid
from matching.prior_truth import seeds

NEAR_LEFT, NEAR_RATIO, TELLING = 0.35, 0.85, 1.0
STORY = 4.0  # about a sentence of rare words
PROGRAMME = 3  # rows of one source and year under one title
HARDLY, PERHAPS = 0.04, 0.45  # not worth a question (questions.FLOOR); a question
OWN = 0.75  # rarity of a word that names: « loto » is 0.46, « open » 1
ALIKE = 75.0  # percent: one word, misspelt
MOVED = 0.65  # asked where merges are automatic
SAME, PART = 0, 2  # columns of RELATIONS
CHUNK = 50_000


def prudent(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Floats:
    """P of RELATIONS once the pairs that nothing tells the same are held for different (those
    without a title, and silent ones, no day, place or link on either side, whose titles differ by
    what matters or share only what everybody says), and those of which nobody can tell are asked.
    """
    blank = np.isnan(x[:, F["title_cover_min"]]) & (x[:, F["link"]] != 1)
    silent = np.flatnonzero(_silent(x) & ~blank)
    counted = _counted(ready, a, b, x)
    strangers, apart = _two_bodies(ready, a, b, x, p)
    moved = np.flatnonzero(_moved(x) & (p[:, SAME] < MOVED))
    if not any(map(len, (silent, counted, strangers, apart, moved))) and not blank.any():
        return p
    p = p.copy()
    p[moved] *= ((1 - MOVED) / (1 - p[moved, SAME]))[:, None]
    p[moved, SAME] = MOVED
    _held(p, counted, HARDLY)
    common = _common(ready, a[strangers], b[strangers])
    _parted(p, strangers, SAME, np.where(common, HARDLY, PERHAPS))
    _parted(p, apart, PART, HARDLY)
    rows = np.concatenate([np.flatnonzero(blank), *_far(ready, a, b, x, p, silent)])
    p[rows, :3] *= HARDLY
    p[rows, 3] = 1 - p[rows, :3].sum(axis=1)
    return p


def _far(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats, silent: Ints) -> Iterator[Ints]:
    """Of the silent pairs, those whose titles tell apart; in `p`, the doubtful ones are held."""
    if not len(silent):
        return
    weights, rows_of = np.fmin(ready.idf, rarest_in_source(ready.cards)), repeats(ready.cards)
    for part in chunks(len(silent), CHUNK):
        rows = silent[part]
        one, two = a[rows], b[rows]
        bearers = np.fmax(rows_of[one], rows_of[two])
        near, known = _near(ready, weights, one, two, x[rows])
        own = x[rows, F["source"]] == 1  # two rows of one source
        words = x[rows, F["left_ratio"]] < NEAR_RATIO / 2  # each says what the other does not
        doubtful = x[rows, F["identifier"]] == 0  # two bodies, whatever the names say
        doubtful |= ~known & (own | (bearers > 1))
        _held(p, rows[doubtful], PERHAPS)
        years = ready.cards.title_year[one] - ready.cards.title_year[two]
        years = np.fmax(np.abs(years), x[rows, F["year_gap"]])
        _held(p, rows[years >= 1], HARDLY)
        yield rows[~near | own & words | ~known & (bearers >= PROGRAMME)]


def _held(p: Floats, rows: Ints, most: float) -> None:
    """`same` no likelier than that; what it loses goes to `other_edition`."""
    lost = np.fmax(p[rows, 0] - most, 0)
    p[rows, 0] -= lost
    p[rows, 1] += lost


def _parted(p: Floats, rows: Ints, relation: int, most: Floats | float) -> None:
    """That relation no likelier than that; what it loses goes to `different`."""
    lost = np.fmax(p[rows, relation] - most, 0)
    p[rows, relation] -= lost
    p[rows, 3] += lost


def _two_bodies(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> tuple[Ints, Ints]:
    """The pairs thought the same that two associations hold, and those thought parts of one
    festival that two bodies hold with nothing shared: both name who organises, neither cites the
    other, and no link or number proves them one."""
    linked = (x[:, F["link"]] == 1) | (x[:, F["identifier"]] == 1) | (x[:, F["text_mass"]] >= STORY)
    told = x[:, F["text_cover"]] >= 0.5
    open_ = (x[:, F["organiser_ratio"]] < NEAR_RATIO) & ~linked & ~told
    same = (p[:, SAME] > HARDLY) & (x[:, F["organiser_town"]] == 0)
    part = (p[:, PART] > HARDLY) & _nothing_shared(x)
    rows = np.flatnonzero(open_ & (same | part))
    rows = rows[_unlike(ready, a[rows], b[rows])]
    return rows[same[rows]], rows[part[rows]]


def _unlike(ready: Prepared, a: Ints, b: Ints) -> Bools:
    """Whether what each organiser's name says alone is unlike what the other's does (« judo » and
    « aïkido » in two « Club de Gap », not « secours » and « secour »), and said nowhere else."""
    found = np.zeros(len(a), np.bool_)
    for row, (i, j) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        one, two = _own(ready, i, j), _own(ready, j, i)
        cited = one & _said(ready, j) or two & _said(ready, i)
        alike = any(fuzz.ratio(x, y) >= ALIKE for x in one for y in two)
        found[row] = one and two and not cited and not alike
    return found


def _own(ready: Prepared, one: int, two: int) -> set[str]:
    """What the organiser's name says that neither the other's nor their town does."""
    cards = ready.cards
    names = [set(ready.organiser_texts[cards.organiser[k]].split()) for k in (one, two)]
    place = {w for k in (one, two) if cards.commune[k] != NONE
             for w in cards.communes.words[cards.commune[k]]}  # fmt: skip
    return names[0] - names[1] - place


def _said(ready: Prepared, one: int) -> set[str]:
    return {ready.words[k] for k in ready.cards.known[one].tolist()}


def _moved(x: Matrix) -> Bools:
    """One says that it is put off, under the other's title, by the same body or in the same place,
    that year: its other day is no other edition."""
    where = np.fmax(x[:, F["organiser_ratio"]], x[:, F["venue_ratio"]]) >= 0.9
    titles = (x[:, F["title_cover_min"]] >= 0.99) & (x[:, F["numbers_clash"]] != 1)
    return np.asarray((x[:, F["moved"]] == 1) & where & titles & ~(x[:, F["year_gap"]] > 0))


def _nothing_shared(x: Matrix) -> Bools:
    """No word of the titles, no venue: nothing but a town and a day."""
    venue = np.fmax(x[:, F["venue_ratio"]], x[:, F["address_ratio"]])
    return np.asarray((x[:, F["title_cover_max"]] == 0) & ~(venue >= 0.7))


def _common(ready: Prepared, a: Ints, b: Ints) -> Bools:
    """Whether titles share nothing but what everybody says (« Assemblée générale », « Loto »)."""
    own = np.where([w in _everybody() for w in ready.words], 0.0, ready.idf)
    shared = sparse.csr_array(ready.core[a].multiply(binary(ready.core[b])))
    shared.data = own[shared.indices]
    return np.asarray(shared.max(axis=1).toarray()).ravel() < OWN


@lru_cache(maxsize=1)
def _everybody() -> frozenset[str]:
    return frozenset(" ".join(map(normalise.fold, seeds()["communs"])).split())


def _counted(ready: Prepared, a: Ints, b: Ints, x: Matrix) -> Ints:
    """The pairs whose titles differ by their numbers only (U11 and U13, jour 1 and jour 2)."""
    rows = np.flatnonzero((x[:, F["numbers_clash"]] == 1) & (x[:, F["left_count_min"]] > 0))
    for one, two in ((a, b), (b, a)):
        left = binary(unsaid(ready.core[one[rows]], ready.known[two[rows]]))
        rows = rows[row_sums(left) == dots(left, binary(ready.numbers[one[rows]]))]
    return rows


def _silent(x: Matrix) -> Bools:
    """Neither day nor place nor link to compare, nor a story that both tell."""
    found = (x[:, F["undated"]] == 2) & ~(x[:, F["text_mass"]] >= STORY)
    for name in ("venue_ratio", "address_ratio", "link"):
        found &= np.isnan(x[:, F[name]])
    return np.asarray(found)


def _near(ready: Prepared, weights: Floats, a: Ints, b: Ints, x: Matrix) -> tuple[Bools, Bools]:
    """Whether titles say the same, and enough of it; whether the organiser is known to be one."""
    core_a, core_b = ready.core[a], ready.core[b]
    for core in (core_a, core_b):
        core.data = weights[core.indices].astype(np.float32)
    shared = dots(core_a, binary(core_b))
    left_a = share(row_sums(unsaid(core_a, ready.known[b])), row_sums(core_a))
    left_b = share(row_sums(unsaid(core_b, ready.known[a])), row_sums(core_b))
    near = np.fmax(left_a, left_b) <= NEAR_LEFT
    near |= x[:, F["left_ratio"]] >= NEAR_RATIO
    known = (x[:, F["identifier"]] == 1) | (x[:, F["organiser_ratio"]] >= 0.9)
    enough = known | (x[:, F["commune"]] == 1) | (shared >= TELLING)
    return near & enough & (x[:, F["numbers_clash"]] != 1), known


def repeats(cards: Cards) -> Ints:
    """For each record, how many of its source and year bear its very title."""
    title = np.unique(cards.titles, return_inverse=True)[1]
    year = np.nan_to_num(np.where(np.isnan(cards.year), cards.title_year, cards.year))
    keys = np.stack([cards.source, title, year.astype(np.int64)], axis=1)
    _, back, count = np.unique(keys, axis=0, return_inverse=True, return_counts=True)
    return np.asarray(count[np.ravel(back)])


def rarest_in_source(cards: Cards) -> Floats:
    """Of each word, its rarity in the source where it is commonest: 1 = said once in many."""
    width = max(len(cards.vocabulary), 1)
    source = np.where(cards.source == NONE, cards.source.max(initial=0) + 1, cards.source)
    size = np.bincount(source)
    owner = np.repeat(source, np.diff(cards.core.starts))
    keys, count = np.unique(owner * width + cards.core.data, return_counts=True)
    total = size[keys // width] + 10.0
    rarity = np.log(total / (count + 1)) / np.log(total)
    out = np.ones(width)
    np.minimum.at(out, keys % width, rarity)
    return out
