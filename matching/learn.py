"""Where models come from: the shipped one from fictional worlds, the next ones from verdicts."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from domain.text import fingerprint
from matching import block, compare, forest, prior
from matching import cards as columns
from matching.cards import Cards, Ints
from matching.compare import Matrix, Rarity
from matching.score import MODEL_VERSION, Model, dump, second_input

WORLDS = 16
EVENTS = 1500


@dataclass(frozen=True, slots=True)
class Lesson:
    """A table's pairs with their features and true relation (number in RELATIONS)."""

    cards: Cards
    a: Ints
    b: Ints
    x: Matrix
    y: Ints


def truth(rows: Sequence[Mapping[str, Any]], a: Ints, b: Ints) -> Ints:
    """The relation of each pair of rows that carry `event`, `series` and `parent`."""
    event, series, parent = (
        np.array([-1 if row[k] in (None, "") else int(row[k]) for row in rows])
        for k in ("event", "series", "parent")
    )
    same, together = event[a] == event[b], series[a] == series[b]
    part = (parent[a] >= 0) | (parent[b] >= 0)
    return np.where(same, 0, np.where(~together, 3, np.where(part, 2, 1))).astype(np.int64)


def lesson(rows: Sequence[Mapping[str, Any]], rarity: Rarity) -> Lesson:
    """The candidate pairs of labelled rows, compared."""
    cards = columns.of_rows(rows)
    a, b = block.candidates(cards)
    x = compare.features(compare.prepare(cards, rarity), a, b)
    return Lesson(cards, a, b, x, truth(rows, a, b))


def background(worlds: Sequence[Sequence[Mapping[str, Any]]]) -> Rarity:
    """How many fictional titles each word occurs in; what one title says alone is left out."""
    counts: Counter[str] = Counter()
    size = 0
    for rows in worlds:
        cards = columns.of_rows(rows)
        names = list(cards.vocabulary)
        width = np.bincount(cards.core.data, minlength=len(names))
        counts.update({n: int(c) for n, c in zip(names, width.tolist(), strict=True) if c})
        size += cards.n
    return Rarity({w: c for w, c in sorted(counts.items()) if c >= 5}, size)


def train(worlds: int = WORLDS, events: int = EVENTS) -> Model:
    """The prior: first forest on half of the worlds, second on the others, as it will be used."""
    tables = [prior.generate(seed, events=events) for seed in range(worlds)]
    rarity = background(tables)
    lessons = [lesson(rows, Rarity({}, 0)) for rows in tables]
    half = worlds // 2
    first = _fit(lessons[:half], [one.x for one in lessons[:half]], rounds=60)
    inputs = [
        second_input(one.cards, one.a, one.b, one.x, first.predict(one.x)) for one in lessons[half:]
    ]
    second = _fit(lessons[half:], inputs, rounds=50)
    about = {"seeds": seeds_fingerprint(), "pairs": sum(len(one.y) for one in lessons)}
    return Model(MODEL_VERSION, first, second, rarity, about)


def _fit(lessons: Sequence[Lesson], inputs: Sequence[Matrix], *, rounds: int) -> forest.Forest:
    y = np.concatenate([one.y for one in lessons])
    return forest.fit(np.concatenate(inputs), y, classes=4, rounds=rounds)


def seeds_fingerprint() -> str:
    """Changes with the seeds or the generator: the shipped model says which it learnt from."""
    folder = resources.files("matching")
    text = (folder / "seeds" / "annonces.txt").read_text("utf-8")
    return fingerprint(text + (folder / "prior.py").read_text("utf-8"))[:16]


def main() -> None:
    """Writes seeds/prior.json anew (maintainers: after a change of seeds, prior or features)."""
    target = Path(__file__).parent / "seeds" / "prior.json"
    target.write_text(dump(train()) + "\n", "utf-8")
    sys.stderr.write(f"{target}: written\n")


if __name__ == "__main__":
    main()
