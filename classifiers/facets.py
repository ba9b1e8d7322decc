"""What else the rules can tell: type, audience, discipline, parasport, temps fort, label, sector.

One file per kind in facets/ (except temps forts and labels, whose words are the vocabulary's own):
each value with the words that say so. Nothing is learned here, and the words are the reason.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Protocol

from classifiers.matcher import Hit
from classifiers.reading import Read
from classifiers.words import matcher
from domain import highlights, labels
from domain.records import Reason, Suggestion
from domain.statuses import SuggestionKind

IN_TITLE, REPEATED, IN_PASSING = 0.9, 0.8, 0.6
SHOWN_FROM = 0.7
"""Probability from which a value is proposed as chosen: one word in passing is not enough."""


class Placed(Protocol):
    """The text as its shell gives it."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def organiser(self) -> str | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def department(self) -> str | None: ...


Found = tuple[SuggestionKind, str, float, tuple[Reason, ...]]


def suggestions(text: Placed, read: Read, *, campaign: str, model: str) -> list[Suggestion]:
    """Everything but themes and scope: each value with its probability and its words."""
    return [
        Suggestion(
            initiative=text.id,
            campaign=campaign,
            kind=kind,
            value=value,
            p=p,
            chosen=p >= SHOWN_FROM,
            reasons=reasons,
            model=model,
        )
        for kind, value, p, reasons in (
            *_named(read),
            *_moments_and_labels(text, read),
            *_sector(text.organiser),
        )
    ]


def _named(read: Read) -> Iterator[Found]:
    grouped = _grouped(h for h in read.reading.hits if h.term.owner[0] == "f")
    kinds: dict[str, list[Found]] = {}
    for owner, hits in grouped.items():
        _, kind, value = owner.split(":")
        if kind in ("sector", "trigger"):
            continue
        p = _p(hits, read.reading.title_end)
        words = matcher().surface(read.reading, hits[0].start, hits[0].end)
        reason = Reason(code="word", text=f"« {words} »", weight=1.0)
        kinds.setdefault(kind, []).append((SuggestionKind(kind), value, p, (reason,)))
    for kind, found in kinds.items():
        found.sort(key=lambda one: -one[2])
        yield from _only_best(found) if kind == "type" else found


def _grouped(hits: Iterator[Hit]) -> dict[str, list[Hit]]:
    """Owner → hits of its words, those hidden by a `not` phrase left out."""
    words: dict[str, list[Hit]] = {}
    hidden: dict[str, list[tuple[int, int]]] = {}
    for hit in hits:
        owner = hit.term.owner
        if hit.term.role == "not":
            hidden.setdefault(owner, []).append((hit.start, hit.end))
        else:
            words.setdefault(owner, []).append(hit)
    for owner, spans in hidden.items():
        if owner in words:
            words[owner] = [
                h for h in words[owner] if not any(a <= h.start and h.end <= b for a, b in spans)
            ]
    return {owner: found for owner, found in words.items() if found}


def _p(hits: Sequence[Hit], title_end: int) -> float:
    if any(h.end <= max(title_end, 12) for h in hits):
        return IN_TITLE
    return REPEATED if len({h.start for h in hits}) > 1 else IN_PASSING


def _only_best(found: Sequence[Found]) -> Iterator[Found]:
    """An initiative has one type: the others are shown, not chosen."""
    for rank, (kind, value, p, reasons) in enumerate(found):
        yield kind, value, p if rank == 0 else min(p, 0.5), reasons


def _moments_and_labels(text: Placed, read: Read) -> Iterator[Found]:
    triggered = any(h.term.owner == "facet:trigger:any" for h in read.reading.hits)
    if not triggered and text.starts_on is None:
        return
    whole = f"{text.title}\n{text.text}"[:MOST_READ]
    attached = highlights.attach(
        whole, starts_on=text.starts_on, ends_on=text.ends_on, department=text.department
    )
    for one in attached:
        p = 0.9 if one.confidence is highlights.Confidence.HIGH else 0.6
        why = tuple(Reason(code="highlight", text=clue, weight=1.0) for clue in one.clues)
        yield SuggestionKind.HIGHLIGHT, one.code, p, why
    if triggered:
        for label in labels.mentioned(whole):
            reason = Reason(code="label", text=f"le texte nomme « {label.name} »", weight=1.0)
            yield SuggestionKind.LABEL, label.code, 0.8, (reason,)


MOST_READ = 4_000  # characters searched for labels and temps forts


@lru_cache(maxsize=20_000)
def _sector(organiser: str | None) -> tuple[Found, ...]:
    if not organiser:
        return ()
    reading = matcher().read(organiser)
    grouped = _grouped(h for h in reading.hits if h.term.owner.startswith("facet:sector:"))
    if not grouped:
        return ()
    owner, hits = max(grouped.items(), key=lambda item: (len(item[1]), -item[1][0].start))
    words = matcher().surface(reading, hits[0].start, hits[0].end)
    reason = Reason(code="organiser", text=f"le nom du porteur dit « {words} »", weight=1.0)
    return ((SuggestionKind.SECTOR, owner.rpartition(":")[2], 0.8, (reason,)),)
