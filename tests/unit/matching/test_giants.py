"""Tables that say one thing over and over: a clear answer, bounded memory, nothing in silence."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from matching.tables import match_rows

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


@pytest.mark.slow
def test_a_million_identical_rows_are_one_and_it_is_said() -> None:
    rows = [{**ONE, "id": str(i)} for i in range(1_000_000)]
    with at_most(1.0):
        found = match_rows(rows, MAPPING)
    assert set(found.cluster) == {0}
    assert found.candidates == 0
    assert found.warnings == ("999999 lignes identiques à une autre",)
    assert set(found.reasons) == {"lignes identiques"}


@pytest.mark.slow
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
    assert found.warnings[0].startswith(f"{len(rows)} lignes disent toutes titre « Vœux du maire »")


def test_rows_too_alike_to_be_compared_are_told_with_what_they_share() -> None:
    crowd = [{**ONE, "id": str(i), "description": f"n° {i}"} for i in range(150)]
    others = [{**ONE, "id": f"x{i}", "title": f"Loto {i}", "venue": f"Salle {i}", "commune": "Apt",
               "organiser": f"Club {i}", "date_start": f"2023-03-{i + 1:02}"}
              for i in range(28)]  # fmt: skip
    found = match_rows([*crowd, *others], MAPPING)
    assert found.warnings == (
        "150 lignes disent toutes titre « Vœux du maire », porteur « Mairie de Gap », lieu « Salle "
        "des fêtes », commune « Gap », jour « 2024-01-12 » : au-delà de 100 semblables, rien n'est "
        "comparé ni fusionné entre elles ; donnez à lire ce qui les distingue (--map COLONNE=url, "
        "address, description…), ou --map COLONNE= pour laisser une colonne qui ne dit rien",
    )
    assert len(set(found.cluster)) == 178


@pytest.mark.slow
def test_blocks_as_large_as_a_key_may_be() -> None:
    """A thousand blocks of a hundred rows, all alike: ten pairs a row, whatever the ties."""
    letters = "bcdfghjklm"
    names = ["".join(letters[int(k)] for k in f"{block:05}") for block in range(1_000)]
    rows = [{**ONE, "id": str(i), "title": f"Vœux {names[i // 100]}", "description": f"n° {i}"}
            for i in range(100_000)]  # fmt: skip
    with at_most(2.0):
        found = match_rows(rows, MAPPING, with_pairs=False)
    assert 0 < found.candidates <= 10 * len(rows)
