"""The page of `paat match --report`: what differs is seen, what is odd is escaped, all is told."""

import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows import match_report
from flows.commands import match
from matching.tables import Pair

ROWS = [
    {"nom": "Forum des <b>assos</b> & co", "commune": "Saint-Rémy", "prix": None},
    {"nom": "Forum des associations", "commune": "saint remy", "prix": None},
    {"nom": "Loto", "commune": "Gap", "prix": 3},
]
NAMES = ["a1", '"><script>alert(1)</script>', "a3"]


def page(pairs: list[Pair]) -> str:
    out = io.BytesIO()
    told = match_report.zones(pairs, ROWS, NAMES, ("nom", "commune", "prix"))
    match_report.write(
        out, title="fichier <x>.csv", facts=[("lignes", "3")], told=told, fields={"nom": "title"},
        warnings=["2 lignes ignorées"],
    )  # fmt: skip
    return out.getvalue().decode()


def test_words_of_one_side_are_set_apart_whatever_the_accents() -> None:
    same = match_report.line("commune", "Saint-Rémy", "saint remy")
    assert not same.differs
    assert same.left == (("Saint-Rémy", False),)
    other = match_report.line("nom", "Forum des sports 2024", "Forum de sports")
    assert other.left == (("Forum", False), ("des", True), ("sports", False), ("2024", True))
    assert other.differs
    assert match_report.line("prix", "12", None).left == (("12", False),)
    assert match_report.line("prix", float("nan"), "x").left == ()


def test_each_pair_is_in_the_zone_of_its_decision_the_least_sure_merge_first() -> None:
    pairs = [
        Pair(0, 1, 0.99, "same", ("même titre",)),
        Pair(0, 2, 0.97, "same"),
        Pair(1, 2, 0.4, "ask"),
        Pair(0, 2, 0.1, "part_of"),
    ]
    zones = {z.key: z for z in match_report.zones(pairs, ROWS, NAMES, ("nom",))}
    assert {k: z.total for k, z in zones.items()} == {
        "ask": 1, "same": 2, "near": 1, "different": 0
    }  # fmt: skip
    assert [p.score for p in zones["same"].pairs] == ["0,97", "0,99"]


def test_the_page_escapes_everything_and_needs_nothing() -> None:
    text = page([Pair(0, 1, 0.5, "ask", ("titre <i>proche</i>",))])
    assert "<b>assos" not in text
    assert "alert(1)</script>" not in text
    assert "&lt;i&gt;proche" in text
    assert not re.findall(r"""(?:src|href)=["'](?!#)""", text)
    assert text.count("<script>") == 1
    assert 'lang="fr"' in text
    assert "2 lignes ignorées" in text


def test_a_million_pairs_make_a_page_that_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_report, "SHOWN", 3)
    text = page([Pair(0, 1, 0.5, "ask")] * 10)
    assert text.count("<article") == 3
    assert "Les 3 premières sont montrées" in text


def test_the_command_writes_it(tmp_path: Path) -> None:
    table = tmp_path / "annonces.csv"
    table.write_text(
        "id;titre;commune;date de début\n"
        "1;Forum des associations;Gap;2024-09-07\n"
        "2;Forum des associations de Gap;Gap;2024-09-07\n",
        "utf-8",
    )
    report = tmp_path / "page.html"
    done = CliRunner().invoke(
        match.command, [str(table), "-o", str(tmp_path / "out.csv"), "--report", str(report)]
    )
    assert done.exit_code == 0, done.output
    text = report.read_text("utf-8")
    assert "Forum des associations" in text
    assert "titre → title" in done.output
    assert '<td data-side="Prise pour">title</td>' in text
