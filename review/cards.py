"""What a card shows of a dossier. Pure: records in, plain values for the template out."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from domain.campaigns import THEMES
from domain.changes import told
from domain.records import Dossier, Mention, Question, Suggestion
from domain.statuses import ScopeAnswer, SuggestionKind
from domain.times import french_date
from review import editions
from review.evidence import Span, spans, telling, words_of
from storage.changes import Changed
from storage.queue import Card

CLIP = 900  # characters shown at once; the rest unfolds
MOST = 6_000  # characters of a card; the page of the initiative has everything
LEVELS = ("Assez sûr", "À vérifier", "Incertain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    slug: str
    title: str
    key: int  # 1 to 5
    chosen: bool
    percent: int
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A mention: who says it, where, when it was collected."""

    source: str
    url: str | None
    collected: object
    times: int = 1  # announcements of that source about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One card, ready to be shown. Texts are plain, spans say what to highlight."""

    initiative: str
    campaign: str
    version: int
    key: str  # of this showing: the same answer sent twice is one
    title: str
    title_spans: tuple[Span, ...]
    text: str
    text_spans: tuple[Span, ...]
    rest: str
    rest_spans: tuple[Span, ...]
    cut: bool
    facts: tuple[tuple[str, str], ...]
    themes: tuple[Theme, ...]
    scope: str
    scope_percent: int | None
    scope_words: tuple[str, ...]
    level: str
    model: str
    reopened: bool
    changed: tuple[str, ...]  # what the sources changed, when that brought it back
    seen: tuple[Seen, ...]
    twins: int  # questions of duplicate about it
    twin: str  # the first other announcement, to name it


def show(
    card: Card,
    dossier: Dossier,
    *,
    titles: Mapping[str, str] | None = None,
    questions: Sequence[Question] = (),
    others: Mapping[int, Mention] | None = None,
    changes: Sequence[Changed] = (),
) -> Shown:
    """The card of a dossier. `titles` names the sources; `others` are mentions by id; `changes`,
    the latest first, are what its sources changed that decisions rest on.
    """
    one = dossier.initiative
    words = telling(dossier.suggestions)
    title, text = str(one.value("title") or "Sans titre"), str(one.value("description") or "")
    cut = _cut(text)
    scope = next((s for s in dossier.suggestions if s.kind is SuggestionKind.SCOPE), None)
    asked = [q for q in questions if {q.a, q.b} & set(one.mentions)]
    return Shown(
        initiative=one.id,
        campaign=dossier.campaign,
        version=one.version,
        key=secrets.token_urlsafe(12),
        title=title,
        title_spans=tuple(spans(title, words)),
        text=text[:cut],
        text_spans=tuple(spans(text[:cut], words)),
        rest=text[cut:MOST],
        rest_spans=tuple(spans(text[cut:MOST], words)),
        cut=len(text) > MOST,
        facts=tuple(_facts(dossier)),
        themes=_themes(dossier.suggestions),
        scope="" if scope is None else _SCOPE[ScopeAnswer(scope.value)],
        scope_percent=None if scope is None else round(scope.p * 100),
        scope_words=() if scope is None else words_of(scope.reasons)[:5],
        level=LEVELS[card.level],
        model=scope.model if scope else next((s.model for s in dossier.suggestions), ""),
        reopened=card.reopened,
        changed=tuple(_changed(changes, one.mentions)) if card.reopened else (),
        seen=tuple(_seen(dossier.mentions, titles or {})),
        twins=len(asked),
        twin=_twin(asked, one.mentions, others or {}),
    )


_SCOPE = {
    ScopeAnswer.IN: "dans le champ",
    ScopeAnswer.OUT: "hors champ",
    ScopeAnswer.ASK: "champ à vérifier",
}


def _cut(text: str) -> int:
    """Where to unfold: at a space near CLIP, nowhere when little would be left."""
    if len(text) <= CLIP * 1.3:
        return len(text)
    space = text.rfind(" ", CLIP // 2, CLIP)
    return CLIP if space < 0 else space


def _themes(suggestions: Sequence[Suggestion]) -> tuple[Theme, ...]:
    found = {s.value: s for s in suggestions if s.kind is SuggestionKind.THEME}
    return tuple(
        Theme(
            slug=slug,
            title=title,
            key=number,
            chosen=slug in found and found[slug].chosen,
            percent=round(found[slug].p * 100) if slug in found else 0,
            words=words_of(found[slug].reasons)[:4] if slug in found else (),
        )
        for number, (slug, title) in enumerate(THEMES.items(), 1)
    )


def _facts(dossier: Dossier) -> list[tuple[str, str]]:
    """(name, value) of what is known, in reading order; what is not known is left out."""
    one = dossier.initiative
    facts = [
        ("Quand", when(dossier)),
        ("Où", where(dossier)),
        ("Porteur", str(one.value("organiser") or "")),
        ("Type", _listed(one.value("type"))),
        ("Public", _listed(one.value("audience"))),
        ("Discipline", _listed(one.value("disciplines"))),
    ]
    return [(name, value) for name, value in facts if value]


def where(dossier: Dossier) -> str:
    """Venue, address, commune and département, nothing said twice."""
    one = dossier.initiative
    names = ("venue", "address", "commune_name", "postcode")
    parts: list[str] = []
    for value in (str(one.value(name) or "") for name in names):
        if value and not any(value in part for part in parts):
            parts.append(value)
    department = str(one.value("department") or "")
    said = ", ".join(parts)
    return f"{said} ({department})" if said and department else said or department


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value or "")


def when(dossier: Dossier) -> str:
    """The dates in French: the first three, and how many more; a festival's, not its parts'."""
    there = {one.id for one in dossier.initiative.editions}
    whole = [one for one in dossier.initiative.editions if one.part_of not in there]
    slots = sorted(
        {slot for edition in whole for slot in edition.occurrences},
        key=lambda slot: (slot.starts_on, slot.ends_on),
    )
    if not slots:
        first = dossier.initiative.value("starts_on")
        words = dossier.initiative.value("when_words")
        return french_date(date.fromisoformat(first)) if first else str(words or "")
    return editions.when(slots, most=3)


def _seen(mentions: Sequence[Mention], titles: Mapping[str, str]) -> list[Seen]:
    """The sources that speak of it, one line each, the first announcement's link."""
    by_source: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_source.setdefault(mention.source, []).append(mention)
    return [
        Seen(
            source=titles.get(source, source),
            url=next((m.url for m in some if m.url), None),
            collected=some[0].collected_at,
            times=len(some),
        )
        for source, some in by_source.items()
    ]


def _changed(changes: Sequence[Changed], mine: Sequence[int]) -> list[str]:
    """The last change of each of its announcements, field by field, once each."""
    last: dict[int, Changed] = {}
    for one in changes:
        if one.mention in mine:
            last.setdefault(one.mention, one)
    return list(dict.fromkeys(line for one in last.values() for line in told(one.changes)))[:6]


def _twin(asked: Sequence[Question], mine: Sequence[int], others: Mapping[int, Mention]) -> str:
    for question in asked:
        other = question.b if question.a in mine else question.a
        if other in others:
            return others[other].title
    return ""
