"""What two records have in common, feature by feature; absence is NaN, never a zero distance.

Everything is computed by columns on chunks of pairs: strings by rapidfuzz `cpdist` on sorted
words, organisers, venues and addresses once per distinct pair of names, words by their rarity.
"""

import numpy as np

from matching.cards import Ints
from matching.compare.columns import FEATURES, F
from matching.compare.days import edition_year, fill_days
from matching.compare.links import fill_links
from matching.compare.names import fill_organisers, fill_places
from matching.compare.prepared import Prepared, Rarity, prepare
from matching.compare.titles import fill_titles
from matching.matrices import Matrix, chunks

__all__ = ["FEATURES", "F", "Prepared", "Rarity", "edition_year", "features", "prepare"]


def features(ready: Prepared, a: Ints, b: Ints, out: Matrix | None = None) -> Matrix:
    """The features of pairs (a[i], b[i]), one row each, columns as FEATURES (in `out` if given)."""
    out = np.empty((len(a), len(FEATURES)), dtype=np.float32) if out is None else out
    out.fill(np.nan)
    for part in chunks(len(a)):
        one, two, rows = a[part], b[part], out[part]
        known = ready.known[one], ready.known[two]
        fill_titles(ready, one, two, known, rows)
        fill_days(ready.cards, one, two, rows)
        fill_organisers(ready, one, two, known, rows)
        fill_places(ready, one, two, known, rows)
        fill_links(ready, one, two, rows)
    return out
