"""What a kind of source may ask during a visit, and what it is given back.

`Http` is what `collect(source, http)` receives: the real web (session), a frozen one (freeze) or
the archive (replay). Nothing here touches the network.
"""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypedDict, TypeVar, Unpack

from collectors.parse_pool import Pool, digest
from domain.records import Fresh, Json

P = ParamSpec("P")
R = TypeVar("R")

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


class How(TypedDict, total=False):
    """How a page is asked for; all of it may be left out."""

    headers: Mapping[str, str] | None
    published: bool  # made for machines (feed, calendar, API), see robots.Rules.allow
    role: str  # kept with the validator, so that a kind finds its pages again in `known`
    remember: str  # names the validator when the address changes from day to day
    whole: bool  # the body is needed even when unchanged: the next page's address is in it
    also: Collection[int]  # statuses given back instead of raised (an API's "past the last page")
    max_bytes: int | None
    total_seconds: float | None


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
    fresh: Fresh | None = None  # when the source's own address says not to come back
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
    """What a kind may ask during one visit."""

    tally: "Tally"

    def now(self) -> datetime:
        """The instant of the visit (aware, UTC): the only clock a kind may look at."""
        ...

    async def get(self, url: str, **how: Unpack[How]) -> Page:
        """The page at `url`. Raises Unreachable, Refused or Unreadable."""
        ...

    async def post_json(
        self, url: str, payload: Json, *, headers: Mapping[str, str] | None = None
    ) -> Page: ...

    async def post_form(self, url: str, form: Mapping[str, str]) -> Page:
        """The answer to a form (OAuth): its body is never kept by a frozen example."""
        ...

    async def parse(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The result of a pure function of a module, run in a process that can be killed."""
        ...

    def known(self) -> Mapping[str, Mapping[str, str]]:
        """The validators of the last committed visit, url → validator."""
        ...

    def forget(self, url: str) -> None:
        """Read this URL again next time, whatever it answers."""
        ...

    def keep(self, name: str, **values: str) -> None:
        """A kind's own cursor: found again in `known()[name]` once this visit is committed."""
        ...


async def parsed(
    pool: Pool | None,
    tally: Tally,
    function: Callable[P, R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """`function(*args)` in the pool, or here without one; a document that kills is told."""
    if pool is None:
        return function(*args, **kwargs)
    try:
        return await pool.run(function, *args, **kwargs)
    finally:
        document = digest(args)
        if document in pool.poison:
            tally.poison[document] = pool.poison[document]
            tally.poisoned[document] = str(kwargs.get("url", ""))


def question(url: str, payload: Json) -> str:
    """What names a JSON POST: its address, with a digest of what is asked."""
    asked = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()
    return f"{url}#post-{asked[:12]}"
