"""One detail tells two things apart: same club, same house, same day, and a word that differs."""

from datetime import date

import numpy as np
import pytest

from domain.records import Occurrence, When
from domain.statuses import Precision
from matching import explain
from matching.cards import hour, of_rows
from matching.engines import judge_rows
from matching.families import families
from matching.normalise import commune, fold, title
from matching.tables import match_rows

FIELDS = ("title", "organiser", "venue", "commune", "postcode", "date_start")
MAPPING = {name: name for name in FIELDS}
CLUB = ("Sporting Club Ollioulais", "Complexe sportif", "Ollioules", "83190", "2025-05-17")


def row(name: str, *rest: str) -> dict[str, str]:
    return dict(zip(FIELDS, (name, *(rest or CLUB)), strict=False))


def decided(one: dict[str, str], two: dict[str, str]) -> tuple[bool, list[str], str]:
    """Whether both are one thing without asking, what is asked or decided, and why."""
    found = match_rows([one, two], MAPPING)
    merged = found.cluster[0] == found.cluster[1] and found.decisions[0] == "same"
    return (
        merged,
        [q.decision for q in found.pairs],
        " ; ".join(r for q in found.pairs for r in q.reasons),
    )


OPPOSED = [
    ("masculin", "féminin"), ("filles", "garçons"), ("hommes", "femmes"), ("enfants", "adultes"),
    ("juniors", "seniors"), ("minimes", "cadets"), ("débutants", "confirmés"), ("matin", "soir"),
    ("samedi", "dimanche"), ("hiver", "été"), ("aller", "retour"), ("nord", "sud"),
    ("qualifications", "finale"), ("écoles", "collèges"), ("maternelle", "élémentaire"),
    ("indoor", "outdoor"), ("individuel", "équipes"), ("départementale", "régionale"),
    ("loisir", "compétition"), ("épée", "sabre"), ("aérienne", "sous-marine"),
    ("ordinaire", "extraordinaire"), ("sixième", "cinquième"), ("doublettes", "triplettes"),
]  # fmt: skip
ENOUGH = [
    "fauteuil", "handisport", "sport adapté", "féminin", "masculin", "junior", "kids", "seniors",
    "nocturne", "virtuel", "demi", "semi", "extraordinaire",
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), OPPOSED)
@pytest.mark.parametrize("name", ["Tournoi de tennis {}", "Rencontre {} du club des Deux Rives"])
def test_two_members_of_a_family_are_never_merged_without_asking(
    one: str, two: str, name: str
) -> None:
    merged, asked, _ = decided(*(row(name.format(word)) for word in (one, two)))
    assert not merged
    assert asked == ["ask"]


@pytest.mark.parametrize("word", ENOUGH)
def test_a_member_that_is_enough_is_asked(word: str) -> None:
    one, two = row("Course des Trois Ponts"), row(f"Course des Trois Ponts {word}")
    merged, asked, why = decided(one, two)
    assert (merged, asked) == (False, ["ask"])
    assert "absent de l'autre annonce" in why


def test_a_member_said_elsewhere_is_no_difference() -> None:
    told = {"description": "Ouvert au tennis fauteuil"}
    one = row("Open de Boulouris") | told
    two = row("Open de Boulouris fauteuil")
    found = judge_rows([one, two], MAPPING | {"description": "description"})
    assert found.p[0, 0] > 0.65


@pytest.mark.parametrize(
    ("one", "two"),
    [("Tournoi poule A", "Tournoi poule B"), ("Stage multisport A", "Stage multisport B")],
)
def test_a_letter_counts_as_a_number(one: str, two: str) -> None:
    assert not decided(row(one), row(two))[0]


@pytest.mark.parametrize("text", ["Il y a la fête", "A vos marques", "FÊTE A LA PLAGE"])
def test_a_verb_or_a_preposition_is_no_letter(text: str) -> None:
    assert title(text).numbers == ()


def test_two_editions_of_one_day_are_asked() -> None:
    merged, asked, why = decided(
        row("5e Course des Remparts"), row("Course des Remparts, 6e édition")
    )
    assert (merged, asked) == (False, ["ask"])
    assert "éditions différentes : 5 / 6" in why


