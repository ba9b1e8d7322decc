"""How far a rule lets the forests be believed: what a relation loses goes to another."""

from typing import NamedTuple

import numpy as np

from matching.cards import Floats, Ints

SAME, OTHER, PART, DIFFERENT = range(4)
"""Columns of RELATIONS."""
HARDLY, PERHAPS = 0.04, 0.45  # not worth a question (questions.FLOOR); a question
ASKED = 0.65  # together, to be confirmed


class Cap(NamedTuple):
    """Of these pairs, `relation` is no likelier than `most`; what it loses goes to `to`."""

    rows: Ints
    most: Floats | float
    relation: int = SAME
    to: Ints | int = OTHER


def capped(p: Floats, cap: Cap) -> None:
    """Applies it to the probabilities, in place."""
    rows, most, relation, to = cap
    lost = np.fmax(p[rows, relation] - most, 0)
    p[rows, relation] -= lost
    p[rows, to] += lost
