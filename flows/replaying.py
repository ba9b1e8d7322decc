"""`paat source replay`: archived answers read with today's rules, beside what is stored.

Nothing is touched unless asked: a report says, announcement by announcement, what would be new,
lost or changed, field by field. Applied, what is new or changed becomes a revision like any other;
what is lost stays (a source that forgets never deletes).
"""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from collectors.extract import mention as extracting
from collectors.items import is_tombstone
from collectors.parse_pool import Pool
from collectors.upkeep import archive as archives
from collectors.upkeep import replay as replaying
from collectors.upkeep.replay import Replayed
from domain.records import Json, Mention, RawItem, Source
from domain.settings import Settings
from flows import recognising, steps
from flows.house import House
from storage import aside, items, mentions, sources
from storage.db import Connection
from storage.items import Current

Pair = tuple[Json, Json]
MOST_VISITS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One announcement today's rules read otherwise. `what`: new, lost, changed."""

    key: str
    title: str
    what: str
    fields: Mapping[str, Pair]  # of the announcement: name → (stored, read now)
    reading: Mapping[str, Pair]  # of its mention

    def as_json(self) -> dict[str, Json]:
        return {
            "key": self.key,
            "title": self.title,
            "what": self.what,
            "fields": {name: list(pair) for name, pair in self.fields.items()},
            "reading": {name: list(pair) for name, pair in self.reading.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What reading a source's archive again gives."""

    source: str
    visits: int = 0
    documents: int = 0
    items: int = 0
    newer: int = 0  # left alone: stored since by a visit the archive does not have
    differences: tuple[Difference, ...] = ()
    problems: tuple[str, ...] = ()
    quarantined: int = 0
    released: tuple[str, ...] = ()  # keys in quarantine that are read now
    applied: bool = False

    def count(self, what: str) -> int:
        return sum(one.what == what for one in self.differences)

    def as_json(self) -> dict[str, Json]:
        return {
            "source": self.source,
            "visits": self.visits,
            "documents": self.documents,
            "items": self.items,
            "new": self.count("new"),
            "lost": self.count("lost"),
            "changed": self.count("changed"),
            "newer": self.newer,
            "quarantined": self.quarantined,
            "released": list(self.released),
            "applied": self.applied,
            "problems": list(self.problems),
            "differences": [one.as_json() for one in self.differences],
        }


def replay(
    house: House, chosen: Sequence[Source], *, since: datetime, apply: bool = False
) -> list[Report]:
    """Read the archives of these sources again, a report each; with `apply`, keep what differs."""
    archive = archives.of_settings(house.settings)

    async def everything() -> list[list[Replayed]]:
        pool = _pool(house.settings)
        try:
            return [await replaying.replay(archive, s, since=since, pool=pool) for s in chosen]
        finally:
            if pool is not None:
                await pool.close()

    done = [
        _report(house, source, found, apply=apply)
        for source, found in zip(chosen, asyncio.run(everything()), strict=True)
    ]
    if apply:
        steps.process(house)
    return done


def _pool(settings: Settings) -> Pool | None:
    if not settings.parse_seconds:
        return None
    return Pool(workers=settings.parse_workers, seconds=settings.parse_seconds)


def _report(house: House, source: Source, found: Sequence[Replayed], *, apply: bool) -> Report:
    if not found:
        return Report(source=source.slug, applied=apply)
    now = house.clock()
    # One transaction: what is compared is what is replaced.
    with house.database.begin() as conn:
        produced = _produced(conn, source, found)
        there = items.current(conn, source.slug)
        visited = [v.started_at for v in sources.visits(conn, source.slug, limit=MOST_VISITS)]
        newer = {
            key
            for key, (_, at) in produced.items()
            if key in there and _visit_of(there[key].seen_at, visited) > at
        }
        fresh = {key: one for key, (one, _) in produced.items() if key not in newer}
        read = {m.id: m for m in mentions.by_ids(conn, [one.id for one in there.values()])}
        archived = {one.at for one in found}
        lost = [
            one
            for key, one in there.items()
            if key not in produced and _visit_of(one.seen_at, visited) in archived
        ]
        differences = compare(source, fresh, there, read, lost=lost)
        open_keys = [
            one.key
            for one in aside.everything(conn, source.slug)
            if not one.stored and one.last_at >= found[0].at
        ]
        bad = {one.key for each in found for one in each.harvest.quarantined}
        released = tuple(key for key in open_keys if key not in bad)
        if apply:
            kept = {one.key for one in differences if one.what != "lost"}
            items.store(conn, [fresh[key] for key in fresh if key in kept], now)
            items.read_again(conn, [there[key].id for key in kept if key in there])
            aside.release(conn, source.slug, released, now)
    return Report(
        source=source.slug,
        visits=len(found),
        documents=sum(one.documents for one in found),
        items=len(produced),
        newer=len(newer),
        differences=differences,
        problems=tuple(_problems(found)),
        quarantined=len(bad),
        released=released,
        applied=apply,
    )


def _produced(
    conn: Connection, source: Source, found: Sequence[Replayed]
) -> dict[str, tuple[RawItem, datetime]]:
    """key → what the last visit that gave it says, and when, under the keys they are known by."""
    policy = recognising.policy_of(source, sources.states(conn)[source.slug].identity)
    produced = {}
    for visit in found:
        alive = [one for one in visit.harvest.items if not is_tombstone(one)]
        for one in recognising.judged(conn, source, alive, policy=policy).items:
            produced[one.key] = (one, visit.at)
    return produced


def compare(
    source: Source,
    fresh: Mapping[str, RawItem],
    there: Mapping[str, Current],
    read: Mapping[int, Mention],
    *,
    lost: Iterable[Current],
) -> tuple[Difference, ...]:
    """What differs between the announcements read now and those stored. Pure."""
    found = []
    for key, item in fresh.items():
        before = there.get(key)
        fields = _pairs(before.item.fields if before else {}, item.fields)
        if before is None:
            found.append(_difference(item, "new", fields, {}))
            continue
        mention = read.get(before.id)
        # A mention is read again from its fields by the next passage: compared only when they hold.
        now, _ = steps.read_items([(item, source)])
        reading = (
            _pairs(extracting.as_item(mention), extracting.as_item(now[0]))
            if mention and now
            else {}
        )
        if fields or reading:
            found.append(_difference(item, "changed", fields, reading))
    found += [_difference(one.item, "lost", {}, {}) for one in lost]
    return tuple(found)


def _difference(
    item: RawItem, what: str, fields: Mapping[str, Pair], reading: Mapping[str, Pair]
) -> Difference:
    title = str(item.fields.get("title") or "")
    return Difference(key=item.key, title=title, what=what, fields=fields, reading=reading)


def _pairs(before: Mapping[str, Json], after: Mapping[str, Json]) -> dict[str, Pair]:
    """name → (before, after) of what differs, as JSON."""
    one, other = (json.loads(json.dumps(dict(x), default=str)) for x in (before, after))
    names = [*one, *(name for name in other if name not in one)]
    return {n: (one.get(n), other.get(n)) for n in names if one.get(n) != other.get(n)}


def _visit_of(seen_at: datetime, visited: Sequence[datetime]) -> datetime:
    """When the visit that stored a revision began."""
    return max((at for at in visited if at <= seen_at), default=seen_at)


def _problems(found: Sequence[Replayed]) -> Iterable[str]:
    for one in found:
        day = f"{one.at:%Y-%m-%d %H:%M}"
        if one.harvest.visit.why and one.fine:
            yield f"{day} : {one.harvest.visit.why}"
        if one.unasked:
            yield f"{day} : {len(one.unasked)} réponses que les règles d'aujourd'hui ne lisent pas"


def as_text(one: Report, *, detail: int = 40) -> str:
    """A report in French: totals, then one line a difference."""
    if not one.visits:
        return f"{one.source} : rien dans l'archive depuis cette date"
    done = "appliqué" if one.applied else "rien n'est modifié (--apply pour l'enregistrer)"
    lines = [
        f"{one.source} : {one.visits} visite(s), {one.documents} réponse(s) relue(s), "
        f"{one.items} annonce(s) dont {one.count('new')} nouvelle(s), "
        f"{one.count('changed')} modifiée(s), {one.count('lost')} qu'on ne lit plus, "
        f"{one.quarantined} mise(s) de côté ; {done}"
    ]
    sign = {"new": "+", "lost": "-", "changed": "~"}
    for each in one.differences[:detail]:
        lines.append(f"  {sign[each.what]} {each.title or each.key} [{each.key[:80]}]")
        if each.what == "changed":
            lines += [f"      {name} : {_told(pair)}" for name, pair in each.fields.items()]
            lines += [f"      lu, {name} : {_told(pair)}" for name, pair in each.reading.items()]
    if len(one.differences) > detail:
        lines.append(f"  … et {len(one.differences) - detail} autres (--json les montre)")
    if one.newer:
        lines.append(f"  {one.newer} annonces enregistrées depuis par une visite sans archive")
    lines += [f"  relue désormais : {key[:120]}" for key in one.released]
    lines += [f"  ! {problem}" for problem in one.problems]
    return "\n".join(lines)


def _told(pair: Pair) -> str:
    before, after = (_short(value) for value in pair)
    return f"{before} → {after}"


def _short(value: Json) -> str:
    text = "rien" if value in (None, "", []) else " ".join(str(value).split())
    return text if len(text) <= 60 else f"{text[:57]}…"
