"""Fictional names of associations and bodies with their truth: the prior for tables of names.

What files do to a name, each at a rate drawn per table: legal form dropped or shortened, acronym
before, after or alone, town and département behind or in other columns, words shortened, cut at a
width, typed wrong. Networks (« Familles rurales de X ») give names that look alike and are not.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from domain.text import fold
from matching import normalise
from matching.prior_telling import typed
from matching.prior_truth import seeds

Row = dict[str, Any]
FILE = "noms.txt"


@dataclass(frozen=True, slots=True)
class Body:
    """One association as it truly is."""

    entity: int
    name: str
    town: str
    department: str
    postcode: str


def generate(seed: int, *, bodies: int) -> list[Row]:
    """About 2.3 × `bodies` rows with `entity`, the truth."""
    chance = random.Random(f"names {seed}")  # noqa: S311 — fictional data, not a secret
    towns = [_town(name, chance) for name in seeds()["communes"]]
    found: list[Body] = []
    while len(found) < bodies:
        found += _family(len(found), towns, chance)
    styles = [_style(chance) for _ in range(chance.randint(3, 8))]
    rows = []
    for body in found:
        seats = [body, body, _elsewhere(body, towns, chance)] if chance.random() < 0.2 else [body]
        count = chance.choices((1, 2, 3, 4, 6), weights=(25, 50, 15, 7, 3))[0]
        for _ in range(count):
            number = chance.randrange(len(styles))
            told = styles[number](chance.choice(seats))
            rows.append(told | {"source": f"s{number}", "entity": body.entity})
    chance.shuffle(rows)
    return rows


def _elsewhere(body: Body, towns: list[tuple[str, str, str, str]], chance: random.Random) -> Body:
    """The same body after its seat moved, or seen from the département that funds it."""
    town = chance.choice(towns)
    if chance.random() < 0.5:
        return replace(body, town=town[0])
    return replace(body, town=town[0], department=town[1], postcode=town[3])


def _town(name: str, chance: random.Random) -> tuple[str, str, str, str]:
    department, said = (p.strip() for p in chance.choice(seeds(FILE)["departements"]).split("|"))
    return name, department, said, f"{department}{chance.randint(0, 99):02}0"


def _family(
    start: int, towns: list[tuple[str, str, str, str]], chance: random.Random
) -> list[Body]:
    """One body, or several of one network, or several of one town."""
    lines = seeds(FILE)
    roll = chance.random()
    if roll < 0.55:
        town = chance.choice(towns)
        return [_body(start, _name(town, chance), town)]
    if roll < 0.85:
        network = chance.choice(lines["reseaux"])
        out = []
        for i, town in enumerate(chance.sample(towns, chance.randint(2, 6))):
            where = town[2] if "départ" in network or chance.random() < 0.35 else _of(town[0])
            out.append(_body(start + i, f"{network} {where}", town))
        return out
    town = chance.choice(towns)
    count = chance.randint(2, 5)
    if roll < 0.93:
        return [_body(start + i, _name(town, chance), town) for i in range(count)]
    form = chance.choice(("{} club {}", "club de {} {}", "{} {}", "école de {} {}"))
    sports = chance.sample(lines["sports"], count)
    near = [town if chance.random() < 0.8 else chance.choice(towns) for _ in sports]
    return [
        _body(start + i, form.format(sport, chance.choice((_of(place[0]), place[0]))), place)
        for i, (sport, place) in enumerate(zip(sports, near, strict=True))
    ]


def _body(number: int, name: str, town: tuple[str, str, str, str]) -> Body:
    return Body(number, name, town[0], town[1], town[3])


def _of(town: str) -> str:
    return f"d'{town}" if town[0] in "AEIOUÉÈY" else f"de {town}"


def _name(town: tuple[str, str, str, str], chance: random.Random) -> str:
    lines = seeds(FILE)
    form, thing = chance.choice(lines["formes"]), chance.choice(lines["objets"])
    own = chance.choice(lines["propres"])
    second = chance.choice(lines["objets"])
    return chance.choice(
        (
            f"{form} {own}", f"{own}", f"{form} {thing} {_of(town[0])}", f"{form} {thing}",
            f"{form} {own} {_of(town[0])}", f"{own} {town[0]}", f"{form} {thing} {town[2]}",
            f"{form} {thing} et {second}", f"{own} {chance.choice(lines['propres'])}",
            f"{form} départementale {thing} {town[2]}", f"{form} régionale {thing}",
        )
    )  # fmt: skip


def _style(chance: random.Random) -> Callable[[Body], Row]:
    """One file's way of writing names and places."""
    suffix = chance.random() < 0.35
    width = chance.choice((0, 0, 0, 32, 38, 50))
    shorten = chance.choice((0.0, 0.05, 0.15, 0.5))
    upper = chance.random() < 0.7
    no_department = chance.choice((0.02, 0.2, 0.9))
    no_address = chance.choice((0.1, 0.5, 0.95))
    acronym = chance.choice((0.02, 0.08, 0.2))
    slips = chance.choice((0.01, 0.03, 0.08))

    def row(body: Body) -> Row:
        name = _told(body, chance, acronym=acronym, shorten=shorten)
        if chance.random() < slips:
            name = typed(name, chance)
        if upper:
            name = name.upper()
        if chance.random() < 0.3:
            name = fold(name).upper() if upper else fold(name)
        if width:
            name = name[:width].strip()
        if suffix:
            town = f" {body.town.upper()}" if chance.random() < 0.85 else ""
            return {"title": f"{name} - {body.department}{town}", "dep": "", "address": ""}
        address = ""
        if chance.random() > no_address:
            address = chance.choices(
                (body.town.upper(), body.town, body.postcode, f"{body.town.upper()} CEDEX"),
                weights=(5, 2, 2, 1),
            )[0]
        department = "" if chance.random() < no_department else body.department
        return {"title": name, "dep": department, "address": address}

    return row


def _told(body: Body, chance: random.Random, *, acronym: float, shorten: float) -> str:
    name = body.name
    letters = normalise.acronym(normalise.words(name)).upper()
    if chance.random() < 0.12 and name.startswith("association"):
        name = name.removeprefix("association").strip()
    elif chance.random() < 0.06 and not name.startswith("association"):
        name = f"association {name}"
    words = name.split()
    if shorten:
        words = [_short(w, chance) if chance.random() < shorten else w for w in words]
    if chance.random() < 0.04 and len(words) > 3:
        words.pop(chance.randrange(len(words)))
    if chance.random() < 0.05:
        words = words[: max(2, len(words) - 2)]
    if chance.random() < 0.06:
        words = [w for w in words if fold(w) not in normalise.STOP]
    name = " ".join(words)
    if chance.random() < 0.05 and fold(body.town) not in fold(name):
        name = f"{name} {chance.choice((_of(body.town), body.town))}"
    if len(letters) > 2 and chance.random() < acronym:
        forms = (f"{letters} - {name}", f"{letters} {name}", f"{name} ({letters})", letters,
                 f"{name} {letters}", f"{letters} {body.town}")  # fmt: skip
        name = chance.choices(forms, weights=(5, 2, 3, 2, 2, 1))[0]
    return name


def _short(word: str, chance: random.Random) -> str:
    pairs = [tuple(p.strip() for p in line.split("|")) for line in seeds(FILE)["abreviations"]]
    known = [short for long, short in pairs if long == word.lower()]
    if known:
        return chance.choice(known)
    return word[: chance.randint(4, 6)] if len(word) > 8 and chance.random() < 0.5 else word
