"""`/recensement/carte`: the public map (Leaflet, supercluster), and the same as a table."""

from collections import Counter
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from review import public
from review.auth import PUBLIC
from review.house import Here
from review.security import CSP

router = APIRouter(dependencies=[PUBLIC])


@router.get("/recensement/carte")
def show(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    rows = found.kept(public.wanted(request))
    places = Counter((str(row["nom_commune"]), row["code_commune"]) for row in rows)
    made = public.page(
        request,
        house,
        "census_map.html",
        found,
        places=sorted(places.items()),
        total=len(rows),
        placed=sum(row["latitude"] is not None for row in rows),
        tiles=house.settings.map_tiles,
        credit=house.settings.map_credit,
    )
    tiles = urlsplit(house.settings.map_tiles)
    if tiles.scheme in ("http", "https"):
        host = f"{tiles.scheme}://{tiles.netloc}"
        made.headers["content-security-policy"] = CSP.replace("data:", f"data: {host}")
    return made


@router.get("/recensement/carte.json")
def points(request: Request, house: Here) -> Response:
    """The points: [latitude, longitude, id, title, commune, « lieu » or « commune »]."""
    found = public.snapshot(request, house)
    wanted = public.wanted(request)
    names = ("latitude", "longitude", "animation_id", "intitule", "nom_commune", "position")

    def make() -> Response:
        rows = found.kept(wanted)
        return JSONResponse([[r[n] for n in names] for r in rows if r["latitude"] is not None])

    return public.answer(request, found.mark, make)
