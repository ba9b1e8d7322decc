"""`/recensement/donnees`: downloads, licence, schema; and the feeds of a filter (ICS, Atom)."""

import io
from dataclasses import replace

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from census import table as census
from census import watching
from census.columns import chosen
from census.schema import table_schema
from domain import territory
from domain.errors import NotFound
from domain.territory import region_communes
from domain.times import paris_day
from review import public
from review.auth import PUBLIC
from review.house import Here, House
from storage import dossiers, sources

router = APIRouter(dependencies=[PUBLIC])

OFFERED = (
    *("csv", "xlsx", "ods", "json", "jsonl", "geojson", "ics", "atom", "datapackage"),
    *("scdl-subventions", "indicateurs", "plan-pdf"),
)
"""What may be downloaded by anyone; the editable documents are the house's."""


@router.get("/recensement/donnees")
def show(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    offered = [(name, census.format_named(name)) for name in OFFERED]
    return public.page(
        request,
        house,
        "census_data.html",
        found,
        offered=offered,
        columns=chosen(),
        total=len(found.rows),
        licence=census.LICENCE,
        licence_url=census.LICENCE_URL,
    )


@router.get("/recensement/schema.json")
def schema(request: Request) -> Response:
    """The TableSchema of the open data."""
    return public.answer(
        request, "schema", lambda: JSONResponse(table_schema(chosen())), embed=True
    )


@router.get("/recensement.ics")
def calendar(request: Request, house: Here) -> Response:
    return download(request, house, "ics")


@router.get("/recensement.atom")
def feed(request: Request, house: Here) -> Response:
    return download(request, house, "atom")


@router.get("/recensement/telecharger/{name}")
def download(request: Request, house: Here, name: str) -> Response:
    """The census in a format, with the filter of the address."""
    if name not in OFFERED:
        raise NotFound(f"format {name[:40]!r} where one of {', '.join(OFFERED)} was expected")
    found = public.snapshot(request, house)
    return public.answer(
        request, found.mark, lambda: _file(request, house, name, found), embed=True
    )


def _file(request: Request, house: House, name: str, found: public.Snapshot) -> Response:
    form = census.format_named(name)
    code = found.campaign.code
    wanted = public.wanted(request)
    out = io.BytesIO()
    with house.database.reading() as conn:
        table = census.table(
            dossiers.dossiers(conn, code),
            found.campaign,
            today=paris_day(house.clock()),
            commune=territory.commune,
            keep=public.publishable(house, wanted),
            address=house.settings.public_url or str(request.base_url),
            watched=watching.watched(sources.known(conn), sources.states(conn)),
            communes=tuple(
                one for one in region_communes() if one.department in found.campaign.departments
            ),
        )
        form.write(replace(table, private=False), out)
    made = Response(out.getvalue(), media_type=form.MEDIA_TYPE)
    filename = f"recensement-{code.lower()}{form.SUFFIX}"
    shown = "inline" if name in ("ics", "atom") else "attachment"
    made.headers["content-disposition"] = f'{shown}; filename="{filename}"'
    return made
