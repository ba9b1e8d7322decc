"""« Our own network is down »: one pass judges its silent hosts together. Pure.

Each run, or shard of a run, judges with the hosts it tried itself. A shard with too few hosts
follows another's verdict of the last half hour (flows.visiting), else it counts as usual.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from domain.records import Source, SourceState, Visit
from domain.statuses import Outcome

HOSTS = 5  # fewer say nothing about us
RECENT = timedelta(minutes=30)  # a verdict of another shard holds that long


def host(source: Source) -> str | None:
    """The host a source is asked at; None for files and mailboxes."""
    parts = urlsplit(source.url)
    return parts.hostname if parts.scheme in ("http", "https") else None


def silent(source: Source, visit: Visit, *, answered: bool) -> bool:
    """A visit that may be our own fault: nothing came back, not even a refusal."""
    lost = visit.outcome is Outcome.UNREACHABLE and not visit.items
    return lost and not answered and host(source) is not None


def votes(source: Source, state: SourceState) -> bool:
    """Whether this host's silence would be a surprise. A source that was already failing says
    nothing about us: a pass where only the dead are due must not excuse them for ever."""
    return state.failures == 0 and host(source) is not None


def is_down(tried: Iterable[tuple[str, bool]]) -> bool:
    """Whether the network here is down: of the hosts tried (host, answered), five at least, more
    than half never answered at all."""
    hosts = _hosts(tried)
    mute = sum(not answered for answered in hosts.values())
    return len(hosts) >= HOSTS and mute * 2 > len(hosts)


def is_doubtful(tried: Iterable[tuple[str, bool]]) -> bool:
    """Whether nobody answered, but too few hosts were tried to say whose fault it is."""
    hosts = _hosts(tried)
    return 0 < len(hosts) < HOSTS and not any(hosts.values())


def excused_again(
    state: SourceState, *, verdict: datetime | None, last_read: datetime | None
) -> bool:
    """Whether a silence may be our own fault once more.

    Not when, since the last `verdict`, another source was read while this one, due already, was
    still silent: our network was there, and sites that died together must not be excused for ever.
    """
    if verdict is None or last_read is None or last_read <= verdict:
        return True
    return state.next_visit_at is not None and state.next_visit_at > verdict


def _hosts(tried: Iterable[tuple[str, bool]]) -> dict[str, bool]:
    hosts: dict[str, bool] = {}
    for name, answered in tried:
        hosts[name] = hosts.get(name, False) or answered
    return hosts
