"""From pairs to groups: constrained average linkage, one connected component at a time.

Connected components alone chain editions together; here two groups merge when their *mean* cross
probability is high enough, pairs never compared counting little. What people said never takes part
in a mean: groups are those of evidence alone, and people's « same » unite them *whole*. So an
answer takes nobody out of a group, and undone it leaves the groups that were there (decision 0265).
What people told apart holds for ever and through whole groups. Deterministic: ties go to the lower
index, so callers number records by something that does not depend on their order of arrival; but a
tie never unites: a group that could as well join two others, which are not one, joins neither.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from matching.cards import Bools, Floats, Ints

Link = tuple[int, int]
TIE, CLOSE, APART = 0.0001, 0.01, 0.1
"""Mean probabilities nearer than TIE are equal; than CLOSE, where the two that are chosen between
are surely two (APART at most)."""


@dataclass(frozen=True, slots=True)
class Linkage:
    """When groups merge: mean cross probability at least `threshold`; an uncompared pair counts
    `missing`, never more than that; pairs under `floor` count as uncompared."""

    threshold: float = 0.45
    missing: float = 0.27
    floor: float = 0.03  # under what a rule leaves of a pair (caps.HARDLY): it counts


@dataclass(frozen=True, slots=True)
class Level:
    """What people said, editions or initiatives in mind: pairs to keep together, and apart."""

    must: Sequence[Link] = ()
    cannot: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Partition:
    """`labels[i]` is the lowest index of i's group; `own`, before people's « same » unite them."""

    labels: Ints
    own: Ints


def heard(
    n: int, same: Sequence[Link], apart: Sequence[Link], different: Sequence[Link]
) -> tuple[Level, Level, tuple[Link, ...]]:
    """What to keep together and apart among editions, then among initiatives, and the pairs told
    apart that a chain of other answers ties together: nothing of that chain holds together.
    `apart`: other editions and parts, of one initiative."""
    same, one = _unbroken(n, same, [*apart, *different])
    ties, two = _unbroken(n, [*same, *apart], different)
    kept = {*ties}
    editions = Level([link for link in same if link in kept], [*apart, *different])
    return editions, Level(ties, different), tuple(sorted({*one, *two}))


def _unbroken(
    n: int, must: Sequence[Link], cannot: Sequence[Link]
) -> tuple[list[Link], tuple[Link, ...]]:
    labels, conflicts = bound(n, must, cannot)
    return [(a, b) for a, b in must if labels[a] == labels[b]], conflicts


def bound(n: int, must: Sequence[Link], cannot: Sequence[Link]) -> tuple[Ints, tuple[Link, ...]]:
    """Each record's group by must-links alone; a group that a cannot-link contradicts is undone."""
    labels = components(n, must)
    conflicts = tuple(sorted({_sorted(x) for x in cannot if labels[x[0]] == labels[x[1]]}))
    if conflicts:
        broken = {int(labels[a]) for a, _ in conflicts}
        labels = components(n, [x for x in must if int(labels[x[0]]) not in broken])
    return labels, conflicts


def partition(
    n: int, pairs: tuple[Ints, Ints], p: Floats, *, linkage: Linkage, start: Ints | None = None,
    levels: Sequence[Level] = (),
) -> Partition:  # fmt: skip
    """The groups of records 0..n-1 given the probability of each pair.

    `start`: groups made already (the lowest index of each). `levels`: what people said (`heard`),
    all of it obeyed; the « same » of the first unite groups.
    """
    starts = np.arange(n) if start is None else start
    rules = _Rules(levels, starts)
    a, b = pairs
    # Groups tied by nothing that reaches the threshold have a mean below it: they never merge.
    strong = p >= linkage.threshold
    ties = [starts, *rules.wholes]  # an answer may keep apart groups that nothing else ties
    linked = (np.concatenate([a[strong], *[np.arange(n)] * len(ties)]),
              np.concatenate([b[strong], *ties]))  # fmt: skip
    graph = sparse.coo_array((np.ones(len(linked[0]), np.int8), linked), shape=(n, n))
    count, component = connected_components(graph, directed=False)
    keep = (p >= linkage.floor) & (component[a] == component[b])
    of = component[a[keep]]
    whole = _whole(component, of, strong[keep])
    whole[component[rules.banned]] = False
    lowest = np.full(count, n)
    np.minimum.at(lowest, component, starts)
    labels = np.where(whole[component], lowest[component], starts)
    open_ = np.flatnonzero(keep)[~whole[of]]
    open_ = open_[np.argsort(component[a[open_]], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[a[open_]], prepend=-1, append=-1)).tolist()
    one, two, chance = starts[a[open_]].tolist(), starts[b[open_]].tolist(), p[open_].tolist()
    sizes = np.bincount(starts, minlength=n).tolist()
    for first, last in pairwise(cuts):
        _agglomerate(one[first:last], two[first:last], chance[first:last], sizes, rules, linkage,
                     labels)  # fmt: skip
    own = renamed(labels[starts])
    return Partition(united(own, levels[0].must) if levels else own, own)


