"""What columns are taken for, by their names and by what they hold. Fictitious content."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.tables.columns import (
    TO_RAW,
    explain,
    fields,
    guess,
    header_key,
    known_fields,
    read_mapping,
    spaced,
    write_mapping,
)
from domain.errors import ConfigError
from domain.records import RAW_FIELDS

CENSUS = {  # the French headers and technical names of our own census
    "animation_id": "id",
    "Identifiant": "id",
    "Intitulé": "title",
    "description": "description",
    "type_animation": "type",
    "Statut de l'animation": "status",
    "Porteur": "organiser",
    "Qui ?": "organiser",
    "porteur_nom": "organiser",
    "Nature du porteur": "organiser_kind",
    "porteur_rna": "rna",
    "SIRET": "siret",
    "date_debut": "date_start",
    "Début": "date_start",
    "Fin": "date_end",
    "Récurrence": "recurrence",
    "lieu_nom": "venue",
    "Lieu": "venue",
    "lieu_adresse": "address",
    "Code commune COG": "insee",
    "code_commune": "insee",
    "nom_commune": "commune",
    "Département": "dep",
    "code_departement": "dep",
    "Latitude": "lat",
    "Publics": "audience",
    "Disciplines sportives": "discipline",
    "Labels nationaux détenus": "labels",
    "Partenaires": "partners",
    "Budget prévisionnel (€)": "budget",
    "Financeurs": "funders",
    "Participants prévus": "participants",
    "Adresse source": "url",
    "source_url": "url",
    "Type de source": "source",
    "Mis à jour le": "updated_at",
    "Provenance des thèmes": "ignored",
}
FORMS = {
    "1. Titre de votre projet *": "title",
    "Quel est le nom de votre projet ?": "title",
    "Dans quelle commune se déroule l'action ?": "commune",
    "Décrivez votre action en quelques mots": "description",
    "Horodateur": "published_at",
    "Adresse e-mail": "email",
    "Adresse IP": "personal",
    "N° de téléphone": "phone",
    "Date de début (jj/mm/aaaa)": "date_start",
    "Quel public visé ?": "audience",
    "Montant accordé (en €)": "amount",
    "startDate": "date_start",
    "codePostal": "postcode",
    "Event name": "title",
    "N° SIRET": "siret",
    "Nom de la structure porteuse": "organiser",
    "Lien vers le site": "url",
}


@pytest.mark.parametrize(("header", "field"), [*CENSUS.items(), *FORMS.items()])
def test_a_header_alone_is_recognised(header: str, field: str) -> None:
    assert guess([header], []) == {header: field}


@pytest.mark.parametrize(
    ("header", "values", "field"),
    [
        ("Champ 1", ["a.b@exemple.test", "c@exemple.test"], "email"),
        ("Champ 1", ["35600000063516", "356 000 000 60857"], "siret"),
        ("Champ 1", ["W131000001", "W061000002"], "rna"),
        ("date", ["samedi 12 octobre", "du 3 au 5 juin 2027"], "when"),
        ("date", ["2024-10-12", "2024-10-13"], "date_start"),
        ("geo", ["43.7, 7.26"], None),
        ("geo_point_2d", ["43.7, 7.26"], "latlon"),
        ("Titre", ["oui", "non"], None),
        ("Champ 1", ["x" * 90, "y" * 90], "description"),
        ("code", ["a", "b"], None),
    ],
)
def test_content_confirms_corrects_or_replaces_the_name(
    header: str, values: list[str], field: str | None
) -> None:
    found = guess([header], [{header: value} for value in values])
    assert found.get(header) == field


def test_an_id_is_told_apart_from_a_code_that_repeats() -> None:
    rows = [{"benef_id": "N1", "id": 1}, {"benef_id": "N1", "id": 2}]
    assert guess(["benef_id", "id"], rows) == {"id": "id"}
    assert guess(["id"], [{"id": 1}, {"id": 1}]) == {}


@pytest.mark.parametrize(
    ("days", "second"),
    [
        ([("07/07/2025", "01/08/2025"), ("21/06/2025", "21/06/2025")], "date_end"),
        ([("07/07/2025", "07/07/2025")], None),  # the same told twice
        ([("07/07/2025", "01/08/2025"), ("21/06/2025", "03/02/2025")], None),  # no last day
    ],
)
def test_a_second_date_that_never_comes_before_is_the_last_day(
    days: list[tuple[str, str]], second: str | None
) -> None:
    rows = [dict(zip(("Date", "Date (2)"), pair, strict=True)) for pair in days]
    found = guess(["Date", "Date (2)"], rows)
    assert (found["Date"], found.get("Date (2)")) == ("date_start", second)


def test_a_number_left_aside_says_why() -> None:
    rows = [{"N° SIRET": "40266717400012"}, {"N° SIRET": "78461234500011"}]
    (found,) = explain(["N° SIRET"], rows)
    assert found.field is None
    assert found.reason.startswith("0 SIRET à la clé juste sur 2 ; corrigez-les")


def test_one_column_per_answer() -> None:
    columns = ["Publics / Jeunes", "Publics [Seniors]", "theme_education_populaire", "Solidarité"]
    rows = [dict(zip(columns, ["X", "Oui", True, "non"], strict=True)), dict.fromkeys(columns)]
    assert list(guess(columns, rows).values()) == [
        "audience:Jeunes",
        "audience:Seniors",
        "themes:education-populaire",
        "themes:solidarite",
    ]


def test_a_drupal_account_is_personal_an_agenda_uid_is_an_id() -> None:
    assert guess(["SID", "UID"], [{"SID": 1, "UID": 5}])["UID"] == "personal"
    assert guess(["uid"], [{"uid": 1}, {"uid": 2}]) == {"uid": "id"}


def test_the_mapping_decides() -> None:
    rows = [{"Titre": "Cross", "Nom long": "Grand cross"}]
    mapping = {"nom long": "title", "Titre": ""}
    found = explain(["Titre", "Nom long"], rows, mapping=mapping)
    assert [(g.field, g.reason) for g in found] == [(None, "choisi"), ("title", "choisi")]


@pytest.mark.parametrize("mapping", [{"Absente": "title"}, {"Titre": "couleur"}])
def test_a_mapping_that_names_nothing_known_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="attendu"):
        guess(["Titre"], [], mapping=mapping)


def test_a_mapping_file_serves_several_layouts() -> None:
    one, two = ["Titre", "Ville"], ["Nom", "Lieu"]
    text = write_mapping(one, {"Titre": "title"})
    text = write_mapping(two, {"Lieu": "commune"}, old=text)
    assert read_mapping(text, ["ville", "TITRE"]) == {"TITRE": "title"}
    assert read_mapping(text, two) == {"Lieu": "commune"}
    assert read_mapping('"Titre" = "title"', one) == {"Titre": "title"}
    assert set(json.loads(text)) == {header_key(one), header_key(two)}
    with pytest.raises(ConfigError, match="voyez docs"):
        read_mapping("= x", one)


def test_every_field_has_its_place_in_a_raw_item() -> None:
    assert {TO_RAW.get(f, f) for f in fields()} - {None} <= set(RAW_FIELDS)
    assert set(TO_RAW) <= known_fields()


def test_names_are_written_folded_once_and_for_one_field() -> None:
    seen: dict[str, str] = {}
    for field, names in fields().items():
        for name in names:
            assert spaced(name) == name
            assert seen.setdefault(name, field) == field, name


@given(
    st.lists(st.text(max_size=30), min_size=1, max_size=6, unique=True),
    st.lists(st.lists(st.one_of(st.none(), st.text(max_size=20), st.floats()), min_size=6)),
)
def test_any_table_can_be_guessed(columns: list[str], rows: list[list[object]]) -> None:
    sample = [dict(zip(columns, row, strict=False)) for row in rows]
    assert [g.column for g in explain(columns, sample)] == columns
