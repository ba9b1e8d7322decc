"""Tables nobody described: what is learnt of them without an example."""

import random
from collections.abc import Mapping, Sequence

import pytest

from matching.engines import undescribed
from matching.grouping import UNTAUGHT
from matching.measures import PairScore, pair_score
from matching.tables import match_rows

Table = tuple[list[dict[str, str]], list[int]]
FIRST = ("anna", "bruno", "carla", "denis", "elsa", "franck", "gilda", "henri", "ines", "jules")
LAST = ("martin", "bernard", "petit", "durand", "leroy", "moreau", "simon", "laurent", "roux")
TOWNS = ("new york", "los angeles", "atlanta", "las vegas", "san francisco")
STREETS = ("broadway", "sunset blvd", "peachtree st", "main st", "5th ave", "ocean drive")
DISHES = ("italian", "american", "french", "seafood", "delicatessen")


def typo(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    return text[:at] + chance.choice("abcdefgh01234567") + text[at + 1 :]


def people(n: int, seed: int = 1) -> Table:
    """Few names, three numbers of birth; one in ten comes twice, with a letter or a digit wrong."""
    chance = random.Random(seed)  # noqa: S311
    rows: list[dict[str, str]] = []
    truth = []
    for person in range(n):
        row = {
            "fname": chance.choice(FIRST), "lname": chance.choice(LAST) + chance.choice(FIRST)[:2],
            "by": str(chance.randint(1920, 2005)), "bm": str(chance.randint(1, 12)),
            "bd": str(chance.randint(1, 28)),
        }  # fmt: skip
        twice = person % 10 == 0
        for k in range(1 + twice):
            wrong = chance.choice(["fname", "lname", "by"])
            rows.append({**row, wrong: typo(row[wrong], chance)} if k else row)
            truth.append(person)
    return rows, truth


def places(n: int, seed: int = 2) -> Table:
    """Restaurants: those of a town share streets, dishes and an area code; one in eight is in two
    guides, its name, street and dish told otherwise."""
    chance = random.Random(seed)  # noqa: S311
    rows = []
    truth = []
    for place in range(n):
        town = place % len(TOWNS)
        name = f"{chance.choice(LAST)} {chance.choice(FIRST)} {chance.choice(['cafe', 'grill'])}"
        number, street = chance.randint(1, 999), chance.choice(STREETS)
        phone = f"{310 + town}/{chance.randint(200, 260)}-{chance.randint(1000, 9999)}"
        row = {
            "name": name, "addr": f"{number} {street}", "city": TOWNS[town], "phone": phone,
            "type": chance.choice(DISHES),
        }  # fmt: skip
        rows.append(row)
        truth.append(place)
        if place % 8 == 0:
            words = row["name"].split()
            other = {
                "name": chance.choice([f"the {words[0]} {words[1]}", " ".join(words[::-1])]),
                "addr": f"{row['addr']} between 1st and 2nd", "type": chance.choice(DISHES),
                "phone": row["phone"].replace("/", "-"),
            }  # fmt: skip
            rows.append({**row, **other})
            truth.append(place)
    return rows, truth


def groups(
    rows: Sequence[Mapping[str, str]], mapping: Mapping[str, str] | None = None
) -> list[int]:
    found = match_rows(rows, mapping or {}, with_pairs=False)
    assert found.engine == "unknown"
    return list(found.cluster)


def right(table: Table, mapping: Mapping[str, str] | None = None) -> PairScore:
    rows, truth = table
    return pair_score(groups(rows, mapping), truth)


def test_people_of_common_names_are_told_apart_by_their_birth() -> None:
    score = right(people(1_500))
    assert (score.precision, score.f1) >= (0.95, 0.9)


def test_what_a_town_brings_with_it_is_no_proof() -> None:
    score = right(places(600), {"name": "name"})
    assert score.precision >= 0.97
    assert score.recall >= 0.9


@pytest.mark.parametrize("seed", [3, 4])
def test_neither_the_order_of_rows_nor_of_columns_counts(seed: int) -> None:
    rows, _ = places(150)
    chance = random.Random(seed)  # noqa: S311
    order = list(range(len(rows)))
    chance.shuffle(order)
    names = list(rows[0])
    chance.shuffle(names)
    mixed = groups([{name: rows[i][name] for name in names} for i in order])
    plain = groups(rows)
    one = {frozenset(i for i, g in enumerate(plain) if g == k) for k in set(plain)}
    two = {frozenset(order[i] for i, g in enumerate(mixed) if g == k) for k in set(mixed)}
    assert one == two


def test_one_surname_in_one_town_is_not_one_person() -> None:
    rows = [
        {"nom": nom, "prenom": prenom, "ville": ville, "naissance": born}
        for nom, prenom, ville, born in (
            ("Martin", "Paul", "Lyon", "1990-05-05"), ("Martin", "Léa", "Lyon", "1961-02-03"),
            ("Roux", "Marc", "Gap", "1975-11-30"), ("Roux", "Marc", "Gap", "1975-11-30."),
            ("Vidal", "Ines", "Apt", "2001-12-09"), ("Petit", "Hugo", "Nice", "1968-07-22"),
        )
    ]  # fmt: skip
    fields = {"title": "nom", "contact": "prenom", "commune": "ville"}
    mapping = undescribed(rows, fields)
    assert mapping == {}
    assert groups(rows, mapping) == [0, 1, 2, 2, 3, 4]


def test_a_club_is_not_its_neighbour_whatever_they_share() -> None:
    sports = ("Judo", "Aïkido", "Karaté", "Escrime", "Boxe", "Natation")
    rows = [
        {"nom": f"{sport} club {town}", "tel": f"04 92 00 00 {k}0", "adresse": f"{k} rue du Stade",
         "site": f"https://sports-{town}.test/{k}"}
        for k, town in enumerate(("Gap", "Apt", "Digne", "Arles"))
        for sport in sports[: 2 + k]
    ]  # fmt: skip
    mapping = undescribed(rows, {"title": "nom", "phone": "tel", "address": "adresse"})
    assert mapping == {"name": "nom"}
    assert len(set(groups(rows, mapping))) == len(rows)


def test_names_with_nothing_else_are_left_to_the_model_of_names() -> None:
    rows = [{"nom": f"Club {k}", "dep": "05", "tel": str(k)} for k in range(9)]
    assert undescribed(rows, {"title": "nom", "dep": "dep"}) is None
    bare = [{"nom": f"Club {k}", "vide": ""} for k in range(9)]
    assert undescribed(bare, {"title": "nom"}) is None


def test_verdicts_are_applied_and_that_nothing_is_learnt_is_told() -> None:
    rows, _ = people(60)
    mapping: dict[str, str] = {}
    assert UNTAUGHT not in match_rows(rows, mapping).warnings
    found = match_rows(rows, mapping, verdicts=[("1", "3", "same")])
    assert found.cluster[0] == found.cluster[2]
    assert UNTAUGHT in found.warnings
