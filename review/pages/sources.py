"""Sources: how each one is, what its visits gave, pausing, hurrying; trying and adding one."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from collectors import http, load
from collectors.discovery.discover import source_of
from collectors.kinds import kinds
from collectors.upkeep import health, yields
from domain import territory
from domain.campaigns import campaigns
from domain.errors import ConfigError, NotFound
from domain.records import Json, Source, SourceState, Visit
from domain.statuses import FRENCH, Identity, Outcome, Publisher, SourceHealth
from review import preview
from review.auth import Form, Viewer, may
from review.house import Here
from review.menu import Entry
from review.render import query, render
from storage import accounts, outbox, sources
from storage import aside as quarantine

router = APIRouter()
MENU = Entry(title="Sources", path="/sources", right="sources.read", order=50)
Manage = Annotated[Viewer, may("sources.manage")]

PUBLISHERS = {
    Publisher.ORGANISER: "le porteur lui-même",
    Publisher.TOWN: "une commune ou intercommunalité",
    Publisher.STATE: "un service de l'État",
    Publisher.AGENDA: "un agenda",
    Publisher.PRESS: "la presse",
    Publisher.FUNDER: "un financeur",
}
_WORST = [
    SourceHealth.GONE,
    SourceHealth.BLOCKED,
    SourceHealth.DORMANT,
    SourceHealth.FAILING,
    SourceHealth.DEGRADED,
    SourceHealth.OK,
    SourceHealth.PAUSED,
]
_SAID = {
    "pause": "La source est en pause : rien n'y sera lu jusqu'à sa reprise.",
    "reprise": "La source reprend : elle sera lue au prochain passage.",
    "reessai": "La source sera lue dès le prochain passage (personne n'en lance d'ici) ; voici ce "
    "qu'elle répond maintenant.",
    "reessai-vu": "Un passage de cette source est lancé : il apparaîtra ci-dessous dans un "
    "instant. Voici ce qu'elle répond.",
    "confiance": "Ses identifiants sont crus de nouveau, jusqu'à preuve du contraire.",
    "relecture": "Ce qui est de côté sera relu au prochain passage.",
    "ajout": "La source est ajoutée : elle sera lue au prochain passage.",
}


def said(done: str, *, awake: bool) -> str:
    """What was just done, in French; `awake`: someone does at once what is asked (create_app)."""
    return _SAID.get(f"{done}-vu" if awake else done) or _SAID.get(done, "")


@dataclass(frozen=True, slots=True)
class Bar:
    """One visit of a source, as tall as what it gave."""

    height: int  # 1 to 6
    look: str = ""  # same: unchanged since the one before; bad: failed


@dataclass(frozen=True, slots=True)
class Line:
    source: Source
    state: SourceState
    visits: Sequence[Visit]  # newest first
    tasks: Sequence[str] = ()  # what a person has to do

    @property
    def bars(self) -> list[Bar]:
        return bars(self.visits)

    @property
    def gave(self) -> str:
        """What its last visit gave, in French."""
        if not self.visits:
            return "aucun"
        last = self.visits[0]
        count = yields.given(last)
        if last.outcome is Outcome.UNCHANGED:
            return "inchangée"
        if last.outcome is not Outcome.OK and not count:
            return "échec"
        return f"{count} annonce{'s' if count > 1 else ''}"


def bars(visits: Sequence[Visit]) -> list[Bar]:
    """The visits, newest first, as bars from the oldest on. An unchanged page still gives what it
    gave before."""
    most = max(map(yields.given, visits), default=0) or 1
    found: list[Bar] = []
    height = 1
    for one in reversed(visits):
        count = yields.given(one)
        if one.outcome is Outcome.UNCHANGED:
            found.append(Bar(height, "same"))
        elif one.outcome is Outcome.OK:
            height = 1 + round(5 * count / most)
            found.append(Bar(height))
        else:
            found.append(Bar(1 + round(5 * count / most), "bad"))
    return found


@router.get("/sources")
def show(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("sources.read")],
    fait: str = "",
) -> Response:
    with house.database.begin() as conn:
        known = sources.known(conn)
        states = sources.states(conn)
        visits = sources.recent_visits(conn)
    lines = [
        Line(
            one,
            states[slug],
            visits.get(slug, ()),
            health.tasks(one, states[slug], now=house.clock()),
        )
        for slug, one in known.items()
        if slug in states
    ]
    # What waits for a person first, then the worst health.
    lines.sort(key=lambda one: (not one.tasks, _WORST.index(one.state.health), one.source.title))
    ill = [one for one in lines if _ill(one)]
    return render(
        request,
        "sources.html",
        ill=ill,
        well=[one for one in lines if not _ill(one)],
        said=_SAID.get(fait, ""),
        kinds=preview.KINDS,
    )


def _ill(line: Line) -> bool:
    ill = line.state.health not in (SourceHealth.OK, SourceHealth.PAUSED)
    return ill or bool((line.state.last_why or line.tasks) and not line.state.paused)


# The address of the preview comes before that of a source: « apercu » is no slug.
@router.get("/sources/apercu")
def propose(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("sources.preview")],
    url: str = "",
    type: str = "",
    titre: str = "",
    reglages: str = "",
) -> Response:
    """Try an address, or another candidate found there (its kind and options); nothing is kept."""
    address = url.strip()[:2000]
    if address and not re.match(r"[a-zA-Z][a-zA-Z+.-]*:(?!\d)", address):
        address = f"https://{address}"
    wrong = _bad_address(address) if address else ""
    found, twin, around = None, None, None
    if address and not wrong:
        source = Source(slug="essai", title=titre or address, kind="page", url=address)
        if type in kinds():
            options = preview.options_of(type, reglages)
            source = replace(source, kind=type, options=options)
        else:
            around = preview.look_around(house, address)
            if around.best is not None:
                source = source_of(around.best, slug="essai", title=titre, department=None)
            titre = titre or around.title
        if around is None or around.best is not None:
            found = preview.try_source(house, source)
        with house.database.begin() as conn:
            same = (address, source.url)
            twin = next((s for s in sources.known(conn).values() if s.url in same), None)
    return render(
        request,
        "source_preview.html",
        url=address or url,
        titre=titre,
        found=found,
        around=around,
        options=json.dumps(dict(found.source.options)) if found else "{}",
        twin=twin,
        wrong=wrong,
        kinds=preview.KINDS,
        publishers=PUBLISHERS,
        codes=list(campaigns()),
        departments={
            code: territory.department_name(code)
            for code in sorted({d for one in campaigns().values() for d in one.departments})
        },
    )


def _bad_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        fine = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        )
    except ValueError:
        fine = False
    return "" if fine else "Donnez une adresse publique qui commence par http:// ou https://."


@router.post("/sources/ajouter")
def add(house: Here, viewer: Manage, form: Form) -> Response:
    """Keep a source tried before; the next passage visits it."""
    url, title = str(form.get("url", "")).strip(), str(form.get("titre", "")).strip()[:200]
    if _bad_address(url) or not title:
        raise ConfigError("a title and an address were expected; try the source again")
    try:
        options = json.loads(str(form.get("options", "")) or "{}")
    except ValueError as error:
        raise ConfigError("options that are not JSON; try the source again") from error
    block: dict[str, Json] = {
        "slug": preview.slug_of(title, url),
        "title": title,
        "kind": str(form.get("type", "")),
        "url": url,
        "publisher": str(form.get("editeur", Publisher.AGENDA)),
        "options": options,
    }
    if department := territory.department(str(form.get("departement", ""))):
        block["department"] = department
    source = load.read_block(block, about="formulaire")  # the checks of a file's block
    with house.database.begin() as conn:
        sources.add(conn, source, viewer.by)
        accounts.audit(conn, viewer.by, "source.added", house.clock(), about=source.slug)
    return RedirectResponse(f"/sources/{source.slug}{query(fait='ajout')}", 303)


@router.get("/sources/{slug}")
def one(
    request: Request,
    house: Here,
    viewer: Annotated[Viewer, may("sources.read")],
    slug: str,
    fait: str = "",
) -> Response:
    with house.database.begin() as conn:
        source, state = _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        visits = sources.visits(conn, slug, limit=40)
        aside = quarantine.everything(conn, slug, limit=50)
        former = sources.former_addresses(conn, slug)
    now_gives = None
    if fait == "reessai" and viewer.may("sources.retry") and source.enabled:
        now_gives = preview.try_source(house, source)
    return render(
        request,
        "source.html",
        source=source,
        state=state,
        visits=visits,
        aside=aside,
        former=former,
        recognised=_recognised(state),
        tasks=health.tasks(
            source,
            state,
            now=house.clock(),
            place=load.place_of(house.settings.sources, slug),
        ),
        p95=http.percentile([v.response_ms for v in visits if v.response_ms is not None], 0.95),
        fields=[
            (yields.FIELDS[code][0], share)
            for code, share in state.memory.fill.items()
            if code in yields.FIELDS and share.usual >= 0.01
        ],
        now_gives=now_gives,
        said=said(fait, awake=request.app.state.awake),
        kind=preview.KINDS.get(source.kind, source.kind),
        publisher=PUBLISHERS.get(source.publisher, source.publisher.value),
    )


def _recognised(state: SourceState) -> str:
    """By what its announcements are recognised, when its identifiers do not hold."""
    if "policy" not in state.identity:
        return ""
    by = FRENCH[Identity(state.identity["policy"])]
    return f"Ses annonces sont reconnues par {by} : {state.identity.get('why', '')}."


def _found(
    known: dict[str, Source], states: dict[str, SourceState], slug: str
) -> tuple[Source, SourceState]:
    if slug not in known or slug not in states:
        raise NotFound("no such source", about=slug[:80])
    return known[slug], states[slug]


@router.post("/sources/{slug}/reessayer")
def retry(house: Here, viewer: Annotated[Viewer, may("sources.retry")], slug: str) -> Response:
    """Due at once for the next passage; what it answers now is shown."""
    with house.database.begin() as conn:
        _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        sources.hurry(conn, slug)
        outbox.put(conn, "paat.source.hurried", resource=slug, now=house.clock())
    return RedirectResponse(f"/sources/{slug}{query(fait='reessai')}", 303)


@router.post("/sources/{slug}/relire")
def read_again(house: Here, viewer: Annotated[Viewer, may("sources.retry")], slug: str) -> Response:
    """What is put aside is read again by the next passage, its pages asked anew."""
    with house.database.begin() as conn:
        _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        quarantine.retry(conn, slug)
        sources.hurry(conn, slug, anew=True)
        outbox.put(conn, "paat.source.hurried", resource=slug, now=house.clock())
    return RedirectResponse(f"/sources/{slug}{query(fait='relecture')}", 303)


@router.post("/sources/{slug}/confiance")
def trust(house: Here, viewer: Manage, slug: str) -> Response:
    """Its identifiers are believed again; what is known stays known."""
    with house.database.begin() as conn:
        _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        sources.trust(conn, slug)
        accounts.audit(conn, viewer.by, "source.trusted", house.clock(), about=slug)
    return RedirectResponse(f"/sources/{slug}{query(fait='confiance')}", 303)


@router.post("/sources/{slug}/pause")
def pause(house: Here, viewer: Manage, slug: str) -> Response:
    with house.database.begin() as conn:
        _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        sources.pause(conn, slug)
        accounts.audit(conn, viewer.by, "source.paused", house.clock(), about=slug)
    return RedirectResponse(f"/sources/{slug}{query(fait='pause')}", 303)


@router.post("/sources/{slug}/reprendre")
def resume(house: Here, viewer: Manage, slug: str) -> Response:
    with house.database.begin() as conn:
        _found(sources.known(conn, [slug]), sources.states(conn, [slug]), slug)
        sources.resume(conn, slug)
        accounts.audit(conn, viewer.by, "source.resumed", house.clock(), about=slug)
    return RedirectResponse(f"/sources/{slug}{query(fait='reprise')}", 303)
