"""One initiative: what is known and from where, what was decided, and changing it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.campaigns import THEMES, campaigns
from domain.changes import told
from domain.errors import Conflict, NotFound, ReviewError
from domain.records import Decision, Dossier, FieldValue, Initiative, Json, Suggestion
from domain.statuses import FRENCH, DecisionKind, SuggestionKind
from review import editions, fields, guard, rematch
from review.auth import Form, Viewer, may
from review.campaigns import campaign_of
from review.house import Here
from review.render import query, render
from storage import (
    awards,
    decisions,
    dossiers,
    initiatives,
    matches,
    mentions,
    outbox,
    sources,
)
from storage import changes as past
from storage.db import Connection

router = APIRouter()
Edit = Annotated[Viewer, may("initiatives.edit")]
MOST_ANSWERS = 20  # about its pairs, shown


@dataclass(frozen=True, slots=True)
class Line:
    """A field of the page."""

    name: str
    title: str
    kept: FieldValue | None
    shown: str
    typed: str
    why: str
    source: str  # title of the source it was read in
    url: str | None
    others: tuple[str, ...]
    field: fields.Field | None  # None = not edited by hand


@dataclass(frozen=True, slots=True)
class Step:
    """A decision in the history, in French."""

    decision: Decision
    words: str
    undone: bool
    undoable: bool


@router.get("/initiatives/{identity}")
def show(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("initiatives.read")],
    identity: str,
    campagne: str = "",
    fait: str = "",
    autre: str = "",
) -> Response:
    return _page(request, house, viewer, identity, campagne=campagne, done=fait, other=autre)


def _page(
    request: Request,
    house: Here,
    viewer: Viewer,
    identity: str,
    *,
    campagne: str = "",
    done: str = "",
    other: str = "",
    wrong: str = "",
    status: int = 200,
) -> Response:
    code = campaign_of(campagne)
    with house.database.begin() as conn:
        kept = living(conn, identity)
        if kept != identity:
            return RedirectResponse(f"/initiatives/{kept}{query(campagne=campagne)}", 301)
        [one] = initiatives.get(conn, [kept])
        ids = initiatives.merged_with(conn, [kept])[kept]
        absorbed = initiatives.get(conn, [name for name in ids if name != kept])
        found = list(dossiers.dossiers(conn, code, ids=[kept]))
        read = {m.id: m for m in mentions.by_ids(conn, one.mentions)}
        titles = {slug: s.title for slug, s in sources.known(conn).items()}
        history = decisions.of(conn, ids)
        held = awards.of(conn, ids)
        changed = past.of(conn, one.mentions, limit=20)
        asked = matches.questions_about(conn, one.mentions)
        verdicts = matches.verdicts(conn, one.mentions)
        ties = [v for v in verdicts if v.a in read and v.b in read]
        answers = [v for v in reversed(verdicts) if v.by_person]
        ends = {i for v in answers[:MOST_ANSWERS] for i in (v.a, v.b)} - read.keys()
        outside = {m.id: m for m in mentions.by_ids(conn, ends)}
        joins = initiatives.joins(conn, [each.id for each in absorbed])
        gone = initiatives.get(conn, [other[:100]]) if other else []
    dossier = found[0] if found else Dossier(initiative=one, campaign=code)
    standing, suggested = _standing(history, code), _suggested(dossier)
    lines = [_line(name, one, read, titles) for name in (*fields.BY_NAME, *fields.OTHERS)]
    return render(
        request,
        "initiative.html",
        status,
        one=one,
        title=one.value("title") or "Sans titre",
        lines=[line for line in lines if line.shown or line.field],
        whole=editions.whole(one, read, verdicts=ties, questions=asked),
        asked=len(asked),
        changes=[(each, told(each.changes)) for each in changed],
        sources=titles,
        titles={m: each.title for m, each in (read | outside).items()},
        answers=answers[:MOST_ANSWERS],
        answered=len(answers),
        absorbed=[(each, joins.get(each.id)) for each in absorbed],
        by={name: editions.united_by(ties, j.mentions, j.at) for name, j in joins.items()},
        gone=next((each for each in gone if each.id != one.id), None),
        back=_between(one, gone),
        steps=_steps(history),
        held=held,
        suggested=suggested,
        ticked=_ticked(standing, suggested),
        scope=[s for s in dossier.suggestions if s.kind is SuggestionKind.SCOPE],
        others=[
            s
            for s in dossier.suggestions
            if s.kind not in (SuggestionKind.SCOPE, SuggestionKind.THEME) and s.chosen
        ],
        standing=standing,
        campaign=code,
        codes=list(campaigns()),
        in_campaign=bool(found),
        allowed=viewer.may("initiatives.edit") and guard.may_decide(viewer, one),
        key=secrets.token_urlsafe(12),
        said=DONE.get(done, ""),
        wrong=wrong,
    )


DONE: Mapping[str, str] = {
    "champ": "Valeur gardée : elle l'emporte désormais sur les sources.",
    "statut": "Décision gardée.",
    "note": "Note gardée.",
    "annulee": "Décision annulée.",
    "defusion": "Les deux initiatives sont de nouveau séparées, et le resteront.",
    "sortie": "L'annonce a quitté cette initiative, et n'y reviendra pas d'elle-même.",
}


def _between(one: Initiative, gone: list[Initiative]) -> tuple[int, int] | None:
    """A pair of announcements by which what was just separated can be put together again."""
    if not gone or not one.mentions or not gone[0].mentions or gone[0].id == one.id:
        return None
    a, b = one.mentions[0], gone[0].mentions[0]
    return min(a, b), max(a, b)


def living(conn: Connection, identity: str) -> str:
    try:
        return initiatives.resolve(conn, identity)
    except Conflict:
        raise NotFound("no such initiative", about=identity[:100]) from None


def _line(
    name: str, one: Initiative, read: Mapping[int, object], titles: Mapping[str, str]
) -> Line:
    value = one.values.get(name)
    mention = read.get(value.mention) if value and value.mention else None
    return Line(
        name=name,
        title=fields.title_of(name),
        kept=value,
        shown=fields.shown(name, value.value) if value else "",
        typed=fields.typed(name, value.value) if value else "",
        why=fields.rule_of(value.rule) if value else "",
        source=titles.get(getattr(mention, "source", ""), ""),
        url=getattr(mention, "url", None),
        others=tuple(fields.shown(name, other) for other in (value.alternatives if value else ())),
        field=fields.BY_NAME.get(name),
    )


def _ticked(standing: Decision | None, suggested: list[Suggestion]) -> set[str]:
    """The themes a person approved, else those proposed."""
    if standing is not None and standing.kind is DecisionKind.APPROVE:
        return {str(one) for one in standing.value.get("themes", ())}
    return {one.value for one in suggested if one.chosen}


def _suggested(dossier: Dossier) -> list[Suggestion]:
    """The proposals of themes, in the order of the founding document."""
    rank = {slug: place for place, slug in enumerate(THEMES)}
    found = [s for s in dossier.suggestions if s.kind is SuggestionKind.THEME]
    return sorted(found, key=lambda s: rank.get(s.value, 99))


def _standing(history: list[Decision], campaign: str) -> Decision | None:
    """The approval or rejection in force in this campaign."""
    undone = {one.undoes for one in history}
    kinds = (DecisionKind.APPROVE, DecisionKind.REJECT)
    found = [
        one
        for one in history
        if one.kind in kinds and one.id not in undone and one.campaign == campaign
    ]
    return found[-1] if found else None


def _steps(history: list[Decision]) -> list[Step]:
    """The decisions, latest first."""
    undone = {one.undoes for one in history if one.undoes}
    by_id = {one.id: one for one in history}
    takable = (DecisionKind.APPROVE, DecisionKind.REJECT, DecisionKind.EDIT, DecisionKind.AWARD)
    return [
        Step(
            one, _words(one, by_id), one.id in undone, one.kind in takable and one.id not in undone
        )
        for one in reversed(history)
    ]


def _words(one: Decision, by_id: Mapping[int, Decision]) -> str:
    if one.kind is DecisionKind.EDIT:
        name = str(one.value.get("field", ""))
        before = one.before.get("value") or {}
        was = fields.shown(name, before.get("value")) if isinstance(before, Mapping) else ""
        now = fields.shown(name, one.value.get("value"))
        return f"{fields.title_of(name)} : « {was or 'rien'} » → « {now or 'rien'} »"
    if one.kind is DecisionKind.APPROVE:
        themes = [THEMES.get(t, str(t)) for t in one.value.get("themes", ())]
        return f"validée ({', '.join(themes) or 'sans thème'})"
    if one.undoes is not None and one.undoes in by_id:
        return f"annulation : {_words(by_id[one.undoes], {})}"
    return FRENCH[one.kind]


# --- changing --------------------------------------------------------------------------------


def opened(conn: Connection, viewer: Viewer, identity: str) -> Initiative:
    """The initiative to decide upon. Raises NotFound, NotAllowed."""
    found = initiatives.get(conn, [living(conn, identity)])
    guard.check(viewer, *found)
    return found[0]


def _version(form: Form) -> int:
    text = str(form.get("version", ""))
    if not text.isdigit() or len(text) > 9:
        raise ReviewError("a form without the version it was shown at; reload the page")
    return int(text)


def _decision(
    viewer: Viewer, form: Form, kind: DecisionKind, house: Here, identity: str, **more: Json
) -> Decision:
    return Decision(
        initiative=identity,
        campaign=campaign_of(form.get("campagne")),
        kind=kind,
        by=viewer.by,
        at=house.clock(),
        motive=str(form.get("motif", "")).strip()[:5000],
        key=more.pop("key", "") or str(form.get("cle", ""))[:200],
        **more,
    )


def back(identity: str, form: Form, done: str, mark: str = "", **more: str) -> Response:
    """The page again, telling what was done."""
    told = query(campagne=str(form.get("campagne", "")), fait=done, **more)
    return RedirectResponse(f"/initiatives/{identity}{told}{mark}", 303)


@router.post("/initiatives/{identity}/champ")
def edit(request: Request, house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """A person's value for a field: it wins over every source, and says so."""
    name = str(form.get("champ", ""))
    field = fields.BY_NAME.get(name)
    if field is None or field.read is None:
        raise ReviewError(f"{name[:40]!r} where a field to edit was expected")
    try:
        values = field.read(str(form.get("valeur", "")))
    except fields.Unfit as error:
        return _page(
            request,
            house,
            viewer,
            identity,
            campagne=str(form.get("campagne", "")),
            wrong=error.french,
            status=400,
        )
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        version: int | None = _version(form)
        for part, value in values.items():
            if value == one.value(part) and (kept := one.values.get(part)) and kept.by_person:
                continue
            key = f"{form.get('cle', '')}:{part}"[:200]
            given = {"field": part, "value": value}
            decision = _decision(
                viewer, form, DecisionKind.EDIT, house, one.id, value=given, key=key
            )
            decisions.add(conn, decision, version=version)
            version = None  # ours from now on: the row is locked until we commit
    return back(one.id, form, "champ", f"#champ-{name}")


