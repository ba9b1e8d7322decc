"""The columns of the census, each once: header, schema, dictionary and every format follow.

Names and types are those of the published schema (docs/dictionnaire.md is generated from here);
what each says is in `census/values.py`. A personal column can only leave in a private export:
`chosen` is the one door.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from census import values
from census.cells import instant
from census.rows import STATUSES, Entry, status
from census.values import ORGANISERS, TYPES
from domain.campaigns import THEMES
from domain.records import Json
from domain.statuses import SuggestionKind


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
        value=values.plain("title"),
        example="Olympiades inter-écoles",
        constraints={"required": True},
    ),
    Column(
        name="description",
        title="Description",
        value=values.description,
        description="Texte brut, sans donnée personnelle : 1 200 caractères au plus ; 300 quand la "
        "licence de la source n'est pas ouverte (courte citation, à lire chez elle).",
    ),
    Column(
        name="type_animation",
        coded=True,
        title="Type",
        value=values.kind,
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
        value=values.review,
        description="« recensée » : validée par un relecteur ; « à relire » : proposée.",
        example="recensée",
    ),
    Column(name="porteur_nom", title="Porteur", value=values.plain("organiser")),
    Column(
        name="porteur_type",
        coded=True,
        title="Nature du porteur",
        value=values.known("organiser_kind", ORGANISERS),
        example="association",
        constraints={"enum": list(ORGANISERS)},
    ),
    Column(
        name="porteur_rna",
        coded=True,
        title="RNA",
        value=values.plain("rna"),
        example="W131000001",
        constraints={"pattern": r"^W\d[A-Z0-9]\d{7}$"},
    ),
    Column(
        name="porteur_siren",
        coded=True,
        title="SIREN",
        value=values.plain("siren"),
        description="Clé de Luhn vérifiée.",
        example="402296990",
        constraints=_SIREN,
    ),
    Column(
        name="porteur_siret",
        coded=True,
        title="SIRET",
        value=values.plain("siret"),
        example="40229699000037",
        constraints={"pattern": r"^\d{14}$"},
    ),
    Column(
        name="date_debut",
        title="Début",
        value=values.start,
        type="date",
        description="Premier jour dans la campagne.",
        example="2024-06-23",
    ),
    Column(
        name="date_fin",
        title="Fin",
        value=values.end,
        type="date",
        description="Dernier jour dans la campagne, inclus.",
        example="2024-06-23",
    ),
    Column(
        name="dates_texte",
        title="Dates (texte de la source)",
        value=values.when_words,
        description="Une heure seule est complétée par son jour.",
        example="tous les mercredis de mai",
    ),
    Column(
        name="editions",
        coded=True,
        title="Éditions",
        value=values.editions,
        type="array",
        description="Chaque édition dans la campagne, AAAA-MM-JJ/AAAA-MM-JJ.",
        example="2024-06-01/2024-06-02",
    ),
    Column(
        name="recurrence",
        title="Récurrence",
        value=values.plain("recurrence"),
        example="FREQ=YEARLY",
    ),
    Column(name="lieu_nom", title="Lieu", value=values.plain("venue"), example="Stade municipal"),
    Column(name="lieu_adresse", title="Adresse", value=values.plain("address")),
    Column(
        name="code_commune",
        coded=True,
        title="Code commune COG",
        value=values.plain("commune_code"),
        description="Code INSEE, texte : jamais un nombre.",
        example="13055",
        constraints={"pattern": r"^(\d{2}|2[AB])\d{3}$"},
    ),
    Column(name="nom_commune", title="Commune", value=values.commune_name, example="Marseille"),
    Column(
        name="code_departement",
        coded=True,
        title="Département",
        value=values.plain("department"),
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
    Column(
        name="code_qpv",
        coded=True,
        title="Quartier prioritaire (QPV)",
        value=values.quarter,
        description="Quartier où se trouve le lieu ; vide hors quartier, avant 2024, ou tant que "
        "`paat territory refresh` n'a pas lu les quartiers.",
        example="QN01301M",
        constraints={"pattern": r"^(QN\d{5}[A-Z]|QP\d{6})$"},
    ),
    Column(
        name="zone_frr",
        title="Commune France ruralités revitalisation",
        value=values.rural,
        type="boolean",
        description="Classement FRR de la commune ; vide quand il n'est pas connu ou n'existait "
        "pas encore (avant juillet 2024).",
        example="false",
    ),
    Column(
        name="latitude", title="Latitude", value=values.latitude, type="number", example="43.29"
    ),
    Column(
        name="longitude", title="Longitude", value=values.longitude, type="number", example="5.37"
    ),
    Column(
        name="position",
        coded=True,
        title="Précision des coordonnées",
        value=values.position,
        description="« lieu » : celles de l'annonce ; « commune » : le centre de la commune.",
        example="lieu",
        constraints={"enum": ["lieu", "commune"]},
    ),
    *(
        Column(
            name=f"theme_{slug.replace('-', '_')}",
            title=f"Thème {french.lower()}",
            value=values.theme(slug),
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
        value=values.themes_from,
        example="revue",
        constraints={"enum": ["modele", "lexique", "revue", "declare"]},
    ),
    Column(
        name="publics",
        title="Publics",
        value=values.audiences,
        type="array",
        example="scolaires|psh",
    ),
    Column(
        name="disciplines",
        title="Disciplines sportives",
        value=lambda e: values.told_or_proposed(e, "disciplines", SuggestionKind.DISCIPLINE),
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
        value=values.proposed(SuggestionKind.HIGHLIGHT),
        example="JOL",
    ),
    Column(
        name="labels_nationaux",
        title="Labels nationaux détenus",
        value=values.national_held,
        type="array",
        description="Codes des labels attribués et en cours de validité à la date de l'export.",
        example="TDJ2024|SOP",
    ),
    Column(
        name="labels_cites",
        title="Labels nationaux cités",
        value=values.cited,
        type="array",
        description="Nommés par l'annonce : un indice, pas une attribution.",
        example="TDJ2024|SOP",
    ),
    Column(
        name="labels_proposes",
        coded=True,
        title="Labels que l'initiative pourrait demander",
        value=values.proposed_labels,
        type="array",
        description="Selon les règles de la campagne : une proposition, jamais une attribution.",
        example="SOP|ELAN-SUD",
    ),
    Column(
        name="label_regional",
        title="Label régional",
        value=values.regional_level,
        description="Niveau du label régional en cours de validité.",
        example="N2",
    ),
    Column(
        name="label_regional_fin",
        title="Fin de validité du label régional",
        value=values.regional_end,
        type="date",
        example="2027-06-30",
    ),
    Column(
        name="partenaires", title="Partenaires", value=lambda e: e.listed("partners"), type="array"
    ),
    Column(
        name="budget_total",
        title="Budget prévisionnel (€)",
        value=values.plain("budget"),
        type="number",
    ),
    Column(
        name="montant_accorde",
        title="Subvention accordée (€)",
        value=values.plain("amount"),
        type="number",
    ),
    Column(
        name="financements", title="Financeurs", value=lambda e: e.listed("funders"), type="array"
    ),
    Column(
        name="participants_reels",
        title="Participants constatés",
        value=values.plain("attendees"),
        type="integer",
        description="Saisi par un relecteur ou lu dans un bilan.",
        constraints={"minimum": 0},
    ),
    Column(
        name="participants_prevus",
        title="Participants prévus",
        value=values.plain("participants"),
        type="integer",
        constraints={"minimum": 0},
    ),
    Column(
        name="sources",
        coded=True,
        title="Sources",
        value=values.sources,
        type="array",
        description="Les sources de veille qui en parlent.",
    ),
    Column(
        name="nombre_mentions",
        title="Nombre de mentions",
        value=lambda entry: len(entry.dossier.mentions),
        type="integer",
    ),
    Column(name="source_url", coded=True, title="Adresse source", value=values.address),
    Column(
        name="description_licence",
        title="Licence de la description",
        value=values.description_licence,
        description="Celle de la source ; « citation courte » quand elle n'est pas ouverte.",
        example="Licence Ouverte 2.0",
    ),
    Column(name="date_collecte", title="Collecté le", value=values.collected, type="datetime"),
    Column(
        name="date_mise_a_jour",
        title="Mis à jour le",
        value=lambda entry: instant(entry.changed_at),
        type="datetime",
    ),
    Column(
        name="contacts",
        title="Contacts",
        value=values.contacts,
        type="array",
        description="Donnée personnelle : jamais dans un export public (RGPD).",
        personal=True,
    ),
)


def chosen(*, private: bool = False) -> tuple[Column, ...]:
    """The columns of an export: personal ones only when a private export was asked for."""
    return COLUMNS if private else tuple(one for one in COLUMNS if not one.personal)
