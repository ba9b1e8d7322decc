"""The polite client: every request of paat passes here, and every answer is bytes within bounds.

One `Client` per run, one `Session` (the `Http` of the kinds) per visit. What it guarantees:
- a total deadline per request, a size limit before and after decompression (transport, inflate);
- only public addresses, checked at the socket whatever DNS says, on each redirect hop (addresses);
- one connection and a delay per host, robots.txt (robots), Retry-After, an honest User-Agent;
- conditional requests: the validators of the last committed visit are given back verbatim.
"""

import hashlib
import json
import logging
import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.metadata import version as installed
from pathlib import Path
from types import TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar
from urllib.parse import urlencode

from aiohttp.abc import AbstractResolver

from collectors import robots, tdm, tls
from collectors.addresses import check_url
from collectors.archive import Archive, Shelf
from collectors.inflate import too_big
from collectors.parse_pool import Pool, digest
from collectors.sites import Sites, inflated
from collectors.transport import CREDENTIALS, Answer, Fetch, Transport, retry_after
from domain.errors import Refused, Unreachable, Unreadable
from domain.records import Json, Site, Source
from domain.settings import Settings
from domain.text import fingerprint
from domain.times import Clock, paris_day

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_ABSENT = {404: "page introuvable (404)", 410: "page retirée par son éditeur (410)"}
_FORGET_AFTER = timedelta(days=90)  # a page nobody asked for since then is no longer listed
_WHOLE_EVERY = timedelta(days=30)  # a validator that lies is found out
_NOTES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An answer. `unchanged`: the body is the one already read (304, or the same bytes)."""

    url: str  # after redirects
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    unchanged: bool = False
    reserved: bool = False  # the page itself reserves text and data mining: never archive its body

    @property
    def content_type(self) -> str:
        """The Content-Type with its charset, or an empty string."""
        return self.headers.get("content-type", "")


@dataclass(slots=True)
class Tally:
    """What a visit cost and learned; collect.visit makes its report from it."""

    requests: int = 0
    bytes: int = 0
    fetched: int = 0  # pages got, changed or not
    unchanged: int = 0  # among them
    skipped: int = 0  # items known unchanged and not given again; they count for the bounds
    wait_seconds: float | None = None  # the server's own Retry-After
    gone: bool = False  # HTTP 410 at the source's own address
    moved_to: str | None = None  # an all-permanent redirect of the source's own address
    poison: dict[str, str] = field(default_factory=dict)  # sha256 of a document → why it killed
    poisoned: dict[str, str] = field(default_factory=dict)  # the same → its address
    answered: bool = False  # some host said something, be it a refusal or a robots.txt
    answers_ms: list[int] = field(default_factory=list)  # of each answer, our own waits aside
    reserved: str = ""  # who reserved text and data mining, in French (tdm)
    freed: bool = False  # a page says that nothing is reserved
    notes: dict[tuple[str, str], None] = field(default_factory=dict)  # decisions, in order

    def note(self, about: str, what: str) -> None:
        """Remember a decision, in French; twice the same is once."""
        if len(self.notes) < _NOTES:
            self.notes[about, what] = None

    def wait(self, seconds: float) -> None:
        """The source is not to be asked again before that."""
        self.wait_seconds = max(seconds, self.wait_seconds or 0.0)

    @property
    def response_ms(self) -> int | None:
        """The time within which 95 answers in 100 came; None without an answer."""
        return percentile(self.answers_ms, 0.95)


def percentile(values: Sequence[int], share: float) -> int | None:
    """The nearest-rank percentile; None of nothing."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


class Http(Protocol):
    """What a kind may ask during one visit. The frozen web of the examples is another one."""

    tally: "Tally"

    def now(self) -> datetime:
        """The instant of the visit (aware, UTC): the only clock a kind may look at."""
        ...

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        published: bool = False,
        role: str = "",
        remember: str = "",
        whole: bool = False,
        also: Collection[int] = (),
        max_bytes: int | None = None,
        total_seconds: float | None = None,
    ) -> Page: ...

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page: ...

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        """The answer to a form (OAuth): its body is never kept by a frozen example."""
        ...

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R: ...

    def known(self) -> Mapping[str, Mapping[str, str]]:
        """The validators of the last committed visit, url → validator."""
        ...

    def forget(self, url: str) -> None:
        """Read this URL again next time, whatever it answers."""
        ...

    def keep(self, name: str, **values: str) -> None:
        """A kind's own cursor: found again in `known()[name]` once this visit is committed."""
        ...


