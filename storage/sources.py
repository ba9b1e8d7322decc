"""Sources: the registry as the database knows it, and what happened at each visit."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, case, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from domain.errors import Conflict
from domain.records import Json, Site, Source, SourceMemory, SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from storage import tables
from storage.codec import decode, encode, safe

_s, _t, _v = tables.sources, tables.source_states, tables.visits
_COPIED = ("slug", "title", "kind", "url", "publisher", "department", "campaign", "enabled")
_READ = (Outcome.OK, Outcome.UNCHANGED)
_ASTRAY = timedelta(days=1)  # no visit lasts that long
RENEWED = {"renewed": "yes"}
"""The identity of a source a person trusts again, until its next visit."""
_VISIT = tuple(c.name for c in _v.c if c.name not in ("id", "run"))


def register(conn: Connection, sources: Sequence[Source]) -> None:
    """Make the sources known, or their new description; those left out stay as they are."""
    if not sources:
        return
    rows = [
        {name: getattr(one, name) for name in _COPIED} | {"record": encode(one)} for one in sources
    ]
    new = insert(_s).values(rows)
    changes = {name: new.excluded[name] for name in (*_COPIED, "record") if name != "slug"}
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_s.c.slug], set_=changes, where=_s.c.record != new.excluded.record
        )
    )
    states = insert(_t).values([{"source": one.slug} for one in sources])
    conn.execute(states.on_conflict_do_nothing())


def known(conn: Connection, slugs: Collection[str] | None = None) -> dict[str, Source]:
    """The sources registered, by slug (all by default)."""
    query = select(_s.c.record)
    if slugs is not None:
        query = query.where(_s.c.slug.in_(slugs))
    return {one.slug: one for one in (decode(Source, r) for r in conn.execute(query).scalars())}


def states(conn: Connection, slugs: Collection[str] | None = None) -> dict[str, SourceState]:
    """What is remembered of each source, by slug (all by default)."""
    query = select(_t)
    if slugs is not None:
        query = query.where(_t.c.source.in_(slugs))
    return {
        row["source"]: SourceState(
            **{
                **row,
                "health": SourceHealth(row["health"]),
                "memory": decode(SourceMemory, row["memory"]),
            }
        )
        for row in conn.execute(query).mappings()
    }


def due(conn: Connection, now: datetime, slugs: Collection[str] | None = None) -> list[str]:
    """Slugs to visit now, the longest overdue first. Named ones are due whenever not paused."""
    query = select(_s.c.slug).join(_t, _t.c.source == _s.c.slug)
    query = query.where(_s.c.enabled, _t.c.paused.is_(False))
    if slugs is None:
        # Visited in the future: the clock was wrong, and so is the date of the next visit.
        astray = _t.c.last_visit_at > now + _ASTRAY
        query = query.where(or_(_t.c.next_visit_at.is_(None), _t.c.next_visit_at <= now, astray))
    else:
        query = query.where(_s.c.slug.in_(slugs))
    query = query.order_by(_t.c.next_visit_at.asc().nulls_first(), _s.c.slug)
    return list(conn.execute(query).scalars())


def record_visit(
    conn: Connection,
    visit: Visit,
    *,
    validators: Mapping[str, Mapping[str, str]] | None = None,
    next_visit_at: datetime | None = None,
    health: SourceHealth | None = None,
    usual_items: float | None = None,
    memory: SourceMemory | None = None,
    run: str | None = None,
) -> None:
    """Keep the visit and what it teaches of the source. What is not given stays as it was.

    Call it in the transaction that stores the items: validators must not outlive a rollback.
    """
    row = {name: getattr(visit, name) for name in _VISIT}
    conn.execute(insert(_v).values(row | {"why": safe(visit.why), "run": run}))
    ok = visit.outcome in _READ
    given = {
        "validators": None if validators is None else encode(validators),
        "next_visit_at": next_visit_at,
        "health": health,
        "usual_items": usual_items,
        "memory": None if memory is None else encode(memory),
    }
    conn.execute(
        update(_t)
        .where(_t.c.source == visit.source)
        .values(
            last_visit_at=_latest(_t.c.last_visit_at, visit.started_at),
            last_ok_at=_latest(_t.c.last_ok_at, visit.started_at) if ok else _t.c.last_ok_at,
            failures=0 if ok else _t.c.failures + 1,
            last_why=safe(visit.why),
            **{name: value for name, value in given.items() if value is not None},
        )
    )


def last_read(conn: Connection, before: datetime) -> datetime | None:
    """When a source, any of them, was last read before that instant."""
    query = select(func.max(_t.c.last_ok_at)).where(_t.c.last_ok_at < before)
    found: datetime | None = conn.execute(query).scalar()
    return found


def hold(conn: Connection, slug: str) -> Mapping[str, str]:
    """By what its announcements are recognised; one visit at a time until the transaction ends.

    Two workers at the same source would each see the other's entries as unknown.
    """
    query = select(_t.c.identity).where(_t.c.source == slug).with_for_update()
    return dict(conn.execute(query).scalar_one_or_none() or {})


def recognise(conn: Connection, slug: str, identity: Mapping[str, str]) -> None:
    """Keep by what its announcements are recognised from now on."""
    conn.execute(update(_t).where(_t.c.source == slug).values(identity=encode(identity)))


def trust(conn: Connection, slug: str) -> None:
    """Believe its identifiers again: its next visit learns those it gives now, undoubted."""
    recognise(conn, slug, RENEWED)


def _latest(known: Any, at: datetime) -> Any:
    """The later of the two, but for a date that a wrong clock wrote."""
    return case((known > at + _ASTRAY, at), else_=func.greatest(known, at))


def visits(conn: Connection, slug: str, *, limit: int = 20) -> list[Visit]:
    """The last visits to a source, newest first."""
    query = select(*(_v.c[name] for name in _VISIT)).where(_v.c.source == slug)
    query = query.order_by(_v.c.started_at.desc(), _v.c.id.desc()).limit(limit)
    return [
        Visit(**{**row, "outcome": Outcome(row["outcome"])})
        for row in conn.execute(query).mappings()
    ]


def recent_visits(conn: Connection, *, per: int = 12) -> dict[str, list[Visit]]:
    """The last visits to every source, newest first, by slug. One statement."""
    # The lateral subquery reads the index (source, started_at desc): `per` rows a source.
    last = (
        select(*(_v.c[name] for name in _VISIT), _v.c.id)
        .where(_v.c.source == _s.c.slug)
        .order_by(_v.c.started_at.desc(), _v.c.id.desc())
        .limit(per)
        .lateral("last")
    )
    query = select(*(last.c[name] for name in _VISIT)).select_from(_s.join(last, true()))
    found: dict[str, list[Visit]] = {}
    for row in conn.execute(query.order_by(last.c.started_at.desc(), last.c.id.desc())).mappings():
        visit = Visit(**{**row, "outcome": Outcome(row["outcome"])})
        found.setdefault(visit.source, []).append(visit)
    return found


def left_address(conn: Connection, slug: str, url: str, now: datetime) -> None:
    """The source is no longer visited there; the address stays known as one of its own."""
    row = {"source": slug, "url": url, "left_at": now}
    conn.execute(insert(tables.source_addresses).values(row).on_conflict_do_nothing())


def former_addresses(conn: Connection, slug: str) -> list[str]:
    """The addresses a source had, oldest first."""
    _a = tables.source_addresses
    query = select(_a.c.url).where(_a.c.source == slug).order_by(_a.c.left_at, _a.c.url)
    return list(conn.execute(query).scalars())


def sites(conn: Connection) -> list[Site]:
    """What is remembered of every site."""
    found = conn.execute(select(tables.sites.c.record).order_by(tables.sites.c.site)).scalars()
    return [decode(Site, record) for record in found]


def remember_sites(conn: Connection, learned: Sequence[Site], now: datetime) -> None:
    """Keep what a run learned of sites over what was known."""
    if not learned:
        return
    # In one order, so that two shards never wait for each other.
    rows = [
        {"site": safe(one.site), "record": encode(one), "seen_at": now}
        for one in sorted(learned, key=lambda one: one.site)
    ]
    new = insert(tables.sites)
    changes = {name: new.excluded[name] for name in ("record", "seen_at")}
    conn.execute(new.on_conflict_do_update(index_elements=["site"], set_=changes), rows)


def hurry(conn: Connection, slug: str, *, anew: bool = False) -> None:
    """Make it due at once: the next passage visits it; `anew`, it reads everything again.

    Raises Conflict when it is unknown.
    """
    _known(conn, slug)
    changes: dict[str, Json] = {"next_visit_at": None, **({"validators": {}} if anew else {})}
    conn.execute(update(_t).where(_t.c.source == slug).values(changes))


def add(conn: Connection, source: Source, by: str) -> None:
    """A source a person adds on screen. Raises Conflict when its slug or address is taken."""
    _a = tables.source_addresses
    taken = select(_s.c.slug).where(or_(_s.c.slug == source.slug, _s.c.url == source.url))
    before = select(_a.c.source).where(_a.c.url == source.url)
    if (other := conn.execute(taken.union(before)).scalars().first()) is not None:
        raise Conflict(f"source {other} has this slug or address already", about=source.slug)
    register(conn, [source])
    conn.execute(update(_s).where(_s.c.slug == source.slug).values(added_by=by))


def added(conn: Connection) -> list[Source]:
    """The sources people added on screen, by slug."""
    query = select(_s.c.record).where(_s.c.added_by.is_not(None)).order_by(_s.c.slug)
    return [decode(Source, record) for record in conn.execute(query).scalars()]


def pause(conn: Connection, slug: str) -> None:
    """Stop visiting a source until `resume`. Raises Conflict when it is unknown."""
    _known(conn, slug)
    changes = {"paused": True, "health": SourceHealth.PAUSED}
    conn.execute(update(_t).where(_t.c.source == slug).values(changes))


def resume(conn: Connection, slug: str) -> None:
    """Visit a paused source again, at once, its failures forgotten; else nothing to do.

    Raises Conflict when it is unknown.
    """
    _known(conn, slug)
    changes = {"paused": False, "health": SourceHealth.OK, "failures": 0, "next_visit_at": None}
    conn.execute(update(_t).where(_t.c.source == slug, _t.c.paused).values(changes))


def _known(conn: Connection, slug: str) -> None:
    if conn.execute(select(_t.c.source).where(_t.c.source == slug)).first() is None:
        raise Conflict("no such source; `paat source list` shows them", about=slug)
