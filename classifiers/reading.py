"""A text read once: tokens, evidence, and the log-odds of the cold start."""

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from classifiers import rules, scope
from classifiers.definitions import themes
from classifiers.matcher import Hit, Reading
from classifiers.model import HEADS, Floats
from domain.campaigns import THEMES

NOTHING = -3.6  # log-odds of a theme no word speaks of (p = 0.03)
PER_POINT = 1.8  # log-odds per point of evidence: 3 points alone give p = 0.86


@dataclass(frozen=True, slots=True)
class Read:
    """A reading with what the rules made of it."""

    reading: Reading
    evidence: Mapping[str, Sequence[rules.Evidence]]
    games: float
    games_why: Sequence[tuple[str, Hit, float]]


def read_one(title: str, text: str) -> Read:
    """Read a title and its text with every rule."""
    reading = rules.read(title, text)
    odds, why = scope.games(reading)
    return Read(reading, rules.evidence(reading), odds, why)


def read_all(texts: Sequence[tuple[str, str]]) -> list[Read]:
    """`read_one` for each (title, text)."""
    return [read_one(title, text) for title, text in texts]


def cold_log_odds(readings: Sequence[Read]) -> Floats:
    """What the rules alone say: one line per text, one column per head."""
    odds = np.full((len(readings), len(HEADS)), NOTHING)
    per_point = [PER_POINT * theme.trust for theme in themes().values()]
    for i, one in enumerate(readings):
        for head, slug in enumerate(THEMES):
            items = one.evidence.get(slug)
            if items:
                odds[i, head] += per_point[head] * rules.score(items)
        odds[i, -1] = one.games
    return odds


@contextmanager
def no_collector() -> Iterator[None]:
    """Python's cycle collector paused: nothing here makes a cycle, and it took a third of the time
    looking for one in what has just been made."""
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()
