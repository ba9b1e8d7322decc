"""Démarches simplifiées (demarche.numerique.gouv.fr) : les dossiers d'une démarche, par GraphQL.

L'adresse est https://hôte/api/v2/graphql. La clé d'une annonce est le numéro du dossier. La
première visite lit tout, les suivantes ce qui a changé ; un dossier retiré par son déposant avant
toute décision est marqué annulé. Ni le déposant ni les instructeurs ne sont lus.
"""

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from collectors.answers import loaded, whole
from collectors.cursor import cursor, keep
from collectors.http import Http
from collectors.items import Found, tombstone
from collectors.secret import WHERE, bearer
from collectors.tables.columns import spaced
from collectors.tables.items import MAPPING, read_rows
from domain.errors import CollectError, Refused, Unreadable
from domain.records import Json, RawItem, Source

TITLE = "démarche en ligne"
OPTIONS: dict[str, str] = {
    "demarche": "numéro de la démarche",
    "token": f"jeton d'API : {WHERE}",
    "states": "états des dossiers gardés (tous sauf refuse et sans_suite par défaut)",
    "mapping": f"{MAPPING} ; une colonne peut être nommée par l'identifiant de son champ",
    "full_days": "tout relire au bout de ce nombre de jours (30 par défaut)",
}
VERSION = 2
PERSONAL = True
PAGE = 100  # the API's own limit
MAX_PAGES = 1000
STATES = ("en_construction", "en_instruction", "accepte")
_OPEN = ("en_construction", "en_instruction")  # nobody has decided yet
_TYPED = ("date", "datetime", "integerNumber", "decimalNumber", "values", "checked")


def check(options: Mapping[str, Json]) -> list[str]:
    missing = [] if "demarche" in options else ["demarche absent ; donnez le numéro de la démarche"]
    return missing + whole(options, "demarche", "full_days", least=1)


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """The files that changed since the last committed visit, and those that were withdrawn.

    Columns are those of all pages together; when a page fails, what came before it is given and
    the next visit asks for everything again."""
    before = cursor(source, http)
    bodies: list[bytes] = []
    problem: CollectError | None = None
    try:
        async for body in _pages(source, http, "dossiers", since=before.since):
            bodies.append(body)
    except CollectError as error:
        problem = error
    known = before.kept.get("columns", "") if before.since else ""
    items, columns = await http.parse(parse_pages, bodies, source, known=known)
    for item in items:
        yield item
    if problem is not None:
        raise problem
    if before.retired_since is not None:
        async for body in _pages(source, http, "deletedDossiers", since=before.retired_since):
            for gone in await http.parse(withdrawn, body, source):
                yield gone
    keep(source, http, before, count=len(items), columns=columns)


async def _pages(
    source: Source, http: Http, name: str, *, since: datetime | None
) -> AsyncIterator[bytes]:
    """The answers, page by page, until the last cursor or one that comes back."""
    after: str | None = None
    for _ in range(MAX_PAGES):
        asked = question(source, name, after=after, since=since)
        page = await http.post_json(source.url, asked, headers=bearer(source))
        info = _connection(page.body, name, source.slug).get("pageInfo") or {}
        yield page.body
        following = info.get("endCursor") if info.get("hasNextPage") else None
        if following is None or following == after:
            return
        after = following


def question(
    source: Source, name: str, *, after: str | None, since: datetime | None
) -> dict[str, Json]:
    """The stored query ds-query-v2: one page of files with their fields, or of withdrawn ones."""
    files = name == "dossiers"
    variables: dict[str, Json] = {
        "demarcheNumber": source.options.get("demarche"),
        "first" if files else "deletedFirst": PAGE,
        "includeDossiers": files,
        "includeDeletedDossiers": not files,
        "includeChamps": files,
        # The query gives these unless told not to; nobody reads them, some name persons.
        "includeAnotations": False,  # (sic)
        "includeTraitements": False,
        "includeInstructeurs": False,
    }
    if after:
        variables["after" if files else "deletedAfter"] = after
    if since:
        variables["updatedSince" if files else "deletedSince"] = since.isoformat()
    return {"queryId": "ds-query-v2", "operationName": "getDemarche", "variables": variables}


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """The files of one answer. Raises Refused or Unreadable."""
    return parse_pages([body], source)[0]


