"""`/recensement`: the public list, filtered by its address."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from census import indicators
from census.words import STATUSES, TYPES
from domain.territory import department_name
from review import public
from review.auth import PUBLIC
from review.house import Here

router = APIRouter(dependencies=[PUBLIC])
PER_PAGE = 50


@router.get("/recensement")
def show(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    rows = found.kept(public.wanted(request))
    number = request.query_params.get("page", "1")
    page = max(1, int(number)) if number.isdecimal() and len(number) < 6 else 1
    pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(page, pages)
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    departments = [(code, department_name(code)) for code in found.campaign.departments]
    return public.page(
        request,
        house,
        "census_list.html",
        found,
        rows=shown,
        total=len(rows),
        page=page,
        pages=pages,
        departments=departments,
        statuses=STATUSES,
        types=TYPES,
        months=[(one.code, one.label) for one in indicators.by_month(found.rows) if one.count],
    )
