"""One visit to one source, and many at once. A source's fault is an outcome, never an exception."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from importlib.metadata import version as installed
from types import ModuleType
from urllib.parse import urlsplit

from collectors.extract import mention
from collectors.http import Http, Tally
from collectors.items import Found, is_tombstone
from collectors.kinds import kinds
from collectors.upkeep import rhythm, yields
from collectors.upkeep.archive import keep_days
from collectors.upkeep.health import Signals
from collectors.web import tdm
from collectors.web.client import Client
from collectors.web.session import Session
from domain.errors import (
    CollectError,
    ConfigError,
    Implausible,
    PaatError,
    Refused,
    Unreachable,
    Unreadable,
)
from domain.records import Fresh, Mention, Quarantined, RawItem, Source, SourceState, Visit
from domain.settings import Settings
from domain.statuses import Outcome
from domain.text import fingerprint
from domain.times import paris_day

logger = logging.getLogger(__name__)

_LONG = 20_000  # characters
_AHEAD = timedelta(days=2)  # clocks differ; beyond, a publication has not taken place
_OUTCOMES: dict[type[PaatError], Outcome] = {
    Unreachable: Outcome.UNREACHABLE,
    Refused: Outcome.REFUSED,
    Unreadable: Outcome.UNREADABLE,
    Implausible: Outcome.IMPLAUSIBLE,
    CollectError: Outcome.UNREADABLE,
    ConfigError: Outcome.UNREADABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What a visit brought back. `validators` are to be stored once the items are committed."""

    visit: Visit
    items: tuple[RawItem, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    validators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    leftovers: Mapping[str, int] = field(default_factory=dict)  # field nobody reads → items
    wait_seconds: float | None = None  # the server asked not to come back before
    gone: bool = False  # HTTP 410: to be confirmed once, then a person is asked
    moved_to: str | None = None  # permanent redirect of the address visited
    answered: bool = True  # some host said something, be it a refusal (network.silent)
    tdm: str | None = None  # who reserved text and data mining; None = this visit cannot say
    fresh: Fresh | None = None  # when its own address says not to come back
    fill: Mapping[str, float] = field(default_factory=dict)  # yields.shares of `filled` items
    filled: int = 0
    event_days: tuple[date, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()  # what was decided on the way: about, French sentence

    @property
    def signals(self) -> Signals:
        """What the source's health is made of, beside the visit itself."""
        return Signals(
            wait_seconds=self.wait_seconds,
            gone=self.gone,
            moved_to=self.moved_to,
            tdm=self.tdm,
            fresh=self.fresh,
            fill=self.fill,
            filled=self.filled,
            event_days=self.event_days,
        )


async def visit(
    source: Source,
    client: Client,
    *,
    validators: Mapping[str, Mapping[str, str]],
    now: datetime,
    usual: float | None = None,
    reserved: str = "",
) -> Harvest:
    """Visit a source. Never raises for its faults; what came before a failure is kept.

    `usual` is the number of items its visits usually give: none at all is then implausible.
    `reserved` is who reserved text and data mining when it was last visited (SourceMemory.tdm).
    On any failure the previous validators are given back, so that everything is read again.
    """
    kind = kinds()[source.kind]
    http = client.session(source, validators, version=getattr(kind, "VERSION", 1))
    if client.archive is not None and not reserved and _archives(source, kind, client):
        http.shelf = client.archive.begin(source, http.known(), now)
    harvest = await visit_through(http, source, now=now, usual=usual)
    failed = bool(harvest.visit.why)
    who = await _reserved(http, source, harvest, before=reserved)
    if http.shelf is not None:
        http.shelf.discard() if who else http.shelf.end(harvest.visit)
    looked = yields.sample([one for one in harvest.items if not is_tombstone(one)])
    fill = yields.shares(looked, read=lambda item: _told(item, source))
    days = rhythm.upcoming(_days(harvest.items), today=paris_day(now))
    harvest = replace(harvest, fill=fill, filled=len(looked), event_days=days)
    if who:
        harvest = replace(harvest, items=tuple(_facts(one, source) for one in harvest.items))
    kept = dict(validators) if failed else http.validators
    return replace(harvest, validators=kept, tdm=who, notes=tuple(http.tally.notes))


async def _reserved(http: Session, source: Source, harvest: Harvest, *, before: str) -> str | None:
    """Who reserves text and data mining in this visit; "" = nobody, None = it cannot say."""
    tally = http.tally
    if agreement := source.options.get("tdm_agreement"):
        tally.note("fouille de textes", f"accord de l'éditeur : {agreement}")
        return ""
    if tally.reserved:
        return tally.reserved
    if not harvest.items or urlsplit(source.url).scheme not in ("http", "https"):
        return None
    said = None if tally.freed else await http.reservation()
    if said is not None:
        words = "réservée" if said.reserved else "libre"
        tally.note("fouille de textes", f"{words} : {said.how}")
        return said.how if said.reserved else ""
    return before if tally.unchanged else ""


def read_mention(item: RawItem, source: Source) -> Mention | None:
    """The announcement read, or None: one that cannot be must not take the visit with it."""
    try:
        return mention.read(item, source)
    except Exception:
        logger.exception("%s/%s: could not be read", item.source, item.key)
        return None


def _told(item: RawItem, source: Source) -> set[str]:
    """The watched fields (yields) that reading finds in an announcement."""
    if len(str(item.fields.get("text", ""))) > _LONG:  # not worth holding the others up
        return set()
    read = read_mention(item, source)
    if read is None:
        return set()
    found = {
        "date": read.when.starts_on or read.when.words,
        "place": read.where.commune_code or read.where.commune_name or read.where.venue,
        "organiser": read.who.name,
    }
    return {code for code, value in found.items() if value}


def _facts(item: RawItem, source: Source) -> RawItem:
    """What may be kept of an announcement whose text is reserved: its title, link, dates, place."""
    read = read_mention(item, source)
    if read is None:
        return tdm.facts_only(item, facts={})
    where = read.where
    facts = {
        "when": read.when.words if not item.fields.get("start") else None,
        "venue": where.venue,
        "address": where.address,
        "commune": where.commune_name,
        "postcode": where.postcode,
        "insee": where.commune_code,
        "organiser": read.who.name,
    }
    return tdm.facts_only(item, facts=facts)


def _days(items: Iterable[RawItem]) -> Iterator[date]:
    """The days the announcements give apart, where they do."""
    for one in items:
        with suppress(ValueError):
            yield date.fromisoformat(str(one.fields.get("start", ""))[:10])


def _archives(source: Source, kind: ModuleType, client: Client) -> bool:
    """Whether its answers are kept: of the web, and not of persons unless its block says so."""
    personal = bool(getattr(kind, "PERSONAL", False))
    days = keep_days(source, client.settings, personal=personal)
    return days > 0 and urlsplit(source.url).scheme in ("http", "https")


def reader_version(settings: Settings) -> str:
    """What a document that killed its reader is not given to again: this paat, these limits."""
    versions = {name: getattr(kind, "VERSION", 1) for name, kind in kinds().items()}
    limits = {"seconds": settings.parse_seconds, "paat": installed("paat"), **versions}
    return fingerprint(limits)[:16]


async def visit_through(
    http: Http, source: Source, *, now: datetime, usual: float | None = None
) -> Harvest:
    """The same through any Http: the real web, or a frozen one (freeze)."""
    started = time.monotonic()
    found: list[Found] = []
    problem: CollectError | ConfigError | None = None
    try:
        async for one in kinds()[source.kind].collect(source, http):
            found.append(one)
    except (CollectError, ConfigError) as error:
        problem = error
    items = tuple(one for one in found if isinstance(one, RawItem))
    _flag_the_future(items, http.tally, now=now)
    aside = tuple(one for one in found if isinstance(one, Quarantined))
    aside += tuple(
        Quarantined(
            source=source.slug,
            key=f"document:{sha}",
            why=told,
            payload={"sha256": sha, "url": http.tally.poisoned.get(sha, "")},
        )
        for sha, told in http.tally.poison.items()
    )
    if problem is None:
        problem = _implausible(source, len(items) + http.tally.skipped, http.tally, usual)
    return Harvest(
        visit=Visit(
            source=source.slug,
            outcome=_outcome(problem, items, aside, http.tally),
            why=why(problem) if problem else "",
            started_at=now,
            seconds=round(time.monotonic() - started, 3),
            requests=http.tally.requests,
            bytes=http.tally.bytes,
            items=len(items),
            quarantined=len(aside),
            skipped=http.tally.skipped,
            response_ms=http.tally.response_ms,
        ),
        items=items,
        quarantined=aside,
        leftovers=dict(Counter(name for item in items for name in item.leftovers)),
        wait_seconds=http.tally.wait_seconds,
        gone=http.tally.gone,
        moved_to=http.tally.moved_to,
        fresh=http.tally.fresh,
        answered=http.tally.answered,
    )


def _flag_the_future(items: Sequence[RawItem], tally: Tally, *, now: datetime) -> None:
    """Say it when announcements claim to be published later than now."""
    late = [one for one in items if one.published_at and one.published_at > now + _AHEAD]
    if late:
        tally.note(
            "date de publication",
            f"{len(late)} annonce(s) publiées dans le futur (« {late[0].key[:60]} », "
            f"{late[0].published_at:%d/%m/%Y}) : est-ce le jour de l'événement ?",
        )


async def visit_all(
    sources: Iterable[Source],
    client: Client,
    states: Mapping[str, SourceState],
    *,
    concurrency: int | None = None,
) -> AsyncIterator[Harvest]:
    """Harvests as they end. Sources of one host follow one another; hosts go together."""
    slots = asyncio.Semaphore(concurrency or client.settings.concurrency)
    ended: asyncio.Queue[Harvest] = asyncio.Queue()
    hosts: dict[str, list[Source]] = {}
    count = 0
    for source in sources:
        hosts.setdefault(urlsplit(source.url).hostname or source.slug, []).append(source)
        count += 1

    async def visit_host(queue: list[Source]) -> None:
        for source in queue:
            async with slots:
                await ended.put(await _isolated(source, client, states.get(source.slug)))

    tasks = [asyncio.create_task(visit_host(queue)) for queue in hosts.values()]
    try:
        for _ in range(count):
            yield await ended.get()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _isolated(source: Source, client: Client, state: SourceState | None) -> Harvest:
    """A visit that cannot take the run with it, whatever our own code does wrong."""
    now = client.clock()
    kept = state.validators if state else {}
    try:
        return await visit(
            source,
            client,
            validators=kept,
            now=now,
            usual=state.usual_items if state else None,
            reserved=state.memory.tdm if state else "",
        )
    except Exception as error:
        logger.exception("%s: the visit failed in our own code", source.slug)
        broken = Visit(
            source=source.slug,
            outcome=Outcome.UNREADABLE,
            why=f"erreur interne ({type(error).__name__} : {error}); signalez-la",
            started_at=now,
        )
        return Harvest(visit=broken, validators=kept)


def why(problem: CollectError | ConfigError) -> str:
    """What happened, in French; then what it means, unless the message says what to do itself."""
    about = f" [{problem.about}]" if problem.about and problem.about not in problem.message else ""
    told = f"{problem.message}{about}"
    return told if "; " in problem.message else f"{told}. {problem.french}"


def _outcome(
    problem: CollectError | ConfigError | None,
    items: tuple[RawItem, ...],
    aside: tuple[Quarantined, ...],
    tally: Tally,
) -> Outcome:
    if problem is not None:
        return _OUTCOMES[type(problem)]
    quiet = not items and not aside and tally.fetched > 0 and tally.unchanged == tally.fetched
    return Outcome.UNCHANGED if quiet else Outcome.OK


def _implausible(
    source: Source, count: int, tally: Tally, usual: float | None
) -> Implausible | None:
    """Outside the bounds the source promises; an unchanged source is not counted again."""
    if tally.fetched > 0 and tally.unchanged == tally.fetched:
        return None
    low, high = source.expect_min, source.expect_max
    if low is not None and count < low:
        return Implausible(f"{count} annonce(s) où au moins {low} sont attendues")
    if high is not None and count > high:
        return Implausible(f"{count} annonces où au plus {high} sont attendues")
    if count == 0 and usual:
        return Implausible(f"aucune annonce alors qu'il y en a d'habitude {usual:g}")
    return None
