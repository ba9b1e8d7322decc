"""Démarches simplifiées (demarche.numerique.gouv.fr) : les dossiers d'une démarche, par GraphQL.

L'adresse est https://hôte/api/v2/graphql. La clé d'une annonce est le numéro du dossier ; le
déposant (usager, personne physique) n'est jamais lu. Les libellés des champs nomment les colonnes.
"""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from collectors.http import Http
from collectors.secret import WHERE, bearer
from collectors.table_items import MAPPING, read_rows
from domain.errors import Refused, Unreadable
from domain.records import Json, RawItem, Source

TITLE = "démarche en ligne"
OPTIONS: dict[str, str] = {
    "demarche": "numéro de la démarche",
    "token": f"jeton d'API : {WHERE}",
    "states": "états des dossiers gardés (tous sauf refuse et sans_suite par défaut)",
    "mapping": MAPPING,
}
VERSION = 1
PERSONAL = True
PAGE = 100  # the API's own limit
MAX_PAGES = 1000
STATES = ("en_construction", "en_instruction", "accepte")
_TYPED = ("date", "datetime", "integerNumber", "decimalNumber", "values", "checked")


def check(options: Mapping[str, Json]) -> list[str]:
    number = options.get("demarche")
    if isinstance(number, int) and not isinstance(number, bool) and number > 0:
        return []
    return [f"demarche = {number!r} où le numéro de la démarche est attendu"]


async def collect(source: Source, http: Http) -> AsyncIterator[RawItem]:
    """Every file of the démarche, page by page; labels are those of all pages together."""
    bodies: list[bytes] = []
    after: str | None = None
    for _ in range(MAX_PAGES):
        asked = question(source, after=after)
        page = await http.post_json(source.url, asked, headers=bearer(source))
        bodies.append(page.body)
        following = cursor(page.body, source)
        if following is None or following == after:
            break
        after = following
    for item in await http.parse(parse_pages, bodies, source):
        yield item


def question(source: Source, *, after: str | None) -> dict[str, Json]:
    """The stored query ds-query-v2, one page of files with their fields."""
    variables: dict[str, Json] = {
        "demarcheNumber": source.options.get("demarche"),
        "first": PAGE,
        "includeDossiers": True,
        "includeChamps": True,
    }
    if after:
        variables["after"] = after
    return {"queryId": "ds-query-v2", "operationName": "getDemarche", "variables": variables}


def cursor(body: bytes, source: Source) -> str | None:
    """The cursor of the next page, None after the last one. Raises Refused or Unreadable."""
    info = _dossiers(body, source.slug).get("pageInfo") or {}
    return info.get("endCursor") if info.get("hasNextPage") else None


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """The files of one answer. Raises Refused or Unreadable."""
    return parse_pages([body], source)


def parse_pages(bodies: list[bytes], source: Source) -> list[RawItem]:
    states = source.options.get("states") or STATES
    nodes = [n for b in bodies for n in _dossiers(b, source.slug).get("nodes") or [] if n]
    rows = [as_row(node) for node in nodes if node.get("state") in states]
    names = tuple(dict.fromkeys(column for row in rows for column in row))
    return list(read_rows(names, rows, source, about=source.slug).items) if rows else []


def _dossiers(body: bytes, about: str) -> dict[str, Any]:
    """The `dossiers` of an answer; errors come with HTTP 200."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"du JSON illisible ({error}) ; vérifiez l'adresse", about=about) from None
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        first = errors[0] if isinstance(errors[0], dict) else {}
        said = str(first.get("message", errors[0]))[:200]
        code = str((first.get("extensions") or {}).get("code", ""))
        if code in ("forbidden", "unauthorized") or "authoris" in said or "permission" in said:
            raise Refused(f"la démarche refuse le jeton ({said}) ; vérifiez-le", about=about)
        raise Unreadable(f"l'API répond une erreur : {said}", about=about)
    data = (answer.get("data") or {}) if isinstance(answer, dict) else {}
    found = (data.get("demarche") or {}).get("dossiers")
    if not isinstance(found, dict):
        raise Unreadable("une réponse sans dossiers ; vérifiez le numéro de démarche", about=about)
    return found


def as_row(dossier: Mapping[str, Any]) -> dict[str, Json]:
    """One file as a row: its number, its dates, the organisation that asks, its fields."""
    row: dict[str, Json] = {
        "Numéro de dossier": dossier.get("number"),
        "Déposé le": dossier.get("dateDepot"),
        "Mis à jour le": dossier.get("dateDerniereModification"),
    }
    asker = dossier.get("demandeur") or {}
    if asker.get("siret"):
        association, company = asker.get("association") or {}, asker.get("entreprise") or {}
        row["Numéro SIRET"] = asker["siret"]
        row["Numéro RNA"] = association.get("rna")
        row["Structure porteuse"] = association.get("titre") or company.get("raisonSociale")
    for champ in dossier.get("champs") or []:
        _add(row, str(champ.get("label") or champ.get("champDescriptorId") or ""), champ)
    return row


def _add(row: dict[str, Json], label: str, champ: Mapping[str, Any]) -> None:
    """Write a field under its label; a commune and an address say more than their words."""
    if champ.get("__typename") in ("PieceJustificativeChamp", "HeaderSectionChamp"):
        return
    place = champ.get("commune") or champ.get("address") or {}
    if place:
        row.setdefault("Code INSEE", place.get("code") or place.get("cityCode"))
        row.setdefault("Code postal", place.get("postalCode"))
        row.setdefault("Commune", place.get("name") or place.get("cityName"))
        if champ.get("commune"):
            return
    typed = next((champ[name] for name in _TYPED if champ.get(name) is not None), None)
    row[label if row.get(label) is None else f"{label} (2)"] = (
        typed if typed is not None else champ.get("stringValue") or None
    )
