"""Fictional announcements with their known truth: what the shipped model learns from.

Everything is composed from matching/seeds/annonces.txt with a fixed seed. The noise is drawn
afresh for every "region" of the training set (typing, missing fields, moved dates…), so that the
model meets clean and dirty sources alike instead of one rate.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any

from domain.text import fold
from domain.times import MONTHS

Row = dict[str, Any]


@lru_cache(maxsize=4)
def seeds(name: str = "annonces.txt") -> dict[str, tuple[str, ...]]:
    """The sections of a seeds file."""
    text = (resources.files("matching") / "seeds" / name).read_text("utf-8")
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif line.strip() and not line.startswith("#"):
            section.append(line.strip())
    return {name: tuple(lines) for name, lines in found.items()}


@dataclass(frozen=True, slots=True)
class Place:
    name: str
    insee: str
    postcode: str
    department: str
    latitude: float
    longitude: float
    venues: tuple[str, ...]
    organisers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One edition, as it truly is."""

    event: int
    series: int
    festival: int | None  # the event it is a sub-event of
    title: str
    place: Place
    venue: str
    address: str
    organiser: str
    first: date
    last: date
    ticket: str
    text: str
    edition: int = 0
    yearly: bool = False
    main: str = ""  # title of its festival
    days: tuple[date, ...] = ()  # separate days of one edition (three Saturdays)


@dataclass(frozen=True, slots=True)
class Noise:
    """Chances, per announcement, that a field is missing or wrong."""

    no_description: float = 0.2
    no_organiser: float = 0.2
    no_venue: float = 0.2
    no_address: float = 0.6
    no_commune: float = 0.06
    no_postcode: float = 0.5
    no_insee: float = 0.8
    no_department: float = 0.2
    no_coordinates: float = 0.7
    no_date: float = 0.08
    no_end: float = 0.4
    typo: float = 0.1
    upper: float = 0.08
    plain: float = 0.1
    drop_word: float = 0.06
    rotate: float = 0.02
    decorate: float = 0.15
    other_title: float = 0.025
    synonym: float = 0.05
    next_day: float = 0.015
    moved: float = 0.01
    town_hall: float = 0.12
    organiser_typo: float = 0.04
    other_venue: float = 0.03
    year: float = 0.4
    ticket: float = 0.2
    no_identifier: float = 0.9


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
    rows = [row for one in world.events for row in _announcements(one, world, rates)]
    chance.shuffle(rows)
    return [{"id": str(i), **row} for i, row in enumerate(rows)]


def drawn(chance: random.Random) -> Noise:
    """Noise whose every rate is between a third and twice its usual value."""
    usual = Noise()
    names = Noise.__dataclass_fields__
    rates = {n: min(0.95, getattr(usual, n) * 2 ** chance.uniform(-1.5, 1)) for n in names}
    return replace(usual, **rates)


def _places(chance: random.Random) -> list[Place]:
    lines = seeds()
    departments = [str(d).zfill(2) for d in chance.sample(range(1, 95), 6)]
    found = []
    count = chance.randint(25, len(lines["communes"]))
    for name in chance.sample(lines["communes"], count):
        department = chance.choice(departments)
        number = chance.randint(1, 700)
        found.append(
            Place(
                name, f"{department}{number:03}", f"{department}{chance.randint(0, 99):02}0",
                department, round(chance.uniform(42.5, 49.5), 5), round(chance.uniform(-1, 7), 5),
                tuple(_venue(chance) for _ in range(chance.randint(2, 9))),
                tuple(_organiser(chance, name, department) for _ in range(chance.randint(2, 7))),
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
    place = changes.get("place") or chance.choice(world.places)
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
    )  # fmt: skip
    if event.title in lines["nationaux"] and chance.random() < 0.7:
        event = replace(event, first=_national_day(event), last=_national_day(event))
    event = replace(event, **changes)
    world.events.append(event)
    return event


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
        _single, _yearly, _sessions, _festival, _tour, _neighbours, _several_days, _clubs
    )  # fmt: skip
    chance.choices(kinds, weights=(36, 16, 14, 17, 6, 9, 2, 2))[0](world)


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
    event = replace(event, last=event.first)
    world.events[-1] = event
    step = chance.choice((7, 7, 7, 14, 14, 21, 28, 30, 31, 42, 1, 1, 2))
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
            address=first.address,
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


# --- how sources tell them ---------------------------------------------------------------------

SOURCES: dict[str, tuple[float, dict[str, float]]] = {
    "mairie": (0.26, {"no_date": 0.6, "no_coordinates": 1.2, "town_hall": 2.5}),
    "agenda": (0.22, {"no_date": 0.1, "no_venue": 0.2, "no_coordinates": 0.05}),
    "site": (0.2, {"no_organiser": 0.5, "no_coordinates": 1.2}),
    "presse": (0.14, {"no_organiser": 1.8, "no_venue": 1.8, "decorate": 1.5, "synonym": 3}),
    "formulaire": (0.08, {"no_organiser": 0.1, "typo": 1.5, "no_date": 0.5}),
    "fiche": (0.05, {"no_organiser": 0.2, "no_date": 1.8, "no_venue": 1.8}),
    "subvention": (0.05, {"no_organiser": 0.1, "no_date": 6, "no_venue": 4, "no_commune": 4}),
}


