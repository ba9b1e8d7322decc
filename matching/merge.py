"""One record from several announcements: which value is kept for each field, and why.

Survivorship rules, all visible (docs/rapprochement.md):
- title and words: the publisher closest to the organiser speaks first (order of `Publisher`);
- description: the longest one of the best publishers;
- dates: what two sources say beats what one says; then the latest said;
- status: the last change told, unless two sources announce the event again afterwards;
- place: the most precise;
- links, audiences, partners, tags…: all of them;
- a person's value always wins and is never computed again; values that lost stay as alternatives.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from domain.records import Edition, FieldValue, Json, Mention, Occurrence
from domain.statuses import EventStatus, Precision, Publisher
from domain.text import fold
from matching import normalise

_TRUST = {publisher: rank for rank, publisher in enumerate(Publisher)}
_FINE = {precision: rank for rank, precision in enumerate(Precision)}
_EPOCH = datetime.min.replace(tzinfo=UTC)
UNIONS = ("audience", "disciplines", "partners", "funders", "labels", "tags")
DETAILS = (
    "type", "parasport", "budget", "amount", "participants", "licence", "sheet"
)  # fmt: skip
_NAMES = {"disciplines": "discipline"}
"""Fields whose name in the announcement's details is another."""


def golden(
    mentions: Sequence[Mention], kept: Mapping[str, FieldValue], *, now: datetime
) -> dict[str, FieldValue]:
    """The value of every field the mentions tell, with where it comes from; people's values of
    `kept` as they are. The same mentions in any order give the same values; a value that did not
    change keeps its instant."""
    ranked = sorted(mentions, key=_rank)
    found: dict[str, FieldValue] = {}
    for name, value in _choices(ranked):
        if value is not None:
            found[name] = _stamped(value, kept.get(name), now)
    return found | {name: value for name, value in kept.items() if value.by_person}


def _stamped(value: FieldValue, before: FieldValue | None, now: datetime) -> FieldValue:
    same = before is not None and (before.value, before.mention, before.rule) == (
        value.value, value.mention, value.rule
    )  # fmt: skip
    at = before.at if same and before is not None else now
    return FieldValue(
        field=value.field, value=value.value, mention=value.mention, rule=value.rule, at=at,
        alternatives=value.alternatives,
    )  # fmt: skip


def _rank(mention: Mention) -> tuple[int, float, str, str]:
    """Best publisher first, then latest, then a stable order."""
    told = _told_at(mention)
    return (_TRUST[mention.publisher], -told.timestamp() if told != _EPOCH else 0.0, mention.source,
            mention.key)  # fmt: skip


def _choices(ranked: Sequence[Mention]) -> Iterable[tuple[str, FieldValue | None]]:
    yield "title", _first("title", ranked, lambda m: m.title or None)
    yield "description", _longest(ranked)
    yield "status", _status(ranked)
    for name, read in _WHO.items():
        yield name, _first(name, ranked, read)
    yield from _when(ranked)
    yield from _where(ranked)
    for name in UNIONS:
        yield name, _union(name, ranked, _details(_NAMES.get(name, name)))
    for name in DETAILS:
        yield name, _first(name, ranked, _detail(name))
    yield "url", _first("url", ranked, lambda m: m.url)
    yield "ticket", _first("ticket", ranked, lambda m: m.ticket)
    yield "links", _union("links", ranked, lambda m: (*(u for u in (m.url,) if u), *m.links))


def _detail(name: str) -> Callable[[Mention], Json]:
    return lambda mention: mention.details.get(name)


def _details(name: str) -> Callable[[Mention], tuple[Json, ...]]:
    return lambda mention: _listed(mention.details.get(name))


_WHO: dict[str, Callable[[Mention], Json]] = {
    "organiser": lambda m: m.who.name,
    "organiser_kind": lambda m: m.who.kind.value if m.who.kind else None,
    "rna": lambda m: m.who.rna,
    "siren": lambda m: m.who.siren,
    "siret": lambda m: m.who.siret,
}


