"""Order of arrival: the chain's own path, from keys to places, fed in any split and any order.

Here every pair that shares a key is proposed. `NEAREST` bounds the cost of a newcomer
among a million: the price is measured (docs/decisions/0262).
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from bench import _announcements as announcements
from domain.records import Mention
from flows import steps
from flows.house import House
from matching import block, prior
from matching.keys import keys_of
from storage import blocking, tables
from tests.builders import stored_mentions

_m, _p, _e = tables.mentions, tables.placements, tables.editions


class Arrived(NamedTuple):
    """Who is with whom, whatever the identifiers."""

    initiatives: frozenset[frozenset[str]]
    editions: frozenset[frozenset[str]]
    parts: frozenset[tuple[frozenset[str], frozenset[str]]]


@dataclass(frozen=True)
class Undone:
    """The database of a house, whose work is undone after the example."""

    conn: Connection

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        yield self.conn

    @contextmanager
    def locked(self, _key: str) -> Iterator[None]:
        yield

    reading = steady = begin


def world(seed: int, events: int) -> list[Mention]:
    rows = prior.generate(seed, events=events)
    return [announcements.mention({**row, "id": str(i)}) for i, row in enumerate(rows)]


def arrive(house: House, conn: Connection, batches: Sequence[Sequence[Mention]]) -> Arrived:
    """What the chain makes of these batches; nothing of it remains."""
    inside = replace(house, database=Undone(conn))
    undo = conn.begin_nested()
    try:
        feed(inside, conn, batches)
        return arrived(conn)
    finally:
        undo.rollback()


def feed(house: House, conn: Connection, batches: Sequence[Sequence[Mention]]) -> None:
    """These announcements come, one batch after the other."""
    for batch in batches:
        saved = stored_mentions(conn, batch)
        keys = zip(saved, keys_of(saved), strict=True)
        blocking.put(conn, {one.id: some for one, some in keys})
        steps.match(house)


def arrived(conn: Connection) -> Arrived:
    key = _m.c.record["key"].astext.label("key")
    rows = select(key, _p.c.initiative, _p.c.edition).join(_p, _p.c.mention == _m.c.id)
    homes, editions = defaultdict(set), defaultdict(set)
    for row in conn.execute(rows.where(_p.c.left_at.is_(None))):
        homes[row.initiative].add(row.key)
        if row.edition:
            editions[row.edition].add(row.key)
    held = {name: frozenset(some) for name, some in editions.items()}
    parts = select(_e.c.id, _e.c.part_of).where(_e.c.part_of.is_not(None))
    return Arrived(
        frozenset(map(frozenset, homes.values())),
        frozenset(held.values()),
        frozenset((held[a], held[b]) for a, b in conn.execute(parts) if a in held and b in held),
    )


@pytest.fixture
def every_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block, "NEAREST", ((1_000, 0),))


def splits(size: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(1, size - 1), unique=True, max_size=4).map(sorted)


def in_any_order(
    house: House, conn: Connection, *, seed: int, events: int, chance: random.Random,
    cuts: Sequence[int],
) -> None:  # fmt: skip
    some = world(seed, events)
    mixed = chance.sample(some, len(some))
    cuts = [0, *(cut for cut in cuts if cut < len(some)), len(some)]
    batches = [mixed[a:b] for a, b in pairwise(cuts)]
    assert arrive(house, conn, batches) == arrive(house, conn, [some])


@given(st.integers(62_000, 62_999), st.randoms(use_true_random=False), splits(20))
@settings(max_examples=4)
@pytest.mark.usefixtures("every_pair")
def test_in_any_order_and_any_batches_the_same_groups(
    house: House, conn: Connection, seed: int, chance: random.Random, cuts: list[int]
) -> None:
    in_any_order(house, conn, seed=seed, events=10, chance=chance, cuts=cuts)


@pytest.mark.slow
@given(st.integers(63_000, 63_999), st.randoms(use_true_random=False), splits(200))
@settings(max_examples=40)
@pytest.mark.usefixtures("every_pair")
def test_in_any_order_larger_worlds_too(
    house: House, conn: Connection, seed: int, chance: random.Random, cuts: list[int]
) -> None:
    in_any_order(house, conn, seed=seed, events=100, chance=chance, cuts=cuts)


def test_what_a_batch_places_along_with_its_own_is_still_to_be_judged(
    house: House, conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody looked yet for what it is near itself: a first collection is larger than a batch."""
    forum, *_ = world(62_000, 4)
    twins = [replace(forum, source=source) for source in ("agenda", "mairie", "site")]
    saved = stored_mentions(conn, twins)
    keys = zip(saved, keys_of(saved), strict=True)
    blocking.put(conn, {one.id: some for one, some in keys})
    monkeypatch.setattr(steps, "PLACED", 1)
    assert steps.match(replace(house, database=Undone(conn))) == len(twins)
    assert len(arrived(conn).initiatives) == 1