def test_what_tells_two_apart_is_always_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """However little the forest made of it beside five things that agree."""
    said = {group: np.ones(1) for group in (*explain.GROUPS, "family")}
    light = said | {group: np.zeros(1) for group in explain.CONFLICTS}
    monkeypatch.setattr(explain, "_weights", lambda *_: light)
    body = {"url": "https://club.fr/remparts", "siren": "732829320"}
    one, two = (row(title) | body for title in ("5e Course", "Course, 6e édition"))
    mapping = MAPPING | {name: name for name in body}
    (pair,) = match_rows([one, two], mapping).pairs
    assert pair.reasons[-1] == "éditions différentes : 5 / 6"
    assert len(pair.reasons) == explain.TOP


@pytest.mark.parametrize("word", ["féminin", "handisport", "seniors", "para"])
def test_a_club_and_its_team_are_asked(word: str) -> None:
    rows = [{"nom": "FC Toulon", "dep": "83"}, {"nom": f"FC Toulon {word}", "dep": "83"}]
    found = match_rows(rows, {"title": "nom", "dep": "dep"})
    assert [q.decision for q in found.pairs] == ["ask"]


def test_a_crowd_that_only_its_bodies_tell_apart_is_said() -> None:
    rows = [row(title, f"Asso {body}", "", "Gap", "05000", "2025-06-23")
            for body in range(150) for title in ("Journée olympique",)]  # fmt: skip
    (told,) = match_rows(rows, MAPPING).warnings
    assert told.startswith("150 lignes disent toutes titre « Journée olympique »")


def test_a_family_is_told_in_french() -> None:
    _, _, why = decided(row("Tournoi de tennis hommes"), row("Tournoi de tennis femmes"))
    assert "public : « femmes » / « hommes »" in why or "public : « hommes » / « femmes »" in why


def test_two_districts_of_a_town_are_two_places() -> None:
    place = ("Centre social", "Centre social", "Marseille")
    one = row("Kermesse sportive du quartier", *place, "13013", "2025-06-28")
    two = row("Kermesse sportive du quartier", *place, "13015", "2025-06-28")
    merged, asked, why = decided(one, two)
    assert (merged, asked) == (False, ["ask"])
    assert "arrondissements différents" in why
    named = [{**one, "postcode": "", "commune": f"Marseille {n}e Arrondissement"} for n in (13, 15)]
    assert decided(*named)[0] is False
    alike = [{**one, "postcode": "", "commune": told} for told in ("Marseille 13", "Marseille")]
    assert decided(*alike)[0]


@pytest.mark.parametrize(
    ("one", "two", "why"),
    [
        ("Tournoi U11", "Tournoi U13", "nombres différents"),
        ("Concours de dessin 6e", "Concours de dessin 5ème", "« 5e », « 6e »"),
        ("Journée olympique 1er degré", "Journée olympique 2nd degré", "« 1e », « 2e »"),
        ("Équipe A : journée de championnat", "Équipe B : journée de championnat",
         "lettres différentes"),
        ("Aquathlon S", "Aquathlon XS", "lettres différentes"),
    ],
)  # fmt: skip
def test_two_of_one_day_are_parts_of_one_thing(one: str, two: str, why: str) -> None:
    """No other edition: that is another day, and the next one is."""
    merged, asked, told = decided(row(one), row(two))
    assert (merged, asked) == (False, ["part_of"])
    assert why in told
    assert "éditions" not in told
    assert decided(row(one), row(two, *CLUB[:-1], "2025-05-24"))[1] == ["other_edition"]


def test_a_departement_by_number_or_by_name_is_no_other_body() -> None:
    names = ("DMD 83", "Délégation militaire départementale du Var")
    one, two = (row("Rallye citoyen", name, "", *CLUB[2:]) for name in names)
    assert "porteurs différents" not in decided(one, two)[2]


