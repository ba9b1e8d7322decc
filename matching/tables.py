"""Any table, deduplicated: rows and what their columns are → groups, pairs and reasons (DESIGN §5).

What judges the pairs is in `engines`, what people said in `said`, what is decided in `grouping`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from matching import distinct, said
from matching.cards import NONE, Bools, Floats, Ints
from matching.crowds import crowds
from matching.engines import judge_rows
from matching.grouping import (
    ASK,
    LEFT,
    WORDS,
    Judged,
    Said,
    Settled,
    answered,
    group,
    heeded,
    settled,
)
from matching.matrices import same_rows
from matching.names import NameModel
from matching.pairs import Pairs
from matching.questions import DIFFERENT, PART, SAME, Groups
from matching.row_reasons import RowReasons
from matching.rows import column, picked, uncollected
from matching.score import Model
from matching.surfaces import as_texts

KEEP = 0.05
NOTHING = np.zeros(0, dtype=np.int64)
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Matches:
    """What `paat match` writes: per row its groups, its score and reasons; and the pairs."""

    engine: str  # events | names | unknown
    cluster: tuple[int, ...]  # row → number of its group (0…), numbered by first row
    series: tuple[int, ...]
    part_of: tuple[int | None, ...]  # row → the group of the festival it is a part of
    decisions: tuple[str, ...]
    """Of each row: `same` when its group is merged without asking, `ask` when it is the likeliest
    one but waits for an answer, "" alone."""
    scores: tuple[float | None, ...]  # None: alone
    reasons: Sequence[str] = field(compare=False)  # composed as they are read
    pairs: Pairs = field(compare=False)
    warnings: tuple[str, ...] = ()  # French
    conflicts: tuple[tuple[int, ...], ...] = ()
    """Rows said different (the first and the last) and, by the rows between, the same."""
    candidates: int = 0  # pairs compared
    questions: int = 0  # that a person would be asked


@uncollected()
def match_rows(
    rows: Sequence[Mapping[str, Any]],
    mapping: Mapping[str, str],
    *,
    across: str | None = None,
    names: Sequence[str] | None = None,
    verdicts: Sequence[said.Verdict] = (),
    model: Model | None = None,
    name_model: NameModel | None = None,
    with_pairs: bool = True,
    progress: Progress | None = None,
) -> Matches:
    """Groups of rows that speak of the same thing.

    `mapping`: field (DESIGN §5) → column. `across`: only rows that differ in that column are
    compared. `names`: how each row is called (default: its `id`, else its number from 1).
    `verdicts`: (name, name, decision) people gave; they always win, a contradiction merges nothing
    and is listed in `conflicts`. Raises ConfigError when there is nothing to compare.
    """
    tell = progress or (lambda _: None)
    tell("lecture")
    record, first = distinct.collapsed(rows, mapping, across)
    warnings = [*_twins(len(rows) - len(first))]
    told, odd = said.links(names or names_of(rows, mapping), verdicts, record)
    record, first = distinct.in_order(rows, mapping, *said.apart(record, first, told))
    people = {k: [(record[a], record[b]) for a, b in links] for k, links in told.items()}
    own = picked(rows, first)
    judged = judge_rows(own, mapping, across=across, model=model, name_model=name_model, tell=tell)
    warnings += judged.odd
    if across is None:
        warnings += crowds(own, mapping, judged.pairs)
    tell("regroupement")
    p, unlearnt = heeded(judged, people)
    judged = replace(judged, p=p)
    groups = group(judged, p, people)
    parts = judged.parts or (lambda *_: {})
    wholes = parts(p, (groups.cluster, groups.series), people[PART])
    best = _best(judged, groups.cluster, p[:, 0])
    kin = np.where(best < 0, _best(judged, groups.series, 1 - p[:, DIFFERENT]), NONE)
    found = settled(judged, people, groups)
    doubted = np.isin(groups.cluster, found.doubted)
    shown = _shown(judged, people, found) if with_pairs else NOTHING
    back, rows_of = (np.array(x, dtype=np.int64) for x in (record, first))
    twins = np.bincount(back, minlength=judged.n) > 1
    scores = _scores(judged, best, twins)
    cluster, series = (distinct.numbered(one[back])[0] for one in (groups.cluster, groups.series))
    return Matches(
        engine=judged.engine,
        cluster=tuple(cluster.tolist()),
        series=tuple(series.tolist()),
        part_of=_wholes(groups.cluster[back], cluster.tolist(), wholes),
        decisions=_decided(groups, doubted, back),
        scores=tuple([scores[i] for i in record]),
        reasons=RowReasons(judged, back, best, kin, doubted, twins, groups.several),
        pairs=Pairs(
            judged,
            shown,
            [WORDS[k] for k in found.codes[shown].tolist()],
            rows_of,
            groups.cluster,
            wholes,
        ),
        warnings=(*warnings, *odd, *unlearnt),
        conflicts=tuple(said.contradictions({**told, SAME: told[SAME] + said.twins(told, record)})),
        candidates=len(judged.a),
        questions=len(found.asked),
    )


def _twins(count: int) -> Iterator[str]:
    if count:
        yield f"{count} {'lignes identiques' if count > 1 else 'ligne identique'} à une autre"


def names_of(rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str]) -> Sequence[str]:
    """How each row is called: by its id column, else by its number from 1."""
    column_ = mapping.get("id")
    if column_ is None:
        return list(map(str, range(1, len(rows) + 1)))
    return as_texts(column(rows, column_))


def _shown(judged: Judged, people: Said, found: Settled) -> Ints:
    """The pairs worth writing: the questions in the order to answer them, then the others,
    likeliest first. What another question settles is left out."""
    keep = 1 - judged.p[:, DIFFERENT] >= KEEP
    keep[answered(judged, people)[0]] = True
    keep[found.asked] = False
    keep &= found.codes != WORDS.index(LEFT)
    rest = np.flatnonzero(keep)
    rest = rest[np.lexsort((judged.b[rest], judged.a[rest], -judged.p[rest, 0]))]
    return np.concatenate([found.asked, rest])


def _decided(groups: Groups, doubted: Bools, back: Ints) -> tuple[str, ...]:
    """`same`, `ask` or "" of each row. `doubted`: the records of an edition whose initiative waits
    for an answer; `back`: row → record."""
    size = np.bincount(groups.cluster[back], minlength=len(groups.cluster))
    parts, _ = same_rows(groups.cluster, groups.sure)  # sure groups by group
    several = np.bincount(groups.cluster[parts], minlength=len(groups.cluster)) > 1
    alone = np.where(doubted, ASK, "")[back]
    own = groups.cluster[back]
    return tuple(np.where(size[own] < 2, alone, np.where(several[own], ASK, "same")).tolist())


def _best(judged: Judged, labels: Ints, score: Floats) -> Ints:
    """For each record the number of its best pair within its group, NONE when it is alone."""
    inside = np.flatnonzero(labels[judged.a] == labels[judged.b])
    best = np.full(judged.n, NONE, dtype=np.int64)
    order = inside[np.lexsort((inside, score[inside]))]
    best[judged.a[order]] = order
    from_b = np.full(judged.n, NONE, dtype=np.int64)
    from_b[judged.b[order]] = order
    score = np.append(score, -1.0)
    return np.where(score[from_b] > score[best], from_b, best)


def _scores(judged: Judged, best: Ints, twins: Bools) -> list[float | None]:
    """P(same) of the best pair of each record, 1 of identical rows, None of one alone."""
    chance = np.append(judged.p[:, 0], 0.0)[best].tolist()
    told = zip(best.tolist(), chance, twins.tolist(), strict=True)
    return [round(p, 4) if k != NONE else 1.0 if twin else None for k, p, twin in told]


def _wholes(
    labels: Ints, cluster: Sequence[int], wholes: Mapping[int, int]
) -> tuple[int | None, ...]:
    """Of each row the number of the group it is a part of."""
    numbers = dict(zip(labels.tolist(), cluster, strict=True)) if wholes else {}
    found = {label: numbers[whole] for label, whole in wholes.items()}
    return tuple(found.get(label) for label in labels.tolist())