def parse_pages(
    bodies: list[bytes], source: Source, *, known: str = ""
) -> tuple[list[RawItem], str]:
    """(items, what each column was taken for, as JSON).

    `known` is the latter at the last full visit: a few changed files must not be guessed apart."""
    nodes = [n for b in bodies for n in _connection(b, "dossiers", source.slug)["nodes"] or [] if n]
    labels = _labels(nodes)
    states = source.options.get("states") or STATES
    rows = [as_row(node, labels) for node in nodes if node.get("state") in states]
    names = tuple(dict.fromkeys(column for row in rows for column in row))
    if not rows:
        return [], known
    chosen = {labels.get(c, c): field for c, field in _chosen(source).items()}
    taken: dict[str, str] = json.loads(known or "{}")
    there = {spaced(column) for column in names}
    mapping = {
        column: field
        for column, field in {**taken, **chosen}.items()
        if spaced(column) in there or (column in chosen and not known)  # a typo is told once
    }
    told = replace(source, options={**source.options, "mapping": mapping})
    reading = read_rows(names, rows, told, about=source.slug)
    columns = {**taken, **{one.column: one.field or "" for one in reading.guesses}}
    return list(reading.items), json.dumps(columns, ensure_ascii=False)


def withdrawn(body: bytes, source: Source) -> list[RawItem]:
    """A tombstone for each file its author took back before anything was decided.

    Files also go when their time is over (`expired`) or are tidied up: that says nothing of the
    action they announced."""
    return [
        tombstone(source, str(node["number"]))
        for node in _connection(body, "deletedDossiers", source.slug).get("nodes") or []
        if node and node.get("reason") == "user_request" and node.get("state") in _OPEN
    ]


def _connection(body: bytes, name: str, about: str) -> dict[str, Any]:
    """The `dossiers` or `deletedDossiers` of an answer; errors come with HTTP 200."""
    answer = loaded(body, about=about)
    errors = answer.get("errors") if isinstance(answer, dict) else None
    if errors:
        first = errors[0] if isinstance(errors[0], dict) else {}
        said = str(first.get("message", errors[0]))[:200]
        code = str((first.get("extensions") or {}).get("code", ""))
        if code in ("forbidden", "unauthorized") or "authoris" in said or "permission" in said:
            raise Refused(f"la démarche refuse le jeton ({said}) ; vérifiez-le", about=about)
        raise Unreadable(f"l'API répond une erreur : {said}", about=about)
    data = (answer.get("data") or {}) if isinstance(answer, dict) else {}
    found = (data.get("demarche") or {}).get(name)
    if not isinstance(found, dict):
        raise Unreadable("une réponse sans dossiers ; vérifiez le numéro de démarche", about=about)
    return {"nodes": [], **found}


def _chosen(source: Source) -> dict[str, str]:
    mapping = source.options.get("mapping") or {}
    return {str(column): str(field) for column, field in mapping.items()}


def _labels(nodes: list[Any]) -> dict[str, str]:
    """Field → its label: the last one, as labels are edited and files keep the old one."""
    fields = [champ for node in nodes for champ in node.get("champs") or []]
    return {_identity(champ): str(champ.get("label") or _identity(champ)) for champ in fields}


def _identity(champ: Mapping[str, Any]) -> str:
    return str(champ.get("champDescriptorId") or champ.get("id") or champ.get("label") or "")


def as_row(dossier: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Json]:
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
        _add(row, labels.get(_identity(champ), ""), champ)
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
