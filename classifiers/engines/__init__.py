"""Optional engines: a second opinion on the same texts, off unless asked for.

One file per engine. An engine gives probabilities for the same heads as a model (HEADS), and NaN
where it has no opinion; `blend` weighs it against the model. Nothing here is needed by the house.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from classifiers.model import Floats

WEIGHT = 0.4
"""Share of the engine in a blended opinion, in log-odds. Evaluate before raising it."""


class Engine(Protocol):
    """Anything that reads texts: `name` goes in the version of the suggestions."""

    @property
    def name(self) -> str: ...

    def chances(self, texts: Sequence[tuple[str, str]]) -> Floats:
        """One line per (title, text), one column per head; NaN = no opinion."""
        ...


def blend(odds: Floats, opinion: Floats, weight: float = WEIGHT) -> Floats:
    """The log-odds of a model moved towards an engine's opinion, where it has one."""
    known = ~np.isnan(opinion)
    clipped = np.clip(np.where(known, opinion, 0.5), 0.01, 0.99)
    return np.where(known, (1 - weight) * odds + weight * np.log(clipped / (1 - clipped)), odds)
