"""Learning from decisions, on top of a base model, in seconds.

Every head is a logistic regression whose prior is the base: with few examples the model stays what
it was, with many it becomes what people decided. Nothing is random.
"""

import hashlib
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from classifiers import calibrate
from classifiers.descent import lowest
from classifiers.features import features
from classifiers.model import HEADS, Floats, Model
from classifiers.reading import cold_log_odds, read_all
from domain.campaigns import THEMES
from domain.errors import QualityError

FEWEST = 2  # texts a feature must be seen in to be learned
SCOPES = ("yes", "no", "unclear")
PULL = 0.3  # strength of the prior on a word's weight (inverse variance)
GAIN_PULL = 30.0  # strength of the prior that the rules keep their weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One decided text. `group` (organiser or source) is never split between folds."""

    id: str
    title: str
    text: str = ""
    themes: frozenset[str] | None = frozenset()  # None: the themes were not decided
    scope: str | None = None  # yes | no | unclear; None: not decided
    group: str = ""
    weight: float = 1.0
    by: str = ""  # the reviewer, to weigh them by their agreement with the others


def learn(
    examples: Iterable[Example],
    *,
    base: Model,
    now: datetime | None = None,
    pull: float = PULL,
    words_only: bool = False,
) -> Model:
    """The base improved by the examples, calibrated on folds that never split a group.

    `words_only` learns the words as if there were no rules (the seeds are learned so).
    Raises QualityError: no example, a slug that is no theme, every answer the same, contradictions.
    """
    kept = checked(list(examples))
    task = _prepare(kept, base, pull, words_only)
    everything = np.ones(len(kept), dtype=bool)
    learned = task.fit(everything)
    weights, gain, bias = learned
    slope, shift, thresholds, about = _calibrated(task, kept, base, learned)
    print_of = fingerprint(kept, base)
    return Model(
        version=f"learned-{print_of[:12]}",
        vocabulary=task.vocabulary,
        idf=task.idf,
        weights=weights * task.idf[:, None],
        gain=gain,
        bias=bias,
        slope=slope,
        shift=shift,
        thresholds=thresholds,
        about={
            "base": base.version,
            "examples": len(kept),
            "fingerprint": print_of,
            "trained_at": now.isoformat() if now else None,
            **about,
        },
    )


Learned = tuple[Floats, Floats, Floats]
"""Weights (features × heads), gain and bias (one per head)."""


@dataclass(frozen=True, slots=True)
class _Task:
    """Everything needed to fit on any subset of the examples."""

    vocabulary: tuple[str, ...]
    idf: Floats
    matrix: sparse.csr_matrix
    cold: Floats
    before: Floats
    base: Model
    wanted: Floats  # one column per head
    sure: Floats
    pull: float

    def fit(self, kept: NDArray[np.bool_], *, start: Learned | None = None) -> Learned:
        """(weights, gain, bias) learned from the kept lines; `start` is where to search from."""
        weights, gain, bias = self.before.copy(), self.base.gain.copy(), self.base.bias.copy()
        matrix = self.matrix[kept]
        turned = matrix.T.tocsr()
        for head in range(len(HEADS)):
            wanted, sure = self.wanted[kept, head], self.sure[kept, head]
            if sure.sum() == 0:
                continue
            prior = np.concatenate(
                [self.before[:, head], [self.base.gain[head], self.base.bias[head]]]
            )
            first = prior
            if start is not None:
                first = np.concatenate([start[0][:, head], [start[1][head], start[2][head]]])
            found = _fit(
                (matrix, turned), self.cold[kept, head], wanted, sure, prior, self.pull, first
            )
            weights[:, head], gain[head], bias[head] = found[:-2], found[-2], found[-1]
        return weights, gain, bias


def _prepare(examples: Sequence[Example], base: Model, pull: float, words_only: bool) -> _Task:
    readings = read_all([(e.title, e.text) for e in examples])
    found = [features(r.reading.tokens, {} if words_only else r.evidence) for r in readings]
    vocabulary, idf = _vocabulary(found, base)
    columns = [targets(examples, head) for head in range(len(HEADS))]
    return _Task(
        vocabulary=tuple(vocabulary),
        idf=idf,
        matrix=_matrix(found, vocabulary, idf),
        cold=cold_log_odds(readings) * (0.0 if words_only else 1.0),
        before=_base_weights(base, vocabulary, idf),
        base=base,
        wanted=np.stack([wanted for wanted, _ in columns], axis=1),
        sure=np.stack([sure for _, sure in columns], axis=1),
        pull=pull,
    )