def _announcements(event: Event, world: World, noise: Noise) -> list[Row]:
    chance = world.chance
    count = chance.choices((1, 2, 3, 4, 5), weights=(56, 23, 13, 6, 2))[0]
    names = list(SOURCES)
    kinds = chance.choices(names, weights=[SOURCES[s][0] for s in names], k=count)
    return [_announcement(event, kind, world, noise) for kind in kinds]


def _announcement(event: Event, kind: str, world: World, noise: Noise) -> Row:
    chance = world.chance
    factors = SOURCES[kind][1]

    def happens(name: str) -> bool:
        rate: float = getattr(noise, name)
        return chance.random() < min(0.97, rate * factors.get(name, 1))

    place = event.place
    first, last = _told_days(event, happens, chance)
    moved = first != event.first and abs((first - event.first).days) > 2
    undated = happens("no_date")
    commune = None if happens("no_commune") else place.name
    row: Row = {
        "source": kind,
        "title": _told_title(event, happens, chance, moved=moved),
        "description": None if happens("no_description") else _told_text(event, chance),
        "organiser": None if happens("no_organiser") else _told_organiser(event, happens, chance),
        "venue": None if happens("no_venue") else _told_venue(event, happens, chance),
        "address": None if happens("no_address") else _abbreviated(event.address, chance),
        "commune": _told_commune(commune, chance) if commune else None,
        "postcode": None if happens("no_postcode") else place.postcode,
        "insee": None if happens("no_insee") else place.insee,
        "dep": None if happens("no_department") else place.department,
        "date_start": None if undated else first.isoformat(),
        "date_end": None if undated or happens("no_end") else last.isoformat(),
        "url": f"https://{_site(event, kind)}/{chance.getrandbits(28)}",
        "ticket": event.ticket if happens("ticket") else None,
        "event": event.event, "series": event.series, "parent": event.festival,
    }  # fmt: skip
    if event.days and not undated and first == event.first and chance.random() < 0.7:
        row["occurrences"] = tuple(d.toordinal() for d in event.days)
    if not happens("no_identifier"):
        row["siren"] = f"{random.Random(event.organiser + place.insee).getrandbits(29):09}"  # noqa: S311
    if not happens("no_coordinates"):
        row["lat"] = round(place.latitude + chance.gauss(0, 0.004), 5)
        row["lon"] = round(place.longitude + chance.gauss(0, 0.004), 5)
    return row


def _site(event: Event, kind: str) -> str:
    slug = "".join(
        c for c in fold(event.organiser if kind == "site" else event.place.name) if c.isalnum()
    )
    return {"mairie": f"www.{slug}.example", "site": f"{slug}.example"}.get(kind, f"{kind}.example")


def _told_days(
    event: Event, happens: Callable[[str], bool], chance: random.Random
) -> tuple[date, date]:
    shift = 0
    if happens("next_day"):
        shift = chance.choice((-1, 1))
    if happens("moved"):
        shift = chance.choice((-1, 1, 1, 1)) * (chance.randint(2, 60))
    return event.first + timedelta(days=shift), event.last + timedelta(days=shift)


def _told_title(
    event: Event, happens: Callable[[str], bool], chance: random.Random, *, moved: bool
) -> str:
    title = event.title
    if happens("other_title"):
        title = _other_title(event, chance)
    if event.yearly and happens("year"):
        title = f"{title} {event.first.year}"
    elif event.edition and chance.random() < 0.35:
        form = chance.choice(("{n}e édition – {t}", "{t} ({n}ème édition)", "{n}e {t}", "{t} #{n}"))
        title = form.format(n=event.edition, t=title)
    if happens("synonym"):
        title = _synonym(title, chance)
    if happens("decorate"):
        title = _decorated(title, event, chance)
    if moved and chance.random() < 0.5:
        title = f"{chance.choice(('[REPORTÉ] ', 'Reporté : ', 'Nouvelle date - '))}{title}"
    if happens("drop_word") and len(title.split()) > 2:
        kept = title.split()
        kept.pop(chance.randrange(len(kept)))
        title = " ".join(kept)
    if happens("rotate"):
        kept = title.split()
        chance.shuffle(kept)
        title = " ".join(kept)
    if happens("typo"):
        title = typed(title, chance)
    return _dressed(title, happens, chance)


def _dressed(text: str, happens: Callable[[str], bool], chance: random.Random) -> str:
    if happens("upper"):
        text = text.upper()
    if happens("plain"):
        text = fold(text) if chance.random() < 0.5 else _unaccented(text)
    if chance.random() < 0.02:
        text = text[: max(12, int(len(text) * 0.8))] + " …"
    return text


