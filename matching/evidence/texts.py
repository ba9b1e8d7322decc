"""How a column of texts is made: by cases, each composed once."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching.cards import Bools, Ints

Texts = NDArray[np.object_]


def chosen(*cases: tuple[Bools, str | Callable[[Ints], Texts]]) -> Texts:
    """Of each pair the text of the first case that holds, "" where none does; a text that differs
    from pair to pair is asked for their numbers only."""
    left = np.ones(len(cases[0][0]), np.bool_)
    out = np.full(len(left), "", dtype=object)
    for holds, text in cases:
        rows = np.flatnonzero(holds & left)
        if len(rows):
            out[rows] = text if isinstance(text, str) else text(rows)
            left[rows] = False
    return out


def once(say: Callable[..., str], *columns: NDArray[Any]) -> Texts:
    """What `say` makes of each row of these columns, asked once for all that are alike."""
    known: dict[tuple[Any, ...], str] = {}
    out = np.empty(len(columns[0]), dtype=object)
    for i, values in enumerate(zip(*(one.tolist() for one in columns), strict=True)):
        text = known.get(values)
        if text is None:
            text = known[values] = say(*values)
        out[i] = text
    return out


def percents(ratio: NDArray[np.floating[Any]]) -> Ints:
    """0.944 as 94."""
    return np.rint(ratio.astype(np.float64) * 100).astype(np.int64)
