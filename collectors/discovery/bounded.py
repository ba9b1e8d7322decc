"""The Http of a trial: it stops after a few requests, and gives again what it already got."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, TypeVar, Unpack

from collectors.http import How, Page, Tally
from collectors.web.session import Session
from domain.errors import Unreachable
from domain.records import Json

P = ParamSpec("P")
R = TypeVar("R")

EACH = 3  # requests to try one candidate: a list and two of its pages


@dataclass(slots=True)
class Budget:
    """What the trials of one discovery share: requests left, pages already got."""

    left: int
    asked: int = 0
    pages: dict[str, Page] = field(default_factory=dict)


class Bounded:
    """An Http that stops after a few requests, and gives again what it already got."""

    def __init__(self, session: Session, shared: Budget, *, each: int = EACH) -> None:
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