def test_what_is_surely_one_of_two_strangers_is_asked() -> None:
    """« Portes ouvertes » of nobody: of the judo or of the aïkido club, a hair does not choose."""
    clubs = ("Judo club de Gap", "Aïkido club de Gap", "")
    rows = [row("Portes ouvertes", club, "Dojo", "Gap", "", "2025-09-06") for club in clubs]
    found = match_rows(rows, MAPPING)
    assert len({*found.cluster}) == 3
    assert [p.decision for p in found.pairs] == ["ask", "ask"]


def test_a_pool_is_told_apart_beside_an_age() -> None:
    ages = ("U9 poule A", "U9 poule B", "U9", "U11", "")
    found = match_rows([row(f"Tournoi de Noël {age}") for age in ages], MAPPING)
    assert "same" not in found.decisions


def test_committees_of_two_departments_are_two() -> None:
    """One figure apart, in two towns, on one day: nothing to ask."""
    title, day = "Assises départementales du sport", "2025-06-05"
    one = row(title, "CDOS 84", "", "Avignon", "", day)
    assert decided(one, row(title, "CDOS 83", "", "Toulon", "", day))[:2] == (False, [])
    nowhere = (row(title, f"CDOS {number}", "", "", "", day) for number in (84, 83))
    assert not decided(*nowhere)[0]


def test_what_could_be_either_of_two_that_a_number_tells_apart_is_asked() -> None:
    """Two that are told apart are no group, however surely a third one looks like both."""
    found = match_rows([row(f"Tournoi {age}") for age in ("U11", "U13", "")], MAPPING)
    assert len({*found.cluster}) == 3
    assert sorted(p.decision for p in found.pairs) == ["ask", "ask", "part_of"]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("ASCV", "ASCB"),
        ("HBC Martigues", "HTC Martigues"),
        ("FFSA", "FFSU"),
        ("Asso 1408", "Asso 140"),
    ],
)
def test_two_acronyms_are_two_bodies_until_a_person_says(one: str, two: str) -> None:
    """One letter apart, they are no misspelling: of who organises, in a title, in a directory."""
    bodies = (row("Stage d'été", name, "", *CLUB[2:]) for name in (one, two))
    merged, asked, why = decided(*bodies)
    assert (merged, asked) == (False, ["ask"])
    assert "porteurs à un signe près" in why
    titles = (row(f"Gala : {name}", "", *CLUB[1:]) for name in (one, two))
    assert not decided(*titles)[0]
    names = [{"nom": f"{name} PACA", "dep": "13"} for name in (one, two)]
    assert "same" not in match_rows(names, {"title": "nom", "dep": "dep"}).decisions


def test_a_departement_by_its_number_is_no_acronym() -> None:
    """« 36 » is the Indre, which nobody writes there: matching stopped on it."""
    one, two = (row("Portes ouvertes", f"Judo club {who}", *CLUB[1:]) for who in ("36", "ASCB"))
    assert decided(one, two)[0] is False


@pytest.mark.parametrize(
    ("one", "two"),
    [("École La Sauvageonne", "École Croix-Rouge"), ("Court n° 1", "Court n° 2")],
)
def test_two_houses_of_one_kind_are_asked(one: str, two: str) -> None:
    what = "Rencontre athlétisme CM2"
    first, second = (row(what, "USEP 84", v, "Orange", "84100", "2025-05-22") for v in (one, two))
    assert decided(first, second)[:2] == (False, ["ask"])


def test_two_sessions_of_a_day_are_asked() -> None:
    one, two, near = (
        row("Atelier yoga", "MJC Picaud", "MJC Picaud", "Cannes", "06400", f"2025-11-05 {hour}")
        for hour in ("10:00", "15:00", "10:30")
    )
    assert decided(one, two)[:2] == (False, ["ask"])
    assert decided(one, near)[0]


def test_an_elision_is_no_letter_of_a_group() -> None:
    assert [title(f"Salle {word}").numbers for word in ("d'armes", "d’armes", "A")] == [
        (), (), ("A",)
    ]  # fmt: skip
    one, two = row("Tournoi de l'équipe d'Aix U11"), row("Tournoi de l'équipe d'Aix U13")
    merged, _, why = decided(one, two)
    assert not merged
    assert "mêmes nombres" not in why


