"""The steps of the chain: plain functions, no Prefect. Each selects what lacks its result, so it
can be stopped, repeated, woken by a clock or an event, and run by several workers.

    collect | read | match | describe | suggest        (`paat veille` runs them in this order)

Every step commits as it goes, one batch a transaction; a killed run leaves committed work and
unfinished rows, and the next run finishes them.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from census import table as census
from classifiers import suggest as suggesting
from collectors import collect as collecting
from collectors import health, http, load
from collectors.extract import mention as extracting
from domain import territory
from domain.campaigns import Campaign, campaign, campaigns
from domain.errors import ConfigError
from domain.records import (
    Dossier,
    Mention,
    Quarantined,
    RawItem,
    Source,
    SourceState,
    Visit,
)
from domain.statuses import Outcome, SourceHealth
from domain.times import paris_day
from flows.house import House
from matching import block, merge, plan, score
from storage import (
    initiatives,
    items,
    matches,
    mentions,
    outbox,
    runs,
    sources,
    suggestions,
)

log = logging.getLogger(__name__)

READ_BATCH = 500
MATCH_BATCH = 500
SUGGEST_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a veille did, in numbers a person reads; also the payload of its run."""

    visits: tuple[Visit, ...] = ()
    problems: tuple[str, ...] = ()  # sources that could not even be loaded
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def nothing_new(self) -> bool:
        return not any(self.counts.get(name) for name in ("new", "changed", "read", "placed"))

    @property
    def failed(self) -> tuple[Visit, ...]:
        fine = (Outcome.OK, Outcome.UNCHANGED)
        return tuple(visit for visit in self.visits if visit.outcome not in fine)


def veille(
    house: House,
    slugs: Sequence[str] = (),
    *,
    known: Sequence[Source] | None = None,
    trigger: str = "manual",
) -> Report:
    """One run of the whole chain, now: the sources that are due, or `slugs` whatever the hour."""
    with house.database.begin() as conn:
        run = runs.start(conn, house.new_id("RUN"), house.clock(), trigger=trigger)
    found, problems = (list(known), []) if known is not None else load_all(house)
    visits = collect(house, found, slugs)
    counts = {
        "new": sum(visit.new for visit in visits),
        "changed": sum(visit.changed for visit in visits),
        **process(house, found),
    }
    with house.database.begin() as conn:
        runs.finish(conn, run, house.clock(), counts)
    return Report(visits=tuple(visits), problems=tuple(map(str, problems)), counts=counts)


def process(house: House, known: Sequence[Source]) -> dict[str, int]:
    """Everything after collection, until nothing is left to do. Two at once: the second waits."""
    with house.database.lock("process"):
        return {
            "read": read(house, known),
            "placed": match(house),
            "described": describe(house),
            "suggested": sum(suggest(house, one) for one in campaigns().values()),
        }


# --- collect ---------------------------------------------------------------------------------


def load_all(house: House) -> tuple[list[Source], list[ConfigError]]:
    """The sources of the settings' folder, and what is wrong in it; registers the good ones."""
    found, problems = load.load_sources(house.settings.sources)
    for problem in problems:
        log.error("%s", problem)
    with house.database.begin() as conn:
        sources.register(conn, found)
    return found, problems


def collect(house: House, known: Sequence[Source], slugs: Sequence[str] = ()) -> list[Visit]:
    """Visit the sources that are due (or `slugs`), storing each harvest as it comes."""
    by_slug = {source.slug: source for source in known}
    for missing in set(slugs) - set(by_slug):
        raise ConfigError(
            f"{missing!r} where a known source was expected; `paat source list` shows them",
            about=missing,
        )
    with house.database.begin() as conn:
        sources.register(conn, list(known))
        due = list(slugs) or sources.due(conn, house.clock(), list(by_slug))
        states = sources.states(conn, due)
    chosen = [by_slug[slug] for slug in due if slug in by_slug]
    return asyncio.run(_visit_all(house, chosen, states))


async def _visit_all(
    house: House, chosen: Sequence[Source], states: dict[str, SourceState]
) -> list[Visit]:
    visits = []
    async with http.Client(house.settings, house.clock) as client:
        harvests = collecting.visit_all(
            chosen, client, states=states, concurrency=house.settings.concurrency
        )
        async for harvest in harvests:
            source = next(one for one in chosen if one.slug == harvest.visit.source)
            visits.append(store_harvest(house, source, states.get(source.slug), harvest))
    return visits


def store_harvest(
    house: House, source: Source, state: SourceState | None, harvest: collecting.Harvest
) -> Visit:
    """Keep what one visit gave, its validators, and when to come back: one transaction."""
    now = house.clock()
    state = state or SourceState(source=source.slug)
    with house.database.begin() as conn:
        stored = items.store(conn, harvest.items, now)
        items.quarantine(conn, harvest.quarantined)
        visit = replace(harvest.visit, new=stored.new, changed=stored.changed)
        after = health.next_state(state, source, visit, now)
        sources.record_visit(conn, visit, after, harvest.validators)
        if stored.new or stored.changed:
            outbox.put(conn, "paat.items.collected", source.slug, {"new": stored.new})
        if after.health != state.health and after.health is not SourceHealth.OK:
            outbox.put(conn, "paat.source.silent", source.slug, {"why": visit.why})
    return visit


# --- read ------------------------------------------------------------------------------------


