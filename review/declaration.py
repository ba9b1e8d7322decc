"""What an association or a commune declares: the eight fields, checked, as a raw item. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from domain.records import Json, RawItem, Source
from domain.statuses import EventStatus, Publisher
from domain.text import clean, fold, one_line
from review import fields

SOURCE = Source(
    slug="declarations-en-ligne",
    title="Déclarations en ligne",
    kind="table",
    url="file:declarations-en-ligne",
    publisher=Publisher.ORGANISER,
    enabled=False,  # nobody visits it: it is fed by the form
)
NAMES = ("titre", "porteur", "commune", "lieu", "debut", "fin", "description", "courriel")
MOST: Mapping[str, int] = {"description": 5000}
_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[a-zA-Z]{2,}")
_PROTECTED = re.compile(
    r"\b(jeux olympiques|jeux paralympiques|olympi\w+|paralympi\w+|olympiade?s?|"
    r"anneaux olympiques|flamme olympique|paris 2024|alpes 2030|jo)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What was typed, and what is wrong with it (name → French sentence)."""

    typed: Mapping[str, str]
    cancelled: bool = False
    wrong: Mapping[str, str]

    @property
    def protected(self) -> tuple[str, ...]:
        """Words of the typed text whose use the Olympic properties restrict."""
        text = fold(f"{self.typed['titre']} {self.typed['description']}")
        return tuple(dict.fromkeys(found.group() for found in _PROTECTED.finditer(text)))


def read(form: Mapping[str, Json]) -> Declaration:
    """The form, cleaned and checked."""
    typed = {name: one_line(str(form.get(name, "")))[:300] for name in NAMES}
    typed["description"] = clean(str(form.get("description", "")))[: MOST["description"]]
    wrong: dict[str, str] = {}
    for name, what in (
        ("titre", "le nom de l'initiative"),
        ("porteur", "qui la porte"),
        ("commune", "la commune"),
        ("description", "quelques mots de description"),
    ):
        if len(typed[name]) < 2:
            wrong[name] = f"Indiquez {what}."
    if "commune" not in wrong:
        try:
            fields.commune(typed["commune"])
        except fields.Unfit as error:
            wrong["commune"] = error.french
    first, last = (_day(typed, name, wrong) for name in ("debut", "fin"))
    if first and last and last < first:
        wrong["fin"] = "Le dernier jour est avant le premier."
    if typed["fin"] and not typed["debut"]:
        wrong["debut"] = "Indiquez aussi le premier jour."
    if not _EMAIL.fullmatch(typed["courriel"]):
        wrong["courriel"] = "Indiquez une adresse de courriel, par exemple nom@exemple.fr."
    return Declaration(typed=typed, cancelled=bool(form.get("annulee")), wrong=wrong)


def _day(typed: Mapping[str, str], name: str, wrong: dict[str, str]) -> date | None:
    if not typed[name]:
        return None
    try:
        found = date.fromisoformat(typed[name])
    except ValueError:
        wrong[name] = "Écrivez la date ainsi : 2027-06-05."
        return None
    if not 1990 <= found.year <= 2100:
        wrong[name] = "Cette année semble fausse."
    return found


def raw_item(key: str, given: Declaration, now: datetime) -> RawItem:
    """The announcement, as any source would give it."""
    place = fields.commune(given.typed["commune"])
    typed = given.typed
    found: dict[str, Json] = {
        "title": typed["titre"],
        "text": typed["description"],
        "organiser": typed["porteur"],
        "commune": place["commune_name"],
        "insee": place["commune_code"],
        "department": place["department"],
        "venue": typed["lieu"],
        "start": typed["debut"],
        "end": typed["fin"] or typed["debut"],
        "email": typed["courriel"],
        "language": "fr",
    }
    if given.cancelled:
        found["status"] = EventStatus.CANCELLED.value
    return RawItem(
        source=SOURCE.slug,
        key=key,
        fields={name: value for name, value in found.items() if value},
        published_at=now,
    )


def typed_again(item: RawItem) -> tuple[dict[str, str], bool]:
    """What the form showed, from what was kept; and whether it was cancelled."""
    kept = item.fields
    commune = f"{kept.get('commune', '')} ({kept.get('department', '')})"
    end = str(kept.get("end", ""))
    typed = {
        "titre": str(kept.get("title", "")),
        "porteur": str(kept.get("organiser", "")),
        "commune": commune,
        "lieu": str(kept.get("venue", "")),
        "debut": str(kept.get("start", "")),
        "fin": "" if end == kept.get("start") else end,
        "description": str(kept.get("text", "")),
        "courriel": str(kept.get("email", "")),
    }
    return typed, kept.get("status") == EventStatus.CANCELLED.value
