"""`paat evaluate matching`: any table, its truth as a column, as judged pairs or as groups."""

import csv
import io
import json
from pathlib import Path

import pytest

from domain.errors import ConfigError
from flows.cli import paat

HEAD = "id,titre,date,commune,vrai,serie\n"
ROWS = (
    "1,Forum des associations,2024-09-07,Gap,a,f\n"
    "2,Forum des associations de Gap,2024-09-07,Gap,a,f\n"
    "3,Forum des associations,2025-09-06,Gap,b,f\n"
    "4,Loto,2024-09-08,Apt,c,l\n"
    "5,Loto du club,2024-09-08,Apt,,\n"
)


def run(*arguments: object) -> object:
    whole = ["evaluate", "matching", *map(str, arguments)]
    return paat.main(whole, standalone_mode=False)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "t.csv"
    file.write_text(HEAD + ROWS, "utf-8")
    return file


def test_a_column_of_truth(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(table, "--truth", "vrai", "--series", "serie", "--quick") == 0
    told = capsys.readouterr().out
    assert "éditions (cluster_id) : F1 1,000 (précision 1,000, rappel 1,000), intervalle" in told
    assert "éditions, par ligne (B³) : F1 1,000" in told
    assert "seuil sur le score des paires" in told
    assert "questions pour" not in told


def test_groups_of_another_file_and_their_mistakes(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold, wrong = tmp_path / "g.csv", tmp_path / "w.csv"
    gold.write_text("ligne,groupe\n1,x\n2,y\n3,x\n", "utf-8")
    run(table, "--gold", gold, "--quick", "--json", "--mistakes", wrong)
    found = json.loads(capsys.readouterr().out)
    assert found["pairs"] == {"precision": 0.0, "recall": 0.0, "f1": 0}
    assert found["b_cubed"]["precision"] == pytest.approx(2 / 3)
    listed = list(csv.DictReader(io.StringIO(wrong.read_text("utf-8"))))
    assert {(one["id_a"], one["id_b"], one["trouvé"]) for one in listed} == {
        ("1", "2", "ensemble"), ("1", "3", "à part")
    }  # fmt: skip
    assert "même commune" in listed[0]["motifs"]


def test_judged_pairs_measure_relations(
    table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = tmp_path / "p.csv"
    gold.write_text(
        "id_a,id_b,decision\n1,2,same\n1,3,other_edition\n1,4,different\n2,3,same\n2,4,ask\n",
        "utf-8",
    )
    wrong = tmp_path / "w.csv"
    run(table, "--gold", gold, "--mistakes", wrong)
    told = capsys.readouterr().out
    assert "4 paires jugées, dont 3 retrouvées" in told
    assert "« même édition » : F1 0,667 (précision 1,000, rappel 0,500)" in told
    assert "trouvée other_edition : jugée other_edition 1 · jugée same 1" in told
    assert wrong.read_text("utf-8").splitlines()[1] == "2,3,,other_edition,same,"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "l'un des deux"),
        (["--truth", "vrai", "--gold", "{g}"], "l'un des deux"),
        (["--truth", "absente"], "colonne 'absente' absente"),
        (["--gold", "{g}"], "1 identifiant"),
        (["--gold", "{h}"], "là où id et groupe"),
    ],
)
def test_a_truth_that_is_none_is_said(
    table: Path, tmp_path: Path, arguments: list[str], words: str
) -> None:
    (tmp_path / "g").write_text("id,groupe\n99,x\n", "utf-8")
    (tmp_path / "h").write_text("a,b,c\n1,2,3\n", "utf-8")
    given = [one.format(g=tmp_path / "g", h=tmp_path / "h") for one in arguments]
    with pytest.raises(ConfigError, match=words):
        run(table, *given)
