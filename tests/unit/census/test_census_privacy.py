"""Personal data never leave in a public export, whatever the format and wherever they were."""

import io
import zipfile
from dataclasses import replace

import pytest

from census.columns import COLUMNS, chosen
from census.table import format_named, format_names
from domain.records import Contact, Dossier, FieldValue
from tests.builders import a_dossier, a_mention
from tests.unit.census.test_census_rows import census_of

MAIL, PHONE = "jeanne.martin@orange.example", "06 12 34 56 78"
PLANTED = (MAIL, PHONE, "0612345678", "Jeanne Martin")


def dossier_full_of_people() -> Dossier:
    """Every value a source or a person may give carries an address and a telephone."""
    words = f"appeler {PHONE} ou {MAIL}"
    dossier = a_dossier(title=f"Tournoi, {words}", themes=["heritage"], latitude=44.5, longitude=6)
    names = (
        "description organiser venue address when_words recurrence url rna siren siret type "
        "commune_name organiser_kind postcode status"
    )
    lists = ("partners", "funders", "audience", "disciplines", "labels")
    values = {n: FieldValue(field=n, value=words) for n in names.split()}
    values |= {n: FieldValue(field=n, value=[words, PHONE, MAIL]) for n in lists}
    values |= {"amount": FieldValue(field="amount", value=1500.0)}
    contacts = (
        Contact(kind="email", value=MAIL, is_personal=True),
        Contact(kind="phone", value="0612345678", is_personal=True),
        Contact(kind="person", value="Jeanne Martin", is_personal=True),
    )
    return replace(
        dossier,
        initiative=replace(dossier.initiative, values={**dossier.initiative.values, **values}),
        mentions=(a_mention(contacts=contacts, text=words),),
    )


def written(name: str, *, private: bool = False) -> str:
    """Everything a format wrote, archives and compressed streams opened."""
    out = io.BytesIO()
    format_named(name).write(census_of(dossier_full_of_people(), private=private), out)
    data = out.getvalue()
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "\n".join(archive.read(n).decode("utf-8", "replace") for n in archive.namelist())
    return data.decode("utf-8", "replace")


TEXTUAL = [name for name in format_names() if not name.endswith(("pdf", "parquet"))]


@pytest.mark.parametrize("name", TEXTUAL)
def test_no_public_format_lets_a_person_out(name: str) -> None:
    said = written(name).replace("\r\n ", "")  # iCalendar folds its lines
    assert "masquée" in said  # the words around were written: the test sees something
    assert [one for one in PLANTED if one in said] == []


def test_a_private_export_is_asked_for_and_says_so() -> None:
    said = written("json", private=True)
    assert MAIL in said
    assert "données personnelles" in said


def test_personal_columns_have_one_door() -> None:
    personal = {one.name for one in COLUMNS if one.personal}
    assert personal == {"contacts"}
    assert not personal & {one.name for one in chosen()}
    assert personal <= {one.name for one in chosen(private=True)}


def test_the_rows_themselves_are_public_before_any_format() -> None:
    # Formats only read rows: what is not in a row cannot be written.
    (row,) = census_of(dossier_full_of_people())
    assert not [one for one in PLANTED if one in repr(row)]
