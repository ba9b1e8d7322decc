"""`/recensement/donnees`: downloads, licence, schema; and the feeds of a filter (ICS, Atom)."""

import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from types import ModuleType
from typing import IO

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from census import table as census
from census import watching
from census.columns import chosen
from census.filters import Filter
from census.schema import table_schema
from domain import territory
from domain.errors import NotFound
from domain.territory import region_communes
from review import public
from review.auth import PUBLIC
from review.house import Here, House
from storage import dossiers, sources

router = APIRouter(dependencies=[PUBLIC])
_PIECE = 1 << 18

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
    out = _written(house, form, found, public.publishable(house, public.wanted(request)), request)
    made = StreamingResponse(_sent(out), media_type=form.MEDIA_TYPE)
    made.headers["content-length"] = str(out.seek(0, io.SEEK_END))
    filename = f"recensement-{code.lower()}{form.SUFFIX}"
    shown = "inline" if name in ("ics", "atom") else "attachment"
    made.headers["content-disposition"] = f'{shown}; filename="{filename}"'
    return made


def _written(
    house: House, form: ModuleType, found: public.Snapshot, keep: Filter, request: Request
) -> IO[bytes]:
    """The file, open; the caller closes it."""
    code = found.campaign.code
    out = tempfile.TemporaryFile(prefix="paat-")  # noqa: SIM115 — closed once sent
    try:
        with house.database.reading() as conn:
            table = census.table(
                dossiers.dossiers(conn, code),
                found.campaign,
                today=found.made_on,
                commune=territory.commune,
                keep=keep,
                address=house.settings.public_url or str(request.base_url),
                watched=watching.watched(sources.known(conn), sources.states(conn)),
                communes=tuple(
                    one for one in region_communes() if one.department in found.campaign.departments
                ),
            )
            form.write(replace(table, private=False), out)
    except BaseException:
        out.close()
        raise
    return out


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    """The file, by pieces: a hundred thousand rows never are in memory."""
    with file:
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece
