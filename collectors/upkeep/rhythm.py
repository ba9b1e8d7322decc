"""When to come back to a source that answers: its own rhythm, bounded, never a herd. Pure.

The interval is half of what usually passes between two visits that bring something new: news are
known half a gap late at most. It stays between a quarter of the source's own `every_hours` and
its double, and within the bounds of the house.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median

from domain.records import Source, SourceMemory

SHORTEST = timedelta(minutes=30)  # whatever the settings (reference: collection.md §1)
KNOWN_AFTER = 5  # gaps seen before the rhythm is believed
REMEMBERED = 20
_QUIET = 3.0  # that many usual gaps without news: the rhythm is slowing down
_EARLY, _SPREAD = 0.90, 0.08  # a daily source is due before the same hour of the next day


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The house's own bounds (PAAT_SHORTEST_HOURS, PAAT_LONGEST_HOURS)."""

    shortest_hours: float = 3.0
    longest_hours: float = 168.0


def learn(memory: SourceMemory, new: int, *, now: datetime) -> SourceMemory:
    """The memory after a visit that brought `new` announcements. The first one says no gap."""
    if not new:
        return memory
    last, gaps = memory.last_new_at, memory.gaps
    if last is not None and now > last:
        gaps = (*gaps, round((now - last) / timedelta(days=1), 3))[-REMEMBERED:]
    return replace(memory, last_new_at=now, gaps=gaps)


def usual_gap(memory: SourceMemory, *, now: datetime) -> float | None:
    """Days between two visits that bring something new; None while too few were seen."""
    if len(memory.gaps) < KNOWN_AFTER or memory.last_new_at is None:
        return None
    usual = median(memory.gaps)
    quiet = (now - memory.last_new_at) / timedelta(days=1)
    return max(usual, quiet / _QUIET) if quiet > usual * _QUIET else usual


def interval(
    source: Source, memory: SourceMemory, *, now: datetime, bounds: Bounds
) -> tuple[timedelta, str]:
    """How long to wait after a good visit, and why in French."""
    own = max(timedelta(hours=source.every_hours), SHORTEST)
    gap = usual_gap(memory, now=now)
    if source.options.get("steady"):
        return own, f"{_every(own)} : rythme fixe de la source"
    if gap is None:
        return own, f"{_every(own)} : réglage de la source, son rythme n'est pas encore connu"
    low = min(max(own / 4, timedelta(hours=bounds.shortest_hours), SHORTEST), own)
    high = max(min(own * 2, timedelta(hours=bounds.longest_hours)), own)
    wait = min(max(timedelta(days=gap) / 2, low), high)
    fresh = min(timedelta(seconds=memory.fresh.seconds if memory.fresh else 0), own)
    if fresh > wait:
        return fresh, f"{_every(fresh)} : la source demande de ne pas revenir plus souvent"
    told = f"du nouveau {_every(timedelta(days=gap))} d'ordinaire"
    return wait, f"{_every(wait)} : {told} (réglage de la source : {_every(own)})"


def upcoming(days: Iterable[date], *, today: date) -> tuple[date, ...]:
    """The next days of these, soonest first."""
    return tuple(sorted({one for one in days if one > today}))[:REMEMBERED]


def eve(days: Sequence[date], due: datetime, *, now: datetime) -> tuple[datetime, date] | None:
    """The day before an event, when `due` would only come after it: what is cancelled or moved is
    told late. The instant to come, and the day of the event; None when `due` does."""
    for day in days:
        before = datetime.combine(day - timedelta(days=1), now.timetz())
        if now < before and due > before + timedelta(hours=12):
            return before, day
    return None


def shifted(wait: timedelta, slug: str) -> timedelta:
    """The same wait, 2 to 10 % shorter: always the same for a source, no two sources herd."""
    spread = int(hashlib.sha256(slug.encode()).hexdigest()[:4], 16) / 0xFFFF  # 0..1, stable
    return wait * (_EARLY + _SPREAD * spread)


def _every(wait: timedelta) -> str:
    hours = wait / timedelta(hours=1)
    if hours < 1:
        return f"toutes les {round(hours * 60)} min"
    if hours < 48:
        return f"toutes les {_number(hours)} h"
    return f"tous les {_number(hours / 24)} jours"


def _number(value: float) -> str:
    rounded = round(value, 1) if value < 10 else round(value)
    return f"{rounded:g}".replace(".", ",")
