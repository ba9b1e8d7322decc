"""Ways of writing are no changes; what a decision rests on is told, in French."""

from dataclasses import replace
from datetime import date, time

import pytest

from domain.changes import DECISIVE, NAMES, changes, told
from domain.records import Occurrence, When, Where, Who
from domain.statuses import EventStatus
from tests.builders import a_mention

BASE = replace(a_mention(), text="Venez nombreux !", where=Where(venue="Salle de l’Été"))
DAY = date(2027, 6, 5)


@pytest.mark.parametrize(
    "change",
    [
        {"title": "ANNONCE 1 !"},
        {"text": "venez  nombreux"},
        {"where": Where(venue="salle de l'ete", latitude=44.5)},
        {"who": Who(name="VILLE DE GAP", siren="210500617")},
        {"when": replace(BASE.when, words="le 5 juin 2027", warnings=("x",))},
        {"warnings": ("x",)},
    ],
)
def test_another_way_of_writing_is_no_change(change: dict[str, object]) -> None:
    assert changes(BASE, replace(BASE, **change)) == {}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            {"when": When(starts_on=date(2027, 6, 12), ends_on=date(2027, 6, 12))},
            "premier jour : 5 juin 2027 → 12 juin 2027",
        ),
        ({"where": Where(venue="Gymnase")}, "lieu : Salle de l’Été → Gymnase"),
        ({"status": EventStatus.CANCELLED}, "état : programmée → annulée"),
        ({"who": Who()}, "porteur : Ville de Gap → rien"),
        (
            {
                "when": replace(
                    BASE.when,
                    occurrences=(Occurrence(starts_on=DAY, ends_on=DAY, starts_at=time(14)),),
                )
            },
            "dates et heures : rien → 2027-06-05 14:00",
        ),
    ],
)
def test_what_a_decision_rests_on_is_told(change: dict[str, object], line: str) -> None:
    found = changes(BASE, replace(BASE, **change))  # type: ignore[arg-type]
    assert found.keys() & DECISIVE
    assert told(found)[0] == line


def test_a_new_text_is_told_and_decides_nothing() -> None:
    found = changes(BASE, replace(BASE, text="Autre", url="https://x.example/2"))
    assert not found.keys() & DECISIVE
    assert told(found)[-1] == "le texte a changé"
    assert NAMES.keys() >= DECISIVE
