"""A pair: two announcements side by side, one answer, its effect at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from domain.errors import NotFound, ReviewError
from domain.records import Decision, FieldValue, Initiative, Mention, Verdict
from domain.statuses import DecisionKind, Relation
from matching import merge, score
from review import fields, guard, pairs, rematch
from review.auth import Form, Viewer, may
from review.campaigns import campaign_of
from review.differences import differences
from review.editions import when
from review.house import Here
from review.pages.duplicates import address
from review.render import render
from storage import awards, decisions, initiatives, matches, mentions, models, sources
from storage.db import Connection

router = APIRouter()
_UNSTAMPED = datetime.min.replace(tzinfo=UTC)  # a preview is not kept: its instant is nobody's
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

WITHDRAWN = "retiree"
ANSWERS: Mapping[Relation, tuple[str, str, str]] = {
    Relation.SAME: (
        "m",
        "Même édition",
        "une seule initiative, une seule édition, avec tout ce qui est déjà réuni à chacune",
    ),
    Relation.OTHER_EDITION: ("a", "Autre édition", "même initiative, autre année ou session"),
    Relation.PART_OF: (
        "s",
        "L'une fait partie de l'autre",
        "même initiative, l'une sous-événement de l'autre (le festival est le plus long)",
    ),
    Relation.DIFFERENT: ("x", "Différentes", "deux initiatives, pour toujours ; plus demandé"),
    Relation.UNSURE: ("i", "Indécidable", "personne ne peut dire ; plus demandé"),
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
        asked = matches.question(conn, a, b)
        thought = _thought(conn, left.mention, right.mention)
        history = matches.history(conn, a, b)
        holding = matches.between(conn, [a, b])
        rows = _rows(conn, left, right)
        waiting = [(q.a, q.b) for q, _, _ in pairs.asked(conn, viewer)]
        last = pairs.answered(conn, de, fait)
        against = pairs.against(conn, (a, b))
        named = {i for some in against for one in some for i in (one.a, one.b)}
        known = {m.id: m for m in mentions.by_ids(conn, named)}
    homes = {one.id: one for one in (left.initiative, right.initiative) if one is not None}
    hidden = sum(row.same for row in rows)
    return render(
        request,
        "compare.html",
        left=left,
        right=right,
        rows=[row for row in rows if tout or not row.same],
        hidden=0 if tout else hidden,
        reasons=thought.reasons,
        likely=pairs.likely(asked.p if asked else thought.p),
        history=history,
        holding={one.id for one in holding},
        mine=next((one for one in holding if one.by == viewer.by), None),
        withdrawn=fait == WITHDRAWN,
        answers=ANSWERS,
        stand=pairs.stand([*homes.values()], a, b),
        together=len(homes) == 1 and left.initiative is not None and right.initiative is not None,
        undated=_undated(left) or _undated(right),
        against=against,
        known=known,
        rank=waiting.index((a, b)) + 1 if (a, b) in waiting else 0,
        waiting=len(waiting),
        most=pairs.LIST,
        allowed=viewer.may("duplicates.decide") and left.allowed and right.allowed,
        mode=viewer.account.preferences.get("keys_mode", "letters"),
        last=last,
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
        after = pairs.following(pairs.asked(conn, viewer), (a, b))
        rematch.say(conn, house, [verdict])
        if relation is Relation.SAME:
            _keep_chosen(conn, viewer, form, left.mention, right.mention, now=now)
        waiting = {(q.a, q.b) for q, _, _ in pairs.asked(conn, viewer)}
    following = next((pair for pair in after if pair in waiting), None)
    return RedirectResponse(address(following, fait=relation.value, de=f"{a}-{b}"), 303)


@router.post("/doublons/{a}/{b}/retirer")
def take_back(
    house: Here, viewer: Annotated[Viewer, may("duplicates.decide")], a: int, b: int
) -> Response:
    """As if the person had not answered: both announcements, and the question, as before."""
    pair = min(a, b), max(a, b)
    with house.database.begin() as conn:
        sides = [_side(conn, viewer, end) for end in pair]
        guard.check(viewer, *(one.initiative for one in sides if one.initiative is not None))
        rematch.take_back(conn, house, pair, viewer.by)
    return RedirectResponse(address(pair, fait=WITHDRAWN), 303)


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


def _thought(conn: Connection, left: Mention, right: Mention) -> score.Judgement:
    """What the machine thinks of these two by themselves, and why."""
    kept = models.active(conn, "matching")
    [found] = score.judge([(left, right)], score.in_use(kept and kept.payload))
    return found


def _undated(side: Side) -> tuple[str, list[str]] | None:
    """An announcement of no edition in particular, by its title, and the editions it may be of."""
    home = side.initiative
    if home is None or side.mention.id not in home.undated:
        return None
    spoken = [one for one in home.editions if one.mentions]
    return side.mention.title, [when(one.occurrences) or one.label for one in spoken]


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
