"""Groups: people's links always hold, order never matters, touched components suffice."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.cluster import TIE, Linkage, components, heard, partition, unseen

LINKAGE = Linkage(threshold=0.5, missing=0.3)
Edges = dict[tuple[int, int], float]

SIZE = 9
links = st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).filter(lambda x: x[0] != x[1])
edges = st.dictionaries(
    links.map(lambda x: (min(x), max(x))), st.integers(0, 100).map(lambda k: k / 100), max_size=20
)


def labels(
    found: Edges, must: list[tuple[int, int]] | None = None,
    cannot: list[tuple[int, int]] | None = None, n: int = SIZE,
) -> list[int]:  # fmt: skip
    return result(found, must, cannot, n)[0]


def result(
    found: Edges, must: list[tuple[int, int]] | None = None,
    cannot: list[tuple[int, int]] | None = None, n: int = SIZE,
) -> tuple[list[int], tuple[tuple[int, int], ...]]:  # fmt: skip
    a = np.array([x for x, _ in found], dtype=np.int64)
    b = np.array([y for _, y in found], dtype=np.int64)
    p = np.array(list(found.values()), dtype=np.float64)
    *levels, conflicts = heard(n, must or [], [], cannot or [])
    done = partition(n, (a, b), p, linkage=LINKAGE, levels=levels)
    return done.labels.tolist(), conflicts


def test_a_chain_is_not_a_group() -> None:
    """Connected components would give one group of four."""
    assert labels({(0, 1): 0.9, (1, 2): 0.52, (2, 3): 0.9}, n=4) == [0, 0, 2, 2]


def test_weak_pairs_join_nobody() -> None:
    assert labels({(0, 1): 0.49}, n=2) == [0, 1]
    assert labels({(0, 1): 0.51}, n=2) == [0, 0]


def test_a_cannot_link_holds_through_a_group() -> None:
    found = {(0, 1): 0.9, (1, 2): 0.9, (0, 2): 0.9}
    assert labels(found, must=[(0, 1)], cannot=[(0, 2)], n=3) == [0, 0, 2]


def test_a_contradiction_undoes_its_chain_only() -> None:
    found: Edges = {(3, 4): 0.9}
    done, conflicts = result(found, must=[(0, 1), (1, 2)], cannot=[(0, 2)], n=5)
    assert done == [0, 1, 2, 3, 3]
    assert conflicts == ((0, 2),)


def test_same_unites_two_groups_whole() -> None:
    """2 looks like 1 and not at all like 3: averaged with 3, its mean would fall under a half."""
    found: Edges = {(1, 2): 0.6, (1, 3): 0.0, (2, 3): 0.0}
    assert labels(found, n=4) == [0, 1, 1, 3]
    assert labels(found, must=[(1, 3)], n=4) == [0, 1, 1, 1]


@given(edges, st.lists(links, max_size=3), st.lists(links, max_size=3), links)
@settings(max_examples=300, deadline=None)
def test_an_answer_takes_nobody_out_but_whom_people_told_apart(
    found: Edges, must: list[tuple[int, int]], cannot: list[tuple[int, int]], one: tuple[int, int]
) -> None:
    """One more « same »: the groups are those that were, two of them united; or else it meets a
    « different », and then it is what people said that keeps apart."""
    before, (after, conflicts) = labels(found, must, cannot), result(found, [*must, one], cannot)
    ends = {before[one[0]], before[one[1]]}
    inside = {i for i in range(SIZE) if before[i] in ends}
    told = [link for link in cannot if {*link} <= inside]
    if not told and not conflicts:
        united = min(ends)
        assert after == [united if g in ends else g for g in before]


@given(edges, st.lists(links, max_size=3), st.lists(links, max_size=3), st.lists(links, max_size=3))
@settings(max_examples=200, deadline=None)
def test_editions_never_straddle_two_initiatives(
    found: Edges, same: list[tuple[int, int]], apart: list[tuple[int, int]],
    different: list[tuple[int, int]],
) -> None:  # fmt: skip
    ends = np.array([*found], dtype=np.int64).reshape(-1, 2).T
    p, pairs = np.array([*found.values()]), (ends[0], ends[1])
    *levels, _ = heard(SIZE, same, apart, different)
    editions = partition(SIZE, pairs, p * 0.8, linkage=LINKAGE, levels=levels)
    homes = partition(SIZE, pairs, p, linkage=LINKAGE, start=editions.own, levels=levels[1:])
    for i, edition in enumerate(editions.labels):
        assert homes.labels[i] == homes.labels[edition]


def plainly(found: Edges, kind: Linkage) -> list[int]:
    """Average linkage as the textbook says: all groups against all, the nearest two merge; but
    not where one of them could as well join a third, which the other is not one with."""
    groups = [{i} for i in range(SIZE)]
    known = {link: p for link, p in found.items() if p >= kind.floor}

    def across(one: set[int], two: set[int]) -> list[tuple[int, int]]:
        return [link for link in known if len({*link} & one) == len({*link} & two) == 1]

    def near(one: set[int], two: set[int]) -> float:
        seen = [known[link] for link in across(one, two)]
        whole = len(one) * len(two)
        return (sum(seen) + (whole - len(seen)) * kind.missing) / whole if seen else 0.0

    def agree(one: set[int], two: set[int], by: set[int]) -> bool:
        if across(one, two):
            return near(one, two) >= kind.threshold
        return near(one | by, two) >= kind.threshold

    while True:
        told = [(-near(x, y), min(x), min(y), x, y) for i, x in enumerate(groups)
                for y in groups[i + 1 :]]  # fmt: skip
        best, _, _, x, y = min(told, key=lambda one: one[:3], default=(0.0, 0, 0, set(), set()))
        if -best < kind.threshold:
            return [min(g) for i in range(SIZE) for g in groups if i in g]
        rivals = [
            (g, h) for g, other in ((x, y), (y, x)) for h in groups
            if h not in (x, y) and near(g, h) >= max(kind.threshold, -best - TIE)
            and not agree(other, h, g)
        ]  # fmt: skip
        if rivals:
            for g, h in [(x, y), *rivals]:
                known |= dict.fromkeys(across(g, h), 0.0)
            continue
        groups = sorted([g for g in groups if g not in (x, y)] + [x | y], key=min)


def test_a_tie_never_unites() -> None:
    """An announcement without a place is as likely of each of two towns' events: of neither; and
    of both, when they are themselves likely one."""
    kind = Linkage(threshold=0.5, missing=0.25)
    pairs = np.array([0, 0, 1]), np.array([1, 2, 2])

    def told(*p: float) -> list[int]:
        return partition(3, pairs, np.array(p), linkage=kind).labels.tolist()

    assert told(0.9, 0.9, 0.2) == [0, 1, 2]
    assert told(0.9, 0.9, 0.6) == [0, 0, 0]
    assert told(0.9, 0.8, 0.1) == [0, 0, 2]


@given(st.dictionaries(
    links.map(lambda x: (min(x), max(x))), st.integers(0, 64).map(lambda k: k / 64), max_size=30
))  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_looking_only_at_what_can_merge_changes_nothing(found: Edges) -> None:
    """64ths add up exactly, so that ties are ties."""
    kind = Linkage(threshold=0.5, missing=0.25)
    ends = np.array([*found], dtype=np.int64).reshape(-1, 2).T
    done = partition(SIZE, (ends[0], ends[1]), np.array([*found.values()]), linkage=kind)
    assert done.labels.tolist() == plainly(found, kind)


@given(edges, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_pairs_changes_nothing(found: Edges, chance: object) -> None:
    items = list(found.items())
    chance.shuffle(items)  # type: ignore[attr-defined]
    assert labels(dict(items)) == labels(found)


@given(edges, st.lists(links, max_size=4), st.lists(links, max_size=4))
@settings(max_examples=200, deadline=None)
def test_people_are_obeyed_or_told_of_the_contradiction(
    found: Edges, must: list[tuple[int, int]], cannot: list[tuple[int, int]]
) -> None:
    done, conflicts = result(found, must, cannot)
    told = {frozenset(c) for c in conflicts}
    for a, b in cannot:
        assert done[a] != done[b] or frozenset((a, b)) in told
    if not conflicts:
        assert all(done[a] == done[b] for a, b in must)


@given(edges, st.lists(links, max_size=3))
@settings(max_examples=150, deadline=None)
def test_touched_components_alone_give_the_same_groups(
    found: Edges, must: list[tuple[int, int]]
) -> None:
    """Re-clustering one component, renumbered in order, is what the whole gave for it."""
    whole = labels(found, must)
    near: dict[int, set[int]] = {i: {i} for i in range(SIZE)}
    for a, b in [*(k for k, p in found.items() if p >= LINKAGE.floor), *must]:
        joined = near[a] | near[b]
        for i in joined:
            near[i] = joined
    part = sorted(near[0])
    place = {old: new for new, old in enumerate(part)}
    inside = {(place[a], place[b]): p for (a, b), p in found.items() if a in place and b in place}
    bound = [(place[a], place[b]) for a, b in must if a in place]
    alone = labels(inside, bound, n=len(part))
    assert [part[g] for g in alone] == [whole[i] for i in part]


@given(edges, st.integers(0, 4))
@settings(max_examples=150, deadline=None)
def test_what_ties_together_is_compared_whole(found: Edges, most: int) -> None:
    """Up to `most` records, whichever of their pairs were proposed; once, and nothing else."""
    ends = np.array([*found], dtype=np.int64).reshape(-1, 2).T
    tied = np.array([*found.values()]) >= 0.5
    groups = components(SIZE, ends.T[tied]).tolist()
    every = {(a, b) for a in range(SIZE) for b in range(a + 1, SIZE)
             if groups[a] == groups[b] and groups.count(groups[a]) <= most}  # fmt: skip
    a, b = unseen(SIZE, (ends[0], ends[1]), tied, most=most)
    new = [*zip(a.tolist(), b.tolist(), strict=True)]
    assert sorted(new) == sorted(every - found.keys())
