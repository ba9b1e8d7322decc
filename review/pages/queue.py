"""The queue: one card, one question, one key (docs/relecture.md).

Everything works by plain forms (303); static/queue.js only makes it faster: eight cards are in the
page, the next one is shown before the server answers, and a failure brings the card back.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from starlette.datastructures import FormData, QueryParams
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from domain.campaigns import THEMES, campaigns
from domain.errors import NotAllowed, NotFound
from domain.records import Decision, Dossier
from domain.statuses import DecisionKind, Look
from review.auth import Form, Viewer, may
from review.cards import Shown, show
from review.house import Here, House
from review.keys import ACTIONS, keys_of
from review.menu import Entry
from review.render import render, wants_json
from storage import (
    answers,
    boxes,
    changes,
    decisions,
    dossiers,
    matches,
    mentions,
    queue,
    sources,
)
from storage.db import Connection
from storage.queue import Box, Filters

router = APIRouter()
MENU = Entry(title="File", path="/file", right="queue", order=10)
Reviewer = Annotated[Viewer, may("queue")]

IN_HAND = 8  # cards a page holds once its script runs
AT_FIRST = 2  # cards in the page itself, so that it is light
BOXES = {
    Box.ALL: "Toutes",
    Box.REOPENED: "À revoir",
    Box.DUPLICATES: "Avec doublon possible",
    Box.SKIPPED: "Passées",
    Box.DISAGREEMENTS: "Désaccords",
}
_DONE = {
    DecisionKind.APPROVE: "Validée",
    DecisionKind.REJECT: "Écartée",
    DecisionKind.SKIP: "Passée",
    DecisionKind.NOTE: "Note enregistrée",
}
_NAMES = {"box": "boite", "theme": "theme", "department": "departement", "source": "source"}


@router.get("/file")
def page(request: Request, house: Here, viewer: Reviewer) -> Response:
    now = house.clock()
    with house.database.begin() as conn:
        waiting = boxes.counts(conn)
        wanted = _filters(request.query_params, waiting)
        _allowed(viewer, wanted)
        cards = _leased(conn, house, viewer, wanted, count=AT_FIRST)
        queue.release(conn, viewer.account.id, keep=[card.initiative for card in cards])
        saved = boxes.saved_boxes(conn, viewer.account.id)
        mine = boxes.done_by(conn, viewer.account.id, now)
    return render(
        request,
        "queue.html",
        cards=cards,
        wanted=wanted,
        waiting={one.campaign: one for one in waiting},
        boxes=BOXES,
        saved=saved,
        mine=mine,
        back=_query(wanted),
        said=_said(request.query_params.get("fait", "")),
        until=_until(house),
        actions=ACTIONS,
        **_keyboard(viewer),
    )


@router.get("/file/cartes")
def more(request: Request, house: Here, viewer: Reviewer, tenues: str = "") -> Response:
    """Cards for the script: as many as are wanted to hold eight; the lease of all is renewed."""
    have = [one for one in tenues.split(",") if one][: 2 * IN_HAND]
    with house.database.begin() as conn:
        wanted = _filters(request.query_params, ())
        _allowed(viewer, wanted)
        queue.renew(conn, viewer.account.id, house.clock())
        count = max(0, IN_HAND - len(have))
        cards = _leased(conn, house, viewer, wanted, count=count, have=have) if count else []
    return _cards(request, house, viewer, cards, back=_query(wanted))


@router.post("/file/decision")
def decide(request: Request, house: Here, viewer: Reviewer, form: Form) -> Response:
    """Keep an answer. Sent twice it is one; sent too late, the person is told why."""
    given = _answer(form)
    if given.kind is DecisionKind.NOTE:
        return _note(request, house, viewer, form, given)
    with house.database.begin() as conn:
        done = answers.answer(conn, viewer.account, given, house.clock())
        if done.aging:
            queue.renew(conn, viewer.account.id, house.clock())
    if wants_json(request):
        said = "Déjà enregistrée" if done.again else _DONE[given.kind]
        return JSONResponse(
            {"message": said, "decision": done.decision, "until": _until(house)}
            | ({"control": True} if done.look is Look.CONTROL else {})
        )
    return RedirectResponse(_back(form, fait=given.kind), 303)


def _note(
    request: Request, house: House, viewer: Viewer, form: FormData, given: answers.Answer
) -> Response:
    if given.motive.strip():
        note = Decision(
            initiative=given.initiative,
            campaign=given.campaign,
            kind=DecisionKind.NOTE,
            by=viewer.by,
            at=house.clock(),
            motive=given.motive,
            key=f"note-{given.key}-{len(given.motive)}",
        )
        with house.database.begin() as conn:
            decisions.add(conn, note)
    if wants_json(request):
        return JSONResponse({"message": _DONE[DecisionKind.NOTE]})
    return RedirectResponse(_back(form, fait=DecisionKind.NOTE), 303)


@router.post("/file/annuler")
def undo(request: Request, house: Here, viewer: Reviewer, form: Form) -> Response:
    """Take back one's last answer; its card comes first again."""
    wanted = _filters(QueryParams(str(form.get("retour", ""))), ())
    with house.database.begin() as conn:
        initiative = answers.undo_last(conn, viewer.account, wanted.campaign, house.clock())
        one = Filters(campaign=wanted.campaign, initiative=initiative)
        arbitrated = Filters(campaign=wanted.campaign, initiative=initiative, box=Box.DISAGREEMENTS)
        cards = _leased(conn, house, viewer, one, count=1) or _leased(
            conn, house, viewer, arbitrated, count=1
        )
    if wants_json(request):
        return _cards(request, house, viewer, cards, back=_query(wanted))
    return RedirectResponse(_back(form, fait=DecisionKind.UNDO), 303)