class Client:
    """`async with Client(settings, clock) as client:` for the whole of a run."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        resolver: AbstractResolver | None = None,
        archive: Archive | None = None,
        sites: Iterable[Site] = (),
    ) -> None:
        self.settings = settings
        self.archive = archive
        self.clock = clock
        agent = f"{robots.AGENT}/{installed('paat')} (+{_ascii(settings.contact)})"
        self.transport = Transport(settings, agent, resolver=resolver)
        self.pool: Pool | None = None
        self.sites = Sites(self.transport, settings, clock, sites)

    async def __aenter__(self) -> Self:
        await self.transport.__aenter__()
        self.sites.close_gates()
        if self.settings.parse_seconds:
            self.pool = Pool(
                workers=self.settings.parse_workers, seconds=self.settings.parse_seconds
            )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.transport.__aexit__(kind, error, trace)
        finally:
            if self.pool is not None:
                await self.pool.close()

    def session(
        self,
        source: Source,
        validators: Mapping[str, Mapping[str, str]] | None = None,
        *,
        version: int = 1,
    ) -> "Session":
        """The Http of one visit. `version` is the kind's: a new one reads everything again."""
        return Session(self, source, validators or {}, version=version)


class Session:
    """One visit to one source: what `collect(source, http)` is given."""

    def __init__(
        self,
        client: Client,
        source: Source,
        validators: Mapping[str, Mapping[str, str]],
        *,
        version: int,
    ) -> None:
        self._client = client
        self._source = source
        # Changed options or a better reader: what was read before must be read again.
        self._reader = fingerprint(
            {"kind": source.kind, "version": version, "options": dict(source.options)}
        )[:16]
        self._old = {u: dict(v) for u, v in validators.items() if v.get("reader") == self._reader}
        self._new: dict[str, dict[str, str]] = {}
        self._forgotten: set[str] = set()
        self.shelf: Shelf | None = None  # where answers are archived, before they are parsed
        self.tally = Tally()
        self._lax_host, told = tls.lax_host(source, today=paris_day(client.clock()))
        if told:
            self.tally.note("certificat", told)

    @property
    def validators(self) -> dict[str, dict[str, str]]:
        """What to store once the items are committed: this visit's over the previous ones."""
        oldest = (self.now() - _FORGET_AFTER).isoformat()
        kept = {name: v for name, v in self._old.items() if v.get("seen", "") >= oldest}
        kept |= self._new
        return {name: v for name, v in kept.items() if name not in self._forgotten}

    def now(self) -> datetime:
        return self._client.clock()

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return self._old

    def forget(self, url: str) -> None:
        self._forgotten.add(url)

    def keep(self, name: str, **values: str) -> None:
        self._new[name] = {**values, "reader": self._reader, "seen": self.now().isoformat()}

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a pure function of a module, run in a process that can be killed."""
        pool = self._client.pool
        if pool is None:
            return function(*args, **kwargs)
        try:
            return await pool.run(function, *args, **kwargs)
        finally:
            document = digest(args)
            if document in pool.poison:
                self.tally.poison[document] = pool.poison[document]
                self.tally.poisoned[document] = str(kwargs.get("url", ""))

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        published: bool = False,
        role: str = "",
        remember: str = "",
        whole: bool = False,
        also: Collection[int] = (),
        max_bytes: int | None = None,
        total_seconds: float | None = None,
    ) -> Page:
        """The page at `url`. Raises Unreachable, Refused or Unreadable.

        `published`: made for machines (feed, calendar, API), see robots.Rules.allow.
        `role` is kept with the validator, so that a kind finds its pages again in `known`;
        `remember` names the validator when the address changes from day to day; `whole`: the
        body is needed even when it has not changed (the next page's address is in it);
        `also`: statuses given back instead of raised (an API's "past the last page").
        """
        if url.startswith("file:"):
            return self._file(url)
        limit = max_bytes or self._client.settings.max_bytes
        fetch = self._fetch(limit, total_seconds)
        await self._ask_robots(url, published=published, fetch=fetch)
        name = remember or url
        validator = self._old.get(name, {})
        conditions = {} if whole else self._conditions(validator)
        sent = {**conditions, **self._own_headers(), **(headers or {})}
        answer = await self._follow(fetch, "GET", url, sent)
        fine = answer.status in (200, 203, 304)
        if fine and answer.permanent and answer.url != url and url == self._source.url:
            self.tally.moved_to = answer.url
        if answer.status == 304 and not conditions:
            raise Unreadable("réponse 304 à une demande sans condition", about=url)
        if answer.status == 304:
            return self._not_modified(name, answer)
        if answer.status in also:
            self.tally.fetched += 1
            body = inflated(answer, limit)
            page = Page(url=answer.url, status=answer.status, headers=answer.headers, body=body)
            return self._archived(url, page)
        self._check_status(answer, url=url)
        body = inflated(answer, limit)
        reserved = self._hear(tdm.of_page(answer.headers, body))
        page = Page(
            url=answer.url,
            status=answer.status,
            headers=answer.headers,
            body=body,
            reserved=reserved,
        )
        page = self._remember(name, page, validator, role=role)
        return page if page.unchanged else self._archived(url, page)

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page:
        """The answer to a JSON POST. Same guards as `get`; never conditional."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        page = await self._post(url, json.dumps(payload).encode(), sent)
        return self._archived(question(url, payload), page)

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        sent = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._post(url, urlencode(form).encode(), sent)

    async def _post(self, url: str, data: bytes, headers: Mapping[str, str]) -> Page:
        limit = self._client.settings.max_bytes
        fetch = self._fetch(limit, None)
        await self._ask_robots(url, published=True, fetch=fetch)
        fetch.data = data
        sent = {**self._own_headers(), **headers}
        answer = await self._follow(fetch, "POST", url, sent)
        self._check_status(answer, url=url)
        self.tally.fetched += 1
        body = inflated(answer, limit)
        return Page(url=answer.url, status=answer.status, headers=answer.headers, body=body)

    def _fetch(self, limit: int, seconds: float | None) -> Fetch:
        return Fetch(
            self._client.transport,
            seconds=seconds or self._client.settings.total_seconds,
            limit=limit,
            allow_http=bool(self._source.options.get("allow_http")),
            lax_host=self._lax_host,
        )

    def _hear(self, said: tdm.Said | None) -> bool:
        """What a page says of text and data mining goes to the tally; whether it reserves it."""
        if said is None:
            return False
        self.tally.reserved = self.tally.reserved or (said.how if said.reserved else "")
        self.tally.freed = self.tally.freed or not said.reserved
        self.tally.note(
            "fouille de textes", f"{'réservée' if said.reserved else 'libre'} : {said.how}"
        )
        return said.reserved

    async def reservation(self) -> tdm.Said | None:
        """What the site's own file says of the source's address (tdmrep.json)."""
        return await self._client.sites.tdm_file(self._source.url)

    async def _follow(
        self, fetch: Fetch, method: str, url: str, headers: Mapping[str, str]
    ) -> Answer:
        told = {name.lower() for name in headers}
        if self._lax_host and told & CREDENTIALS:
            raise Refused(
                "un secret n'est jamais envoyé à un site dont le certificat n'est pas vérifié; "
                "retirez insecure_tls",
                about=url,
            )
        tally = self.tally
        try:
            answer = await fetch.follow(method, url, headers)
        except Unreachable:
            if wait := self._client.transport.wait_seconds(url):  # said so before, for its host
                tally.answered = True
                tally.wait(wait)
            raise
        finally:
            tally.requests += fetch.requests
            tally.answered = tally.answered or fetch.answered
            tally.answers_ms += fetch.answers_ms
            for status, to in fetch.hops:
                tally.note("redirection", f"{status} vers {to}")
        tally.bytes += len(answer.raw)
        self._told_of(answer, url, told)
        return answer

    def _told_of(self, answer: Answer, url: str, sent: set[str]) -> None:
        """The request and its answer among the decisions of the visit."""
        asked = "si modifiée" if sent & {"if-none-match", "if-modified-since"} else "entière"
        kind = answer.headers.get("content-type", "type non dit")
        weight = f"{len(answer.raw)} octets, {kind}"
        if encoding := answer.headers.get("content-encoding"):
            weight += f", comprimés en {encoding}"
        self.tally.note("demande", f"{url} (demandée {asked}) : {answer.status}, {weight}")

    async def _ask_robots(self, url: str, *, published: bool, fetch: Fetch) -> None:
        check_url(url)
        asked = await self._client.sites.rules(url, seconds=fetch.seconds, lax_host=self._lax_host)
        self.tally.answered = self.tally.answered or asked.answered
        if asked.rules is None:
            self.tally.note("robots.txt", f"{asked.why} : rien n'est demandé à ce site")
            if asked.wait_seconds:
                self.tally.wait(asked.wait_seconds)
            raise Unreachable(asked.why, about=url)
        allowed = asked.rules.allow(url, published=published)
        self.tally.note("robots.txt", asked.told(url, allowed=allowed, published=published))
        if not allowed:
            raise Refused("robots.txt interdit cette adresse aux robots", about=url)

    def _own_headers(self) -> dict[str, str]:
        return {str(k): str(v) for k, v in self._source.options.get("headers", {}).items()}

    def _check_status(self, answer: Answer, *, url: str) -> None:
        """Raises the CollectError of a status that is not a full answer."""
        status, headers = answer.status, answer.headers
        if status in (200, 203):
            return
        if status in (429, 503):
            self._heed_retry_after(answer, url)
        if status in _ABSENT:
            self.tally.gone = self.tally.gone or (status == 410 and url == self._source.url)
            raise Unreadable(f"{_ABSENT[status]}; vérifiez l'adresse", about=url)
        if "challenge" in headers.get("cf-mitigated", ""):
            raise Refused("le site demande de prouver qu'on est humain (Cloudflare)", about=url)
        if status in (401, 402, 403, 407, 451):
            raise Refused(f"accès refusé par le site ({status})", about=url)
        if status in (408, 425, 429) or status >= 500:
            wait = self.tally.wait_seconds
            told = f"; il demande d'attendre {wait:.0f} s" if wait else ""
            raise Unreachable(f"le site répond {status}{told}", about=url)
        raise Unreadable(f"le site répond {status} où 200 est attendu{_told(answer)}", about=url)

    def _heed_retry_after(self, answer: Answer, url: str) -> None:
        seconds = retry_after(answer.headers.get("retry-after", ""), now=self.now())
        if seconds is None:
            return
        self.tally.wait(seconds)
        whose = "une adresse"
        if answer.status == 429:  # the whole host asks; a 503 speaks of one address
            self._client.sites.refuse_until(url, seconds)
            whose = "tout le site"
        self.tally.note("Retry-After", f"{seconds:.0f} s demandées pour {whose}")

    def _conditions(self, validator: Mapping[str, str]) -> dict[str, str]:
        """The validators to give back; none once a month, in case the server's lie."""
        whole = validator.get("whole") or validator.get("seen", "")
        if whole < (self.now() - _WHOLE_EVERY).isoformat():
            return {}
        pairs = (("If-None-Match", "etag"), ("If-Modified-Since", "last_modified"))
        return {header: validator[name] for header, name in pairs if validator.get(name)}

    def _archived(self, asked: str, page: Page) -> Page:
        """The page, kept as it came unless its publisher reserves it."""
        if self.shelf is not None and not page.reserved:
            self.shelf.keep(
                asked,
                page.body,
                url=page.url,
                status=page.status,
                headers=page.headers,
                at=self.now(),
            )
        return page

    def _not_modified(self, name: str, answer: Answer) -> Page:
        self.tally.fetched += 1
        self.tally.unchanged += 1
        self._new[name] = {**self._old[name], "seen": self.now().isoformat()}
        return Page(url=answer.url, status=304, headers=answer.headers, body=b"", unchanged=True)

    def _remember(self, name: str, page: Page, old: Mapping[str, str], *, role: str = "") -> Page:
        digest = hashlib.sha256(page.body).hexdigest()
        now = self.now().isoformat()
        validator = {"sha256": digest, "reader": self._reader, "seen": now, "whole": now}
        if role:
            validator["role"] = role
        for header in ("etag", "last-modified"):
            if _echoable(page.headers.get(header, "")):
                validator[header.replace("-", "_")] = page.headers[header]
        self._new[name] = validator
        same = bool(old) and old.get("sha256") == digest
        self.tally.fetched += 1
        self.tally.unchanged += same
        return replace(page, unchanged=same)

    def _file(self, url: str) -> Page:
        """A file of this machine; only the source's own address may be one."""
        if url != self._source.url:
            raise Refused("un lien vers un fichier de cette machine n'est pas suivi", about=url)
        path = Path(url.removeprefix("file://").removeprefix("file:"))
        limit = self._client.settings.max_bytes * 10
        try:
            if path.stat().st_size > limit:
                raise too_big(limit)
            body = path.read_bytes()
        except OSError as error:
            raise Unreachable(f"fichier {path} : {error.strerror or error}", about=url) from None
        self.tally.bytes += len(body)
        page = Page(url=url, status=200, headers={}, body=body)
        return self._remember(url, page, self._old.get(url, {}))


def question(url: str, payload: Json) -> str:
    """What names a JSON POST: its address, with a digest of what is asked."""
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    return f"{url}#post-{digest[:12]}"


def _echoable(value: str) -> bool:
    """Whether a validator can be sent back verbatim in a header."""
    return bool(value) and len(value) < 1000 and all(" " <= c <= "ÿ" and c != "\x7f" for c in value)


def _told(answer: Answer) -> str:
    """What an API says of its refusal, when it says it in JSON."""
    if "json" not in answer.headers.get("content-type", ""):
        return ""
    try:
        said = json.loads(inflated(answer, 20_000))
    except (ValueError, Unreadable):
        return ""
    if isinstance(said, dict):
        words = next((said[k] for k in ("message", "error", "detail") if said.get(k)), "")
        return f" : {str(words)[:200]}" if words else ""
    return ""


def _ascii(text: str) -> str:
    """A dash « — » in a header breaks every request with a latin-1 error."""
    return text.encode("ascii", "ignore").decode().replace("\r", "").replace("\n", "")
