"""What each column of the census says of an entry: the functions `census/columns.py` names.

Each returns a text, a number, a bool, an ISO date text, a list, or None for « not known ».
"""

import re
from collections.abc import Callable
from datetime import date

from census.cells import instant
from census.labelling import Shown, proposals
from census.rows import Entry, first_day, last_day
from domain import zones
from domain.labels import Validity, labels, validity
from domain.privacy import mask
from domain.records import Award, Json, Mention
from domain.statuses import FRENCH, DecisionKind, SuggestionKind
from domain.text import fold
from domain.times import french_date

DESCRIPTION_CHARACTERS = 1200
QUOTED_CHARACTERS = 300  # of a text whose licence is not open: a short quotation, with its source
QUOTED = "citation courte (licence non ouverte ou non précisée)"
_OPEN = re.compile(
    r"licence ouverte|open licence|etalab|odbl|odc|cc ?0|cc by|domaine public|public domain"
)
_CLOSED = re.compile(r"\bnc\b|\bnd\b|non commercial|no derivative")
_HOUR = r"\d{1,2} ?(?:h|heures?|:)(?: ?\d{2})?"
_HOURS = re.compile(rf"(?:à |de )?{_HOUR}(?:(?: ?[-–] ?| à | a ){_HOUR})?", re.IGNORECASE)
_NOBODY = Mention(source="", key="", title="")

TYPES = (
    *("initiation", "competition", "spectacle_culture", "celebration", "temps_scolaire"),
    *("formation", "rencontre_debat", "amenagement_equipement", "sensibilisation"),
    *("course_marche", "stage_sejour", "dispositif_annuel", "autre"),
)
ORGANISERS = (
    *("association", "commune", "epci", "departement", "region", "etat"),
    *("etablissement_scolaire", "federation_comite", "fondation", "entreprise", "autre"),
)


def plain(name: str) -> Callable[[Entry], Json]:
    return lambda entry: entry.value(name)


def proposed(kind: SuggestionKind) -> Callable[[Entry], Json]:
    return lambda entry: next(iter(entry.proposed(kind)), None)


def theme(slug: str) -> Callable[[Entry], Json]:
    return lambda entry: slug in entry.themes


def known(name: str, allowed: tuple[str, ...]) -> Callable[[Entry], Json]:
    def value(entry: Entry) -> Json:
        found = entry.value(name)
        return found if found in allowed else None

    return value


def kind(entry: Entry) -> Json:
    declared = entry.value("type")
    if declared in TYPES:
        return declared
    return next(iter(entry.proposed(SuggestionKind.TYPE)), None)


def review(entry: Entry) -> str:
    return FRENCH[entry.dossier.initiative.status]


def address(entry: Entry) -> str | None:
    """The page to cite; none that carries an e-mail address."""
    url = entry.value("url")
    return str(url) if url and "@" not in str(url) else None


def themes_from(entry: Entry) -> str:
    verdict = entry.verdict
    if verdict is not None and verdict.kind is DecisionKind.APPROVE:
        return "revue"
    models = {one.model for one in entry.suggested(SuggestionKind.THEME)}
    return "lexique" if any("rules" in model for model in models) else "modele"


def start(entry: Entry) -> str | None:
    days = [day for day in map(first_day, entry.editions) if day]
    return min(days).isoformat() if days else None


def end(entry: Entry) -> str | None:
    days = [day for day in map(last_day, entry.editions) if day]
    return max(days).isoformat() if days else None


def editions(entry: Entry) -> list[str]:
    """The days of each edition, once each: two announcements still apart may tell the same day."""
    days = (
        f"{first.isoformat()}/{last.isoformat()}"
        for one in entry.editions
        if (first := first_day(one)) and (last := last_day(one))
    )
    return list(dict.fromkeys(days))


def latitude(entry: Entry) -> float | None:
    found = place(entry) or centre(entry)
    return found[0] if found else None


def longitude(entry: Entry) -> float | None:
    found = place(entry) or centre(entry)
    return found[1] if found else None


def place(entry: Entry) -> tuple[float, float] | None:
    """The place's own coordinates; half of them, or some that are nowhere on Earth, are none."""
    return _point(entry.value("latitude"), entry.value("longitude"))


def centre(entry: Entry) -> tuple[float, float] | None:
    """The centre of its commune."""
    return _point(entry.commune.latitude, entry.commune.longitude) if entry.commune else None


def _point(latitude: Json, longitude: Json) -> tuple[float, float] | None:
    try:
        y, x = float(latitude), float(longitude)
    except (TypeError, ValueError):
        return None
    return (round(y, 6), round(x, 6)) if abs(y) <= 90 and abs(x) <= 180 else None


def position(entry: Entry) -> str | None:
    """How sure the coordinates are: a centre of commune is not a place."""
    if place(entry):
        return "lieu"
    return "commune" if centre(entry) else None


def commune_name(entry: Entry) -> str | None:
    name = entry.commune.name if entry.commune else entry.value("commune_name")
    return None if name is None else str(name)


