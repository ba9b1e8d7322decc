"""Agreement between reviewers: per theme, per pair of people, and on controls."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.campaigns import THEMES, campaigns
from review.agreement import Agreement, agreement
from review.auth import Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import render
from storage import agreement as data
from storage import boxes
from storage.agreement import TwoLooks

router = APIRouter()
MENU = Entry(title="Accord", path="/accord", right="agreement.read", order=70)


@router.get("/accord")
def show(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("agreement.read")],
    campagne: str = "",
) -> Response:
    with house.database.begin() as conn:
        waiting = boxes.counts(conn)
        usual = waiting[0].campaign if waiting else next(iter(campaigns()))
        code = campagne if campagne in campaigns() else usual
        looks = data.two_looks(conn, code)
        controls = data.controls(conn, code) if viewer.may("arbitrate") else []
    return render(
        request,
        "agreement.html",
        campaign=code,
        campaigns=list(campaigns()),
        questions=by_question(looks),
        pairs=by_pair(looks),
        controls=controls,
        looks=len(looks),
    )


def by_question(looks: Sequence[TwoLooks]) -> dict[str, Agreement]:
    """French question → agreement: kept or not, then each theme among cards both kept."""
    kept = [one for one in looks if one.kinds == ("approve", "approve")]
    found = {
        "Dans le champ": agreement([(a == "approve", b == "approve") for a, b in _kinds(looks)])
    }
    for slug, title in THEMES.items():
        found[title] = agreement([(slug in one.themes[0], slug in one.themes[1]) for one in kept])
    return found


def _kinds(looks: Sequence[TwoLooks]) -> list[tuple[str, str]]:
    return [one.kinds for one in looks]


def by_pair(looks: Sequence[TwoLooks]) -> list[tuple[str, str, int, int]]:
    """(person, person, cards, cards with the very same answer), the most cards first."""
    found: defaultdict[tuple[str, str], list[bool]] = defaultdict(list)
    for one in looks:
        first, second = sorted(one.people)
        same_kind = one.kinds[0] == one.kinds[1]
        same = same_kind and (one.kinds[0] == "reject" or one.themes[0] == one.themes[1])
        found[first, second].append(same)
    rows = [(*people, len(some), sum(some)) for people, some in found.items()]
    return sorted(rows, key=lambda row: (-row[2], row))
