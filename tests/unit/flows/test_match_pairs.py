"""The pairs file that goes to a person and comes back: only what the person wrote is an answer."""

import csv
from pathlib import Path

import pytest

from flows.cli import paat
from flows.match_pairs import Answers, told

TABLE = """id;titre;porteur;lieu;date;commune
1;Forum des associations;Ville de Gap;Le Quattro;07/09/2024;Gap
2;Forum des associations de Gap;Ville de Gap;Le Quattro;07/09/2024;Gap
3;Fête des associations;;;07/09/2024;Gap
4;Forum des associations;Ville de Gap;Le Quattro;06/09/2025;Gap
5;Loto du judo club;Judo club;;08/09/2024;Apt
"""


def match(folder: Path, *arguments: object) -> list[dict[str, str]]:
    """What is written in the pairs file."""
    file, out = folder / "annonces.csv", folder / "propre.csv"
    file.write_text(TABLE, "utf-8")
    options = ["--pairs", folder / "p.csv", *arguments]
    paat.main(["match", str(file), "-o", str(out), *map(str, options)], standalone_mode=False)
    return read(folder / "p.csv")


def read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def returned(folder: Path, pairs: list[dict[str, str]]) -> Path:
    file = folder / "relues.csv"
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, fieldnames=list(pairs[0]))
        writer.writeheader()
        writer.writerows(pairs)
    return file


def test_a_file_returned_untouched_answers_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = match(tmp_path)
    before = [(tmp_path / name).read_bytes() for name in ("propre.csv", "p.csv")]
    match(tmp_path, "--learn", returned(tmp_path, pairs))
    assert [(tmp_path / name).read_bytes() for name in ("propre.csv", "p.csv")] == before
    heard = capsys.readouterr().err
    assert {one["decision"] for one in pairs} == {"ask", "same", "other_edition"}
    asked = sum(one["decision"] == "ask" for one in pairs)
    own = f"{len(pairs) - asked} lignes telles que paat les avait décidées"
    assert "aucune réponse lue" in heard
    assert f"{asked} question" in heard
    assert own in heard


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (Answers(open=1, untouched=1), "aucune réponse lue ; 1 question laissée sans réponse ; "
         "1 ligne telle que paat l'avait décidée, qui ne compte pas pour une réponse"),
        (Answers(untouched=2), "aucune réponse lue ; 2 lignes telles que paat les avait décidées, "
         "qui ne comptent pas pour des réponses"),
        (Answers(open=2), "aucune réponse lue ; 2 questions laissées sans réponse"),
    ],
)  # fmt: skip
def test_what_was_read_is_said(answers: Answers, said: str) -> None:
    assert told(answers, Path("p.csv")) == f"p.csv : {said}"


def test_an_answer_counts_and_is_still_one_the_next_time(tmp_path: Path) -> None:
    pairs = match(tmp_path)
    question = next(one for one in pairs if one["decision"] == "ask")
    question["decision"] = "Différentes"
    again = match(tmp_path, "--learn", returned(tmp_path, pairs))
    ends = {question["id_a"], question["id_b"]}
    kept = [one for one in again if {one["id_a"], one["id_b"]} == ends]
    assert [(one["decision"], one["proposition"]) for one in kept] == [("different", "")]
    groups = {one["id"]: one["cluster_id"] for one in read(tmp_path / "propre.csv")}
    assert len({groups[end] for end in ends}) == 2
    once = (tmp_path / "propre.csv").read_bytes()
    assert match(tmp_path, "--learn", returned(tmp_path, again)) == again
    assert (tmp_path / "propre.csv").read_bytes() == once


def test_what_is_confirmed_in_french_and_pairs_never_compared_are_answers(tmp_path: Path) -> None:
    pairs = match(tmp_path)
    sure = next(one for one in pairs if one["decision"] == "same")
    sure["decision"] = "même édition"
    pairs.append(dict.fromkeys(sure, "") | {"id_a": "5", "id_b": "1", "decision": "autre édition"})
    again = match(tmp_path, "--learn", returned(tmp_path, pairs))
    answers = {(one["id_a"], one["id_b"]): one["decision"] for one in again
               if not one["proposition"]}  # fmt: skip
    assert answers == {(sure["id_a"], sure["id_b"]): "same", ("5", "1"): "other_edition"}


def test_as_many_questions_as_lines_that_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = match(tmp_path)
    asked = [one["decision"] == "ask" for one in pairs]
    assert asked == sorted(asked, reverse=True)
    assert f"{sum(asked)} question(s) écrites" in capsys.readouterr().err
