"""The probes of the specification: cases on which matchers in use in France are known to fail."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from domain.records import Mention, When, Where, Who
from domain.statuses import EventStatus, Precision, Relation
from matching.levels import EDITIONS
from matching.names import NameModel, load_name_prior
from matching.score import Judgement, judge, load_prior
from matching.tables import match_rows


def said(
    number: int, title: str, *, day: date | None = None, organiser: str | None = None,
    venue: str | None = None, address: str | None = None, commune: str | None = "Gap",
    siret: str | None = None, latitude: float | None = None, status: EventStatus | None = None,
    text: str = "", department: str | None = "05", url: str | None = None,
) -> Mention:  # fmt: skip
    when = When(starts_on=day, ends_on=day, precision=Precision.DAY) if day else When()
    longitude = None if latitude is None else 6.08
    return Mention(
        id=number, source=f"s{number}", key=str(number), title=title, when=when, text=text, url=url,
        where=Where(venue=venue, address=address, commune_name=commune, department=department,
                    latitude=latitude, longitude=longitude),
        who=Who(name=organiser, siret=siret, siren=siret[:9] if siret else None),
        status=status or EventStatus.PLANNED,
    )  # fmt: skip


def relation(a: Mention, b: Mention) -> Judgement:
    (found,) = judge([(a, b)], load_prior())
    return found


DAY = date(2024, 9, 7)


def test_judo_and_aikido_of_one_building() -> None:
    place = {"venue": "Dojo Jean Moulin", "address": "3 avenue du Lac", "day": DAY}
    a = said(1, "Portes ouvertes du Judo Club", organiser="Judo Club de Gap", **place)
    b = said(2, "Portes ouvertes de l'Aïkido Club", organiser="Aïkido Club de Gap", **place)
    found = relation(a, b)
    assert found.best is Relation.DIFFERENT
    assert "disciplines différentes" in [r.text for r in found.reasons]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Fête du judo", "Fête de l'aïkido"),
        ("Judo Club de Gap : portes ouvertes", "Aïkido Club de Gap : portes ouvertes"),
        ("Tournoi de futsal", "Tournoi de basket"),
        ("Gala de danse", "Loto des pompiers"),
    ],
)
def test_two_practices_at_one_address_are_two_clubs(one: str, two: str) -> None:
    """Nobody is named: the titles are enough."""
    place = {"venue": "Dojo Jean Moulin", "address": "3 avenue du Lac", "day": DAY}
    a, b = (said(n, title, **place) for n, title in ((1, one), (2, two)))  # type: ignore[arg-type]
    assert relation(a, b).best is Relation.DIFFERENT


COMMON = (
    "Assemblée générale", "Réunion d'information", "Portes ouvertes", "Loto", "Collecte",
    "Cours d'essai", "Kermesse",
)  # fmt: skip


@pytest.mark.parametrize("title", COMMON)
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Secours populaire de Gap", "Tennis club de Gap"),
        ("Judo Club de Gap", "Aïkido Club de Gap"),
    ],
)
def test_two_bodies_under_one_common_title_hold_two_things(title: str, one: str, two: str) -> None:
    place = {"venue": "Maison des associations", "address": "12 rue Carnot", "day": DAY}
    a, b = (said(n, title, organiser=who, **place) for n, who in ((1, one), (2, two)))  # type: ignore[arg-type]
    assert relation(a, b).best is Relation.DIFFERENT
    assert relation(a, replace(b, who=replace(b.who, name=one))).best is Relation.SAME


def test_two_bodies_under_a_title_of_its_own_are_asked() -> None:
    a, b = (said(n, "Nuit des Étoiles du Champsaur", day=DAY, venue="Le Quattro", organiser=who)
            for n, who in ((1, "Foyer rural"), (2, "Astro club des Écrins")))  # fmt: skip
    assert 0.15 < relation(a, b).p[Relation.SAME] < 0.5


def test_a_body_cited_by_the_other_is_no_stranger() -> None:
    a = said(1, "Portes ouvertes", day=DAY, venue="Dojo", organiser="Judo Club de Gap")
    b = said(2, "Portes ouvertes", day=DAY, venue="Dojo", organiser="OMS", text="Avec le judo club")
    assert relation(a, b).p[Relation.SAME] > 0.5


@pytest.mark.parametrize(
    ("one", "who", "venue", "two", "whose"),
    [
        ("Assemblée générale du Secours populaire", "Secours populaire 05", "Salle A",
         "Open de tennis", "Tennis club de Gap"),
        ("Portes ouvertes de l'Aïkido club", "Aïkido club de Gap", "Dojo",
         "Forum des associations", "Mairie de Gap"),
    ],
)  # fmt: skip
def test_a_town_and_a_day_make_no_festival(
    one: str, who: str, venue: str, two: str, whose: str
) -> None:
    a = said(1, one, day=DAY, organiser=who, venue=venue)
    b = said(2, two, day=DAY, organiser=whose, venue="Stade Nord")
    assert relation(a, b).best is Relation.DIFFERENT


def test_one_practice_under_two_words_is_not_two() -> None:
    a = said(1, "Tournoi de ping-pong", day=DAY, venue="Gymnase", organiser="OMS")
    b = said(2, "Tournoi de tennis de table", day=DAY, venue="Gymnase", organiser="OMS")
    assert "disciplines différentes" not in [r.text for r in relation(a, b).reasons]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Mad Max, rencontre avec l'équipe", "Le Pays d'Arto"),
        ("Réunion d'information transport", "Permanence CPAM"),
    ],
)
def test_what_a_house_puts_on_has_only_the_house_in_common(one: str, two: str) -> None:
    a = said(1, one, day=DAY, venue="Les Templiers", organiser="Ville de Gap")
    b = said(2, two, day=DAY + timedelta(days=9), venue="Les Templiers", organiser="Ville de Gap")
    assert relation(a, b).best is Relation.DIFFERENT


def test_two_associations_of_one_maison_des_associations() -> None:
    place = {"venue": "Maison des associations", "address": "12 rue Carnot", "day": DAY}
    a = said(1, "Collecte solidaire", organiser="Secours populaire 05", **place)
    b = said(2, "Tournoi de tennis", organiser="Tennis club de Gap", **place)
    assert relation(a, b).best is Relation.DIFFERENT


def test_the_town_hall_is_not_its_ccas() -> None:
    a = said(1, "Vœux du maire", organiser="Mairie de Gap", day=DAY, venue="Quattro")
    b = said(2, "Repas des aînés", organiser="CCAS de Gap", day=DAY, venue="Quattro")
    assert relation(a, b).best is not Relation.SAME


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ({"address": "3 avenue du Général-de-Gaulle"}, {"address": "3 av. du General de Gaulle"}),
        ({"commune": "Saint-Rémy-de-Provence"}, {"commune": "St Remy de Provence"}),
        ({"commune": "Sainte-Maxime"}, {"commune": "STE MAXIME"}),
        ({"organiser": "Union sportive de Gap"}, {"organiser": "US Gap"}),
        ({"latitude": None}, {"latitude": 44.56}),
        ({"venue": None}, {"venue": "Le Quattro"}),
    ],
)
def test_two_ways_of_writing_the_same(one: dict[str, object], two: dict[str, object]) -> None:
    a = said(1, "Fête du sport", day=DAY, **{"organiser": "Office municipal des sports", **one})  # type: ignore[arg-type]
    b = said(2, "Fête du sport", day=DAY, **{"organiser": "Office municipal des sports", **two})  # type: ignore[arg-type]
    assert relation(a, b).best is Relation.SAME


def test_a_missing_coordinate_is_not_a_distance_of_zero() -> None:
    far = said(2, "Fête du sport", day=DAY, commune="Nice", latitude=43.7, department="06")
    assert relation(said(1, "Fête du sport", day=DAY, latitude=44.56), far).best is (
        Relation.DIFFERENT
    )
    nowhere = said(3, "Fête du sport", day=DAY, commune="Nice", department="06")
    assert relation(said(1, "Fête du sport", day=DAY), nowhere).best is Relation.DIFFERENT


def test_the_same_siret_renamed_is_the_same_organiser() -> None:
    siret = "40266717400013"
    a = said(1, "Gala de danse", organiser="Amicale laïque", siret=siret, day=DAY, venue="Théâtre")
    b = said(2, "Gala de danse", organiser="Gap en mouvement", siret=siret, day=DAY)
    found = relation(a, b)
    assert found.best is Relation.SAME
    assert "même RNA ou SIREN" in [r.text for r in found.reasons]


def test_the_same_name_in_another_commune() -> None:
    a = said(1, "Forum des associations", day=DAY, organiser="Mairie de Gap")
    b = said(2, "Forum des associations", day=DAY, organiser="Mairie de Nice", commune="Nice",
             department="06")  # fmt: skip
    assert relation(a, b).best is Relation.DIFFERENT


@pytest.mark.parametrize("title", ["Forum des associations", "Fête de la Saint-Jean"])
def test_two_salles_des_fetes_are_two_places(title: str) -> None:
    """Nobody is named, the day is the same, and so is the name of the house."""
    a = said(1, title, day=DAY, venue="Salle des fêtes")
    b = said(2, title, day=DAY, venue="Salle des fêtes", commune="Embrun")
    assert relation(a, b).p[Relation.DIFFERENT] > 0.9


def test_two_schools_hold_two_open_days() -> None:
    """Titles that differ by who organises only are no parts of one thing."""
    names = ("Lycée Thiers", "Lycée Saint-Charles")
    a, b = (said(n, f"Portes ouvertes {name}", day=DAY, organiser=name, commune="Marseille")
            for n, name in enumerate(names, 1))  # fmt: skip
    assert relation(a, b).best is Relation.DIFFERENT


def test_a_year_is_told_apart_once() -> None:
    a = said(1, "Saison 2023-2024 : reprise", day=date(2023, 9, 4), organiser="Athlé Gap")
    b = said(2, "Saison 2024-2025 : reprise", day=date(2024, 9, 2), organiser="Athlé Gap")
    told = [r.text for r in relation(a, b).reasons if r.text.startswith("années")]
    assert told == ["années différentes : 2023 / 2024"]


def test_editions_of_two_years() -> None:
    a = said(1, "Les Foulées du lac 2023", day=date(2023, 9, 9), organiser="Athlé Gap")
    b = said(2, "Les Foulées du lac 2024", day=DAY, organiser="Athlé Gap")
    found = relation(a, b)
    assert found.best is Relation.OTHER_EDITION
    assert any(r.text == "années différentes : 2023 / 2024" for r in found.reasons)


def test_day_one_and_day_two() -> None:
    a = said(1, "Open de tennis, jour 1", day=DAY, organiser="Tennis club", venue="Stade")
    b = said(2, "Open de tennis, jour 2", day=date(2024, 9, 8), organiser="Tennis club",
             venue="Stade")  # fmt: skip
    assert relation(a, b).best is not Relation.SAME


def test_a_festival_and_its_conference() -> None:
    a = said(1, "Festival des neiges", day=DAY, organiser="Ville de Gap", venue="Centre ville")
    a = replace(a, when=replace(a.when, ends_on=date(2024, 9, 10)))
    b = said(2, "Festival des neiges : conférence sur le climat", day=date(2024, 9, 8),
             organiser="Ville de Gap", venue="Médiathèque")  # fmt: skip
    assert relation(a, b).best is Relation.PART_OF


def test_a_postponed_event_is_the_same_one() -> None:
    a = said(1, "Cross des écoles de la vallée", day=DAY, organiser="USEP 05", venue="Stade Nord")
    b = said(2, "REPORTÉ : Cross des écoles de la vallée", day=date(2024, 9, 20),
             organiser="USEP 05", venue="Stade Nord", status=EventStatus.POSTPONED)  # fmt: skip
    assert relation(a, b).best is Relation.SAME


@pytest.mark.parametrize("days", [1, 3, 7, 10, 14, 21, 28, 30, 60])
@pytest.mark.parametrize("title", ["REPORTÉ : {}", "{} - nouvelle date"])
def test_postponed_by_weeks_is_not_the_next_session(days: int, title: str) -> None:
    told = "Cross des écoles de la vallée"
    one, two = (said(n, t, day=d, organiser="USEP 05", venue="Stade Nord") for n, t, d in (
        (1, told, DAY), (2, title.format(told), DAY + timedelta(days=days))))  # fmt: skip
    found = relation(one, two)
    assert found.best is Relation.SAME
    assert "une annonce la dit reportée" in [r.text for r in found.reasons]


def test_a_cancelled_twin_is_the_same_one() -> None:
    a = said(1, "Cross des écoles de la vallée", day=DAY, organiser="USEP 05", venue="Stade Nord")
    b = said(2, "ANNULÉ - Cross des écoles de la vallée", day=DAY, organiser="USEP 05")
    assert relation(a, b).best is Relation.SAME


# --- variants: the same cases told otherwise -------------------------------------------------


@pytest.mark.parametrize("department", ["05", None])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Fête du judo", "Fête de l'aïkido"),
        ("Portes ouvertes du Judo Club", "Portes ouvertes de l'Aïkido Club"),
        ("Vœux du maire", "Repas des aînés du CCAS"),
        ("Collecte du Secours populaire", "Tournoi du tennis club"),
        ("Semaine du sport : escrime", "Semaine du sport : voile"),
    ],
)
def test_two_things_of_one_place_and_day(one: str, two: str, department: str | None) -> None:
    """No organiser, no description: at worst a person is asked."""
    place = {"venue": "Maison des associations", "address": "12 rue Carnot", "day": DAY}
    a, b = (said(n, title, department=department, **place)  # type: ignore[arg-type]
            for n, title in ((1, one), (2, two)))  # fmt: skip
    assert relation(a, b).p[Relation.SAME] < EDITIONS.threshold


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Open de tennis, jour 1", "Open de tennis, jour 2"),
        ("Open de tennis, jour 1/2", "Open de tennis, jour 2/2"),
        ("Stage de voile niveau 1", "Stage de voile niveau 2"),
        ("Tournoi U11", "Tournoi U13"),
        ("Course du lac : 5 km", "Course du lac : 10 km"),
    ],
)
def test_a_number_tells_two_things_apart(one: str, two: str) -> None:
    place = {"venue": "Stade Nord", "day": DAY, "organiser": "OMS de Gap"}
    a, b = (said(n, title, **place) for n, title in ((1, one), (2, two)))  # type: ignore[arg-type]
    assert relation(a, b).best is not Relation.SAME


@pytest.mark.parametrize("department", ["05", None])
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Fête de Saint-Jean", "Fête de St Jean"),
        ("Kermesse de l'école Sainte-Anne", "KERMESSE DE L'ECOLE STE ANNE"),
        ("Gala de l'Union sportive de Gap", "Gala de l'US Gap"),
        ("3e édition du Trail des crêtes", "Trail des crêtes - 3ème édition"),
        ("Vide-grenier des écoles", "Vide grenier des ecoles !"),
    ],
)
def test_one_thing_written_twice(one: str, two: str, department: str | None) -> None:
    place = {"venue": "Le Quattro", "day": DAY, "organiser": "Office municipal des sports"}
    a, b = (said(n, title, department=department, **place)  # type: ignore[arg-type]
            for n, title in ((1, one), (2, two)))  # fmt: skip
    assert relation(a, b).best is Relation.SAME


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("Cross des écoles de la vallée (reporté au 20 septembre)", EventStatus.POSTPONED),
        ("Cross des écoles de la vallée : nouvelle date", EventStatus.MOVED),
        ("Cross des écoles de la vallée – REPORTÉ AU 20/09", None),
    ],
)
def test_postponed_however_it_is_said(title: str, status: EventStatus | None) -> None:
    a = said(1, "Cross des écoles de la vallée", day=DAY, organiser="USEP 05", venue="Stade Nord")
    b = said(2, title, day=date(2024, 9, 20), organiser="USEP 05", venue="Stade Nord",
             status=status)  # fmt: skip
    assert relation(a, b).best is Relation.SAME


@pytest.mark.parametrize("title", ["Annulé : {}", "{} (annulée)", "[ANNULATION] {}", "{}"])
def test_cancelled_however_it_is_said(title: str) -> None:
    name = "Cross des écoles de la vallée"
    a = said(1, name, day=DAY, organiser="USEP 05", venue="Stade Nord")
    b = said(2, title.format(name), day=DAY, organiser="USEP 05", status=EventStatus.CANCELLED)
    assert relation(a, b).best is Relation.SAME


def test_a_camp_of_each_holiday_is_another_edition() -> None:
    """Same title, same place, several days each time: not the same camp moved."""
    a = said(1, "Stage multisports", day=date(2024, 2, 12), organiser="OMS", venue="Gymnase")
    b = said(2, "Stage multisports", day=date(2024, 4, 8), organiser="OMS", venue="Gymnase")
    a, b = (replace(m, when=replace(m.when, ends_on=m.when.starts_on + timedelta(days=4)))
            for m in (a, b) if m.when.starts_on)  # fmt: skip
    assert relation(a, b).best is Relation.OTHER_EDITION


def test_the_same_words_about_two_things_prove_nothing() -> None:
    """What an organiser says of all it does."""
    text = "Renseignements auprès de l'office. Entrée libre, buvette sur place, venez nombreux !"
    place = {"venue": "Gymnase", "day": DAY, "organiser": "OMS de Gap", "text": text}
    a, b = (
        said(1, "Semaine du sport : escrime", **place),
        said(2, "Semaine du sport : voile", **place),
    )
    assert relation(a, b).p[Relation.SAME] < EDITIONS.threshold


STORY = (
    "Quinze apprentis boulangers pétrissent la brioche géante du vélodrome avec les pensionnaires "
    "de la maison de retraite, puis la partagent au départ de la course."
)


def test_one_story_under_two_titles_is_one_thing() -> None:
    """Who copies the whole first sentence speaks of the same thing, whatever it calls it."""
    a = said(1, "La brioche des champions", day=DAY, venue="Vélodrome", text=STORY)
    b = said(
        2,
        "Pétrir ensemble : apprentis et aînés au départ",
        day=DAY,
        text=f"À vos agendas ! {STORY} Rendez-vous samedi à dix heures au vélodrome.",
    )
    found = relation(a, b)
    assert found.best is Relation.SAME
    assert "une description reprise dans l'autre" in [r.text for r in found.reasons]


def test_one_story_told_again_a_year_later_is_another_edition() -> None:
    a = said(1, "La brioche des champions", day=date(2023, 9, 9), venue="Vélodrome", text=STORY)
    b = said(2, "Le vélodrome se remet au four", day=DAY, venue="Vélodrome", text=STORY)
    assert relation(a, b).best is Relation.OTHER_EDITION


def test_a_subsidy_and_the_day_it_paid_for() -> None:
    a = said(1, "Lien entre générations - ateliers", organiser="CFA du Lac", text=STORY)
    b = said(2, "La brioche des champions", day=DAY, venue="Vélodrome", text=STORY)
    found = relation(a, b)
    assert found.p[Relation.DIFFERENT] < 0.3


NAMES = {"title": "name", "dep": "dep", "commune": "town", "siren": "siren"}


def groups(*names: tuple[str, str, str]) -> tuple[int, ...]:
    rows = [{"name": n, "dep": d, "town": t, "siren": ""} for n, d, t in names]
    model: NameModel = load_name_prior()
    return match_rows(rows, NAMES, name_model=model).cluster


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Judo Club de Gap", "Aïkido Club de Gap"),
        ("Secours populaire de Gap", "Tennis club de Gap"),
        ("Mairie de Gap", "CCAS de Gap"),
        ("Office de tourisme", "Mission locale"),
        ("Mairie de Gap", "Centre communal d'action sociale de Gap"),
        ("Ville de Gap", "Office municipal des sports de Gap"),
        ("Union sportive de Gap", "Union musicale de Gap"),
    ],
)
def test_two_bodies_are_not_one(one: str, two: str) -> None:
    assert groups((one, "05", "Gap"), (two, "05", "Gap")) == (0, 1)


def test_a_network_in_two_towns_is_two_bodies() -> None:
    towns = (("Familles rurales de Gap", "05", "Gap"), ("Familles rurales d'Apt", "84", "Apt"))
    assert groups(*towns) == (0, 1)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Union sportive Saint-Bonnet", "US St Bonnet"),
        ("COMITE DEPARTEMENTAL HANDISPORT DES HAUTES-ALPES - 05 GAP",
         "Comité départemental handisport des Hautes-Alpes"),
        ("Maison des jeunes et de la culture de Gap", "MJC DE GAP"),
        ("Union sportive Sainte-Tulle", "U.S. STE TULLE"),
        ("C.C.A.S. de Gap", "Centre communal d'action sociale de Gap"),
    ],
)  # fmt: skip
def test_one_body_written_twice(one: str, two: str) -> None:
    assert groups((one, "05", "Gap"), (two, "05", "Gap")) == (0, 0)
