"""Lists of initiatives: searching, filtering, page after page; and the table that makes it fast.

`listings` holds one line an initiative, brought up to date in the transaction that changes its
values, its suggestions or its decisions. Its status is read where it lives.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.sql import ColumnElement

from domain.campaigns import campaigns
from domain.statuses import InitiativeStatus
from domain.text import words
from storage import tables

_l, _n = tables.listings, tables.initiatives
_e, _o = tables.editions, tables.occurrences
NO_DAY = date(9999, 12, 31)
MOST = 1000  # beyond, a list says « more than 1 000 » instead of counting

# Folded as domain.text.fold does, so that accents do not matter, then stemmed in French.
_REFRESH = text(
    """
    with kept as (
        select initiative,
               max(value #>> '{}') filter (where field = 'title') as title,
               max(value #>> '{}') filter (where field = 'organiser') as organiser,
               max(value #>> '{}') filter (where field = 'commune_code') as commune_code,
               max(value #>> '{}') filter (where field = 'commune_name') as commune_name,
               max(value #>> '{}') filter (where field = 'department') as department,
               max(value #>> '{}') filter (where field = 'starts_on') as starts_on,
               max(value #>> '{}') filter (where field = 'ends_on') as ends_on,
               left(max(value #>> '{}') filter (where field = 'description'), 20000) as body
        from initiative_values
        where superseded_at is null and initiative = any(:ids)
          and field in ('title', 'organiser', 'commune_code', 'commune_name', 'department',
                        'starts_on', 'ends_on', 'description')
        group by initiative
    ), spoken as (
        select p.initiative, array_agg(distinct m.source) as sources,
               array_agg(distinct 'c:' || coalesce(m.campaign, '*')) as campaigns,
               left(string_agg(m.title_key, ' '), 5000) as titles
        from placements p join mentions m on m.id = p.mention
        where p.left_at is null and p.initiative = any(:ids)
        group by p.initiative
    ), standing as (
        select distinct on (d.initiative, d.campaign) d.initiative, d.campaign, d.kind, d.value
        from decisions d
        where d.kind in ('approve', 'reject') and d.initiative = any(:ids)
          and not exists (select from decisions u where u.undoes = d.id)
        order by d.initiative, d.campaign, d.id desc
    ), themed as (
        select initiative, campaign, value as theme from suggestions s
        where kind = 'theme' and chosen and initiative = any(:ids)
          and not exists (select from standing d
                          where d.initiative = s.initiative and d.campaign = s.campaign)
        union
        select initiative, campaign, said.theme
        from standing, jsonb_array_elements_text(standing.value -> 'themes') as said(theme)
        where kind = 'approve' and jsonb_typeof(standing.value -> 'themes') = 'array'
    ), marked as (
        select initiative, array_agg('t:' || campaign || ':' || theme) as themes
        from themed group by initiative
    )
    insert into listings (initiative, title, organiser, commune_code, commune_name, department,
                          starts_on, ends_on, sort_on, sources, marks, words)
    select n.id, coalesce(k.title, ''), coalesce(k.organiser, ''), k.commune_code, k.commune_name,
           k.department, cast(k.starts_on as date), cast(k.ends_on as date),
           coalesce(cast(k.starts_on as date), '9999-12-31'), coalesce(s.sources, '{}'),
           coalesce(s.campaigns, '{}') || coalesce(m.themes, '{}'),
           to_tsvector('french', regexp_replace(
               normalize(replace(replace(lower(concat_ws(' ', k.title, k.organiser, k.commune_name,
                                                         s.titles, k.body)),
                                         'œ', 'oe'), 'æ', 'ae'), nfd),
               '[\\u0300-\\u036f]', '', 'g'))
    from initiatives n
    left join kept k on k.initiative = n.id
    left join spoken s on s.initiative = n.id
    left join marked m on m.initiative = n.id
    where n.id = any(:ids)
    order by n.id
    on conflict (initiative) do update
    set title = excluded.title, organiser = excluded.organiser,
        commune_code = excluded.commune_code, commune_name = excluded.commune_name,
        department = excluded.department, starts_on = excluded.starts_on,
        ends_on = excluded.ends_on, sort_on = excluded.sort_on, sources = excluded.sources,
        marks = excluded.marks, words = excluded.words
    """
)


def refresh(conn: Connection, initiatives: Collection[str]) -> None:
    """Bring these lines up to date. One statement."""
    if initiatives:
        conn.execute(_REFRESH, {"ids": list(initiatives)})


def missing(conn: Connection, limit: int) -> list[str]:
    """Initiatives without a line: those that a migration found there."""
    here = select(_l.c.initiative).where(_l.c.initiative == _n.c.id)
    query = select(_n.c.id).where(~here.exists(), _n.c.merged_into.is_(None))
    return list(conn.execute(query.order_by(_n.c.id).limit(limit)).scalars())


# --- searching -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which initiatives a list shows; what is empty filters nothing."""

    words: str = ""  # all of them, in any form, accents apart; the last one may be unfinished
    campaign: str = ""
    theme: str = ""  # of that campaign; of any without one
    department: str = ""
    commune: str = ""  # INSEE code
    first: date | None = None  # with a date in [first, last]
    last: date | None = None
    status: InitiativeStatus | None = None
    source: str = ""
    by_date: bool = False  # earliest first, undated last; otherwise latest found first
    departments: tuple[str, ...] = ()  # a territory; an unknown place is everyone's


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of a list."""

    id: str
    title: str
    organiser: str
    commune_name: str | None
    department: str | None
    starts_on: date | None
    ends_on: date | None
    status: InitiativeStatus
    sources: tuple[str, ...]
    themes: tuple[str, ...]  # of the campaign of the list


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    lines: tuple[Listed, ...]
    after: str | None  # the cursor of the next page


def page(conn: Connection, wanted: Wanted, *, after: str = "", size: int = 50) -> Page:
    """The lines after that cursor (of a Page; anything else = from the start). One statement.

    New lines arriving meanwhile move nothing: a cursor is a place, not a number.
    """
    query = _chosen(wanted, select(*_l.c, _n.c.status))
    place = _place(after)
    if wanted.by_date:
        query = query.order_by(_l.c.sort_on, _l.c.initiative)
        if place is not None:
            here = tuple_(_l.c.sort_on, _l.c.initiative)
            query = query.where(here > tuple_(literal(place[0]), literal(place[1])))
    else:
        query = query.order_by(_l.c.initiative.desc())
        if place is not None:
            query = query.where(_l.c.initiative < place[1])
    rows = conn.execute(query.limit(size + 1)).all()
    kept = rows[:size]
    lines = tuple(
        Listed(
            id=row.initiative,
            title=row.title,
            organiser=row.organiser,
            commune_name=row.commune_name,
            department=row.department,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            status=InitiativeStatus(row.status),
            sources=tuple(row.sources),
            themes=_themes(row.marks, wanted.campaign),
        )
        for row in kept
    )
    more = len(rows) > size
    return Page(lines=lines, after=f"{kept[-1].sort_on}~{kept[-1].initiative}" if more else None)


def count(conn: Connection, wanted: Wanted) -> int:
    """How many there are; MOST + 1 when there are more than that. One statement."""
    some = _chosen(wanted, select(_l.c.initiative)).limit(MOST + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def ids(conn: Connection, wanted: Wanted) -> list[str]:
    """All of them, to export. One statement."""
    return list(conn.execute(_chosen(wanted, select(_l.c.initiative))).scalars())


def _place(cursor: str) -> tuple[date, str] | None:
    day, _, identity = cursor.partition("~")
    try:
        return (date.fromisoformat(day), identity) if identity else None
    except ValueError:
        return None


def _themes(marks: Collection[str], campaign: str) -> tuple[str, ...]:
    head = f"t:{campaign}:" if campaign else "t:"
    return tuple(sorted({one.rsplit(":", 1)[1] for one in marks if one.startswith(head)}))


def _chosen(wanted: Wanted, query: Select[Any]) -> Select[Any]:
    query = query.join(_n, _n.c.id == _l.c.initiative).where(_n.c.merged_into.is_(None))
    return query.where(*_conditions(wanted))


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if found := words(wanted.words):
        yield _l.c.words.bool_op("@@")(func.to_tsquery("french", " & ".join(found) + ":*"))
    if wanted.campaign:
        yield _l.c.marks.overlap(["c:*", f"c:{wanted.campaign}"])
    if wanted.theme:
        places = [wanted.campaign] if wanted.campaign else list(campaigns())
        yield _l.c.marks.overlap([f"t:{one}:{wanted.theme}" for one in places])
    if wanted.department:
        yield _l.c.department == wanted.department
    if wanted.commune:
        yield _l.c.commune_code == wanted.commune
    if wanted.source:
        yield _l.c.sources.contains([wanted.source])
    if wanted.status is not None:
        yield _n.c.status == wanted.status
    if wanted.departments:
        mine = _l.c.department == func.any(list(wanted.departments))
        yield or_(_l.c.department.is_(None), mine)
    if wanted.first or wanted.last:
        days = func.daterange(_o.c.starts_on, _o.c.ends_on, literal_column("'[]'"))
        asked = func.daterange(wanted.first, wanted.last, literal_column("'[]'"))
        held = select(_e.c.initiative).join(_o, _o.c.edition == _e.c.id)
        yield _l.c.initiative.in_(held.where(days.bool_op("&&")(asked)))
