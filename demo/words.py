"""How each register says when, where and what: the prose of the fictitious sources."""

import re
import zlib
from datetime import date, time

from demo.story import Announcement, story
from domain.times import MONTHS, french_date

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def pick(one: Announcement, choices: tuple[str, ...], *, salt: str = "") -> str:
    """Always the same choice for the same announcement."""
    return choices[zlib.crc32(f"{one.source}/{one.slug}/{salt}".encode()) % len(choices)]


def hours(one: Announcement) -> tuple[time, time | None] | None:
    """Its first and last hour: `14h-18h30` → (14:00, 18:30)."""
    found = [time(int(h), int(m or 0)) for h, m in re.findall(r"(\d{1,2})h(\d{2})?", one.hours)]
    return (found[0], found[1] if len(found) > 1 else None) if found else None


def when(one: Announcement, *, weekday: bool = True) -> str:
    """Its date as a person writes it, or an empty string when the source does not say."""
    first, last = one.starts_on, one.ends_on
    if not one.dated or first is None or last is None:
        return ""
    if one.words.startswith("weekly"):
        return f"tous les {WEEKDAYS[first.weekday()]}s {_range(first, last)}{_at(one)}"
    if one.words:
        return one.words
    if first == last:
        return f"{WEEKDAYS[first.weekday()] + ' ' if weekday else ''}{french_date(first)}{_at(one)}"
    return _range(first, last) + _at(one)


def _range(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        head = "1er" if first.day == 1 else str(first.day)
    elif first.year == last.year:
        head = f"{'1er' if first.day == 1 else first.day} {MONTHS[first.month - 1]}"
    else:
        head = french_date(first)
    return f"du {head} au {french_date(last)}"


def _at(one: Announcement) -> str:
    slot = hours(one)
    if slot is None:
        return ""
    first, last = slot
    return f", de {_hour(first)} à {_hour(last)}" if last else f", à {_hour(first)}"


def _hour(at: time) -> str:
    return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"


def place(one: Announcement, *, department: bool = False) -> str:
    """`gymnase X, Ville` or `en ligne`; the département in brackets when asked."""
    if one.town is None:
        return "en ligne"
    town = f"{one.town.name} ({one.town.department})" if department else one.town.name
    return f"{one.venue}, {town}" if one.venue else town


def title(one: Announcement) -> str:
    """Its title with the state of the event, as agendas write it."""
    head = {"cancelled": "ANNULÉ – ", "postponed": "[Reporté] "}.get(one.status, "")
    return head + one.title


def status_sentence(one: Announcement) -> str:
    if one.status == "cancelled":
        return "L'événement est annulé, les organisateurs vous prient de les excuser."
    if one.status == "postponed":
        was = f" initialement prévu le {french_date(one.was_on)}" if one.was_on else ""
        return f"Attention : le rendez-vous{was} est reporté."
    return ""


def sentences(text: str) -> list[str]:
    return [s for s in re.split(r"(?<=[.!?])\s+(?=[A-ZÀ-Ý«])", text) if s]


def short(one: Announcement) -> str:
    """Its text as a busy editor keeps it: whole when it is the source's own, else the beginning."""
    parts = sentences(one.text)
    return one.text if one.reworded or len(parts) < 3 else " ".join(parts[:2])


def official(one: Announcement) -> str:
    """Its text as a form or a prefecture's table has it: the beginning, then a set phrase."""
    body = short(one) if _told_elsewhere(one) else one.text
    return one.text if one.reworded else f"{body} {pick(one, _OFFICIAL)}"


def terse(one: Announcement) -> str:
    """Its text as a subsidy file has it: one sentence, when another source tells the rest."""
    return sentences(one.text)[0] if _told_elsewhere(one) else one.text


def _told_elsewhere(one: Announcement) -> bool:
    return any(a.initiative == one.initiative and a.source != one.source for a in story())


_PRESS = (
    "Rendez-vous {when} {at} ({venue}).",
    "C'est {when}, {at}. Lieu : {venue}.",
    "À noter : {when}, {at} ({venue}). Organisation : {who}.",
    "{When}. Lieu : {place}.",
)
_AGENDA = (
    "{When} {at}, {venue}. Proposé par {who}.",
    "Quand ? {When}. Où ? {Place}.",
    "{When}, {at}. Lieu : {venue}. Renseignements auprès de l'organisateur : {who}.",
)
_CARD = ("📅 {When} 📍 {Place}", "{When}, {at}. On se retrouve ici : {venue}.")
_GREETINGS = {
    "centres-sociaux-13": (
        "À vos agendas ! ",
        "",
        "Rappel aux habitants. ",
        "",
        "C'est bientôt ! ",
    ),
    "azur-sorties": ("", "Idée de sortie. ", "", "Coup de cœur de la rédaction. "),
    "gazette-var": ("", "", "(Communiqué.) "),
}
_OFFICIAL = (
    "Entrée libre et gratuite.",
    "Action ouverte à tous, en lien avec la commune.",
    "Inscription auprès de la structure.",
    "Action portée en partenariat avec les services municipaux.",
)


def practical(one: Announcement, *, press: bool, department: bool = False) -> str:
    """The practical sentence: when, where, by whom; without the date when the source has none."""
    said, where = when(one), place(one, department=department)
    if not said:
        return f"Lieu : {where}. Organisation : {one.organiser}."
    if one.town is None:
        return f"{capital(said)}, {where}. Proposé par {one.organiser}."
    agenda = _AGENDA + _CARD if one.source == "azur-sorties" else _AGENDA
    choices: tuple[str, ...] = _PRESS if press else agenda
    if department:  # « à Gap (05) (stade) » would be clumsy
        choices = tuple(c for c in choices if "({venue})" not in c)
    pattern = pick(one, choices)
    town = f"{one.town.name} ({one.town.department})" if department else one.town.name
    return pattern.format(
        when=_article(said),
        When=capital(said),
        at=_in(town),
        venue=one.venue,
        place=where,
        Place=capital(where),
        who=one.organiser,
    )


def _in(town: str) -> str:
    """« à Gap », « au Castellet », « à La Garde »."""
    return f"au {town[3:]}" if town.startswith("Le ") else f"à {town}"


def prose(one: Announcement, *, press: bool, department: bool = False) -> str:
    """The whole text of a feed entry."""
    body = short(one) if press else one.text
    greeting = pick(one, _GREETINGS.get(one.source, ("",)), salt="greeting")
    parts = (
        status_sentence(one),
        greeting + body,
        practical(one, press=press, department=department),
    )
    return " ".join(part for part in parts if part)


def _article(said: str) -> str:
    return f"le {said}" if said.split()[0] in WEEKDAYS else said


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
