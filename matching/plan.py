"""From judgements to intents: which mention belongs where, with identifiers that stay.

Pure: takes the new mentions with everything they touch, returns what storage must do. The same
inputs in any order give the same plan; nothing to change gives an empty one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from domain.identifiers import NewId
from domain.intents import (
    AskReviewer,
    Intent,
    JoinInitiative,
    MoveEdition,
    NewEdition,
    NewInitiative,
    PlaceMention,
    Remember,
    Split,
)
from domain.records import Edition, Initiative, Mention, Question, Reason, Verdict
from domain.statuses import Relation
from matching import cards as columns
from matching import compare, explain, merge
from matching.cards import Bools, Cards, Floats, Ints
from matching.cluster import Link, Linkage, heard, partition
from matching.festivals import by_group, wholes
from matching.score import RELATIONS, Model, Scores, chances, features, score

EDITIONS = Linkage(threshold=0.96, missing=0.9)
INITIATIVES = Linkage(threshold=0.7, missing=0.5)
"""Stricter than `match`: here merges are done without asking (on the gold: editions 0.982 right at
recall 0.78; initiatives 0.996 at 0.93 with 0.6). 0.7: at 0.6 the demonstration joined two
different days of one town, at 0.8 it asked for more without joining less wrongly."""
ASK_FROM, ASK_TO = 0.15, 0.98
KEEP = 0.05
CLOSE = 0.01
TOGETHER = 30
"""Initiatives up to this many mentions have all their pairs judged again."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """Mentions in canonical order, their edition group (NONE: undated) and initiative group."""

    mentions: tuple[Mention, ...]
    editions: Ints
    initiatives: Ints
    parents: Mapping[int, int]  # edition group → festival's edition group
    conflicts: tuple[Link, ...]


def plan(
    mentions: Sequence[Mention], pairs: Sequence[tuple[int, int]], *,
    initiatives: Sequence[Initiative], verdicts: Sequence[Verdict], model: Model, new_id: NewId,
    now: datetime, region: str,
) -> list[Intent]:  # fmt: skip
    """What to do so that mentions stand where the model and people say.

    `mentions`: the new ones, every candidate, every member of their initiatives. `pairs`: ids of
    candidates. `initiatives`: those touched, and those merged into them. `verdicts`: those standing
    between these mentions, people's and the machine's.
    """
    ordered = tuple(sorted({m.id: m for m in mentions}.values(), key=lambda m: (m.source, m.key)))
    if not ordered:
        return []
    place = {m.id: i for i, m in enumerate(ordered)}
    standing = [v for v in verdicts if v.a in place and v.b in place]
    people = [v for v in standing if v.by_person]
    cards = columns.of_mentions(ordered)
    ready = compare.prepare(cards, model.rarity, own=False)
    wanted = _wanted(pairs, standing, initiatives, place)
    scores = score(ready, wanted, model)
    grouped = group(ordered, cards, scores, people, place)

    def why(which: Ints) -> list[tuple[Reason, ...]]:
        a, b, x = scores.a[which], scores.b[which], features(ready, scores, which)
        return explain.reasons(ready, a, b, x, model.first)

    told = _tell(grouped, scores, why, standing, place, version=model.version, now=now)
    return [*_moves(grouped, initiatives, new_id, region), *told]


def _wanted(
    pairs: Sequence[tuple[int, int]], verdicts: Sequence[Verdict],
    initiatives: Sequence[Initiative], place: Mapping[int, int],
) -> tuple[Ints, Ints]:  # fmt: skip
    """The pairs to judge: candidates, pairs already judged, and those of one initiative."""
    found = {(place[a], place[b]) for a, b in pairs if a in place and b in place}
    found |= {(place[v.a], place[v.b]) for v in verdicts}
    for one in initiatives:
        members = [place[m] for m in one.mentions if m in place]
        if len(members) <= TOGETHER:
            found |= {(i, j) for i in members for j in members}
    ordered = sorted({(min(x), max(x)) for x in found if x[0] != x[1]})
    table = np.array(ordered, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def group(
    mentions: tuple[Mention, ...], cards: Cards, scores: Scores, people: Sequence[Verdict],
    place: Mapping[int, int],
) -> Grouped:  # fmt: skip
    """Editions, then initiatives, then which edition is part of which."""
    said = {r: [(place[v.a], place[v.b]) for v in people if v.relation is r] for r in Relation}
    apart = said[Relation.OTHER_EDITION] + said[Relation.PART_OF]
    *levels, conflicts = heard(cards.n, said[Relation.SAME], apart, said[Relation.DIFFERENT])
    dated = ~(np.isnan(cards.first) | cards.soft)
    p_same, p_together = scores.p[:, 0].copy(), 1 - scores.p[:, 3]
    p_same[~(dated[scores.a] & dated[scores.b])] = 0
    both = (scores.a, scores.b)
    editions = partition(cards.n, both, p_same, linkage=EDITIONS, levels=levels)
    initiatives = partition(
        cards.n, both, p_together, linkage=INITIATIVES, start=editions.own, levels=levels[1:]
    )
    places = _attach(editions.labels, initiatives.labels, dated, cards)
    parents = wholes(
        cards, both, scores.p[:, 2], (places, initiatives.labels), said[Relation.PART_OF]
    )
    return Grouped(mentions, places, initiatives.labels, parents, conflicts)


def _attach(editions: Ints, initiatives: Ints, dated: Bools, cards: Cards) -> Ints:
    """Undated mentions go to their initiative's only edition, to none when there are several; a
    year that contradicts the only edition leaves them at the initiative."""
    out = editions.copy()
    known = set(editions[dated].tolist())
    by_initiative: dict[int, set[int]] = defaultdict(set)
    for edition, initiative in zip(editions.tolist(), initiatives.tolist(), strict=True):
        if edition in known:
            by_initiative[initiative].add(edition)
    held = by_group(np.where(dated, editions, columns.NONE))
    for i in np.flatnonzero(~dated).tolist():
        if int(editions[i]) in known:
            continue
        choices = by_initiative[int(initiatives[i])]
        only = next(iter(choices)) if len(choices) == 1 else None
        years = {cards.year[j] for j in held[only]} if only is not None else set()
        fits = np.isnan(cards.year[i]) or cards.year[i] in years
        out[i] = only if only is not None and fits else columns.NONE
    return out


# --- identifiers -------------------------------------------------------------------------------


def _moves(
    grouped: Grouped, initiatives: Sequence[Initiative], new_id: NewId, region: str
) -> list[Intent]:
    """The intents that bring what is stored to what is grouped; stored places stay when right."""
    live = {one.id: one for one in initiatives if one.merged_into is None}
    now_in: dict[int, str] = {}
    edition_of: dict[int, str] = {}
    for one in live.values():
        for edition in one.editions:
            edition_of |= dict.fromkeys(edition.mentions, edition.id)
        now_in |= dict.fromkeys(one.mentions, one.id)
    ids = [m.id for m in grouped.mentions]
    age = {one.id: (one.created_at.timestamp(), one.id) for one in initiatives}
    groups = by_group(grouped.initiatives)
    taken = _keep(groups, [now_in.get(i) for i in ids], age)
    intents: list[Intent] = []
    revived = _revive(groups, taken, initiatives, ids)
    for g in sorted(groups):
        if g in taken:
            continue
        if g in revived:
            taken[g] = revived[g]
            intents.append(Split(initiative=revived[g]))
        else:
            taken[g] = new_id(f"PAAT-{region}")
            intents.append(NewInitiative(initiative=taken[g]))
    made, names = _editions(grouped, live.values(), edition_of, taken, new_id)
    places = {
        one.id: (taken[int(i)], names.get(int(e)))
        for one, i, e in zip(grouped.mentions, grouped.initiatives, grouped.editions, strict=True)
    }
    moves = [
        PlaceMention(mention=i, initiative=home, edition=edition)
        for i, (home, edition) in sorted(places.items())
        if (now_in.get(i), edition_of.get(i)) != (home, edition)
    ]
    return [*intents, *made, *moves, *_joined(live.values(), places)]


def _keep(
    groups: Mapping[int, list[int]],
    owner: Sequence[str | None],
    age: Mapping[str, tuple[float, str]],
) -> dict[int, str]:
    """Which stored id each group keeps: the one with most of its members, oldest first."""
    votes: dict[tuple[str, int], int] = defaultdict(int)
    for g, members in groups.items():
        for i in members:
            name = owner[i]
            if name is not None:
                votes[(name, g)] += 1
    order = sorted(votes, key=lambda x: (-votes[x], age.get(x[0], (0.0, x[0])), x[1]))
    taken: dict[int, str] = {}
    used: set[str] = set()
    for name, g in order:
        if g not in taken and name not in used:
            taken[g] = name
            used.add(name)
    return taken


def _revive(
    groups: Mapping[int, list[int]], taken: Mapping[int, str], initiatives: Sequence[Initiative],
    ids: Sequence[int],
) -> dict[int, str]:  # fmt: skip
    """Merged initiatives whose mentions stand on their own again take their old id back: they
    remember their mentions by the provenance of their values."""
    merged = sorted((o for o in initiatives if o.merged_into), key=lambda o: (o.created_at, o.id))
    out: dict[int, str] = {}
    for one in merged:
        told = {v.mention for v in one.values.values()} | set(one.mentions)
        free = [g for g in groups if g not in taken and g not in out]
        votes = {g: sum(ids[i] in told for i in groups[g]) for g in free}
        best = max(votes, key=lambda g: (votes[g], -g), default=None)
        if best is not None and votes[best]:
            out[best] = one.id
    return out


def _editions(
    grouped: Grouped, live: Iterable[Initiative], edition_of: Mapping[int, str],
    taken: Mapping[int, str], new_id: NewId,
) -> tuple[list[Intent], dict[int, str]]:  # fmt: skip
    """New editions, stored ones whose initiative or festival changed (festivals first), and the
    id of each edition group."""
    ids = [m.id for m in grouped.mentions]
    stored: dict[str, Edition] = {e.id: e for one in live for e in one.editions}
    groups = by_group(grouped.editions)
    names = _keep(groups, [edition_of.get(i) for i in ids], {})
    intents: list[Intent] = []
    for g in sorted(groups, key=lambda g: (g in grouped.parents, g)):
        home = taken[int(grouped.initiatives[groups[g][0]])]
        parent = names[grouped.parents[g]] if g in grouped.parents else None
        if g not in names:
            names[g] = new_id("ED")
            label = merge.edition_label([grouped.mentions[i] for i in groups[g]])
            intents.append(
                NewEdition(edition=names[g], initiative=home, label=label, part_of=parent)
            )
        elif (stored[names[g]].initiative, stored[names[g]].part_of) != (home, parent):
            intents.append(MoveEdition(edition=names[g], initiative=home, part_of=parent))
    return intents, names


def _joined(
    live: Iterable[Initiative], places: Mapping[int, tuple[str, str | None]]
) -> list[Intent]:
    """Initiatives that lost every mention point to where most of theirs went."""
    kept = {home for home, _ in places.values()}
    out: list[Intent] = []
    for one in sorted(live, key=lambda o: o.id):
        went = [places[m][0] for m in one.mentions if m in places]
        if went and len(went) == len(one.mentions) and one.id not in kept:
            into = max(sorted(set(went)), key=went.count)
            out.append(JoinInitiative(initiative=one.id, into=into))
    return out


# --- what people are asked, what is remembered ---------------------------------------------------


def _tell(
    grouped: Grouped, scores: Scores, why: Callable[[Ints], list[tuple[Reason, ...]]],
    standing: Sequence[Verdict], place: Mapping[int, int], *, version: str, now: datetime,
) -> list[Intent]:  # fmt: skip
    """Questions on the grey zone and on contradictions, and verdicts worth keeping. A pair already
    remembered with the same thought is neither asked nor remembered again. Only what is asked is
    explained: the reasons of the rest are those of two announcements, seen again when shown."""
    unsure = {_link(place, v) for v in standing if v.relation is Relation.UNSURE}
    ids = [m.id for m in grouped.mentions]
    remembered: list[Intent] = []
    asked: list[int] = []
    for i in _new_thoughts(grouped, scores, standing, place, version).tolist():
        a, b, p = int(scores.a[i]), int(scores.b[i]), scores.p[i]
        low, high = sorted((ids[a], ids[b]))
        best = int(p.argmax())
        verdict = Verdict(
            a=low, b=high, relation=RELATIONS[best], by=f"matching:{version}", at=now,
            p=round(float(p[best]), 4),
        )  # fmt: skip
        remembered.append(Remember(verdict=verdict))
        if (a, b) in grouped.conflicts or ((a, b) not in unsure and _grey(grouped, a, b, p)):
            asked.append(i)
    which = np.array(asked, dtype=np.int64)
    return [*remembered, *_questions(grouped, scores, which, why(which))]


def _questions(
    grouped: Grouped, scores: Scores, which: Ints, why: Sequence[tuple[Reason, ...]]
) -> list[AskReviewer]:
    """What to ask of these pairs, those whose answer changes most first."""
    sizes = np.bincount(grouped.initiatives, minlength=len(grouped.mentions))
    asked = []
    for i, reasons in zip(which.tolist(), why, strict=True):
        a, b, p = int(scores.a[i]), int(scores.b[i]), scores.p[i]
        low, high = sorted((grouped.mentions[a].id, grouped.mentions[b].id))
        conflict = (a, b) in grouped.conflicts
        touched = int(sizes[grouped.initiatives[a]] + sizes[grouped.initiatives[b]])
        settled = max(float(p[0]), float(1 - p[3]), key=lambda v: v * (1 - v))
        worth = settled * (1 - settled) * touched + (10.0 if conflict else 0.0)
        said = (_CONFLICT, *reasons) if conflict else reasons
        asked.append(Question(a=low, b=high, p=chances(p), reasons=said, worth=round(worth, 4)))
    asked.sort(key=lambda q: (-q.worth, q.a, q.b))
    return [AskReviewer(question=q) for q in asked]


def _new_thoughts(
    grouped: Grouped, scores: Scores, standing: Sequence[Verdict], place: Mapping[int, int],
    version: str,
) -> Ints:  # fmt: skip
    """The pairs of which something is to be said that nobody said and was not thought before."""
    people = {
        _link(place, v) for v in standing if v.by_person and v.relation is not Relation.UNSURE
    }
    before = {_link(place, v): v for v in standing if not v.by_person}
    conflicts = {*grouped.conflicts}
    told = np.ones(len(scores.p), np.bool_) if conflicts else 1 - scores.p[:, 3] >= KEEP
    rows = np.flatnonzero(told)
    links = zip(scores.a[rows].tolist(), scores.b[rows].tolist(), strict=True)
    kept = []
    for i, link, p in zip(rows.tolist(), links, scores.p[rows].tolist(), strict=True):
        if link not in conflicts and (link in people or 1 - p[3] < KEEP):
            continue
        likeliest, old = max(p), before.get(link)
        relation = RELATIONS[p.index(likeliest)]
        if old is None or not _same_thought(old, relation, likeliest, version):
            kept.append(i)
    return np.array(kept, dtype=np.int64)


_CONFLICT = Reason(
    code="conflict",
    text="des verdicts se contredisent : ces annonces sont dites à la fois liées et différentes",
    weight=0.0,
)


def _link(place: Mapping[int, int], verdict: Verdict) -> Link:
    a, b = place[verdict.a], place[verdict.b]
    return (min(a, b), max(a, b))


def _same_thought(old: Verdict, relation: Relation, p: float, version: str) -> bool:
    return (
        old.by == f"matching:{version}"
        and old.relation is relation
        and old.p is not None
        and abs(old.p - p) <= CLOSE
    )


def _grey(grouped: Grouped, a: int, b: int, p: Floats) -> bool:
    """Whether a person's answer could change something: an undecided edition, or an undecided
    initiative; never what clustering settled through other pairs."""
    together = grouped.initiatives[a] == grouped.initiatives[b]
    one, two = int(grouped.editions[a]), int(grouped.editions[b])
    if not together:
        return bool(1 - p[3] >= ASK_FROM)
    if one == two != columns.NONE:
        return False
    return bool(ASK_FROM <= p[0] <= ASK_TO)
