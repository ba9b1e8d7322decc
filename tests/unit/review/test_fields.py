"""Fields as a person writes and reads them."""

import pytest

from review import fields
from review.preview import slug_of


def test_a_commune_is_understood_by_name_by_department_and_by_code():
    assert fields.commune("Gap (05)")["commune_code"] == "05061"
    assert fields.commune("gap")["commune_name"] == "Gap"
    assert fields.commune("13055")["commune_name"] == "Marseille"
    assert fields.commune("  ") == {"commune_code": None, "commune_name": None, "department": None}


@pytest.mark.parametrize("name", ["Xyzzyville", "<script>", "99999"])
def test_an_unknown_commune_is_told_in_french(name):
    with pytest.raises(fields.Unfit) as told:
        fields.commune(name)
    assert told.value.french.startswith(("Aucune commune", "Commune «"))


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("title", "  Fête \n du sport ", {"title": "Fête du sport"}),
        ("title", "", {"title": None}),
        ("starts_on", "2027-06-05", {"starts_on": "2027-06-05"}),
        ("audience", "jeunes, , seniors", {"audience": ["jeunes", "seniors"]}),
        ("url", "https://exemple.fr/a", {"url": "https://exemple.fr/a"}),
        ("status", "cancelled", {"status": "cancelled"}),
    ],
)
def test_what_is_typed_becomes_the_value(name, typed, kept):
    assert fields.BY_NAME[name].read(typed) == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("starts_on", "5 juin"),
        ("starts_on", "2027-02-30"),
        ("url", "javascript:alert(1)"),
        ("url", "http://["),
        ("status", "finie"),
    ],
)
def test_what_cannot_be_is_refused(name, typed):
    with pytest.raises(fields.Unfit):
        fields.BY_NAME[name].read(typed)


def test_values_are_shown_in_french():
    assert fields.shown("starts_on", "2027-06-01") == "1er juin 2027"
    assert fields.shown("status", "cancelled") == "annulée"
    assert fields.shown("audience", ["jeunes", "seniors"]) == "jeunes, seniors"
    assert fields.shown("sheet", {"a": 1, "b": None}) == "a : 1"
    assert fields.shown("parasport", True) == "oui"
    assert fields.shown("title", None) == ""
    assert fields.rule_of("user:lea") == "fixée par lea"


def test_a_slug_is_made_of_plain_letters():
    assert slug_of("Agenda de l'Étang !", "") == "agenda-de-l-etang"
    assert slug_of("", "https://gap.fr/a") == "gap-fr"
    assert slug_of("…", "") == "source"
