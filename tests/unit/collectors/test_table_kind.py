"""Rows of known exports → items: keys, dates, what is dropped and told. Fictitious content."""

import json
from datetime import UTC, datetime

import pytest

from collectors.imports import import_slug, read_import
from collectors.kinds.table import parse, read
from collectors.tables.items import Reading
from domain.errors import ConfigError, Unreadable
from domain.records import Source
from tests.unit.collectors.test_action_sheet import IN_LINE, as_docx
from tests.unit.collectors.test_tables import FRAMAFORMS

SOURCE = Source(slug="export", title="Export", kind="table", url="https://exemple.test/e")

GOOGLE_FORMS = """\
Horodateur,Adresse e-mail,Nom de votre projet,Date de l'événement,À qui s'adresse votre action ?,\
"Décrivez votre action, en quelques mots"
2024/02/03 10:12:33 AM UTC+1,a@exemple.test,Relais des écoles,6/14/2024,"Jeunes, Familles","Une \
course par équipes dans la cour, puis un goûter partagé avec les parents."
2024/02/04 9:00:02 AM UTC+1,b@exemple.test,Marche bleue,6/2/2024,Seniors,Six kilomètres.
"""
LIMESURVEY = """\
"id. Identifiant de la réponse";"submitdate. Date de soumission";"lastpage. Dernière page";\
"startlanguage. Langue de départ";"Q1. Intitulé de l'action";"Q2[SQ001]. Publics [Jeunes]";\
"Q2[SQ002]. Publics [Seniors]";"Q3. Commune"
"12";"2024-03-01 10:00:00";"3";"fr";"Tournoi";"Oui";"Non";"Digne-les-Bains"
"13";"2024-03-02 10:00:00";"3";"fr";"Bal";"Non";"Oui";"Manosque"
"""
DEMARCHES = """\
ID,Email,Entreprise SIRET,Archivé,État du dossier,Dernière mise à jour le,Déposé le,\
Intitulé du projet,Date de début,Date de fin,Commune,Code INSEE,Budget prévisionnel
170001,c@exemple.test,35600000063516,false,Accepté,2024-02-01 10:00,2024-01-05 09:30,\
Raid nature,2024-05-04,2024-05-05,Gap,5061,"12 500,50"
"""
GRIST = """\
Titre,Description,Département,Statut,Themes,Lien
Cross,Course,Var,Publié,"Engagement, Héritage",https://exemple.test/1
Gala,Danse,Var,Annulé,,https://exemple.test/2
"""


def reading(text: str, **options: object) -> Reading:
    source = Source(**{**_fields(), "options": options})  # type: ignore[arg-type]
    return read(text.encode(), source)


def _fields() -> dict[str, object]:
    return {"slug": "export", "title": "Export", "kind": "table", "url": "https://exemple.test/e"}


def test_framaforms() -> None:
    got = reading(FRAMAFORMS)
    first, second = got.items
    assert (first.key, second.key) == ("2101", "2102")
    assert first.fields == {
        "title": "Relais des écoles",
        "audience": ["Jeunes"],
        "commune": "Apt",
    }
    assert first.published_at == datetime(2024, 2, 3, 9, 12, tzinfo=UTC)
    assert any("IP Address, UID, Username" in w for w in got.warnings)
    assert "192.0.2.7" not in json.dumps([dict(i.fields) for i in got.items])


def test_google_forms() -> None:
    first, second = reading(GOOGLE_FORMS).items
    assert first.fields["title"] == "Relais des écoles"
    assert first.fields["start"] == "2024-06-14"
    assert second.fields["start"] == "2024-06-02"
    assert first.fields["audience"] == ["Jeunes", "Familles"]
    assert first.fields["text"].startswith("Une course")
    assert first.published_at == datetime(2024, 2, 3, 9, 12, 33, tzinfo=UTC)


def test_limesurvey() -> None:
    first, second = reading(LIMESURVEY).items
    assert first.key == "12"
    assert first.fields["title"] == "Tournoi"
    assert (first.fields["audience"], second.fields["audience"]) == (["Jeunes"], ["Seniors"])
    assert first.fields["commune"] == "Digne-les-Bains"
    assert first.published_at == datetime(2024, 3, 1, 9, 0, tzinfo=UTC)


