"""Where only titles can tell two things apart, they must do it: nothing else is merged or asked.

Files of subsidies have neither day nor place; their titles begin with who pays (« 2022 - 84 - CC
Rhône Lez Provence - … ») or say nothing (« VVV 3 actions »). A forest sees two long titles that are
nearly the same; a person sees two projects of one funder. What many titles of one source say
weighs little here, in what two titles share as in what only one of them says. A title that one
source gives to several rows of a year names a programme (« APP Billetterie », « 3 actions »): it
proves nothing; two rows of one source are never the same without being asked.
"""

from collections.abc import Iterator

import numpy as np

from matching.caps import HARDLY, PERHAPS, Cap, capped
from matching.cards import NONE, Bools, Cards, Floats, Ints
from matching.compare import F, Prepared
from matching.details import MISSPELT
from matching.matrices import Matrix, binary, chunks, dots, row_sums, same_rows, share, unsaid

NEAR_LEFT, NEAR_RATIO, TELLING = 0.35, 0.85, 1.0
STORY = 4.0  # about a sentence of rare words
PROGRAMME = 3  # rows of one source and year under one title
CHUNK = 50_000


def silent(x: Matrix) -> Bools:
    """Whether pairs have neither day nor place nor link to compare, nor a story that both tell."""
    found = (x[:, F["undated"]] == 2) & ~(x[:, F["text_mass"]] >= STORY)
    for name in ("venue_ratio", "address_ratio", "link"):
        found &= np.isnan(x[:, F[name]])
    return np.asarray(found)


def far(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats, rows: Ints) -> Iterator[Ints]:
    """Of silent pairs, those whose titles tell apart; in `p`, the doubtful ones are held."""
    if not len(rows):
        return
    weights, rows_of = np.fmin(ready.idf, rarest_in_source(ready.cards)), repeats(ready.cards)
    for part in chunks(len(rows), CHUNK):
        some = rows[part]
        one, two = a[some], b[some]
        bearers = np.fmax(rows_of[one], rows_of[two])
        near, known = _near(ready, weights, one, two, x[some])
        own = x[some, F["source"]] == 1  # two rows of one source
        words = x[some, F["left_ratio"]] < NEAR_RATIO / 2  # each says what the other does not
        doubtful = x[some, F["identifier"]] == 0  # two bodies, whatever the names say
        each = (x[some, F["left_count_min"]] > 0) & (x[some, F["left_ratio"]] < MISSPELT)
        doubtful |= own & each  # « Accesport », « Sport santé » between the funder and the club
        doubtful |= ~known & (own | (bearers > 1))
        capped(p, Cap(some[doubtful], PERHAPS))
        years = ready.cards.title_year[one] - ready.cards.title_year[two]
        years = np.fmax(np.abs(years), x[some, F["year_gap"]])
        capped(p, Cap(some[years >= 1], HARDLY))
        yield some[~near | own & words | ~known & (bearers >= PROGRAMME)]


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
    known: dict[str, int] = {}
    title = np.array([known.setdefault(text, len(known)) for text in cards.titles], dtype=np.int64)
    year = np.nan_to_num(np.where(np.isnan(cards.year), cards.title_year, cards.year))
    _, back = same_rows(cards.source, title, year.astype(np.int64))
    return np.asarray(np.bincount(back)[back])


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