def _first(
    name: str, ranked: Sequence[Mention], read: Callable[[Mention], Json], rule: str = "publisher"
) -> FieldValue | None:
    """The value of the best placed mention that tells one; the others as alternatives."""
    told = [(m, value) for m in ranked if (value := read(m)) not in (None, "", (), [], {})]
    if not told:
        return None
    mention, value = told[0]
    return FieldValue(
        field=name, value=value, mention=mention.id, rule=rule,
        alternatives=_others(value, [v for _, v in told[1:]]),
    )  # fmt: skip


def _others(value: Json, values: Sequence[Json]) -> tuple[Json, ...]:
    seen = {_key(value)}
    return tuple(v for v in values if not (_key(v) in seen or seen.add(_key(v))))  # type: ignore[func-returns-value]


def _key(value: Json) -> str:
    return fold(value) if isinstance(value, str) else repr(value)


def _longest(ranked: Sequence[Mention]) -> FieldValue | None:
    """The longest description, of the trusted publishers when one of them has some."""
    told = [m for m in ranked if m.text]
    trusted = [m for m in told if _TRUST[m.publisher] <= _TRUST[Publisher.STATE]] or told
    order = sorted(trusted, key=lambda m: -len(m.text))
    rest = [m for m in told if m not in trusted]
    return _first("description", [*order, *rest], lambda m: m.text, "longest")


def _quorum(
    name: str, ranked: Sequence[Mention], read: Callable[[Mention], Json]
) -> FieldValue | None:
    """What most sources say when at least two agree; otherwise the latest said."""
    told = [(m, v) for m in ranked if (v := read(m)) is not None]
    if not told:
        return None
    votes = Counter({v: len({m.source for m, w in told if w == v}) for _, v in told})
    best = max(votes.values())
    if best > 1:
        rule, winners = "quorum", {v for v, n in votes.items() if n == best}
    else:
        rule, winners = "latest", set(votes)
    mention, value = max(
        ((m, v) for m, v in told if v in winners),
        key=lambda one: (_told_at(one[0]), -ranked.index(one[0])),
    )
    return FieldValue(
        field=name, value=value, mention=mention.id, rule=rule,
        alternatives=_others(value, [v for _, v in told]),
    )  # fmt: skip


def _status(ranked: Sequence[Mention]) -> FieldValue | None:
    """The last change told (postponed, cancelled…), unless two sources announce the event as
    planned afterwards: an announcement made before cannot know."""
    changes = [m for m in ranked if edition_word(m) != EventStatus.PLANNED]
    if not changes:
        return _first("status", ranked, edition_word)
    last = max(changes, key=lambda m: (_told_at(m), -ranked.index(m)))
    after = [m for m in ranked if m not in changes and _told_at(m) > _told_at(last)]
    if len({m.source for m in after}) >= 2:
        return _first("status", [*after, *changes], edition_word, "quorum")
    return _first("status", [last, *ranked], edition_word, "latest")


def _told_at(mention: Mention) -> datetime:
    """When it was published, else the day it was first collected: which of two sources of one run
    answered first tells nothing."""
    if mention.published_at is not None:
        return mention.published_at
    seen = mention.collected_at
    return _EPOCH if seen is None else seen.replace(hour=0, minute=0, second=0, microsecond=0)


def edition_word(mention: Mention) -> str:
    """The status an announcement gives, its title included (« ANNULÉ : … »)."""
    if mention.status is not EventStatus.PLANNED:
        return mention.status.value
    title = normalise.title(mention.title)
    if title.cancelled:
        return EventStatus.CANCELLED.value
    return (EventStatus.POSTPONED if title.postponed else EventStatus.PLANNED).value


def _when(ranked: Sequence[Mention]) -> Iterable[tuple[str, FieldValue | None]]:
    dated = [m for m in ranked if m.when.starts_on is not None]
    finest = min((_FINE[m.when.precision] for m in dated), default=0)
    fine = [m for m in dated if _FINE[m.when.precision] <= max(finest, _FINE[Precision.DAY])]
    fine = fine or [m for m in dated if _FINE[m.when.precision] == finest]
    start = _quorum("starts_on", fine, lambda m: _iso(m.when.starts_on))
    yield "starts_on", start
    agreeing = [m for m in fine if start is not None and _iso(m.when.starts_on) == start.value]
    yield "ends_on", _quorum("ends_on", agreeing, lambda m: _iso(m.when.ends_on))
    yield "precision", _first("precision", agreeing, lambda m: m.when.precision.value, "finest")
    yield "recurrence", _first("recurrence", ranked, lambda m: m.when.recurrence)
    yield "when_words", _first("when_words", [*agreeing, *ranked], lambda m: m.when.words)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


