"""Duplicates: two announcements side by side, one answer, its effect at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.errors import NotFound, ReviewError
from domain.records import Decision, FieldValue, Initiative, Mention, Reason, Verdict
from domain.statuses import FRENCH, DecisionKind, Relation
from matching import merge, said, score
from matching.score import RELATIONS
from review import fields, guard, rematch
from review.auth import Form, Viewer, may
from review.campaigns import campaign_of
from review.differences import differences
from review.house import Here
from review.menu import Entry
from review.render import query, render
from storage import awards, decisions, initiatives, matches, mentions, models, sources
from storage.db import Connection

router = APIRouter()
MENU = Entry(title="Doublons", path="/doublons", right="duplicates.read", order=20)
_UNSTAMPED = datetime.min.replace(tzinfo=UTC)  # a preview is not kept: its instant is nobody's
LIST = 200  # questions on the first page: the worthiest

ROWS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "titre": ("Titre", ("title",)),
    "dates": ("Dates", ("starts_on", "ends_on")),
    "commune": ("Commune", ("commune_name", "commune_code", "department")),
    "lieu": ("Lieu", ("venue", "address")),
    "porteur": ("Porteur", ("organiser", "organiser_kind")),
    "etat": ("État", ("status",)),
    "description": ("Description", ("description",)),
    "page": ("Page", ("url",)),
}
"""The rows compared: name in the form → French name, the fields it stands for."""

ANSWERS: Mapping[Relation, tuple[str, str, str]] = {
    Relation.SAME: ("m", "Même édition", "une seule initiative, une seule édition"),
    Relation.OTHER_EDITION: ("a", "Autre édition", "même initiative, autre année ou session"),
    Relation.PART_OF: ("s", "L'une fait partie de l'autre", "sous-événement d'un festival"),
    Relation.DIFFERENT: ("x", "Différentes", "deux initiatives, ne plus le demander"),
    Relation.UNSURE: ("i", "Indécidable", "personne ne peut dire, ne plus le demander"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; the spans are what the other side does not have."""

    name: str
    title: str
    left: str
    right: str
    left_spans: list[tuple[int, int]]
    right_spans: list[tuple[int, int]]
    kept: str  # what the merge would keep
    why: str

    @property
    def same(self) -> bool:
        return not self.left_spans and not self.right_spans and bool(self.left) == bool(self.right)


@dataclass(frozen=True, slots=True)
class Side:
    """An announcement and what hangs on its initiative."""

    mention: Mention
    source: str
    initiative: Initiative | None
    decided: int
    held: int  # labels
    allowed: bool


@router.get("/doublons")
def show(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("duplicates.read")],
    fait: str = "",
    a: int = 0,
    b: int = 0,
) -> Response:
    with house.database.begin() as conn:
        asked = matches.questions(conn, LIST)
        told = matches.by_people(conn)
        against = contradictions(told)
        named = {i for q in asked for i in (q.a, q.b)}
        named |= {i for some in against for v in some for i in (v.a, v.b)}
        known = {m.id: m for m in mentions.by_ids(conn, named)}
    pairs = [
        (one, known[one.a], known[one.b], max(one.p, key=lambda r: one.p[r]))
        for one in asked
        if viewer.covers(known[one.a].where.department)
        or viewer.covers(known[one.b].where.department)
    ]
    return render(
        request,
        "duplicates.html",
        pairs=pairs,
        contradictions=[
            some
            for some in against
            if any(viewer.covers(known[i].where.department) for v in some for i in (v.a, v.b))
        ],
        known=known,
        said=_said(fait),
        done=(a, b),
        most=LIST,
    )


def contradictions(told: Sequence[Verdict]) -> list[tuple[Verdict, ...]]:
    """The answers that contradict each other: one that tells a pair apart, then those that tie it
    together, one step after the other. Nothing is merged by them until one is changed."""
    numbers = {relation: k for k, relation in enumerate(RELATIONS)}
    links: dict[int, list[tuple[int, int]]] = defaultdict(list)
    of_pair: dict[tuple[int, int], list[Verdict]] = defaultdict(list)
    for one in told:
        if one.relation in numbers:
            links[numbers[one.relation]].append((one.a, one.b))
            of_pair[one.a, one.b].append(one)
    found = []
    for way in said.contradictions(links):
        steps = [(min(pair), max(pair)) for pair in pairwise(way)]
        ends = (way[0], way[-1])
        pairs = [ends] if steps == [ends] else [ends, *steps]
        found.append(tuple(one for pair in pairs for one in of_pair[pair]))
    return found


