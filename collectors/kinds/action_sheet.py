"""Fiches action (contrats de ville, CTG, CAF…) en .docx, .odt, .html ou .txt, une ou plusieurs.

Les libellés des 18 champs et leurs synonymes sont dans collectors/data/action_sheet.toml. Un
document qui n'est pas une fiche action est refusé, avec la raison.
"""

import re
from collections.abc import AsyncIterator

from collectors.answers import one_file
from collectors.documents.action_sheets import MIN_FIELDS, Sheet, bullets, labels_in, read_sheets
from collectors.documents.office import read_document
from collectors.http import Http
from collectors.tables.values import email, items
from domain.errors import Unreadable
from domain.records import Json, RawItem, Source
from domain.text import fingerprint, fold, one_line

TITLE = "fiche action"
OPTIONS: dict[str, str] = {
    "type": "type donné aux fiches (dispositif_annuel par défaut)",
}
VERSION = 1
PERSONAL = True
FILES = True
TYPE = "dispositif_annuel"
_TEXTS = ("diagnostic", "objectifs", "modalites")  # what stands for a missing description
_SHORT = 60  # characters of a name; longer is a sentence
_PHONE = re.compile(r"(?<!\d)(?:\+33\s?|0)[1-9](?:[\s.-]?\d{2}){4}(?!\d)")


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """One item per action sheet. Raises Unreadable, with what was found, when there is none."""
    about = name or source.slug
    rows = read_document(body, name=about)
    sheets = read_sheets(rows)
    if not sheets:
        found = ", ".join(labels_in(rows)) or "aucun"
        raise Unreadable(
            f"libellés de fiche action trouvés : {found}, là où {MIN_FIELDS} au moins sont "
            "attendus dans une même fiche ; ce document n'est pas une fiche action",
            about=about,
        )
    seen: dict[str, int] = {}
    result = []
    for sheet in sheets:
        key = _key(sheet)
        seen[key] = seen.get(key, 0) + 1
        suffix = f"-{seen[key]}" if seen[key] > 1 else ""
        result.append(_item(sheet, f"{key}{suffix}", source))
    return result


def _key(sheet: Sheet) -> str:
    """Its number within its axis; a sheet without number is known by its title."""
    if sheet.number:
        return f"{fingerprint(fold(sheet.axis))[:8]}-{sheet.number}"
    return fingerprint(fold(sheet.title))[:16]


def _item(sheet: Sheet, key: str, source: Source) -> RawItem:
    values = sheet.values()
    fields: dict[str, Json] = {
        "title": sheet.title,
        "text": _text(values),
        "when": _line(values.get("calendrier")),
        "venue": _line(values.get("territoire")),
        "audience": _list(values.get("public")),
        "organiser": _line(values.get("pilote")),
        "partners": _list(values.get("partenaires")),
        "funders": _list(values.get("financements")),
        "type": source.options.get("type", TYPE),
        "sheet": values,
        **_contact(str(values.get("contact") or "")),
    }
    kept = {name: value for name, value in fields.items() if value not in (None, "", [])}
    return RawItem(source=source.slug, key=key, fields=kept)


def _text(values: dict[str, str | list[str]]) -> str:
    parts = [values.get("description")] if values.get("description") else map(values.get, _TEXTS)
    return "\n\n".join(str(part) for part in parts if part)


def _line(value: Json) -> str | None:
    return one_line(", ".join(bullets(str(value)))) if value else None


def _list(value: Json) -> list[str]:
    """The items of a list; a line whose parts are sentences is kept whole."""
    found: list[str] = []
    for line in bullets(str(value or "")):
        parts = items(line)
        found += parts if all(len(part) <= _SHORT for part in parts) else [line]
    return list(dict.fromkeys(found))


def _contact(text: str) -> dict[str, Json]:
    phone = _PHONE.search(text)
    return {
        "contact": one_line(text) or None,
        "email": email(text),
        "phone": phone.group() if phone else None,
    }


def collect(source: Source, http: Http) -> AsyncIterator[RawItem]:
    """The sheets of the document, unless it has not changed."""
    return one_file(source, http, parse)
