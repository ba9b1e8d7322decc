"""From pairs to groups: constrained average linkage, one connected component at a time.

Connected components alone chain editions together; here two groups merge when their *mean* cross
probability is high enough, pairs never compared counting little. People's verdicts are must-links
and cannot-links that hold for ever and through groups. Deterministic: ties go to the lower index,
so callers number records by something that does not depend on their order of arrival.
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


@dataclass(frozen=True, slots=True)
class Linkage:
    """When groups merge: mean cross probability at least `threshold`; an uncompared pair counts
    `missing`, never more than that; pairs under `floor` count as uncompared."""

    threshold: float = 0.45
    missing: float = 0.27
    floor: float = 0.05


@dataclass(frozen=True, slots=True)
class Partition:
    """`labels[i]` is the lowest index of i's group; `conflicts` are cannot-links that a chain of
    must-links contradicts: nothing of that chain was merged."""

    labels: Ints
    conflicts: tuple[Link, ...] = ()


@dataclass(slots=True)
class _Group:
    members: list[int]
    banned: set[int] = field(default_factory=set)  # records it may never join
    near: dict[int, float] = field(default_factory=dict)  # group → sum of cross probabilities
    seen: dict[int, int] = field(default_factory=dict)  # group → number of pairs compared


def partition(
    n: int,
    pairs: tuple[Ints, Ints],
    p: Floats,
    *,
    linkage: Linkage,
    must: Sequence[Link] = (),
    cannot: Sequence[Link] = (),
) -> Partition:
    """The groups of records 0..n-1 given the probability of each pair."""
    starts, conflicts = bound(n, must, cannot)
    a, b = pairs
    # Groups tied by nothing that reaches the threshold have a mean below it: they never merge.
    strong = p >= linkage.threshold
    linked = np.concatenate([a[strong], np.arange(n)]), np.concatenate([b[strong], starts])
    graph = sparse.coo_array((np.ones(len(linked[0]), np.int8), linked), shape=(n, n))
    count, component = connected_components(graph, directed=False)
    bans = _bans(cannot, starts)
    keep = (p >= linkage.floor) & (component[a] == component[b])
    of = component[a[keep]]
    whole = _whole(component, of, strong[keep])
    whole[component[list(bans)]] = False
    lowest = np.full(count, n)
    np.minimum.at(lowest, component, starts)
    labels = np.where(whole[component], lowest[component], starts)
    open_ = np.flatnonzero(keep)[~whole[of]]
    open_ = open_[np.argsort(component[a[open_]], kind="stable")]
    cuts = np.flatnonzero(np.diff(component[a[open_]], prepend=-1, append=-1)).tolist()
    one, two, chance = starts[a[open_]].tolist(), starts[b[open_]].tolist(), p[open_].tolist()
    sizes = np.bincount(starts, minlength=n).tolist()
    for start, stop in pairwise(cuts):
        _agglomerate(one[start:stop], two[start:stop], chance[start:stop], sizes, bans, linkage,
                     labels)  # fmt: skip
    return Partition(_lowest(labels[starts]), conflicts)


def _whole(component: Ints, of: Ints, strong: Bools) -> Bools:
    """The components where all records are tied to one another, and strongly: each is one group.
    `of`: the component of each pair."""
    size = np.bincount(component)
    tied = np.bincount(of, strong, len(size))
    return np.asarray(tied == size * (size - 1) // 2)


def bound(n: int, must: Sequence[Link], cannot: Sequence[Link]) -> tuple[Ints, tuple[Link, ...]]:
    """Each record's group by must-links alone; a group that a cannot-link contradicts is undone."""
    labels = _components(n, must)
    conflicts = tuple(sorted({_sorted(x) for x in cannot if labels[x[0]] == labels[x[1]]}))
    if conflicts:
        broken = {int(labels[a]) for a, _ in conflicts}
        labels = _components(n, [x for x in must if int(labels[x[0]]) not in broken])
    return labels, conflicts


def _sorted(link: Link) -> Link:
    return (min(link), max(link))


def _components(n: int, links: Sequence[Link]) -> Ints:
    if not links:
        return np.arange(n)
    a, b = np.array(links, dtype=np.int64).T
    graph = sparse.coo_array((np.ones(len(a), np.int8), (a, b)), shape=(n, n))
    return _lowest(connected_components(graph, directed=False)[1].astype(np.int64))


def _lowest(labels: Ints) -> Ints:
    """The same groups, each called by its lowest record."""
    _, first, back = np.unique(labels, return_index=True, return_inverse=True)
    return first[back].astype(np.int64)


def _bans(cannot: Iterable[Link], starts: Ints) -> dict[int, set[int]]:
    """Group → groups it may never join."""
    bans: dict[int, set[int]] = {}
    for a, b in cannot:
        one, two = int(starts[a]), int(starts[b])
        if one != two:
            bans.setdefault(one, set()).add(two)
            bans.setdefault(two, set()).add(one)
    return bans


def _agglomerate(
    one: list[int], two: list[int], chance: list[float], sizes: list[int],
    bans: dict[int, set[int]], linkage: Linkage, labels: Ints,
) -> None:  # fmt: skip
    groups: dict[int, _Group] = {}
    weight: dict[int, int] = {}
    for x, y, p in zip(one, two, chance, strict=True):
        for g in (x, y):
            if g not in groups:
                groups[g] = _Group([g], set(bans.get(g, ())))
                weight[g] = sizes[g]
        if x != y:
            _add(groups[x], y, p)
            _add(groups[y], x, p)
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
        if groups[x].banned.intersection(groups[y].members):
            continue
        _merge(groups, weight, x, y)
        for h in groups[x].near:
            entry = -_mean(groups, weight, x, h, linkage), min(x, h), max(x, h)
            heapq.heappush(heap, entry)
    for name, group in groups.items():
        for member in group.members:
            labels[member] = name


def _add(group: _Group, other: int, p: float) -> None:
    group.near[other] = group.near.get(other, 0.0) + p
    group.seen[other] = group.seen.get(other, 0) + 1


def _mean(
    groups: dict[int, _Group], weight: dict[int, int], x: int, y: int, linkage: Linkage
) -> float:
    whole = weight[x] * weight[y]
    seen = groups[x].seen[y]
    return (groups[x].near[y] + (whole - seen) * linkage.missing) / whole


def _merge(groups: dict[int, _Group], weight: dict[int, int], x: int, y: int) -> None:
    """y goes into x; x < y keeps the name the lowest."""
    keeper, gone = groups[x], groups.pop(y)
    keeper.members += gone.members
    keeper.banned |= gone.banned
    weight[x] += weight.pop(y)
    keeper.near.pop(y), keeper.seen.pop(y)
    gone.near.pop(x), gone.seen.pop(x)
    for other, total in gone.near.items():
        keeper.near[other] = keeper.near.get(other, 0.0) + total
        keeper.seen[other] = keeper.seen.get(other, 0) + gone.seen[other]
        rest = groups[other]
        rest.near.pop(y), rest.seen.pop(y)
        rest.near[x], rest.seen[x] = keeper.near[other], keeper.seen[other]