_PLACE: dict[str, Callable[[Mention], Json]] = {
    "venue": lambda m: m.where.venue,
    "address": lambda m: m.where.address,
    "commune_code": lambda m: m.where.commune_code,
    "commune_name": lambda m: m.where.commune_name,
    "department": lambda m: m.where.department,
    "postcode": lambda m: m.where.postcode,
    "attendance": lambda m: m.where.attendance.value,
}


def _where(ranked: Sequence[Mention]) -> Iterable[tuple[str, FieldValue | None]]:
    precise = sorted(ranked, key=lambda m: -_place_precision(m))
    for name, read in _PLACE.items():
        yield name, _first(name, precise, read, "most_precise")
    located = [m for m in precise if m.where.latitude is not None and m.where.longitude is not None]
    yield "latitude", _first("latitude", located[:1], lambda m: m.where.latitude, "most_precise")
    yield "longitude", _first("longitude", located[:1], lambda m: m.where.longitude, "most_precise")


def _place_precision(mention: Mention) -> int:
    where = mention.where
    said = (where.commune_code, where.commune_name, where.address, where.latitude)
    return sum(
        weight for value, weight in zip(said, (1, 1, 2, 2), strict=True) if value is not None
    )


def _listed(value: Json) -> tuple[Json, ...]:
    if value in (None, ""):
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _union(
    name: str, ranked: Sequence[Mention], read: Callable[[Mention], tuple[Json, ...]]
) -> FieldValue | None:
    values: dict[str, Any] = {}
    first: int | None = None
    for mention in ranked:
        for value in read(mention):
            if values.setdefault(_key(value), value) is value and first is None:
                first = mention.id
    if not values:
        return None
    return FieldValue(field=name, value=list(values.values()), mention=first, rule="union")


def occurrences(mentions: Sequence[Mention]) -> tuple[Occurrence, ...]:
    """The dates of an edition: those of the best informed mention that agrees with the date kept,
    so that a postponed day does not stay beside the new one."""
    values = dict(_when(sorted(mentions, key=_rank)))
    first, last = values["starts_on"], values["ends_on"]
    if first is None:
        return ()
    start = date.fromisoformat(first.value)
    end = date.fromisoformat(last.value) if last else start
    listing = [m for m in sorted(mentions, key=_rank) if m.when.occurrences]
    agreeing = [m for m in listing if m.when.starts_on == start]
    if agreeing:
        best = max(agreeing, key=lambda m: len(m.when.occurrences))
        return tuple(sorted(set(best.when.occurrences), key=_slot))
    return (Occurrence(starts_on=start, ends_on=max(end, start)),)


def _slot(one: Occurrence) -> tuple[date, date, str]:
    return (one.starts_on, one.ends_on, str(one.starts_at))


def described(edition: Edition, mentions: Sequence[Mention]) -> Edition:
    """The edition with the label, status and dates its mentions give: without any left, no date."""
    if not mentions:
        return replace(edition, occurrences=())
    return replace(
        edition,
        label=edition_label(mentions),
        status=edition_status(mentions),
        occurrences=occurrences(mentions),
    )


def edition_label(mentions: Sequence[Mention]) -> str:
    """« 12e édition, 2024 », « 2024 », or "" when nothing is dated."""
    titles = [normalise.title(m.title) for m in sorted(mentions, key=_rank)]
    numbers = Counter(t.edition for t in titles if t.edition)
    value = dict(_when(sorted(mentions, key=_rank)))["starts_on"]
    year = value.value[:4] if value else ""
    if not numbers:
        return year
    best = max(sorted(numbers), key=lambda n: numbers[n])
    word = "1re édition" if best == 1 else f"{best}e édition"
    return f"{word}, {year}" if year else word


def edition_status(mentions: Sequence[Mention]) -> EventStatus:
    """Planned, postponed, moved or cancelled: the last change told (see `_status`)."""
    value = _status(sorted(mentions, key=_rank))
    return EventStatus(value.value) if value else EventStatus.PLANNED
