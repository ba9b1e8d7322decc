"""What is remembered of pairs, and what people are asked."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from domain.intents import AskReviewer, Forget, Intent, Remember, Withdraw
from domain.records import Mention, Question, Verdict
from domain.statuses import Relation
from matching.cards import NONE, Bools, Floats, Ints
from matching.levels import Grouped
from matching.score import RELATIONS, Scores, chances

ASK_FROM, ASK_TO = 0.15, 0.98
KEEP = 0.05
CLOSE = 0.05
"""A thought that moves by less is the same one: it is not written again."""
NEAR = 0.1
"""A question whose answer would change as much, at this share near, is the same one."""


def thoughts(
    mentions: Sequence[Mention], scores: Scores, standing: Sequence[Verdict], *, version: str,
    now: datetime,
) -> list[Intent]:  # fmt: skip
    """Verdicts worth keeping and those that no longer are. What is thought already is not written
    again, nor anything of a pair that a person judged: answers that contradict each other are a
    list (decision 0216)."""
    people = _judged(standing)
    before = {(v.a, v.b): v for v in standing if not v.by_person and (v.a, v.b) not in people}
    by = f"matching:{version}"
    heard = _heard(scores)
    best, chance = scores.p[heard].argmax(axis=1).tolist(), scores.p[heard].max(axis=1).tolist()
    new = []
    for (a, b), relation, p in zip(_ends(mentions, scores, heard), best, chance, strict=True):
        if (a, b) in people:
            continue
        old = before.pop((a, b), None)
        if old is None or not same_thought(old, RELATIONS[relation], p, by):
            verdict = Verdict(a=a, b=b, relation=RELATIONS[relation], by=by, at=now, p=round(p, 4))
            new.append(verdict)
    kept = [Remember(verdicts=tuple(new))] if new else []
    return [*kept, *(Forget(a=a, b=b) for a, b in sorted(before))]


def _judged(standing: Sequence[Verdict]) -> set[tuple[int, int]]:
    """The pairs that people judged."""
    return {(v.a, v.b) for v in standing if v.by_person}


def _heard(scores: Scores) -> Ints:
    """The pairs of which there is something to say."""
    return np.flatnonzero(1 - scores.p[:, 3] >= KEEP)


def questions(
    grouped: Grouped, scores: Scores, standing: Sequence[Verdict], asked: Sequence[Question]
) -> list[Intent]:
    """What to ask of the pairs of the grey zone that nobody judged, the worthiest first, and those
    of the `asked` (open, on two of these mentions) that are settled. What is asked already, and
    would change about as much, stays as it is. Why is composed when the page of a pair is opened
    (decisions 0261, 0263)."""
    people = _judged(standing)
    heard = _heard(scores)
    which = heard[_grey(grouped, scores.a[heard], scores.b[heard], scores.p[heard])]
    links = _ends(grouped.mentions, scores, which)
    a, b, p = scores.a[which], scores.b[which], scores.p[which]
    sizes = np.bincount(grouped.initiatives, minlength=len(grouped.mentions))
    touched = sizes[grouped.initiatives[a]] + sizes[grouped.initiatives[b]]
    one, same = 1 - p[:, 3], p[:, 0]
    changed = (np.maximum(same * (1 - same), one * (1 - one)) * touched).tolist()
    known = {(one.a, one.b): one.worth for one in asked}
    found = [
        Question(a=link[0], b=link[1], p=chances(row), worth=round(worth, 4))
        for link, worth, row in zip(links, changed, p, strict=True)
        if link not in people and abs(known.get(link, -1.0) - worth) > NEAR * worth
    ]
    found.sort(key=lambda q: (-q.worth, q.a, q.b))
    settled = sorted(known.keys() - (set(links) - people))
    return [
        *(Withdraw(a=a, b=b) for a, b in settled),
        *(AskReviewer(question=q) for q in found),
    ]


def _ends(mentions: Sequence[Mention], scores: Scores, which: Ints) -> list[tuple[int, int]]:
    """The ids of these pairs, the lower first."""
    ids = np.array([m.id for m in mentions])
    a, b = ids[scores.a[which]], ids[scores.b[which]]
    return list(zip(np.minimum(a, b).tolist(), np.maximum(a, b).tolist(), strict=True))


def still(grouped: Grouped, asked: Sequence[Question]) -> list[Intent]:
    """The questions that the answers given meanwhile did not settle, asked again as they were; the
    others withdrawn."""
    place = {m.id: i for i, m in enumerate(grouped.mentions)}
    here = [one for one in asked if {one.a, one.b} <= place.keys()]
    ends = np.array([(place[one.a], place[one.b]) for one in here], dtype=np.int64).reshape(-1, 2)
    p = np.array([[one.p.get(r, 0.0) for r in RELATIONS] for one in here]).reshape(-1, 4)
    grey = _grey(grouped, ends[:, 0], ends[:, 1], p).tolist()
    settled = {(one.a, one.b) for one, open_ in zip(here, grey, strict=True) if not open_}
    return [
        Withdraw(a=one.a, b=one.b) if (one.a, one.b) in settled else AskReviewer(question=one)
        for one in asked
    ]


def same_thought(old: Verdict, relation: Relation, p: float, by: str) -> bool:
    """Whether that relation at that probability is what was thought by the same, or near enough."""
    return (
        old.by == by
        and old.relation is relation
        and old.p is not None
        and abs(old.p - p) <= CLOSE
        and _doubtful(relation, old.p) is _doubtful(relation, p)
    )


def _doubtful(relation: Relation, p: float) -> bool:
    """Whether a thought is of the grey zone, by its likeliest relation."""
    return p <= (1 - ASK_FROM if relation is Relation.DIFFERENT else ASK_TO)


def _grey(grouped: Grouped, a: Ints, b: Ints, p: Floats) -> Bools:
    """Whether a person's answer could change something: an undecided edition, or an undecided
    initiative; never what clustering settled through other pairs, nor people through others."""
    one, two = grouped.initiatives[a], grouped.initiatives[b]
    homes = zip(np.minimum(one, two).tolist(), np.maximum(one, two).tolist(), strict=True)
    apart = np.fromiter((home in grouped.apart for home in homes), np.bool_, len(a))
    edition = grouped.editions[a]
    dated_alike = (edition == grouped.editions[b]) & (edition != NONE)
    undecided = ~dated_alike & (p[:, 0] >= ASK_FROM) & (p[:, 0] <= ASK_TO)
    return np.asarray(np.where(one == two, undecided, ~apart & (1 - p[:, 3] >= ASK_FROM)))
