"""Sparse rows, one per record or per pair, and what is counted of them."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matching.cards import Floats, Ints

Matrix = NDArray[np.float32]
CHUNK = 16_384  # pairs compared at a time: what is computed of them stays near


def chunks(n: int, size: int = CHUNK) -> Iterator[slice]:
    """Slices that cover 0..n."""
    return (slice(i, min(i + size, n)) for i in range(0, n, size))


def same_rows(*columns: NDArray[Any]) -> tuple[Ints, Ints]:
    """The first of the rows where these columns say the same, in the order of what they say, and
    for each row the number of its own among them (a tenth of what `np.unique` by rows costs)."""
    first = back = np.zeros(len(columns[0]), dtype=np.int64)
    for one in columns:
        kinds, codes = np.unique(one, return_inverse=True)
        keys = back * len(kinds) + codes
        _, first, back = np.unique(keys, return_index=True, return_inverse=True)
    return first, back


def row_sums(matrix: sparse.csr_array) -> Floats:
    """The sum of each row."""
    return np.asarray(matrix.sum(axis=1), dtype=np.float64).ravel()


def dots(one: sparse.csr_array, two: sparse.csr_array) -> Floats:
    """The product of each row of one with the same row of two."""
    return row_sums(one.multiply(two))


def meet(matrix: sparse.csr_array, a: Ints, b: Ints) -> Floats:
    """Whether rows a and b have something in common, one by one; NaN where one has nothing."""
    some = [matrix.indptr[end] < matrix.indptr[end + 1] for end in (a, b)]
    rows = np.flatnonzero(some[0] & some[1])
    out = np.full(len(a), np.nan)
    out[rows] = dots(matrix[a[rows]], matrix[b[rows]]) > 0
    return out


def share(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where there is nothing to share."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(whole > 0, part / whole, np.nan)


def binary(matrix: sparse.csr_array) -> sparse.csr_array:
    """The same places, all worth 1."""
    return sparse.csr_array(
        (np.ones_like(matrix.data), matrix.indices, matrix.indptr), shape=matrix.shape
    )


def unsaid(core: sparse.csr_array, known: sparse.csr_array) -> sparse.csr_array:
    """The title's words that the other record says nowhere, with their rarity."""
    left = sparse.csr_array(core - core.multiply(known))
    left.eliminate_zeros()
    return left
