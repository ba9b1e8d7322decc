"""What the forests are not believed about, whatever they read: rules that a person would name.

`strangers`: two bodies with nothing in common hold two things. `details`: one word, number, hour or
house tells two things apart. `silent`: where only titles can tell apart, they must do it.
"""

import numpy as np

from matching.caps import ASKED, HARDLY, SAME, capped
from matching.cards import Bools, Floats, Ints
from matching.compare import F, Prepared
from matching.details import details
from matching.matrices import Matrix
from matching.silent import far, silent
from matching.strangers import strangers


def prudent(ready: Prepared, a: Ints, b: Ints, x: Matrix, p: Floats) -> Floats:
    """P of RELATIONS once the pairs that nothing tells the same are held for different (those
    without a title, and silent ones whose titles differ by what matters or share only what
    everybody says), and those of which nobody can tell are asked."""
    p = p.copy()
    moved = np.flatnonzero(_moved(x) & (p[:, SAME] < ASKED))
    p[moved] *= ((1 - ASKED) / (1 - p[moved, SAME]))[:, None]
    p[moved, SAME] = ASKED
    for rule in (strangers, details):
        for cap in rule(ready, a, b, x, p):
            capped(p, cap)
    blank = np.isnan(x[:, F["title_cover_min"]]) & (x[:, F["link"]] != 1)
    quiet = np.flatnonzero(silent(x) & ~blank)
    rows = np.concatenate([np.flatnonzero(blank), *far(ready, a, b, x, p, quiet)])
    p[rows, :3] *= HARDLY
    p[rows, 3] = 1 - p[rows, :3].sum(axis=1)
    return p


def _moved(x: Matrix) -> Bools:
    """One says that it is put off, under the other's title, by the same body or in the same place,
    that year: its other day is no other edition."""
    where = np.fmax(x[:, F["organiser_ratio"]], x[:, F["venue_ratio"]]) >= 0.9
    titles = (x[:, F["title_cover_min"]] >= 0.99) & (x[:, F["numbers_clash"]] != 1)
    return np.asarray((x[:, F["moved"]] == 1) & where & titles & ~(x[:, F["year_gap"]] > 0))
