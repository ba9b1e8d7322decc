"""What holds the editions of an initiative together: the pairs to show for it, and those to ask."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import minimum_spanning_tree

from matching.cards import Floats, Ints
from matching.questions import Groups

SURE = 0.9
"""P(one initiative) from which nobody is asked whether two editions are of one."""


def ties(pairs: tuple[Ints, Ints], together: Floats, groups: Groups) -> Ints:
    """The pairs that hold the editions of each initiative together, the likeliest ones: without
    any of them it would be in two pieces. `together`: P(one initiative) of each pair."""
    a, b = pairs
    cluster, n = groups.cluster, len(groups.cluster)
    inside = np.flatnonzero((groups.series[a] == groups.series[b]) & (cluster[a] != cluster[b]))
    inside = inside[np.argsort(-together[inside], kind="stable")]
    keys, best = np.unique(between(pairs, cluster)[inside], return_index=True)
    cost = 2 - together[inside[best]]  # above zero, which would be no link
    graph = sparse.csr_array((cost, np.divmod(keys, n)), shape=(n, n))
    tree = minimum_spanning_tree(graph).tocoo()
    return inside[best[np.isin(keys, tree.row.astype(np.int64) * n + tree.col)]]


def between(pairs: tuple[Ints, Ints], labels: Ints) -> Ints:
    """One number for each pair of groups that pairs of records are of."""
    one, two = (labels[end] for end in pairs)
    return np.minimum(one, two) * len(labels) + np.maximum(one, two)
