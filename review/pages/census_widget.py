"""`/recensement/cadre`: a short list another site may frame; `/recensement/integrer`: how to."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from review import public
from review.auth import PUBLIC
from review.house import Here
from review.security import CSP

router = APIRouter(dependencies=[PUBLIC])
MOST = 20


@router.get("/recensement/integrer")
def how(request: Request, house: Here) -> Response:
    return public.page(request, house, "census_embed.html", public.snapshot(request, house))


@router.get("/recensement/cadre")
def frame(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    today = found.made_on.isoformat()
    rows = found.kept(public.wanted(request))
    coming = [row for row in rows if (row["date_fin"] or "") >= today] or rows[::-1]
    made = public.page(
        request, house, "census_widget.html", found, rows=coming[:MOST], total=len(rows)
    )
    # Only here may another site frame us: nothing on this page can be clicked into an action.
    made.headers["content-security-policy"] = CSP.replace(
        "frame-ancestors 'none'", "frame-ancestors *"
    )
    made.headers["x-frame-options"] = "ALLOWALL"  # unknown word: the CSP above decides
    made.headers["cross-origin-resource-policy"] = "cross-origin"
    return made