@router.post("/file/liberer")
def leave(house: Here, viewer: Reviewer, form: Form) -> Response:
    """The page is left: give back its cards, unless a later page holds them."""
    with house.database.begin() as conn:
        queue.release(conn, viewer.account.id, until=str(form.get("jusqu", "")) or None)
    return Response(status_code=204)


@router.get("/file/boites")
def choose(request: Request, house: Here, viewer: Reviewer) -> Response:
    """Every way to narrow the queue, with how much waits under each, and one's own boxes."""
    with house.database.begin() as conn:
        waiting = boxes.counts(conn)
        wanted = _filters(request.query_params, waiting)
        facets = boxes.facets(conn, wanted.campaign)
        known = sources.known(conn, list(facets.sources))
        saved = boxes.saved_boxes(conn, viewer.account.id)
    words = [wanted.campaign, BOXES[wanted.box].lower(), THEMES.get(wanted.theme, "")]
    return render(
        request,
        "boxes.html",
        wanted=wanted,
        waiting={one.campaign: one for one in waiting},
        campaigns={code: one.title for code, one in campaigns().items()},
        boxes={box: title for box, title in BOXES.items() if _sees(viewer, box)},
        facets=facets,
        titles={slug: one.title for slug, one in known.items()},
        saved=saved,
        back=_query(wanted),
        back_words=", ".join(w for w in (*words, wanted.department, wanted.source) if w),
    )


@router.post("/file/boites")
def save(house: Here, viewer: Reviewer, form: Form) -> Response:
    """Keep the filters shown under a name, or forget that name."""
    name = str(form.get("nom", "")).strip()
    with house.database.begin() as conn:
        if form.get("oublier"):
            boxes.drop_box(conn, viewer.account.id, name)
        elif name:
            kept = _query(_filters(QueryParams(str(form.get("retour", ""))), ()))
            boxes.save_box(conn, viewer.account.id, name, kept)
    return RedirectResponse(f"/file/boites?{str(form.get('retour', ''))[:500]}", 303)


# --- what is wanted --------------------------------------------------------------------------


def _filters(given: QueryParams, waiting: Sequence[boxes.Waiting]) -> Filters:
    """The filters of an address; the campaign with most to review when none is named."""
    usual = waiting[0].campaign if waiting else next(iter(campaigns()))
    code = given.get("campagne", "")
    box = given.get("boite", "")
    theme = given.get("theme", "")
    return Filters(
        campaign=code if code in campaigns() else usual,
        box=Box(box) if box in list(Box) else Box.ALL,
        theme=theme if theme in THEMES else "",
        department=given.get("departement", "")[:3],
        source=given.get("source", "")[:100],
        initiative=given.get("initiative", "")[:60],
    )


