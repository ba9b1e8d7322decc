"""What a person says of a pair has its effect at once, by the same rules as the chain's, on the
initiatives concerned only (docs/decisions/0100, 0266). Taken back, it leaves nothing (0283).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from itertools import chain

from domain.intents import Intent, PlaceMention
from domain.records import Verdict
from matching import block, merge, plan, score, sieve
from matching.standing import Past
from review.house import House
from storage import (
    blocking,
    initiatives,
    joining,
    matches,
    mentions,
    models,
    moved,
    outbox,
    placing,
)
from storage.db import Connection
from storage.placing import Applied

Pair = tuple[int, int]


def say(conn: Connection, house: House, verdicts: Collection[Verdict]) -> Applied:
    """Keep what a person says of these pairs, place the mentions again accordingly, and withdraw
    the questions that it settles."""
    pairs = [(one.a, one.b) for one in verdicts]
    before = {at for by in {v.by for v in verdicts} for at in matches.answered_at(conn, pairs, by)}
    matches.add_verdicts(conn, list(verdicts))
    return _place(conn, house, pairs, max(one.at for one in verdicts), before)


def take_back(conn: Connection, house: House, pair: Pair, by: str) -> Applied:
    """As if that person had said nothing of this pair: the mentions stand where the other answers
    want them, and what theirs had settled is asked again."""
    now = house.clock()
    before = matches.answered_at(conn, [pair], by)
    matches.take_back(conn, pair, by, now)
    return _place(conn, house, [pair], now, before)


def _place(
    conn: Connection, house: House, pairs: Collection[Pair], now: datetime,
    before: Collection[datetime],
) -> Applied:  # fmt: skip
    """Obey the answers that hold; these `pairs` were answered now. `before`: when the answers that
    no longer hold were given."""
    fresh = {end for pair in pairs for end in pair}
    kept = models.active(conn, "matching")
    model = score.in_use(kept and kept.payload)
    concerned = fresh | {m for one in initiatives.around(conn, fresh) for m in one.mentions}
    likely = _near(conn, concerned, model)
    asked = matches.questions_about(conn, concerned, closed=before)
    near = concerned.union(*likely, *((one.a, one.b) for one in asked))
    touched = initiatives.around(conn, near)
    # What the chain has not placed yet is not for a person's answer to place.
    everyone = fresh | {member for one in touched for member in one.mentions}
    intents = plan.answer(
        mentions.by_ids(conn, everyone),
        likely,
        answered=[*pairs],
        initiatives=touched,
        verdicts=matches.between(conn, everyone),
        model=model,
        new_id=house.new_id,
        region=house.settings.region,
        past=Past(
            moved=moved.of(conn, everyone),
            former=initiatives.before_merges(conn, touched, answered=False),
            once=initiatives.before_merges(conn, touched, answered=True),
        ),
        asked=asked,
    )
    return carry_out(conn, intents, now, answered=True)


def _near(conn: Connection, concerned: Collection[int], model: score.Model) -> list[Pair]:
    """What the chain compares these announcements with: what is torn is judged as it would."""
    proposed = block.nearest(list(concerned), *blocking.holders(conn, concerned))
    seen = mentions.by_ids(conn, {*chain(*proposed), *concerned})
    return sieve.likely(seen, proposed, model)


def unmerge(conn: Connection, initiative: str, now: datetime) -> Applied:
    """That initiative gets back what it had when it was merged, as if it never had been: there is
    nothing else to go back to."""
    intents = joining.undo_join(conn, initiative)
    moved.forget(conn, [one.mention for one in intents if isinstance(one, PlaceMention)])
    return carry_out(conn, intents, now)


def carry_out(
    conn: Connection, intents: Iterable[Intent], now: datetime, *, answered: bool = False
) -> Applied:
    """Apply a plan and compute again the values of the initiatives it touched."""
    applied = placing.apply(conn, intents, now, answered=answered)
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