def test_numbers_are_said_the_same_when_all_are() -> None:
    one = row("Tournoi des 14 villages, 8 équipes")
    same, other = (row(f"Tournoi des 14 villages : {n} équipes à Gap") for n in (8, 12))
    assert "mêmes nombres" in decided(one, same)[2]
    assert "des nombres en commun" in decided(one, other)[2]


def test_no_title_is_said_and_is_no_other_title() -> None:
    _, _, why = decided(row("Sans titre"), row("Atelier yoga"))
    assert "titres différents" not in why


def test_the_hour_of_a_cell() -> None:
    assert hour("2025-11-05 10:30") == hour("05/11/2025 10h30") == 10.5
    assert np.isnan([hour("2025-11-05"), hour("2025-11-05T00:00:00"), hour("")]).all()


@pytest.mark.parametrize(
    ("one", "two"),
    [("Union sportive de Grasse", "US Sisteron"),
     ("OMS Menton", "Office municipal des sports de Orange")],
)  # fmt: skip
def test_organisers_of_two_towns_are_asked(one: str, two: str) -> None:
    what, where = "Sous les platanes", "Espace culturel"
    first = row(what, one, where, "", "", "2025-07-05")
    second = row(what, two, where, two.split()[-1], "", "2025-07-05")
    assert not decided(first, second)[0]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Tennis Club de Gap", "TC Gap"), ("Judo Club Nefari", "JC Nefari"),
        ("USEP 05", "USEP Hautes-Alpes"),
        ("CD05", "Département des Hautes-Alpes"), ("Office de tourisme de Gap", "OT Gap"),
        ("Secours populaire français", "SPF"), ("Provence Aix Université Club", "PAUC"),
        ("Ligue PACA d'athlétisme", "Ligue Provence-Alpes-Côte d'Azur d'athlétisme"),
        ("AS Monaco section escrime", "AS Monaco section judo"),
    ],
)  # fmt: skip
def test_two_writings_of_one_organiser_are_never_silenced(one: str, two: str) -> None:
    where = ("Le Quattro", "Gap", "05000", "2025-06-23")
    merged, asked, _ = decided(
        *(row("Le Défi des trois vallons", who, *where) for who in (one, two))
    )
    assert merged or asked == ["ask"]


@pytest.mark.parametrize("text", ["Sans titre", "sans titre", "non renseigné", "Test"])
def test_a_placeholder_is_no_title(text: str) -> None:
    assert title(text).core == ()
    assert not decided(row(text), row(text.upper()))[0]


def test_dress_is_no_difference() -> None:
    assert title("🏃‍♀️🏅 La Digne-loise 🏅").core == title("La Digne-loise").core
    assert title("#TousAuStade #Gap Journée multisports").core == ("journee", "multisports")
    assert fold("L&#39;&eacute;t&eacute; des sports &amp; de la culture").split()[0] == "ete"
    assert commune("LA SEYNE/MER") == commune("La Seyne-sur-Mer")


def test_no_word_is_written_twice_in_a_family() -> None:
    known = families()
    assert len(known.family) > 100
    for word, members in known.members.items():
        homes = [int(known.family[m]) for m in members]
        assert len(homes) == len(set(homes)), word
        assert fold(word).split() == [word]


def test_a_mention_tells_its_hour() -> None:
    from datetime import time

    from matching.cards.mentions import start

    day = date(2025, 11, 5)
    slot = Occurrence(starts_on=day, ends_on=day, starts_at=time(10))
    when = When(starts_on=day, ends_on=day, occurrences=(slot,), precision=Precision.DAY)
    assert start(when) == "2025-11-05 10:00"
    assert of_rows([{"title": "Yoga", "date_start": start(when)}]).hour.tolist() == [10.0]


def test_a_title_that_two_share_does_not_cite_one_of_their_organisers() -> None:
    day = ("Antibes", "06600", "2024-06-23")
    one = row("Journée olympique", "Centre de loisirs Les Pins", "", *day)
    two = row("Journée olympique", "CDOS 06", "Fort Carré", *day)
    assert not decided(one, two)[0]
