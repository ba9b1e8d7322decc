"""The page of `paat match --report`: what differs is seen, what is odd is escaped, all is told."""

import io
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from flows import match_groups, match_report
from flows.cli import paat
from matching.cards import Ints
from matching.grouping import Judged
from matching.pairs import Pair, Pairs
from matching.rows import kept
from matching.tables import match_rows

ROWS = [
    {"nom": "Forum des <b>assos</b> & co", "commune": "Saint-Rémy", "prix": None},
    {"nom": "Forum des associations", "commune": "saint remy", "prix": None},
    {"nom": "Loto", "commune": "Gap", "prix": 3},
]
NAMES = ["a1", '"><script>alert(1)</script>', "a3"]


def judged(pairs: list[Pair]) -> Pairs:
    """Pairs as `match_rows` gives them, likeliest first."""
    ends = np.array([(p.a, p.b) for p in pairs], dtype=np.int64)
    p = np.array([(one.score, 0, 0, 1 - one.score) for one in pairs])

    def why(which: Ints, _: bool) -> list[tuple[str, ...]]:
        return [pairs[k].reasons for k in which.tolist()]

    everything = Judged("events", 3, ends[:, 0], ends[:, 1], p, why)
    rows = np.arange(3)
    decisions = [one.decision for one in pairs]
    return Pairs(everything, np.arange(len(pairs)), decisions, rows, rows, {1: 0})


def page(pairs: list[Pair]) -> str:
    out = io.BytesIO()
    told = match_report.zones(judged(pairs), ROWS, NAMES, ("nom", "commune", "prix"))
    match_report.write(
        out, title="fichier <x>.csv", facts=[("lignes", "3")], told=told, fields={"nom": "title"},
        warnings=["2 lignes ignorées"],
    )  # fmt: skip
    return out.getvalue().decode()


def test_words_of_one_side_are_set_apart_whatever_the_accents() -> None:
    same = match_report.line("commune", "Saint-Rémy", "saint remy")
    assert not same.differs
    assert same.left == (("Saint-Rémy", False),)
    assert same.same
    other = match_report.line("nom", "Forum des sports 2024", "Forum de sports")
    assert other.left == (("Forum", False), ("des", True), ("sports", False), ("2024", True))
    assert other.differs
    assert not other.same
    assert not match_report.line("prix", "12", None).same  # silence is not agreement
    assert match_report.line("prix", "12", None).left == (("12", False),)
    assert match_report.line("prix", float("nan"), "x").left == ()


def test_each_pair_is_in_the_zone_of_its_decision_the_least_sure_merge_first() -> None:
    pairs = [
        Pair(0, 1, 0.99, "same", ("même titre",)),
        Pair(0, 2, 0.97, "same"),
        Pair(1, 2, 0.4, "ask"),
        Pair(0, 2, 0.1, "part_of"),
    ]
    zones = {z.key: z for z in match_report.zones(judged(pairs), ROWS, NAMES, ("nom",))}
    assert {k: z.total for k, z in zones.items()} == {
        "ask": 1, "same": 2, "near": 1, "different": 0
    }  # fmt: skip
    assert [p.score for p in zones["same"].pairs] == ["97 %", "99 % ou plus"]
    (asked,) = zones["ask"].pairs
    assert asked.decision == "à décider ; le plus probable : différentes"


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
        paat, ["match", str(table), "-o", str(tmp_path / "out.csv"), "--report", str(report)]
    )
    assert done.exit_code == 0, done.output
    text = report.read_text("utf-8")
    assert "Forum des associations" in text
    assert "titre → title" in done.output
    assert '<td data-side="Prise pour">titre ou nom</td>' in text


def test_who_is_part_of_whom_is_said_in_words_and_above_the_columns() -> None:
    text = page([Pair(0, 1, 0.1, "part_of", ("même commune",))])
    assert "&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt; est une partie de a1" in text
    assert "a1 : le festival" in text
    assert "a1, le festival" in text  # each cell says it on a narrow screen


def test_series_festivals_and_dates_are_shown_as_such() -> None:
    names = ("id", "source", "title", "organiser", "venue", "commune", "date_start", "date_end")
    told = [
        ("1", "mairie", "Festival des arts", "2024-09-07", "2024-09-15"),
        ("2", "agenda", "Festival des arts : atelier cirque", "2024-09-10", ""),
        ("3", "mairie", "Festival des arts", "2025-09-06", "2025-09-14"),
        ("4", "mairie", "Loto", "2024-01-06", ""),
    ]
    table = [
        dict(
            zip(
                names,
                (i, source, title, "Ville de Gap", "Le Quattro", "Gap", start, end),
                strict=True,
            )
        )
        for i, source, title, start, end in told
    ]
    rows = kept(table, names)
    fields = {name: name for name in names}
    found = match_rows(
        rows, fields,
        verdicts=[("2", "1", "part_of"), ("1", "3", "other_edition"), ("4", "1", "different")],
    )  # fmt: skip
    [festival], total = match_groups.initiatives(found, rows, fields, ["1", "2", "3", "4"])
    assert total == 1
    assert festival.kind == "festival : 2 éditions, 1 partie"
    assert [one.when for one in festival.editions] == [
        "7 septembre 2024 – 15 septembre 2024", "6 septembre 2025 – 14 septembre 2025"
    ]  # fmt: skip
    assert [part.rows for part in festival.editions[0].parts] == [("2",)]


def test_separate_dates_of_one_edition_are_counted() -> None:
    days = tuple(date(2024, 9, n).toordinal() for n in (7, 14, 21))
    rows = kept(
        [{"title": "Marché", "date_start": "2024-09-07", "days": days}],
        ("title", "date_start", "days"),
    )
    fields = {"title": "title", "date_start": "date_start", "occurrences": "days"}
    [one], _ = match_groups.initiatives(match_rows(rows, fields), rows, fields, ["1"])
    assert (one.kind, one.editions[0].when) == (
        "une édition, 3 dates", "3 dates, 7 septembre 2024 – 21 septembre 2024"
    )  # fmt: skip
