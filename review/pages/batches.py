"""Batches: identical predictions of one organiser or source, decided together."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.campaigns import THEMES, campaigns
from domain.errors import NotFound, ReviewError
from domain.statuses import ScopeAnswer
from review.auth import Form, Viewer, may
from review.campaigns import campaign_of
from review.house import Here
from review.menu import Entry
from review.render import query, render
from storage import batches, sources
from storage.batches import By, Group

router = APIRouter()
MENU = Entry(title="Lots", path="/lots", right="batches", order=15)
Batches = Annotated[Viewer, may("batches")]


@router.get("/lots")
def show(
    request: Request,
    house: Here,
    viewer: Batches,
    campagne: str = "",
    par: str = "",
    fait: int = 0,
    passe: int = 0,
    annule: int = 0,
    lot: str = "",
) -> Response:
    code, by = campaign_of(campagne), _by(par)
    with house.database.begin() as conn:
        found = batches.groups(conn, viewer.account, code, by, house.clock())
        titles = {slug: one.title for slug, one in sources.known(conn).items()}
    return render(
        request,
        "batches.html",
        groups=[(one, count, _address(one)) for one, count in found],
        titles=titles,
        by=by,
        ways=tuple(By),
        campaign=code,
        codes=list(campaigns()),
        done=fait,
        passed=passe,
        undone=annule,
        batch=lot if lot.isalnum() else "",
    )


def _by(text: str) -> By:
    return By(text) if text in tuple(By) else By.SOURCE


def _address(group: Group) -> str:
    return "/lots/voir" + query(
        campagne=group.campaign,
        par=group.by.value,
        cle=group.key,
        perimetre=group.scope.value,
        themes=",".join(group.themes),
    )


def _group(campagne: str, par: str, cle: str, perimetre: str, themes: str) -> Group:
    """The group an address or a form names. Raises ReviewError."""
    if perimetre not in (ScopeAnswer.IN, ScopeAnswer.OUT) or not cle:
        raise ReviewError("an address that names no batch; choose one in the list")
    return Group(
        campaign=campaign_of(campagne),
        by=_by(par),
        key=cle[:500],
        scope=ScopeAnswer(perimetre),
        themes=tuple(one for one in themes.split(",") if one in THEMES),
    )


@router.get("/lots/voir")
def one(
    request: Request,
    house: Here,
    viewer: Batches,
    campagne: str = "",
    par: str = "",
    cle: str = "",
    perimetre: str = "",
    themes: str = "",
) -> Response:
    return _page(request, house, viewer, _group(campagne, par, cle, perimetre, themes))


def _page(
    request: Request,
    house: Here,
    viewer: Viewer,
    group: Group,
    *,
    missed: tuple[str, ...] = (),
    unticked: frozenset[str] = frozenset(),
    status: int = 200,
) -> Response:
    with house.database.begin() as conn:
        found = batches.members(conn, viewer.account, group, house.clock())
        source = sources.known(conn, [group.key]).get(group.key)
    if not found and not missed:
        raise NotFound("no card left in this batch", about=group.key)
    return render(
        request,
        "batch.html",
        status,
        group=group,
        members=found,
        name=source.title if source and group.by is By.SOURCE else group.key,
        batch=secrets.token_hex(8),
        missed=missed,
        unticked=unticked,
    )


@router.post("/lots/decider")
def decide(request: Request, house: Here, viewer: Batches, form: Form) -> Response:
    """The ticked ones get the prediction as a decision, all or none."""
    group = _group(
        *(str(form.get(name, "")) for name in ("campagne", "par", "cle", "perimetre", "themes"))
    )
    seen = {}
    for line in map(str, form.getlist("vue")):
        identity, _, version = line.rpartition(":")
        if identity and version.isdigit() and len(version) < 10:
            seen[identity] = int(version)
    batch = str(form.get("lot", ""))
    if not seen or len(seen) > 50 or not batch.isalnum():
        raise ReviewError("a form without the lines it showed; reload the page")
    ticked = {str(one) for one in form.getlist("fiche")}
    with house.database.begin() as conn:
        done = batches.decide(
            conn, viewer.account, group, house.clock(), batch=batch, ticked=ticked, seen=seen
        )
    if done.missed:
        return _page(
            request,
            house,
            viewer,
            group,
            missed=done.missed,
            unticked=frozenset(set(seen) - ticked),
            status=409,
        )
    where = query(
        campagne=group.campaign,
        par=group.by.value,
        fait=done.decided,
        passe=done.passed,
        lot=batch,
    )
    return RedirectResponse(f"/lots{where}", 303)


@router.post("/lots/annuler")
def undo(house: Here, viewer: Batches, form: Form) -> Response:
    """Take the whole batch back."""
    batch = str(form.get("lot", ""))
    if not batch.isalnum():
        raise NotFound("no such batch", about=batch[:40])
    with house.database.begin() as conn:
        count = batches.undo(conn, viewer.account, batch, house.clock())
    where = query(
        campagne=str(form.get("campagne", "")), par=str(form.get("par", "")), annule=count
    )
    return RedirectResponse(f"/lots{where}", 303)
