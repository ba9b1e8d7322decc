"""Labels are proposed by the rules of the campaign; never granted, never twice, never too late."""

from dataclasses import replace
from datetime import date

import pytest

from census import indicators
from census.labelling import Shown, proposals
from domain.campaigns import LabelRule, campaign
from domain.records import Award, Dossier
from tests.builders import a_campaign, a_dossier
from tests.unit.census.test_census_rows import census_of

DURABLE = LabelRule(
    code="DDSE", why="…", themes=("developpement-durable",), types=("course_marche", "competition")
)
REGIONAL = LabelRule(code="ELAN", name="Élan", issuer="Région", why="…", themes=("heritage",))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (Shown(type="competition", themes=["developpement-durable"]), ["DDSE"]),
        (Shown(type="competition", themes=["heritage"]), ["ELAN"]),
        (Shown(type="competition"), []),
        (Shown(type="competition", themes=["developpement-durable"], held=["DDSE"]), []),
        (Shown(themes=["heritage"], held=["ELAN"]), []),
    ],
)
def test_every_list_of_a_rule_must_be_met(shown: Shown, expected: list[str]) -> None:
    assert proposals((DURABLE, REGIONAL), shown) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2024, 7, 27), ["CLUB2024"]), (date(2025, 7, 27), []), (None, [])],
)
def test_a_closed_label_is_proposed_only_for_its_time(
    day: date | None, expected: list[str]
) -> None:
    rules = campaign("PAAT-2024").labels
    shown = Shown(starts_on=day, highlight="CLUB2024", organiser="commune")
    assert proposals(rules, shown) == expected


def test_a_rule_that_asks_nothing_proposes_nothing() -> None:
    assert proposals((LabelRule(code="X", why="…"),), Shown(themes=["heritage"])) == []


def test_rows_carry_proposals_apart_from_what_is_held() -> None:
    here = a_campaign(labels=(REGIONAL,))
    (row,) = census_of(a_dossier(themes=["heritage"]), campaign=here)
    assert (row["labels_proposes"], row["labels_nationaux"], row["label_regional"]) == (
        *(["ELAN"], []),
        None,
    )
    (held,) = census_of(awarded(a_dossier(themes=["heritage"])), campaign=here)
    assert (held["labels_proposes"], held["label_regional"]) == ([], "ELAN")


def test_the_census_counts_held_and_proposed() -> None:
    here = a_campaign(labels=(REGIONAL,))
    rows = list(
        census_of(
            *(a_dossier(themes=["heritage"]) for _ in range(3)),
            awarded(a_dossier(themes=["heritage"])),
            a_dossier(),
            campaign=here,
        )
    )
    (told,) = indicators.proposed_labels(rows, here)
    assert (told.name, told.held, told.proposed, told.share.n) == ("Élan", 1, 3, 5)


def awarded(dossier: Dossier) -> Dossier:
    award = Award(label="ELAN", initiative=dossier.initiative.id, starts_on=date(2027, 1, 1),
                  ends_on=date(2028, 1, 1))  # fmt: skip
    return replace(dossier, awards=(award,))
