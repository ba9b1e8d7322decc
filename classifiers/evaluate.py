"""How good is a model? Measured on decided texts it has not learned from.

Intervals are bootstraps over groups (an organiser's texts stand or fall together); the seed is
fixed, so that two evaluations of the same file agree to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from classifiers.calibrate import folds
from classifiers.engines import Engine, blend
from classifiers.features import features
from classifiers.model import HEADS, Floats, Model
from classifiers.reading import cold_log_odds, no_collector, read_all
from classifiers.train import Example, learn
from domain.campaigns import THEMES

DRAWS = 400
BINS = 10
COVERED_AT = 0.95  # precision at which coverage is told
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One theme (or the scope) measured. Intervals are 95 %."""

    precision: float
    recall: float
    f1: float
    f1_low: float
    f1_high: float
    support: int
    ece: float  # mean gap between a probability and the share that was right
    coverage: float  # share of the right answers found while precision stays ≥ 0.95
    chosen: int
    chosen_precision: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A model measured on examples: per head, and what it confuses."""

    model: str
    examples: int
    scores: Mapping[str, Score]
    macro_f1: float
    macro_low: float
    macro_high: float
    chosen_precision: float | None
    confusions: Mapping[str, Sequence[tuple[str, str, float]]]  # head → (id, text, p), worst first
    ceiling: Mapping[str, float]  # F1 between two annotators, when the file tells


@dataclass(frozen=True, slots=True)
class Predicted:
    """Probabilities and choices, one line per example, one column per head."""

    chances: Floats
    chosen: Bools


def predict(
    model: Model, examples: Sequence[Example], *, engine: Engine | None = None
) -> Predicted:
    """What a model, and an engine beside it, say of examples, without looking at their answers."""
    with no_collector():
        readings = read_all([(e.title, e.text) for e in examples])
        rows = [model.rows(features(r.reading.tokens, r.evidence)) for r in readings]
    odds = model.log_odds(cold_log_odds(readings), rows)
    if engine is not None:
        odds = blend(odds, engine.chances([(e.title, e.text) for e in examples]))
    chances = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    return Predicted(chances, chances >= model.thresholds)


def predict_by_folds(examples: Sequence[Example], base: Model) -> Predicted:
    """What models trained on the other folds say of each example; groups are never split."""
    fold = folds([e.group for e in examples])
    chances = np.zeros((len(examples), len(HEADS)))
    chosen = np.zeros(chances.shape, dtype=bool)
    for one in sorted(set(fold)):
        held = [i for i, f in enumerate(fold) if f == one]
        model = learn([e for e, f in zip(examples, fold, strict=True) if f != one], base=base)
        found = predict(model, [examples[i] for i in held])
        chances[held], chosen[held] = found.chances, found.chosen
    return Predicted(chances, chosen)


def truth(examples: Sequence[Example]) -> tuple[Bools, Bools]:
    """(right answers, whether they were decided), one column per head."""
    right = np.zeros((len(examples), len(HEADS)), dtype=bool)
    known = np.zeros(right.shape, dtype=bool)
    for i, one in enumerate(examples):
        for head, name in enumerate(HEADS):
            if name == "games":
                right[i, head], known[i, head] = one.scope == "yes", one.scope is not None
            else:
                right[i, head] = name in (one.themes or ())
                known[i, head] = one.themes is not None
    return right, known


def report(
    name: str,
    examples: Sequence[Example],
    predicted: Predicted,
    *,
    ceiling: Mapping[str, float] | None = None,
) -> Report:
    """The measures of one model. Raises nothing: a theme without a positive text has F1 0."""
    right, known = truth(examples)
    draws = _draws([e.group for e in examples])
    scores, macros = {}, []
    for head, slug in enumerate(HEADS):
        column = (predicted.chances[:, head], predicted.chosen[:, head], right[:, head])
        scores[slug], f1s = _score(*column, known[:, head], draws)
        if slug in THEMES:
            macros.append(f1s)
    macro = np.mean(macros, axis=0)
    themes = slice(0, len(THEMES))
    chosen = predicted.chosen[:, themes] & known[:, themes]
    return Report(
        model=name,
        examples=len(examples),
        scores=scores,
        macro_f1=float(np.mean([scores[slug].f1 for slug in THEMES])),
        macro_low=_round(float(np.quantile(macro, 0.025))),
        macro_high=_round(float(np.quantile(macro, 0.975))),
        chosen_precision=_ratio(int((chosen & right[:, themes]).sum()), int(chosen.sum())),
        confusions=_confusions(examples, predicted, right, known),
        ceiling=dict(ceiling or {}),
    )


def _score(
    chances: Floats, chosen: Bools, right: Bools, known: Bools, draws: Floats
) -> tuple[Score, Floats]:
    said = (chances >= 0.5) & known
    right = right & known
    hit = said & right
    f1s = _f1(draws @ hit, draws @ said, draws @ right)
    low, high = np.quantile(f1s, [0.025, 0.975])
    picked = chosen & known
    return (
        Score(
            precision=_ratio(int(hit.sum()), int(said.sum())) or 0.0,
            recall=_ratio(int(hit.sum()), int(right.sum())) or 0.0,
            f1=float(_f1(*(np.array([float(x.sum())]) for x in (hit, said, right)))[0]),
            f1_low=_round(low),
            f1_high=_round(high),
            support=int(right.sum()),
            ece=_round(expected_gap(chances[known], right[known])),
            coverage=_round(coverage(chances[known], right[known])),
            chosen=int(picked.sum()),
            chosen_precision=_ratio(int((picked & right).sum()), int(picked.sum())),
        ),
        f1s,
    )


def _f1(hit: Floats, said: Floats, right: Floats) -> Floats:
    return np.asarray(2 * hit / np.maximum(said + right, 1e-9))


def _draws(groups: Sequence[str]) -> Floats:
    """How many times each example is drawn in each bootstrap, whole groups at a time."""
    named = [group or f"\0{i}" for i, group in enumerate(groups)]
    places = {group: i for i, group in enumerate(sorted(set(named)))}
    rng = np.random.default_rng(20240726)
    times = rng.multinomial(len(places), np.full(len(places), 1 / len(places)), size=DRAWS)
    return np.asarray(times[:, [places[g] for g in named]], dtype=np.float64)


def bins(chances: Floats, right: Bools) -> list[tuple[float, float, int]]:
    """(mean probability, share that was right, how many) of each tenth that is not empty."""
    place = np.minimum((chances * BINS).astype(int), BINS - 1)
    found = []
    for one in range(BINS):
        here = place == one
        if here.any():
            found.append((float(chances[here].mean()), float(right[here].mean()), int(here.sum())))
    return found


def expected_gap(chances: Floats, right: Bools) -> float:
    """Expected calibration error."""
    total = max(len(chances), 1)
    return sum(n * abs(said - was) for said, was, n in bins(chances, right)) / total


def coverage(chances: Floats, right: Bools, at: float = COVERED_AT) -> float:
    """Share of the right answers among the longest list, surest first, whose precision is `at`."""
    if not right.any():
        return 0.0
    hits = np.cumsum(right[np.argsort(-chances, kind="stable")])
    precise = hits / np.arange(1, len(hits) + 1) >= at
    last = int(np.flatnonzero(precise)[-1]) if precise.any() else None
    return 0.0 if last is None else float(hits[last] / right.sum())


def _confusions(
    examples: Sequence[Example], predicted: Predicted, right: Bools, known: Bools, most: int = 5
) -> dict[str, list[tuple[str, str, float]]]:
    found = {}
    for head, slug in enumerate(HEADS):
        wrong = np.abs(predicted.chances[:, head] - right[:, head]) * known[:, head]
        worst = [int(i) for i in np.argsort(-wrong, kind="stable")[:most] if wrong[i] > 0.5]
        found[slug] = [
            (
                examples[i].id,
                " ".join(f"{examples[i].title} {examples[i].text}".split())[:90],
                _round(predicted.chances[i, head]),
            )
            for i in worst
        ]
    return found


def human_ceiling(pairs: Sequence[tuple[frozenset[str], frozenset[str]]]) -> dict[str, float]:
    """F1 between two annotators of the same texts, per theme."""
    found = {}
    for slug in THEMES:
        both = sum(slug in a and slug in b for a, b in pairs)
        either = sum((slug in a) + (slug in b) for a, b in pairs)
        if either:
            found[slug] = _round(2 * both / either)
    return found


def agreement(examples: Sequence[Example]) -> dict[str, float]:
    """The human ceiling a file tells: texts that two people answered; empty when there is none."""
    answers: dict[tuple[str, str], dict[str, frozenset[str]]] = {}
    for one in examples:
        if one.by and one.themes is not None:
            answers.setdefault((one.title, one.text), {}).setdefault(one.by, one.themes)
    pairs = [tuple(given.values())[:2] for given in answers.values() if len(given) > 1]
    return human_ceiling([(a, b) for a, b in pairs])


def _ratio(part: int, whole: int) -> float | None:
    return _round(part / whole) if whole else None


def _round(value: float) -> float:
    return round(float(value), 4)
