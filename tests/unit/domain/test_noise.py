"""What changes by itself is not a change; what a person would notice is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.noise import settled, text_sha256

BASE = "Fête du sport à Gap le 12 juin 2027 à 14 h, 3 visites guidées, 200 places."
NOISE = [
    ("Vu 12 fois.", "Vu 1 340 fois."),
    ("3 commentaires", "41 commentaires"),
    ("1 254 vues", "1 255 vues"),
    ("Nombre de visites : 10", "Nombre de visites : 11"),
    ("Inscrits : 12/80", "Inscrits : 14/80"),
    ("Il reste 12 places disponibles", "Il reste 3 places disponibles"),
    ("Mis à jour le 12/11/2026 à 10h31", "Mis à jour le 13/11/2026 à 09:02"),
    ("Dernière modification : lundi 3 mars 2026", "Dernière modification : mardi 4 mars 2026"),
    ("Page générée en 0,134 s", "Page générée en 0,9 secondes"),
    ("Publié il y a 3 jours", "Publié il y a 4 jours"),
    ("J-12", "J-11"),
    ("Publicité\nAchetez nos chaussures !\n", "Publicité\nVacances au ski\n"),
    ("https://v.example/a?utm_source=x", "https://v.example/a?utm_source=y"),
    ("Gap   (05)", "Gap\u00a0(05)"),
]
REAL = [
    ("le 12 juin 2027", "le 13 juin 2027"),
    ("à 14 h", "à 15 h"),
    ("Visites : 14 h et 16 h", "Visites : 15 h et 17 h"),
    ("Inscriptions : 06 12 34 56 78", "Inscriptions : 06 12 34 56 79"),
    ("3 visites guidées", "4 visites guidées"),
    ("Reporté au 12 juin 2027", "Reporté au 19 juin 2027"),
    ("La course est modifiée : départ du port", "La course est modifiée : départ de la gare"),
    ("https://v.example/a?id=1", "https://v.example/a?id=2"),
    ("", "ANNULÉ"),
]


@pytest.mark.parametrize(("before", "after"), NOISE)
def test_what_changes_by_itself_is_no_change(before: str, after: str) -> None:
    one, other = (
        {"title": "Fête", "text": f"{BASE}\n\n{told}\n\nVenez !"} for told in (before, after)
    )
    assert one != other
    assert text_sha256(one) == text_sha256(other)


@pytest.mark.parametrize(("before", "after"), REAL)
def test_what_a_person_would_notice_is_a_change(before: str, after: str) -> None:
    one, other = ({"title": "Fête", "text": f"{BASE} {told} Venez !"} for told in (before, after))
    assert text_sha256(one) != text_sha256(other)


def test_fields_count_but_for_markup_the_text_already_says() -> None:
    base = {"title": "Fête", "text": "Venez", "html": "<p>Venez</p>", "start": "2027-06-12"}
    assert text_sha256(base) == text_sha256({**base, "html": '<p class="x">Venez</p>'})
    assert text_sha256(base) != text_sha256({**base, "start": "2027-06-13"})
    assert text_sha256(base) == text_sha256({**base, "tags": []})
    assert text_sha256({"links": ["a", "b"]}) == text_sha256({"links": ["b", "a"]})


@given(st.text(max_size=200))
def test_settling_twice_is_settling_once_and_never_fails(text: str) -> None:
    assert isinstance(settled(text), str)
