import math

import pytest

from collectors.extract.where import coordinates, find_where, read_where
from domain.statuses import Attendance, Certainty


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Grand tournoi au stade Jean-Bouin à Gap (05)", "05061"),
        ("Salle des fêtes, 04200 Sisteron", "04209"),
        ("Fête du sport - Sisteron", "04209"),
        ("SISTERON : fête du sport", "04209"),
        ("Rendez-vous aux Pennes-Mirabeau samedi", "13071"),
        ("Concert à l’Isle-sur-la-Sorgue", "84054"),
        ("La médiathèque de Manosque expose", "04112"),
        ("La mairie d'Apt organise un forum", "84003"),
        ("Contes - Train Théâtre - Claveyson (26)", "26094"),
        ("Mirabeau (Vaucluse), place du village", "84076"),
        ("avenue de Toulon, 13006 Marseille", "13055"),
        ("Nice-Matin vous invite à Antibes", "06004"),
        ("Il monte la garde à Nice", "06088"),
        ("Samedi 6 juillet de 9h à 20h. Où ? Plage Macé, Cannes.", "06029"),
        ("Trail. 📍 Espace du Fort-Carré, Antibes", "06004"),
        ("Fête. Lieu : télécabine du Prorel, Briançon.", "05023"),
        ("Tournoi à Carros, halle du Val de Gorbio", "06033"),
    ],
)
def test_a_commune_announced_in_a_text_is_found(text: str, code: str) -> None:
    place = find_where(text)
    assert (place.commune_code, place.certainty) == (code, Certainty.CERTAIN)


@pytest.mark.parametrize(
    "text",
    [
        "Olympique de Marseille : les supporters se mobilisent",
        "Aix-Marseille Université recrute des bénévoles",
        "Jean Mison chante Die Zauberflöte",
        "Rendez-vous rue de Nice, près de la route de Digne",
        "Le bar, le mas, la tour et les arcs",
        "GRANDE FETE A LA GARDE MONTANTE",
        "Salon : des métiers et de l'orientation",
        "Sault à la perche",
        "orange amère et nice people",
        "Rendez-vous au Salon de l'entreprise",
        "Initiatives au Mas de Pouane",
        "L'Olympique cale devant Embrun, face à Gap et contre Briançon",
        "Les CC des Sorgues et le Pays d'Aix",
    ],
)
def test_words_that_are_not_places_are_left_alone(text: str) -> None:
    assert find_where(text).commune_code is None


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("DDCS83-TOULON-CDV17-DIS VERT CITE", "83137"),
        ("2018 - ASV - Atelier Santé Ville de La Seyne-sur-Mer", "83126"),
        ("Les enfants d'Ollioules lisent", "83090"),
        ("La Garde : toutes au hand !", "83062"),
        ("Marathon des Maures", None),
        ("2023 - CA Toulon Provence Méditerranée", None),
        ("Les amis de Manosque", None),
    ],
)
def test_in_a_title_the_known_department_backs_a_commune(title: str, code: str | None) -> None:
    assert find_where(title, department="83").commune_code == code
    assert find_where(title).commune_code in {None, "83126"}


def test_an_opponent_s_town_is_not_the_place() -> None:
    assert find_where("L'Olympique cale devant Embrun", department="05").commune_code is None


def test_a_homonym_in_a_text_is_asked_then_settled_by_the_source() -> None:
    assert find_where("Marché de Noël à La Garde").candidates == ("04092", "83062")
    assert find_where("Marché de Noël à La Garde", department="83").commune_code == "83062"
    assert find_where("Conférence au Castellet", department="04").commune_code == "04041"


def test_several_communes_are_asked_and_itinerant_when_it_is_said() -> None:
    tour = find_where("Course cycliste : départ à Gap, arrivée à Briançon")
    assert (tour.certainty, tour.attendance) == (Certainty.ASK, Attendance.ITINERANT)
    assert set(tour.candidates) == {"05061", "05023"}
    assert find_where("Stages à Gap et à Briançon").attendance is Attendance.ON_SITE


@pytest.mark.parametrize("text", ["Webinaire sur le bénévolat", "Réunion en visio à 18 h"])
def test_online_is_read(text: str) -> None:
    assert find_where(text).attendance is Attendance.ONLINE


