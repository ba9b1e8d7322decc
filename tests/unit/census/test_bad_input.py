"""What comes half filled or impossible: told or left empty, never an export that stops."""

import io
import json

import pytest

from census.columns import chosen
from census.table import format_named, format_names
from domain.records import Dossier
from tests.builders import a_dossier, a_value
from tests.unit.census.test_census_rows import census_of

LIGHT = [name for name in format_names() if name != "parquet"]


@pytest.mark.parametrize(
    "given",
    [
        {"latitude": 44.5},
        {"longitude": 6.0},
        {"latitude": 144.5, "longitude": 6.0},
        {"latitude": "quarante", "longitude": "six"},
        {"latitude": float("nan"), "longitude": 6.0},
    ],
)
def test_half_or_impossible_coordinates_are_the_commune_s_or_none(given: dict[str, object]) -> None:
    (row,) = census_of(a_dossier(**given))  # type: ignore[arg-type]
    assert (row["position"], row["latitude"] is None) == ("commune", False)
    (lost,) = census_of(a_dossier(commune_code=None, **given))  # type: ignore[arg-type]
    assert (lost["position"], lost["latitude"], lost["longitude"]) == (None, None, None)


def dated(**days: str | None) -> Dossier:
    """An initiative whose days a person set."""
    made = a_dossier(days=())
    told = {name: a_value(name, day, rule="user:zoe") for name, day in days.items()}
    values = {**made.initiative.values, **told}
    return Dossier(
        initiative=type(made.initiative)(
            id=made.initiative.id,
            created_at=made.initiative.created_at,
            changed_at=made.initiative.changed_at,
            values=values,
        ),
        campaign=made.campaign,
        mentions=made.mentions,
        suggestions=made.suggestions,
    )


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ({"starts_on": "2027-05-03"}, ("2027-05-03", "2027-05-03")),
        ({"ends_on": "2027-05-03"}, ("2027-05-03", "2027-05-03")),
        ({"starts_on": "2027-05-03", "ends_on": "2027-05-01"}, ("2027-05-03", "2027-05-03")),
        ({"starts_on": "mai 2027"}, (None, None)),
        ({"starts_on": None, "ends_on": None}, (None, None)),
    ],
)
def test_half_filled_days_give_a_day_or_none(
    days: dict[str, str | None], expected: tuple[str | None, str | None]
) -> None:
    (row,) = census_of(dated(**days))
    assert (row["date_debut"], row["date_fin"]) == expected


@pytest.mark.parametrize("name", LIGHT)
def test_every_format_takes_an_initiative_that_says_nothing(name: str) -> None:
    bare = a_dossier(days=(), commune_code=None, department=None, organiser=None)
    out = io.BytesIO()
    assert format_named(name).write(census_of(bare), out) in (0, 1)
    assert out.getvalue()


def test_a_place_without_coordinates_stays_in_the_geojson() -> None:
    out = io.BytesIO()
    format_named("geojson").write(census_of(a_dossier(commune_code=None)), out)
    (feature,) = json.loads(out.getvalue())["features"]
    assert feature["geometry"] is None
    assert set(feature["properties"]) == {c.name for c in chosen()} - {"latitude", "longitude"}
