"""How a source is doing, and when to come back. Pure: state and visit in, state out.

| state | rule |
|---|---|
| ok | the last visit read it, and nothing is missing from what it usually gives |
| degraded | one or two failures in a row, or an alarm (yields) |
| failing | three failures in a row |
| dormant | failing for thirty days; still visited once a week |
| blocked | it refuses robots, asks for a password or for a proof of being human |
| gone | HTTP 410 twice, a day apart; still looked at once a month |
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from collectors.upkeep import freshness, moves, rhythm, yields
from collectors.upkeep.rhythm import Bounds
from collectors.web import tls
from domain.records import Fresh, Source, SourceMemory, SourceState, Visit
from domain.statuses import Outcome, SourceHealth
from domain.times import french_date, paris_day

LONGEST = timedelta(days=7)  # back-off never gives up (reference: Miniflux stops after 3 errors)
GONE_AGAIN = timedelta(days=30)
FAILING_AFTER = 3
DORMANT_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """What a visit noticed beyond its outcome (collectors.collect.Harvest)."""

    wait_seconds: float | None = None  # Retry-After: never sooner, at most two weeks
    gone: bool = False  # HTTP 410 at its own address
    moved_to: str | None = None  # every redirect on the way to its own address was permanent
    tdm: str | None = None  # who reserved text and data mining; None = this visit cannot say
    fresh: Fresh | None = None  # when it says not to come back; None = this visit cannot say
    event_days: tuple[date, ...] = ()  # the days of what this visit brought
    fill: Mapping[str, float] = field(default_factory=dict)  # yields.shares
    filled: int = 0  # items it was counted on


NOTHING = Signals()


def next_state(
    state: SourceState,
    source: Source,
    visit: Visit,
    *,
    now: datetime,
    signals: Signals = NOTHING,
    bounds: Bounds | None = None,
) -> SourceState:
    """The state after a visit: health, failures in a row, what it usually gives, next visit.

    `source` is the one of its block, whatever the address visited.
    """
    failed = visit.outcome not in (Outcome.OK, Outcome.UNCHANGED)
    failures = state.failures + 1 if failed else 0
    is_gone = moves.is_gone(state.memory, gone=signals.gone, now=now)
    was_gone = failed and state.health is SourceHealth.GONE
    memory = _learned(state, source, visit, signals, failed=failed, now=now)
    health = _health(visit.outcome, failures, memory, gone=is_gone or was_gone, now=now)
    due, why = _next_visit(source, memory, health, failures, signals, now=now, bounds=bounds)
    alarm = next(iter(memory.alarms.values()), "")
    return replace(
        state,
        health=health,
        failures=failures,
        last_visit_at=now,
        last_ok_at=state.last_ok_at if failed else now,
        last_why=visit.why or alarm,
        usual_items=_usual(state.usual_items, visit, missed="thin" in memory.alarms),
        next_visit_at=due,
        memory=replace(memory, next_why=why),
    )


def _learned(
    state: SourceState,
    source: Source,
    visit: Visit,
    signals: Signals,
    *,
    failed: bool,
    now: datetime,
) -> SourceMemory:
    memory = moves.learn(
        state.memory,
        source,
        failed=failed,
        moved_to=signals.moved_to,
        gone=signals.gone,
        now=now,
    )
    if failed:
        return replace(memory, failing_since=memory.failing_since or now)
    memory = rhythm.learn(memory, visit.new, now=now)
    memory = replace(
        memory,
        failing_since=None,
        tdm=memory.tdm if signals.tdm is None else signals.tdm,
        fresh=memory.fresh if signals.fresh is None else signals.fresh,
        event_days=rhythm.upcoming((*memory.event_days, *signals.event_days), today=paris_day(now)),
        fill=yields.learn(memory, signals.fill, signals.filled),
        filled=memory.filled + signals.filled,
    )
    return replace(memory, alarms=yields.alarms(memory, visit, state.usual_items, now=now))


def _health(
    outcome: Outcome, failures: int, memory: SourceMemory, *, gone: bool, now: datetime
) -> SourceHealth:
    if gone:
        return SourceHealth.GONE
    if outcome is Outcome.REFUSED:
        return SourceHealth.BLOCKED
    since = memory.failing_since
    if failures >= FAILING_AFTER and since is not None and now - since >= DORMANT_AFTER:
        return SourceHealth.DORMANT
    if failures >= FAILING_AFTER:
        return SourceHealth.FAILING
    return SourceHealth.DEGRADED if failures or memory.alarms else SourceHealth.OK


def _usual(usual: float | None, visit: Visit, *, missed: bool) -> float | None:
    """A slow moving average: one thin visit does not become the new normal, and while it is
    missed what was usual fades slower still: a person has time to see it."""
    if visit.outcome is not Outcome.OK:
        return usual
    count = float(yields.given(visit))
    return count if usual is None else usual + (count - usual) * (0.05 if missed else 0.2)


def _next_visit(
    source: Source,
    memory: SourceMemory,
    health: SourceHealth,
    failures: int,
    signals: Signals,
    *,
    now: datetime,
    bounds: Bounds | None,
) -> tuple[datetime, str]:
    """When, and why in French: its rhythm, or the back-off of its failures, or what it asked."""
    wait, why = rhythm.interval(source, memory, now=now, bounds=bounds or Bounds())
    if failures:
        own = max(timedelta(hours=source.every_hours), rhythm.SHORTEST)
        wait = min(own * 2 ** min(failures, 8), max(LONGEST, own))
        why = (
            f"{failures} échec{'s' if failures > 1 else ''} de suite : l'attente double à chaque "
            "fois, jusqu'à une semaine, sans jamais renoncer"
        )
    if health is SourceHealth.GONE:
        wait, why = GONE_AGAIN, "disparue : revue une fois par mois, au cas où elle reviendrait"
    wait = rhythm.shifted(wait, source.slug)
    if signals.gone and health is not SourceHealth.GONE:
        wait, why = max(wait, moves.APART), "annoncée disparue (410) : à confirmer demain"
    asked = min(timedelta(seconds=signals.wait_seconds or 0.0), LONGEST * 2)
    if asked > wait:
        wait, why = asked, "le site a demandé d'attendre jusque-là"
    due = now + wait
    well = not failures and not signals.wait_seconds and not source.options.get("steady")
    if well and (sooner := rhythm.eve(memory.event_days, due, now=now)) is not None:
        due, why = sooner[0], f"la veille d'un événement annoncé le {french_date(sooner[1])}"
    if memory.fresh is not None and (later := freshness.outside(due, memory.fresh)) != due:
        return later, f"{why} ; reportée hors des heures que son flux demande d'éviter"
    return due, why


def news(before: SourceState, after: SourceState) -> list[str]:
    """The events a visit deserves: each change is told once, not at each visit."""
    found = []
    was, now = before.memory, after.memory
    if now.address and now.address != was.address:
        found.append("paat.source.moved")
    if after.health is SourceHealth.GONE and before.health is not SourceHealth.GONE:
        found.append("paat.source.gone")
    worse = after.health is not before.health and after.health is not SourceHealth.OK
    if worse or set(now.alarms) - set(was.alarms):
        found.append("paat.source.silent")
    return found


def tasks(source: Source, state: SourceState, *, now: datetime, place: str = "") -> list[str]:
    """What a person has to do about a source, in French sentences. `place` is where its block is
    (« 05.toml, ligne 12 »)."""
    memory, found = state.memory, []
    block = f"dans {place}" if place else "dans son bloc"
    if state.health is SourceHealth.GONE:
        found.append(
            "disparue (410 confirmé) : corrigez son adresse, ou retirez-la avec enabled = false "
            f"{block} ; ce qu'elle a donné reste"
        )
    if memory.address and memory.address_of == source.url:
        found.append(
            f"a déménagé, la nouvelle adresse est déjà suivie : {block}, remplacez "
            f'url = "{source.url}" par url = "{memory.address}"'
        )
    if (elsewhere := moves.leaves(memory, source, now=now)) is not None:
        found.append(
            f"renvoie vers {elsewhere}, un autre domaine ou une page d'accueil, qui n'est pas "
            "adopté tout seul : vérifiez que c'est bien le même éditeur, puis écrivez "
            f'{block} url = "{elsewhere}"'
        )
    _, told = tls.lax_host(source, today=paris_day(now))
    if told:
        found.append(f"certificat {told}")
    return found