def test_booking_online_is_not_being_online() -> None:
    assert find_where("Gala à Gap, réservation en ligne").attendance is Attendance.ON_SITE
    assert find_where("Réservation en ligne").attendance is Attendance.ON_SITE


def test_the_address_is_split_from_the_venue() -> None:
    place = read_where(address="Stade Jean-Bouin, 12 avenue du Stade, 05000 Gap")
    assert (place.venue, place.address) == ("Stade Jean-Bouin", "12 avenue du Stade")
    assert (place.commune_code, place.postcode) == ("05061", "05000")


def test_the_same_words_in_two_fields_are_one_address() -> None:
    same = "Place du fifre, 84000 Avignon"
    place = read_where(venue=same, address=same)
    assert (place.venue, place.address, place.commune_code) == (None, "Place du fifre", "84007")


def test_weak_clues_do_not_silence_each_other() -> None:
    place = find_where("CDV 2017 - EMPLOI, DRAGUIGNAN, FREJUS / EGALITE", department="83")
    assert (place.commune_code, place.candidates) == (None, ("83050", "83061"))


def test_the_usual_department_settles_a_homonym_and_never_contradicts() -> None:
    assert read_where(commune="Vitrolles", usual_department="13").commune_code == "13117"
    assert read_where(commune="Gap", usual_department="13").commune_code == "05061"


def test_a_code_that_is_not_the_name_is_asked() -> None:
    place = read_where(commune="Gap", insee="13055")
    assert (place.certainty, place.candidates) == (Certainty.ASK, ("13055", "05061"))
    assert read_where(insee="13206").commune_code == "13055"


def test_several_communes_in_the_field_are_itinerant() -> None:
    place = read_where(commune="Arles / Tarascon")
    assert (place.attendance, place.candidates) == (Attendance.ITINERANT, ("13004", "13108"))
    assert read_where(commune="Saint-Jean-Saint-Nicolas").commune_code == "05145"


@pytest.mark.parametrize(
    ("given", "kept", "told"),
    [
        ((44.56, 6.08), (44.56, 6.08), False),
        (("44,56", "6,08"), (44.56, 6.08), False),
        ((6.08, 44.56), (44.56, 6.08), True),
        ((0, 0), (None, None), True),
        ((math.nan, 6.0), (None, None), True),
        ((math.inf, 6.0), (None, None), True),
        (("", ""), (None, None), False),
        ((None, None), (None, None), False),
        (("Gap", "05"), (None, None), True),
        ((123.0, 400.0), (None, None), True),
    ],
)
def test_coordinates_are_read_or_refused(
    given: tuple[object, object], kept: tuple[float | None, float | None], told: bool
) -> None:
    latitude, longitude, warnings = coordinates(*given)
    assert (latitude, longitude) == kept
    assert bool(warnings) is told


@pytest.mark.parametrize(
    ("said", "venue", "code"),
    [
        ("Stade nautique de Fontreyne, Gap", "Stade nautique de Fontreyne", "05061"),
        ("Studio de la MJC – Laragne-Montéglin", "Studio de la MJC", "05070"),
        ("Guillestre", None, "05065"),
    ],
)
def test_one_field_holds_the_venue_and_its_commune(said: str, venue: str | None, code: str) -> None:
    place = read_where(venue=said, usual_department="05")
    assert (place.venue, place.commune_code) == (venue, code)


def test_a_street_and_its_commune_in_one_field() -> None:
    place = read_where(venue="quai de la Durance – Embrun", usual_department="05")
    assert (place.address, place.commune_code) == ("quai de la Durance", "05046")


def test_the_end_of_a_venue_is_a_commune_only_where_the_source_speaks_of() -> None:
    place = read_where(venue="Théâtre La Passerelle, Nice", usual_department="05")
    assert (place.venue, place.commune_code) == ("Théâtre La Passerelle, Nice", None)


def test_a_commune_nobody_knows_is_kept_in_its_words_and_told() -> None:
    place = read_where(commune="Trifouillis-les-Oies")
    assert place.commune_code is None
    assert place.commune_name == "Trifouillis-les-Oies"
    assert place.warnings == ("commune inconnue : « Trifouillis-les-Oies »",)
