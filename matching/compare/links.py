"""Links, numbers, sources and what became of them."""

import numpy as np

from matching.cards import Ints
from matching.compare.columns import F, equal
from matching.compare.prepared import Prepared
from matching.matrices import Matrix, dots


def fill_links(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    """Links and identifiers in common, site, source, and whether one is put off."""
    cards = ready.cards
    for name, matrix, bags in (
        ("link", ready.links, cards.links),
        ("identifier", ready.identifiers, cards.identifiers),
    ):
        count = np.diff(bags.starts)
        both = (count[a] > 0) & (count[b] > 0)
        shared = dots(matrix[a], matrix[b])
        out[:, F[name]] = np.where(both, shared > 0, np.nan)
    out[:, F["host"]] = equal(cards.host, a, b)
    out[:, F["source"]] = equal(cards.source, a, b)
    out[:, F["moved"]] = np.maximum(cards.status[a], cards.status[b])
