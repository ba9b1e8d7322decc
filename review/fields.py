"""The fields of an initiative: French names, how a person writes them, how they are shown."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from domain import territory
from domain.errors import ReviewError
from domain.records import Json
from domain.statuses import FRENCH, ActorKind, Attendance, EventStatus
from domain.text import clean, one_line
from domain.times import french_date

Read = Callable[[str], Mapping[str, Json]]

ACTOR_KINDS: Mapping[str, str] = {
    ActorKind.ASSOCIATION: "association",
    ActorKind.COMMUNE: "commune",
    ActorKind.EPCI: "intercommunalité",
    ActorKind.DEPARTEMENT: "département",
    ActorKind.REGION: "région",
    ActorKind.ETAT: "État",
    ActorKind.SCHOOL: "établissement scolaire",
    ActorKind.FEDERATION: "fédération, comité",
    ActorKind.FOUNDATION: "fondation",
    ActorKind.COMPANY: "entreprise",
    ActorKind.OTHER: "autre",
}
ATTENDANCES: Mapping[str, str] = {
    Attendance.ON_SITE: "sur place",
    Attendance.ONLINE: "en ligne",
    Attendance.ITINERANT: "itinérante",
}
RULES: Mapping[str, str] = {
    "publisher": "la source la plus proche du porteur",
    "longest": "la description la plus longue des meilleures sources",
    "quorum": "ce que disent plusieurs sources",
    "latest": "la dernière annonce",
    "finest": "la précision la plus fine",
    "most_precise": "le lieu le plus précis",
    "union": "toutes les sources réunies",
}
PRECISIONS: Mapping[str, str] = {
    "time": "à l'heure",
    "day": "au jour",
    "week": "à la semaine",
    "month": "au mois",
    "season": "à la saison",
    "year": "à l'année",
    "unknown": "inconnue",
}


class Unfit(ReviewError):
    """What a person typed cannot be that field, told by a French sentence of its own."""

    def __init__(self, french: str) -> None:
        super().__init__(f"form: {french}")
        self.french = french  # type: ignore[misc]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the page. `read` None = computed, not edited on its own."""

    name: str
    title: str
    input: str = "text"  # text, area, date, choice, commune, list
    read: Read | None = None
    choices: Mapping[str, str] | None = None


def _line(name: str, most: int = 300) -> Read:
    def read(text: str) -> Mapping[str, Json]:
        return {name: one_line(text)[:most] or None}

    return read


def _area(name: str) -> Read:
    return lambda text: {name: clean(text)[:20_000] or None}


def _day(name: str) -> Read:
    def read(text: str) -> Mapping[str, Json]:
        if not text.strip():
            return {name: None}
        try:
            return {name: date.fromisoformat(text.strip()).isoformat()}
        except ValueError:
            raise Unfit(f"« {text[:40]} » n'est pas une date : écrivez 2027-06-05.") from None

    return read


def _choice(name: str, choices: Mapping[str, str]) -> Read:
    def read(text: str) -> Mapping[str, Json]:
        if text not in choices:
            raise Unfit("Choisissez l'une des valeurs proposées.")
        return {name: str(text)}

    return read


def _link(name: str) -> Read:
    def read(text: str) -> Mapping[str, Json]:
        bare = text.strip()
        if not bare:
            return {name: None}
        try:
            fine = urlsplit(bare).scheme in ("http", "https") and bool(urlsplit(bare).hostname)
        except ValueError:
            fine = False
        if not fine:
            raise Unfit("L'adresse doit commencer par http:// ou https://.")
        return {name: bare[:2000]}

    return read


def _several(name: str) -> Read:
    return lambda text: {name: [one for one in map(one_line, text.split(",")) if one][:40] or None}


