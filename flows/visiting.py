"""The first step of the chain: visit the sources that are due and store what each gave.

One transaction a source, so that a killed run keeps every harvest already stored; a silence that
is our own network's is held back to the end of the pass and counted against nobody.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from collectors import load
from collectors.collect import Harvest, reader_version, visit_all
from collectors.items import is_tombstone
from collectors.upkeep import health, moves, rhythm
from collectors.web import network
from collectors.web.client import Client
from collectors.web.look import cut_off
from domain.errors import ConfigError
from domain.records import (
    RawItem,
    Site,
    Source,
    SourceState,
    Visit,
)
from domain.settings import Settings
from flows import archiving
from flows.house import House
from flows.recognising import recognised
from storage import (
    aside,
    db,
    items,
    outbox,
    sources,
)

log = logging.getLogger(__name__)


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
    house: House,
    known: Sequence[Source],
    slugs: Sequence[str] = (),
    *,
    run: str | None = None,
    planned: bool = False,
) -> list[Visit]:
    """Visit the sources that are due (or `slugs`), storing each harvest as it comes.

    A source that another run is visiting is left to it. `planned`: of `slugs`, only those still
    due, for another run may have seen to them since.
    """
    by_slug = {source.slug: source for source in known if source.enabled or source.slug in slugs}
    for missing in sorted(set(slugs) - set(by_slug)):
        raise ConfigError(
            f"{missing!r} là où une source connue est attendue ; `paat source list` les montre",
            about=missing,
        )
    now, wanted = house.clock(), set(slugs or by_slug)
    named = None if planned or not slugs else slugs
    with house.database.begin() as conn:
        sources.register(conn, known)
        due = [slug for slug in sources.due(conn, now, named) if slug in wanted]
    with house.database.claims() as take:
        ours = take([_claim(slug) for slug in due])
        for slug in due:
            if _claim(slug) not in ours:
                log.warning("%s: another run is visiting it; left to it", slug)
        # Looked at again now that they are ours: another run may just have let go of them.
        with house.database.reading() as conn:
            due = [slug for slug in sources.due(conn, now, named) if _claim(slug) in ours]
            states, sites = sources.states(conn, due), sources.sites(conn)
        chosen = [by_slug[slug] for slug in due]
        visits = asyncio.run(_visit_all(house, chosen, states, sites, run))
    archiving.tidy(house, known)
    return visits


def _claim(slug: str) -> str:
    return f"source:{slug}"


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
    visits, held, tried, began = [], [], [], house.clock()
    archive = archiving.opened(house)
    async with Client(house.settings, house.clock, sites=sites, archive=archive) as client:
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
        alone = bool(held) and network.is_doubtful(tried) and await cut_off(client)
    excused = _excused(house, held, states, tried, alone=alone, began=began) if held else ()
    for harvest in held:
        slug = harvest.visit.source
        if slug in excused:
            visits.append(replace(harvest.visit, counted=False))
        else:
            visits.append(store_harvest(house, by_slug[slug], states[slug], harvest, run=run))
    return visits


def _remember_poison(house: House, client: Client, slugs: Sequence[str]) -> None:
    """A document that killed its reader is not read again while neither it nor paat changes."""
    if client.pool is not None:
        with house.database.reading() as conn:
            client.pool.poison |= aside.poison(conn, slugs, reader_version(house.settings))


def _remember(house: House, client: Client) -> None:
    with house.database.begin() as conn:
        sources.remember_sites(conn, client.sites.learned(), house.clock())


def _excused(
    house: House,
    held: Sequence[Harvest],
    states: Mapping[str, SourceState],
    tried: Sequence[tuple[str, bool]],
    *,
    alone: bool,
    began: datetime,
) -> frozenset[str]:
    """The silent sources of this pass whose silence is our own fault; told once, as an event.

    A shard of too few hosts to say follows the verdict of another one, if it is recent.
    """
    now, event = house.clock(), "paat.network.down"
    hosts = {name for name, _ in tried}
    with house.database.begin() as conn:
        verdict = outbox.last_at(conn, event)
        recent = verdict is not None and now - verdict <= network.RECENT
        ours = alone or network.is_down(tried)
        if not ours and not (recent and len(hosts) < network.HOSTS):
            return frozenset()
        read = sources.last_read(conn, began)
        excused = frozenset(
            one.visit.source
            for one in held
            if network.excused_again(states[one.visit.source], verdict=verdict, last_read=read)
        )
        if ours and excused:
            silent = hosts - {name for name, answered in tried if answered}
            payload = {"silent": len(silent), "tried": len(hosts)}
            outbox.put(conn, event, resource="network", now=now, payload=payload)
    return excused


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
