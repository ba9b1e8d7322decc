from datetime import date

import pytest

from domain.actors import acronym, alias_of, comparison_key, display_name, kind_of
from domain.statuses import ActorKind


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("MAIRIE DE GAP", ActorKind.COMMUNE),
        ("Ville de Marseille - service des sports", ActorKind.COMMUNE),
        ("CCAS de Gap", ActorKind.OTHER),
        ("Communauté de communes du Guillestrois et du Queyras", ActorKind.EPCI),
        ("Métropole Nice Côte d'Azur", ActorKind.EPCI),
        ("Durance Luberon Verdon Agglomération", ActorKind.EPCI),
        ("Conseil départemental des Hautes-Alpes", ActorKind.DEPARTEMENT),
        ("Département du Var", ActorKind.DEPARTEMENT),
        ("Région Sud", ActorKind.REGION),
        ("Préfecture du Var", ActorKind.ETAT),
        ("SDJES 13", ActorKind.ETAT),
        ("Collège Jean Giono", ActorKind.SCHOOL),
        ("École élémentaire Les Lilas", ActorKind.SCHOOL),
        ("CDOS 05", ActorKind.FEDERATION),
        ("Comité départemental de judo du Var", ActorKind.FEDERATION),
        ("Ligue PACA de handball", ActorKind.FEDERATION),
        ("Fondation de France", ActorKind.FOUNDATION),
        ("SARL Horizon Sud", ActorKind.COMPANY),
        ("Association des parents d'élèves du collège Giono", ActorKind.ASSOCIATION),
        ("Amicale du personnel de la mairie d'Apt", ActorKind.ASSOCIATION),
        ("Ligue de l'enseignement 13", ActorKind.ASSOCIATION),
        ("Judo club briançonnais", ActorKind.ASSOCIATION),
        ("HBG - Handball gardéen", ActorKind.ASSOCIATION),
        ("Université populaire du Pays de Forcalquier", ActorKind.ASSOCIATION),
        ("Comité de Montfavet", ActorKind.ASSOCIATION),
        ("La Bande à Mandrin", None),
        ("", None),
    ],
)
def test_the_kind_is_what_the_name_shows(name: str, kind: ActorKind | None) -> None:
    assert kind_of(name) is kind


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mairie de Gap", "VILLE DE GAP"),
        ("Association loi 1901 Les Amis de la Sainte-Baume", "Les amis de la Ste Baume"),
        ("Comité départemental olympique et sportif du Var", "CDOS Var"),
        ("Union sportive de Veynes", "US Veynes"),
        ("DRJSCS PACA", "DRAJES PACA"),
        ("Région PACA", "Conseil régional Provence-Alpes-Côte d'Azur"),
        ("MJC de Manosque", "Maison des Jeunes et de la Culture de Manosque"),
    ],
)
def test_two_writings_of_one_organiser_compare_equal(one: str, other: str) -> None:
    assert comparison_key(one) == comparison_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mairie de Gap", "CCAS de Gap"),
        ("Mairie de Gap", "Mairie de Sisteron"),
        ("Judo club de Gap", "Aïkido club de Gap"),
        ("CDOS 05", "CDOS 06"),
        ("Association", ""),
    ],
)
def test_different_organisers_do_not(one: str, other: str) -> None:
    assert comparison_key(one) != comparison_key(other)


def test_an_alias_is_dated() -> None:
    alias = alias_of("DRJSCS PACA")
    assert alias is not None
    assert alias.until == date(2020, 12, 31)
    assert alias_of("DRJSCS PACA", on=date(2019, 6, 1)) == alias
    assert alias_of("DRJSCS PACA", on=date(2022, 6, 1)) is None
    assert alias_of("DRAJES PACA", on=date(2022, 6, 1)) is not None
    assert alias_of("Mairie de Gap") is None


def test_names_are_not_shouted_and_acronyms_are_kept() -> None:
    assert display_name("US STE TULLE") == "US Ste Tulle"
    assert display_name("OFFICE DES SPORTS DE L'ISLE") == "Office des Sports de l'Isle"
    assert display_name("Les Amis du CDOS") == "Les Amis du CDOS"
    assert display_name("UNSS") == "UNSS"


def test_acronyms_take_the_words_that_count() -> None:
    assert acronym("Maison des jeunes et de la culture") == "mjc"
