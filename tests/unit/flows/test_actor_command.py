"""`paat actor resolve` as a person meets it."""

import csv
import io
import json
from pathlib import Path

import pytest

from domain.errors import ConfigError
from flows.cli import paat

KNOWN = (
    "id;nom;departement;siret;rna;sigle;anciens noms\n"
    "A1;Délégation régionale académique à la jeunesse PACA;;;;DRAJES;DRJSCS PACA | DRDJSCS PACA\n"
    "A2;Mairie de Gap;Hautes-Alpes;21050061400015;;;\n"
    "A3;CCAS de Gap;05;;;;\n"
    "A4;Union sportive de Veynes;5;;W051000123;;\n"
    "A5;Comité des fêtes;05;;;;\n"
    "A6;Comité des fêtes;04;;;;\n"
)
TOLD = (
    "n;porteur;code insee;rna\n"
    "1;DRJSCS PACA;;\n"
    "2;VILLE DE GAP;05061;\n"
    "3;Centre communal d'action sociale de Gap;05061;\n"
    "4;Club omnisports;05179;W051000123\n"
    "5;Comité des fêtes;;\n"
    "6;Comité des fêtes;04070;\n"
    "7;=Judo club;13055;\n"
)


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def resolve(folder: Path, *more: str, told: str = TOLD, known: str = KNOWN) -> object:
    files = [write(folder, "porteurs.csv", told), "--known", write(folder, "annuaire.csv", known)]
    words = ["actor", "resolve", *map(str, files), "-o", str(folder / "out.csv"), *more]
    return paat.main(words, standalone_mode=False)


def rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((folder / "out.csv").read_text("utf-8"), newline="")))


def test_each_row_says_whom_it_names_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert resolve(tmp_path) == 0
    found = rows(tmp_path)
    assert [row["actor_id"] for row in found] == ["A1", "A2", "A3", "A4", "", "A6", ""]
    assert [row["actor_decision"] for row in found] == [*["same"] * 4, "ask", "same", ""]
    assert found[0]["actor_reasons"] == "autre nom connu : « DRJSCS PACA » ; même nom"
    assert found[3]["actor_reasons"] == "même RNA W051000123"
    assert found[4]["actor_candidates"] == "A5 : Comité des fêtes | A6 : Comité des fêtes"
    assert found[4]["actor_reasons"].startswith("2 acteurs portent ce nom")
    assert found[6]["porteur"] == "'=Judo club"  # no formula in a spreadsheet
    told = capsys.readouterr()
    assert told.out.startswith("7 lignes, annuaire de 6 lignes : retrouvées 5, à confirmer 1")
    assert "porteur → organiser" in told.err


def test_the_outcome_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    resolve(tmp_path, "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["known"], told["same"], told["ask"], told["unknown"]) == (
        7,
        6,
        5,
        1,
        1,
    )


def test_a_number_that_two_actors_bear_is_said_and_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = "id;nom;rna\nA;Judo club;W051000123\nB;Aïkido club;w051000123\n"
    resolve(tmp_path, told="nom;rna\nDojo;W051000123\n", known=known)
    assert rows(tmp_path)[0]["actor_decision"] == "ask"
    assert "RNA W051000123 porté par 2 acteurs" in capsys.readouterr().err


def test_a_table_that_names_nobody_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="un nom"):
        resolve(tmp_path, told="montant;annee\n10;2024\n")
    assert not (tmp_path / "out.csv").exists()


def test_empty_tables_are_no_accident(tmp_path: Path) -> None:
    assert resolve(tmp_path, told="porteur\n") == 0
    assert rows(tmp_path) == []
    assert resolve(tmp_path, known="nom\n") == 0
    assert {row["actor_decision"] for row in rows(tmp_path)} == {""}
