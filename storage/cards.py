"""The cards of the queue follow what models propose and what people decide, in the same
transaction. `storage.queue` gives them to reviewers.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text, update

from domain.records import Decision
from domain.statuses import CardState, DecisionKind
from domain.text import fold
from storage import tables

_c, _a = tables.cards, tables.answers
_CLOSING = (DecisionKind.APPROVE, DecisionKind.REJECT)

# Uncertainty is the least distance to ½ of what was proposed; when the text is surely out of
# scope its themes do not matter. One card in ten gets a second, blind look, and so does every card
# on which a label is at stake. `turn` is its rank among the cards of its organiser (or source): the
# queue takes everyone's first card, then everyone's second, so that two in a row differ.
_REFRESH = text(
    """
    with said as (
        select initiative,
               min(p) filter (where kind = 'scope') as scope,
               min(abs(p - 0.5)) filter (where kind = 'theme') as theme_margin,
               array_agg(value order by value) filter (where kind = 'theme' and chosen) as themes,
               coalesce(bool_or(kind = 'label' and chosen), false) as labelled
        from suggestions
        where campaign = :campaign and initiative = any(:ids)
        group by initiative
    ), known as (
        select initiative,
               max(value #>> '{}') filter (where field = 'organiser') as organiser,
               max(value #>> '{}') filter (where field = 'department') as department
        from initiative_values
        where initiative = any(:ids) and superseded_at is null
          and field in ('organiser', 'department')
        group by initiative
    ), spoken as (
        select p.initiative, array_agg(distinct m.source order by m.source) as sources
        from placements p join mentions m on m.id = p.mention
        where p.initiative = any(:ids) and p.left_at is null
        group by p.initiative
    ), judged as (
        select n.id as initiative, n.status, s.themes, s.labelled, k.department,
               coalesce(o.sources, '{}') as sources,
               coalesce(lower(k.organiser), '') as organiser,
               case when s.scope < 0.15 then 0.5 - s.scope
                    else least(coalesce(abs(s.scope - 0.5), 0.5), coalesce(s.theme_margin, 0.5))
               end as margin
        from said s
        join initiatives n on n.id = s.initiative and n.merged_into is null
        left join known k on k.initiative = n.id
        left join spoken o on o.initiative = n.id
    ), placed as (
        select *, coalesce(nullif(organiser, ''), sources[1], '') as group_key,
               case when margin < 0.15 then 2 when margin < 0.35 then 1 else 0 end as level
        from judged
    )
    insert into cards (initiative, campaign, level, turn, group_key, organiser_key, department,
                       sources, themes, doubled, state, reopened, entered_at)
    select initiative, :campaign, level,
           row_number() over (partition by group_key, level order by initiative)
             + (select count(*) from cards c where c.campaign = :campaign
                and c.group_key = placed.group_key and c.level = placed.level),
           group_key, organiser, department, sources, coalesce(themes, '{}'),
           labelled or get_byte(decode(md5(initiative || :campaign), 'hex'), 0) < 26,
           case when status in ('waiting', 'reopened') then 'open' else 'done' end,
           status = 'reopened', :now
    from placed
    on conflict (initiative, campaign) do update
    set level = excluded.level, group_key = excluded.group_key,
        organiser_key = excluded.organiser_key, department = excluded.department,
        sources = excluded.sources, themes = excluded.themes, doubled = excluded.doubled,
        -- a review re-opened because its source changed comes back, for everyone
        state = case when excluded.reopened and cards.state = 'done' then 'open'
                     else cards.state end,
        reopened = excluded.reopened and cards.state in ('done', 'open'),
        entered_at = case when excluded.reopened and cards.state = 'done' then :now
                          else cards.entered_at end,
        known = case when excluded.reopened then null else cards.known end
    """
)


def refresh(conn: Connection, campaign: str, initiatives: Collection[str], now: datetime) -> None:
    """Give these initiatives their card, or bring it up to date: their suggestions changed."""
    conn.execute(_REFRESH, {"campaign": campaign, "ids": list(initiatives), "now": now})


def decided(
    conn: Connection,
    decision: Decision,
    undone: Decision | None,
    *,
    card: Mapping[str, Any] | None = None,
) -> None:
    """A decision closes the card of its campaign, wherever it was taken; an undo opens it again.

    The queue says itself what its `card` becomes. Nobody holds it any more, in any case.
    """
    columns: dict[str, Any] | None = None
    if decision.kind in _CLOSING:
        columns = {"state": CardState.DONE, "reopened": False}
    elif undone is not None and undone.kind in _CLOSING:
        columns = {"state": CardState.OPEN, "known": None}
    if columns is not None or card is not None:
        settle(conn, decision.initiative, decision.campaign, **(columns or {}) | dict(card or {}))
    if undone is not None:
        mine = (_a.c.decision == undone.id) & _a.c.undone_at.is_(None)
        conn.execute(update(_a).where(mine).values(undone_at=decision.at))


def settle(conn: Connection, initiative: str, campaign: str, **columns: Any) -> None:
    """Set these columns of a card, and give it back."""
    here = (_c.c.initiative == initiative) & (_c.c.campaign == campaign)
    free: dict[str, Any] = {"leased_by": None, "leased_until": None}
    conn.execute(update(_c).where(here).values(**free | columns))


def organiser_key(name: str) -> str:
    """How a card names an organiser, to compare with an account's organisation."""
    return name.strip().lower()


def same_organisation(card: str, account: str) -> bool:
    """Whether the organiser of a card is the person's own organisation, however it is typed."""
    return bool(account.strip()) and fold(card) == fold(account)