def _unaccented(text: str) -> str:
    plain = fold(text)
    if len(plain) != len(text):
        return plain
    return "".join(p.upper() if c.isupper() else p for p, c in zip(plain, text, strict=True))


def _other_title(event: Event, chance: random.Random) -> str:
    """What a journalist makes of it: the activity said otherwise."""
    lines = seeds()
    return chance.choice(
        (
            f"{chance.choice(lines['activites']).capitalize()} à {event.place.name}",
            f"Grande journée {chance.choice(lines['precisions'])}",
            f"{event.place.name} : {chance.choice(lines['activites'])}",
            f"{event.organiser} : {event.title}",
            event.venue,
        )
    )


def _synonym(title: str, chance: random.Random) -> str:
    pairs = [tuple(p.strip() for p in line.split("|")) for line in seeds()["synonymes"]]
    words = title.split()
    for i, word in enumerate(words):
        for one, two in pairs:
            if word.lower() in (one, two) and chance.random() < 0.7:
                words[i] = two if word.lower() == one else one
    return " ".join(words)


def _decorated(title: str, event: Event, chance: random.Random) -> str:
    forms: Sequence[str] = (
        f"[SPORT] {title}", f"Save the date : {title}", f"{title} - {event.place.name}",
        f"{title} à {event.place.name}", f"{event.place.name} : {title}", f"{title} !",
        f"{title} | {event.venue}", f"À vos agendas ! {title}", f"{title} – {event.organiser}",
        f"{title} ({event.first.day}/{event.first.month:02})", f"« {title} »",
        f"{title} le {event.first.day} {_month(event.first)}", f"Agenda – {title}",
        f"{event.main} : {title}" if event.main else f"{title} : programme",
    )  # fmt: skip
    return chance.choice(forms)


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _told_text(event: Event, chance: random.Random) -> str:
    day = f"{event.first.day} {_month(event.first)} {event.first.year}"
    sentences = (
        f"{event.organiser} organise {event.title} à {event.place.name}.",
        f"Rendez-vous le {day}, {event.venue}, {event.place.name}.",
        f"{event.title} : {event.venue}, {event.address}.",
        f"{event.title}, porté par {event.organiser}.",
        event.text,
        event.text,
        chance.choice(seeds()["phrases"]),
    )
    return " ".join(chance.sample(sentences, chance.choice((1, 1, 2, 2, 3))))


def _told_organiser(event: Event, happens: Callable[[str], bool], chance: random.Random) -> str:
    name = event.organiser
    if happens("town_hall"):
        form = chance.choice(
            ("Mairie de {}", "Ville de {}", "Service des sports - {}", "Commune de {}")
        )
        return form.format(event.place.name)
    if chance.random() < 0.1:
        name = (
            name.replace("Association", chance.choice(("Asso", "Ass.", "")))
            .replace("Union Sportive", "US").replace("Mairie", "Ville")
            .replace("Maison des Jeunes et de la Culture", "MJC")
            .replace("Comité départemental olympique et sportif", "CDOS").strip()
        )  # fmt: skip
    if happens("organiser_typo"):
        name = typed(name, chance)
    return _dressed(name, happens, chance)


def _told_venue(event: Event, happens: Callable[[str], bool], chance: random.Random) -> str:
    venue = chance.choice(event.place.venues) if happens("other_venue") else event.venue
    if chance.random() < 0.1:
        venue = f"{venue}, {event.place.name}"
    if chance.random() < 0.05:
        venue = venue.rsplit(" ", 1)[0]
    return typed(venue, chance) if happens("organiser_typo") else venue


def _told_commune(name: str, chance: random.Random) -> str:
    roll = chance.random()
    if roll < 0.12:
        return name.upper()
    if roll < 0.18:
        return name.replace("-", " ")
    if roll < 0.22:
        return name.replace("Sainte-", "Ste ").replace("Saint-", "St ")
    if roll < 0.24:
        return f"{name} cedex"
    return typed(name, chance) if roll < 0.245 else name


def _abbreviated(address: str, chance: random.Random) -> str:
    if chance.random() < 0.3:
        address = (
            address.replace("avenue", "av.").replace("boulevard", "bd").replace("place", "pl.")
        )
    return address


def typed(text: str, chance: random.Random) -> str:
    """The text with one or two typing slips: a letter lost, doubled, swapped or replaced."""
    letters = list(text)
    for _ in range(chance.choice((1, 1, 2))):
        i = chance.randrange(max(1, len(letters) - 1))
        roll = chance.random()
        if roll < 0.3:
            letters[i : i + 1] = []
        elif roll < 0.55:
            letters[i : i + 2] = reversed(letters[i : i + 2])
        elif roll < 0.75:
            letters[i:i] = letters[i : i + 1]
        elif letters:
            letters[i] = chance.choice("aeioustrnl")
    return "".join(letters) or text
