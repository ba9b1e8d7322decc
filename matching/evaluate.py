"""How good is it, on a table whose truth is known: `paat evaluate matching` (DESIGN §5)."""

import logging
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain.errors import ConfigError, QualityError
from matching.cards import NONE, Bools, Ints, text_of
from matching.cluster import Link
from matching.engines import judge_rows
from matching.grouping import Judged, Said, decisions, group, heeded, questions_of
from matching.measures import (
    PairScore,
    b_cubed,
    by_threshold,
    codes,
    counted,
    drawn,
    interval,
    pair_score,
    pairs_within,
    scored,
)
from matching.questions import DIFFERENT, OTHER, PART, SAME, Groups
from matching.score import RELATIONS
from matching.tables import Matches

_LOG = logging.getLogger(__name__)
MISTAKES = 1_000
QUESTIONS = (0, 25, 50, 100, 150, 220, 350)
"""Questions per 1,000 records at which the curve is drawn."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Two rows wrongly together, or wrongly apart though they were compared."""

    a: int
    b: int
    score: float
    together: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labelled:
    """What was found of pairs that people judged, against what they said."""

    pairs: int
    right: int  # whose relation was found
    same: PairScore
    interval: tuple[float, float]  # of the F1 of « same », 95 %
    confusion: Mapping[str, Mapping[str, int]]  # found → said → pairs
    wrong: tuple[tuple[int, int, str, str], ...]  # rows, found, said


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `paat evaluate matching` found, measure by measure; None: not measured."""

    engine: str
    records: int
    pairs: PairScore  # on cluster_id
    interval: tuple[float, float]  # of the F1 over pairs, 95 %
    b_cubed: PairScore
    series: PairScore | None  # on series_id, when its truth is known
    blocking_recall: float
    candidates_per_record: float
    clusters: int
    true_clusters: int
    automatic: PairScore  # of the groups made without asking
    thresholds: tuple[tuple[float, PairScore], ...]
    confusion: Mapping[str, Mapping[str, int]]  # decision → true relation → pairs
    questions: tuple[tuple[int, float], ...]  # (per 1,000 records, F1 once answered)
    folds: int = 0
    folded: PairScore | None = None  # each part judged by what the others taught
    folded_series: PairScore | None = None
    mistakes: tuple[Mistake, ...] = ()


def evaluate(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], *, truth: str,
    series: str | None = None, folds: int = 0, curve: bool = True,
) -> Evaluation:  # fmt: skip
    """Runs `match` on the table without its truth columns and compares, the rows whose truth is
    empty aside. Raises ConfigError when a truth column is not there. `folds`: measure what
    learning reaches instead of the questions; `curve`: what answers to questions reach."""
    for name in (truth, series):
        if name is not None and (not rows or name not in rows[0]):
            raise ConfigError(
                f"colonne {name!r} absente de la table ; voyez ses en-têtes",
                about="--truth",
            )
    hidden = {truth, series} - {None}
    told = {field: column for field, column in mapping.items() if column not in hidden}
    bare = [{k: v for k, v in row.items() if k not in hidden} for row in rows]
    known = np.flatnonzero([bool(text_of(row, truth)) for row in rows])
    true = [text_of(row, truth) or f"alone {i}" for i, row in enumerate(rows)]
    initiative = [text_of(row, series) for row in rows] if series else None
    judged = judge_rows(bare, told)
    groups = group(judged, judged.p, {})
    events = codes(true)
    same = events[judged.a] == events[judged.b]
    total = pairs_within(events)
    truths = relations(judged, true, initiative)
    folded = by_folds(judged, truths, true, initiative, folds=folds) if folds > 1 else (None, None)
    cluster, sure = groups.cluster[known], groups.sure[known]
    return Evaluation(
        engine=judged.engine,
        records=len(rows),
        pairs=scored(*counted(cluster, events[known]).tolist()),
        interval=interval(cluster, events[known]),
        b_cubed=b_cubed(cluster, events[known]),
        series=pair_score(groups.series.tolist(), initiative) if initiative else None,
        blocking_recall=int(same.sum()) / total if total else 1.0,
        candidates_per_record=len(judged.a) / max(1, len(rows)),
        clusters=len(set(groups.cluster.tolist())),
        true_clusters=len(set(true)),
        automatic=scored(*counted(sure, events[known]).tolist()),
        thresholds=by_threshold(judged.p[:, 0], same, total),
        confusion=_confusion(judged, groups, same, initiative),
        questions=_curve(judged, truths, true) if curve and not folds else (),
        folds=folds,
        folded=folded[0],
        folded_series=folded[1],
        mistakes=_mistakes(judged, groups, same, known),
    )


def labelled(matches: Matches, links: Said) -> Labelled:
    """How the groups of `match_rows` answer pairs of rows that people judged (`said.links`)."""
    pairs = [(a, b, relation) for relation, some in links.items() for a, b in some]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    a, b, true = table[:, 0], table[:, 1], table[:, 2]
    cluster = np.array(matches.cluster)
    whole = np.array([NONE if one is None else one for one in matches.part_of])
    found = np.where(np.array(matches.series)[a] == np.array(matches.series)[b], OTHER, DIFFERENT)
    inside = (whole[a] == cluster[b]) | (whole[b] == cluster[a])
    found[(found == OTHER) & (inside | (whole[a] != NONE) & (whole[a] == whole[b]))] = PART
    found[cluster[a] == cluster[b]] = SAME
    confusion: dict[str, dict[str, int]] = {}
    for one, two in zip(found.tolist(), true.tolist(), strict=True):
        row = confusion.setdefault(RELATIONS[one].value, {})
        row[RELATIONS[two].value] = row.get(RELATIONS[two].value, 0) + 1
    right, told, real = (found == SAME) & (true == SAME), found == SAME, true == SAME
    return Labelled(
        pairs=len(table),
        right=int((found == true).sum()),
        same=scored(int(right.sum()), int(told.sum()), int(real.sum())),
        interval=drawn(np.stack([right, told, real]).astype(float)),
        confusion=confusion,
        wrong=tuple(
            (int(a[k]), int(b[k]), RELATIONS[found[k]].value, RELATIONS[true[k]].value)
            for k in np.flatnonzero(found != true).tolist()
        ),
    )


def _mistakes(judged: Judged, groups: Groups, same: Bools, known: Ints) -> tuple[Mistake, ...]:
    """The wrong pairs among those compared, the surest mistakes first, at most MISTAKES."""
    together = groups.cluster[judged.a] == groups.cluster[judged.b]
    wrong = np.flatnonzero((together != same) & np.isin(judged.a, known) & np.isin(judged.b, known))
    p = judged.p[wrong, 0]
    wrong = wrong[np.argsort(-np.abs(p - same[wrong]), kind="stable")][:MISTAKES]
    why = judged.why(wrong, True)
    ends = zip(judged.a[wrong].tolist(), judged.b[wrong].tolist(), strict=True)
    return tuple(
        Mistake(a, b, round(float(judged.p[k, 0]), 4), bool(together[k]), reasons)
        for (a, b), k, reasons in zip(ends, wrong.tolist(), why, strict=True)
    )


def _confusion(
    judged: Judged, groups: Groups, same: Bools, initiative: Sequence[str] | None
) -> dict[str, dict[str, int]]:
    """Decisions against the truth; without the initiatives' truth only `same` is known."""
    names = np.where(same, "same", "different")
    if initiative is not None:
        home = codes(initiative)
        together = home[judged.a] == home[judged.b]
        names = np.where(same, "same", np.where(together, "same_initiative", "different"))
    out: dict[str, dict[str, int]] = {}
    asked = questions_of(judged, judged.p, {}, groups)
    decided = decisions(judged, judged.p, {}, groups, asked)
    for said, name in zip(decided, names.tolist(), strict=True):
        row = out.setdefault(said, {})
        row[name] = row.get(name, 0) + 1
    return out


