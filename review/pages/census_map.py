"""`/recensement/carte`: the public map (Leaflet, supercluster), and the same as a table.

Its background is the outlines of the territory, ours: tiles are only added by a setting.
"""

from collections import Counter
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from domain.campaigns import campaigns
from domain.outlines import geojson, outlines
from domain.territory import department_name
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
        drawn_by=outlines().credit,
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


@router.get("/recensement/contours.json")
def background(request: Request, house: Here) -> Response:
    """The outlines of the campaign's departments (`ici`), of their neighbours and of their EPCI."""
    code = public.code_of(request, house)
    inside = campaigns()[code].departments
    drawn = outlines()

    def make() -> Response:
        shapes = [
            (one, {"nom": department_name(key), "genre": "ici" if key in inside else "voisin"})
            for key, one in drawn.departments.items()
        ]
        shapes += [(one, {"genre": "epci"}) for one in drawn.epcis.values()]
        return JSONResponse(geojson(shapes), media_type="application/geo+json")

    mark = f"{code} {drawn.credit} {len(drawn.epcis)}"
    return public.answer(request, mark, make, embed=True)
