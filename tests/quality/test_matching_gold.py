"""What matching reaches on the gold of ../shared, as floors; skipped where it is not."""

import csv
from functools import lru_cache
from pathlib import Path

import pytest

from matching.evaluate import Evaluation, evaluate

ROOT = Path(__file__).parents[2]
GOLD = next(  # ../shared beside the product, or one level up from a worktree
    (p for up in ROOT.parents[:2] if (p := up / "shared" / "gold" / "matching").exists()),
    ROOT.parent / "shared",
)
EVENT_FIELDS = (
    "id", "source", "title", "description", "organiser", "venue", "address", "commune", "postcode",
    "dep", "lat", "lon", "date_start", "date_end", "url", "ticket",
)  # fmt: skip

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(GOLD.name != "matching", reason="../shared is not there: no gold"),
]


def rows(name: str) -> list[dict[str, str]]:
    with (GOLD / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache(maxsize=1)
def events() -> Evaluation:
    table = rows("events_10k.csv")
    return evaluate(table, {f: f for f in EVENT_FIELDS}, truth="event", series="series")


@lru_cache(maxsize=1)
def names() -> Evaluation:
    mapping = {"title": "name", "dep": "dep", "address": "address", "source": "source",
               "year": "year"}  # fmt: skip
    return evaluate(rows("association_names.csv"), mapping, truth="entity")


def test_events_cold() -> None:
    """The prior never saw this generator."""
    assert events().pairs.f1 >= 0.87


def test_initiatives_cold() -> None:
    found = events().series
    assert found is not None
    assert found.f1 >= 0.96


def test_what_is_merged_without_asking_is_right() -> None:
    assert events().automatic.precision >= 0.975
    assert events().automatic.recall >= 0.70


def test_candidates_miss_little_and_are_few() -> None:
    assert events().blocking_recall >= 0.985
    assert events().candidates_per_record <= 7


def test_questions_are_worth_asking() -> None:
    curve = dict(events().questions)
    assert curve[220] >= curve[0] + 0.05


def test_names_cold() -> None:
    assert names().pairs.f1 >= 0.75
    assert names().automatic.precision >= 0.99