@router.get("/doublons/suivant")
def following(house: Here, viewer: Annotated[Viewer, may("duplicates.read")]) -> Response:
    """The worthiest question of the person's territory, or the list when none is left."""
    return RedirectResponse(_next(house, viewer), 303)


@router.get("/doublons/{a}/{b}")
def compare(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("duplicates.read")],
    a: int,
    b: int,
    tout: str = "",
    fait: str = "",
    de: str = "",
) -> Response:
    a, b = min(a, b), max(a, b)
    with house.database.begin() as conn:
        left, right = _side(conn, viewer, a), _side(conn, viewer, b)
        question = matches.question(conn, a, b)
        history = matches.history(conn, a, b)
        holds = matches.between(conn, [a, b])
        rows = _rows(conn, left, right)
        reasons = question.reasons if question else _seen(conn, left.mention, right.mention)
    hidden = sum(row.same for row in rows)
    return render(
        request,
        "compare.html",
        left=left,
        right=right,
        rows=[row for row in rows if tout or not row.same],
        hidden=0 if tout else hidden,
        question=question,
        reasons=reasons,
        history=history,
        holds={one.id for one in holds},
        mine=next((one for one in holds if one.by == viewer.by), None),
        answers=ANSWERS,
        together=_together(left, right),
        allowed=viewer.may("duplicates.decide") and (left.allowed or right.allowed),
        mode=viewer.account.preferences.get("keys_mode", "letters"),
        said=_said(fait),
        last=de if de.count("-") == 1 and de.replace("-", "").isdigit() else "",
    )


@router.post("/doublons/{a}/{b}")
def decide(
    house: Here, viewer: Annotated[Viewer, may("duplicates.decide")], form: Form, a: int, b: int
) -> Response:
    """Keep the answer, place both announcements accordingly, keep the values chosen: at once."""
    a, b = min(a, b), max(a, b)
    try:
        relation = Relation(str(form.get("reponse", "")))
    except ValueError:
        raise ReviewError("a form without an answer where one of the five was expected") from None
    now = house.clock()
    verdict = Verdict(
        a=a, b=b, relation=relation, by=viewer.by, at=now, note=str(form.get("note", ""))[:2000]
    )
    with house.database.begin() as conn:
        left, right = _side(conn, viewer, a), _side(conn, viewer, b)
        guard.check(
            viewer, *(one.initiative for one in (left, right) if one.initiative is not None)
        )
        rematch.say(conn, house, [verdict])
        if relation is Relation.SAME:
            _keep_chosen(conn, viewer, form, left.mention, right.mention, now=now)
    return RedirectResponse(_next(house, viewer, fait=relation.value, de=f"{a}-{b}"), 303)


@router.post("/doublons/{a}/{b}/retirer")
def take_back(
    house: Here, viewer: Annotated[Viewer, may("duplicates.decide")], a: int, b: int
) -> Response:
    """As if the person had not answered: both announcements, and the question, as before."""
    a, b = min(a, b), max(a, b)
    with house.database.begin() as conn:
        sides = _side(conn, viewer, a), _side(conn, viewer, b)
        guard.check(viewer, *(one.initiative for one in sides if one.initiative is not None))
        rematch.take_back(conn, house, (a, b), viewer.by)
    return RedirectResponse(f"/doublons/{a}/{b}{query(fait='retiree')}", 303)


def _next(house: Here, viewer: Viewer, **more: str) -> str:
    with house.database.begin() as conn:
        for one in matches.questions(conn, LIST):
            ends = mentions.by_ids(conn, [one.a, one.b])
            if any(viewer.covers(end.where.department) for end in ends):
                return f"/doublons/{one.a}/{one.b}{query(**more)}"
    return f"/doublons{query(**more)}"


