"""The columns of the census, each once: header, schema, dictionary and every format follow.

Names and types are those of the published schema (docs/dictionnaire.md is generated from here).
A personal column can only leave in a private export: `chosen` is the one door.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from census.cells import instant
from census.rows import STATUSES, Entry, first_day, last_day, status
from domain.campaigns import THEMES
from domain.labels import Validity, labels, validity
from domain.privacy import mask
from domain.records import Award, Json
from domain.statuses import FRENCH, DecisionKind, SuggestionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. `value` returns a text, a number, a bool, an ISO date text, a list, or None."""

    name: str
    title: str
    value: Callable[[Entry], Json]
    type: str = "string"  # of TableSchema: string, date, datetime, number, integer, boolean, array
    description: str = ""
    example: str = ""
    constraints: dict[str, Any] = field(default_factory=dict)
    personal: bool = False
    coded: bool = False  # of a closed shape (code, date, slug): cannot carry words of a person


TYPES = (
    *("initiation", "competition", "spectacle_culture", "celebration", "temps_scolaire"),
    *("formation", "rencontre_debat", "amenagement_equipement", "sensibilisation"),
    *("course_marche", "stage_sejour", "dispositif_annuel", "autre"),
)
ORGANISERS = (
    *("association", "commune", "epci", "departement", "region", "etat"),
    *("etablissement_scolaire", "federation_comite", "fondation", "entreprise", "autre"),
)


def _plain(name: str) -> Callable[[Entry], Json]:
    return lambda entry: entry.value(name)


def _proposed(kind: SuggestionKind) -> Callable[[Entry], Json]:
    return lambda entry: next(iter(entry.proposed(kind)), None)


def _theme(slug: str) -> Callable[[Entry], Json]:
    return lambda entry: slug in entry.themes


def _known(name: str, allowed: tuple[str, ...]) -> Callable[[Entry], Json]:
    def value(entry: Entry) -> Json:
        found = entry.value(name)
        return found if found in allowed else None

    return value


def _type(entry: Entry) -> Json:
    declared = entry.value("type")
    if declared in TYPES:
        return declared
    return next(iter(entry.proposed(SuggestionKind.TYPE)), None)


def _review(entry: Entry) -> str:
    return FRENCH[entry.dossier.initiative.status]


def _address(entry: Entry) -> str | None:
    """The page to cite; none that carries an e-mail address."""
    url = entry.value("url")
    return str(url) if url and "@" not in str(url) else None


def _themes_from(entry: Entry) -> str:
    verdict = entry.verdict
    if verdict is not None and verdict.kind is DecisionKind.APPROVE:
        return "revue"
    models = {one.model for one in entry.suggested(SuggestionKind.THEME)}
    return "lexique" if any("rules" in model for model in models) else "modele"


def _start(entry: Entry) -> str | None:
    days = [day for day in map(first_day, entry.editions) if day]
    return min(days).isoformat() if days else None


def _end(entry: Entry) -> str | None:
    days = [day for day in map(last_day, entry.editions) if day]
    return max(days).isoformat() if days else None


def _editions(entry: Entry) -> list[str]:
    """The days of each edition, once each: two announcements still apart may tell the same day."""
    days = (
        f"{first.isoformat()}/{last.isoformat()}"
        for one in entry.editions
        if (first := first_day(one)) and (last := last_day(one))
    )
    return list(dict.fromkeys(days))


def _latitude(entry: Entry) -> float | None:
    return _coordinate(entry, "latitude")


def _longitude(entry: Entry) -> float | None:
    return _coordinate(entry, "longitude")


def _coordinate(entry: Entry, axis: str) -> float | None:
    """The place's own coordinates, else the centre of its commune."""
    found = entry.value(axis)
    if found is None and entry.commune is not None:
        found = getattr(entry.commune, axis)
    return None if found is None else round(float(found), 6)


def _position(entry: Entry) -> str | None:
    """How sure the coordinates are: a centre of commune is not a place."""
    if entry.value("latitude") is not None:
        return "lieu"
    return "commune" if _latitude(entry) is not None else None


def _commune_name(entry: Entry) -> str | None:
    name = entry.commune.name if entry.commune else entry.value("commune_name")
    return None if name is None else str(name)


def _audiences(entry: Entry) -> list[str]:
    return _told_or_proposed(entry, "audience", SuggestionKind.AUDIENCE)


def _told_or_proposed(entry: Entry, name: str, kind: SuggestionKind) -> list[str]:
    """What a person set, else what the machine proposes, else what the sources say."""
    if entry.by_person(name):
        return entry.listed(name)
    return entry.proposed(kind) or entry.listed(name)


def _held(entry: Entry) -> list[Award]:
    """The labels that count on the day of the export."""
    counts = (Validity.VALID, Validity.UNKNOWN)
    return [one for one in entry.dossier.awards if validity(one, entry.today) in counts]


def _national_held(entry: Entry) -> list[str]:
    return sorted({one.label for one in _held(entry) if one.label in labels()})


def _cited(entry: Entry) -> list[str]:
    return entry.proposed(SuggestionKind.LABEL) or entry.listed("labels")


