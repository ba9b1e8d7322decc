"""Candidates against a plain count, whatever the keys; and packed bags against sets."""

import math
from collections import defaultdict
from collections.abc import Mapping
from itertools import combinations
from random import Random
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import bags, block
from matching.cards import Ints

CAP, TOP, LEAST = 6, 3, np.float32(1e-6)
owned = st.lists(st.lists(st.integers(0, 12), max_size=8), min_size=1, max_size=14)


def plain(owned: list[list[int]]) -> set[tuple[int, int]]:
    """What `pairs_of` promises, one record at a time."""
    held: dict[int, list[int]] = defaultdict(list)
    for i, some in enumerate(owned):
        for key in some:
            held[key].append(i)
    score: dict[tuple[int, int], np.float32] = defaultdict(lambda: np.float32(0))
    for _, owners in sorted(held.items()):
        if 2 <= len(owners) <= CAP:
            weight = max(np.float32(np.log((len(owned) + 1) / len(owners))) ** 2, LEAST)
            for pair in combinations(sorted(set(owners)), 2):
                score[pair] += weight
    found: set[tuple[int, int]] = set()
    for i in range(len(owned)):
        near = sorted((-s, *pair) for pair, s in score.items() if i in pair)
        found |= {(a, b) for _, a, b in near[:TOP]}
    return found


@given(owned)
@settings(max_examples=200, deadline=None)
def test_candidates_are_the_heaviest_of_a_plain_count(some: list[list[int]]) -> None:
    owners = np.array([i for i, mine in enumerate(some) for _ in mine], dtype=np.int64)
    hashes = np.array([key for mine in some for key in mine], dtype=np.uint64)
    a, b = block.pairs_of(owners, hashes, len(some), cap=CAP, bounds=((TOP, 0),))
    assert set(zip(a.tolist(), b.tolist(), strict=True)) == plain(some)
    assert len(a) == len(set(zip(a.tolist(), b.tolist(), strict=True)))


