"""Codes that name organisers are recognised by what they hold, whatever the column is called."""

import pytest

from flows.bodies import body_column, body_key

RIGHT = [f"{n:08d}" for n in range(73282932, 73282972)]


def luhn(start: str) -> str:
    total = sum(
        int(d) if i % 2 == 0 else sum(map(int, str(2 * int(d)))) for i, d in enumerate(start)
    )
    return start + str(-total % 10)


def rows(cells: list[str]) -> list[dict[str, str]]:
    return [{"ref": one, "objet": "un projet"} for one in cells]


SIRENS = [luhn(one) for one in RIGHT]


@pytest.mark.parametrize(
    "cells",
    [
        SIRENS,
        [f"S{one}" for one in SIRENS[:15]] + [f"N{n:012x}" for n in range(300)],
        [f"W1310{n:05d}" for n in range(20)],
    ],
    ids=["plain", "a few among opaque ones", "RNA"],
)
def test_a_column_of_bodies_is_found_by_its_check_digits(cells: list[str]) -> None:
    assert body_column(["objet", "ref"], rows(cells)) == "ref"


@pytest.mark.parametrize(
    "cells",
    [
        [f"S{n:09d}" for n in range(123456000, 123456300)],
        [f"N{n:012x}" for n in range(300)],
        [*SIRENS, "un texte avec des mots et des espaces"],
        SIRENS[:5],
        [],
    ],
    ids=["any numbers", "opaque", "text", "few", "nothing"],
)
def test_other_codes_are_not_bodies(cells: list[str]) -> None:
    assert body_column(["objet", "ref"], rows(cells)) is None


def test_a_body_has_one_key_however_it_is_written() -> None:
    siren = SIRENS[0]
    assert {
        body_key(one) for one in (siren, f"S{siren}", f" {siren[:3]} {siren[3:]}", int(siren))
    } == {siren}
    assert body_key("n52e6c26a780e") == "N52E6C26A780E"
    assert body_key("40266717400013") == "402667174"
    assert body_key(" ") is None
