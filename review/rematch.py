"""What a person says of a pair has its effect at once, by the same rules as the chain's, on the
initiatives concerned only (docs/decisions/0100, 0266).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import chain

from domain.intents import AskReviewer, Intent
from domain.records import Verdict
from matching import block, merge, plan, score, sieve
from review.house import House
from storage import blocking, initiatives, matches, mentions, models, outbox, placing
from storage.db import Connection
from storage.placing import Applied


def say(conn: Connection, house: House, verdicts: Collection[Verdict]) -> Applied:
    """Keep what a person says of these pairs, place the mentions again accordingly, and withdraw
    the questions that it settles."""
    now = house.clock()
    matches.add_verdicts(conn, list(verdicts))
    fresh = {one for verdict in verdicts for one in (verdict.a, verdict.b)}
    kept = models.active(conn, "matching")
    model = score.in_use(kept and kept.payload)
    concerned = fresh | {m for one in initiatives.around(conn, fresh) for m in one.mentions}
    pairs = _near(conn, concerned, model)
    asked = matches.questions_about(conn, concerned)
    near = concerned.union(*pairs, *((one.a, one.b) for one in asked))
    touched = initiatives.around(conn, near)
    # What the chain has not placed yet is not for a person's answer to place.
    everyone = fresh | {member for one in touched for member in one.mentions}
    intents = plan.answer(
        mentions.by_ids(conn, everyone),
        pairs,
        answers=list(verdicts),
        initiatives=touched,
        verdicts=matches.between(conn, everyone),
        model=model,
        new_id=house.new_id,
        region=house.settings.region,
        former=initiatives.before_merges(conn, touched),
        asked=asked,
    )
    applied = carry_out(conn, intents, now)
    open_ = [one.question for one in intents if isinstance(one, AskReviewer)]
    matches.put_questions(conn, open_, now, reconsidered=concerned)
    return applied


def _near(
    conn: Connection, concerned: Collection[int], model: score.Model
) -> list[tuple[int, int]]:
    """What the chain compares these announcements with: what is torn is judged as it would."""
    proposed = block.nearest(list(concerned), *blocking.holders(conn, concerned))
    seen = mentions.by_ids(conn, {*chain(*proposed), *concerned})
    return sieve.likely(seen, proposed, model)


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
    told = (merge.described(e, [members[m] for m in e.mentions]) for i in stale for e in i.editions)
    initiatives.save_occurrences(conn, told)
