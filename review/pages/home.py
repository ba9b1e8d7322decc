"""The first page: what waits for the person, where the house stands."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from review.auth import Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import render
from storage import boxes, counts

router = APIRouter()
MENU = Entry(title="Accueil", path="/", right="home.read", order=0)


@router.get("/")
def show(request: Request, house: Here, viewer: Annotated[Viewer, may("home.read")]) -> Response:
    now = house.clock()
    with house.database.begin() as conn:
        found = counts.of_everything(conn)
        waiting = boxes.counts(conn)
        mine = boxes.done_by(conn, viewer.account.id, now)
    return render(request, "home.html", counts=found, waiting=waiting, mine=mine)
