"""Judged pairs and people's verdicts → groups, decisions and questions, for any table."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from domain.errors import QualityError
from matching import questions, series
from matching.cards import NONE, Bools, Floats, Ints
from matching.cluster import (
    Level,
    Link,
    Linkage,
    Partition,
    components,
    heard,
    partition,
    renamed,
    united,
)
from matching.names import NameModel
from matching.questions import DIFFERENT, OTHER, PART, SAME, Groups
from matching.score import RELATIONS, Model
from matching.undated import Choice

LOOSE = {
    "events": Linkage(threshold=0.6, missing=0.36, floor=0),
    "names": Linkage(threshold=0.36, missing=0.15),
    "unknown": Linkage(threshold=0.7, missing=0.3),
}
"""What `cluster_id` groups, by engine. Unknown tables are learnt without labels: prudently (FEBRL 2
and 4: 0.999 at 0.5, 1.000 at 0.7)."""
SURE = {
    "events": Linkage(threshold=0.93, missing=0.9, floor=0),
    "names": Linkage(threshold=0.95, missing=0.9),
    "unknown": Linkage(threshold=0.975, missing=0.975),
}
"""What is merged without asking: right at 0.98 and more (docs/rapprochement.md)."""
SERIES_LINKAGE = Linkage(threshold=0.45, missing=0.3)
"""What `series_id` groups (decision 0290)."""
RIVAL = 0.2
"""P(same) from which another edition is one that an undated announcement could be of; and P(one
initiative), another initiative."""
ONLY = 0.45
"""P(same) from which an undated announcement joins the only edition that it can be of: a table of
few rows may not tell the others."""
CLEAR, SURE_OTHER, SURE_DIFFERENT = 0.99, 0.9, 0.95
ENOUGH = 25  # verdicts worth learning from (reference: retrain every ≥ 25)
UNTAUGHT = (
    "verdicts appliqués, mais non appris : seuls les tableaux d'annonces et de noms s'apprennent ; "
    "les autres paires d'un tableau quelconque sont jugées comme avant"
)
ASK = "ask"
LEFT = (
    "left"  # undecided and not asked: its answer follows from another question, or matters little
)

WORDS = (*(r.value for r in RELATIONS), ASK, LEFT)
"""What is decided of a pair, by its number."""

Taught = Model | NameModel
Said = Mapping[int, Sequence[Link]]
"""Verdicts as links between records, by relation (its number in RELATIONS)."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidate pairs with P of RELATIONS, how to say why, and how to judge again."""

    engine: str  # events | names | unknown
    n: int
    a: Ints
    b: Ints
    p: Floats
    why: Callable[[Ints, bool], list[tuple[str, ...]]]
    """The reasons of some pairs (French), the heaviest first when they are weighed: dearer."""
    again: Callable[[Ints, Ints, Taught], Floats] | None = None
    """P once the relations of some pairs are known: rows, relations, model."""
    teach: Callable[[Ints, Ints], Taught] | None = None
    """The model once it learnt the relations of some pairs."""
    model: Taught | None = None
    parts: Callable[[Floats, tuple[Ints, Ints], Sequence[Link]], Mapping[int, int]] | None = None
    """Which edition is a part of which, given P, groups of editions and of initiatives, and what
    people said."""
    undated: Callable[[Ints, Ints, Level], Mapping[int, Choice]] | None = None
    """What announcements without a day can be of, given groups of editions and of initiatives, and
    what people said."""
    odd: tuple[str, ...] = ()
    """What a person must know of the judgement (French)."""

    @property
    def pairs(self) -> tuple[Ints, Ints]:
        """Both ends of the pairs."""
        return self.a, self.b


def group(judged: Judged, p: Floats, said: Said) -> Groups:
    """The groups of records given P of each pair and what people said, which always holds."""
    same, other, part, different = (list(said.get(k, ())) for k in range(4))
    n, pairs = judged.n, judged.pairs
    *levels, _ = heard(n, same, other + part, different)
    sure, cluster = (
        partition(n, pairs, p[:, SAME], linkage=kind[judged.engine], levels=levels)
        for kind in (SURE, LOOSE)
    )
    if judged.engine != "events" and not other and not part:
        return Groups(sure.labels, cluster.labels, cluster.labels)
    whole, choices, homeless = _initiatives(judged, p, cluster, levels)
    own, held = _attached(judged, p, cluster, choices), cluster.labels
    free = {i: one for i, one in choices.items() if one.editions > 1 and one.only != held[i]}
    torn = [*_torn(judged, p, own, free)]
    settled = _freed(sure.own, [*free], levels[0])
    likely = _freed(own, torn, levels[0])
    placed = set(likely[np.setdiff1d(np.arange(n), [*choices])].tolist())  # by a person's « same »
    several = {i: free[i].editions for i in torn if int(likely[i]) not in placed}
    size = np.bincount(whole, minlength=n)
    several |= {i: 0 for i in homeless if size[whole[i]] == 1}
    return Groups(settled, likely, whole, several)