def _query(wanted: Filters) -> str:
    """The filters as in an address."""
    values = {"campagne": wanted.campaign}
    values |= {name: str(getattr(wanted, field)) for field, name in _NAMES.items()}
    if wanted.box is Box.ALL:
        del values["boite"]
    return urlencode({name: value for name, value in values.items() if value})


def _back(form: FormData, **more: str) -> str:
    """The queue as it was, from the form's `retour`."""
    kept = parse_qsl(str(form.get("retour", ""))[:500])
    return f"/file?{urlencode([*kept, *more.items()])}"


def _sees(viewer: Viewer, box: Box) -> bool:
    return box is not Box.DISAGREEMENTS or viewer.may("arbitrate")


def _allowed(viewer: Viewer, wanted: Filters) -> None:
    if not _sees(viewer, wanted.box):
        raise NotAllowed("disagreements are for the committee", about=wanted.box)


def _answer(form: FormData) -> answers.Answer:
    def said(name: str, most: int) -> str:
        return str(form.get(name, ""))[:most]

    act, version, seconds = said("acte", 20), said("version", 12), said("secondes", 12)
    kinds = {kind.value: kind for kind in _DONE}
    if act not in kinds or not version.isdigit() or not said("cle", 80):
        raise NotFound(f"act {act!r}, version {version!r}: not a form of the queue")
    themes = [str(one) for one in form.getlist("themes")]
    return answers.Answer(
        initiative=said("initiative", 60),
        campaign=said("campagne", 60),
        kind=kinds[act],
        key=said("cle", 80),
        version=int(version),
        themes=tuple(slug for slug in THEMES if slug in themes) if act == "approve" else (),
        motive=said("note", 4000),
        seconds=min(float(seconds), 3600.0) if seconds.replace(".", "", 1).isdigit() else None,
        model=said("modele", 80),
    )


# --- what is shown ---------------------------------------------------------------------------


def _leased(
    conn: Connection,
    house: House,
    viewer: Viewer,
    wanted: Filters,
    *,
    count: int,
    have: Sequence[str] = (),
) -> list[Shown]:
    """Cards in the person's hands, with all they show: a constant number of statements."""
    now = house.clock()
    cards = queue.lease(conn, viewer.account, wanted, now, count=count, have=have)
    if not cards:
        return []
    ids = [card.initiative for card in cards]
    whole = {one.initiative.id: one for one in dossiers.dossiers(conn, wanted.campaign, ids=ids)}
    members = {m.id: m for one in whole.values() for m in one.mentions}
    asked = matches.questions_about(conn, list(members))
    far = {m for one in asked for m in (one.a, one.b)} - members.keys()
    others = {m.id: m for m in mentions.by_ids(conn, far)} if far else {}
    known = sources.known(conn, sorted({m.source for m in members.values()}))
    titles = {slug: one.title for slug, one in known.items()}
    again = {m for card in cards if card.reopened for m in _mentions(whole, card.initiative)}
    changed = changes.of(conn, again, reopening=True) if again else []
    return [
        show(
            card,
            whole[card.initiative],
            titles=titles,
            questions=asked,
            others=members | others,
            changes=changed,
        )
        for card in cards
        if card.initiative in whole
    ]


def _mentions(whole: Mapping[str, Dossier], initiative: str) -> tuple[int, ...]:
    return whole[initiative].initiative.mentions if initiative in whole else ()


def _cards(
    request: Request, house: House, viewer: Viewer, cards: Sequence[Shown], *, back: str
) -> Response:
    templates = request.app.state.templates
    html = templates.get_template("_cards.html").render(
        cards=cards, viewer=viewer, back=back, **_keyboard(viewer)
    )
    return HTMLResponse(html, headers={"x-jusqu": _until(house)})


def _keyboard(viewer: Viewer) -> dict[str, Any]:
    preferences = viewer.account.preferences
    return {"keys": keys_of(preferences), "mode": preferences.get("keys_mode", "letters")}


def _until(house: House) -> str:
    """The end of a lease given now: what a page left behind may give back."""
    return (house.clock() + queue.LEASE).isoformat()


def _said(done: str) -> str:
    if done == DecisionKind.UNDO:
        return "Décision annulée : la fiche est de nouveau devant vous."
    kinds = {kind.value: text for kind, text in _DONE.items()}
    return f"{kinds[done]}." if done in kinds else ""
