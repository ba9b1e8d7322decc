"""Decisions saved by asking in order: macro-F1 on texts never asked, after each fifty decisions.

The gold texts answer for the reviewer: two thirds are asked, one third judges, whole organisers on
either side; three draws. Twice: from the first day's model, then from a blank one (no list, no
seed) where everything must be learned: the first day's lists were written with such texts in mind,
so that little is left to learn from them. Skipped without ../shared/gold.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from bench.themes import GOLD, gold
from classifiers.calibrate import folds
from classifiers.cold import train_cold
from classifiers.model import HEADS, Model
from classifiers.ordering import simulate
from classifiers.train import Example

STEP, AT_RANDOM = 50, 400


def main() -> Iterator[str]:
    if not GOLD.exists():
        yield "../shared/gold is not here: nobody answers"
        return
    texts = gold()
    for name, base in (("first day", train_cold("cold-bench")), ("blank", blank())):
        yield f"from {name}"
        yield from _draws(texts, base)


def blank() -> Model:
    """A model that knows nothing: every theme is rare, no word counts."""
    return Model(version="blank", gain=np.zeros(len(HEADS)), bias=np.full(len(HEADS), -2.0))


def _draws(texts: Sequence[Example], base: Model) -> Iterator[str]:
    fold = folds([e.group for e in texts], 3)
    reached = []
    for draw in range(3):
        judge = [e for e, f in zip(texts, fold, strict=True) if f == draw]
        pool = [e for e, f in zip(texts, fold, strict=True) if f != draw]
        paths = {
            by: dict(simulate(pool, judge, base=base, by=by, batch=STEP, most=AT_RANDOM, seed=draw))
            for by in ("random", "instructive")
        }
        asked = sorted(paths["random"])
        yield "decisions    " + " ".join(f"{n:6d}" for n in asked)
        for by, path in paths.items():
            yield f"{by:12} " + " ".join(f"{path[n]:6.3f}" for n in asked if n in path)
        goal = paths["random"][max(asked)]
        found = [n for n, f1 in paths["instructive"].items() if f1 >= goal - 0.005]
        reached.append(min(found) if found else None)
    yield f"random order at {AT_RANDOM} is reached in order with {reached}"
