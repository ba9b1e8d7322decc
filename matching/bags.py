"""Sets of numbers, one per record, packed in two arrays: no object for each of a million."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
SHIFT = 32  # a record and one of its items are one number: items are under 2^32


@dataclass(slots=True)
class Bags:
    """Record i holds data[starts[i]:starts[i+1]]."""

    starts: Ints
    data: NDArray[np.int32]

    def __getitem__(self, i: int) -> NDArray[np.int32]:
        return self.data[self.starts[i] : self.starts[i + 1]]

    def __len__(self) -> int:
        return len(self.starts) - 1


class Packer:
    """Grows bags one by one, four bytes an item; each is made a sorted set."""

    def __init__(self) -> None:
        self.starts = array("q", [0])
        self.data = array("i")

    def add(self, items: Iterable[int]) -> None:
        """The next bag."""
        self.data.extend(sorted({*items}))
        self.starts.append(len(self.data))

    def bags(self) -> Bags:
        """All of them."""
        return Bags(np.array(self.starts, dtype=np.int64), np.array(self.data, dtype=np.int32))


def packed(items: Sequence[Sequence[int]]) -> Bags:
    """One bag per sequence, its items as they come."""
    counts = np.fromiter(map(len, items), np.int64, len(items))
    flat = np.fromiter(chain.from_iterable(items), np.int32, int(counts.sum()))
    return Bags(_starts(counts), flat)


def _starts(counts: Ints) -> Ints:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])


def take(bags: Bags, which: Ints) -> Bags:
    """The bags of these numbers, in this order; a negative number has nothing."""
    counts = np.append(np.diff(bags.starts), 0)[which]
    starts = _starts(counts)
    places = np.arange(starts[-1]) + np.repeat(bags.starts[which] - starts[:-1], counts)
    return Bags(starts, bags.data[places])


def joined(parts: Iterable[Bags]) -> Bags:
    """These bags end to end."""
    found = list(parts)
    counts = [np.diff(one.starts) for one in found]
    return Bags(
        _starts(np.concatenate([np.zeros(0, dtype=np.int64), *counts])),
        np.concatenate([np.zeros(0, dtype=np.int32), *(one.data for one in found)]),
    )


def sets(*parts: Bags) -> Bags:
    """Record by record, the union of its bags: sorted, each item once."""
    n = len(parts[0])
    rows = np.arange(n, dtype=np.int64) << SHIFT
    keys = np.concatenate([np.repeat(rows, np.diff(p.starts)) + p.data for p in parts])
    keys.sort(kind="stable")  # runs that are sorted already: four times faster
    if len(keys):
        keys = keys[np.concatenate([[True], keys[1:] != keys[:-1]])]
    counts = np.bincount(keys >> SHIFT, minlength=n)
    return Bags(_starts(counts), (keys & ((1 << SHIFT) - 1)).astype(np.int32))
