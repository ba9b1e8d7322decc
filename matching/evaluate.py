"""How good is it, on a table whose truth is known: `paat evaluate matching` (DESIGN §5)."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from domain.errors import ConfigError
from matching import tables
from matching.cards import Ints, text_of
from matching.cluster import partition
from matching.score import RELATIONS
from matching.tables import EVENT_LINKAGE, NAME_LINKAGE, Judged

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
    automatic: PairScore  # pairs decided `same` without asking, taken alone
    confusion: Mapping[str, Mapping[str, int]]  # decision → true relation → pairs
    questions: tuple[tuple[int, float], ...]  # (per 1,000 records, F1 once answered)


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
    series: str | None = None, tell: Callable[[str], None] | None = None,
) -> Evaluation:  # fmt: skip
    """Runs `match` on the table without its truth columns and compares. Raises ConfigError when a
    truth column is not there."""
    for name in (truth, series):
        if name is not None and (not rows or name not in rows[0]):
            raise ConfigError(
                f"column {name!r} where one of the table's was expected; see its header",
                about="--truth",
            )
    hidden = {truth, series} - {None}
    told = {field: column for field, column in mapping.items() if column not in hidden}
    bare = [{k: v for k, v in row.items() if k not in hidden} for row in rows]
    true = [text_of(row, truth) or f"alone {i}" for i, row in enumerate(rows)]
    initiative = [text_of(row, series) for row in rows] if series else None
    (tell or (lambda _: None))("comparaison")
    judged = tables.judge_rows(bare, told)
    found = tables.group_rows(judged)
    codes = np.unique(true, return_inverse=True)[1]
    same = codes[judged.a] == codes[judged.b]
    sure = judged.p[:, 0] >= tables.SURE_SAME
    total = _pairs(codes)
    return Evaluation(
        engine=judged.engine,
        records=len(rows),
        pairs=pair_score(found[0].tolist(), true),
        series=pair_score(found[1].tolist(), initiative) if initiative else None,
        blocking_recall=int(same.sum()) / total if total else 1.0,
        candidates_per_record=len(judged.a) / max(1, len(rows)),
        clusters=len(set(found[0].tolist())),
        true_clusters=len(set(true)),
        automatic=_score(int((sure & same).sum()), int(sure.sum()), total),
        confusion=_confusion(judged, same, initiative),
        questions=_curve(judged, same, true),
    )


def _confusion(
    judged: Judged, same: Ints, initiative: Sequence[str] | None
) -> dict[str, dict[str, int]]:
    """Decisions against the truth; without the initiatives' truth only `same` is known."""
    names = np.where(same, "same", "different")
    if initiative is not None:
        codes = np.unique(initiative, return_inverse=True)[1]
        together = codes[judged.a] == codes[judged.b]
        names = np.where(same, "same", np.where(together, "same_initiative", "different"))
    out: dict[str, dict[str, int]] = {}
    for p, name in zip(judged.p, names.tolist(), strict=True):
        row = out.setdefault(tables.decision(p), {})
        row[name] = row.get(name, 0) + 1
    return out


def worth(judged: Judged) -> Ints:
    """The pairs in the order a reviewer should see them: what an answer changes most first."""
    p = judged.p[:, 0]
    degree = np.bincount(judged.a, p, judged.n) + np.bincount(judged.b, p, judged.n)
    size = 1 + np.minimum(degree[judged.a], degree[judged.b])
    return np.argsort(-(p * (1 - p) * size), kind="stable")


def _curve(judged: Judged, same: Ints, true: Sequence[str]) -> tuple[tuple[int, float], ...]:
    """F1 once the first k questions are answered rightly; what answers already imply (A = B and
    B ≠ C: A ≠ C) is not asked."""
    linkage = EVENT_LINKAGE if judged.engine == "events" else NAME_LINKAGE
    p = judged.p[:, 0].copy()
    yes: list[int] = []
    no: list[int] = []
    out = []
    asking = _questions(judged, same)
    asked = 0
    for rate in QUESTIONS:
        for k in islice(asking, rate * judged.n // 1000 - asked):
            p[k] = float(same[k])
            (yes if same[k] else no).append(k)
        asked = rate * judged.n // 1000
        labels = partition(
            judged.n, (judged.a, judged.b), p, linkage=linkage,
            must=_links(judged, yes), cannot=_links(judged, no),
        ).labels  # fmt: skip
        out.append((rate, round(pair_score(labels.tolist(), true).f1, 4)))
    return tuple(out)


def _questions(judged: Judged, same: Ints) -> Iterator[int]:
    """The pairs to ask, in order of worth, those that earlier answers settle left out."""
    group = list(range(judged.n))
    apart: dict[int, set[int]] = {}

    def top(i: int) -> int:
        while group[i] != i:
            group[i] = group[group[i]]
            i = group[i]
        return i

    for k in worth(judged).tolist():
        a, b = top(int(judged.a[k])), top(int(judged.b[k]))
        if a == b or b in apart.get(a, ()):
            continue
        yield k
        if same[k]:
            group[b] = a
            moved = apart.pop(b, set())
            for other in moved:
                apart[other].discard(b)
                apart[other].add(a)
            apart.setdefault(a, set()).update(moved)
        else:
            apart.setdefault(a, set()).add(b)
            apart.setdefault(b, set()).add(a)


def _links(judged: Judged, which: Sequence[int]) -> list[tuple[int, int]]:
    return [(int(judged.a[k]), int(judged.b[k])) for k in which]


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
        "questions pour 1 000 lignes → F1 : "
        + ", ".join(f"{k} → {f1:.3f}".replace(".", ",") for k, f1 in found.questions),
    ]
    for said in (*(r.value for r in RELATIONS), "ask"):
        if said in found.confusion:
            told = ", ".join(f"{k} {v}" for k, v in sorted(found.confusion[said].items()))
            lines.append(f"décision {said} : {told}")
    return "\n".join(lines)
