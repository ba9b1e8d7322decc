"""How a source is doing, and when to come back. Pure: state and visit in, state out."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from domain.records import Source, SourceState, Visit
from domain.statuses import Outcome, SourceHealth

LONGEST = timedelta(days=7)  # back-off never gives up (reference: Miniflux stops after 3 errors)
SHORTEST = timedelta(minutes=30)
THIN = 0.5  # less than half of what it usually gives
FAILING_AFTER = 3
DORMANT_AFTER = 12


def next_state(
    state: SourceState,
    source: Source,
    visit: Visit,
    *,
    now: datetime,
    wait_seconds: float | None = None,
) -> SourceState:
    """The state after a visit: health, failures in a row, what it usually gives, next visit.

    `wait_seconds` is what the server asked for (Retry-After): never sooner, at most two weeks.
    """
    failed = visit.outcome not in (Outcome.OK, Outcome.UNCHANGED)
    failures = state.failures + 1 if failed else 0
    thin = thinned(state, visit)
    return replace(
        state,
        health=_health(visit.outcome, failures, thin=thin is not None),
        failures=failures,
        last_visit_at=now,
        last_ok_at=state.last_ok_at if failed else now,
        last_why=thin or visit.why,
        usual_items=_usual(state.usual_items, visit),
        next_visit_at=now + max(_wait(source, failures), _asked(wait_seconds)),
    )


def thinned(state: SourceState, visit: Visit) -> str | None:
    """A French sentence when a source suddenly gives much less than usual, else None."""
    usual = state.usual_items
    if visit.outcome is not Outcome.OK or usual is None or usual < 4 or visit.items >= usual * THIN:
        return None
    return (
        f"{visit.items} annonces au lieu d'environ {usual:.0f} d'habitude : "
        "vérifiez que la page n'a pas changé de forme"
    )


def _health(outcome: Outcome, failures: int, *, thin: bool) -> SourceHealth:
    if outcome is Outcome.REFUSED:
        return SourceHealth.BLOCKED
    if failures >= DORMANT_AFTER:
        return SourceHealth.DORMANT
    if failures >= FAILING_AFTER:
        return SourceHealth.FAILING
    return SourceHealth.DEGRADED if failures or thin else SourceHealth.OK


def _usual(usual: float | None, visit: Visit) -> float | None:
    """A slow moving average: one thin visit does not become the new normal."""
    if visit.outcome is not Outcome.OK:
        return usual
    return float(visit.items) if usual is None else usual + (visit.items - usual) * 0.2


def _asked(wait_seconds: float | None) -> timedelta:
    return min(timedelta(seconds=wait_seconds or 0.0), LONGEST * 2)


def _wait(source: Source, failures: int) -> timedelta:
    """Its own rhythm, doubled at each failure up to a week, shifted so that no two sources herd."""
    wait = max(timedelta(hours=source.every_hours), SHORTEST)
    if failures:
        wait = min(wait * 2 ** min(failures, 8), max(LONGEST, wait))
    spread = int(hashlib.sha256(source.slug.encode()).hexdigest()[:4], 16) / 0xFFFF  # 0..1, stable
    return wait * (0.95 + 0.1 * spread)
