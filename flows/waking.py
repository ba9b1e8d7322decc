"""What people ask on screen is done at once: a declaration is read, a hurried source is visited.

Beside the served application, a thread looks at the outbox every second. With a Prefect server it
publishes the events there, which wakes the deployments of prefect.yaml; without one it does the
work itself. The locks of the chain keep it from meeting another run; what it could not do stays
to be done by the next passage.
"""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import PaatError
from flows import publish, steps
from flows.house import House
from storage import outbox, sources

log = logging.getLogger(__name__)

SUBMITTED, HURRIED = "paat.form.submitted", "paat.source.hurried"
EVERY_SECONDS, LATER_SECONDS = 1.0, 30.0
_LEAVE_SECONDS = 10.0


@contextmanager
def awake(house: House, *, every: float = EVERY_SECONDS) -> Iterator[None]:
    """While this lasts, what people ask is taken at once; a visit under way may end after it."""
    stop = threading.Event()
    watch = threading.Thread(
        target=_watch, args=(house, stop, every), name="paat-waking", daemon=True
    )
    watch.start()
    try:
        yield
    finally:
        stop.set()
        watch.join(_LEAVE_SECONDS)


def _watch(house: House, stop: threading.Event, every: float) -> None:
    wait, last = every, 0
    while not stop.wait(wait):
        try:
            last, wait = take(house, after=last), every
        except PaatError as error:
            log.warning("what was asked on screen waits for the next passage: %s", error)
            wait = LATER_SECONDS


def take(house: House, *, after: int = 0) -> int:
    """Do what was asked since that event, here or by Prefect; the last event seen.

    Raises PaatError when it cannot be done now; the events then wait.
    """
    with house.database.reading() as conn:
        waiting = outbox.waiting(conn, (SUBMITTED, HURRIED), after=after)
    if not waiting:
        return after
    if os.environ.get("PREFECT_API_URL"):
        publish.publish_waiting(house)
        return waiting[-1].id
    if hurried := sorted({one.resource for one in waiting if one.event == HURRIED}):
        visit(house, hurried)
    else:
        steps.process(house)
    with house.database.begin() as conn:
        outbox.mark_published(conn, [one.id for one in waiting], house.clock())
    return waiting[-1].id


def visit(house: House, slugs: list[str]) -> steps.Report:
    """One run of the chain for these sources alone, as the database knows them."""
    with house.database.reading() as conn:
        known = list(sources.known(conn, slugs).values())
    with steps.alone(house, "veille"):
        return steps.veille(house, [one.slug for one in known], known=known, trigger="hurried")
