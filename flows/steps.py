"""The steps of the chain: plain functions, no Prefect. Each selects what lacks its result, so it
can be stopped, repeated, woken by a clock or an event, and run by several workers.

    collect (flows.visiting) | read | match | describe | suggest     (`paat veille`, in this order)

Every step commits as it goes, one batch a transaction; a killed run leaves committed work and
unfinished rows, and the next run finishes them.
"""

import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import chain

from classifiers.engines import Engine
from classifiers.model import Model
from classifiers.suggest import Text, named
from classifiers.suggest import suggest as propose
from collectors import load
from collectors.extract import mention as extracting
from collectors.upkeep import health
from domain.campaigns import Campaign, campaigns
from domain.errors import Conflict
from domain.records import (
    Dossier,
    Edition,
    Initiative,
    Mention,
    Quarantined,
    RawItem,
    Run,
    Source,
    Visit,
)
from domain.statuses import Outcome
from flows import keys, visiting
from flows.house import House
from flows.lessons import active_matching, active_model
from flows.opinions import engine_of
from matching import block, cards, merge, plan, score, sieve
from matching.standing import Past
from storage import (
    blocking,
    dossiers,
    initiatives,
    items,
    matches,
    mentions,
    moved,
    outbox,
    placing,
    runs,
    sources,
    suggestions,
)
from storage.ahead import asking
from storage.db import Connection

log = logging.getLogger(__name__)

