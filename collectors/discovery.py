"""From any address, what could be collected there, and what each way would really give.

`discover` reads the page, follows the best of what it names (page_links) and a few usual places,
visits each as the kind it would be, within a budget of requests, and orders them. It has the
manners of any visit: robots.txt, one request at a time and a delay per host.
"""

import asyncio
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ParamSpec, TypeVar, Unpack
from urllib.parse import urljoin, urlsplit

from collectors import guess
from collectors.client import Client
from collectors.collect import visit_through
from collectors.decoding import decode
from collectors.http import How, Page, Tally
from collectors.page_links import Candidate, find_links, page_title
from collectors.session import Session
from domain.errors import CollectError, Unreachable
from domain.records import Json, RawItem, Source

P = ParamSpec("P")
R = TypeVar("R")

BUDGET = 18  # requests to one site in all, robots.txt aside
EACH = 3  # requests to try one candidate: a list and two of its pages
_PRIOR = {  # what a kind is worth before anything is read: how sure its dates and places are
    "events_calendar": 40.0,
    "openagenda": 38.0,
    "calendar": 34.0,
    "opendatasoft": 32.0,
    "journal_officiel": 25.0,
    "page": 24.0,
    "feed": 20.0,
    "wordpress": 19.0,
    "table": 14.0,
    "action_sheet": 14.0,
    "helloasso": 12.0,
    "json_api": 10.0,
    "sitemap": 8.0,
}
_PROBED: dict[str, dict[str, Json]] = {  # options of the trial only, never written down
    "page": {"max_pages": 1, "max_details": 2},
    "sitemap": {"max_details": 2},
    "wordpress": {"max_pages": 1},
    "events_calendar": {"max_pages": 1},
    "opendatasoft": {"max_records": 100},
}
_USUAL = (("feed", "feed/"), ("feed", "rss.xml"), ("feed", "spip.php?page=backend"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an address gives: `candidates`, the best first; `why`, when it cannot be read."""

    url: str
    title: str = ""
    candidates: tuple[Candidate, ...] = ()
    requests: int = 0
    why: str = ""

    @property
    def best(self) -> Candidate | None:
        """The one to propose: readable now, and giving something."""
        ready = (one for one in self.candidates if not one.needs and one.count)
        return next(ready, None)


async def discover(url: str, client: Client, *, budget: int = BUDGET) -> Discovery:
    """What could be collected from that address. Never raises for what the site does."""
    shared = _Shared(left=budget)
    try:
        page = await _Bounded(client.session(_source("page", url)), shared, each=1).get(url)
    except CollectError as error:
        return Discovery(url=url, requests=shared.asked, why=f"{error.message}. {error.french}")
    named = _named(page, url)
    tried: list[Candidate] = []
    for one in sorted(named, key=lambda c: -_PRIOR.get(c.kind, 0)):
        tried.append(one if one.needs else await _try(one, client, shared))
    if not any(one.kind == "feed" and one.count for one in tried) and _is_page(page):
        tried += await _usual(url, client, shared, known={one.url for one in tried})
    order = sorted((_scored(one) for one in tried), key=lambda c: -c.score)
    return Discovery(
        url=url,
        title=page_title(decode(page.body, page.content_type).text) if _is_page(page) else "",
        candidates=tuple(order),
        requests=shared.asked,
    )


async def discover_all(urls: Sequence[str], client: Client) -> list[Discovery]:
    """One discovery an address, in their order; hosts go together, one host's one by one."""
    found: dict[int, Discovery] = {}
    hosts: dict[str, list[int]] = {}
    for number, url in enumerate(urls):
        hosts.setdefault(urlsplit(url).hostname or url, []).append(number)
    slots = asyncio.Semaphore(client.settings.concurrency)

    async def one_host(numbers: Sequence[int]) -> None:
        for number in numbers:
            async with slots:
                found[number] = await discover(urls[number], client)

    async with asyncio.TaskGroup() as group:
        for numbers in hosts.values():
            group.create_task(one_host(numbers))
    return [found[number] for number in range(len(urls))]


def source_of(candidate: Candidate, *, slug: str, title: str, department: str | None) -> Source:
    """The source a candidate would be, ready for load.write_block."""
    return Source(
        slug=slug,
        title=title or candidate.title or candidate.url,
        kind=candidate.kind,
        url=candidate.url,
        department=department,
        options=dict(candidate.options),
    )


@dataclass(slots=True)
class _Shared:
    """What the trials of one discovery share: requests left, pages already got."""

    left: int
    asked: int = 0
    pages: dict[str, Page] = field(default_factory=dict)


class _Bounded:
    """An Http that stops after a few requests, and gives again what it already got."""

    def __init__(self, session: Session, shared: _Shared, *, each: int = EACH) -> None:
        self._session = session
        self._shared = shared
        self._left = each
        self.tally: Tally = session.tally
        self.stopped = False

    def now(self) -> datetime:
        return self._session.now()

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        kept = self._shared.pages.get(url)
        also = how.get("also", ())
        if kept is not None and (kept.status == 200 or kept.status in also):
            self.tally.fetched += 1
            return kept
        self._spend(url)
        page = await self._session.get(
            url,
            headers=how.get("headers"),
            published=how.get("published", False),
            also=also,
            whole=True,
        )
        self._shared.pages[url] = page
        return page

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page:
        self._spend(url)
        return await self._session.post_json(url, payload, headers=headers)

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        self._spend(url)
        return await self._session.post_form(url, form)

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._session.parse(function, *args, **kwargs)

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return {}

    def forget(self, url: str) -> None:
        """Nothing is remembered here."""

    def keep(self, name: str, **values: str) -> None:
        """Nothing is remembered here."""

    def _spend(self, url: str) -> None:
        if self._left <= 0 or self._shared.left <= 0:
            self.stopped = True
            raise Unreachable("essai arrêté : assez de demandes pour un aperçu", about=url)
        self._left -= 1
        self._shared.left -= 1
        self._shared.asked += 1


async def _try(one: Candidate, client: Client, shared: _Shared) -> Candidate:
    """The candidate with what it gives: counted, dated, and the title of one of its items."""
    source = _source(one.kind, one.url, {**one.options, **_PROBED.get(one.kind, {})})
    http = _Bounded(client.session(source), shared)
    harvest = await visit_through(http, source, now=http.now())
    items = [item for item in harvest.items if item.fields.get("title") or item.fields.get("text")]
    count = len(items) + harvest.visit.quarantined * (not http.stopped) + http.tally.skipped
    seen = count if items else 0
    return replace(
        one,
        count=max(seen, one.count or 0) if items else seen,
        more=http.stopped or bool(http.tally.skipped),
        dated=sum(_is_dated(item) for item in items),
        sample=_sample(items),
        problem="" if items or http.stopped else harvest.visit.why,
        score=float(len(items)),
    )


async def _usual(
    url: str, client: Client, shared: _Shared, *, known: Collection[str]
) -> list[Candidate]:
    """The places feeds and sitemaps usually are, kept only when something is there."""
    home = urljoin(url, "/")
    guesses = [
        Candidate(kind=kind, url=urljoin(home, path), why="adresse habituelle d'un flux")
        for kind, path in _USUAL
    ]
    guesses.append(
        Candidate(kind="sitemap", url=home, why="plan du site (robots.txt, sitemap.xml)")
    )
    found = []
    for one in guesses:
        if one.url not in known and shared.left > 0:
            tried = await _try(one, client, shared)
            if tried.count:
                found.append(tried)
                if one.kind == "feed":
                    break
    return found


def _named(page: Page, url: str) -> list[Candidate]:
    """The candidates of the first answer: the address itself, or what the page names."""
    kind = guess.by_address(url) or guess.by_content(page.body, page.content_type)
    if kind is None:
        return []
    if kind != "page":
        return [Candidate(kind=kind, url=url, why="l'adresse elle-même")]
    text = decode(page.body, page.content_type).text
    named = find_links(text, page.url)
    if not any(one.kind == "page" for one in named):
        named.append(Candidate(kind="page", url=url, why="texte de la page elle-même"))
    return named


def _is_page(page: Page) -> bool:
    return guess.by_content(page.body, page.content_type) == "page"


def _scored(one: Candidate) -> Candidate:
    """The same with its worth: the kind, how many items (by powers of ten), how many are dated."""
    if one.needs:
        return replace(one, score=_PRIOR.get(one.kind, 0.0) / 4)
    if not one.count:
        return replace(one, score=0.0)
    read = max(one.score, 1.0)  # items really read by the trial
    worth = _prior(one) + 12 * math.log10(one.count + 1)
    return replace(one, score=round(worth + 30 * min(1.0, one.dated / read), 1))


def _prior(one: Candidate) -> float:
    """A page that describes its events is worth more than a list guessed from its links, and than
    a page of which only the text is read."""
    if one.kind != "page" or one.dated:
        return _PRIOR.get(one.kind, 0.0)
    return 14.0 if "link" in one.options else 6.0


def _is_dated(item: RawItem) -> bool:
    return any(item.fields.get(name) for name in ("start", "timings", "recurrence", "when"))


def _sample(items: Sequence[RawItem]) -> str:
    titles: list[Any] = [item.fields.get("title") or item.fields.get("text") for item in items]
    return next((str(title)[:90] for title in titles if title), "")


def _source(kind: str, url: str, options: Mapping[str, Json] | None = None) -> Source:
    return Source(slug="essai", title=url, kind=kind, url=url, options=dict(options or {}))