def _initiatives(
    judged: Judged, p: Floats, cluster: Partition, levels: Sequence[Level]
) -> tuple[Ints, Mapping[int, Choice], list[int]]:
    """The initiative of each record, the choices of those without a day, and those of them that
    have none because they could be of several."""

    def found(rows: Ints, together: Floats) -> Ints:
        pairs = judged.a[rows], judged.b[rows]
        return partition(
            judged.n, pairs, together[rows], linkage=SERIES_LINKAGE, start=cluster.own,
            levels=levels[1:],
        ).labels  # fmt: skip

    def choices() -> Mapping[int, Choice]:
        return judged.undated(cluster.labels, labels, levels[0]) if judged.undated else {}

    together = 1 - p[:, DIFFERENT]
    labels = found(np.arange(len(p)), together)
    homeless = _homeless(judged, together, labels, [*choices()])
    if homeless:
        apart = np.isin(judged.a, homeless) | np.isin(judged.b, homeless)
        touched = _around(judged, together, cluster.own, levels[1:], homeless)
        rows = np.flatnonzero(touched[judged.a] & touched[judged.b])
        labels = np.where(touched, found(rows, np.where(apart, 0.0, together)), labels)
    return labels, choices(), homeless


def _around(
    judged: Judged, together: Floats, start: Ints, levels: Sequence[Level], records: Sequence[int]
) -> Bools:
    """The records that a chain of likely pairs, of editions or of answers ties to these: no other
    one's initiative depends on them."""
    strong = np.stack(judged.pairs, axis=1)[together >= SERIES_LINKAGE.threshold]
    editions = np.stack([np.arange(judged.n), start], axis=1)
    said = [np.array(one.must, dtype=np.int64).reshape(-1, 2) for one in levels]
    component = components(judged.n, np.concatenate([strong, editions, *said]))
    return np.isin(component, component[records])


def _homeless(judged: Judged, together: Floats, labels: Ints, undated: Sequence[int]) -> list[int]:
    """Of the announcements without a day, those that no pair ties surely to their initiative and
    that could be of another one: of none."""
    ends = np.concatenate([judged.pairs, judged.pairs[::-1]], axis=1)
    here = labels[ends[0]] == labels[ends[1]]
    best = np.zeros((2, judged.n))
    for own, rows in zip(best, (here, ~here), strict=True):
        np.maximum.at(own, ends[0][rows], np.tile(together, 2)[rows])
    alone = best[0] < SERIES_LINKAGE.threshold
    return [i for i in undated if not alone[i] and best[0, i] < series.SURE and best[1, i] >= RIVAL]


def _attached(judged: Judged, p: Floats, cluster: Partition, choices: Mapping[int, Choice]) -> Ints:
    """The groups, those of which nobody tells a day in the only edition that they can be of, as in
    the veille, when they are likely of it."""
    held, out = cluster.labels, cluster.own.copy()
    wanted: dict[int, set[int]] = defaultdict(set)
    only = np.full(judged.n, NONE)
    for i, one in choices.items():
        wanted[int(held[i])].add(one.only)
        only[i] = one.only
    ends = np.concatenate([judged.pairs, judged.pairs[::-1]], axis=1)
    likely = np.tile(p[:, SAME] >= np.fmax(p[:, OTHER], ONLY), 2)
    of_it = ends[0][likely & (held[ends[1]] == only[ends[0]])]
    dated = np.setdiff1d(np.arange(judged.n), [*choices])
    free = {*held[of_it].tolist()} - {*held[dated].tolist()}
    for i in choices:
        home = wanted[int(held[i])]
        if int(held[i]) in free and len(home) == 1:
            out[i] = min(home)
    return out


def _torn(judged: Judged, p: Floats, own: Ints, free: Collection[int]) -> Iterator[int]:
    """Those of `free` in no group, or that could as well be of another: a group is never chosen for
    them; the others stand in their likeliest one, to be confirmed."""
    ends = np.concatenate([judged.pairs, judged.pairs[::-1]], axis=1)
    likely = np.tile(p[:, SAME], 2)
    keep = np.isin(ends[0], [*free]) & (own[ends[0]] != own[ends[1]]) & (likely >= RIVAL)
    rivals = {*ends[0][keep].tolist()}
    alone = np.bincount(own, minlength=len(own))[own] == 1
    yield from (i for i in free if i in rivals or alone[i])


