"""`/api/v1`: the public census as flat JSON; a cursor goes on where the last page ended."""

import base64
import binascii
from dataclasses import asdict, fields
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from census import indicators
from census.columns import chosen
from census.filters import Filter
from census.schema import table_schema
from census.table import LICENCE
from domain.campaigns import campaigns
from domain.errors import NotFound
from review import public
from review.auth import PUBLIC
from review.house import Here

router = APIRouter(dependencies=[PUBLIC])
USUAL, MOST = 100, 1000


class BadCursor(public.BadFilter):
    french = "Ce curseur ou cette limite n'existe pas : recommencez à la première page."


@router.get("/api/v1/campagnes")
def every_campaign(request: Request) -> Response:
    told = [
        {"code": one.code, "titre": one.title, "debut": one.starts_on.isoformat()}
        | {"fin": one.ends_on.isoformat(), "departements": list(one.departments)}
        for one in campaigns().values()
    ]
    return public.answer(request, "campagnes", lambda: JSONResponse(told), embed=True)


@router.get("/api/v1/initiatives")
def initiatives(request: Request, house: Here) -> Response:
    """A page of initiatives, in a stable order; `suivant` is the address of the next one."""
    found = public.snapshot(request, house)
    wanted = public.wanted(request)
    limit = _limit(request.query_params.get("limite"))
    after = _decoded(request.query_params.get("curseur"))

    def make() -> Response:
        rows = sorted(found.kept(wanted), key=lambda row: str(row["animation_id"]))
        rest = [row for row in rows if after is None or str(row["animation_id"]) > after]
        page = rest[:limit]
        more = None
        if len(rest) > limit:
            cursor = _encoded(str(page[-1]["animation_id"]))
            more = str(
                request.url.include_query_params(curseur=cursor).replace(scheme="", netloc="")
            )
        told = {
            "campagne": found.campaign.code,
            "licence": LICENCE,
            "total": len(rows),
            "suivant": more,
            "initiatives": [one.whole() for one in page],
        }
        return JSONResponse(told)

    return public.answer(request, found.mark, make, embed=True)


@router.get("/api/v1/initiatives/{identity}")
def initiative(request: Request, house: Here, identity: str) -> Response:
    found = public.snapshot(request, house)
    row = found.by_id.get(identity)
    if row is None:
        raise NotFound("no such initiative in the public census", about=identity[:60])
    return public.answer(request, found.mark, lambda: JSONResponse(row.whole()), embed=True)


@router.get("/api/v1/indicateurs")
def counts(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    wanted = public.wanted(request)

    def make() -> Response:
        rows = found.kept(wanted)
        told = {
            "campagne": found.campaign.code,
            "ensemble": asdict(indicators.summary(rows)),
            "themes": [asdict(one) for one in indicators.by_theme(rows, found.campaign)],
            "departements": [asdict(one) for one in indicators.by(rows, "code_departement")],
            "mois": [asdict(one) for one in indicators.by_month(rows)],
        }
        return JSONResponse(told)

    return public.answer(request, found.mark, make, embed=True)


@router.get("/api/v1/openapi.json")
def description(request: Request) -> Response:
    return public.answer(request, "openapi", lambda: JSONResponse(openapi()), embed=True)


def openapi() -> dict[str, Any]:
    """The OpenAPI 3.1 description, from the same columns and filters as the rest."""
    kinds = {"array": "array", "date": "string", "datetime": "string"}
    properties = {
        one.name: {"type": [kinds.get(one.type, one.type), "null"], "description": one.title}
        for one in chosen()
    }
    asked = [_parameter("campagne", "Code de la campagne"), *map(_parameter, _filters())]
    paging = [_parameter("limite", f"1 à {MOST}", "integer"), _parameter("curseur")]
    one = [{**_parameter("identity", "Identifiant"), "in": "path", "required": True}]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Recensement des animations territoriales",
            "version": table_schema(())["version"],
            "license": {"name": LICENCE},
        },
        "paths": {
            "/api/v1/campagnes": _get("Les campagnes", []),
            "/api/v1/initiatives": _get("Les initiatives, page par page", [*asked, *paging]),
            "/api/v1/initiatives/{identity}": _get("Une initiative", one),
            "/api/v1/indicateurs": _get("Les effectifs, avec leur n", asked),
        },
        "components": {"schemas": {"Initiative": {"type": "object", "properties": properties}}},
    }


def _filters() -> list[str]:
    return [one.name for one in fields(Filter)]


def _parameter(name: str, description: str = "", kind: str = "string") -> dict[str, Any]:
    told = {"name": name, "in": "query", "schema": {"type": kind}}
    return told | ({"description": description} if description else {})


def _get(summary: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    answers = {"200": {"description": "OK"}, "304": {"description": "Inchangé (If-None-Match)"}}
    return {"get": {"summary": summary, "parameters": parameters, "responses": answers}}


def _limit(asked: str | None) -> int:
    if asked is None:
        return USUAL
    if not asked.isdecimal() or not 1 <= int(asked[:6]) <= MOST:
        raise BadCursor(f"limit {asked[:20]!r} where 1 to {MOST} was expected")
    return int(asked)


def _encoded(identity: str) -> str:
    return base64.urlsafe_b64encode(identity.encode()).decode().rstrip("=")


def _decoded(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise BadCursor(f"cursor {cursor[:40]!r} where one of ours was expected") from None
