"""From any address, what could be collected there, and what each way would really give.

`discover` reads the page, follows the best of what it names (page_links) and a few usual places,
visits each as the kind it would be, within a budget of requests, and orders them. It has the
manners of any visit: robots.txt, one request at a time and a delay per host.
"""

import asyncio
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urljoin, urlsplit

from collectors.collect import read_mention, visit_through
from collectors.discovery import advice, guess
from collectors.discovery.bounded import Bounded, Budget
from collectors.discovery.json_shape import options_of
from collectors.documents.decoding import decode
from collectors.pages.page_links import Candidate, find_links, page_title
from collectors.upkeep import yields
from collectors.web.client import Client
from domain.errors import CollectError
from domain.records import Json, Mention, RawItem, Source
from domain.times import paris_day

BUDGET = 18  # requests to one site in all, robots.txt aside
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
_LATELY = timedelta(days=60)  # a page of text is proposed for what it announces, not for a memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What an address gives: `candidates`, the best first; `why`, when it cannot be read."""

    url: str
    led_to: str = ""  # where its redirects ended
    title: str = ""
    candidates: tuple[Candidate, ...] = ()
    requests: int = 0
    why: str = ""  # French: what is wrong with it
    advice: str = ""  # French: what to do next, when nothing is proposed
    today: date | None = None  # the day it was looked at

    @property
    def best(self) -> Candidate | None:
        """The one to propose: readable now, and giving announcements."""
        ready = (one for one in self.candidates if not one.needs and one.count)
        return next((one for one in ready if self._announces(one)), None)

    def _announces(self, one: Candidate) -> bool:
        """The bare text of a page is one only when it tells a day still to come, or just gone."""
        if not one.is_text:
            return True
        return bool(
            one.sample_on and self.today and one.sample_on >= self.today - _LATELY and one.read
        )


async def discover(url: str, client: Client, *, budget: int = BUDGET) -> Discovery:
    """What could be collected from that address. Never raises for what the site does."""
    if platform := advice.closed_platform(url):
        why = f"{platform} interdit la lecture automatique"
        return Discovery(url=url, why=why, advice=advice.of_platform())
    shared = Budget(left=budget)
    session = client.session(_source("page", url))
    try:
        page = await Bounded(session, shared, each=1).get(url)
        first = await session.parse(_first, page.body, page.content_type, url=url, led_to=page.url)
    except CollectError as error:
        todo = advice.of_error(error, url)
        return Discovery(url=url, requests=shared.asked, why=error.message, advice=todo)
    tried: list[Candidate] = []
    for one in sorted(first.named, key=lambda c: -_PRIOR.get(c.kind, 0)):
        tried.append(one if one.needs else await _try(one, client, shared))
    if not any(one.kind == "feed" and one.count for one in tried) and first.is_page:
        tried += await _usual(url, client, shared, known={one.url for one in tried})
    found = Discovery(
        url=url,
        led_to=page.url if page.url != url else "",
        title=first.title,
        candidates=tuple(sorted(map(_scored, tried), key=lambda c: -c.score)),
        requests=shared.asked,
        today=paris_day(client.clock()),
    )
    return found if found.best is not None else _advised(found, first)


def _advised(found: Discovery, first: "_First") -> Discovery:
    """The same with what is wrong there, and what to do next."""
    if missing := list(dict.fromkeys(one.needs for one in found.candidates if one.needs)):
        return replace(found, advice=f"il faut {' ; ou '.join(missing[:2])}")
    broken = next((one for one in found.candidates if one.problem and not one.is_text), None)
    if broken is not None and not first.wrong:
        why = f"{broken.why}, mais {broken.problem}"
        return replace(found, why=why, advice=advice.of_broken(broken.url))
    why = first.wrong or "ni flux, ni agenda, ni annonces datées"
    return replace(found, why=why, advice=first.todo or advice.NOTHING)


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


