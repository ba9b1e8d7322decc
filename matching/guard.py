"""Whether what was learnt may be kept: never a model that judges worse than one already there.

One verdict in five is never learnt from, so that it judges every model alike; and a control set
says whether what was known is still known. What is kept is exactly what was judged.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from domain.errors import QualityError
from matching.cards import Bools, Floats, Ints

MAY_LOSE = 0.005
"""F1 on the control set under which a loss is noise (reference/matching.md §6)."""
ONE_IN = 5


@dataclass(frozen=True, slots=True)
class Figures:
    """How a model judges: F1 by what is judged (0..1), and its mean log-loss on the verdicts kept
    aside, None where there are none."""

    control: Mapping[str, float]
    surprise: float | None


def set_aside(a: Ints, b: Ints) -> Bools:
    """Of pairs, those never learnt from: by their two ends, whatever comes before or after."""
    low, high = np.minimum(a, b).astype(np.uint64), np.maximum(a, b).astype(np.uint64)
    with np.errstate(over="ignore"):
        mixed = (low * np.uint64(0x9E3779B97F4A7C15) ^ high) * np.uint64(0xC2B2AE3D27D4EB4F)
    return np.asarray((mixed >> np.uint64(33)) % np.uint64(ONE_IN) == 0)


def refuse_worse(
    new: Figures, known: Mapping[str, Figures], *, verdicts: int, about: str,
    chance: float = MAY_LOSE,
) -> None:  # fmt: skip
    """Raises QualityError, with both figures, when `new` judges worse than one of the models
    `known` by their French names; `chance`: F1 that may be lost on the control set."""
    if lost := _loss(new, known, chance):
        raise QualityError(
            f"{lost}, après {verdicts} verdicts ; rien n'est changé, relisez ceux qui se "
            "contredisent ou donnez-en d'autres",
            about=about,
        )


def _loss(new: Figures, known: Mapping[str, Figures], chance: float) -> str | None:
    """What a model loses against one of those known, in French; None when nothing."""
    for name, old in known.items():
        if old.surprise is not None and (new.surprise or 0.0) > old.surprise:
            return (
                "le nouveau modèle jugerait moins bien les verdicts mis de côté pour le contrôle "
                f"(erreur {_fr(new.surprise or 0.0)} contre {_fr(old.surprise)} avec {name})"
            )
        for what, f1 in old.control.items():
            if new.control[what] < f1 - chance:
                return (
                    f"le nouveau modèle jugerait moins bien les {what} du jeu de contrôle "
                    f"(F1 {_fr(new.control[what])} contre {_fr(f1)} avec {name})"
                )
    return None


def _fr(value: float) -> str:
    return f"{value:.3f}".replace(".", ",")


def f1(said: Bools, true: Bools) -> float:
    """F1 of what is said where it is true; 1 when there is nothing to say and nothing is said."""
    both = int(said.sum() + true.sum())
    return 2 * int((said & true).sum()) / both if both else 1.0


def surprise(p: Floats, y: Ints) -> float | None:
    """Mean log-loss, probabilities kept off 0 and 1 so that one wrong verdict does not decide."""
    if not len(y):
        return None
    return float(-np.log(np.clip(p[np.arange(len(y)), y], 0.02, 1)).mean())
