"""One visit to one source: the real web as `collect(source, http)` sees it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, TypeVar, Unpack
from urllib.parse import urlencode

from collectors.http import How, Page, Tally, parsed, question
from collectors.marks import Marks
from collectors.parse_pool import Pool
from collectors.upkeep import freshness
from collectors.upkeep.archive import Shelf
from collectors.web import refusals, tdm, tls
from collectors.web.addresses import check_url
from collectors.web.fetch import CREDENTIALS, Answer, Fetch, inflated
from collectors.web.inflate import too_big
from collectors.web.sites import Sites
from domain.errors import Refused, Unreachable, Unreadable
from domain.records import Json, Source
from domain.settings import Settings
from domain.times import Clock, paris_day

P = ParamSpec("P")
R = TypeVar("R")


class Session:
    """Made by `Client.session`. What it decides is told in its tally, in French."""

    def __init__(
        self,
        source: Source,
        validators: Mapping[str, Mapping[str, str]],
        *,
        version: int,
        settings: Settings,
        clock: Clock,
        sites: Sites,
        pool: Pool | None,
    ) -> None:
        self._source = source
        self._settings = settings
        self._clock = clock
        self._sites = sites
        self._pool = pool
        self._marks = Marks(source, validators, version=version, now=clock())
        self.shelf: Shelf | None = None  # where answers are archived, before they are parsed
        self.tally = Tally()
        self._lax_host, told = tls.lax_host(source, today=paris_day(clock()))
        if told:
            self.tally.note("certificat", told)

    @property
    def validators(self) -> dict[str, dict[str, str]]:
        """What to store once the items are committed: this visit's over the previous ones."""
        return self._marks.kept

    def now(self) -> datetime:
        return self._clock()

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return self._marks.old

    def forget(self, url: str) -> None:
        self._marks.forget(url)

    def keep(self, name: str, **values: str) -> None:
        self._marks.keep(name, values)

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await parsed(self._pool, self.tally, function, *args, **kwargs)

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        if url.startswith("file:"):
            return self._file(url)
        limit = how.get("max_bytes") or self._settings.max_bytes
        fetch = self._fetch(limit, how.get("total_seconds"))
        await self._ask_robots(url, published=how.get("published", False), fetch=fetch)
        name = how.get("remember") or url
        conditions = {} if how.get("whole") else self._marks.conditions(name)
        sent = {**conditions, **self._own_headers(), **(how.get("headers") or {})}
        answer = await self._follow(fetch, "GET", url, sent)
        fine = answer.status in (200, 203, 304)
        if fine and answer.permanent and answer.url != url and url == self._source.url:
            self.tally.moved_to = answer.url
        if answer.status == 304:
            return self._not_modified(answer, name, url=url, asked=bool(conditions))
        if answer.status in how.get("also", ()):
            self.tally.fetched += 1
            return self._archived(url, self._page(answer, limit))
        self._check_status(answer, url=url)
        page = self._page(answer, limit)
        if url == self._source.url:
            self.tally.fresh = freshness.told(page.headers, page.body, now=self.now())
        reserved = self._hear(tdm.of_page(page.headers, page.body))
        page = self._remember(name, replace(page, reserved=reserved), role=how.get("role", ""))
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

    async def reservation(self) -> tdm.Said | None:
        """What the site's own file says of the source's address (tdmrep.json)."""
        return await self._sites.tdm_file(self._source.url)

    # --- asking ---------------------------------------------------------------------------------

    async def _post(self, url: str, data: bytes, headers: Mapping[str, str]) -> Page:
        limit = self._settings.max_bytes
        fetch = self._fetch(limit, None)
        await self._ask_robots(url, published=True, fetch=fetch)
        fetch.data = data
        answer = await self._follow(fetch, "POST", url, {**self._own_headers(), **headers})
        self._check_status(answer, url=url)
        self.tally.fetched += 1
        return self._page(answer, limit)

    def _fetch(self, limit: int, seconds: float | None) -> Fetch:
        return Fetch(
            self._sites.transport,
            seconds=seconds or self._settings.total_seconds,
            limit=limit,
            allow_http=bool(self._source.options.get("allow_http")),
            lax_host=self._lax_host,
        )

    async def _ask_robots(self, url: str, *, published: bool, fetch: Fetch) -> None:
        check_url(url)
        asked = await self._sites.rules(url, seconds=fetch.seconds, lax_host=self._lax_host)
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
            if wait := self._sites.transport.gates.wait_seconds(url):  # its host said so before
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

    def _own_headers(self) -> dict[str, str]:
        return {str(k): str(v) for k, v in self._source.options.get("headers", {}).items()}

    # --- what came ------------------------------------------------------------------------------

    def _check_status(self, answer: Answer, *, url: str) -> None:
        """Raises the CollectError of a status that is not a full answer."""
        wait = refusals.wait_asked(answer, now=self.now())
        if wait is not None:
            self._heed(answer, wait, url)
        self.tally.gone = self.tally.gone or (answer.status == 410 and url == self._source.url)
        problem = refusals.problem(answer, url=url, wait=self.tally.wait_seconds)
        if problem is not None:
            raise problem

    def _heed(self, answer: Answer, seconds: float, url: str) -> None:
        self.tally.wait(seconds)
        whose = "une adresse"
        if answer.status == 429:  # the whole host asks; a 503 speaks of one address
            self._sites.refuse_until(url, seconds)
            whose = "tout le site"
        self.tally.note("Retry-After", f"{seconds:.0f} s demandées pour {whose}")

    def _not_modified(self, answer: Answer, name: str, *, url: str, asked: bool) -> Page:
        if not asked:
            raise Unreadable("réponse 304 à une demande sans condition", about=url)
        self.tally.fetched += 1
        self.tally.unchanged += 1
        self._marks.not_modified(name)
        return Page(url=answer.url, status=304, headers=answer.headers, body=b"", unchanged=True)

    def _page(self, answer: Answer, limit: int) -> Page:
        body = inflated(answer, limit)
        return Page(url=answer.url, status=answer.status, headers=answer.headers, body=body)

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

    def _remember(self, name: str, page: Page, *, role: str = "") -> Page:
        same = self._marks.read(name, page, role=role)
        self.tally.fetched += 1
        self.tally.unchanged += same
        return replace(page, unchanged=same)

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

    def _file(self, url: str) -> Page:
        """A file of this machine; only the source's own address may be one."""
        if url != self._source.url:
            raise Refused("un lien vers un fichier de cette machine n'est pas suivi", about=url)
        path = Path(url.removeprefix("file://").removeprefix("file:"))
        limit = self._settings.max_bytes * 10
        try:
            if path.stat().st_size > limit:
                raise too_big(limit)
            body = path.read_bytes()
        except OSError as error:
            raise Unreachable(f"fichier {path} : {error.strerror or error}", about=url) from None
        self.tally.bytes += len(body)
        return self._remember(url, Page(url=url, status=200, headers={}, body=body))
