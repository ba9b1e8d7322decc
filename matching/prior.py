"""Fictional announcements with their known truth: what the shipped model learns from.

Everything is composed from matching/seeds/annonces.txt with a fixed seed. The noise is drawn
afresh for every "region" of the training set (typing, missing fields, moved dates…), so that the
model meets clean and dirty sources alike instead of one rate.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from matching.prior_telling import Noise, announcements, drawn
from matching.prior_truth import Event, Place, seeds

Row = dict[str, Any]


TOWNS = 5
"""The first places are towns, with more venues and clubs; the earlier a place, the more happens
there: in a town, two things of one week rarely have to do with each other."""


@dataclass(slots=True)
class World:
    """The truth being written: places, events and the counters of their numbers."""

    chance: random.Random
    places: list[Place] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    series: int = 0


def generate(seed: int, *, events: int, noise: Noise | None = None) -> list[Row]:
    """About 1.7 × `events` announcements with their truth: `event`, `series`, `parent`."""
    chance = random.Random(seed)  # noqa: S311 — fictional data, not a secret
    world = World(chance, places=_places(chance))
    while len(world.events) < events:
        _initiative(world)
    rates = noise or drawn(chance)
    rows = [row for one in world.events for row in announcements(one, chance, rates)]
    chance.shuffle(rows)
    return [{"id": str(i), **row} for i, row in enumerate(rows)]


def _places(chance: random.Random) -> list[Place]:
    lines = seeds()
    departments = [str(d).zfill(2) for d in chance.sample(range(1, 95), 6)]
    found: list[Place] = []
    count = chance.randint(25, len(lines["communes"]))
    for name in chance.sample(lines["communes"], count):
        department = chance.choice(departments)
        size = 4 if len(found) < TOWNS else 1
        number = chance.randint(1, 700)
        found.append(
            Place(
                name, f"{department}{number:03}", f"{department}{chance.randint(0, 99):02}0",
                department, round(chance.uniform(42.5, 49.5), 5), round(chance.uniform(-1, 7), 5),
                tuple(_venue(chance) for _ in range(size * chance.randint(2, 9))),
                tuple(
                    _organiser(chance, name, department) for _ in range(size * chance.randint(2, 7))
                ),
            )
        )  # fmt: skip
    return found


def _venue(chance: random.Random) -> str:
    lines = seeds()
    kind = chance.choice(lines["lieux"])
    return kind if chance.random() < 0.2 else f"{kind} {chance.choice(lines['personnes'])}"


def _organiser(chance: random.Random, commune: str, department: str) -> str:
    lines = seeds()
    roll = chance.random()
    if roll < 0.25:
        return f"Mairie de {commune}"
    if roll < 0.65:
        return f"{chance.choice(lines['clubs'])} de {commune}"
    if roll < 0.8:
        return f"{chance.choice(lines['reseaux'])} {department}"
    return f"Association {chance.choice(lines['noms_propres'])}"


def _title(chance: random.Random, place: Place) -> str:
    lines = seeds()
    activity = chance.choice(lines["activites"]).capitalize()
    roll = chance.random()
    if roll < 0.16:
        return chance.choice(lines["nationaux"])
    if roll < 0.3:
        return activity
    if roll < 0.5:
        return f"{activity} {chance.choice(lines['precisions'])}"
    if roll < 0.6:
        return f"{chance.choice(lines['noms_propres'])} de {place.name}"
    if roll < 0.68:
        return f"{activity} - {chance.choice(place.organisers)}"
    if roll < 0.8:
        return f"{chance.choice(lines['noms_propres'])} : {activity.lower()}"
    if roll < 0.88:
        second = chance.choice(lines["activites"])
        return f"{activity} et {second} {chance.choice(lines['precisions'])}"
    if roll < 0.94:
        return f"{activity} {chance.choice(lines['personnes'])}"
    return f"{activity} à {place.name}"


def _event(world: World, **changes: Any) -> Event:
    chance = world.chance
    place = changes.get("place") or world.places[int(len(world.places) * chance.random() ** 2)]
    first = changes.get("first") or date(2023, 6, 1) + timedelta(days=chance.randint(0, 900))
    lines = seeds()
    event = Event(
        event=len(world.events), series=world.series, festival=None, title=_title(chance, place),
        place=place, venue=chance.choice(place.venues),
        address=f"{chance.randint(1, 180)} {chance.choice(lines['voies'])} "
        f"{chance.choice(lines['personnes'])}",
        organiser=chance.choice(place.organisers), first=first,
        last=first + timedelta(days=chance.choice((0, 0, 0, 0, 1, 2, 5))),
        ticket=f"https://billetterie.example/{chance.getrandbits(32):x}",
        text=" ".join(chance.sample(lines["phrases"], chance.randint(1, 3))),
        story=_story(chance) if chance.random() < 0.4 else "",
    )  # fmt: skip
    if event.title in lines["nationaux"] and chance.random() < 0.7:
        event = replace(event, first=_national_day(event), last=_national_day(event))
    event = replace(event, **changes)
    world.events.append(event)
    return event


def _story(chance: random.Random) -> str:
    """One to three sentences that nobody else is likely to say."""
    parts = [seeds()[f"recits_{part}"] for part in ("qui", "font", "comment")]
    told = (" ".join(map(chance.choice, parts)) for _ in range(chance.choice((1, 2, 2, 3))))
    return ". ".join(told) + "."


def _national_day(event: Event) -> date:
    """National days fall on the same day everywhere: same title, same day, other town."""
    rank = seeds()["nationaux"].index(event.title)
    return date(event.first.year, 1, 10) + timedelta(days=14 * rank)


def _again(world: World, event: Event, first: date, **changes: Any) -> Event:
    """Another edition of the event, keeping most of what it was."""
    chance = world.chance
    venue = event.venue if chance.random() < 0.85 else chance.choice(event.place.venues)
    twin = replace(
        event, event=len(world.events), first=first, last=first + (event.last - event.first),
        ticket=f"https://billetterie.example/{chance.getrandbits(32):x}", venue=venue, **changes,
    )  # fmt: skip
    world.events.append(twin)
    return twin


def _initiative(world: World) -> None:
    chance = world.chance
    world.series += 1
    kinds: tuple[Callable[[World], None], ...] = (
        _single, _yearly, _sessions, _festival, _tour, _neighbours, _several_days, _clubs,
        _programme,
    )  # fmt: skip
    chance.choices(kinds, weights=(36, 16, 14, 17, 6, 9, 2, 4, 3))[0](world)


def _single(world: World) -> None:
    _event(world)


def _yearly(world: World) -> None:
    chance = world.chance
    number = chance.choice((0, 1, 1, 4, 12, 23))
    event = _event(world, yearly=True, edition=number)
    for year in range(1, chance.choice((2, 2, 3, 4))):
        first = event.first + timedelta(days=365 * year + chance.randint(-12, 12))
        _again(world, event, first, edition=number and number + year)


def _sessions(world: World) -> None:
    chance = world.chance
    event = _event(world)
    step = chance.choice((7, 7, 7, 14, 14, 21, 28, 30, 31, 42, 1, 1, 2))
    days = chance.choice((0, 0, 0, 0, 1, 1, 2, 4)) if step >= 7 else 0  # week-ends, holiday camps
    event = replace(event, last=event.first + timedelta(days=days))
    world.events[-1] = event
    form = "{t}"
    if chance.random() < (0.6 if step == 1 else 0.1):
        form = chance.choice(("{t}, jour {n}", "{t} - J{n}", "{t} : séance {n}", "{t} n°{n}"))
    world.events[-1] = replace(event, title=form.format(t=event.title, n=1))
    for turn in range(1, chance.randint(2, 6)):
        title = form.format(t=event.title, n=turn + 1)
        _again(world, event, event.first + timedelta(days=step * turn), title=title)


def _several_days(world: World) -> None:
    """One edition held on separate days: sources list them all, or give the first and the last."""
    event = _event(world)
    days = tuple(event.first + timedelta(days=7 * i) for i in range(world.chance.randint(2, 5)))
    world.events[-1] = replace(event, days=days, last=days[-1])


def _festival(world: World) -> None:
    chance = world.chance
    lines = seeds()
    main = _event(world)
    days = chance.choice((0, 1, 2, 2, 4, 9))
    main = replace(main, last=main.first + timedelta(days=days))
    world.events[-1] = main
    for _ in range(chance.randint(1, 5)):
        what = chance.choice(lines["temps"] if chance.random() < 0.4 else lines["activites"])
        if chance.random() < 0.3:
            what = f"{chance.choice(lines['moments'])} {chance.choice(lines['disciplines'])}"
        own = what.capitalize()
        first = main.first + timedelta(days=chance.randint(0, days))
        named = chance.choice(
            (f"{main.title} : {own}",) * 2
            + (f"{own} ({main.title})", f"{main.title} - {own}", own, own)
        )
        venue = main.venue if chance.random() < 0.5 else chance.choice(main.place.venues)
        organiser = main.organiser
        if chance.random() < 0.15:
            organiser = chance.choice(main.place.organisers)
        _event(
            world, festival=main.event, title=named, place=main.place, venue=venue, first=first,
            last=first, organiser=organiser, address=main.address, main=main.title,
            **_boilerplate(main, chance),
        )  # fmt: skip


def _tour(world: World) -> None:
    """The same operation, by one network, in several towns: different initiatives."""
    chance = world.chance
    first = _event(world)
    for place in chance.sample(world.places, chance.randint(1, 4)):
        if place is first.place:
            continue
        world.series += 1
        same_day = chance.random() < 0.5
        _event(
            world, title=first.title.replace(first.place.name, place.name), place=place,
            organiser=first.organiser if chance.random() < 0.6 else chance.choice(place.organisers),
            story=first.story if chance.random() < 0.5 else "",
            first=first.first if same_day else first.first + timedelta(days=chance.randint(1, 60)),
        )  # fmt: skip


def _neighbours(world: World) -> None:
    """One organiser, one venue, near days, things that are not the same."""
    chance = world.chance
    first = _event(world)
    for _ in range(chance.randint(1, 3)):
        world.series += 1
        start = first.first + timedelta(days=chance.choice((0, 0, 0, 1, 7, 14, 30)))
        _event(
            world, place=first.place, venue=first.venue, organiser=first.organiser, first=start,
            address=first.address, **_boilerplate(first, chance),
        )  # fmt: skip


def _boilerplate(event: Event, chance: random.Random, *, story: float = 0.15) -> dict[str, str]:
    """An organiser often says the same of all it does: a shared text is no proof."""
    same = {"text": event.text} if chance.random() < 0.5 else {}
    return same | ({"story": event.story} if chance.random() < story else {})


def _programme(world: World) -> None:
    """What a house puts on, a cinema, a library, a job centre: one venue, one organiser, at times
    one text for all, and things that have nothing to do with each other."""
    chance = world.chance
    lines = seeds()
    first = _event(world)
    forms = chance.sample(lines["formats"], 3)
    subjects = (*lines["personnes"], *lines["disciplines"], *lines["noms_propres"])
    days = chance.choice((3, 10, 30, 90))
    for _ in range(chance.randint(3, 12)):
        world.series += 1
        start = first.first + timedelta(days=chance.randint(0, days))
        told: dict[str, Any] = _boilerplate(first, chance, story=0.05)
        if chance.random() < 0.6:
            told["title"] = f"{chance.choice(forms)} {chance.choice(subjects)}"
        _event(
            world, place=first.place, venue=first.venue, organiser=first.organiser, first=start,
            last=start, address=first.address, **told,
        )  # fmt: skip


def _clubs(world: World) -> None:
    """Clubs of one building on one day, each with its own: one word tells them apart."""
    chance = world.chance
    lines = seeds()
    first = _event(world)
    world.events.pop()
    moment = chance.choice(lines["moments"]).capitalize()
    form = chance.choice(("{m} {d}", "{m} du club de {d}", "{m} {d} de {p}"))
    for sport in chance.sample(lines["disciplines"], chance.randint(2, 3)):
        world.series += 1
        _event(
            world, place=first.place, venue=first.venue, address=first.address, first=first.first,
            last=first.first, title=form.format(m=moment, d=sport, p=first.place.name),
            organiser=f"{sport.capitalize()} Club de {first.place.name}",
        )  # fmt: skip
