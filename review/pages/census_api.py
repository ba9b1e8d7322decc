"""`/api/v1`: the public census as flat JSON; a cursor, the last id given, goes on from there."""

import re
from dataclasses import asdict

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from census import indicators
from census.table import LICENCE
from domain.campaigns import campaigns
from domain.errors import NotFound
from review import public
from review.auth import PUBLIC
from review.house import Here
from review.openapi import CURSOR, openapi

router = APIRouter(dependencies=[PUBLIC])
USUAL, MOST = 100, 1000


class BadPage(public.BadFilter):
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
    after = _after(request.query_params.get("curseur"))

    def make() -> Response:
        rows = sorted(found.kept(wanted), key=lambda row: str(row["animation_id"]))
        rest = [row for row in rows if after is None or str(row["animation_id"]) > after]
        page = rest[:limit]
        more = None
        if len(rest) > limit:
            cursor = str(page[-1]["animation_id"])
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
    return public.answer(
        request, "openapi", lambda: JSONResponse(openapi(usual=USUAL, most=MOST)), embed=True
    )


def _limit(asked: str | None) -> int:
    if asked is None:
        return USUAL
    if not asked.isdecimal() or not 1 <= int(asked[:6]) <= MOST:
        raise BadPage(f"limit {asked[:20]!r} where 1 to {MOST} was expected")
    return int(asked)


def _after(cursor: str | None) -> str | None:
    if cursor and not re.fullmatch(CURSOR, cursor):
        raise BadPage(f"cursor {cursor[:40]!r} where an identifier was expected")
    return cursor
