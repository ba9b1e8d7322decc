"""The traps of scope: what says « olympique » without belonging to the Games."""

from datetime import date

import pytest

from classifiers.cold import rules_model
from classifiers.suggest import Text, suggest
from domain.campaigns import campaign
from domain.statuses import ScopeAnswer, SuggestionKind


def _scope(text: Text, code: str | None = None) -> str:
    (found,) = suggest([text], campaign=campaign(code) if code else None, model=rules_model())
    return next(s.value for s in found if s.kind is SuggestionKind.SCOPE)


@pytest.mark.parametrize(
    "title",
    [
        "Semaine olympique et paralympique dans les écoles du canton",
        "Passage de la flamme olympique à Manosque",
        "Vacances olympiques au centre de loisirs",
        "Olympiades 2024 des quartiers d'été",
        "Exposition sur les Jeux olympiques d'hiver",
        "Terre de Jeux 2024 : la commune s'anime",
        "Les JO2024 à la médiathèque",
        "Promouvoir les valeurs de l'olympisme",
        "Jeunes reporters des Jeux",
        "Le CDOS 04 présente le relais de la flamme aux écoliers",
        "PASSAGE DE LA FLAMME OLYMPIQUE",
    ],
)
def test_in(title: str) -> None:
    assert _scope(Text(id="x", title=title)) == ScopeAnswer.IN


@pytest.mark.parametrize(
    "title",
    [
        "Olympique de Rovenain : reprise des entraînements",
        "Rugby Olympique du Bas-Verdon, section jeunes",
        "Olympiades des métiers : finale régionale",
        "Gala de boxe olympique",
        "Achat de barres olympiques pour la salle de musculation",
        "Subvention au Comité départemental olympique et sportif",
        "Bassin olympique fermé pour travaux",
        "Olympiades ouvrières : histoire d'un quartier",
        "Finale régionale des olympiades de mathématiques",
        "Championnat de tir, fosse olympique",
        "Travaux au lycée Pierre-de-Coubertin",
        "Section tennis du Racing Club Olympique",
        "Club de voile olympique : stages d'été",
        "Le CDOS organise une formation au secourisme",
        "Loto du comité des fêtes",
        "L'Olympique s'impose 3-1 devant ses supporters",
        "La fête des Jeux de société",
        "",
    ],
)
def test_out(title: str) -> None:
    assert _scope(Text(id="x", title=title)) == ScopeAnswer.OUT


@pytest.mark.parametrize("title", ["Olympiades de quartier", "Les olympiades communales 2019"])
def test_undated_olympiads_are_asked(title: str) -> None:
    assert _scope(Text(id="x", title=title)) == ScopeAnswer.ASK


def test_elsewhere_is_out_of_a_campaign() -> None:
    text = Text(id="x", title="Village olympique sur la place", department="62")
    assert _scope(text, "PAAT-2024") == ScopeAnswer.OUT


def test_out_of_the_campaign_s_dates_is_out_unless_its_games_are_named() -> None:
    day = date(2019, 6, 23)
    plain = Text(id="x", title="Village olympique", department="13", starts_on=day)
    named = Text(id="x", title="En route vers Paris 2024", department="13", starts_on=day)
    assert _scope(plain, "PAAT-2024") == ScopeAnswer.OUT
    assert _scope(named, "PAAT-2024") == ScopeAnswer.ASK


def test_another_edition_of_the_games_is_asked() -> None:
    text = Text(id="x", title="Animation autour des Alpes 2030", department="05")
    assert _scope(text, "PAAT-2024") == ScopeAnswer.ASK
    assert _scope(text, "ALPES-2030") == ScopeAnswer.IN


def test_the_campaign_s_own_words_come_first() -> None:
    text = Text(id="x", title="Olympiades des métiers et relais de la flamme", department="13")
    assert _scope(text, "PAAT-2024") == ScopeAnswer.OUT