def _regional(entry: Entry) -> Award | None:
    regional = [one for one in _held(entry) if one.label not in labels()]
    return max(regional, key=lambda one: (one.starts_on, one.label), default=None)


def _regional_level(entry: Entry) -> str | None:
    award = _regional(entry)
    return (award.level or award.label) if award else None


def _regional_end(entry: Entry) -> str | None:
    award = _regional(entry)
    return award.ends_on.isoformat() if award and award.ends_on else None


def _sources(entry: Entry) -> list[str]:
    return sorted({mention.source for mention in entry.dossier.mentions})


def _contacts(entry: Entry) -> list[str]:
    return sorted({c.value for mention in entry.dossier.mentions for c in mention.contacts})


def _collected(entry: Entry) -> str | None:
    times = [one.collected_at for one in entry.dossier.mentions if one.collected_at]
    return instant(min(times)) if times else None


_SIREN = {"pattern": r"^\d{9}$"}

COLUMNS: tuple[Column, ...] = (
    Column(
        name="animation_id",
        coded=True,
        title="Identifiant",
        value=lambda entry: entry.dossier.initiative.id,
        description="Identifiant stable : préfixe de la région et ULID.",
        example="PAAT-93-01J0…",
        constraints={"required": True, "unique": True, "pattern": r"^[A-Z0-9-]+$"},
    ),
    Column(
        name="intitule",
        title="Intitulé",
        value=_plain("title"),
        example="Olympiades inter-écoles",
        constraints={"required": True},
    ),
    Column(
        name="description",
        title="Description",
        value=lambda entry: shortened(entry.value("description")),
        description="Texte brut, 1 200 caractères au plus, sans donnée personnelle.",
    ),
    Column(
        name="type_animation",
        coded=True,
        title="Type",
        value=_type,
        example="initiation",
        constraints={"enum": list(TYPES)},
        description="Liste fermée.",
    ),
    Column(
        name="statut",
        coded=True,
        title="Statut de l'animation",
        value=status,
        description="Calculé à la date de l'export.",
        example="programmee",
        constraints={"enum": list(STATUSES)},
    ),
    Column(
        name="etat_relecture",
        coded=True,
        title="État de la relecture",
        value=_review,
        description="« recensée » : validée par un relecteur ; « à relire » : proposée.",
        example="recensée",
    ),
    Column(name="porteur_nom", title="Porteur", value=_plain("organiser")),
    Column(
        name="porteur_type",
        coded=True,
        title="Nature du porteur",
        value=_known("organiser_kind", ORGANISERS),
        example="association",
        constraints={"enum": list(ORGANISERS)},
    ),
    Column(
        name="porteur_rna",
        coded=True,
        title="RNA",
        value=_plain("rna"),
        example="W131000001",
        constraints={"pattern": r"^W\d[A-Z0-9]\d{7}$"},
    ),
    Column(
        name="porteur_siren",
        coded=True,
        title="SIREN",
        value=_plain("siren"),
        description="Clé de Luhn vérifiée.",
        example="402296990",
        constraints=_SIREN,
    ),
    Column(
        name="porteur_siret",
        coded=True,
        title="SIRET",
        value=_plain("siret"),
        example="40229699000037",
        constraints={"pattern": r"^\d{14}$"},
    ),
    Column(
        name="date_debut",
        title="Début",
        value=_start,
        type="date",
        description="Premier jour dans la campagne.",
        example="2024-06-23",
    ),
    Column(
        name="date_fin",
        title="Fin",
        value=_end,
        type="date",
        description="Dernier jour dans la campagne, inclus.",
        example="2024-06-23",
    ),
    Column(
        name="dates_texte",
        title="Dates (texte de la source)",
        value=_plain("when_words"),
        example="tous les mercredis de mai",
    ),
    Column(
        name="editions",
        coded=True,
        title="Éditions",
        value=_editions,
        type="array",
        description="Chaque édition dans la campagne, AAAA-MM-JJ/AAAA-MM-JJ.",
        example="2024-06-01/2024-06-02",
    ),
    Column(
        name="recurrence", title="Récurrence", value=_plain("recurrence"), example="FREQ=YEARLY"
    ),
    Column(name="lieu_nom", title="Lieu", value=_plain("venue"), example="Stade municipal"),
    Column(name="lieu_adresse", title="Adresse", value=_plain("address")),
    Column(
        name="code_commune",
        coded=True,
        title="Code commune COG",
        value=_plain("commune_code"),
        description="Code INSEE, texte : jamais un nombre.",
        example="13055",
        constraints={"pattern": r"^(\d{2}|2[AB])\d{3}$"},
    ),
    Column(name="nom_commune", title="Commune", value=_commune_name, example="Marseille"),
    Column(
        name="code_departement",
        coded=True,
        title="Département",
        value=_plain("department"),
        example="13",
        constraints={"pattern": r"^(\d{2,3}|2[AB])$"},
    ),
    Column(
        name="epci_siren",
        coded=True,
        title="EPCI (SIREN)",
        value=lambda entry: entry.commune.epci if entry.commune else None,
        example="200054807",
        constraints=_SIREN,
    ),
    Column(
        name="epci_nom",
        title="EPCI",
        value=lambda entry: entry.commune.epci_name if entry.commune else None,
    ),
    Column(name="latitude", title="Latitude", value=_latitude, type="number", example="43.29"),
    Column(name="longitude", title="Longitude", value=_longitude, type="number", example="5.37"),
    Column(
        name="position",
        coded=True,
        title="Précision des coordonnées",
        value=_position,
        description="« lieu » : celles de l'annonce ; « commune » : le centre de la commune.",
        example="lieu",
        constraints={"enum": ["lieu", "commune"]},
    ),
    *(
        Column(
            name=f"theme_{slug.replace('-', '_')}",
            title=f"Thème {french.lower()}",
            value=_theme(slug),
            type="boolean",
            description="Validé par un relecteur, ou proposé (voir « Provenance des thèmes »).",
            example="true",
        )
        for slug, french in THEMES.items()
    ),
    Column(
        name="theme_source",
        coded=True,
        title="Provenance des thèmes",
        value=_themes_from,
        example="revue",
        constraints={"enum": ["modele", "lexique", "revue", "declare"]},
    ),
    Column(
        name="publics", title="Publics", value=_audiences, type="array", example="scolaires|psh"
    ),
    Column(
        name="disciplines",
        title="Disciplines sportives",
        value=lambda e: _told_or_proposed(e, "disciplines", SuggestionKind.DISCIPLINE),
        type="array",
    ),
    Column(
        name="parasport",
        title="Dimension paralympique",
        value=lambda entry: bool(entry.proposed(SuggestionKind.PARASPORT)),
        type="boolean",
        example="true",
    ),
    Column(
        name="temps_fort",
        title="Temps fort",
        value=_proposed(SuggestionKind.HIGHLIGHT),
        example="JOL",
    ),
    Column(
        name="labels_nationaux",
        title="Labels nationaux détenus",
        value=_national_held,
        type="array",
        description="Codes des labels attribués et en cours de validité à la date de l'export.",
        example="TDJ2024|SOP",
    ),
    Column(
        name="labels_cites",
        title="Labels nationaux cités",
        value=_cited,
        type="array",
        description="Nommés par l'annonce : un indice, pas une attribution.",
        example="TDJ2024|SOP",
    ),
    Column(
        name="label_regional",
        title="Label régional",
        value=_regional_level,
        description="Niveau du label régional en cours de validité.",
        example="N2",
    ),
    Column(
        name="label_regional_fin",
        title="Fin de validité du label régional",
        value=_regional_end,
        type="date",
        example="2027-06-30",
    ),
    Column(
        name="partenaires", title="Partenaires", value=lambda e: e.listed("partners"), type="array"
    ),
    Column(
        name="budget_total", title="Budget prévisionnel (€)", value=_plain("budget"), type="number"
    ),
    Column(
        name="montant_accorde",
        title="Subvention accordée (€)",
        value=_plain("amount"),
        type="number",
    ),
    Column(
        name="financements", title="Financeurs", value=lambda e: e.listed("funders"), type="array"
    ),
    Column(
        name="participants_reels",
        title="Participants constatés",
        value=_plain("attendees"),
        type="integer",
        description="Saisi par un relecteur ou lu dans un bilan.",
        constraints={"minimum": 0},
    ),
    Column(
        name="participants_prevus",
        title="Participants prévus",
        value=_plain("participants"),
        type="integer",
        constraints={"minimum": 0},
    ),
    Column(
        name="sources",
        coded=True,
        title="Sources",
        value=_sources,
        type="array",
        description="Les sources de veille qui en parlent.",
    ),
    Column(
        name="nombre_mentions",
        title="Nombre de mentions",
        value=lambda entry: len(entry.dossier.mentions),
        type="integer",
    ),
    Column(name="source_url", coded=True, title="Adresse source", value=_address),
    Column(name="date_collecte", title="Collecté le", value=_collected, type="datetime"),
    Column(
        name="date_mise_a_jour",
        title="Mis à jour le",
        value=lambda entry: instant(entry.changed_at),
        type="datetime",
    ),
    Column(
        name="contacts",
        title="Contacts",
        value=_contacts,
        type="array",
        description="Donnée personnelle : jamais dans un export public (RGPD).",
        personal=True,
    ),
)

DESCRIPTION_CHARACTERS = 1200


def shortened(text: Json) -> str | None:
    """At most 1,200 characters, cut between words, without e-mail addresses nor phone numbers."""
    if not text:
        return None
    safe = mask(str(text))
    if len(safe) <= DESCRIPTION_CHARACTERS:
        return safe
    return safe[:DESCRIPTION_CHARACTERS].rsplit(" ", 1)[0] + "…"


def chosen(*, private: bool = False) -> tuple[Column, ...]:
    """The columns of an export: personal ones only when a private export was asked for."""
    return COLUMNS if private else tuple(one for one in COLUMNS if not one.personal)
