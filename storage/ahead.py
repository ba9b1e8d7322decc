"""PostgreSQL answers while we think.

    with asking() as ask:
        answer = ask(blocking.holders, conn, fresh)
        …                                            # anything that does not use `conn`
        held = answer()

One question at a time, in the same transaction: the thread that waits for the answer is the only
one to use the connection until it is given (docs/decisions/0264).
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Ask(Protocol):
    """Asks a function of `storage`; calling what comes back waits for its answer, or its error."""

    def __call__(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Callable[[], T]: ...


@contextmanager
def asking() -> Iterator[Ask]:
    """What asks. At the end, whatever happens, no question is left without its answer."""
    with ThreadPoolExecutor(1, thread_name_prefix="asking") as hand:

        def ask(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Callable[[], T]:
            return hand.submit(function, *args, **kwargs).result

        yield ask
