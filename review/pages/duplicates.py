"""Duplicates: what waits for an answer, what contradicts itself, and the next question."""

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.errors import NotFound
from domain.records import Initiative
from review import pairs
from review.auth import Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import query, render
from storage import initiatives, matches, mentions
from storage.db import Connection

router = APIRouter()
Reader = Annotated[Viewer, may("duplicates.read")]
MENU = Entry(title="Doublons", path="/doublons", right="duplicates.read", order=20)


@router.get("/doublons")
def show(
    request: Request,
    house: Here,
    viewer: Reader,
    initiative: str = "",
    fait: str = "",
    de: str = "",
) -> Response:
    """Every question and every contradiction, or those about one initiative."""
    with house.database.begin() as conn:
        about = _initiative(conn, initiative[:100]) if initiative else None
        theirs = matches.questions_about(conn, about.mentions) if about else None
        asked = pairs.asked(conn, viewer, theirs)
        against = pairs.contradictions(matches.by_people(conn))
        known = {
            m.id: m
            for m in mentions.by_ids(
                conn, {i for some in against for v in some for i in (v.a, v.b)}
            )
        }
        last = pairs.answered(conn, de, fait)
    return render(
        request,
        "duplicates.html",
        asked=[(*one, pairs.likely(one[0].p)[0][0]) for one in asked],
        about=about,
        contradictions=[
            some
            for some in against
            if any(viewer.covers(known[i].where.department) for v in some for i in (v.a, v.b))
            and (about is None or any(i in about.mentions for v in some for i in (v.a, v.b)))
        ],
        known=known,
        last=last,
        most=pairs.LIST,
    )


@router.get("/doublons/suivant")
def following(house: Here, viewer: Reader, apres: str = "") -> Response:
    """The worthiest question of the person's territory after that pair, or the list."""
    with house.database.begin() as conn:
        there = pairs.following(pairs.asked(conn, viewer), pairs.of_text(apres))
    return RedirectResponse(address(there[0] if there else None), 303)


def _initiative(conn: Connection, identity: str) -> Initiative:
    """The living initiative of that identifier. Raises NotFound."""
    for one in initiatives.get(conn, initiatives.resolve_all(conn, [identity]).values()):
        return one
    raise NotFound("no such initiative", about=identity)


def address(pair: pairs.Pair | None, **more: str) -> str:
    """The page of a pair, the list when there is none."""
    return f"/doublons{'' if pair is None else f'/{pair[0]}/{pair[1]}'}{query(**more)}"
