"""What is asked although two titles are nearly one, and what is said of two spellings."""

from matching import bodies
from matching.normalise import organiser
from matching.tables import Matches, match_rows

FIELDS = ("title", "organiser", "venue", "commune", "postcode", "date_start")
DAY = ("Gap", "05000", "2025-05-17")


def matched(one: tuple[str, ...], two: tuple[str, ...]) -> Matches:
    rows = [dict(zip(FIELDS, (*told, *DAY), strict=False)) for told in (one, two)]
    return match_rows(rows, {name: name for name in FIELDS})


def asked(one: tuple[str, ...], two: tuple[str, ...]) -> str:
    """Why, when it is asked."""
    (pair,) = matched(one, two).pairs
    assert pair.decision == "ask"
    return " ; ".join(pair.reasons)


def test_a_title_that_anybody_bears_is_asked_where_nobody_is_known() -> None:
    asked(("Portes ouvertes", "", ""), ("Portes ouvertes", "Tennis Club Gapençais", "Courts"))


def test_a_title_that_anybody_bears_is_one_in_one_house() -> None:
    found = matched(("Portes ouvertes", "", "Dojo de Charance"), ("Portes ouvertes", "Judo Club"
                    " Gapençais", "Dojo de Charance"))  # fmt: skip
    assert found.decisions == ("same", "same")


def test_where_a_visit_leaves_from_is_not_what_it_visits() -> None:
    tour = "Office de tourisme"
    asked(("Visite guidée du vieux port", tour, "Vieux-Port"), ("Visite guidée du Panier", tour,
          "Vieux-Port"))  # fmt: skip


def test_for_whom_a_meeting_is_held_tells_it_apart() -> None:
    held = ("CDOS 05", "Hôtel du département")
    why = asked(("Réunion d'information bénévoles", *held), ("Réunion d'information entreprises",
                *held))  # fmt: skip
    assert "participants : « bénévoles » / « entreprises »" in why


def test_a_county_committee_is_one_under_its_number() -> None:
    one, two = (organiser(t) for t in ("Comité départemental de voile", "Comité de voile 83"))
    assert bodies.own(one, two) == (set(), set())
    far = organiser("Comité de voile de l'Isère")
    assert bodies.own(far, organiser("Comité de voile 83"))[0]


def test_two_spellings_of_a_body_are_not_called_two_bodies() -> None:
    why = asked(("Journée du bénévolat", "CDOS des Alpes-de-Haute-Provence", "Maison des sports"),
                ("Journée du bénévolat associatif", "CDOS 04", "Maison des sports"))  # fmt: skip
    assert "même porteur, semble-t-il" in why
    assert "porteurs différents" not in why


def test_two_ends_of_a_beach_are_asked() -> None:
    name = ("Yoga sur la plage", "Zen Attitude")
    asked((*name, "Plage Est"), (*name, "Plage Ouest"))


def test_two_houses_of_one_name_in_two_communes_are_not_one_house() -> None:
    rows = [
        {"title": "Assemblée générale du judo", "organiser": "Judo Club", "venue": "Dojo",
         "commune": town, "date_start": "2025-06-13"}
        for town in ("Le Beausset", "Le Castellet")
    ]  # fmt: skip
    found = match_rows(rows, {name: name for name in rows[0]})
    said = [reason for pair in found.pairs for reason in pair.reasons]
    assert "lieux de même nom" in said
    assert "même lieu" not in said
