import pytest

from collectors.extract.contacts import find_contacts, mask, read_contacts
from collectors.extract.who import read_who
from domain.records import Contact, Source
from domain.statuses import ActorKind

SOURCE = Source(slug="s", title="S", kind="table", url="https://example.org")


def test_identifiers_are_checked_and_a_wrong_key_is_told() -> None:
    who = read_who({"organiser": "Le Mouvement associatif Sud", "siret": 40229699000037.0}, SOURCE)
    assert (who.siret, who.siren, who.warnings) == ("40229699000037", "402296990", ())
    wrong = read_who({"organiser": "X", "siret": "402 296 990 00038", "rna": "W13"}, SOURCE)
    assert (wrong.siret, wrong.rna) == (None, None)
    assert wrong.warnings == ("RNA invalide : W13", "SIRET invalide : 402 296 990 00038")


def test_the_kind_comes_from_the_field_then_the_name_then_the_rna() -> None:
    assert read_who({"organiser": "Mairie de Gap"}, SOURCE).kind is ActorKind.COMMUNE
    field = {"organiser": "Mairie de Gap", "organiser_kind": "association"}
    assert read_who(field, SOURCE).kind is ActorKind.ASSOCIATION
    numbered = {"organiser": "La Bande", "rna": "W131000001"}
    assert read_who(numbered, SOURCE).kind is ActorKind.ASSOCIATION
    assert read_who({"organiser": "La Bande"}, SOURCE).kind is None


def test_the_source_s_organiser_speaks_when_the_item_names_none() -> None:
    source = Source(slug="s", title="S", kind="feed", url="https://e.org", organiser="CDOS 05")
    assert read_who({}, source).name == "CDOS 05"
    assert read_who({"organiser": "MAIRIE DE GAP"}, source).name == "Mairie de Gap"


def test_contacts_are_found_once_and_told_personal_or_not() -> None:
    text = "jean.petit@free.fr, contact@gap.fr, 04 92 53 24 24 ou +33 (0)6 12 34 56 78, 0492532424"
    assert [(c.kind, c.value, c.is_personal) for c in find_contacts(text)] == [
        ("email", "jean.petit@free.fr", True),
        ("email", "contact@gap.fr", False),
        ("phone", "04 92 53 24 24", False),
        ("phone", "06 12 34 56 78", True),
    ]


@pytest.mark.parametrize("text", ["2024-2025", "SIRET 40229699000037", "13006 Marseille", "12/06"])
def test_other_numbers_are_not_phones(text: str) -> None:
    assert find_contacts(text) == ()
    assert mask(text) == text


def test_a_person_is_read_only_from_its_field() -> None:
    assert read_contacts(person="Jeanne Martin") == (
        Contact(kind="person", value="Jeanne Martin", is_personal=True),
    )
    assert read_contacts(person="mairie@gap.fr")[0].kind == "email"
    assert find_contacts("Renseignements auprès de Jeanne Martin") == ()
