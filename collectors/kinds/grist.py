"""Tables Grist (grist.numerique.gouv.fr et autres) par leur API.

L'adresse est celle des lignes : https://hôte/api/docs/DOCUMENT/tables/TABLE/records. Les noms et
types des colonnes sont demandés à part ; la clé d'une annonce est le numéro de sa ligne.
"""

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.answers import asking, loaded
from collectors.http import Http
from collectors.secret import WHERE, bearer
from collectors.tables.items import MAPPING, read_rows
from collectors.tables.reading import clean_value
from domain.errors import Unreadable
from domain.records import Json, RawItem, Source

TITLE = "table Grist"
OPTIONS: dict[str, str] = {
    "token": f"clé d'API : {WHERE}",
    "filter": 'lignes à garder : { Statut = ["Publié"] }',
    "mapping": MAPPING,
}
VERSION = 2
PERSONAL = True
_HELPERS = ("gristHelper_", "manualSort")


async def collect(source: Source, http: Http) -> AsyncIterator[RawItem]:
    """Every row of the table, unless neither rows nor columns have changed."""
    columns = await http.get(columns_url(source), headers=bearer(source), published=True)
    page = await http.get(rows_url(source), headers=bearer(source), published=True)
    if page.unchanged and columns.unchanged:
        return
    if page.status == 304 or columns.status == 304:
        # One changed, the other answered « not modified » without its body: ask both next time.
        http.forget(rows_url(source))
        http.forget(columns_url(source))
        return
    for item in await http.parse(parse, page.body, source, columns=columns.body):
        yield item


def rows_url(source: Source) -> str:
    """The rows with their hidden columns: what a reference shows is in one of them."""
    kept = source.options.get("filter")
    asked = {"filter": json.dumps(kept, ensure_ascii=False)} if kept else {}
    return asking(source.url, {**asked, "hidden": "true"})


def columns_url(source: Source) -> str:
    return f"{source.url.removesuffix('/records')}/columns?hidden=true"


def parse(body: bytes, source: Source, *, columns: bytes = b"", name: str = "") -> list[RawItem]:
    """The rows {records: [{id, fields}]} as items. Raises Unreadable."""
    about = name or source.slug
    records = _list(body, "records", about)
    known = {
        str(c["id"]): c.get("fields") or {} for c in _list(columns, "columns", about) if "id" in c
    }
    shown = _shown(known)
    rows: list[dict[str, Json]] = []
    for record in records:
        fields = record.get("fields")
        if not isinstance(fields, dict):
            raise Unreadable("une ligne sans « fields » là où l'API de Grist en donne", about=about)
        rows.append({**_cells(fields, known, shown), "id": record.get("id")})
    names = tuple(dict.fromkeys(column for row in rows for column in row))
    return list(read_rows(names, rows, source, about=about).items) if rows else []


def _cells(
    fields: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]], shown: Mapping[str, str]
) -> dict[str, Json]:
    """The cells of a row under the labels of their columns, helpers aside."""
    cells: dict[str, Json] = {}
    for code, cell in fields.items():
        column = known.get(code, {})
        if code.startswith(_HELPERS):
            continue
        display = fields.get(shown.get(code, ""))
        kind = str(column.get("type") or "")
        read = value(cell, kind) if display is None else value(display, "Any")
        cells[str(column.get("label") or code)] = read
    return cells


def _shown(columns: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Reference column → the hidden one that holds what it shows instead of a row's number."""
    numbers = {one["colRef"]: code for code, one in columns.items() if one.get("colRef")}
    return {
        code: numbers[fields["displayCol"]]
        for code, fields in columns.items()
        if str(fields.get("type", "")).startswith("Ref") and fields.get("displayCol") in numbers
    }


def value(cell: Any, kind: str) -> Json:
    """A cell of Grist: dates are seconds, lists start with "L", errors with "E"."""
    if isinstance(cell, list):
        if cell[:1] == ["L"] and not kind.startswith("Ref"):
            return clean_value(cell[1:])
        return None
    if kind.startswith(("Ref", "Attachments")):
        return None
    if kind.startswith("Date") and isinstance(cell, int | float) and not isinstance(cell, bool):
        moment = datetime.fromtimestamp(cell, UTC)
        return moment.date().isoformat() if kind == "Date" else moment.isoformat()
    return clean_value(cell)


def _list(body: bytes, name: str, about: str) -> list[Mapping[str, Any]]:
    if not body:
        return []
    data = loaded(body, about=about)
    found = data.get(name) if isinstance(data, dict) else None
    if not isinstance(found, list):
        said = data.get("error", "") if isinstance(data, dict) else ""
        raise Unreadable(
            f"une réponse sans liste « {name} » {said} là où l'API de Grist est attendue ; "
            "l'adresse finit-elle par /records ?",
            about=about,
        )
    return [one for one in found if isinstance(one, dict)]
