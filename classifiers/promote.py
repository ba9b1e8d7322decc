"""A new model replaces the old one only if it is not worse on any theme."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from classifiers.evaluate import (
    Predicted,
    Report,
    predict,
    predict_by_folds,
    report,
    truth,
)
from classifiers.model import HEADS, Model
from classifiers.train import Example, checked, learn
from domain.campaigns import THEMES
from domain.errors import QualityError

SLACK = 0.01
"""F1 a theme may lose: less than one text in a hundred is noise, not a loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two models on the same texts. Positive = the second is better."""

    per_head: dict[str, float]
    macro: float
    low: float
    high: float


def relearn(
    examples: Sequence[Example],
    *,
    base: Model,
    current: Model,
    control: Sequence[Example] = (),
    now: datetime | None = None,
) -> Model:
    """A model learned from every decision, kept only if it is not worse than the current one.

    Judged by folds that never split a group, and on the control set, which is never learned from.
    Raises QualityError naming the theme that would lose, and by how much.
    """
    apart = {(c.title, c.text) for c in control}
    kept = checked([e for e in examples if (e.title, e.text) not in apart])
    candidate = learn(kept, base=base, now=now)
    before = predict(base, kept)
    _refuse_if_worse("par plis", report(base.version, kept, before), _by_folds(kept, base))
    if control:
        old = report(current.version, control, predict(current, control))
        _refuse_if_worse(
            "sur la file de contrôle", old, report("", control, predict(candidate, control))
        )
    return replace(candidate, about={**candidate.about, "replaces": current.version})


def _by_folds(examples: Sequence[Example], base: Model) -> Report:
    return report("candidate", examples, predict_by_folds(examples, base))


def _refuse_if_worse(where: str, old: Report, new: Report) -> None:
    for slug in HEADS:
        before, after = old.scores[slug], new.scores[slug]
        if before.support and after.f1 < before.f1 - max(SLACK, 1.0 / (before.support + 1)):
            raise QualityError(
                f"{slug} : F1 {after.f1:.3f} {where} où {before.f1:.3f} au moins est attendu ; "
                "le modèle en place est gardé, décidez plus de textes de ce thème",
                about=slug,
            )


def compare(examples: Sequence[Example], first: Predicted, second: Predicted) -> Difference:
    """How much better the second is, with a paired bootstrap interval on the macro-F1."""
    right, known = truth(examples)
    one = report("first", examples, first)
    two = report("second", examples, second)
    rng = np.random.default_rng(20240726)
    groups = sorted({e.group or f"\0{i}" for i, e in enumerate(examples)})
    place = {group: i for i, group in enumerate(groups)}
    column = [place[e.group or f"\0{i}"] for i, e in enumerate(examples)]
    times = rng.multinomial(len(groups), np.full(len(groups), 1 / len(groups)), size=400)
    draws = times[:, column].astype(np.float64)
    gaps = []
    for head in range(len(THEMES)):
        pair = []
        for chances in (first.chances[:, head], second.chances[:, head]):
            said = (chances >= 0.5) & known[:, head]
            answers = right[:, head] & known[:, head]
            total = draws @ said + draws @ answers
            pair.append(2 * (draws @ (said & answers)) / np.maximum(total, 1e-9))
        gaps.append(pair[1] - pair[0])
    low, high = np.quantile(np.mean(gaps, axis=0), [0.025, 0.975])
    return Difference(
        per_head={slug: round(two.scores[slug].f1 - one.scores[slug].f1, 4) for slug in HEADS},
        macro=round(two.macro_f1 - one.macro_f1, 4),
        low=round(float(low), 4),
        high=round(float(high), 4),
    )
