from dataclasses import replace

from domain.records import Visit
from domain.statuses import Outcome
from flows.report import as_json, lines
from flows.steps import Report
from tests.builders import NOW

FINE = Visit(source="gap", outcome=Outcome.UNCHANGED, started_at=NOW, requests=1)
DEAD = replace(FINE, source="mort", outcome=Outcome.UNREACHABLE, why="le site répond 500")


def test_a_run_that_changes_nothing_says_so() -> None:
    assert "Rien de nouveau" in "\n".join(lines(Report(visits=(FINE,))))


def test_a_failing_source_is_named_with_its_reason() -> None:
    told = "\n".join(lines(Report(visits=(FINE, DEAD), counts={"new": 1})))
    assert "2 sources visitées : 1 lues (dont 1 inchangées), 1 en défaut." in told
    assert "! mort : injoignable — le site répond 500" in told
    assert "connexion" not in told


def test_our_own_network_is_told_once_and_nobody_is_named() -> None:
    held = tuple(replace(DEAD, source=f"s{n}", counted=False) for n in range(6))
    told = "\n".join(lines(Report(visits=(FINE, *held))))
    assert "1 sources visitées : 1 lues (dont 1 inchangées), 0 en défaut." in told
    assert told.count("La connexion de cette machine semble coupée : 6 sources") == 1
    assert "! s1" not in told


def test_what_a_person_has_to_do_is_told_after_what_failed() -> None:
    told = lines(Report(visits=(FINE, DEAD), tasks=("gap : a déménagé",)))
    assert told[-1] == "  → à faire, gap : a déménagé"


def test_the_json_of_a_run_keeps_every_visit() -> None:
    told = as_json(Report(visits=(FINE, DEAD), counts={"new": 0}))
    assert [one["outcome"] for one in told["visits"]] == ["unchanged", "unreachable"]  # type: ignore[index, union-attr]
