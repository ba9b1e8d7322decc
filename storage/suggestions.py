"""What classifiers propose, and which initiatives still wait for a model's look."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from domain.records import Reason, Suggestion
from domain.statuses import SuggestionKind
from storage import cards, lists, tables
from storage.campaigns import require_open
from storage.codec import decode_all, encode

_t, _done = tables.suggestions, tables.suggested
_n, _p, _m = tables.initiatives, tables.placements, tables.mentions


def unsuggested(conn: Connection, campaign: str, model: str, limit: int) -> list[str]:
    """Ids of initiatives of the campaign this model has not looked at since they last changed.

    Claimed until the transaction ends; `save` makes them done. Values come first: an initiative
    whose values are not computed waits.
    """
    looked = and_(
        _done.c.initiative == _n.c.id, _done.c.campaign == campaign, _done.c.model == model
    )
    spoken = (
        select(_p.c.id)
        .join(_m, _m.c.id == _p.c.mention)
        .where(_p.c.initiative == _n.c.id, _p.c.left_at.is_(None))
        .where(or_(_m.c.campaign.is_(None), _m.c.campaign == campaign))
    )
    query = (
        select(_n.c.id)
        .where(_n.c.merged_into.is_(None), _n.c.values_at.is_not(None))
        .where(~select(_done.c.initiative).where(looked).exists(), spoken.exists())
        .order_by(_n.c.id)
        .limit(limit)
        .with_for_update(of=_n, skip_locked=True)
    )
    return list(conn.execute(query).scalars())


def save(
    conn: Connection,
    found: Mapping[str, Sequence[Suggestion]],
    now: datetime,
    *,
    campaign: str,
    model: str,
) -> None:
    """The model's suggestions for each initiative (none is an answer), in place of the former."""
    require_open(conn, [campaign])
    if not found:
        return
    ids = list(found)
    conn.execute(delete(_t).where(_t.c.campaign == campaign, _t.c.initiative == func.any(ids)))
    rows = [
        {
            "initiative": initiative,
            "campaign": campaign,
            "kind": one.kind,
            "value": one.value,
            "p": one.p,
            "chosen": one.chosen,
            "reasons": encode(one.reasons),
            "model": one.model,
        }
        for initiative, some in found.items()
        for one in some
    ]
    if rows:
        conn.execute(insert(_t), rows)
    new = insert(_done)
    conn.execute(
        new.on_conflict_do_update(
            index_elements=[_done.c.initiative, _done.c.campaign],
            set_={"model": new.excluded.model, "at": new.excluded.at},
        ),
        [{"initiative": i, "campaign": campaign, "model": model, "at": now} for i in ids],
    )
    cards.refresh(conn, campaign, ids, now)
    lists.refresh(conn, ids)


def of(conn: Connection, initiatives: Collection[str], *, campaign: str) -> list[Suggestion]:
    """The suggestions for these initiatives, the likeliest first within each kind."""
    query = select(_t).where(_t.c.campaign == campaign)
    query = query.where(_t.c.initiative == func.any(list(initiatives)))
    query = query.order_by(_t.c.initiative, _t.c.kind, _t.c.p.desc(), _t.c.value)
    return [
        Suggestion(
            initiative=row.initiative,
            campaign=row.campaign,
            kind=SuggestionKind(row.kind),
            value=row.value,
            p=row.p,
            chosen=row.chosen,
            reasons=decode_all(Reason, row.reasons),
            model=row.model,
        )
        for row in conn.execute(query)
    ]
