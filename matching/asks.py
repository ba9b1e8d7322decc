"""What is remembered of pairs, and what people are asked."""

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np

from domain.intents import AskReviewer, Forget, Intent, Remember, Withdraw
from domain.records import Mention, Question, Reason, Verdict
from domain.statuses import Relation
from matching.cards import NONE, Floats, Ints
from matching.levels import Grouped
from matching.score import RELATIONS, Scores, chances

ASK_FROM, ASK_TO = 0.15, 0.98
KEEP = 0.05
CLOSE = 0.05
"""A thought that moves by less is the same one: it is not written again."""


def told(
    grouped: Grouped, scores: Scores, why: Callable[[Ints], list[tuple[Reason, ...]]],
    standing: Sequence[Verdict], *, version: str, now: datetime, asked: Sequence[Question],
) -> list[Intent]:  # fmt: skip
    """Verdicts worth keeping and those that no longer are; questions on the grey zone, the
    worthiest first, and those `asked` (open, about these mentions) that are settled. What is
    remembered with the same thought is not remembered again, and what is asked already stays so; a
    pair that a person judged is neither: answers that contradict each other are a list (decision
    0216). Only what is asked is explained: the rest is, when its page is opened (decision 0261).
    """
    new, known = _thoughts(scores, standing, grouped.mentions, version)
    remembered = []
    for i in new:
        low, high = _ends(grouped, scores, i)
        best = int(scores.p[i].argmax())
        verdict = Verdict(
            a=low, b=high, relation=RELATIONS[best], by=f"matching:{version}", at=now,
            p=round(float(scores.p[i, best]), 4),
        )  # fmt: skip
        remembered.append(Remember(verdict=verdict))
    here, open_ = {m.id for m in grouped.mentions}, {(one.a, one.b) for one in asked}
    grey = {
        _ends(grouped, scores, i): i
        for i in (*new, *known)
        if _grey(grouped, int(scores.a[i]), int(scores.b[i]), scores.p[i])
    }
    heard = {_ends(grouped, scores, i) for i in (*new, *known)}
    unheard = {(v.a, v.b) for v in standing if not v.by_person and {v.a, v.b} <= here} - heard
    settled = {pair for pair in open_ - grey.keys() if {*pair} <= here}
    fresh = {*new}
    which = np.array([i for pair, i in grey.items() if i in fresh or pair not in open_], np.int64)
    return [
        *remembered,
        *(Forget(a=a, b=b) for a, b in sorted(unheard)),
        *(Withdraw(a=a, b=b) for a, b in sorted(settled)),
        *_questions(grouped, scores, which, why(which)),
    ]


def _questions(
    grouped: Grouped, scores: Scores, which: Ints, why: Sequence[tuple[Reason, ...]]
) -> list[AskReviewer]:
    """What to ask of these pairs, the worthiest first."""
    sizes = np.bincount(grouped.initiatives, minlength=len(grouped.mentions))
    asked = []
    for i, reasons in zip(which.tolist(), why, strict=True):
        low, high = _ends(grouped, scores, i)
        p, homes = scores.p[i], grouped.initiatives[[scores.a[i], scores.b[i]]]
        settled = max(float(p[0]), float(1 - p[3]), key=lambda v: v * (1 - v))
        worth = round(settled * (1 - settled) * int(sizes[homes].sum()), 4)
        asked.append(Question(a=low, b=high, p=chances(p), reasons=reasons, worth=worth))
    asked.sort(key=lambda q: (-q.worth, q.a, q.b))
    return [AskReviewer(question=q) for q in asked]


def _ends(grouped: Grouped, scores: Scores, i: int) -> tuple[int, int]:
    """The ids of a pair, the lower first."""
    a, b = (grouped.mentions[int(end[i])].id for end in (scores.a, scores.b))
    return (a, b) if a < b else (b, a)


def still(grouped: Grouped, asked: Sequence[Question]) -> list[Intent]:
    """The questions that the answers given meanwhile did not settle, asked again as they were; the
    others withdrawn."""
    place = {m.id: i for i, m in enumerate(grouped.mentions)}
    return [
        AskReviewer(question=one)
        if not {one.a, one.b} <= place.keys()
        or _grey(grouped, place[one.a], place[one.b], [one.p.get(r, 0.0) for r in RELATIONS])
        else Withdraw(a=one.a, b=one.b)
        for one in asked
    ]


def _thoughts(
    scores: Scores, standing: Sequence[Verdict], mentions: Sequence[Mention], version: str
) -> tuple[list[int], list[int]]:
    """The pairs of which something is to be said that nobody said: not thought before, and
    remembered with the same thought."""
    people = {(v.a, v.b) for v in standing if v.by_person}
    before = {(v.a, v.b): v for v in standing if not v.by_person}
    new: list[int] = []
    known: list[int] = []
    for i in np.flatnonzero(1 - scores.p[:, 3] >= KEEP).tolist():
        ends = mentions[int(scores.a[i])].id, mentions[int(scores.b[i])].id
        link, p = (min(ends), max(ends)), scores.p[i].tolist()
        if link in people:
            continue
        old = before.get(link)
        same = old is not None and _same_thought(old, RELATIONS[p.index(max(p))], max(p), version)
        (known if same else new).append(i)
    return new, known


def _same_thought(old: Verdict, relation: Relation, p: float, version: str) -> bool:
    return (
        old.by == f"matching:{version}"
        and old.relation is relation
        and old.p is not None
        and abs(old.p - p) <= CLOSE
        and _doubtful(relation, old.p) is _doubtful(relation, p)
    )


def _doubtful(relation: Relation, p: float) -> bool:
    """Whether a thought is of the grey zone, by its likeliest relation."""
    return p <= (1 - ASK_FROM if relation is Relation.DIFFERENT else ASK_TO)


def _grey(grouped: Grouped, a: int, b: int, p: Floats | Sequence[float]) -> bool:
    """Whether a person's answer could change something: an undecided edition, or an undecided
    initiative; never what clustering settled through other pairs, nor people through others."""
    home, other = int(grouped.initiatives[a]), int(grouped.initiatives[b])
    one, two = int(grouped.editions[a]), int(grouped.editions[b])
    if home != other:
        told_apart = (min(home, other), max(home, other)) in grouped.apart
        return bool(not told_apart and 1 - p[3] >= ASK_FROM)
    if one == two != NONE:
        return False
    return bool(ASK_FROM <= p[0] <= ASK_TO)
