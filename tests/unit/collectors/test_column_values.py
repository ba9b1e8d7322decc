"""Cells read as numbers, dates, codes, places and lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.tables import values as cells


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("1 200,50 €", 1200.5),
        ("1.200,50", 1200.5),
        ("1,200.50", 1200.5),
        ("1 000 000", 1e6),
        ("environ 250 personnes", 250),
        ("2024.0", 2024),
        (12, 12),
        ("gratuit", None),
        (True, None),
        ("42.35, 9.04 12.1", None),
    ],
)
def test_numbers(value: object, number: float | None) -> None:
    assert cells.number(value) == number


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("3/6/2027", "2027-06-03"),
        ("03.06.27", "2027-06-03"),
        ("samedi 12/10/2024", "2024-10-12"),
        ("2027-06-03T14:00:00", "2027-06-03T14:00:00"),
        ("2026-03-19T15:00:00+00:00", "2026-03-19T15:00:00+00:00"),
        ("03/02/2024 - 10:12", "2024-02-03T10:12:00"),
        ("12/10/2024 14h30", "2024-10-12T14:30:00"),
        ("20270603", "2027-06-03"),
        (45447, "2024-06-04"),
        (45447.5, "2024-06-04T12:00:00"),
        ("31/02/2024", None),
        ("12", None),
        (2024, None),
        ("du 3 au 5 juin", None),
        ("0001-01-01", None),
    ],
)
def test_dates(value: object, iso: str | None) -> None:
    assert cells.instant(value) == iso


def test_a_column_of_american_dates_is_seen_as_such() -> None:
    assert cells.is_month_first(["6/3/2027", "6/25/2027 2:00:00 PM"])
    assert not cells.is_month_first(["6/3/2027", "25/6/2027"])
    assert cells.instant("6/25/2027 2:00:00 PM", month_first=True) == "2027-06-25T14:00:00"


@pytest.mark.parametrize(
    ("value", "width", "code"),
    [(6088, 5, "06088"), ("6088", 5, "06088"), ("06088", 5, "06088"), ("2A004", 5, "2A004")],
)
def test_codes_get_their_zeros_back(value: object, width: int, code: str) -> None:
    assert cells.code(value, width) == code


@pytest.mark.parametrize(
    ("value", "dep"),
    [(6, "06"), ("6", "06"), ("13", "13"), ("2a", "2A"), ("06 - Alpes-Maritimes", "06"),
     ("(83) Var", "83"), ("Hautes-Alpes", "Hautes-Alpes"), ("974", "974")],
)  # fmt: skip
def test_departments(value: object, dep: str) -> None:
    assert cells.department(value) == dep


@pytest.mark.parametrize(
    ("value", "point"),
    [
        ("43.7, 7.26", (43.7, 7.26)),
        ([43.7, 7.26], (43.7, 7.26)),
        ("POINT (7.26 43.7)", (43.7, 7.26)),
        ("ici", None),
        ("0, 0", None),
    ],
)
def test_points(value: object, point: tuple[float, float] | None) -> None:
    assert cells.point(value) == point


def test_coordinates_that_are_none() -> None:
    assert [cells.coordinate(v, 90) for v in (0, "", "inconnu", 91, float("nan"), "43,7")] == [
        *[None] * 5,
        43.7,
    ]


def test_lists_keep_commas_inside_brackets() -> None:
    assert cells.items("Mairie, CAF (13, 84)\n- Club") == ["Mairie", "CAF (13, 84)", "Club"]
    assert cells.items("a|b ; c") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("value", "url"),
    [("www.exemple.test", "https://www.exemple.test"), ("http://a.test/x?y", "http://a.test/x?y"),
     ("a@b.test", None), ("néant", None), ("http://[", None)],
)  # fmt: skip
def test_web_addresses(value: str, url: str | None) -> None:
    assert cells.web_address(value) == url


def test_words_of_status_and_of_organiser() -> None:
    assert cells.event_status("Annulée") == "cancelled"
    assert cells.event_status("Reporté au 3") == "postponed"
    assert cells.event_status("instruit") is None
    assert cells.actor_kind("Association loi 1901") == "association"
    assert cells.actor_kind("Zèbre") is None


@given(st.one_of(st.text(), st.floats(), st.integers(), st.booleans(), st.none()))
def test_no_cell_crashes_a_reader(value: object) -> None:
    for read in (cells.number, cells.instant, cells.insee, cells.department, cells.point,
                 cells.web_address, cells.email, cells.event_status, cells.actor_kind,
                 cells.truth):  # fmt: skip
        read(value)
    cells.coordinate(value, 90)
    cells.code(value, 5)