BATCH = 500  # rows a transaction: large enough to be fast, small enough to lose little
PLACED = 1_000  # announcements matched in a transaction: what several are near is read once
FEW = 25  # rows a transaction that asks an engine: it holds them while a server thinks
PATIENCE_SECONDS = 600.0  # how long a step waits for another worker doing the same
EXTRACTOR = str(extracting.EXTRACTOR_VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a veille did, in numbers a person reads; also the payload of its run."""

    visits: tuple[Visit, ...] = ()
    problems: tuple[str, ...] = ()  # sources that could not even be loaded
    counts: Mapping[str, int] = field(default_factory=dict)
    tasks: tuple[str, ...] = ()  # what a person has to do about the sources visited, in French

    @property
    def nothing_new(self) -> bool:
        return not any(self.counts.get(name) for name in ("new", "changed", "read", "placed"))

    @property
    def failed(self) -> tuple[Visit, ...]:
        fine = (Outcome.OK, Outcome.UNCHANGED)
        return tuple(one for one in self.visits if one.counted and one.outcome not in fine)

    @property
    def uncounted(self) -> tuple[Visit, ...]:
        """Visits held against nobody: our own network was down."""
        return tuple(visit for visit in self.visits if not visit.counted)


def veille(
    house: House,
    slugs: Sequence[str] = (),
    *,
    known: Sequence[Source] | None = None,
    trigger: str = "manual",
) -> Report:
    """One run of the whole chain, now: the sources that are due, or `slugs` whatever the hour."""
    run = Run(id=house.new_id("RUN"), started_at=house.clock(), trigger=trigger)
    with house.database.begin() as conn:
        runs.start(conn, run)
    found, problems = (list(known), []) if known is not None else visiting.load_all(house)
    visits = visiting.collect(house, found, slugs, run=run.id)
    counts = {
        "new": sum(visit.new for visit in visits),
        "changed": sum(visit.changed for visit in visits),
        **process(house),
    }
    with house.database.begin() as conn:
        runs.finish(conn, run.id, house.clock(), counts)
    return Report(
        visits=tuple(visits),
        problems=tuple(map(str, problems)),
        counts=counts,
        tasks=tuple(tasks(house, [one.source for one in visits])),
    )


def tasks(house: House, slugs: Sequence[str]) -> Iterator[str]:
    """What a person has to do about these sources: `slug : sentence`, in French."""
    with house.database.reading() as conn:
        known, states = sources.known(conn, slugs), sources.states(conn, slugs)
    for slug in sorted(known.keys() & states.keys()):
        place = load.place_of(house.settings.sources, slug)
        for told in health.tasks(known[slug], states[slug], now=house.clock(), place=place):
            yield f"{slug} : {told}"


def process(house: House) -> dict[str, int]:
    """Everything after collection, until nothing is left to do. Two at once: the second waits."""
    with alone(house, "process"):
        return {
            "read": read(house),
            "placed": match(house),
            "described": describe(house),
            "suggested": sum(suggest(house, one) for one in campaigns().values()),
        }


@contextmanager
def alone(house: House, key: str, *, seconds: float = PATIENCE_SECONDS) -> Iterator[None]:
    """Wait for one's turn to do `key`. Raises Conflict after `seconds` of waiting."""
    deadline = time.monotonic() + seconds
    while True:
        lock = house.database.locked(key)
        try:
            lock.__enter__()
        except Conflict:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
            continue
        break
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


# --- read ------------------------------------------------------------------------------------


def read(house: House) -> int:
    """Turn every unread raw item into a mention; what cannot be read is quarantined, told, kept."""
    return _drain(lambda: _read_batch(house))


def _read_batch(house: House) -> int:
    now = house.clock()
    with house.database.begin() as conn:
        batch = items.unread(conn, BATCH, extractor=EXTRACTOR)
        seen = {(one.item.source, one.item.key): one.seen_at for one in batch}
        good, bad = read_items((one.item, one.source) for one in batch)
        dated = [replace(one, collected_at=seen[one.source, one.key]) for one in good]
        items.quarantine(conn, bad, now, extractor=EXTRACTOR)
        keep(conn, dated, now)
    return len(batch)


def keep(conn: Connection, read: Sequence[Mention], now: datetime) -> list[Mention]:
    """Store these readings with their blocking keys; gives them back with their ids."""
    saved = mentions.save(conn, read, now, extractor=EXTRACTOR)
    keys.put(conn, saved)
    return saved


def read_items(
    batch: Iterable[tuple[RawItem, Source]],
) -> tuple[list[Mention], list[Quarantined]]:
    """The mentions of a batch, and the items whose reading failed, with the reason."""
    good, bad = [], []
    for item, source in batch:
        try:
            good.append(extracting.read(item, source))
        except Exception as error:
            log.exception("%s/%s: could not be read; kept in quarantine", item.source, item.key)
            why = f"lecture impossible : {error}"
            bad.append(Quarantined(source=item.source, key=item.key, why=why, payload=item.fields))
    return good, bad


# --- match -----------------------------------------------------------------------------------


def match(house: House) -> int:
    """Place every unmatched mention: one batch, one plan, one transaction."""
    keys.restore(house)
    model = active_matching(house)
    return _drain(lambda: _match_batch(house, model))


def _match_batch(house: House, model: score.Model) -> int:
    """Some of what can be thought of is, while PostgreSQL looks for the rest (`asking`)."""
    now = house.clock()
    with house.database.begin() as conn, asking() as ask:
        fresh = mentions.unmatched(conn, PLACED)
        if not fresh:
            return 0
        new, read = mentions.by_ids(conn, fresh), cards.Reader()
        held = ask(blocking.holders, conn, fresh)
        read.add(new)
        proposed = block.nearest(fresh, *held())
        seen = [*new, *mentions.by_ids(conn, {*chain(*proposed)}.difference(fresh))]
        pairs = sieve.likely(seen, proposed, model, read=read)
        asked = matches.questions_about(conn, fresh)
        near = {*chain(*pairs), *fresh, *chain(*((one.a, one.b) for one in asked))}
        touched = initiatives.around(conn, near, thought=True)
        everyone = near | {member for one in touched for member in one.mentions}
        kin = mentions.by_ids(conn, everyone.difference(one.id for one in seen))
        intents = plan.plan(
            [*(one for one in seen if one.id in everyone), *kin],
            pairs,
            initiatives=touched,
            verdicts=matches.between(conn, everyone),
            model=model,
            new_id=house.new_id,
            now=now,
            region=house.settings.region,
            past=Past(
                moved=moved.of(conn, everyone),
                former=initiatives.before_merges(conn, touched, answered=False),
            ),
            asked=matches.questions_between(conn, everyone),
            read=read,
        )
        placing.apply(conn, intents, now, matched=fresh)
        outbox.put(conn, "paat.initiatives.changed", resource="initiatives", now=now)
    return len(fresh)


def describe(house: House) -> int:
    """Give every initiative whose members changed its golden values, editions and occurrences."""
    return _drain(lambda: _describe_batch(house))


def _describe_batch(house: House) -> int:
    now = house.clock()
    with house.database.begin() as conn:
        stale = initiatives.without_values(conn, BATCH)
        members = {
            one.id: one for one in mentions.by_ids(conn, {m for i in stale for m in i.mentions})
        }
        values = {
            one.id: merge.golden([members[m] for m in one.mentions], one.values, now=now)
            for one in stale
        }
        initiatives.save_values(conn, values, now)
        initiatives.save_occurrences(conn, _described(stale, members))
    return len(stale)


def _described(stale: Iterable[Initiative], members: Mapping[int, Mention]) -> Iterator[Edition]:
    """Their editions with the label, status and dates their mentions give."""
    for one in stale:
        for edition in one.editions:
            yield merge.described(edition, [members[m] for m in edition.mentions])


# --- suggest ---------------------------------------------------------------------------------


def suggest(house: House, chosen: Campaign) -> int:
    """Propose scope, themes and the rest for what lacks it in a campaign that is not archived."""
    if chosen.archived:
        return 0
    model, engine = active_model(house), engine_of(house.settings)
    return _drain(lambda: _suggest_batch(house, chosen, model, engine))


def _suggest_batch(house: House, chosen: Campaign, model: Model, engine: Engine | None) -> int:
    version = named(model, engine)
    with house.database.begin() as conn:
        ids = suggestions.unsuggested(conn, chosen.code, version, BATCH if engine is None else FEW)
        found = list(dossiers.dossiers(conn, chosen.code, ids=ids)) if ids else []
        texts = [as_text(one) for one in found]
        proposed = propose(texts, campaign=chosen, model=model, engine=engine)
        by_id = dict.fromkeys(ids, ()) | {
            one.initiative.id: group for one, group in zip(found, proposed, strict=True)
        }
        suggestions.save(conn, by_id, house.clock(), campaign=chosen.code, model=version)
    return len(ids)


def as_text(dossier: Dossier) -> Text:
    """What a classifier reads of an initiative: its golden values, nothing personal."""
    one = dossier.initiative
    starts_on, ends_on = (
        date.fromisoformat(day) if day else None
        for day in (one.value("starts_on"), one.value("ends_on"))
    )
    return Text(
        id=one.id,
        title=one.value("title") or "",
        text=one.value("description") or "",
        organiser=one.value("organiser"),
        starts_on=starts_on,
        ends_on=ends_on,
        department=one.value("department"),
        tags=tuple(one.value("tags") or ()),
        details={name: one.value(name) for name in ("type", "audience", "disciplines", "labels")},
    )


def _drain(step: Callable[[], int]) -> int:
    """Repeat a batch until it finds nothing; how many rows were done."""
    total, done = 0, 1
    while done:
        with no_cycles():
            done = step()
        total += done
    return total


@contextmanager
def no_cycles() -> Iterator[None]:
    """A batch makes a hundred thousand records that live until its end and no cycle: looking for
    some again and again took a quarter of its time (docs/decisions/0215).
    """
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()
