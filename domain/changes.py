"""What differs between two readings of one announcement, as a person would say it. Pure.

Ways of writing are not differences: accents, case, punctuation, an article. What a decision rests
on (title, dates, place, organiser, status) may re-open it; the rest is only told.
"""

from collections.abc import Callable, Mapping
from datetime import date

from domain.records import Json, Mention, Occurrence
from domain.statuses import FRENCH, EventStatus
from domain.text import words
from domain.times import french_date

Change = tuple[Json, Json]

DECISIVE = frozenset(
    {
        *("title", "starts_on", "ends_on", "occurrences", "commune", "department", "venue"),
        *("attendance", "organiser", "status"),
    }
)
"""A change there, when the source changed too, re-opens what was decided."""

NAMES: Mapping[str, str] = {
    "title": "titre",
    "starts_on": "premier jour",
    "ends_on": "dernier jour",
    "occurrences": "dates et heures",
    "commune": "commune",
    "department": "département",
    "venue": "lieu",
    "address": "adresse du lieu",
    "attendance": "sur place ou en ligne",
    "organiser": "porteur",
    "status": "état",
    "url": "page",
    "ticket": "réservation",
    "text": "texte",
}
"""The fields told, in reading order, in French."""


def changes(before: Mention, after: Mention) -> dict[str, Change]:
    """field → (before, after) of what differs in sense. Of the text, only that it does."""
    found: dict[str, Change] = {}
    for name in NAMES:
        one, other = _value(before, name), _value(after, name)
        sense = _SENSE.get(name, _same)
        if sense(one) != sense(other):
            found[name] = (None, None) if name == "text" else (one, other)
    if "occurrences" in found and {"starts_on", "ends_on"} & found.keys():
        del found["occurrences"]  # said already
    return found


def told(changed: Mapping[str, Json]) -> list[str]:
    """One French sentence a field: « premier jour : 5 juin 2027 → 6 juin 2027 »."""
    lines = []
    for name, french in NAMES.items():
        if name == "text" and name in changed:
            lines.append("le texte a changé")
        elif name in changed:
            before, after = (_said(name, value) for value in changed[name])
            lines.append(f"{french} : {before} → {after}")
    return lines


def _value(mention: Mention, name: str) -> Json:
    when, where = mention.when, mention.where
    values: Mapping[str, Json] = {
        "title": mention.title,
        "starts_on": when.starts_on.isoformat() if when.starts_on else None,
        "ends_on": when.ends_on.isoformat() if when.ends_on else None,
        "occurrences": [_slot(one) for one in when.occurrences],
        "commune": where.commune_name or where.commune_code,
        "department": where.department,
        "venue": where.venue,
        "address": where.address,
        "attendance": where.attendance.value,
        "organiser": mention.who.name,
        "status": mention.status.value,
        "url": mention.url,
        "ticket": mention.ticket,
        "text": mention.text,
    }
    return values[name]


def _slot(one: Occurrence) -> str:
    hours = [f"{hour:%H:%M}" for hour in (one.starts_at, one.ends_at) if hour]
    days = [one.starts_on.isoformat()]
    days += [one.ends_on.isoformat()] if one.ends_on != one.starts_on else []
    return " ".join(["/".join(days), *hours])


def _same(value: Json) -> Json:
    return value


def _by_words(value: Json) -> Json:
    return words(str(value or ""))


_SENSE: Mapping[str, Callable[[Json], Json]] = {
    **dict.fromkeys(("title", "venue", "address", "organiser", "commune", "text"), _by_words),
    "occurrences": lambda slots: sorted(slots),
}


def _said(name: str, value: Json) -> str:
    if value in (None, "", []):
        return "rien"
    if name in ("starts_on", "ends_on"):
        return french_date(date.fromisoformat(value))
    if name == "status":
        return FRENCH[EventStatus(value)]
    if isinstance(value, list):
        return ", ".join(map(str, value[:4])) + (f" et {len(value) - 4} de plus" * (len(value) > 4))
    return str(value)
