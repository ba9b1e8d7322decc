"""The French words of coded values, for documents and pages. The codes are those of the schema."""

from collections.abc import Mapping

from domain.campaigns import THEMES
from domain.highlights import highlights
from domain.labels import labels
from domain.records import Json
from domain.territory import department_name
from domain.times import MONTHS

STATUSES: Mapping[str, str] = {
    "envisagee": "envisagée",
    "programmee": "programmée",
    "confirmee": "confirmée",
    "reportee": "reportée",
    "annulee": "annulée",
    "realisee": "réalisée",
    "bilan_fait": "bilan fait",
}
TYPES: Mapping[str, str] = {
    "initiation": "initiation",
    "competition": "compétition",
    "spectacle_culture": "spectacle, culture",
    "celebration": "célébration",
    "temps_scolaire": "temps scolaire",
    "formation": "formation",
    "rencontre_debat": "rencontre, débat",
    "amenagement_equipement": "aménagement, équipement",
    "sensibilisation": "sensibilisation",
    "course_marche": "course, marche",
    "stage_sejour": "stage, séjour",
    "dispositif_annuel": "dispositif annuel",
    "autre": "autre",
}
ORGANISERS: Mapping[str, str] = {
    "association": "association",
    "commune": "commune",
    "epci": "intercommunalité",
    "departement": "département",
    "region": "région",
    "etat": "État",
    "etablissement_scolaire": "établissement scolaire",
    "federation_comite": "fédération, ligue, comité",
    "fondation": "fondation",
    "entreprise": "entreprise",
    "autre": "autre",
}
AUDIENCES: Mapping[str, str] = {
    "scolaires": "scolaires",
    "jeunes": "jeunes",
    "seniors": "seniors",
    "femmes": "femmes et filles",
    "psh": "personnes en situation de handicap",
    "qpv": "habitants des quartiers prioritaires",
    "ruraux": "habitants des territoires ruraux",
    "familles": "familles",
    "tout_public": "tout public",
}


def shown(column: str, value: Json) -> str:
    """A coded value of a column in French; the value itself when it is not a code."""
    if value in (None, "", []):
        return "non renseigné"
    code = str(value)
    if column == "code_departement":
        return f"{department_name(code) or code} ({code})"
    if column == "temps_fort":
        return highlights()[code].name if code in highlights() else code
    if column in ("labels_nationaux", "labels_cites", "labels_proposes"):
        return labels()[code].name if code in labels() else code
    if column == "mois":
        return f"{MONTHS[int(code[5:7]) - 1]} {code[:4]}"
    return _WORDS.get(column, {}).get(code, code)


_WORDS: Mapping[str, Mapping[str, str]] = {
    "statut": STATUSES,
    "type_animation": TYPES,
    "porteur_type": ORGANISERS,
    "publics": AUDIENCES,
    "theme": THEMES,
}