def read(house: House, known: Sequence[Source]) -> int:
    """Turn every unread raw item into a mention; what cannot be read is quarantined, told, kept."""
    by_slug = {source.slug: source for source in known}
    return _drain(lambda: _read_batch(house, by_slug))


def _read_batch(house: House, by_slug: dict[str, Source]) -> int:
    with house.database.begin() as conn:
        batch = items.unread(conn, READ_BATCH, extracting.EXTRACTOR_VERSION)
        good, bad = read_items(batch, by_slug)
        items.quarantine(conn, bad)
        saved = mentions.save(conn, good, extracting.EXTRACTOR_VERSION)
        matches.put_keys(conn, {one.id: block.keys(one) for one in saved})
    return len(batch)


def read_items(
    batch: Sequence[RawItem], by_slug: dict[str, Source]
) -> tuple[list[Mention], list[Quarantined]]:
    """The mentions of a batch, and the items whose reading failed, with the reason."""
    good, bad = [], []
    for item in batch:
        source = by_slug.get(item.source) or _forgotten(item)
        try:
            good.append(extracting.read(item, source))
        except Exception as error:
            log.exception("%s/%s: could not be read; kept in quarantine", item.source, item.key)
            bad.append(
                Quarantined(
                    source=item.source, key=item.key, why=f"lecture : {error}", payload=item.fields
                )
            )
    return good, bad


def _forgotten(item: RawItem) -> Source:
    """A source whose block was removed: what it gave is still read."""
    return Source(slug=item.source, title=item.source, kind="table", url="")


# --- match -----------------------------------------------------------------------------------


def match(house: House) -> int:
    """Place every unmatched mention: one batch, one plan, one transaction."""
    model = score.load_prior()
    return _drain(lambda: _match_batch(house, model))


def _match_batch(house: House, model: score.Model) -> int:
    with house.database.begin() as conn:
        fresh = mentions.unmatched(conn, MATCH_BATCH)
        if not fresh:
            return 0
        pairs = matches.candidates(conn, [one.id for one in fresh])
        near = {one for pair in pairs for one in pair} | {one.id for one in fresh}
        touched = initiatives.by_mentions(conn, sorted(near))
        everyone = near | {member for one in touched for member in one.mentions}
        intents = plan.plan(
            mentions.by_ids(conn, sorted(everyone)),
            pairs,
            initiatives=touched,
            verdicts=matches.verdicts(conn, sorted(everyone)),
            model=model,
            new_id=house.new_id,
            now=house.clock(),
            region=house.settings.region,
        )
        initiatives.apply(conn, intents, house.clock())
        mentions.mark_matched(conn, [one.id for one in fresh])
        outbox.put(conn, "paat.initiatives.changed", "initiatives", {"mentions": len(fresh)})
    return len(fresh)


def describe(house: House) -> int:
    """Give every initiative whose members changed its golden values, editions and occurrences."""
    return _drain(lambda: _describe_batch(house))


def _describe_batch(house: House) -> int:
    now = house.clock()
    with house.database.begin() as conn:
        stale = initiatives.without_values(conn, MATCH_BATCH)
        members = {
            one.id: one
            for one in mentions.by_ids(conn, sorted({m for i in stale for m in i.mentions}))
        }
        for one in stale:
            own = [members[m] for m in one.mentions]
            initiatives.save_values(conn, one, merge.golden(own, one.values, now=now), now)
            for edition in one.editions:
                its = [members[m] for m in edition.mentions]
                initiatives.save_occurrences(
                    conn,
                    edition.id,
                    merge.occurrences(its),
                    label=merge.edition_label(its),
                    status=merge.edition_status(its),
                )
    return len(stale)


# --- suggest ---------------------------------------------------------------------------------


def suggest(house: House, campaign: Campaign) -> int:
    """Propose scope, themes and the rest for what lacks it in a campaign that is not archived."""
    if campaign.archived:
        return 0
    model = suggesting.cold_model()
    return _drain(lambda: _suggest_batch(house, campaign, model))


def _suggest_batch(house: House, campaign: Campaign, model: suggesting.Model) -> int:
    with house.database.begin() as conn:
        ids = suggestions.unsuggested(conn, campaign.code, model.version, SUGGEST_BATCH)
        dossiers = list(initiatives.dossiers(conn, campaign.code, ids=ids)) if ids else []
        texts = [as_text(one) for one in dossiers]
        proposed = suggesting.suggest(texts, campaign=campaign, model=model)
        suggestions.save(conn, [one for group in proposed for one in group])
    return len(ids)


def as_text(dossier: Dossier) -> suggesting.Text:
    """What a classifier reads of an initiative: its golden values, nothing personal."""
    one = dossier.initiative
    day = one.value("starts_on"), one.value("ends_on")
    starts_on, ends_on = (date.fromisoformat(d) if d else None for d in day)
    return suggesting.Text(
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


def export(house: House, code: str, name: str, path: Path, *, private: bool = False) -> int:
    """Write the census of a campaign in a format; the number of initiatives.

    Raises ConfigError for an unknown campaign or format, or a place that cannot be written.
    """
    chosen, form = campaign(code), census.format_named(name)
    with house.database.connect() as conn, census.whole_file(path) as out:
        found = census.table(
            initiatives.dossiers(conn, chosen.code),
            chosen,
            today=paris_day(house.clock()),
            commune=territory.commune,
            private=private,
        )
        return int(form.write(found, out))
