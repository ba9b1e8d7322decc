"""Which initiatives a census holds, and what its rows say."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from census.rows import Entry, left_out
from census.table import Table, row_of, table
from domain import territory
from domain.records import Award, Decision, Dossier
from domain.statuses import DecisionKind, EventStatus
from tests.builders import NOW, a_campaign, a_dossier, an_occurrence

TODAY = date(2027, 3, 1)


def census_of(*dossiers: Dossier, today: date = TODAY, **more: object) -> Table:
    return table(
        dossiers,
        today=today,
        commune=territory.commune,
        **{"campaign": a_campaign(), **more},  # type: ignore[arg-type]
    )


def decided(dossier: Dossier, kind: DecisionKind, **value: object) -> Dossier:
    decision = Decision(
        id=len(dossier.decisions) + 1,
        initiative=dossier.initiative.id,
        campaign="ESSAI-2027",
        kind=kind,
        by="anne",
        at=NOW,
        value=value,
    )
    return replace(dossier, decisions=(*dossier.decisions, decision))


def with_status(dossier: Dossier, status: EventStatus) -> Dossier:
    editions = tuple(replace(one, status=status) for one in dossier.initiative.editions)
    return replace(dossier, initiative=replace(dossier.initiative, editions=editions))


def test_what_is_proposed_is_in_until_someone_rejects_it() -> None:
    proposed = a_dossier()
    rejected = decided(a_dossier(), DecisionKind.REJECT)
    assert [row["animation_id"] for row in census_of(proposed, rejected)] == [
        proposed.initiative.id
    ]


@pytest.mark.parametrize(
    "outside", [{"department": "69"}, {"days": [date(2024, 6, 5)]}], ids=["elsewhere", "before"]
)
def test_outside_the_campaign_only_a_person_lets_in(outside: dict[str, object]) -> None:
    dossier = a_dossier(**outside)  # type: ignore[arg-type]
    assert not list(census_of(dossier))
    assert len(list(census_of(decided(dossier, DecisionKind.APPROVE, themes=[])))) == 1


def scoped(answer: str, *, p: float = 0.03, chosen: bool = False) -> Dossier:
    dossier = a_dossier()
    scope = replace(dossier.suggestions[0], value=answer, p=p, chosen=chosen)
    return replace(dossier, suggestions=(scope,))


def test_why_an_initiative_is_not_in_a_census_is_told_in_french() -> None:
    def why(dossier: Dossier) -> str:
        return left_out(Entry(dossier=dossier, campaign=a_campaign(), today=TODAY))

    assert [why(a_dossier()), why(decided(scoped("out"), DecisionKind.APPROVE))] == ["", ""]
    assert why(decided(a_dossier(), DecisionKind.REJECT)) == (
        "une personne l'a jugée hors champ (sans motif écrit)"
    )
    assert why(a_dossier(department="69")).endswith("(département 69)")
    assert why(a_dossier(days=[date(2024, 6, 5)])).startswith(
        "aucune de ses dates (5 juin 2024) n'est dans la campagne, du "
    )
    assert "hors champ (3 % de chances d'en être)" in why(scoped("out"))
    assert "une personne tranchera" in why(scoped("ask", p=0.4))
    assert "pas encore jugé" in why(replace(a_dossier(), suggestions=()))


def test_a_reviewer_s_themes_replace_the_machine_s() -> None:
    dossier = a_dossier(themes=["heritage"])
    (machine,) = census_of(dossier)
    (person,) = census_of(decided(dossier, DecisionKind.APPROVE, themes=["solidarite"]))
    assert (machine["theme_heritage"], machine["theme_solidarite"]) == (True, False)
    assert (person["theme_heritage"], person["theme_solidarite"]) == (False, True)
    assert person["theme_source"] == "revue"


@pytest.mark.parametrize(
    ("today", "status", "expected"),
    [
        (date(2027, 6, 5), EventStatus.PLANNED, "programmee"),
        (date(2027, 6, 6), EventStatus.PLANNED, "realisee"),
        (date(2027, 6, 6), EventStatus.CANCELLED, "annulee"),
        (date(2027, 3, 1), EventStatus.POSTPONED, "reportee"),
    ],
)
def test_the_status_is_that_of_the_day_of_the_export(
    today: date, status: EventStatus, expected: str
) -> None:
    (row,) = census_of(with_status(a_dossier(), status), today=today)
    assert row["statut"] == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2027, 6, 6), ["2027-06-05/2027-06-07"]),
     (date(2027, 6, 9), ["2027-06-05/2027-06-07", "2027-06-09/2027-06-09"])],
)  # fmt: skip
def test_a_part_of_a_festival_is_an_edition_only_outside_its_days(
    day: date, expected: list[str]
) -> None:
    dossier = a_dossier(days=(date(2027, 6, 5), day), themes=("heritage",))
    festival, part = dossier.initiative.editions
    festival = replace(festival, occurrences=(an_occurrence(date(2027, 6, 5), days=3),))
    both = (replace(part, part_of=festival.id), festival)
    told = replace(dossier, initiative=replace(dossier.initiative, editions=both))
    [row] = list(census_of(told))
    assert row["editions"] == expected


def test_without_date_it_is_only_thought_of() -> None:
    (row,) = census_of(a_dossier(days=()))
    assert (row["statut"], row["date_debut"], row["editions"]) == ("envisagee", None, [])


def test_the_centre_of_the_commune_stands_for_a_place_without_coordinates_and_says_so() -> None:
    bare, placed = census_of(
        a_dossier(commune_code="13055"), a_dossier(latitude=43.3, longitude=5.4)
    )
    assert (bare["position"], placed["position"]) == ("commune", "lieu")
    assert bare["latitude"] == pytest.approx(43.297, abs=0.01)
    assert (placed["latitude"], placed["longitude"]) == (43.3, 5.4)


def test_a_label_counts_only_while_it_is_valid() -> None:
    dossier = a_dossier()
    held = Award(
        label="MSS", initiative=dossier.initiative.id, starts_on=date(2022, 3, 2)
    )  # five years
    dossier = replace(dossier, awards=(held,))
    (valid,) = census_of(dossier, today=date(2027, 2, 1))
    (expired,) = census_of(dossier, today=date(2027, 3, 2) + timedelta(days=1))
    assert valid["labels_nationaux"] == ["MSS"]
    assert expired["labels_nationaux"] == []


def test_a_code_that_is_none_is_left_empty() -> None:
    (row,) = census_of(a_dossier(siren="hors numéro", rna="W131000001"))
    assert (row["porteur_siren"], row["porteur_rna"]) == (None, "W131000001")


def test_a_row_is_made_of_the_columns_asked_and_no_other() -> None:
    found = census_of(a_dossier())
    entry = next(iter(census_of(a_dossier()).entries))
    assert isinstance(entry, Entry)
    assert list(row_of(entry, found.columns[:2])) == ["animation_id", "intitule"]
