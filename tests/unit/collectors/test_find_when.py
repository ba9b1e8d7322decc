"""The announced date in a longer text, and what must not be taken for one."""

from datetime import date

import pytest

from collectors.extract.when import find_when
from domain.statuses import Precision

PUBLISHED = date(2026, 9, 1)


@pytest.mark.parametrize(
    "text",
    [
        "Club fondé en 1975, association loi 1901, depuis 1998 à Gap",
        "Héritage de Paris 2024 et des JO 2024, Génération 2024",
        "Contact : 04 91 12 10 27, 13012 Marseille, 12 € l'entrée",
        "Permanence 24h/24 et 7j/7, échelle 1/50, 12 rue du 8 mai 1945",
        "Né le 12 juin 1975, il a joué dans le monde d'aujourd'hui",
        "L'exposition a été vue par 2000 personnes, de Mars à Vénus",
        "Article publié le 3 août 2026",
        "https://exemple.fr/2026/10/12/course contact-12.10.2026@exemple.fr",
        "Jeux olympiques d'hiver 2022",
        "Randonnée de 12 km pour 30 enfants de 8 ans",
        "",
    ],
)
def test_no_date_is_announced(text: str) -> None:
    when = find_when(text, reference=PUBLISHED)
    assert (when.starts_on, when.ends_on, when.words) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        (
            "Fondé en 1975, fête du club samedi 12 septembre dès 14h. Tél. 04 91 12 13 14",
            date(2026, 9, 12),
            date(2026, 9, 12),
        ),
        (
            "Course des collines, 10 et 11 octobre 2026. Inscriptions avant le 30 septembre.",
            date(2026, 10, 10),
            date(2026, 10, 11),
        ),
        (
            "Publié le 28 août 2026. Le forum se tiendra dimanche 6 septembre de 10h à 18h.",
            date(2026, 9, 6),
            date(2026, 9, 6),
        ),
        (
            "Concert annulé du 12 septembre, reporté au 19 septembre 2026",
            date(2026, 9, 19),
            date(2026, 9, 19),
        ),
        (
            "Ouverture des inscriptions le 15 septembre. Stage du 19 au 23 octobre, 16 places",
            date(2026, 10, 19),
            date(2026, 10, 23),
        ),
        ("2024 - 13 - Olympiades de quartier - MJC", date(2024, 1, 1), date(2024, 12, 31)),
        ("Un été sportif : du 6 juillet au 28 août 2027", date(2027, 7, 6), date(2027, 8, 28)),
        ("Semaine olympique et paralympique 2027", date(2027, 1, 1), date(2027, 12, 31)),
    ],
)
def test_the_announced_date_is_found(text: str, first: date, last: date) -> None:
    reference = None if text.startswith("2024") else PUBLISHED
    when = find_when(text, reference=reference)
    assert (when.starts_on, when.ends_on) == (first, last)


def test_independent_dates_are_all_kept_and_told() -> None:
    when = find_when(
        "Ateliers à Gap le 3 octobre 2026, puis à Digne : 17 octobre 2026", reference=None
    )
    assert [o.starts_on for o in when.occurrences] == [date(2026, 10, 3), date(2026, 10, 17)]
    assert "2 dates indépendantes" in when.warnings[0]


def test_a_rule_without_period_is_kept_without_inventing_days() -> None:
    when = find_when("Marche nordique tous les mardis de 9h à 11h au stade", reference=PUBLISHED)
    assert (when.recurrence, when.starts_on) == ("FREQ=WEEKLY;BYDAY=TU", None)
    assert when.precision is Precision.TIME


@pytest.mark.parametrize("year", ["1515", "1890", "3025"])
def test_a_year_that_is_no_announcement_s_is_never_read_as_another(year: str) -> None:
    assert find_when(f"Fête du 3 juin {year} à Gap", reference=date(2026, 11, 1)).starts_on is None
    runners = find_when(f"Le 3 juin {year} coureurs partent", reference=date(2026, 11, 1))
    assert runners.starts_on is not None


def test_a_far_year_is_told() -> None:
    when = find_when("Fête le 3 juin 2099 à Gap", reference=date(2026, 11, 1))
    assert when.starts_on == date(2099, 6, 3)
    assert "année peu vraisemblable : 2099" in when.warnings
