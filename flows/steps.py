"""The steps of the chain: plain functions, no Prefect. Each selects what lacks its result, so it
can be stopped, repeated, woken by a clock or an event, and run by several workers.

    collect | read | match | describe | suggest        (`paat veille` runs them in this order)

Every step commits as it goes, one batch a transaction; a killed run leaves committed work and
unfinished rows, and the next run finishes them.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from inspect import signature
from pathlib import Path

from census import digest as digests
from census import table as census
from census import watching
from census.files import whole_file
from census.filters import EVERYTHING, Filter
from classifiers.engines import Engine
from classifiers.model import Model
from classifiers.suggest import Text, named
from classifiers.suggest import suggest as propose
from collectors import health, http, load, moves, network, rhythm
from collectors.collect import Harvest, reader_version, visit_all
from collectors.extract import mention as extracting
from collectors.items import is_tombstone
from domain import territory
from domain.campaigns import Campaign, campaign, campaigns
from domain.errors import ConfigError, Conflict
from domain.records import (
    Dossier,
    Edition,
    Initiative,
    Mention,
    Quarantined,
    RawItem,
    Run,
    Site,
    Source,
    SourceState,
    Visit,
)
from domain.settings import Settings
from domain.statuses import Outcome
from domain.times import paris_day
from flows import archiving
from flows.house import House
from flows.lessons import active_matching, active_model
from flows.opinions import engine_of
from flows.recognising import recognised
from matching import block, merge, plan, score
from storage import (
    aside,
    db,
    dossiers,
    initiatives,
    items,
    matches,
    mentions,
    outbox,
    placing,
    runs,
    sources,
    suggestions,
)
from storage import campaigns as closings
from storage.db import Connection

log = logging.getLogger(__name__)

BATCH = 500  # rows a transaction: large enough to be fast, small enough to lose little
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
    found, problems = (list(known), []) if known is not None else load_all(house)
    visits = collect(house, found, slugs, run=run.id)
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


# --- collect ---------------------------------------------------------------------------------


def load_all(house: House) -> tuple[list[Source], list[ConfigError]]:
    """The sources of the settings' folder and those added on screen, and what is wrong in the
    folder; registers the good ones. Of two with one slug, the folder's.
    """
    found, problems = load.load_sources(house.settings.sources)
    for problem in problems:
        log.error("%s", problem)
    with house.database.begin() as conn:
        sources.register(conn, found)
        slugs = {one.slug for one in found}
        found += [one for one in sources.added(conn) if one.slug not in slugs]
    return found, problems


def known_source(house: House, slug: str) -> Source:
    """The registered source of that slug. Raises ConfigError when nobody knows it."""
    return known_sources(house, [slug])[0]


def known_sources(house: House, slugs: Sequence[str]) -> list[Source]:
    """The registered sources of these slugs, in their order. Raises ConfigError likewise."""
    load_all(house)
    with house.database.reading() as conn:
        found = sources.known(conn, slugs)
    for slug in slugs:
        if slug not in found:
            raise ConfigError(
                f"{slug!r} là où une source connue est attendue ; `paat source list` les montre",
                about=slug,
            )
    return [found[slug] for slug in slugs]


def collect(
    house: House, known: Sequence[Source], slugs: Sequence[str] = (), *, run: str | None = None
) -> list[Visit]:
    """Visit the sources that are due (or `slugs`), storing each harvest as it comes."""
    by_slug = {source.slug: source for source in known if source.enabled or source.slug in slugs}
    for missing in sorted(set(slugs) - set(by_slug)):
        raise ConfigError(
            f"{missing!r} là où une source connue est attendue ; `paat source list` les montre",
            about=missing,
        )
    with house.database.begin() as conn:
        sources.register(conn, known)
        due = sources.due(conn, house.clock(), slugs or None)
        states = sources.states(conn, due)
        sites = sources.sites(conn)
    chosen = [by_slug[slug] for slug in due if slug in by_slug]
    visits = asyncio.run(_visit_all(house, chosen, states, sites, run))
    archiving.tidy(house, known)
    return visits


async def _visit_all(
    house: House,
    chosen: Sequence[Source],
    states: Mapping[str, SourceState],
    sites: Sequence[Site],
    run: str | None,
) -> list[Visit]:
    by_slug = {source.slug: source for source in chosen}
    visited = [moves.effective(one, states[one.slug].memory) for one in chosen]
    at = {source.slug: source for source in visited}
    visits, held, tried = [], [], []
    archive = archiving.opened(house)
    async with http.Client(house.settings, house.clock, sites=sites, archive=archive) as client:
        _remember_poison(house, client, list(by_slug))
        harvests = visit_all(visited, client, states, concurrency=house.settings.concurrency)
        async for harvest in harvests:
            slug = harvest.visit.source
            if network.votes(at[slug], states[slug]):
                tried.append((network.host(at[slug]) or "", harvest.answered))
            if network.silent(at[slug], harvest.visit, answered=harvest.answered):
                held.append(harvest)  # ours or theirs: known at the end of the pass
            else:
                visits.append(store_harvest(house, by_slug[slug], states[slug], harvest, run=run))
        _remember(house, client)
    ours = bool(held) and _network_down(house, tried)
    for harvest in held:
        slug = harvest.visit.source
        if ours:
            visits.append(replace(harvest.visit, counted=False))
        else:
            visits.append(store_harvest(house, by_slug[slug], states[slug], harvest, run=run))
    return visits


def _remember_poison(house: House, client: http.Client, slugs: Sequence[str]) -> None:
    """A document that killed its reader is not read again while neither it nor paat changes."""
    if client.pool is not None:
        with house.database.reading() as conn:
            client.pool.poison |= aside.poison(conn, slugs, reader_version(house.settings))


def _remember(house: House, client: http.Client) -> None:
    with house.database.begin() as conn:
        sources.remember_sites(conn, client.sites.learned(), house.clock())


def _network_down(house: House, tried: Sequence[tuple[str, bool]]) -> bool:
    """Whether the silent hosts of this pass are our own fault; told once, as an event.

    A shard of too few hosts to say follows the verdict of another one, if it is recent.
    """
    now = house.clock()
    with house.database.begin() as conn:
        if not network.is_down(tried):
            told = outbox.last_at(conn, "paat.network.down")
            few = len({name for name, _ in tried}) < network.HOSTS
            return few and told is not None and now - told <= network.RECENT
        hosts = {name for name, _ in tried} - {name for name, answered in tried if answered}
        outbox.put(
            conn,
            "paat.network.down",
            resource="network",
            now=now,
            payload={"silent": len(hosts), "tried": len({name for name, _ in tried})},
        )
    return True


def bounds(settings: Settings) -> rhythm.Bounds:
    """The house's own bounds of a source's rhythm."""
    return rhythm.Bounds(
        shortest_hours=settings.shortest_hours, longest_hours=settings.longest_hours
    )


def store_harvest(
    house: House, source: Source, state: SourceState, harvest: Harvest, *, run: str | None = None
) -> Visit:
    """Keep what one visit gave, its validators, and when to come back: one transaction."""
    now = house.clock()
    with house.database.begin() as conn:
        harvested = recognised(conn, source, harvest.items, now)
        stored = items.store(conn, _laid_over(conn, harvested), now)
        _set_aside(conn, source, harvest, now, version=reader_version(house.settings))
        seen = replace(harvest.visit, new=stored.new, changed=stored.changed)
        after = health.next_state(
            state,
            source,
            seen,
            now=now,
            signals=harvest.signals,
            bounds=bounds(house.settings),
        )
        visit = replace(seen, why=after.last_why)
        sources.record_visit(
            conn,
            visit,
            validators=harvest.validators,
            next_visit_at=after.next_visit_at,
            health=after.health,
            usual_items=after.usual_items,
            memory=after.memory,
            run=run,
        )
        if stored.new or stored.changed:
            outbox.put(conn, "paat.items.collected", resource=source.slug, now=now)
        if after.memory.address and after.memory.address != state.memory.address:
            sources.left_address(conn, source.slug, moves.effective(source, state.memory).url, now)
        for event in health.news(state, after):
            outbox.put(
                conn,
                event,
                resource=source.slug,
                now=now,
                payload={"health": after.health.value, "why": after.last_why},
            )
    return visit


def _set_aside(
    conn: db.Connection, source: Source, harvest: Harvest, now: datetime, *, version: str
) -> None:
    """Quarantine what could not be read; let go of the documents that have changed since."""
    dated = [
        replace(one, payload={**one.payload, "version": version})
        if one.key.startswith(aside.DOCUMENT)
        else one
        for one in harvest.quarantined
    ]
    items.quarantine(conn, dated, now)
    digests = {url: v["sha256"] for url, v in harvest.validators.items() if "sha256" in v}
    poison = {one.payload["sha256"] for one in dated if one.key.startswith(aside.DOCUMENT)}
    aside.release_changed(conn, source.slug, now, digests=digests, poison=poison)


def _laid_over(conn: db.Connection, harvested: Sequence[RawItem]) -> list[RawItem]:
    """The same items; a tombstone is completed by what was known, one of an unknown item drops."""
    found = []
    for one in harvested:
        if not is_tombstone(one):
            found.append(one)
        elif before := items.revisions(conn, one.source, one.key):
            last = before[-1]
            found.append(replace(last, fields={**last.fields, **one.fields}))
    return found


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
        saved = mentions.save(conn, dated, now, extractor=EXTRACTOR)
        keys = zip(saved, block.keys_of(saved), strict=True)
        matches.put_keys(conn, {one.id: some for one, some in keys})
    return len(batch)


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
    model = active_matching(house)
    return _drain(lambda: _match_batch(house, model))


def _match_batch(house: House, model: score.Model) -> int:
    now = house.clock()
    with house.database.begin() as conn:
        fresh = [one.id for one in mentions.unmatched(conn, BATCH)]
        if not fresh:
            return 0
        pairs = matches.candidates(conn, fresh)
        near = {one for pair in pairs for one in pair} | set(fresh)
        alive = initiatives.by_mentions(conn, near)
        kin = initiatives.merged_with(conn, [one.id for one in alive])
        touched = initiatives.get(conn, {one for ids in kin.values() for one in ids})
        everyone = near | {member for one in touched for member in one.mentions}
        intents = plan.plan(
            mentions.by_ids(conn, everyone),
            pairs,
            initiatives=touched,
            verdicts=matches.verdicts(conn, everyone, reasons=False),
            model=model,
            new_id=house.new_id,
            now=now,
            region=house.settings.region,
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
            its = [members[m] for m in edition.mentions]
            if its:
                yield replace(
                    edition,
                    label=merge.edition_label(its),
                    status=merge.edition_status(its),
                    occurrences=merge.occurrences(its),
                )


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
    total = 0
    while done := step():
        total += done
    return total


# --- tell ------------------------------------------------------------------------------------


def export(
    house: House,
    code: str,
    name: str,
    path: Path,
    *,
    private: bool = False,
    keep: Filter = EVERYTHING,
    on: date | None = None,
    template: Path | None = None,
) -> int:
    """Write the census of a campaign in a format; the number of initiatives. `on` is the date it
    is made at (today; the day it was closed, for an archived campaign): same state and date, same
    bytes. `template` replaces that of a document.

    Raises ConfigError for an unknown campaign or format, or a place that cannot be written.
    """
    chosen, form = campaign(code), census.format_named(name, suffix=path.suffix)
    if template is not None and "template" not in signature(form.write).parameters:
        raise ConfigError(
            "ce format n'a pas de modèle là où --template en donne un ; retirez l'option",
            about=name,
        )
    more = {} if template is None else {"template": template}
    with house.database.reading() as conn, whole_file(path) as out:
        closed = closings.archived(conn).get(chosen.code)
        found = census.table(
            dossiers.dossiers(conn, chosen.code),
            chosen,
            today=on or paris_day(closed or house.clock()),
            commune=territory.commune,
            private=private,
            keep=keep,
            address=house.settings.public_url,
            watched=watched(conn),
            communes=of_campaign(chosen),
        )
        return int(form.write(found, out, **more))


def changes_since(house: House, code: str, before: Path) -> str:
    """What changed in a campaign since an export (json or jsonl), as a French page.

    Raises ConfigError for a file that is no such export.
    """
    chosen = campaign(code)
    since, old = digests.read_export(before.read_bytes(), about=str(before), campaign=code)
    today = paris_day(house.clock())
    with house.database.reading() as conn:
        found = dossiers.dossiers(conn, chosen.code)
        now = census.table(found, chosen, today=today, commune=territory.commune)
        told = digests.digest(old, now)
    return digests.markdown(told, since=since or today, until=today, campaign=chosen.title)


def watched(conn: Connection) -> tuple[census.Watched, ...]:
    """The sources as a census tells them, by slug."""
    return watching.watched(sources.known(conn), sources.states(conn))


def of_campaign(chosen: Campaign) -> tuple[territory.Commune, ...]:
    """The communes of its departments."""
    return tuple(c for c in territory.region_communes() if c.department in chosen.departments)