FEWEST_TO_CALIBRATE = 60
"""Examples under which the calibration of the base is kept: folds of less would be luck."""


def _calibrated(
    task: _Task, examples: Sequence[Example], base: Model, learned: Learned
) -> tuple[Floats, Floats, Floats, dict[str, Any]]:
    """(slope, shift, thresholds, metrics), read on folds the fit has not seen."""
    slope, shift, limits = base.slope.copy(), base.shift.copy(), base.thresholds.copy()
    fold = np.array(calibrate.folds([e.group for e in examples]))
    if len(examples) < FEWEST_TO_CALIBRATE or len(set(fold.tolist())) < calibrate.FOLDS:
        return slope, shift, limits, {}
    odds = np.zeros(task.wanted.shape)
    for one in range(calibrate.FOLDS):
        weights, gain, bias = task.fit(fold != one, start=learned)
        held = fold == one
        odds[held] = task.matrix[held] @ weights + task.cold[held] * gain + bias
    scores = {}
    seen = []
    for head, name in enumerate(HEADS):
        wanted, sure = task.wanted[:, head], task.sure[:, head]
        slope[head], shift[head] = calibrate.platt(odds[:, head], wanted, sure)
        chances = 1 / (1 + np.exp(-np.clip(slope[head] * odds[:, head] + shift[head], -30, 30)))
        seen.append((chances, wanted, sure))
        right = float(((chances >= 0.5) & (wanted >= 0.5) & (sure > 0)).sum())
        either = float((((chances >= 0.5).astype(int) + (wanted >= 0.5)) * (sure > 0)).sum())
        scores[name] = round(2 * right / either, 4) if either else None
    themes = [np.concatenate(column) for column in zip(*seen[: len(THEMES)], strict=True)]
    default = float(base.thresholds[: len(THEMES)].mean())
    limits[: len(THEMES)] = calibrate.threshold(*themes, default=default)
    return slope, shift, limits, {"f1_by_folds": scores}


def checked(examples: Sequence[Example]) -> list[Example]:
    """The examples, contradictions settled by weight. Raises QualityError when unusable."""
    if not examples:
        raise QualityError("aucun exemple où des textes décidés sont attendus ; décidez-en d'abord")
    for one in examples:
        unknown = sorted((one.themes or frozenset()) - set(THEMES))
        if unknown:
            raise QualityError(
                f"{one.id} : thème {unknown[0]!r} où l'un de ceux-ci est attendu : "
                f"{', '.join(THEMES)} ; corrigez le fichier",
                about=one.id,
            )
        if one.scope is not None and one.scope not in SCOPES:
            raise QualityError(
                f"{one.id} : champ {one.scope!r} où l'un de ceux-ci est attendu : "
                f"{', '.join(SCOPES)} ; corrigez le fichier",
                about=one.id,
            )
    return _settled(examples)


def _settled(examples: Sequence[Example]) -> list[Example]:
    """The examples with the weight each deserves: nobody captures the model alone.

    An answer keeps its weight times the square of the share of the answers to the same text that
    agree with it, and times the agreement of its reviewer with the others.
    """
    total: dict[tuple[str, str], float] = defaultdict(float)
    same: dict[tuple[Any, ...], float] = defaultdict(float)
    for one in examples:
        total[one.title, one.text] += one.weight
        same[one.title, one.text, one.themes, one.scope] += one.weight
    trust = _agreement(examples, total, same)
    kept, lost = [], 0.0
    for one in examples:
        whole = total[one.title, one.text]
        share = same[one.title, one.text, one.themes, one.scope] / whole if whole else 0.0
        lost += one.weight * (1 - share)
        if share > 0:
            kept.append(replace(one, weight=one.weight * share**2 * trust.get(one.by, 1.0)))
    everything = sum(total.values())
    if everything and lost / everything > MOST_CONTRADICTED:
        raise QualityError(
            f"{round(100 * lost / everything)} % des réponses en contredisent une autre au même "
            f"texte, où {round(100 * MOST_CONTRADICTED)} % au plus sont attendus ; accordez-vous"
        )
    _refuse_single_class(kept)
    return kept


MOST_CONTRADICTED = 0.25
"""Share of contradicted answers above which there is nothing to learn."""

_BENEFIT_OF_DOUBT = 3.0  # agreements a reviewer is credited with before any is seen


