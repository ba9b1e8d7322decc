"""The records of the journey (docs/parcours.md): frozen, keyword-only, no behaviour beyond reading.

Source → RawItem → Mention → Verdict → Initiative (Edition, Occurrence) → Suggestion → Decision.
Instants are aware UTC datetimes and end in `_at`; calendar days end in `_on`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from domain.statuses import (
    ActorKind,
    Attendance,
    Certainty,
    DecisionKind,
    EventStatus,
    InitiativeStatus,
    Outcome,
    Precision,
    Publisher,
    Relation,
    SourceHealth,
    SuggestionKind,
)
from domain.text import fingerprint

Json = Any
"""None, bool, int, float, str, list or dict of the same."""


# --- collection ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One `[[source]]` block. `slug` is for ever stable; `kind` is a file of collectors/kinds."""

    slug: str
    title: str
    kind: str
    url: str
    publisher: Publisher = Publisher.AGENDA
    department: str | None = None  # "05"; None = regional or national
    commune: str | None = None  # INSEE code, when everything it publishes takes place there
    organiser: str | None = None  # when everything it publishes is by one organiser
    every_hours: float = 24
    expect_min: int | None = None  # items per visit; outside the bounds = implausible
    expect_max: int | None = None
    licence: str | None = None
    campaign: str | None = None  # when the source belongs to one campaign only
    enabled: bool = True
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawItem:
    """An announcement as the source gave it. Never changed: new content is a new revision.

    `fields` uses the names of RAW_FIELDS; `leftovers` are the source's own fields nobody reads.
    """

    source: str
    key: str
    url: str | None = None
    fields: Mapping[str, Json]
    published_at: datetime | None = None
    leftovers: tuple[str, ...] = ()
    declared: str | None = None  # its identifier as the source wrote it, "" = none; not stored

    @property
    def content_sha256(self) -> str:
        return fingerprint(self.fields)