def _whole(component: Ints, of: Ints, strong: Bools) -> Bools:
    """The components where all records are tied to one another, and strongly: each is one group.
    `of`: the component of each pair."""
    size = np.bincount(component)
    tied = np.bincount(of, strong, len(size))
    return np.asarray(tied == size * (size - 1) // 2)


def _sorted(link: Link) -> Link:
    return (min(link), max(link))


def components(n: int, links: Sequence[Link] | Ints) -> Ints:
    """The lowest record of each record's group, links followed one after the other."""
    if not len(links):
        return np.arange(n)
    a, b = np.asarray(links, dtype=np.int64).T
    graph = sparse.coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return renamed(connected_components(graph, directed=False)[1].astype(np.int64))


def unseen(n: int, pairs: tuple[Ints, Ints], tied: Bools, *, most: int) -> tuple[Ints, Ints]:
    """The pairs (a < b) that `pairs` lack between records that those `tied` link, one after the
    other. Components of more than `most` records are left as they are."""
    links = np.stack(pairs, axis=1)[tied]
    labels = components(n, links)
    sizes = np.bincount(labels, minlength=n)[labels]
    members = np.flatnonzero((sizes > 1) & (sizes <= most))
    members = members[np.argsort(labels[members], kind="stable")]
    groups = np.split(members, np.flatnonzero(np.diff(labels[members])) + 1)
    found = [np.stack(np.triu_indices(len(some), 1)) for some in groups]
    every = [some[place] for some, place in zip(groups, found, strict=True)]
    a, b = np.concatenate(every, axis=1)
    new = ~np.isin(a * n + b, pairs[0] * n + pairs[1])
    return a[new], b[new]


def united(labels: Ints, must: Sequence[Link]) -> Ints:
    """The groups once people's links unite them whole."""
    if not must:
        return labels
    return components(len(labels), labels[np.asarray(must, dtype=np.int64)])[labels]


def renamed(labels: Ints) -> Ints:
    """The same groups, each called by its lowest record."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    return first[back].astype(np.int64)


@dataclass(slots=True)
class _Group:
    members: list[int]
    near: dict[int, float] = field(default_factory=dict)  # group → sum of cross probabilities
    seen: dict[int, int] = field(default_factory=dict)  # group → number of pairs compared


class _Rules:
    """Which groups may merge, as they merge: at each level a group belongs to a whole, that of
    people's « same », and two wholes told apart never become one."""

    def __init__(self, levels: Sequence[Level], starts: Ints) -> None:
        told = [level for level in levels if level.cannot]
        self.wholes = [united(starts, level.must) for level in told]
        self._bans = [_bans(one.cannot, of) for one, of in zip(told, self.wholes, strict=True)]
        self._into = [dict[int, int]() for _ in told]  # whole → the one it merged into
        self.banned = [i for bans in self._bans for i in bans]

    def allow(self, x: int, y: int) -> bool:
        """Whether groups x and y may merge."""
        return not any(
            self._find(k, y) in bans.get(self._find(k, x), ()) for k, bans in enumerate(self._bans)
        )

    def merge(self, x: int, y: int) -> None:
        """Groups x and y merged: so do their wholes, with all they were told apart from."""
        for k, bans in enumerate(self._bans):
            keeper, gone = self._find(k, x), self._find(k, y)
            if keeper == gone:
                continue
            self._into[k][gone] = keeper
            for other in bans.pop(gone, set()):
                bans[other].remove(gone)
                bans[other].add(keeper)
                bans.setdefault(keeper, set()).add(other)

    def _find(self, k: int, group: int) -> int:
        whole = int(self.wholes[k][group])
        while whole in self._into[k]:
            whole = self._into[k][whole]
        return whole


def _bans(cannot: Iterable[Link], wholes: Ints) -> dict[int, set[int]]:
    """Whole → those it may never become one with."""
    bans: dict[int, set[int]] = {}
    for a, b in cannot:
        one, two = int(wholes[a]), int(wholes[b])
        if one != two:
            bans.setdefault(one, set()).add(two)
            bans.setdefault(two, set()).add(one)
    return bans


def _agglomerate(
    one: list[int], two: list[int], chance: list[float], sizes: list[int], rules: _Rules,
    linkage: Linkage, labels: Ints,
) -> None:  # fmt: skip
    groups = _alone(zip(one, two, chance, strict=True))
    weight = {g: sizes[g] for g in groups}
    heap = [
        (-_mean(groups, weight, g, h, linkage), min(g, h), max(g, h))
        for g, group in groups.items()
        for h in group.near
        if g < h
    ]
    heapq.heapify(heap)
    while heap:
        score, x, y = heapq.heappop(heap)
        if -score < linkage.threshold:
            break
        if x not in groups or y not in groups or -score != _mean(groups, weight, x, y, linkage):
            continue
        if not rules.allow(x, y):
            continue
        if torn := _torn(groups, weight, (x, y), rules, linkage):
            for g, h in torn:
                groups[g].near[h] = groups[h].near[g] = 0.0
            continue
        rules.merge(x, y)
        _merge(groups, weight, x, y)
        for h in groups[x].near:
            entry = -_mean(groups, weight, x, h, linkage), min(x, h), max(x, h)
            heapq.heappush(heap, entry)
    for name, group in groups.items():
        for member in group.members:
            labels[member] = name


def _alone(pairs: Iterable[tuple[int, int, float]]) -> dict[int, _Group]:
    """Every group before any merge."""
    groups: dict[int, _Group] = {}
    for x, y, p in pairs:
        for g in (x, y):
            if g not in groups:
                groups[g] = _Group([g])
        if x != y:
            _add(groups[x], y, p)
            _add(groups[y], x, p)
    return groups


def _add(group: _Group, other: int, p: float) -> None:
    group.near[other] = group.near.get(other, 0.0) + p
    group.seen[other] = group.seen.get(other, 0) + 1


def _mean(
    groups: dict[int, _Group], weight: dict[int, int], x: int, y: int, linkage: Linkage
) -> float:
    whole = weight[x] * weight[y]
    seen = groups[x].seen[y]
    return (groups[x].near[y] + (whole - seen) * linkage.missing) / whole


def _torn(
    groups: dict[int, _Group], weight: dict[int, int], pair: Link, rules: _Rules, linkage: Linkage
) -> list[Link]:
    """The merges that no evidence chooses between, `pair` first: one of its groups could as well
    join a third one, that the other is not one with."""
    best = _mean(groups, weight, *pair, linkage)

    def tie(y: int, h: int) -> float:
        apart = h in groups[y].near and _mean(groups, weight, y, h, linkage) <= APART
        return CLOSE if apart else TIE

    rivals = [
        (x, h)
        for x, y in (pair, pair[::-1])
        for h in groups[x].near
        if h != y
        and _mean(groups, weight, x, h, linkage) >= max(linkage.threshold, best - tie(y, h))
        and rules.allow(x, h)
        and not _agree(groups, weight, (x, y, h), linkage)
    ]
    return [pair, *rivals] if rivals else []


def _agree(
    groups: dict[int, _Group], weight: dict[int, int], three: tuple[int, int, int], linkage: Linkage
) -> bool:
    """Whether y and h, that x could both join, would merge themselves; never compared, whether
    what they share with x is enough."""
    x, y, h = three
    if h in groups[y].near:
        return _mean(groups, weight, y, h, linkage) >= linkage.threshold
    presumed = weight[y] * linkage.missing + weight[x] * _mean(groups, weight, x, h, linkage)
    return presumed >= linkage.threshold * (weight[x] + weight[y])


def _merge(groups: dict[int, _Group], weight: dict[int, int], x: int, y: int) -> None:
    """y goes into x; x < y keeps the name the lowest."""
    keeper, gone = groups[x], groups.pop(y)
    keeper.members += gone.members
    weight[x] += weight.pop(y)
    keeper.near.pop(y), keeper.seen.pop(y)
    gone.near.pop(x), gone.seen.pop(x)
    for other, total in gone.near.items():
        keeper.near[other] = keeper.near.get(other, 0.0) + total
        keeper.seen[other] = keeper.seen.get(other, 0) + gone.seen[other]
        rest = groups[other]
        rest.near.pop(y), rest.seen.pop(y)
        rest.near[x], rest.seen[x] = keeper.near[other], keeper.seen[other]
