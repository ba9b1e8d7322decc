"""Réponses d'une enquête LimeSurvey par RemoteControl 2 (JSON-RPC).

L'adresse est https://hôte/index.php/admin/remotecontrol (à activer côté LimeSurvey). Seules les
réponses complètes sont lues ; la clé d'une annonce est le numéro de la réponse.
"""

import base64
import binascii
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any

from collectors.http import Http
from collectors.secret import WHERE, secret
from collectors.tables.items import MAPPING, read_rows
from collectors.tables.reading import read_table
from domain.errors import CollectError, Refused, Unreadable
from domain.records import Json, RawItem, Source

TITLE = "enquête LimeSurvey"
OPTIONS: dict[str, str] = {
    "survey": "numéro de l'enquête",
    "user": f"compte : {WHERE}",
    "password": f"mot de passe : {WHERE}",
    "heading": "noms des colonnes : full (questions, par défaut) ou code",
    "mapping": MAPPING,
}
VERSION = 1
PERSONAL = True
_NO_DATA = "no data"


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    survey = options.get("survey")
    if isinstance(survey, bool) or not isinstance(survey, int):
        problems.append(f"survey = {survey!r} où le numéro de l'enquête est attendu")
    if options.get("heading", "full") not in ("full", "code"):
        problems.append(f"heading = {options['heading']!r} où full ou code est attendu")
    return problems


async def collect(source: Source, http: Http) -> AsyncIterator[RawItem]:
    """Every complete response; the session is always given back."""
    key = await _call(
        source, http, "get_session_key", secret(source, "user"), secret(source, "password")
    )
    try:
        heading = source.options.get("heading", "full")
        asked = (key, source.options.get("survey"), "csv", None, "complete", heading, "long")
        exported = await _call(source, http, "export_responses", *asked)
    finally:
        with suppress(CollectError):  # what was exported is not lost for a session left open
            await _call(source, http, "release_session_key", key)
    if exported:
        for item in await http.parse(parse, exported.encode(), source):
            yield item


async def _call(source: Source, http: Http, method: str, *params: Json) -> str:
    payload = {"method": method, "params": list(params), "id": 1}
    page = await http.post_json(source.url, payload)
    return result(page.body, about=source.slug)


def result(body: bytes, *, about: str) -> str:
    """The result of a call, "" when there is no data. A refusal comes with HTTP 200."""
    try:
        answer: Any = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict) or "result" not in answer:
        raise Unreadable(
            "une réponse qui n'est pas du JSON-RPC ; activez RemoteControl (JSON-RPC) dans "
            "LimeSurvey et vérifiez l'adresse",
            about=about,
        )
    said = answer["result"]
    if isinstance(said, dict):
        status = str(said.get("status", said))
        if _NO_DATA in status.lower():
            return ""
        if any(w in status.lower() for w in ("permission", "session", "user name", "login")):
            raise Refused(f"LimeSurvey refuse l'accès ({status})", about=about)
        raise Unreadable(f"LimeSurvey répond « {status} »", about=about)
    if answer.get("error"):
        raise Unreadable(f"LimeSurvey répond « {answer['error']} »", about=about)
    return str(said)


def parse(body: bytes, source: Source, *, name: str = "") -> list[RawItem]:
    """The responses of an export, base64 of a CSV. Raises Unreadable."""
    about = name or source.slug
    try:
        exported = base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise Unreadable(f"un export qui n'est pas du base64 ({error})", about=about) from None
    table = read_table(exported, name=about)
    return list(read_rows(table.columns, table.rows, source, about=about).items)