def test_demarches() -> None:
    (item,) = reading(DEMARCHES).items
    assert item.key == "170001"
    assert item.fields["insee"] == "05061"
    assert item.fields["siret"] == "35600000063516"
    assert item.fields["budget"] == 12500.5
    assert (item.fields["start"], item.fields["end"]) == ("2024-05-04", "2024-05-05")
    assert item.published_at == datetime(2024, 1, 5, 8, 30, tzinfo=UTC)
    assert "status" not in item.fields
    assert "État du dossier" in item.leftovers


def test_grist() -> None:
    first, second = reading(GRIST).items
    assert first.fields["department"] == "Var"
    assert first.fields["themes"] == ["Engagement", "Héritage"]
    assert second.fields["status"] == "cancelled"
    assert first.url == "https://exemple.test/1"


def test_words_of_a_date_are_kept_as_words() -> None:
    (item,) = reading("Titre,Date\nFête,du 3 au 5 juin\n").items
    assert item.fields["when"] == "du 3 au 5 juin"
    assert "start" not in item.fields


def test_importing_again_changes_nothing_and_a_copy_keeps_its_keys() -> None:
    text = "Titre,Commune,Description\nCross,Gap,Texte\nGala,Nice,Autre\n"
    edited = text.replace("Autre", "Corrigé").replace("\nGala", "\nNouveau,Apt,x\nGala")
    before, again, after = reading(text).items, reading(text).items, reading(edited).items
    assert before == again
    assert {i.key for i in before} < {i.key for i in after}


def test_twins_are_kept_apart_and_told() -> None:
    got = reading("Titre,Montant\nCross,100\nCross,100\n")
    assert len({item.key for item in got.items}) == 2
    assert any("même identité" in w for w in got.warnings)


def test_totals_and_rows_without_title_are_left_out_and_told() -> None:
    got = reading("Titre;Montant\nCross;100\n;50\nTOTAL;150\n")
    assert [item.fields["title"] for item in got.items] == ["Cross"]
    assert any("2 ligne(s)" in w for w in got.warnings)


def test_a_mapping_decides_and_the_rest_is_told() -> None:
    got = reading("Quoi,Autre\nCross,zut\n", mapping={"Quoi": "title"})
    assert got.items[0].fields == {"title": "Cross"}
    assert got.items[0].leftovers == ("Autre",)


def test_a_name_stands_for_a_missing_title() -> None:
    got = reading("Association;Ville\nClub du Val;Apt\n")
    assert got.items[0].fields["title"] == "Club du Val"
    assert any("tient lieu" in w for w in got.warnings)


@pytest.mark.parametrize(
    ("text", "error"),
    [("a;b\nx;y\n", Unreadable), ("Titre;Ville\n", Unreadable)],
)
def test_what_gives_no_item_says_why(text: str, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"attendue|aucune ligne"):
        parse(text.encode(), SOURCE)


def test_a_mapping_of_an_absent_column_is_refused() -> None:
    with pytest.raises(ConfigError):
        reading("Titre\nx\n", mapping={"Nom": "title"})


@pytest.mark.parametrize(
    "name",
    ["Recensement Nice.xlsx", "recensement_nice (1).csv", "Copie de Recensement Nice_v2.xlsx",
     "recensement-nice_2024-05-12.csv"],
)  # fmt: skip
def test_copies_of_a_file_are_one_source(name: str) -> None:
    assert import_slug(name) == "import-recensement-nice"


def test_a_file_is_read_as_what_it_is() -> None:
    sheet = read_import(as_docx(IN_LINE), name="fiche.docx")
    assert (sheet.source.kind, len(sheet.items)) == ("action_sheet", 1)
    tabled = read_import(GRIST.encode(), name="grist.txt", campaign="PAAT-2024")
    assert (tabled.source.kind, len(tabled.items)) == ("table", 2)
    assert tabled.source.campaign == "PAAT-2024"
    with pytest.raises(Unreadable, match="fiche action"):
        read_import(b"Bonjour\n\nMerci\n", name="lettre.txt")
