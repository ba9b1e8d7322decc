"""Names of communes proposed while one types; forms work without."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from domain import territory
from domain.text import fold
from review.auth import PUBLIC

router = APIRouter()
MOST = 12


@router.get("/communes", dependencies=[PUBLIC])
def propose(debut: str = "") -> Response:
    """« Gap (05) »: the communes of the region that begin so, the most peopled first."""
    start = fold(debut.strip())[:60]
    if len(start) < 2:
        return JSONResponse([])
    found = [one for one in territory.region_communes() if fold(one.name).startswith(start)]
    found.sort(key=lambda one: -(one.population or 0))
    return JSONResponse([f"{one.name} ({one.department})" for one in found[:MOST]])