async def _try(one: Candidate, client: Client, shared: Budget) -> Candidate:
    """The candidate with what it gives: counted, read, and one of its announcements."""
    source = _source(one.kind, one.url, {**one.options, **_PROBED.get(one.kind, {})})
    http = Bounded(client.session(source), shared)
    harvest = await visit_through(http, source, now=http.now())
    items = [item for item in harvest.items if item.fields.get("title") or item.fields.get("text")]
    count = len(items) + harvest.visit.quarantined * (not http.stopped) + http.tally.skipped
    looked = yields.sample(items)
    read = [mention for item in looked if (mention := read_mention(item, source))]
    sample = next((mention for mention in read if mention.when.starts_on), (*read, None)[0])
    return replace(
        one,
        count=max(count, one.count or 0) if items else 0,
        more=http.stopped or bool(http.tally.skipped),
        read=len(items),
        dated=sum(_is_dated(item) for item in items),
        fill=_fill(read),
        sample=sample.title[:90] if sample else "",
        sample_on=(sample.when.starts_on or sample.when.ends_on) if sample else None,
        problem="" if items or http.stopped else _problem(harvest.visit.why),
    )


def _fill(mentions: Sequence[Mention]) -> dict[str, float]:
    """The share of announcements that tell their date, place and organiser, wherever they do."""
    if not mentions:
        return {}
    told = {
        "date": [bool(one.when.starts_on or one.when.ends_on) for one in mentions],
        "place": [
            bool(one.where.commune_code or one.where.commune_name or one.where.venue)
            for one in mentions
        ],
        "organiser": [bool(one.who.name) for one in mentions],
    }
    return {name: round(sum(ones) / len(ones), 2) for name, ones in told.items()}


def _problem(why: str) -> str:
    """Why a trial gave nothing, without what the next visit of a source would do about it."""
    return why.split(" [")[0].split(". La source ")[0] or "elle ne donne aucune annonce"


async def _usual(
    url: str, client: Client, shared: Budget, *, known: Collection[str]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _First:
    """What the first answer is and names."""

    named: tuple[Candidate, ...] = ()
    title: str = ""
    is_page: bool = False
    wrong: str = ""
    todo: str = ""


def _first(body: bytes, content_type: str, *, url: str, led_to: str) -> _First:
    """The candidates of the first answer: the address itself, or what the page names."""
    shown = guess.by_content(body, content_type)
    kind = guess.by_address(url) or shown
    if kind is None:
        wrong, todo = advice.of_content(body, content_type)
        return _First(wrong=wrong, todo=todo)
    if kind != "page":
        return _itself(kind, body, content_type, url)
    text = decode(body, content_type).text
    wrong, todo = advice.of_page(text, url)
    named = find_links(text, led_to)
    if not wrong and not any(one.kind == "page" for one in named):
        named.append(Candidate(kind="page", url=url, why="texte de la page elle-même"))
    return _First(named=tuple(named), title=page_title(text), is_page=True, wrong=wrong, todo=todo)


def _itself(kind: str, body: bytes, content_type: str, url: str) -> _First:
    """The address as a source by itself; an API nobody knows, as its answer shows it."""
    options = options_of(body) if kind == "table" and body.lstrip()[:1] == b"{" else None
    if options is not None:
        why = "une API JSON, lue d'après sa réponse ; relisez la correspondance des champs"
        return _First(named=(Candidate(kind="json_api", url=url, why=why, options=options),))
    unknown = kind == "table" and body.lstrip()[:1] in (b"{", b"[")
    wrong, todo = advice.of_content(body, content_type) if unknown else ("", "")
    itself = Candidate(kind=kind, url=url, why="l'adresse elle-même")
    return _First(named=(itself,), wrong=wrong, todo=todo)


def _scored(one: Candidate) -> Candidate:
    """The same with its worth: the kind, how many items (by powers of ten), how well filled in.

    A date given apart is sure; one read in the text, less so."""
    if one.needs:
        return replace(one, score=_PRIOR.get(one.kind, 0.0) / 4)
    if not one.count:
        return replace(one, score=0.0)
    apart = min(1.0, one.dated / max(one.read, 1))
    told = 15 * max(0.0, one.fill.get("date", 0.0) - apart) + 6 * one.fill.get("place", 0.0)
    worth = _prior(one) + 12 * math.log10(one.count + 1) + 30 * apart + told
    return replace(one, score=round(worth, 1))


def _prior(one: Candidate) -> float:
    """A page that describes its events is worth more than a list guessed from its links, and than
    a page of which only the text is read."""
    if one.kind != "page" or one.dated:
        return _PRIOR.get(one.kind, 0.0)
    return 6.0 if one.is_text else 14.0


def _is_dated(item: RawItem) -> bool:
    return any(item.fields.get(name) for name in ("start", "timings", "recurrence", "when"))


def _source(kind: str, url: str, options: Mapping[str, Json] | None = None) -> Source:
    return Source(slug="essai", title=url, kind=kind, url=url, options=dict(options or {}))
