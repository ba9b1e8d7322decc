"""In which order should people decide? What an answer teaches most comes first.

Three things count: doubt (probabilities near one half), difference from what was just asked (words
not yet seen), and balance (themes with few positive answers so far are looked for).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from classifiers.evaluate import Predicted, predict, report
from classifiers.features import features
from classifiers.model import Floats, Model
from classifiers.reading import read_all
from classifiers.train import Example, learn
from domain.campaigns import THEMES
from domain.errors import QualityError

NOVELTY = 0.35  # weight of being unlike what was already asked
BALANCE = 0.5  # weight of looking for the themes seldom answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A text that waits for a decision, with what the model says of it."""

    id: str
    title: str
    text: str = ""
    chances: tuple[float, ...]  # one per theme, then the Games (HEADS)


def order(waiting: Sequence[Waiting], *, answered: Mapping[str, int] | None = None) -> list[str]:
    """The ids, most instructive first. `answered`: positive decisions so far per theme slug."""
    if not waiting:
        return []
    chances = np.array([one.chances for one in waiting])
    words = _words([(one.title, one.text) for one in waiting])
    return [waiting[i].id for i in _order(chances, words, answered or {})]


def _order(chances: Floats, words: sparse.csr_matrix, answered: Mapping[str, int]) -> list[int]:
    worth = worth_of(chances, answered)
    left = np.ones(len(chances), dtype=bool)
    closest = np.zeros(len(chances))
    found: list[int] = []
    for _ in range(len(chances)):
        merit = np.where(left, worth - NOVELTY * closest * worth.max(), -np.inf)
        best = int(np.argmax(merit))
        found.append(best)
        left[best] = False
        closest = np.maximum(closest, (words @ words[best].T).toarray().ravel())
        if len(found) >= MOST_ORDERED:
            break
    rest = [int(i) for i in np.argsort(-worth, kind="stable") if left[i]]
    return found + rest


MOST_ORDERED = 500
"""Texts ordered with diversity; beyond, doubt alone: nobody decides more before the next model."""


def worth_of(chances: Floats, answered: Mapping[str, int]) -> Floats:
    """Expected teaching of each text: doubt per head, rarer themes weighing more."""
    doubt = 1 - np.abs(2 * chances - 1)
    counts = np.array([answered.get(slug, 0) for slug in THEMES], dtype=np.float64)
    rare = 1 + BALANCE * (counts.max(initial=0.0) - counts) / (counts.max(initial=0.0) + 5)
    likely = chances[:, : len(THEMES)] * (rare - 1)
    themes = (doubt[:, : len(THEMES)] * rare + likely).sum(axis=1)
    return np.asarray(themes + 0.5 * doubt[:, len(THEMES) :].sum(axis=1))


def _words(texts: Sequence[tuple[str, str]]) -> sparse.csr_matrix:
    """Unit vectors of words, to tell how alike two texts are."""
    found = [features(r.reading.tokens, {}) for r in read_all(texts)]
    seen = Counter(word for one in found for word in one)
    index = {word: i for i, word in enumerate(sorted(w for w, n in seen.items() if n > 1))}
    rows = [[index[w] for w in one if w in index] for one in found]
    starts = np.cumsum([0, *(len(one) for one in rows)])
    flat = np.fromiter((i for one in rows for i in one), dtype=np.int64)
    matrix = sparse.csr_matrix(
        (np.ones(len(flat)), flat, starts), shape=(len(found), max(len(index), 1))
    )
    norm = np.sqrt(matrix.sum(axis=1)).A1
    return (sparse.diags(1 / np.maximum(norm, 1e-9)) @ matrix).tocsr()


def simulate(
    pool: Sequence[Example],
    judge: Sequence[Example],
    *,
    base: Model,
    by: str,
    batch: int = 25,
    most: int = 400,
    seed: int = 0,
) -> Iterator[tuple[int, float]]:
    """(decisions made, macro-F1 on the judge) after each batch, asking in order `by`.

    `by` is "random" or "instructive"; the answers of the pool play the reviewer.
    """
    rng = np.random.default_rng(seed)
    left = [pool[i] for i in rng.permutation(len(pool))]
    made: list[Example] = []
    model = base
    yield 0, _macro(model, judge)
    while left and len(made) < most:
        if by == "instructive":
            left = _instructive_first(left, made, model)
        made, left = made + left[:batch], left[batch:]
        try:
            model = learn(made, base=base)
        except QualityError:
            continue  # every answer the same so far: nothing to learn yet
        yield len(made), _macro(model, judge)


def _instructive_first(
    left: Sequence[Example], made: Sequence[Example], model: Model
) -> list[Example]:
    said: Predicted = predict(model, left)
    waiting = [
        Waiting(id=str(i), title=e.title, text=e.text, chances=tuple(said.chances[i].tolist()))
        for i, e in enumerate(left)
    ]
    answered = Counter(slug for e in made for slug in e.themes or ())
    return [left[int(i)] for i in order(waiting, answered=answered)]


def _macro(model: Model, judge: Sequence[Example]) -> float:
    return report(model.version, judge, predict(model, judge)).macro_f1
