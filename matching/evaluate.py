"""How good is it, on a table whose truth is known: `paat evaluate matching` (DESIGN §5)."""

import logging
import random
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from domain.errors import ConfigError, QualityError
from matching.cards import Bools, Ints, text_of
from matching.cluster import Link
from matching.engines import judge_rows
from matching.grouping import ASK, LEFT, Judged, decisions, group, heeded, questions_of
from matching.questions import Groups
from matching.score import RELATIONS

_LOG = logging.getLogger(__name__)
QUESTIONS = (0, 25, 50, 100, 150, 220, 350)
"""Questions per 1,000 records at which the curve is drawn."""


@dataclass(frozen=True, slots=True)
class PairScore:
    """Precision, recall and F1 over pairs of rows."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    engine: str
    records: int
    pairs: PairScore  # on cluster_id
    series: PairScore | None  # on series_id, when its truth is known
    blocking_recall: float
    candidates_per_record: float
    clusters: int
    true_clusters: int
    automatic: PairScore  # of the groups made without asking
    confusion: Mapping[str, Mapping[str, int]]  # decision → true relation → pairs
    questions: tuple[tuple[int, float], ...]  # (per 1,000 records, F1 once answered)
    folds: int = 0
    folded: PairScore | None = None  # each part judged by what the others taught
    folded_series: PairScore | None = None


def pair_score(found: Sequence[Hashable], true: Sequence[Hashable]) -> PairScore:
    """Of two groupings of the same rows. Nothing to find and nothing found is 1."""
    one = np.unique(np.array(found, dtype=object).astype(str), return_inverse=True)[1]
    two = np.unique(np.array(true, dtype=object).astype(str), return_inverse=True)[1]
    both = _pairs(one.astype(np.int64) * (int(two.max(initial=0)) + 1) + two)
    return _score(both, _pairs(one), _pairs(two))


def _pairs(labels: Ints) -> int:
    count = np.unique(labels, return_counts=True)[1]
    return int((count * (count - 1) // 2).sum())


def _score(right: int, found: int, true: int) -> PairScore:
    precision = right / found if found else 1.0
    recall = right / true if true else 1.0
    total = precision + recall
    return PairScore(precision, recall, 2 * precision * recall / total if total else 0.0)


def evaluate(
    rows: Sequence[Mapping[str, Any]], mapping: Mapping[str, str], *, truth: str,
    series: str | None = None, folds: int = 0, tell: Callable[[str], None] | None = None,
) -> Evaluation:  # fmt: skip
    """Runs `match` on the table without its truth columns and compares. Raises ConfigError when a
    truth column is not there. `folds`: measure what learning reaches instead of the questions."""
    for name in (truth, series):
        if name is not None and (not rows or name not in rows[0]):
            raise ConfigError(
                f"colonne {name!r} absente de la table ; voyez ses en-têtes",
                about="--truth",
            )
    hidden = {truth, series} - {None}
    told = {field: column for field, column in mapping.items() if column not in hidden}
    bare = [{k: v for k, v in row.items() if k not in hidden} for row in rows]
    true = [text_of(row, truth) or f"alone {i}" for i, row in enumerate(rows)]
    initiative = [text_of(row, series) for row in rows] if series else None
    (tell or (lambda _: None))("comparaison")
    judged = judge_rows(bare, told)
    groups = group(judged, judged.p, {})
    codes = np.unique(true, return_inverse=True)[1]
    same = codes[judged.a] == codes[judged.b]
    total = _pairs(codes)
    truths = relations(judged, true, initiative)
    folded = by_folds(judged, truths, true, initiative, folds=folds) if folds > 1 else (None, None)
    return Evaluation(
        engine=judged.engine,
        records=len(rows),
        pairs=pair_score(groups.cluster.tolist(), true),
        series=pair_score(groups.series.tolist(), initiative) if initiative else None,
        blocking_recall=int(same.sum()) / total if total else 1.0,
        candidates_per_record=len(judged.a) / max(1, len(rows)),
        clusters=len(set(groups.cluster.tolist())),
        true_clusters=len(set(true)),
        automatic=pair_score(groups.sure.tolist(), true),
        confusion=_confusion(judged, groups, same, initiative),
        questions=() if folds else _curve(judged, truths, true),
        folds=folds,
        folded=folded[0],
        folded_series=folded[1],
    )


def _confusion(
    judged: Judged, groups: Groups, same: Bools, initiative: Sequence[str] | None
) -> dict[str, dict[str, int]]:
    """Decisions against the truth; without the initiatives' truth only `same` is known."""
    names = np.where(same, "same", "different")
    if initiative is not None:
        codes = np.unique(initiative, return_inverse=True)[1]
        together = codes[judged.a] == codes[judged.b]
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
    events = np.unique(true, return_inverse=True)[1]
    same = events[judged.a] == events[judged.b]
    if initiative is None:
        return np.where(same, 0, 1 + judged.p[:, 1:].argmax(axis=1)).astype(np.int64)
    codes = np.unique(initiative, return_inverse=True)[1]
    together = np.where(codes[judged.a] == codes[judged.b], 1 + judged.p[:, 1:3].argmax(axis=1), 3)
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
        counts[0] += _counted(groups.cluster[own], [true[i] for i in own.tolist()])
        if initiative:
            counts[1] += _counted(groups.series[own], [initiative[i] for i in own.tolist()])
    series = _score(*counts[1].tolist()) if initiative else None
    return _score(*counts[0].tolist()), series


