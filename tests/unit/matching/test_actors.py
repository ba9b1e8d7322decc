"""Organisers as people write them, and the actors they are."""

import pytest

from domain.records import Actor
from domain.statuses import ActorKind
from matching.actors import Resolved, Told, resolve

KNOWN = [
    Actor(id=f"A{n}", name=name, department=department, aliases=aliases)
    for n, (name, department, aliases) in enumerate(
        [
            ("DRAJES Provence-Alpes-Côte d'Azur", "13", ()),
            ("DREETS Provence-Alpes-Côte d'Azur", "13", ()),
            ("Communauté de communes du Guillestrois", "05", ()),
            ("Communauté d'agglomération du Grand Avignon", "84", ()),
            ("Mairie de Gap", "05", ()),
            ("CCAS de Gap", "05", ()),
            ("Mairie de Sisteron", "04", ()),
            ("Union sportive de Veynes", "05", ()),
            ("Judo club de Saint-Maximin", "83", ()),
            ("ASPTT Marseille", "13", ()),
            ("APF France handicap", None, ("Association des paralysés de France",)),
            ("Département du Var", "83", ()),
            ("Agence nationale du sport", None, ()),
            ("CDOS 05", "05", ()),
            ("Métropole Nice Côte d'Azur", "06", ()),
            ("Secours populaire français", None, ()),
            ("Association départementale d'information sur le logement", "05", ()),
            ("Traces de pas", None, ()),
        ]
    )
]


def found(name: str, department: str = "") -> Resolved:
    (one,) = resolve([Told(name=name, department=department)], KNOWN)
    return one


@pytest.mark.parametrize(
    ("name", "actor"),
    [
        ("DRJSCS PACA", "DRAJES Provence-Alpes-Côte d'Azur"),
        ("DIRECCTE PACA", "DREETS Provence-Alpes-Côte d'Azur"),
        ("CNDS", "Agence nationale du sport"),
        ("CC du Guillestrois", "Communauté de communes du Guillestrois"),
        ("CA du Grand Avignon", "Communauté d'agglomération du Grand Avignon"),
        ("Nice Côte d'Azur Métropole", "Métropole Nice Côte d'Azur"),
        ("Ville de Gap", "Mairie de Gap"),
        ("COMMUNE DE GAP", "Mairie de Gap"),
        ("Centre communal d'action sociale de Gap", "CCAS de Gap"),
        ("US Veynes", "Union sportive de Veynes"),
        ("Judo club St Maximin", "Judo club de Saint-Maximin"),
        ("Association des Paralysés de France", "APF France handicap"),
        ("ADIL", "Association départementale d'information sur le logement"),
        ("Traces de pas - 05 Gap", "Traces de pas"),
        ("Conseil général du Var", "Département du Var"),
        ("Conseil départemental du Var", "Département du Var"),
    ],
)
def test_an_actor_is_found_under_every_name_it_went_by(name: str, actor: str) -> None:
    one = found(name)
    assert one.actor is not None, one
    assert one.actor.name == actor
    assert one.candidates == ()
    assert one.reasons


def test_a_section_is_not_silently_its_club() -> None:
    one = found("ASPTT Marseille – section judo")
    assert one.actor is None
    assert [some.name for some in one.candidates] == ["ASPTT Marseille"]
    assert one.reasons[0] == "une section et son club"


def test_an_acronym_of_three_letters_is_a_question() -> None:
    one = found("APF")
    assert one.actor is None
    assert [some.name for some in one.candidates] == ["APF France handicap"]
    assert "sigle de l'autre nom" in one.reasons


def test_the_very_name_in_another_town_is_not_silently_the_same() -> None:
    known = [Actor(id="A", name="Maison des jeunes - 05 Gap")]
    here, there = resolve(
        [Told(name="Maison des jeunes - 05 GAP"), Told(name="Maison des jeunes - 05 Embrun")], known
    )
    assert here.actor == known[0]
    assert there.actor is None


def test_who_else_is_told_changes_nothing() -> None:
    told = [Told(name=one.name.upper(), department=one.department or "") for one in KNOWN]
    told += [Told(name=f"Judo club de Saint-Maximin {n}") for n in range(200)]
    together = resolve(told, KNOWN)
    assert [one.actor for one in together[: len(KNOWN)]] == KNOWN
    for row in (*range(len(KNOWN)), 60, 150):
        assert [together[row]] == resolve([told[row]], KNOWN)


@pytest.mark.parametrize(
    "name",
    [
        "Mairie de Manosque",
        "CDOS 06",
        "CROS 05",
        "Secours catholique",
        "Aïkido club de Saint-Maximin",
        "",
    ],
)
def test_another_body_is_nobody_known(name: str) -> None:
    assert found(name) == Resolved(None)


def test_a_namesake_of_another_department_is_another_body() -> None:
    assert found("Union sportive de Veynes", "13").actor is None
    assert found("Union sportive de Veynes", "05").actor is not None


def test_an_identifier_decides_whatever_the_name() -> None:
    known = [
        Actor(id="A", name="Judo club gapençais", siret="73282932000074"),
        Actor(id="B", name="Aïkido club", rna="W051000123"),
        Actor(id="C", name="Office municipal des sports", siren="443061841"),
    ]
    told = [
        Told(name="Dojo des Alpes", siren="732829320"),
        Told(name="Aïki Gap", rna="w051000123"),
        Told(name="Office municipal des sports", siren="732829320"),
    ]
    dojo, aiki, office = resolve(told, known)
    assert (dojo.actor, dojo.reasons) == (known[0], ("même SIREN 732829320",))
    assert (aiki.actor, aiki.reasons) == (known[1], ("même RNA W051000123",))
    assert office.actor == known[0]


def test_two_actors_of_one_name_are_asked() -> None:
    known = [
        Actor(id="A", name="Comité des fêtes", department="05", kind=ActorKind.ASSOCIATION),
        Actor(id="B", name="Comité des fêtes", department="04"),
    ]
    nowhere, gap = resolve(
        [Told(name="Comité des fêtes"), Told(name="Comité des fêtes", department="05")], known
    )
    assert nowhere.actor is None
    assert {one.id for one in nowhere.candidates} == {"A", "B"}
    assert nowhere.reasons[0] == "2 acteurs portent ce nom"
    assert gap.actor == known[0]


def test_nobody_told_and_nobody_known() -> None:
    assert resolve([], KNOWN) == []
    assert resolve([Told(name="US Veynes")], []) == [Resolved(None)]
