"""From scores to probabilities one can trust, and from probabilities to « sure enough to choose ».

Both are read on texts the model has not seen: each fold is judged by a model trained on the others,
and a group (an organiser, a source) is never split.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

from classifiers.model import Floats

FOLDS = 5
SURE = 0.91
"""Precision asked of what is chosen without asking; the promise to reviewers is 0.90."""

LIMITS = tuple(round(0.5 + 0.025 * step, 3) for step in range(19))
FEWEST_CHOSEN = 40  # chosen texts under which a threshold read on them would be luck
TRUST = 8.0  # strength of the prior that scores are already calibrated


def folds(groups: Sequence[str], count: int = FOLDS) -> list[int]:
    """The fold of each item: whole groups, sizes balanced, the same for the same groups.

    An empty group stands alone: each such item is a group of its own.
    """
    named = [group or f"\0{i}" for i, group in enumerate(groups)]
    sizes = Counter(named)
    order = sorted(sizes, key=lambda g: (-sizes[g], hashlib.sha256(g.encode()).digest()))
    load = [0] * count
    fold_of = {}
    for group in order:
        lightest = load.index(min(load))
        fold_of[group] = lightest
        load[lightest] += sizes[group]
    return [fold_of[group] for group in named]


def platt(odds: Floats, wanted: Floats, sure: Floats) -> tuple[float, float]:
    """(slope, shift) for which sigmoid(slope·odds + shift) matches the answers."""

    def loss(at: Floats) -> float:
        z = np.clip(at[0] * odds + at[1], -30, 30)
        fit = float((sure * (np.logaddexp(0, z) - wanted * z)).sum())
        return fit + TRUST * float((at[0] - 1) ** 2 + 0.25 * at[1] ** 2)

    found = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(np.clip(found[0], 0.3, 2.0)), float(np.clip(found[1], -3, 3))


def threshold(chances: Floats, wanted: Floats, sure: Floats, *, default: float) -> float:
    """The lowest probability from which what is chosen was right SURE of the time.

    One limit for all the themes: probabilities are calibrated, and one is read on more texts.
    The default when too few texts can tell.
    """
    for limit in LIMITS:
        chosen = (chances >= limit) & (sure > 0)
        if chosen.sum() < FEWEST_CHOSEN:
            break
        right = float((wanted[chosen] * sure[chosen]).sum() / sure[chosen].sum())
        if right >= SURE:
            return limit
    return default
