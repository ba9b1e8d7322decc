"""What a person says of a pair has its effect at once: the same plan as the chain's, for the
initiatives concerned only (docs/decisions/0100).
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from domain.intents import Intent
from domain.records import Verdict
from matching import merge, plan, score
from review.house import House
from storage import initiatives, matches, mentions, models, outbox, placing
from storage.db import Connection
from storage.placing import Applied


def say(conn: Connection, house: House, verdicts: Collection[Verdict]) -> Applied:
    """Keep what a person says of these pairs, and place the mentions again accordingly."""
    now = house.clock()
    matches.add_verdicts(conn, list(verdicts))
    fresh = {one for verdict in verdicts for one in (verdict.a, verdict.b)}
    touched = initiatives.around(conn, fresh)
    everyone = fresh | {member for one in touched for member in one.mentions}
    kept = models.active(conn, "matching")
    intents = plan.plan(
        mentions.by_ids(conn, everyone),
        [(one.a, one.b) for one in verdicts],
        initiatives=touched,
        verdicts=matches.between(conn, everyone),
        model=score.in_use(kept and kept.payload),
        new_id=house.new_id,
        now=now,
        region=house.settings.region,
    )
    return carry_out(conn, intents, now)


def carry_out(conn: Connection, intents: Iterable[Intent], now: datetime) -> Applied:
    """Apply a plan and compute again the values of the initiatives it touched."""
    applied = placing.apply(conn, intents, now)
    describe(conn, applied.touched, now)
    outbox.put(conn, "paat.initiatives.changed", resource="initiatives", now=now)
    return applied


def describe(conn: Connection, ids: Collection[str], now: datetime) -> None:
    """The values, editions and dates of these initiatives, from their mentions."""
    stale = [one for one in initiatives.get(conn, ids) if one.merged_into is None]
    members = {one.id: one for one in mentions.by_ids(conn, {m for i in stale for m in i.mentions})}
    values = {
        one.id: merge.golden([members[m] for m in one.mentions], one.values, now=now)
        for one in stale
    }
    initiatives.save_values(conn, values, now)
    held = [(e, [members[m] for m in e.mentions]) for one in stale for e in one.editions]
    initiatives.save_occurrences(
        conn,
        [
            replace(
                edition,
                label=merge.edition_label(its),
                status=merge.edition_status(its),
                occurrences=merge.occurrences(its),
            )
            for edition, its in held
            if its
        ],
    )
