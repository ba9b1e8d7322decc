"""What to ask a person, and what answers already imply.

One question per pair of groups: a person who says that two announcements are the same says it of
everything already grouped with them. Never about what is merged without asking, never about what
earlier answers settle (A = B and B ≠ C: A ≠ C). Best first: what an answer is expected to change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from matching.cards import NONE, Bools, Floats, Ints
from matching.cluster import Link, bound
from matching.matrices import same_rows

SAME, OTHER, PART, DIFFERENT = range(4)
"""Relations by their number in score.RELATIONS."""
FLOOR = 0.05
"""Pairs expected to change by an answer under which nobody is asked: on the gold, 210 questions
per 1,000 announcements then remain."""


RELATED = 0.6
"""P(different) from which nobody is asked whether two announcements are of one initiative: on the
gold, three answers in four would be no, and those of two editions are found as well without."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Of records, at three degrees: merged without asking, merged, of one initiative."""

    sure: Ints
    cluster: Ints
    series: Ints
    several: Mapping[int, int] = field(default_factory=dict)
    """Records without a day that are in no edition, and how many their initiative has; 0: they
    could be of several initiatives, and are of none."""


def implied(
    n: int, pairs: tuple[Ints, Ints], said: Mapping[int, Sequence[Link]]
) -> tuple[Ints, Ints]:
    """The relation that answers give each pair, directly or through groups (NONE: none), and the
    groups they make. `said`: relation → links. What they contradict about is left unknown."""
    out = np.full(len(pairs[0]), NONE, dtype=np.int64)
    apart = [link for r in (OTHER, PART, DIFFERENT) for link in said.get(r, ())]
    groups, conflicts = bound(n, said.get(SAME, ()), apart)
    if not any(said.values()):
        return out, groups
    one, two = groups[pairs[0]], groups[pairs[1]]
    low, high = np.minimum(one, two), np.maximum(one, two)
    for relation in (OTHER, PART, DIFFERENT):
        links = [x for x in said.get(relation, ()) if (min(x), max(x)) not in conflicts]
        if links:
            ends = groups[np.array(links, dtype=np.int64)]
            out[np.isin(low * n + high, ends.min(axis=1) * n + ends.max(axis=1))] = relation
    out[one == two] = SAME
    return out, groups


def worth(p: Floats, pairs: tuple[Ints, Ints], groups: Groups, held: Ints, open_: Bools) -> Floats:
    """How many pairs of records an answer about each pair is expected to change; 0 when it is
    known or merged without asking. `held`: the groups that answers made, `open_`: not implied."""
    a, b = pairs
    n, same = len(held), p[:, SAME]
    cluster, count = groups.cluster, np.bincount(held, minlength=len(held))
    one, two = cluster[a], cluster[b]
    size = np.bincount(cluster, minlength=n)
    _, between = np.unique(np.minimum(one, two) * n + np.maximum(one, two), return_inverse=True)
    likely = np.bincount(between, np.where(open_, same, 0.0))[between] if len(a) else same
    settled = count[held[a]] * count[held[b]]
    apart = 0.5 * np.minimum(likely, 0.5 * size[one] * size[two]) + 0.5 * same * settled
    related = (groups.series[a] != groups.series[b]) & (p[:, DIFFERENT] < RELATED)
    apart = np.fmax(apart, np.where(related, 0.5 - p[:, DIFFERENT] / 2, 0))
    inside = (1 - same) * np.sqrt(settled * size[one])
    found = np.where(one == two, inside, apart)
    return np.where(open_ & (groups.sure[a] != groups.sure[b]), found, 0.0)


def chosen(
    worths: Floats, pairs: tuple[Ints, Ints], groups: Groups, *, most: int | None = None,
    floor: float = FLOOR,
) -> Ints:  # fmt: skip
    """The pairs to ask, best first: one per pair of groups, at most `most`."""
    order = np.flatnonzero(worths >= floor)
    order = order[np.argsort(-worths[order], kind="stable")]
    a, b = pairs[0][order], pairs[1][order]
    together = groups.cluster[a] == groups.cluster[b]
    one = np.where(together, groups.sure[a], groups.cluster[a])
    two = np.where(together, groups.sure[b], groups.cluster[b])
    first, _ = same_rows(np.minimum(one, two), np.maximum(one, two), together)
    return order[np.sort(first)[:most]]
