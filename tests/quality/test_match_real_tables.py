"""`paat match` on the tables of real administrations: what a person would not forgive."""

import csv
import json
from pathlib import Path

import pytest

from flows.cli import paat

ROOT = Path(__file__).parents[2]
REAL = next(  # ../shared beside the product, or one level up from a worktree
    (p for up in ROOT.parents[:2] if (p := up / "shared" / "real").exists()), ROOT / "absent"
)

pytestmark = [
    pytest.mark.quality,
    pytest.mark.skipif(not REAL.is_dir(), reason="../shared/real is not there"),
]


def match(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[dict[str, int], str]:
    out = str(folder / "out.csv")
    paat.main(["match", str(REAL / name), "-o", out, "--json"], standalone_mode=False)
    told = capsys.readouterr()
    return json.loads(told.out), told.err


def test_post_offices_are_not_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """95 establishments of one SIREN, each with its SIRET and its town."""
    found, _ = match("tables/etapes-numerique.json", tmp_path, capsys)
    assert found["clusters"] >= 94


def test_town_halls_of_an_island_are_not_merged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, _ = match("tables/corse.json", tmp_path, capsys)
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text("utf-8").splitlines()))
    halls: dict[str, set[str]] = {}
    for row in rows:
        if row["Structure"].startswith("Mairie de "):
            halls.setdefault(row["cluster_id"], set()).add(row["Structure"].strip())
    assert all(len(names) == 1 for names in halls.values())
    assert 140 <= found["clusters"] <= 152  # read one by one: 9 true duplicates, a few doubts


@pytest.mark.parametrize("name", ["subventions_jop", "subventions_paca"])
def test_beneficiaries_are_recognised_by_their_codes(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = match(f"grants/{name}.csv", tmp_path, capsys)
    assert "benef_id → siren" in told