def commune(text: str) -> Mapping[str, Json]:
    """The commune a person means: a name, a name with its département, or an INSEE code."""
    bare = one_line(text)
    if not bare:
        return {"commune_code": None, "commune_name": None, "department": None}
    head, _, tail = bare.rpartition("(")
    code = territory.valid_code(bare)
    found = None if code else territory.find(head or bare, department=tail.rstrip(") ") or None)
    code = code or (found.code if found else None)
    place = territory.commune(code) if code else None
    if place is None:
        near = [
            one for c in (found.candidates if found else ())[:4] if (one := territory.commune(c))
        ]
        said = " ou ".join(f"« {one.name} ({one.department}) »" for one in near)
        raise Unfit(
            f"Commune « {bare[:60]} » à préciser : écrivez {said}."
            if near
            else f"Aucune commune « {bare[:60]} » : écrivez son nom et son département, "
            "par exemple « Gap (05) »."
        )
    return {
        "commune_code": place.code,
        "commune_name": place.name,
        "department": place.department,
    }


_STATUSES = {one.value: FRENCH[one] for one in EventStatus}

FIELDS: tuple[Field, ...] = (
    Field(name="title", title="Titre", read=_line("title")),
    Field(name="description", title="Description", input="area", read=_area("description")),
    Field(name="organiser", title="Porteur", read=_line("organiser")),
    Field(
        name="organiser_kind",
        title="Nature du porteur",
        input="choice",
        choices=ACTOR_KINDS,
        read=_choice("organiser_kind", ACTOR_KINDS),
    ),
    Field(name="starts_on", title="Premier jour", input="date", read=_day("starts_on")),
    Field(name="ends_on", title="Dernier jour", input="date", read=_day("ends_on")),
    Field(name="commune_name", title="Commune", input="commune", read=commune),
    Field(name="venue", title="Lieu", read=_line("venue")),
    Field(name="address", title="Adresse", read=_line("address")),
    Field(
        name="attendance",
        title="Participation",
        input="choice",
        choices=ATTENDANCES,
        read=_choice("attendance", ATTENDANCES),
    ),
    Field(
        name="status",
        title="État annoncé",
        input="choice",
        choices=_STATUSES,
        read=_choice("status", _STATUSES),
    ),
    Field(name="url", title="Page de référence", read=_link("url")),
    Field(name="ticket", title="Réservation", read=_link("ticket")),
    Field(name="type", title="Type", read=_line("type", 60)),
    Field(name="audience", title="Publics", input="list", read=_several("audience")),
    Field(name="disciplines", title="Disciplines", input="list", read=_several("disciplines")),
    Field(name="partners", title="Partenaires", input="list", read=_several("partners")),
    Field(name="labels", title="Labels cités", input="list", read=_several("labels")),
    Field(name="tags", title="Mots-clés", input="list", read=_several("tags")),
)
BY_NAME: Mapping[str, Field] = {one.name: one for one in FIELDS}

OTHERS: Mapping[str, str] = {
    "commune_code": "Code de la commune",
    "department": "Département",
    "postcode": "Code postal",
    "latitude": "Latitude",
    "longitude": "Longitude",
    "precision": "Précision de la date",
    "when_words": "Date telle qu'écrite",
    "recurrence": "Répétition",
    "rna": "RNA",
    "siren": "SIREN",
    "siret": "SIRET",
    "parasport": "Parasport",
    "funders": "Financeurs",
    "budget": "Budget (€)",
    "amount": "Subvention (€)",
    "participants": "Participants",
    "licence": "Licence",
    "links": "Liens",
}
"""Fields shown, not edited by hand."""


def title_of(name: str) -> str:
    """The French name of any field."""
    return BY_NAME[name].title if name in BY_NAME else OTHERS.get(name, name)


def rule_of(rule: str) -> str:
    """Why that value is kept, in French."""
    return (
        f"fixée par {rule.removeprefix('user:')}"
        if rule.startswith("user:")
        else RULES.get(rule, rule)
    )


def shown(name: str, value: Json) -> str:
    """The value as a person reads it; empty for none."""
    if value in (None, "", [], ()):
        return ""
    if name in ("starts_on", "ends_on"):
        return french_date(date.fromisoformat(str(value)))
    if name == "precision":
        return PRECISIONS.get(str(value), str(value))
    found = BY_NAME.get(name)
    if found is not None and found.choices is not None:
        return found.choices.get(str(value), str(value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return " · ".join(f"{key} : {shown('', one)}" for key, one in value.items() if one)
    return str(value)


def typed(name: str, value: Json) -> str:
    """The value as it stands in the form."""
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
