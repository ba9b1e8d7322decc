"""What a source gives against its own history: how much, how well filled in, how lately. Pure.

An alarm is a code and a French sentence; it stays until a full visit no longer raises it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from domain.records import RawItem, Share, SourceMemory, Visit
from domain.statuses import Outcome

THIN = 0.5  # less than half of what it usually gives
FEW = 4  # below, half of it is chance
LEARNED = 10  # items seen before a field may be missed
EXPECTED = 0.6  # filled in that often, it was a habit
SILENT_DAYS = 14
SILENT_GAPS = 2.0  # times its longest silence so far
_SLOW, _SLOWER, _FAST = 0.03, 0.008, 0.15  # weight of an item in a moving average
_AT_ONCE = 5  # items of one visit that may move a habit: one page is not a habit

FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "date": ("dates", ("start", "timings", "when", "recurrence")),
    "place": ("lieux", ("venue", "address", "commune", "postcode", "insee", "lat")),
    "organiser": ("organisateurs", ("organiser",)),
    "text": ("textes", ("text", "html")),
    "url": ("liens", ("url",)),
}
"""What is watched: code → French name, and the raw fields any of which fills it in."""
PROSE = {"date", "place", "organiser"}  # often only told in the text


SAMPLE = 12  # announcements of a visit looked at: enough to see a field vanish, cheap to read


def sample(items: Sequence[RawItem]) -> list[RawItem]:
    """A few of them, evenly spaced."""
    step = max(1, -(-len(items) // SAMPLE))
    return list(items[::step])


def shares(
    items: Sequence[RawItem], *, read: Callable[[RawItem], Collection[str]] = lambda item: ()
) -> dict[str, float]:
    """The share of these items that fill in each watched field; empty without items.

    `read` names the fields found in the prose of an item that does not give them apart.
    """
    if not items:
        return {}
    counts = dict.fromkeys(FIELDS, 0)
    for item in items:
        own = {code for code, (_, names) in FIELDS.items() if _has(item, names)}
        for code in own if own >= PROSE else own | set(read(item)):
            counts[code] += 1
    return {code: count / len(items) for code, count in counts.items()}


def _has(item: RawItem, names: Sequence[str]) -> bool:
    return any(item.fields.get(name) for name in names) or ("url" in names and bool(item.url))


def learn(memory: SourceMemory, fill: Mapping[str, float], count: int) -> dict[str, Share]:
    """The fill rates after `count` more items. While a field is missed, its habit fades slowly:
    a person has time to see it, and a change that was wanted ends by being the new habit."""
    known = dict(memory.fill)
    for code, share in fill.items():
        before = known.get(code, Share(usual=share, recent=share))
        slow = _SLOWER if f"field:{code}" in memory.alarms else _SLOW
        known[code] = Share(
            usual=_moved(before.usual, share, slow, min(count, _AT_ONCE)),
            recent=_moved(before.recent, share, _FAST, count),
        )
    return known


def _moved(average: float, share: float, weight: float, count: int) -> float:
    kept = (1 - weight) ** count
    return round(average * kept + share * (1 - kept), 4)


def alarms(
    memory: SourceMemory, visit: Visit, usual_items: float | None, *, now: datetime
) -> dict[str, str]:
    """The alarms after a visit: `memory` has learned it, `usual_items` has not.

    An unchanged page says nothing new of quantity and fields: those alarms stay as they were.
    """
    if visit.outcome is Outcome.OK:
        found = {**_thinned(visit, usual_items), **_vanished(memory)}
    else:
        found = {code: told for code, told in memory.alarms.items() if code != "silent"}
    return {**found, **_silent(memory, now=now)}


def given(visit: Visit) -> int:
    """What the source gives today: what was brought back, and what was known already."""
    return visit.items + visit.skipped


def _thinned(visit: Visit, usual: float | None) -> dict[str, str]:
    count = given(visit)
    if usual is None or usual < FEW or count >= usual * THIN:
        return {}
    told = f"{count} annonces au lieu d'environ {usual:.0f} d'habitude : "
    return {"thin": told + "vérifiez que la page n'a pas changé de forme"}


def _vanished(memory: SourceMemory) -> dict[str, str]:
    if memory.filled < LEARNED:
        return {}
    return {
        f"field:{code}": (
            f"les {FIELDS[code][0]} disparaissent : {share.recent:.0%} des dernières annonces en "
            f"ont, contre {share.usual:.0%} d'habitude ; vérifiez que la page n'a pas changé de "
            "forme"
        ).replace("%", " %")
        for code, share in memory.fill.items()
        if code in FIELDS and share.usual >= EXPECTED and share.recent < share.usual / 2
    }


def _silent(memory: SourceMemory, *, now: datetime) -> dict[str, str]:
    """Nothing new for twice its longest silence, and at least two weeks."""
    if len(memory.gaps) < 5 or memory.last_new_at is None:
        return {}
    longest = max(memory.gaps)
    quiet = (now - memory.last_new_at) / timedelta(days=1)
    if quiet < max(SILENT_DAYS, longest * SILENT_GAPS):
        return {}
    days = max(1, round(longest))
    return {
        "silent": f"rien de nouveau depuis {quiet:.0f} jours, alors que son plus long silence "
        f"était de {days} jour{'s' if days > 1 else ''} : publie-t-elle ailleurs ?"
    }
