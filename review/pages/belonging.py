"""What belongs to an initiative, from its page: compare it, un-merge, take an announcement out."""

from datetime import datetime

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from domain.errors import Conflict, NotFound
from domain.records import Verdict
from domain.statuses import Relation
from review import rematch
from review.auth import Form, Viewer
from review.house import Here
from review.pages.initiative import Edit, back, living, opened
from storage import initiatives, matches

router = APIRouter()
MOST_PAIRS = 400  # verdicts written to keep two initiatives apart


@router.post("/initiatives/{identity}/rapprocher")
def bring(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """Compare with another initiative, named by its address or identifier."""
    other = str(form.get("autre", "")).strip().rstrip("/").rsplit("/", 1)[-1].split("?")[0]
    with house.database.begin() as conn:
        ours = initiatives.get(conn, [living(conn, identity)])[0]
        theirs = initiatives.get(conn, [living(conn, other)])[0]
    if ours.id == theirs.id or not ours.mentions or not theirs.mentions:
        raise NotFound("the same initiative, or one without announcements", about=other[:100])
    return RedirectResponse(f"/doublons/{ours.mentions[0]}/{theirs.mentions[0]}", 303)


@router.post("/initiatives/{identity}/defusionner")
def unmerge(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """Give an absorbed initiative back what it had; both stay apart from now on."""
    other = str(form.get("autre", ""))
    now = house.clock()
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        if other not in initiatives.merged_with(conn, [one.id])[one.id]:
            raise Conflict("this initiative is not merged here; reload it", about=other[:100])
        rematch.unmerge(conn, other, now)
        apart = initiatives.get(conn, [one.id, other])
        pairs = [
            (min(a, b), max(a, b)) for a in apart[0].mentions for b in apart[-1].mentions if a != b
        ]
        # Kept, not planned again: everything is where it was, which a new plan could think over.
        matches.add_verdicts(conn, [_apart(viewer, pair, now) for pair in pairs[:MOST_PAIRS]])
    return back(one.id, form, "defusion", autre=other)


@router.post("/initiatives/{identity}/sortir")
def take_out(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """That announcement is about something else: it leaves, for good."""
    number = str(form.get("annonce", ""))
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        members = one.mentions
        if not number.isdigit() or int(number) not in members or len(members) < 2:
            raise NotFound("no such announcement in this initiative, or its only one", about=number)
        out = int(number)
        pairs = [(min(out, m), max(out, m)) for m in members if m != out]
        rematch.say(conn, house, [_apart(viewer, pair, house.clock()) for pair in pairs])
        [home] = initiatives.by_mentions(conn, [next(m for m in members if m != out)])
        [gone] = initiatives.by_mentions(conn, [out])
    return back(home.id, form, "sortie", autre=gone.id)


def _apart(viewer: Viewer, pair: tuple[int, int], now: datetime) -> Verdict:
    return Verdict(
        a=pair[0],
        b=pair[1],
        relation=Relation.DIFFERENT,
        by=viewer.by,
        at=now,
        note="séparées depuis la fiche",
    )
