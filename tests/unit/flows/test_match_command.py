"""`paat match` as a person meets it: what is wrong is said first, nothing is half done."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from domain.errors import ConfigError
from flows import match_files, match_pairs
from flows.cli import paat

HEAD = "id;titre;date;commune\n"
ROWS = (
    "1;Forum des associations;07/09/2024;Gap\n"
    "2;Forum des associations de Gap;7 septembre 2024;Gap\n"
    "3;Loto;2024-09-08;Apt\n"
)


def table(folder: Path, text: str = HEAD + ROWS, name: str = "annonces.csv") -> Path:
    file = folder / name
    file.write_bytes(text.encode())
    return file


def run(*arguments: object) -> object:
    return paat.main(["match", *map(str, arguments)], standalone_mode=False)


def read(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode(), newline="")))


def test_rows_come_back_as_they_were_with_their_groups(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "propre.csv"
    assert run(table(tmp_path), "-o", out) == 0
    rows = read(out)
    assert [row["cluster_id"] for row in rows] == ["0", "0", "1"]
    assert [row["date"] for row in rows] == ["07/09/2024", "7 septembre 2024", "2024-09-08"]
    told = capsys.readouterr()
    assert "titre → title : titre ou nom" in told.err
    assert "lues comme des annonces" in told.err
    assert told.out == f"3 lignes → 2 distinctes dans {out}\n"


def test_two_sessions_of_a_day_are_asked_and_told(tmp_path: Path) -> None:
    """The hour that a cell tells is heard, and that of an instant is the hour of Paris."""
    place = "MJC Picaud;Salle Miramar;Cannes"
    rows = "".join(
        f"{n};Atelier yoga;{day};{place}\n"
        for n, day in enumerate(("05/11/2025 10:00", "2025-11-05 14:30", "2025-11-05T13:30:00Z"))
    )
    text = "id;titre;date;organisateur;lieu;commune\n" + rows
    out, pairs = tmp_path / "propre.csv", tmp_path / "paires.csv"
    assert run(table(tmp_path, text), "-o", out, "--pairs", pairs) == 0
    assert {row["match_decision"] for row in read(out)} == {"ask"}
    asked = [row["reasons"] for row in read(pairs) if row["decision"] == "ask"]
    assert asked
    assert all("heures différentes le 5 novembre 2025 : 10 h / 14 h 30" in why for why in asked)


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    file = table(tmp_path)
    made = []
    for n in "ab":
        files = [tmp_path / f"{n}{suffix}" for suffix in (".csv", "p.csv", ".html")]
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "match", str(file), "-o", str(files[0]),
             "--pairs", str(files[1]), "--report", str(files[2])],
            capture_output=True, check=False, env={**os.environ, "PYTHONHASHSEED": str(ord(n))},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode()
        made.append([one.read_bytes() for one in files])
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "un fichier vide là où un tableau est attendu"),
        ("\x00\x01\x02\x03\x04" * 99, "là où"),
        ("<!DOCTYPE html><p>non</p>", "une page web"),
        ("x\n1\n2\n3\n", "aucune colonne à comparer"),
    ],
    ids=["empty", "binary", "page", "nothing"],
)
def test_a_file_that_is_no_table_is_the_callers_to_put_right(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        run(table(tmp_path, text), "-o", tmp_path / "o.csv")
    assert not (tmp_path / "o.csv").exists()


def test_a_header_alone_and_one_row_are_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.csv"
    assert run(table(tmp_path, HEAD), "-o", out) == 0
    assert "aucune ligne sous l'en-tête" in capsys.readouterr().err
    assert out.read_text().startswith("id,titre,date,commune,cluster_id")
    assert run(table(tmp_path, HEAD + "1;Loto;2024-09-07;Gap\n"), "-o", out) == 0
    assert [row["cluster_id"] for row in read(out)] == ["0"]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("annonces.csv", "le fichier lu"),
        ("absent/o.csv", "qui n'existe pas là où"),
        ("dossier", "un dossier là où un fichier à écrire"),
        ("o.xlsx", "terminez-le par .csv"),
    ],
)
def test_what_could_not_be_written_is_said_before_the_work(
    tmp_path: Path, output: str, words: str
) -> None:
    file = table(tmp_path)
    (tmp_path / "dossier").mkdir()
    with pytest.raises(ConfigError, match=words):
        run(file, "-o", tmp_path / output)
    assert file.read_text() == HEAD + ROWS


def test_two_outputs_are_two_files(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--pairs .*: le fichier de -o là où"):
        run(table(tmp_path), "-o", tmp_path / "o.csv", "--pairs", tmp_path / "o.csv")


def test_an_interruption_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, pairs = tmp_path / "o.csv", tmp_path / "p.csv"
    out.write_text("avant")

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(match_pairs, "write", interrupted)
    with pytest.raises(click.Abort):
        run(table(tmp_path), "-o", out, "--pairs", pairs)
    assert out.read_text() == "avant"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["annonces.csv", "o.csv"]


def test_doubled_ids_are_told_and_verdicts_by_them_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = table(tmp_path, HEAD + ROWS.replace("2;", "1;", 1))
    run(file, "-o", tmp_path / "o.csv", "--pairs", tmp_path / "p.csv")
    assert "colonne « id » : des valeurs répétées" in capsys.readouterr().err
    verdicts = table(tmp_path, "id_a,id_b,decision\n1,2,different\n", "v.csv")
    with pytest.raises(ConfigError, match="--map id="):
        run(file, "-o", tmp_path / "o.csv", "--learn", verdicts)
    run(file, "-o", tmp_path / "o.csv", "--learn", verdicts, "--map", "id=")
    assert [row["cluster_id"] for row in read(tmp_path / "o.csv")] == ["0", "1", "2"]


def test_verdicts_that_contradict_each_other_are_told_with_their_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "id_a;id_b;decision\n1;3;Même édition\n3;2;same\n1;2;différentes\n;;\n1;2;à décider\n"
    out, verdicts = tmp_path / "o.csv", table(tmp_path, said, "v.csv")
    code = run(table(tmp_path), "-o", out, "--json", "--learn", verdicts)
    told = capsys.readouterr()
    assert code == 0
    assert "1 et 2 dites différentes, et ensemble (1 = 3 = 2)" in told.err
    assert json.loads(told.out)["conflicts"] == [["1", "2"]]
    assert len({row["cluster_id"] for row in read(tmp_path / "o.csv")}) == 3


def test_identical_rows_that_a_person_tells_apart_stay_apart(tmp_path: Path) -> None:
    row = "Loto;2024-09-08;Apt\n"
    file = table(tmp_path, HEAD + "".join(f"{n};{row}" for n in (1, 2, 3)))
    verdicts = table(tmp_path, "id_a,id_b,decision\n1,2,different\n", "v.csv")
    run(file, "-o", tmp_path / "o.csv", "--learn", verdicts)
    groups = [one["cluster_id"] for one in read(tmp_path / "o.csv")]
    assert groups[0] != groups[1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id_a,id_b,decision\n1,9,same\n", "identifiant '9' : aucune ligne"),
        ("id_a,id_b,decision\n1,1,same\n", "identifiant '1' deux fois"),
        ("id_a,id_b,decision\n1,2,jumeau\n", "« jumeau » là où .* même édition (same), autre"),
        ("id_a,id_b,score,decision,reasons\n1,2,0.5,same,\n", "une version d'avant"),
        ("a,b\n1,2\n", "id_a, id_b, decision sont attendues"),
        ("id_a,id_b,decision\n1,,same\n", "paire 1 : id_a « 1 », id_b «  » là où deux"),
        ("", "un fichier vide"),
    ],
)
def test_an_impossible_verdict_says_what_to_put_right(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(ConfigError, match=words.replace("(", r"\(").replace(")", r"\)")):
        run(table(tmp_path), "-o", tmp_path / "o.csv", "--learn", table(tmp_path, text, "v.csv"))


def test_impossible_values_are_told_and_count_as_absent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "id,titre,date,latitude,longitude\n"
        "1,Forum,2024-13-45,95.0,6\n"
        "2,Forum,2024-09-07,inf,nan\n"
        "3,Loto,2024-09-07,44.5,6\n"
    )
    run(table(tmp_path, text), "-o", tmp_path / "o.csv")
    told = capsys.readouterr().err
    assert "colonne « date » : 1 valeur(s) là où une date est attendue (« 2024-13-45 »" in told
    assert "colonne « latitude » : 1 valeur(s) là où une coordonnée" in told
    assert len(read(tmp_path / "o.csv")) == 3


def test_huge_cells_take_no_more_time_than_their_beginning(tmp_path: Path) -> None:
    huge = [f"{n},Forum {n} {'mot' * 9}{n} {'mot ' * 100_000},2024-09-07\n" for n in range(6)]
    run(table(tmp_path, "id,titre,date\n" + "".join(huge)), "-o", tmp_path / "o.csv")
    assert all(len(row["titre"]) > 300_000 for row in read(tmp_path / "o.csv"))


def test_two_tables_are_linked_by_their_fields(tmp_path: Path) -> None:
    one = table(tmp_path, HEAD + ROWS, "mairie.csv")
    other = json.dumps([
        {"name": "Forum des associations", "start": "2024-09-07", "city": "Gap", "tags": ["a"]},
        {"name": "Carnaval", "start": "2024-03-07", "city": "Gap", "tags": []},
    ])  # fmt: skip
    out, pairs = tmp_path / "o.csv", tmp_path / "p.csv"
    two = table(tmp_path, other, "agenda.json")
    run(one, two, "-o", out, "--pairs", pairs, "--across", "fichier")
    rows = read(out)
    assert [row["fichier"] for row in rows] == ["mairie"] * 3 + ["agenda"] * 2
    assert rows[3]["titre"] == "Forum des associations"
    assert rows[3]["tags"] == '["a"]'
    found = {frozenset((p["id_a"], p["id_b"])) for p in read(pairs) if p["decision"] == "same"}
    assert found <= {frozenset((f"mairie:{n}", "agenda:ligne 1")) for n in (1, 2)}
    assert found
    assert rows[0]["cluster_id"] == rows[3]["cluster_id"] != rows[4]["cluster_id"]


def test_it_reads_its_input_and_writes_on_its_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "match", "-", "-o", "-"],
        input=(HEAD + ROWS).encode(), capture_output=True, check=True,
    )  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode(), newline="")))
    assert [row["cluster_id"] for row in rows] == ["0", "0", "1"]
    assert done.stderr.decode().endswith("3 lignes → 2 distinctes\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-o", "-", "--json"], "-o -: la sortie là où un fichier"),
        (["-o", "o.csv", "--pairs", "-"], "--pairs -: la sortie là où un fichier"),
        (["-o", "o.csv", "--across", "fichier"], "« fichier » .un seul fichier est donné. là où"),
        (["-o", "o.csv", "--across", "ville"], "attendue : id, titre, date, commune$"),
    ],
)
def test_what_cannot_be_asked_together_is_said(
    tmp_path: Path, options: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=words):
        run(table(tmp_path), *options)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + ROWS.replace("2;", ";", 1), "colonne « id » : 1 vides"),
        ('id;titre;date\n1;"Bal;2024-01-02\n2;Loto;2024-01-03\n', "lignes 2 à 3 : lues comme une"),
        (
            "id;titre;date;lat;lon\n1;Bal;2024-01-02;6.08;44.56\n2;Loto;2024-01-03;44.5;6.1\n",
            "1 ligne(s) où latitude et longitude sont échangées (la première : ligne 1",
        ),
        (
            "titre;siret;date\nBal;40266717400012;2024-01-02\nLoto;40266717400012;2024-01-03\n",
            'colonne « siret » laissée : 0 SIRET à la clé juste sur 2 ; corrigez-les, ou --map "s',
        ),
    ],
)
def test_what_is_odd_in_a_table_is_told(
    tmp_path: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(table(tmp_path, text), "-o", tmp_path / "o.csv", "--across", "titre")
    assert words in capsys.readouterr().err


def test_a_table_nobody_described_says_what_it_compares(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Vorname;Strasse;Ort;Nr\n" + "".join(
        f"{name};{street};{town};{k}\n"
        for k, (name, street, town) in enumerate(
            [("Anna", "Ring 3", "Bonn"), ("Anna", "Ring 3", "Bonn."), ("Otto", "Weg 9", "Ulm")]
        )
    )
    out = tmp_path / "o.csv"
    run(table(tmp_path, text), "-o", out, "--map", "Nr=")
    told = capsys.readouterr().err
    assert "comparées telles quelles : Vorname, Strasse, Ort\n" in told
    assert "colonnes laissées : Nr\n" in told
    assert [row["cluster_id"] for row in read(out)] == ["0", "0", "1"]


def test_a_formula_is_written_back_harmless(tmp_path: Path) -> None:
    text = "id,titre,tel,date\n1,'=1+1,+33 4 92 00 00 00,2024-09-07\n2,- Loto,,2024-09-08\n"
    run(table(tmp_path, text), "-o", tmp_path / "o.csv")
    rows = read(tmp_path / "o.csv")
    assert [row["titre"] for row in rows] == ["'=1+1", "- Loto"]
    assert rows[0]["tel"] == "+33 4 92 00 00 00"


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    run("--help")
    assert "paat match mairie.csv agenda.xlsx -o liens.csv --across fichier" in (
        capsys.readouterr().out
    )


def test_the_help_tells_the_columns_as_they_are_written() -> None:
    help_ = " ".join(CliRunner().invoke(paat, ["match", "--help"]).output.split())
    told = help_.replace("proposition (ce que paat avait décidé)", "proposition")
    assert ", ".join(match_pairs.COLUMNS) in told
    assert all(column in told for column in match_files.ADDED)
