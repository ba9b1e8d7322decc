"""Where only titles can tell two things apart, they must do it: nothing else is merged or asked.

Files of subsidies have neither day nor place; their titles begin with who pays (« 2022 - 84 - CC
Rhône Lez Provence - … ») or say nothing (« VVV 3 actions »). A forest sees two long titles that are
nearly the same; a person sees two projects of one funder. What many titles of one source say
weighs little here, in what two titles share as in what only one of them says.
"""

import numpy as np

from matching.cards import NONE, Cards, Floats, Ints
from matching.compare import F, Matrix, Prepared, binary, chunks, dots, row_sums, share, unsaid

NEAR_LEFT, NEAR_RATIO, TELLING = 0.35, 0.85, 1.0
HARDLY = 0.05
CHUNK = 50_000


def prudent(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Floats:
    """P of RELATIONS once the pairs that nothing tells the same are held for different: those
    without a title, and silent ones (no day, place, link on either side) whose titles differ by
    what matters or share only what everybody says."""
    blank = np.isnan(x[:, F["title_cover_min"]]) & (x[:, F["link"]] != 1)
    silent = np.flatnonzero(_silent(x) & ~blank)
    far = [np.flatnonzero(blank)]
    if len(silent):
        weights = np.fmin(ready.idf, rarest_in_source(ready.cards))
        far += [
            silent[part][~_near(ready, weights, a[silent[part]], b[silent[part]], x[silent[part]])]
            for part in chunks(len(silent), CHUNK)
        ]
    rows = np.concatenate(far)
    if len(rows):
        p = p.copy()
        p[rows, :3] *= HARDLY
        p[rows, 3] = 1 - p[rows, :3].sum(axis=1)
    return p


def _silent(x: Matrix) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Neither day nor place nor link to compare."""
    found = x[:, F["undated"]] == 2
    for name in ("venue_ratio", "address_ratio", "link"):
        found &= np.isnan(x[:, F[name]])
    return np.asarray(found)


def _near(
    ready: Prepared, weights: Floats, a: Ints, b: Ints, x: Matrix
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Titles that say the same, and enough of it."""
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
    return np.asarray(near & enough & (x[:, F["numbers_clash"]] != 1))


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
