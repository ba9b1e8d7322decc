"""Tables that say one thing over and over: a clear answer, bounded memory, nothing in silence."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from matching.tables import match_rows

pytestmark = pytest.mark.slow

ONE = {
    "title": "Vœux du maire", "description": "", "organiser": "Mairie de Gap", "commune": "Gap",
    "venue": "Salle des fêtes", "date_start": "2024-01-12", "url": "", "source": "agenda",
}  # fmt: skip
MAPPING = {name: name for name in (*ONE, "id")}


@contextmanager
def at_most(gigabytes: float) -> Iterator[None]:
    """The peak memory of this process grows by no more than that meanwhile."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e6
    assert grown <= gigabytes


def test_a_million_identical_rows_are_one_and_it_is_said() -> None:
    rows = [{**ONE, "id": str(i)} for i in range(1_000_000)]
    with at_most(1.0):
        found = match_rows(rows, MAPPING)
    assert set(found.cluster) == {0}
    assert found.candidates == 0
    assert found.warnings == ("999999 lignes identiques à une autre",)
    assert set(found.reasons) == {"lignes identiques"}


@pytest.mark.parametrize("told", ["titre", "lieu, jour et porteur"])
def test_one_giant_block_merges_nothing(told: str) -> None:
    """100,000 rows that only their texts tell apart: no key is selective, nobody is compared."""
    same = {"title": ONE["title"]} if told == "titre" else {k: v for k, v in ONE.items() if v}
    rows = [{**dict.fromkeys(ONE, ""), **same, "id": str(i), "description": f"n° {i}"}
            for i in range(100_000)]  # fmt: skip
    with at_most(1.0):
        found = match_rows(rows, MAPPING)
    assert found.candidates == 0
    assert len(set(found.cluster)) == len(rows)
    assert not list(found.pairs)


def test_blocks_as_large_as_a_key_may_be() -> None:
    """A thousand blocks of a hundred rows, all alike: ten pairs a row, whatever the ties."""
    letters = "bcdfghjklm"
    names = ["".join(letters[int(k)] for k in f"{block:05}") for block in range(1_000)]
    rows = [{**ONE, "id": str(i), "title": f"Vœux {names[i // 100]}", "description": f"n° {i}"}
            for i in range(100_000)]  # fmt: skip
    with at_most(2.0):
        found = match_rows(rows, MAPPING, with_pairs=False)
    assert 0 < found.candidates <= 10 * len(rows)
