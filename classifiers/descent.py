"""The one numerical search of the package, on a single thread.

The problems are small (some thousand weights): OpenBLAS shares each step between the cores, and
two threads that wait for one another made learning ten times slower on a busy machine.
"""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from classifiers.model import Floats

MOST_STEPS = 80
CLOSE_ENOUGH = 1e-7


@lru_cache(maxsize=1)
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def lowest(loss: Callable[[Floats], tuple[float, Floats]], start: Floats) -> Floats:
    """Where the loss is lowest, from `start`; `loss` gives its value and its slope."""
    options = {"maxiter": MOST_STEPS, "ftol": CLOSE_ENOUGH}
    with _threads().limit(limits=1, user_api="blas"):
        found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x)