RAW_FIELDS: Mapping[str, str] = {
    "title": "str",
    "text": "str, plain text",
    "html": "str, collected HTML, never shown",
    "when": "str, the words of the date",
    "start": "str, ISO date or datetime (naive = Europe/Paris)",
    "end": "str, ISO date or datetime, inclusive",
    "timings": "list of {start, end}, ISO",
    "recurrence": "str, RRULE",
    "venue": "str",
    "address": "str",
    "commune": "str, name",
    "postcode": "str",
    "insee": "str, commune code",
    "department": "str, code or name",
    "lat": "float",
    "lon": "float",
    "attendance": "str, on_site | online | itinerant",
    "organiser": "str",
    "organiser_kind": "str, a value of ActorKind",
    "rna": "str",
    "siren": "str",
    "siret": "str",
    "email": "str",
    "phone": "str",
    "contact": "str, a person",
    "url": "str",
    "ticket": "str, booking address",
    "links": "list of str",
    "status": "str, a value of EventStatus",
    "type": "str",
    "audience": "str or list of str",
    "discipline": "str or list of str",
    "partners": "str or list of str",
    "funders": "str or list of str",
    "budget": "float, euros",
    "amount": "float, euros granted",
    "participants": "int",
    "labels": "str or list of str",
    "themes": "list of str, as declared by the source",
    "tags": "list of str",
    "year": "int or str (2023-2024)",
    "language": "str, ISO 639-1",
    "licence": "str",
    "sheet": "dict, the canonical fields of an action sheet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One slot. `ends_on` is the last day, inclusive."""

    starts_on: date
    ends_on: date
    starts_at: time | None = None  # local time, Europe/Paris
    ends_at: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What a text says about dates: never « today » by default; the words are kept."""

    starts_on: date | None = None
    ends_on: date | None = None
    occurrences: tuple[Occurrence, ...] = ()
    words: str | None = None
    precision: Precision = Precision.UNKNOWN
    recurrence: str | None = None  # RRULE (RFC 5545)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What a text says about the place. `ask` keeps the candidates, it never picks one."""

    venue: str | None = None
    address: str | None = None
    commune_code: str | None = None
    commune_name: str | None = None
    postcode: str | None = None
    department: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    attendance: Attendance = Attendance.ON_SITE
    certainty: Certainty = Certainty.ABSENT
    candidates: tuple[str, ...] = ()  # INSEE codes, when a person must choose
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """The organiser, with identifiers whose keys were checked."""

    name: str | None = None
    kind: ActorKind | None = None
    rna: str | None = None
    siren: str | None = None
    siret: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A way to reach the organiser. Personal data never leaves in a public export (RGPD art. 5)."""

    kind: str  # email | phone | person
    value: str
    is_personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """An announcement, read. Recomputed when the extractor improves; nobody edits it.

    `id` is given by storage on first sight of (source, key) and never changes.
    """

    id: int = 0
    source: str
    key: str
    title: str
    text: str = ""
    url: str | None = None
    ticket: str | None = None
    links: tuple[str, ...] = ()
    when: When = When()
    where: Where = Where()
    who: Who = Who()
    contacts: tuple[Contact, ...] = ()
    status: EventStatus = EventStatus.PLANNED
    publisher: Publisher = Publisher.AGENDA
    published_at: datetime | None = None
    collected_at: datetime | None = None
    language: str | None = None
    campaign: str | None = None  # of its source, when the source belongs to one campaign
    details: Mapping[str, Json] = field(default_factory=dict)  # type, audience, budget, sheet…
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """An item that could not be read: kept with its payload and the reason, replayable."""

    source: str
    key: str
    why: str
    payload: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one visit to one source gave. The application shows it; storage keeps it."""

    source: str
    outcome: Outcome
    why: str = ""
    started_at: datetime
    seconds: float = 0.0
    requests: int = 0
    bytes: int = 0
    items: int = 0
    new: int = 0
    changed: int = 0
    quarantined: int = 0
    skipped: int = 0  # known unchanged and not given again: they count in what a source gives
    response_ms: int | None = None  # 95 requests in 100 were answered within that; our waits aside
    counted: bool = True  # False: our own network was down, nothing is held against the source


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How often a field is filled in, 0 to 1: over its history, and lately."""

    usual: float
    recent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A permanent redirect of a source's address, seen on several visits."""

    to: str
    seen: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """When a source says that it is not worth coming back (collectors.upkeep.freshness)."""

    seconds: float = 0.0  # its answer stays good that long
    skip_hours: tuple[int, ...] = ()  # of UTC
    skip_days: tuple[int, ...] = ()  # Monday = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceMemory:
    """What visits taught of a source, beyond its state (collectors.upkeep.health)."""

    failing_since: datetime | None = None
    last_new_at: datetime | None = None
    gaps: tuple[float, ...] = ()  # days between the last visits that brought something new
    fill: Mapping[str, Share] = field(default_factory=dict)
    filled: int = 0  # items `fill` was learned on
    alarms: Mapping[str, str] = field(default_factory=dict)  # code → French sentence
    next_why: str = ""  # why the next visit is when it is, in French
    address: str | None = None  # the address visited instead of `address_of`, adopted after moves
    address_of: str | None = None  # the address its block gave then
    moving: Moving | None = None
    gone_since: datetime | None = None  # first HTTP 410 in a row at its own address
    tdm: str = ""  # who reserved text and data mining and how, in French; empty = nobody
    fresh: Fresh | None = None
    event_days: tuple[date, ...] = ()  # the next days its announcements give, soonest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is remembered of one site (scheme, host, port) between runs, whatever its sources."""

    site: str  # https://mairie.example
    robots: str | None = None  # the last robots.txt that could be read; "" = none, None = never
    robots_at: datetime | None = None
    robots_wait_until: datetime | None = None  # robots.txt in error: nothing is asked before
    robots_why: str = ""
    wait_until: datetime | None = None  # HTTP 429: the whole host asked
    tdmrep: str | None = None  # /.well-known/tdmrep.json; "" = none, None = never read
    tdmrep_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the house remembers of a source between visits."""

    source: str
    health: SourceHealth = SourceHealth.OK
    paused: bool = False
    last_visit_at: datetime | None = None
    last_ok_at: datetime | None = None
    next_visit_at: datetime | None = None
    failures: int = 0
    last_why: str = ""
    usual_items: float | None = None  # median of the last visits that gave something
    validators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """url → {"etag", "last_modified", "sha256"}; opaque, given back verbatim, kept after commit."""
    memory: SourceMemory = SourceMemory()
    identity: Mapping[str, str] = field(default_factory=dict)
    """{"policy": a value of Identity, "why", "since"}; empty = the source's identifiers hold."""


# --- matching --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a machine thinks so, in French, with its signed weight in the score."""

    code: str  # stable: "title", "same_commune", "word", "pattern"…
    text: str  # shown: « titre proche à 94 % », « bénévoles »
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How two mentions relate, said by the machine or by a person. `a < b`. Never deleted."""

    id: int = 0
    a: int
    b: int
    relation: Relation
    by: str  # "matching:<version>" or "user:<name>"
    at: datetime
    p: float | None = None
    note: str = ""

    @property
    def by_person(self) -> bool:
        return self.by.startswith("user:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A pair the machine cannot decide. `worth` orders the queue: what an answer changes most."""

    a: int
    b: int
    p: Mapping[Relation, float]
    worth: float = 0.0


# --- initiatives -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """The value kept for a field and where it comes from. A person's value always wins."""

    field: str
    value: Json
    mention: int | None = None  # the mention it was read in
    rule: str = ""  # the survivorship rule, or "user:<name>"
    at: datetime | None = None
    alternatives: tuple[Json, ...] = ()  # values that lost the vote, still visible

    @property
    def by_person(self) -> bool:
        return self.rule.startswith("user:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One holding of an initiative (2024, 2025, session 3). Its mentions speak about it."""

    id: str
    initiative: str
    label: str = ""
    status: EventStatus = EventStatus.PLANNED
    occurrences: tuple[Occurrence, ...] = ()
    mentions: tuple[int, ...] = ()
    part_of: str | None = None  # id of the edition it is a sub-event of


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """Who does what, where and when. Keeps its id when members join or leave."""

    id: str
    status: InitiativeStatus = InitiativeStatus.WAITING
    created_at: datetime
    changed_at: datetime
    merged_into: str | None = None
    version: int = 1
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    editions: tuple[Edition, ...] = ()
    undated: tuple[int, ...] = ()  # mentions attached to the initiative, to no edition

    def value(self, name: str) -> Json:
        found = self.values.get(name)
        return None if found is None else found.value

    @property
    def mentions(self) -> tuple[int, ...]:
        return tuple(sorted({m for e in self.editions for m in e.mentions} | set(self.undated)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """What a classifier proposes for an initiative in a campaign; replaced by the next model."""

    initiative: str
    campaign: str
    kind: SuggestionKind
    value: str  # theme slug, ScopeAnswer, type…
    p: float
    chosen: bool  # sure enough to be shown as chosen
    reasons: tuple[Reason, ...] = ()
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a reviewer decided. Append-only; undone by another decision, never deleted."""

    id: int = 0
    initiative: str
    campaign: str
    kind: DecisionKind
    by: str
    at: datetime
    value: Mapping[str, Json] = field(default_factory=dict)  # {"themes": […]} | {"field", "value"}…
    before: Mapping[str, Json] = field(default_factory=dict)
    motive: str = ""
    undoes: int | None = None
    key: str = ""  # idempotency key: the same key twice is one decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who bears, funds or hosts initiatives. `aliases` are other names seen in announcements."""

    id: str
    name: str
    kind: ActorKind | None = None
    rna: str | None = None
    siren: str | None = None
    siret: str | None = None
    commune_code: str | None = None
    department: str | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Award:
    """A label held by an initiative or an actor, dated; validity is computed at today's date."""

    label: str
    initiative: str | None = None
    actor: str | None = None
    level: str = ""
    starts_on: date
    ends_on: date | None = None
    decision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """Everything known of one initiative in one campaign: what pages and the census are made of."""

    initiative: Initiative
    campaign: str
    mentions: tuple[Mention, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    decisions: tuple[Decision, ...] = ()
    awards: tuple[Award, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One passage of the chain: what it did, kept for the report and for « since last time »."""

    id: str
    started_at: datetime
    ended_at: datetime | None = None
    trigger: str = "manual"
    counts: Mapping[str, int] = field(default_factory=dict)
