"""A table of a few rows that nobody described: its obvious twins, and nothing merged on a guess."""

from collections.abc import Mapping, Sequence

import pytest

from matching.engines import UNTAUGHT
from matching.spellings import spelt
from matching.tables import Matches, match_rows

Row = Mapping[str, str]


def told(header: str, *lines: str) -> list[dict[str, str]]:
    return [dict(zip(header.split(";"), line.split(";"), strict=True)) for line in lines]


GUIDES = told(
    "name;addr;city;phone;type",
    "Bistro Morand;12 Pine Blvd.;Springfield;310-246-1501;american",
    "Bistro Morand;12 Pine Boulevard;Springfield;310/246-1501;steakhouses",
    "Delia's Delicatessen;1222 Hill St.;Shelbyville;818-762-1221;american",
    "Delia's Deli;1222 Hill St;Shelbyville;818/762-1221;delis",
    "Hotel Clair;70 Stone Road;North Hill;310-472-1211;californian",
    "Clair Hotel;70 Stone Rd.;North Hill;310/472-1211;californian",
    "Cafe Rizo;1401 Hill St.;Shelbyville;818-788-3536;french",
    "Campo;62 Brea Ave.;Springfield;213-938-1447;american",
    "Chez Ming;270 Main St.;Lakeview;310-392-9025;french",
)
PEOPLE = told(
    "nom;prenom;ne_le;licence;ville",
    "ROUX;Camille;14/02/2001;123456;Briançon",
    "Roux;Camille;14/02/2001;;BRIANCON",
    "Garcin;Léo;03/07/2010;123789;Embrun",
    "Garcin;Lola;03/07/2010;123790;Embrun",
    "Faure;Jean;22/11/1958;100234;Gap",
    "Meyer;Inès;30/08/1999;156234;Veynes",
    "Pascal;Hugo;12/12/2005;178345;Laragne",
)


def found(rows: Sequence[Row], mapping: Mapping[str, str]) -> Matches:
    out = match_rows(rows, mapping)
    assert out.engine == "unknown"
    return out


def seen(out: Matches) -> set[tuple[int, int]]:
    """The pairs grouped or asked."""
    pairs = out.pairs.told(range(len(out.pairs.decisions)))
    return {(min(p.a, p.b), max(p.a, p.b)) for p in pairs if p.decision in ("same", "ask")}


def test_the_twins_of_nine_restaurants_are_found() -> None:
    out = found(GUIDES, {"name": "name"})
    assert {(0, 1), (2, 3), (4, 5)} == seen(out)
    assert out.cluster[0] == out.cluster[1]
    assert out.cluster[2] == out.cluster[3]


def test_a_column_that_differs_is_asked_where_too_little_is_learnt() -> None:
    out = found(GUIDES, {"name": "name"})
    assert out.decisions[:4] == ("ask",) * 4  # american, steakhouses
    assert UNTAUGHT in out.warnings


def test_two_children_of_one_birthday_are_never_merged_without_asking() -> None:
    out = found(PEOPLE, {})
    assert out.decisions[2:4] != ("same", "same")
    assert (0, 1) in seen(out)


def test_a_learnt_table_says_nothing_of_it() -> None:
    rows = [
        {"who": f"{first} {last}", "tel": f"04 92 {100 * i + j:04}", "town": f"{last}ville"}
        for i, first in enumerate(("Anna", "Bruno", "Carla", "Denis", "Elsa"))
        for j, last in enumerate(("Roux", "Vidal", "Meyer", "Faure"))
    ]
    twins = [{**row, "who": row["who"] + "x"} for row in rows]
    out = found([*rows, *twins], {})
    assert out.warnings == ()
    assert all(out.cluster[k] == out.cluster[k + 20] for k in range(20))


def test_rows_that_repeat_nothing_are_not_identical() -> None:
    rows = [{"produit": text} for text in ("Ballon taille 7", "BALLON TAILLE 7", "Filet", "Plot")]
    out = found(rows, {})
    assert "identique" not in " ".join(out.warnings)
    assert len(set(out.cluster[1:])) == 3


@pytest.mark.parametrize(
    "texts",
    [
        ("04 92 51 12 34", "0492511234", "+33 4 92 51 12 34", "04.92.51.12.34", "0033492511234"),
        ("119", "119.00", "119,00", "119,00 €", "119 €"),
        ("978-2-07-040850-4", "9782070408504"),
        ("05000", "5000"),
        ("98 min", "98"),
        ("3 500", "3500"),
    ],
)
def test_one_number_written_in_several_ways_is_one_value(texts: tuple[str, ...]) -> None:
    values, numeric = spelt(texts)
    assert numeric
    assert len({*values.values()}) == 1


def test_two_units_are_two_measures() -> None:
    values, _ = spelt(("500 g", "500 ml", "2 kg"))
    assert len({*values.values()}) == 3