def _counted(found: Ints, true: Sequence[str]) -> Ints:
    """Pairs right, found and true of a grouping."""
    codes = np.unique(np.array(true, dtype=object).astype(str), return_inverse=True)[1]
    both = found * (int(codes.max(initial=0)) + 1) + codes
    return np.array([_pairs(both), _pairs(found), _pairs(codes)])


def _curve(judged: Judged, truths: Ints, true: Sequence[str]) -> tuple[tuple[int, float], ...]:
    steps = [rate * judged.n // 1000 for rate in QUESTIONS]
    return tuple(
        (rate, round(pair_score(groups.cluster.tolist(), true).f1, 4))
        for rate, (_, groups) in zip(QUESTIONS, reviewed(judged, truths, steps), strict=True)
    )


def french(found: Evaluation) -> str:
    """The evaluation as a person reads it."""

    def line(name: str, one: PairScore) -> str:
        said = f"{name} : F1 {one.f1:.3f} (précision {one.precision:.3f}, rappel {one.recall:.3f})"
        return said.replace(".", ",")

    lines = [
        f"{found.records} lignes, moteur « {found.engine} »",
        line("éditions (cluster_id)", found.pairs),
        *([line("initiatives (series_id)", found.series)] if found.series else []),
        line("fusions sans question", found.automatic),
        f"candidats : {found.candidates_per_record:.1f} par ligne, "
        f"rappel {found.blocking_recall:.3f}".replace(".", ","),
        f"groupes : {found.clusters} trouvés, {found.true_clusters} vrais",
        *(
            [line(f"éditions, appris par {found.folds} parts", found.folded)]
            if found.folded
            else []
        ),
        *(
            [line(f"initiatives, appris par {found.folds} parts", found.folded_series)]
            if found.folded_series
            else []
        ),
        *(
            [
                "questions pour 1 000 lignes → F1 : "
                + ", ".join(f"{k} → {f1:.3f}".replace(".", ",") for k, f1 in found.questions)
            ]
            if found.questions
            else []
        ),
    ]
    for said in (*(r.value for r in RELATIONS), ASK, LEFT):
        if said in found.confusion:
            told = ", ".join(f"{k} {v}" for k, v in sorted(found.confusion[said].items()))
            lines.append(f"décision {said} : {told}")
    return "\n".join(lines)
