"""A visit read again from the archive with today's rules: same questions, same answers, no network.

What the visit did not fetch because it had not changed is unchanged again; what today's rules ask
and nobody ever fetched is told as missing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ParamSpec, TypeVar, Unpack

from collectors.collect import Harvest, visit_through
from collectors.freeze import TOKEN
from collectors.http import How, Page, Tally, parsed, question
from collectors.parse_pool import Pool
from collectors.upkeep.archive import Archive, Kept, Snapshot
from domain.errors import Unreachable
from domain.records import Json, Source

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A visit of the archive, read again."""

    at: datetime
    fine: bool  # it was read without a problem that day
    harvest: Harvest
    documents: int  # answers it was read from
    unasked: tuple[str, ...] = ()  # answers of the archive today's rules did not ask for


@dataclass(slots=True)
class ArchivedHttp:
    """An Http that answers from one visit of the archive, then from the visits before it."""

    archive: Archive
    visit: Kept
    before: Mapping[str, Snapshot]
    pool: Pool | None = None
    tally: Tally = field(default_factory=Tally)
    asked: set[str] = field(default_factory=set)

    def now(self) -> datetime:
        return self.visit.at

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        known = (how.get("remember") or url) in self.visit.known
        return self._answer(url, known=known, whole=how.get("whole", False))

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page:
        return self._answer(question(url, payload), known=False, whole=True)

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        return Page(url=url, status=200, headers={}, body=TOKEN)

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await parsed(self.pool, self.tally, function, *args, **kwargs)

    def known(self) -> Mapping[str, Mapping[str, str]]:
        return self.visit.known

    def forget(self, url: str) -> None:
        """Nothing is remembered here."""

    def keep(self, name: str, **values: str) -> None:
        """Nothing is remembered here."""

    def _answer(self, asked: str, *, known: bool, whole: bool) -> Page:
        here = {one.asked: one for one in self.visit.snapshots}
        found = here.get(asked)
        if found is None and known and not whole:
            self.tally.fetched += 1
            self.tally.unchanged += 1
            return Page(url=asked, status=304, headers={}, body=b"", unchanged=True)
        found = found or self.before.get(asked)
        body = self.archive.body(found.sha256) if found else None
        if found is None or body is None:
            raise Unreachable("adresse absente de l'archive", about=asked)
        self.asked.add(asked)
        self.tally.fetched += 1
        self.tally.bytes += len(body)
        headers = dict(found.headers)
        return Page(url=found.url, status=found.status, headers=headers, body=body)


async def replay(
    archive: Archive, source: Source, *, since: datetime, pool: Pool | None = None
) -> list[Replayed]:
    """Every visit of a source since an instant, read again, oldest first."""
    before: dict[str, Snapshot] = {}
    told = []
    for visit in archive.visits(source.slug):
        if visit.at >= since and visit.snapshots:
            http = ArchivedHttp(archive, visit, before, pool)
            there = replace(source, url=visit.url)  # its address that day
            harvest = await visit_through(http, there, now=visit.at)
            unasked = tuple(s.asked for s in visit.snapshots if s.asked not in http.asked)
            told.append(
                Replayed(
                    at=visit.at,
                    fine=visit.fine,
                    harvest=harvest,
                    documents=len(visit.snapshots),
                    unasked=unasked,
                )
            )
        before |= {one.asked: one for one in visit.snapshots}
    return told
