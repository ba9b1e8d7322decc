"""« Why is my event not there? »: paste an address or a title, and know where it stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from census import rows
from collectors.items import WITHDRAWN
from domain.campaigns import campaigns
from domain.records import Initiative, Source, SourceState
from domain.statuses import InitiativeStatus, SourceHealth
from domain.times import paris_day
from review.auth import Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import render
from storage import dossiers, initiatives, mentions, seen, sources
from storage.db import Connection
from storage.mentions import Found

router = APIRouter()
MENU = Entry(title="Pourquoi ?", path="/pourquoi", right="search", order=60)
MOST = 20
_READ = (SourceHealth.OK, SourceHealth.DEGRADED)


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
    campaigns: tuple[tuple[str, str], ...] = ()  # title, why it is not in its census ("" = it is)


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
    ill = 0
    if text:
        with house.database.begin() as conn:
            url = text if _is_url(text) else ""
            titles = {slug: one.title for slug, one in sources.known(conn).items()}
            today = paris_day(house.clock())
            read = _read(conn, text, url, titles, today=today)
            answers = [*read, *_stopped(conn, text, url, titles)]
            if url:
                slugs = seen.followed(conn, url)
                known, states = sources.known(conn, slugs), sources.states(conn, slugs)
                site = [(known[slug], states[slug]) for slug in slugs if slug in states]
            elif not answers:
                ill = sum(one.health not in _READ for one in sources.states(conn).values())
    return render(
        request,
        "why.html",
        text=text,
        url=_is_url(text),
        answers=answers,
        site=site,
        most=MOST,
        ill=ill,
    )


def _is_url(text: str) -> bool:
    head = text.lower()
    bare = " " not in text and "." in text.split("/")[0] and "/" in text
    return head.startswith(("http://", "https://", "www.")) or bare


def _read(
    conn: Connection, text: str, url: str, titles: dict[str, str], *, today: date
) -> list[Answer]:
    """Announcements that were read: waiting, placed, merged, rejected."""
    found = mentions.find(conn, url=url or None, title=None if url else text, limit=MOST)
    homes = {one.initiative for one in found if one.initiative}
    whole = {one.id: one for one in initiatives.get(conn, homes)}
    census = _census(conn, sorted(homes), today)
    return [_answer(one, titles, whole, census) for one in found]


def _census(
    conn: Connection, homes: Sequence[str], today: date
) -> dict[str, list[tuple[str, str]]]:
    """initiative → for each open campaign that may hold it, why its census does not."""
    told: dict[str, list[tuple[str, str]]] = {}
    for one in campaigns().values():
        for dossier in dossiers.dossiers(conn, one.code, ids=homes):
            why = rows.left_out(rows.Entry(dossier=dossier, campaign=one, today=today))
            told.setdefault(dossier.initiative.id, []).append((one.title, why))
    return told


def _answer(
    one: Found,
    titles: dict[str, str],
    whole: dict[str, Initiative],
    census: dict[str, list[tuple[str, str]]],
) -> Answer:
    words, tag = "Lue, pas encore rapprochée des autres : le prochain passage s'en charge.", "warn"
    home = whole.get(one.initiative or "")
    if one.status is not None and home is not None:
        others = len(home.mentions) - 1
        words, tag = _STATUS[one.status]
        if others:
            words += f" Elle y est réunie avec {others} autre{'s' if others > 1 else ''} annonce"
            words += f"{'s' if others > 1 else ''}, sous le titre « {home.value('title') or ''} »."
        if WITHDRAWN in one.mention.details.get("tags", ()):
            words += " Sa source l'a retirée depuis : elle est gardée, comme annulée."
    return Answer(
        title=one.mention.title,
        url=one.mention.url,
        source=titles.get(one.mention.source, one.mention.source),
        slug=one.mention.source,
        words=words,
        tag=tag,
        initiative=one.initiative,
        campaigns=tuple(census.get(one.initiative or "", ())),
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
