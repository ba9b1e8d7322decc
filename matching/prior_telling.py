"""How fictional sources tell a fictional event: each with its own omissions, slips and habits."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from domain.text import fold
from domain.times import MONTHS
from matching.disciplines import practised
from matching.prior_truth import Event, seeds

Row = dict[str, Any]


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
    moved: float = 0.02
    town_hall: float = 0.12
    organiser_typo: float = 0.04
    other_venue: float = 0.03
    year: float = 0.4
    ticket: float = 0.2
    no_identifier: float = 0.9


def drawn(chance: random.Random) -> Noise:
    """Noise whose every rate is between a third and twice its usual value."""
    usual = Noise()
    names = Noise.__dataclass_fields__
    rates = {n: min(0.95, getattr(usual, n) * 2 ** chance.uniform(-1.5, 1)) for n in names}
    return replace(usual, **rates)


SOURCES: dict[str, tuple[float, dict[str, float]]] = {
    "mairie": (0.26, {"no_date": 0.6, "no_coordinates": 1.2, "town_hall": 2.5}),
    "agenda": (0.22, {"no_date": 0.1, "no_venue": 0.2, "no_coordinates": 0.05}),
    "site": (0.2, {"no_organiser": 0.5, "no_coordinates": 1.2}),
    "presse": (0.14, {"no_organiser": 1.8, "no_venue": 1.8, "decorate": 1.5, "synonym": 3}),
    "formulaire": (0.08, {"no_organiser": 0.1, "typo": 1.5, "no_date": 0.5}),
    "fiche": (0.05, {"no_organiser": 0.2, "no_date": 1.8, "no_venue": 1.8}),
    "subvention": (0.05, {"no_organiser": 0.1, "no_date": 6, "no_venue": 4, "no_commune": 4}),
}


def announcements(event: Event, chance: random.Random, noise: Noise) -> list[Row]:
    count = chance.choices((1, 2, 3, 4, 5), weights=(56, 23, 13, 6, 2))[0]
    names = list(SOURCES)
    kinds = chance.choices(names, weights=[SOURCES[s][0] for s in names], k=count)
    return [_announcement(event, kind, chance, noise) for kind in kinds]


def _announcement(event: Event, kind: str, chance: random.Random, noise: Noise) -> Row:
    factors = SOURCES[kind][1]

    def happens(name: str) -> bool:
        rate: float = getattr(noise, name)
        return chance.random() < min(0.97, rate * factors.get(name, 1))

    place = event.place
    first, last = _told_days(event, happens, chance)
    moved = first != event.first and abs((first - event.first).days) > 1
    undated = happens("no_date")
    commune = None if happens("no_commune") else place.name
    text = None if happens("no_description") else _told_text(event, chance)
    if text and event.story and chance.random() < 0.25:  # the same story under a title of one's own
        event = replace(event, title=_other_title(event, chance))
    row: Row = {
        "source": kind,
        "title": _told_title(event, happens, chance, moved=moved),
        "description": text,
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
    if undated and chance.random() < 0.4:  # a subsidy says its year, at times that of the request
        row["year"] = event.first.year - (chance.random() < 0.1)
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
        weeks = chance.choice((7, 7, 14, 14, 21, 28))  # the same day of another week, most often
        days = weeks if chance.random() < 0.6 else chance.randint(2, 60)
        shift = chance.choice((-1, 1, 1, 1)) * days
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
    if moved and chance.random() < 0.9:
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
    """What a journalist makes of it: the activity said otherwise, the sport never another."""
    lines = seeds()
    of_it = practised(fold(event.title).replace("'", " ").split())
    activity = chance.choice([
        one for one in lines["activites"]
        if not of_it or not (said := practised(fold(one).split())) or said & of_it
    ])  # fmt: skip
    return chance.choice(
        (
            f"{activity.capitalize()} à {event.place.name}",
            f"Grande journée {chance.choice(lines['precisions'])}",
            f"{event.place.name} : {activity}",
            f"{event.organiser} : {event.title}",
            f"{activity} {chance.choice(lines['precisions'])}",
            chance.choice(lines["noms_propres"]),
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
    told = chance.sample(sentences, chance.choice((1, 1, 2, 2, 3)))
    if event.story and chance.random() < 0.85:
        told.insert(chance.randint(0, len(told)), _told_story(event.story, chance))
        told = told[: chance.choice((1, 2, 3))] if chance.random() < 0.3 else told
    return " ".join(told)


def _told_story(story: str, chance: random.Random) -> str:
    """The story as a source copies it: whole, its first sentence, cut short, or told twice."""
    first = story.split(". ")[0]
    cut = story[: chance.randint(60, 160)].rsplit(" ", 1)[0] + "…"
    return chance.choice((story, story, story, f"{first}.", f"{first}.", cut, f"{first}. {story}"))


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