def test_a_record_that_meets_thousands_keeps_its_best() -> None:
    """Enough columns for the unsorted ones to be put aside: the closest twenty stay."""
    n, near = 3000, 20
    owners, hashes = [], []
    for i in range(n):
        mine = [k * 100 + i // 60 for k in range(5)] + [1_000_000 + i // near]
        owners += [i] * len(mine)
        hashes += mine
    pairs = block.pairs_of(
        np.array(owners), np.array(hashes, dtype=np.uint64), n, cap=100, bounds=((near - 1, 0),)
    )
    assert (pairs[0] // near == pairs[1] // near).all()
    assert len(pairs[0]) == n * (near - 1) // 2


def pairs_of(keys: list[tuple[int, ...]], n: int, **more: Any) -> set[tuple[int, int]]:
    """The pairs of `block.pairs_of`, given who holds each key."""
    owners = np.array([i for holders in keys for i in holders], dtype=np.int64)
    hashes = np.repeat(np.arange(len(keys), dtype=np.uint64), [*map(len, keys)])
    a, b = block.pairs_of(owners, hashes, n, **more)
    return {*zip(a.tolist(), b.tolist(), strict=True)}


def test_what_a_key_tells_counts() -> None:
    """0 shares a key with 1 and another with 2: the one that tells more is the nearest."""
    keys = [(0, 1), (0, 2), (1, 3), (1, 3), (2, 4), (2, 4)]
    for first, second, nearest in ((1, 1, (0, 1)), (3, 1, (0, 1)), (1, 3, (0, 2))):
        worth = np.repeat([first, second, 3, 3, 3, 3], 2)
        found = pairs_of(keys, 5, bounds=((1, 0),), worth=worth)
        assert found == {nearest, (1, 3), (2, 4)}


def test_bounds_hold_however_many_are_met() -> None:
    """Hundreds met, most put aside unsorted: those of each bound stay, and no other."""
    n, chance = 400, np.random.default_rng(5)
    keys = [tuple(chance.choice(n, 60, replace=False).tolist()) for _ in range(400)]
    weights = np.rint(10 * np.log(1e7 / np.full(len(keys), 60)) ** 2)
    held = np.zeros((n, len(keys)))
    for key, holders in enumerate(keys):
        held[[*holders], key] = 1
    shared = (held * weights) @ held.T
    one = float(weights[0])
    for bounds in (((2, 0),), ((2, 0), (9, 16 * one)), ((2, 0), (5, 15 * one), (40, 18 * one))):
        expected = set()
        for i, row in enumerate(shared):
            others = sorted((-w, j) for j, w in enumerate(row.tolist()) if w and j != i)
            for rank, (minus, j) in enumerate(others):
                if any(rank < most and -minus >= least for most, least in bounds):
                    expected.add((min(i, j), max(i, j)))
        worth = np.ones(60 * len(keys), dtype=np.int64)
        assert pairs_of(keys, n, bounds=bounds, worth=worth) == expected


def test_memory_is_bounded_by_cuts() -> None:
    met = np.full(10, block.CHUNK // 2)
    assert list(block._cuts(met)) == [(0, 1), (1, 3), (3, 5), (5, 7), (7, 9), (9, 10)]


sets = st.lists(st.lists(st.integers(0, 30), max_size=5), min_size=1, max_size=6)


@given(sets, st.data())
def test_bags_are_sets(items: list[list[int]], data: st.DataObject) -> None:
    packed = bags.packed(items)
    which = data.draw(st.lists(st.integers(-1, len(items) - 1), max_size=6))
    taken = bags.take(packed, np.array(which, dtype=np.int64))
    assert [taken[i].tolist() for i in range(len(taken))] == [
        items[k] if k >= 0 else [] for k in which
    ]
    both = bags.sets(packed, bags.packed([one[::-1] for one in items]))
    assert [both[i].tolist() for i in range(len(both))] == [sorted(set(one)) for one in items]
    twice = bags.joined([packed, both])
    assert twice[len(items)].tolist() == both[0].tolist()


def told(keys: Mapping[Any, list[int]]) -> tuple[Ints, Ints]:
    """Who holds each key, as the table of keys tells it."""
    holders = [i for some in keys.values() for i in some]
    return np.array([*map(len, keys.values())], np.int64), np.array(holders, np.int64)


def test_the_nearest_are_those_that_share_the_rarest_keys() -> None:
    """Of fifteen that share one key, the first three are kept; the rarest comes before them."""
    keys = {"common": [*range(2, 17), 1], "rare": [1, 17]}
    assert block.nearest([1], *told(keys)) == [(1, 2), (1, 3), (1, 17)]
    assert block.nearest([17], *told(keys)) == [(1, 17)]
    assert block.nearest([99], *told(keys)) == []
    assert block.nearest([1], *told({})) == []


def test_the_further_the_more_must_be_shared() -> None:
    """Three whatever they share, ten that share three keys, thirty that share more."""
    everyone = [*range(1, 40)]
    fourteen = [*range(1, 15)]
    for keys, holders, count in (
        ("ab", fourteen, 3),
        ("abc", fourteen, 10),
        ("abcde", everyone, 30),
    ):
        found = block.nearest([1], *told({key: holders for key in keys}))
        assert found == [(1, i) for i in range(2, 2 + count)]


@given(
    st.dictionaries(
        st.integers(0, 20), st.lists(st.integers(1, 40), min_size=2, unique=True), min_size=1
    ),
    st.sets(st.integers(1, 40), min_size=1),
    st.randoms(use_true_random=False),
)
@settings(deadline=None)
def test_the_nearest_are_those_of_a_plain_count(
    keys: dict[int, list[int]], new: set[int], random: Random
) -> None:
    shared: dict[int, dict[int, int]] = {one: {} for one in new}
    for holders in keys.values():
        weight = round(10 * math.log(1e7 / len(holders)) ** 2)
        for one in new & {*holders}:
            for other in holders:
                if other != one:
                    shared[one][other] = shared[one].get(other, 0) + weight
    expected = set()
    for one, others in shared.items():
        ranked = sorted(others, key=lambda other: (-others[other], other))
        for rank, other in enumerate(ranked):
            if any(rank < most and others[other] >= least for most, least in block.NEAREST):
                expected.add((min(one, other), max(one, other)))
    mixed = [*keys.items()]
    random.shuffle(mixed)  # the database gives keys in any order
    assert block.nearest([*new], *told(dict(mixed))) == sorted(expected)