def _side(conn: Connection, viewer: Viewer, identity: int) -> Side:
    found = mentions.by_ids(conn, [identity])
    if not found:
        raise NotFound("no such announcement", about=str(identity))
    [mention] = found
    home = next(iter(initiatives.by_mentions(conn, [identity])), None)
    ids = [] if home is None else initiatives.merged_with(conn, [home.id])[home.id]
    source = sources.known(conn, [mention.source]).get(mention.source)
    return Side(
        mention=mention,
        source=source.title if source else mention.source,
        initiative=home,
        decided=len(decisions.of(conn, ids)),
        held=len(awards.of(conn, ids)),
        allowed=home is None or guard.may_decide(viewer, home),
    )


def _seen(conn: Connection, left: Mention, right: Mention) -> tuple[Reason, ...]:
    """What the machine sees of a pair that it did not ask about."""
    kept = models.active(conn, "matching")
    [found] = score.judge([(left, right)], score.in_use(kept and kept.payload))
    return found.reasons


def _together(left: Side, right: Side) -> bool:
    """Whether both are in one initiative already."""
    if left.initiative is None or right.initiative is None:
        return False
    return left.initiative.id == right.initiative.id


def _rows(conn: Connection, left: Side, right: Side) -> list[Row]:
    """Field by field, with what a merge of both initiatives would keep."""
    homes = [one.initiative for one in (left, right) if one.initiative is not None]
    members = {m for home in homes for m in home.mentions} | {left.mention.id, right.mention.id}
    kept = {name: value for home in reversed(homes) for name, value in home.values.items()}
    everyone = mentions.by_ids(conn, members)
    whole = merge.golden(everyone, kept, now=_UNSTAMPED)
    ours = {name: one.value for name, one in _read(left.mention).items()}
    theirs = {name: one.value for name, one in _read(right.mention).items()}
    rows = []
    for name, (title, parts) in ROWS.items():
        a, b = _text(parts, ours), _text(parts, theirs)
        spans = differences(a, b)
        value = whole.get(parts[0])
        rows.append(
            Row(
                name=name,
                title=title,
                left=a,
                right=b,
                left_spans=spans[0],
                right_spans=spans[1],
                kept=_text(parts, {n: one.value for n, one in whole.items()}),
                why=fields.rule_of(value.rule) if value else "",
            )
        )
    return rows


def _read(mention: Mention) -> dict[str, FieldValue]:
    """What one announcement says, field by field."""
    return merge.golden([mention], {}, now=_UNSTAMPED)


def _text(parts: tuple[str, ...], values: Mapping[str, object]) -> str:
    names = ("commune_name", "department") if "commune_code" in parts else parts
    texts = [fields.shown(name, values.get(name)) for name in names]
    if parts == ("starts_on", "ends_on"):
        texts = list(dict.fromkeys(texts))
    if "commune_code" in parts and all(texts):
        return f"{texts[0]} ({texts[1]})"
    return (" au " if parts[0] == "starts_on" else ", ").join(one for one in texts if one)


def _keep_chosen(
    conn: Connection, viewer: Viewer, form: Form, a: Mention, b: Mention, *, now: datetime
) -> None:
    """The values picked by hand become values of the person."""
    [home] = initiatives.by_mentions(conn, [a.id])
    for name, (_, parts) in ROWS.items():
        picked = {"gauche": a, "droite": b}.get(str(form.get(f"garder-{name}", "")))
        if picked is None:
            continue
        values = _read(picked)
        for part in parts:
            value = values[part].value if part in values else None
            if value == home.value(part):
                continue
            decisions.add(
                conn,
                Decision(
                    initiative=home.id,
                    campaign=campaign_of(form.get("campagne")),
                    kind=DecisionKind.EDIT,
                    by=viewer.by,
                    at=now,
                    value={"field": part, "value": value},
                    motive="valeur choisie au rapprochement",
                ),
            )


def _said(done: str) -> str:
    if done == "retiree":
        return "Réponse retirée : tout est comme si vous n'aviez pas répondu."
    return f"Réponse gardée : {FRENCH[Relation(done)]}." if done in set(Relation) else ""