def _agreement(
    examples: Sequence[Example],
    total: Mapping[tuple[str, str], float],
    same: Mapping[tuple[Any, ...], float],
) -> dict[str, float]:
    """Reviewer → how much the others confirm them on texts they share, squared; 1 when unknown."""
    agreed: dict[str, float] = defaultdict(lambda: _BENEFIT_OF_DOUBT)
    seen: dict[str, float] = defaultdict(lambda: _BENEFIT_OF_DOUBT)
    for one in examples:
        others = total[one.title, one.text] - one.weight
        if one.by and others > 0:
            with_them = same[one.title, one.text, one.themes, one.scope] - one.weight
            agreed[one.by] += with_them / others
            seen[one.by] += 1
    return {by: (agreed[by] / seen[by]) ** 2 for by in seen}


def _refuse_single_class(examples: Sequence[Example]) -> None:
    answers = {(e.themes, e.scope) for e in examples}
    if len(answers) < 2:
        raise QualityError(
            f"{len(examples)} exemples qui disent tous la même chose où des réponses différentes "
            "sont attendues ; décidez plus de textes avant d'apprendre"
        )


def targets(examples: Sequence[Example], head: int) -> tuple[Floats, Floats]:
    """(wanted answer, weight) per example for a head; weight 0 when that was not decided."""
    name = HEADS[head]
    wanted, sure = np.zeros(len(examples)), np.zeros(len(examples))
    for i, one in enumerate(examples):
        if name == "games":
            wanted[i] = {"yes": 1.0, "unclear": 0.3}.get(one.scope or "", 0.0)
            sure[i] = one.weight if one.scope else 0.0
        else:
            wanted[i] = float(name in (one.themes or ()))
            sure[i] = one.weight if one.themes is not None else 0.0
    return wanted, sure


def _vocabulary(found: Sequence[Sequence[str]], base: Model) -> tuple[list[str], Floats]:
    """Features seen often enough, and those of the base; with their inverse frequency."""
    seen = Counter(feature for one in found for feature in one)
    known = base.index
    vocabulary = list(base.vocabulary)
    fresh = sorted(f for f, n in seen.items() if n >= FEWEST and f not in known)
    idf = [math.log(1 + len(found) / (1 + seen[f])) for f in fresh]
    return vocabulary + fresh, np.concatenate([base.idf, np.array(idf)])


def _matrix(
    found: Sequence[Sequence[str]], vocabulary: Sequence[str], idf: Floats
) -> sparse.csr_matrix:
    index = {feature: i for i, feature in enumerate(vocabulary)}
    rows = [[index[f] for f in one if f in index] for one in found]
    starts = np.cumsum([0, *(len(one) for one in rows)])
    flat = np.fromiter((i for one in rows for i in one), dtype=np.int64)
    matrix = sparse.csr_matrix((idf[flat], flat, starts), shape=(len(found), len(vocabulary)))
    norm = np.sqrt(matrix.multiply(matrix).sum(axis=1)).A1
    return sparse.diags(1 / np.maximum(norm, 1e-9)) @ matrix


def _base_weights(base: Model, vocabulary: Sequence[str], idf: Floats) -> Floats:
    weights = np.zeros((len(vocabulary), len(HEADS)))
    known = len(base.vocabulary)
    if known:
        weights[:known] = base.weights / np.maximum(idf[:known, None], 1e-9)
    return weights


def _fit(
    both_ways: tuple[sparse.csr_matrix, sparse.csr_matrix],
    cold: Floats,
    wanted: Floats,
    sure: Floats,
    prior: Floats,
    pull: float,
    start: Floats,
) -> Floats:
    """Weights, gain and bias that best explain the answers without leaving the prior for little."""
    matrix, turned = both_ways
    pulls = np.full(len(prior), pull)
    pulls[-2:] = GAIN_PULL, 1.0

    def loss(w: Floats) -> tuple[float, Floats]:
        odds = matrix @ w[:-2] + cold * w[-2] + w[-1]
        away = w - prior
        value = float((sure * (np.logaddexp(0, odds) - wanted * odds)).sum())
        error = sure * (1 / (1 + np.exp(-odds)) - wanted)
        slope = np.concatenate([turned @ error, [cold @ error, error.sum()]])
        return value + float(0.5 * (pulls * away**2).sum()), slope + pulls * away

    return lowest(loss, start)


def fingerprint(examples: Sequence[Example], base: Model) -> str:
    """SHA-256 of what was learned from, so that a version can be traced to its data."""
    lines = [
        [
            e.id,
            e.title,
            e.text,
            sorted(e.themes) if e.themes is not None else None,
            e.scope,
            e.weight,
        ]
        for e in examples
    ]
    text = json.dumps([base.version, lines], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
