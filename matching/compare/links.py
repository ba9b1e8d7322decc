"""Links, numbers, sources and what became of them."""

import numpy as np

from matching.cards import Ints
from matching.compare.columns import F, equal
from matching.compare.prepared import Prepared
from matching.matrices import Matrix, meet


def fill_links(ready: Prepared, a: Ints, b: Ints, out: Matrix) -> None:
    """Links and identifiers in common, site, source, and whether one is put off."""
    cards = ready.cards
    out[:, F["link"]] = meet(ready.links, a, b)
    out[:, F["identifier"]] = meet(ready.identifiers, a, b)
    out[:, F["host"]] = equal(cards.host, a, b)
    out[:, F["source"]] = equal(cards.source, a, b)
    out[:, F["moved"]] = np.maximum(cards.status[a], cards.status[b])