def _freed(own: Ints, free: Sequence[int], said: Level) -> Ints:
    """The groups of evidence alone, those of `free` taken out of them all together, then united by
    what people said."""
    labels = own.copy()
    labels[free] += len(own)
    return united(renamed(labels), said.must)


def questions_of(
    judged: Judged, p: Floats, said: Said, groups: Groups, *, most: int | None = None,
    floor: float = questions.FLOOR,
) -> Ints:  # fmt: skip
    """The pairs to ask, best first, earlier answers known."""
    known, held = questions.implied(judged.n, judged.pairs, said)
    worths = questions.worth(p, judged.pairs, groups, held, known == NONE)
    return questions.chosen(worths, judged.pairs, groups, most=most, floor=floor)


def decisions(judged: Judged, p: Floats, said: Said, groups: Groups, asked: Ints) -> list[str]:
    """What is decided of each pair without asking, what people said of it, `ask`, or LEFT."""
    return [WORDS[k] for k in _decided(judged, p, said, groups, asked).tolist()]


def _decided(judged: Judged, p: Floats, said: Said, groups: Groups, asked: Ints) -> Ints:
    known, _ = questions.implied(judged.n, judged.pairs, said)
    code = np.full(len(p), WORDS.index(LEFT))
    code[asked] = WORDS.index(ASK)
    for relation in (PART, OTHER):
        code[p[:, relation] >= SURE_OTHER] = relation
    code[p[:, DIFFERENT] >= SURE_DIFFERENT] = DIFFERENT
    together = groups.cluster[judged.a] == groups.cluster[judged.b]
    code[(groups.sure[judged.a] == groups.sure[judged.b]) | together & (p[:, 0] >= CLEAR)] = SAME
    return np.where(known != NONE, known, code)


@dataclass(frozen=True, slots=True)
class Settled:
    """What is decided of each pair (its number in WORDS), the questions, best first, and the
    editions whose initiative waits for an answer."""

    codes: Ints
    asked: Ints
    doubted: Ints


def settled(judged: Judged, said: Said, groups: Groups) -> Settled:
    """What is decided and what is asked; after the questions of editions, what holds an initiative
    together and is not sure. A pair that is decided is no question."""
    asked = questions_of(judged, judged.p, said, groups)
    codes = _decided(judged, judged.p, said, groups, asked)
    ask, left = WORDS.index(ASK), WORDS.index(LEFT)
    asked = asked[codes[asked] == ask]
    together = 1 - judged.p[:, DIFFERENT]
    ties = series.ties(judged.pairs, together, groups)
    unsure = ties[(together[ties] < series.SURE) & (codes[ties] >= len(RELATIONS))]
    keys = series.between(judged.pairs, groups.cluster)
    more = unsure[~np.isin(keys[unsure], keys[asked])]
    codes[more] = ask
    sure = np.setdiff1d(ties[codes[ties] == left], unsure)
    codes[sure] = OTHER + judged.p[sure, OTHER : PART + 1].argmax(axis=1)
    doubted = np.unique(groups.cluster[np.concatenate([judged.a[unsure], judged.b[unsure]])])
    return Settled(codes, np.concatenate([asked, more]), doubted)


def answered(judged: Judged, said: Said) -> tuple[Ints, Ints]:
    """The candidate pairs that people judged, and their relation; what contradicts itself says
    nothing."""
    same, other, part, different = (list(said.get(k, ())) for k in range(4))
    held = {*heard(judged.n, same, other + part, different)[1].must, *different}
    known = {(min(x), max(x)): k for k, links in said.items() for x in links if x in held}
    if not known:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    keys = np.array([a * judged.n + b for a, b in known], dtype=np.int64)
    rows = np.flatnonzero(np.isin(judged.a * judged.n + judged.b, keys))
    pairs = zip(judged.a[rows].tolist(), judged.b[rows].tolist(), strict=True)
    return rows, np.array([known[pair] for pair in pairs], dtype=np.int64)


def heeded(judged: Judged, said: Said) -> tuple[Floats, list[str]]:
    """P of each pair, people's answers known: the pairs around are judged anew, by a model that
    learnt from them when there are enough and it is better. And what to tell, in French."""
    if judged.again is None or judged.teach is None or judged.model is None:
        return judged.p, [UNTAUGHT] if any(said.values()) else []
    rows, relations = answered(judged, said)
    if not len(rows):
        return judged.p, []
    model, told = judged.model, []
    if len(rows) >= ENOUGH:
        try:
            model = judged.teach(rows, relations)
        except QualityError as error:
            told.append(f"verdicts appliqués, mais non appris : {error.message}")
    return judged.again(rows, relations, model), told