def relations(judged: Judged, true: Sequence[str], initiative: Sequence[str] | None) -> Ints:
    """The relation a reviewer would give each pair: the true one as far as the table tells it, the
    likeliest of what is left otherwise."""
    events = codes(true)
    same = events[judged.a] == events[judged.b]
    if initiative is None:
        return np.where(same, 0, 1 + judged.p[:, 1:].argmax(axis=1)).astype(np.int64)
    home = codes(initiative)
    together = np.where(home[judged.a] == home[judged.b], 1 + judged.p[:, 1:3].argmax(axis=1), 3)
    return np.where(same, 0, together).astype(np.int64)


def reviewed(
    judged: Judged, truths: Ints, steps: Iterable[int], *, wrong: float = 0.0, seed: int = 0,
) -> Iterator[tuple[int, Groups]]:  # fmt: skip
    """The groups once a reviewer answered so many questions (`steps`, growing), each batch asked
    after the answers of the one before were learnt. `wrong`: the share answered wrongly."""
    chance = random.Random(seed)  # noqa: S311 — a simulated reviewer, not a secret
    said: dict[int, list[Link]] = {k: [] for k in range(len(RELATIONS))}
    p, asked = judged.p, 0
    for step in steps:
        groups = group(judged, p, said)
        chosen = questions_of(judged, p, said, groups, most=step - asked, floor=0.001)
        for k in chosen.tolist():
            true = int(truths[k])
            mistaken = chance.random() < wrong
            answer = (3 if true == 0 else 0) if mistaken else true
            said[answer].append((int(judged.a[k]), int(judged.b[k])))
        if len(chosen):
            p, _ = heeded(judged, said)
        asked += len(chosen)
        yield step, group(judged, p, said)


