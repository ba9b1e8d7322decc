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
from matching import block, compare, forest, names, names_score, prior, prior_names
from matching import cards as columns
from matching.cards import Cards, Ints
from matching.compare import Matrix, Rarity
from matching.names_score import NameModel
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
    files = ("seeds/annonces.txt", "seeds/noms.txt", "prior.py", "prior_names.py")
    return fingerprint("".join((folder / f).read_text("utf-8") for f in files))[:16]


def train_names(worlds: int = 10, bodies: int = 1500) -> NameModel:
    """The prior for names, likewise."""
    lessons = []
    for seed in range(worlds):
        rows = prior_names.generate(seed, bodies=bodies)
        cards = names.of_rows(rows)
        a, b = names.candidates(cards)
        entity = np.array([row["entity"] for row in rows])
        y = (entity[a] != entity[b]).astype(np.int64)
        lessons.append((cards, a, b, names.features(names.prepare(cards), a, b), y))
    half = worlds // 2
    first = forest.fit(
        np.concatenate([x for _, _, _, x, _ in lessons[:half]]),
        np.concatenate([y for *_, y in lessons[:half]]), classes=2,
    )  # fmt: skip
    inputs = [
        names_score.second_input(cards, a, b, x, first.predict(x))
        for cards, a, b, x, _ in lessons[half:]
    ]
    second = forest.fit(
        np.concatenate(inputs), np.concatenate([y for *_, y in lessons[half:]]), classes=2
    )
    about = {"seeds": seeds_fingerprint(), "pairs": sum(len(y) for *_, y in lessons)}
    return NameModel(MODEL_VERSION, first, second, about)


def main() -> None:
    """Writes the shipped models anew (maintainers: after a change of seeds, priors or features)."""
    folder = Path(__file__).parent / "seeds"
    (folder / "prior.json").write_text(dump(train()) + "\n", "utf-8")
    (folder / "prior_names.json").write_text(names_score.dump(train_names()) + "\n", "utf-8")
    sys.stderr.write(f"{folder}: models written\n")


if __name__ == "__main__":
    main()
