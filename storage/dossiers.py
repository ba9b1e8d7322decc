"""Everything known of initiatives in one campaign, streamed: what pages and the census read."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, union

from domain.records import Award, Decision, Dossier, Mention, Suggestion
from domain.statuses import InitiativeStatus
from domain.text import fingerprint
from storage import awards, decisions, initiatives, mentions, suggestions, tables

_n, _p, _m = tables.initiatives, tables.placements, tables.mentions
_d, _s = tables.decisions, tables.suggestions


def dossiers(
    conn: Connection,
    campaign: str,
    *,
    ids: Collection[str] | None = None,
    status: Collection[InitiativeStatus] | None = None,
    batch: int = 500,
) -> Iterator[Dossier]:
    """The initiatives of a campaign by id, merged ones left out, each with all that hangs on it.

    Memory holds one batch, whatever the number; ten statements per batch. Use
    `Database.reading()` for one unchanging view. An initiative belongs to the campaigns of its
    sources, or to every campaign when one of its sources has none.
    """
    # A server-side cursor: the ids come as they are read. Closed when the reader stops midway too.
    query = _chosen(campaign, ids, status).order_by(_n.c.id)
    with conn.execute(query, execution_options={"yield_per": batch}) as result:
        for part in result.scalars().partitions(batch):
            yield from _batch(conn, campaign, list(part))


def of_ids(conn: Connection, campaign: str, ids: Sequence[str]) -> Iterator[Dossier]:
    """The dossiers of these initiatives, those merged into another included, by id."""
    yield from _batch(conn, campaign, ids)


def count(
    conn: Connection, campaign: str, *, status: Collection[InitiativeStatus] | None = None
) -> int:
    """How many `dossiers` would give."""
    chosen = _chosen(campaign, None, status).subquery()
    return conn.execute(select(func.count()).select_from(chosen)).scalar_one()


def state(conn: Connection, campaign: str) -> str:
    """A mark that changes when a dossier of the campaign may have: for caches and ETags."""
    alive = select(func.count(), func.sum(_n.c.version), func.max(_n.c.changed_at))
    decided = select(func.count(), func.max(_d.c.id)).where(_d.c.campaign == campaign)
    proposed = select(func.count(), func.max(_s.c.model)).where(
        _s.c.campaign == campaign, _s.c.chosen
    )
    told = [tuple(conn.execute(query).one()) for query in (alive, decided, proposed)]
    return fingerprint(repr(told))[:16]


def touched(conn: Connection, campaign: str, since: datetime) -> set[str]:
    """Ids of the initiatives whose dossier in the campaign may have changed from that instant on,
    those merged into another included."""
    done = tables.suggested
    changed = select(_n.c.id).where(_n.c.changed_at >= since)
    looked = select(done.c.initiative).where(done.c.campaign == campaign, done.c.at >= since)
    decided = select(_d.c.initiative).where(_d.c.campaign == campaign, _d.c.at >= since)
    return set(conn.execute(union(changed, looked, decided)).scalars())


def _chosen(
    campaign: str,
    ids: Collection[str] | None,
    status: Collection[InitiativeStatus] | None,
) -> Select[Any]:
    spoken = select(_p.c.initiative).join(_m, _m.c.id == _p.c.mention)
    spoken = spoken.where(_p.c.left_at.is_(None))
    spoken = spoken.where(or_(_m.c.campaign.is_(None), _m.c.campaign == campaign))
    query = select(_n.c.id).where(_n.c.merged_into.is_(None), _n.c.id.in_(spoken))
    if ids is not None:
        query = query.where(_n.c.id == func.any(list(ids)))
    if status is not None:
        query = query.where(_n.c.status == func.any(list(status)))
    return query


def _batch(conn: Connection, campaign: str, ids: Sequence[str]) -> Iterator[Dossier]:
    whole = initiatives.get(conn, ids)
    read = {m.id: m for m in mentions.by_ids(conn, {m for one in whole for m in one.mentions})}
    under = initiatives.merged_with(conn, ids)
    kept = {name: identity for identity, names in under.items() for name in names}
    proposed: defaultdict[str, list[Suggestion]] = defaultdict(list)
    for suggestion in suggestions.of(conn, ids, campaign=campaign):
        proposed[suggestion.initiative].append(suggestion)
    decided: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions.of(conn, list(kept), campaign=campaign):
        decided[kept[decision.initiative]].append(decision)
    held: defaultdict[str, list[Award]] = defaultdict(list)
    for award in awards.of(conn, list(kept)):
        held[kept[str(award.initiative)]].append(award)
    for one in whole:
        speaking: tuple[Mention, ...] = tuple(read[m] for m in one.mentions)
        yield Dossier(
            initiative=one,
            campaign=campaign,
            mentions=speaking,
            suggestions=tuple(proposed[one.id]),
            decisions=tuple(decided[one.id]),
            awards=tuple(held[one.id]),
        )