def by_folds(
    judged: Judged, truths: Ints, true: Sequence[str], initiative: Sequence[str] | None,
    *, folds: int,
) -> tuple[PairScore, PairScore | None]:  # fmt: skip
    """What the model reaches on each part of the initiatives once it learnt all the pairs of the
    other parts: of editions, and of initiatives when their truth is known."""
    kept = np.unique(initiative or true, return_inverse=True)[1]
    part = (kept * 2654435761 >> 7) % folds
    nothing = np.zeros(0, dtype=np.int64)
    counts = np.zeros((2, 3), dtype=np.int64)
    if judged.teach is None or judged.again is None:
        raise ConfigError("a table of names or announcements was expected", about="--folds")
    for fold in range(folds):
        rows = np.flatnonzero((part[judged.a] != fold) & (part[judged.b] != fold))
        model = judged.model
        try:
            model = judged.teach(rows, truths[rows])
        except QualityError as error:  # as in use: what would judge worse is not kept
            _LOG.warning("fold %d not learnt: %s", fold, error)
        p = judged.again(nothing, nothing, model) if model else judged.p
        groups, own = group(judged, p, {}), np.flatnonzero(part == fold)
        counts[0] += counted(groups.cluster[own], codes([true[i] for i in own.tolist()]))
        if initiative:
            counts[1] += counted(groups.series[own], codes([initiative[i] for i in own.tolist()]))
    series = scored(*counts[1].tolist()) if initiative else None
    return scored(*counts[0].tolist()), series


def _curve(judged: Judged, truths: Ints, true: Sequence[str]) -> tuple[tuple[int, float], ...]:
    steps = [rate * judged.n // 1000 for rate in QUESTIONS]
    return tuple(
        (rate, round(pair_score(groups.cluster.tolist(), true).f1, 4))
        for rate, (_, groups) in zip(QUESTIONS, reviewed(judged, truths, steps), strict=True)
    )