@router.post("/initiatives/{identity}/statut")
def judge(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """Register with these themes, or put out of scope, in one campaign."""
    kinds = {"valider": DecisionKind.APPROVE, "ecarter": DecisionKind.REJECT}
    kind = kinds.get(str(form.get("decision", "")))
    if kind is None:
        raise ReviewError("a form without a decision where « valider » or « ecarter » was expected")
    themes = [str(one) for one in form.getlist("theme") if one in THEMES]
    value = {"themes": themes} if kind is DecisionKind.APPROVE else {}
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        decision = _decision(viewer, form, kind, house, one.id, value=value)
        kept = decisions.add(conn, decision, version=_version(form))
        _tell(conn, kept, house)
    return back(one.id, form, "statut")


@router.post("/initiatives/{identity}/note")
def note(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    if not str(form.get("motif", "")).strip():
        return back(identity, form, "", "#historique")
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        decisions.add(conn, _decision(viewer, form, DecisionKind.NOTE, house, one.id))
    return back(one.id, form, "note", "#historique")


@router.post("/initiatives/{identity}/annuler")
def undo(house: Here, viewer: Edit, form: Form, identity: str) -> Response:
    """Take a decision back: what was before comes again, and the sources speak again."""
    number = str(form.get("decision", ""))
    if not number.isdigit() or len(number) > 18:
        raise ReviewError("a form without the decision to undo; reload the page")
    with house.database.begin() as conn:
        one = opened(conn, viewer, identity)
        ids = initiatives.merged_with(conn, [one.id])[one.id]
        undone = next((d for d in decisions.of(conn, ids) if d.id == int(number)), None)
        if undone is None:
            raise NotFound("no such decision about this initiative", about=number)
        decision = Decision(
            initiative=undone.initiative,
            campaign=undone.campaign,
            kind=DecisionKind.UNDO,
            by=viewer.by,
            at=house.clock(),
            undoes=undone.id,
        )
        kept = decisions.add(conn, decision)
        if undone.kind is DecisionKind.EDIT:
            rematch.describe(conn, [one.id], house.clock())
        _tell(conn, kept, house)
    return back(one.id, form, "annulee", "#historique")


def _tell(conn: Connection, decision: Decision, house: Here) -> None:
    payload = {"decision": decision.id, "initiative": decision.initiative}
    outbox.put(
        conn,
        "paat.decisions.recorded",
        resource=decision.campaign,
        now=house.clock(),
        payload=payload,
    )
