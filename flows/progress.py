"""How far a long piece of work is, on the terminal of who waits for it."""

import time
from collections.abc import Callable, Mapping
from typing import TextIO

SHARES: Mapping[str, float] = {
    "lecture": 0.04, "fiches": 0.22, "candidats": 0.17, "comparaison": 0.37, "regroupement": 0.05,
    "écriture": 0.15,
}  # fmt: skip
"""Of the work of `paat match`, by step (100,000 announcements); reasons are composed as they are
written."""
SOON = 3.0  # seconds under which nobody needs to be told


def steps(out: TextIO, *, clock: Callable[[], float] = time.monotonic) -> Callable[[str], None]:
    """What to call with each step as it begins: on a terminal, says it and what is left."""
    started = clock()
    named = list(SHARES)

    def tell(step: str) -> None:
        if out.isatty():
            done = sum(SHARES[one] for one in named[: named.index(step)])
            spent = clock() - started
            left = spent * (1 - done) / done if done else 0.0
            soon = f", reste environ {_french(left)}" if left >= SOON else ""
            out.write(f"  … {step} ({named.index(step) + 1} sur {len(named)}{soon})\n")

    return tell


def _french(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
