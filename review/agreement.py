"""Do two people looking at the same card say the same? Pure, numpy.

Kappa and alpha collapse when one answer dominates (94.6 % raw agreement, alpha 0.59); Gwet's AC1
does not (0.94): all three are shown. Answers are 0 and 1, one row a card, one column a look.
Sources: Gwet, *Computing inter-rater reliability…*, 2008; Krippendorff, *Content analysis*, 2018.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Answers = NDArray[np.int_]
"""Shape (cards, 2), values 0 or 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Of one question over `cards` looked at twice. None where nothing can be said."""

    cards: int
    raw: float | None
    ac1: float | None
    alpha: float | None
    alpha_low: float | None  # 95 % bootstrap interval over cards
    alpha_high: float | None


def agreement(pairs: Sequence[tuple[bool, bool]], *, draws: int = 1000, seed: int = 0) -> Agreement:
    """The measures of a yes/no question answered twice on each card."""
    answers = np.array(pairs, dtype=np.int_).reshape(-1, 2)
    low, high = interval(answers, alpha, draws=draws, seed=seed)
    return Agreement(
        cards=len(answers),
        raw=raw(answers),
        ac1=ac1(answers),
        alpha=alpha(answers),
        alpha_low=low,
        alpha_high=high,
    )


def raw(answers: Answers) -> float | None:
    """Share of cards with twice the same answer."""
    return float(np.mean(answers[:, 0] == answers[:, 1])) if len(answers) else None


def ac1(answers: Answers) -> float | None:
    """Gwet's AC1: agreement beyond chance, chance being 2π(1-π) with π the share of yes."""
    if not len(answers):
        return None
    yes = float(np.mean(answers))
    chance = 2 * yes * (1 - yes)  # at most ½: never a division by nothing
    return (float(np.mean(answers[:, 0] == answers[:, 1])) - chance) / (1 - chance)


def alpha(answers: Answers) -> float | None:
    """Krippendorff's alpha, nominal: 1 - observed over expected disagreement.

    None when everybody always said the same: there is nothing to disagree about.
    """
    values = answers.size
    yes = int(answers.sum())
    no = values - yes
    if yes == 0 or no == 0:
        return None
    observed = float(np.mean(answers[:, 0] != answers[:, 1]))
    expected = 2 * yes * no / (values * (values - 1))
    return 1 - observed / expected


def interval(
    answers: Answers,
    measure: Callable[[Answers], float | None],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> tuple[float | None, float | None]:
    """The 2.5 and 97.5 percentiles of the measure over cards drawn again with replacement."""
    if len(answers) < 2:
        return None, None
    random = np.random.default_rng(seed)
    chosen = random.integers(0, len(answers), size=(draws, len(answers)))
    found = [value for rows in chosen if (value := measure(answers[rows])) is not None]
    if not found:
        return None, None
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)