def audiences(entry: Entry) -> list[str]:
    return told_or_proposed(entry, "audience", SuggestionKind.AUDIENCE)


def told_or_proposed(entry: Entry, name: str, kind: SuggestionKind) -> list[str]:
    """What a person set, else what the machine proposes, else what the sources say."""
    if entry.by_person(name):
        return entry.listed(name)
    return entry.proposed(kind) or entry.listed(name)


def held(entry: Entry) -> list[Award]:
    """The labels that count on the day of the export."""
    counts = (Validity.VALID, Validity.UNKNOWN)
    return [one for one in entry.dossier.awards if validity(one, entry.today) in counts]


def national_held(entry: Entry) -> list[str]:
    return sorted({one.label for one in held(entry) if one.label in labels()})


def cited(entry: Entry) -> list[str]:
    return entry.proposed(SuggestionKind.LABEL) or entry.listed("labels")


def regional(entry: Entry) -> Award | None:
    regional = [one for one in held(entry) if one.label not in labels()]
    return max(regional, key=lambda one: (one.starts_on, one.label), default=None)


def regional_level(entry: Entry) -> str | None:
    award = regional(entry)
    return (award.level or award.label) if award else None


def regional_end(entry: Entry) -> str | None:
    award = regional(entry)
    return award.ends_on.isoformat() if award and award.ends_on else None


def sources(entry: Entry) -> list[str]:
    return sorted({mention.source for mention in entry.dossier.mentions})


def contacts(entry: Entry) -> list[str]:
    return sorted({c.value for mention in entry.dossier.mentions for c in mention.contacts})


def collected(entry: Entry) -> str | None:
    times = [one.collected_at for one in entry.dossier.mentions if one.collected_at]
    return instant(min(times)) if times else None


def proposed_labels(entry: Entry) -> list[str]:
    """The labels the rules of the campaign propose it to ask for."""
    start = _start_day(entry)
    regional_one = regional(entry)
    shown = Shown(
        starts_on=start,
        type=str(kind(entry) or ""),
        organiser=str(entry.value("organiser_kind") or ""),
        themes=entry.themes,
        audiences=audiences(entry),
        highlight=next(iter(entry.proposed(SuggestionKind.HIGHLIGHT)), ""),
        cited=cited(entry),
        held=[*national_held(entry), *([regional_one.label] if regional_one else [])],
    )
    return proposals(entry.campaign.labels, shown)


def description(entry: Entry) -> str | None:
    """The text, whole when a person wrote it or its licence is open; else a short quotation."""
    value = entry.value("description")
    quoted = _licence(entry) == QUOTED
    return shortened(value, QUOTED_CHARACTERS if quoted else DESCRIPTION_CHARACTERS)


def description_licence(entry: Entry) -> str | None:
    """The licence of the description, or that it is only quoted."""
    return _licence(entry) if entry.value("description") else None


def _licence(entry: Entry) -> str:
    if entry.by_person("description"):
        return "Licence Ouverte 2.0"
    found = entry.dossier.initiative.values.get("description")
    mentions = {one.id: one for one in entry.dossier.mentions}
    told = mentions.get(found.mention) if found and found.mention else None
    licence = str((told or entry.mention or _NOBODY).details.get("licence") or "")
    return licence if is_open(licence) else QUOTED


def is_open(licence: str) -> bool:
    """Whether a licence lets everyone reproduce a text, commercially too."""
    folded = fold(licence).replace("-", " ")
    return bool(_OPEN.search(folded)) and not _CLOSED.search(folded)


def when_words(entry: Entry) -> str | None:
    """The words of the source; hours alone are completed with the day they are of."""
    words = entry.value("when_words")
    day = _start_day(entry)
    if words and day and _HOURS.fullmatch(str(words).strip()):
        return f"{french_date(day)}, {str(words).strip()}"
    return str(words) if words else None


def _start_day(entry: Entry) -> date | None:
    return min((day for day in map(first_day, entry.editions) if day), default=None)


def quarter(entry: Entry) -> str | None:
    """The QPV its place is in: of its own coordinates, never of the centre of its commune; and of
    the generation in force when it takes place."""
    where = place(entry)
    if where is None or _last(entry) < zones.QPV_SINCE:
        return None
    found = zones.quarter_at(*where)
    return found.code if found else None


def rural(entry: Entry) -> bool | None:
    """Whether its commune is in FRR when it takes place; None before FRR existed."""
    if entry.commune is None or _last(entry) < zones.FRR_SINCE:
        return None
    return zones.is_rural(entry.commune.code)


def _last(entry: Entry) -> date:
    return max((day for day in map(last_day, entry.editions) if day), default=entry.today)


def shortened(text: Json, most: int) -> str | None:
    """At most so many characters, cut between words, without e-mail addresses nor phone numbers."""
    if not text:
        return None
    safe = mask(str(text))
    return safe if len(safe) <= most else safe[:most].rsplit(" ", 1)[0] + "…"
