"""« Why is my event not there? »: paste an address or a title, and know where it stopped."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from domain.campaigns import campaigns
from domain.records import Initiative, Source, SourceState
from domain.statuses import InitiativeStatus, ScopeAnswer, SuggestionKind
from review.auth import Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import render
from storage import initiatives, mentions, seen, sources, suggestions
from storage.db import Connection
from storage.mentions import Found

router = APIRouter()
MENU = Entry(title="Pourquoi ?", path="/pourquoi", right="search", order=60)
MOST = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one announcement, in French."""

    title: str
    url: str | None
    source: str
    slug: str
    words: str
    tag: str  # good, warn, bad
    initiative: str | None = None


@router.get("/pourquoi")
def ask(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("search")],
    quoi: str = "",
    titre: str = "",
) -> Response:
    text = (quoi or titre).strip()[:2000]
    answers: list[Answer] = []
    site: list[tuple[Source, SourceState]] = []
    if text:
        with house.database.begin() as conn:
            url = text if _is_url(text) else ""
            titles = {slug: one.title for slug, one in sources.known(conn).items()}
            answers = [*_read(conn, text, url, titles), *_stopped(conn, text, url, titles)]
            if url:
                slugs = seen.followed(conn, url)
                known, states = sources.known(conn, slugs), sources.states(conn, slugs)
                site = [(known[slug], states[slug]) for slug in slugs if slug in states]
    return render(
        request, "why.html", text=text, url=_is_url(text), answers=answers, site=site, most=MOST
    )


def _is_url(text: str) -> bool:
    head = text.lower()
    bare = " " not in text and "." in text.split("/")[0] and "/" in text
    return head.startswith(("http://", "https://", "www.")) or bare


def _read(conn: Connection, text: str, url: str, titles: dict[str, str]) -> list[Answer]:
    """Announcements that were read: waiting, placed, merged, rejected."""
    found = mentions.find(conn, url=url or None, title=None if url else text, limit=MOST)
    homes = {one.initiative for one in found if one.initiative}
    whole = {one.id: one for one in initiatives.get(conn, homes)}
    why = seen.rejections(conn, homes)
    out = _judged_out(conn, homes)
    return [_answer(one, titles, whole, why, out) for one in found]


def _judged_out(conn: Connection, homes: set[str]) -> dict[str, str]:
    """initiative → why the machine thinks it is out of scope, campaign by campaign."""
    told: dict[str, list[str]] = {}
    for code in campaigns():
        for one in suggestions.of(conn, homes, campaign=code):
            if one.kind is SuggestionKind.SCOPE and one.chosen and one.value == ScopeAnswer.OUT:
                against = [r.text for r in one.reasons if r.weight < 0][:2]
                because = f" ({' ; '.join(against)})" if against else ""
                told.setdefault(one.initiative, []).append(f"{code}{because}")
    return {name: ", ".join(some) for name, some in told.items()}


def _answer(
    one: Found,
    titles: dict[str, str],
    whole: dict[str, Initiative],
    why: dict[str, tuple[str, str]],
    out: dict[str, str],
) -> Answer:
    words, tag = "Lue, pas encore rapprochée des autres : le prochain passage s'en charge.", "warn"
    home = whole.get(one.initiative or "")
    if one.status is not None and home is not None:
        others = len(home.mentions) - 1
        shown = str(home.value("title") or "")
        words, tag = _STATUS[one.status]
        if others:
            words += f" Elle y est réunie avec {others} autre{'s' if others > 1 else ''} annonce"
            words += f"{'s' if others > 1 else ''}, sous le titre « {shown} »."
        if home.id in out and one.status in (InitiativeStatus.WAITING, InitiativeStatus.REOPENED):
            words += f" La machine la juge hors champ de {out[home.id]} : une personne tranchera."
        if one.status is InitiativeStatus.REJECTED and one.initiative in why:
            code, motive = why[one.initiative]
            words += f" Campagne {code}{f' : {motive}' if motive else ', sans motif écrit'}."
    return Answer(
        title=one.mention.title,
        url=one.mention.url,
        source=titles.get(one.mention.source, one.mention.source),
        slug=one.mention.source,
        words=words,
        tag=tag,
        initiative=one.initiative,
    )


_STATUS = {
    InitiativeStatus.WAITING: ("Elle est là, et attend qu'une personne la relise.", "warn"),
    InitiativeStatus.REGISTERED: ("Elle est recensée.", "good"),
    InitiativeStatus.REJECTED: ("Une personne l'a jugée hors champ.", "bad"),
    InitiativeStatus.REOPENED: (
        "Elle est à revoir : sa source a changé après une décision.",
        "warn",
    ),
}


def _stopped(conn: Connection, text: str, url: str, titles: dict[str, str]) -> list[Answer]:
    return [
        Answer(
            title=one.title or one.key[:120],
            url=None,
            source=titles.get(one.source, one.source),
            slug=one.source,
            words=f"Mise en quarantaine : {one.why}"
            if one.why
            else "Collectée, pas encore lue : le prochain passage la lira.",
            tag="bad" if one.why else "warn",
        )
        for one in seen.stopped(conn, url=url, title="" if url else text, limit=MOST)
    ]
