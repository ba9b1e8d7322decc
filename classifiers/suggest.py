"""What the machine proposes for each text: scope, the five themes, and what rules alone can tell.

Probabilities are calibrated; `chosen` means sure enough to be shown as chosen. Reasons are words of
the text, patterns and learned words, each with its signed weight.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np

from classifiers import facets, language, scope
from classifiers.cold import cold_model
from classifiers.engines import Engine, blend
from classifiers.features import features, found_at, rule_of, stem_of_each
from classifiers.matcher import as_written
from classifiers.model import Floats, Model
from classifiers.reading import Read, cold_log_odds, no_collector, read_one
from classifiers.words import matcher
from domain.campaigns import THEMES, Campaign
from domain.records import Reason, Suggestion
from domain.statuses import ScopeAnswer, SuggestionKind

WORTH_EXPLAINING = 0.12  # probability under which a theme is given without reasons
MOST_REASONS = 5
MOST_LEARNED = 3
WORTH_SHOWING = 0.15  # log-odds a learned word must move to be shown
BATCH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """What a classifier reads of an initiative or an announcement."""

    id: str
    title: str
    text: str = ""
    organiser: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    department: str | None = None
    tags: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


def suggest(
    texts: Sequence[Text],
    *,
    campaign: Campaign | None = None,
    model: Model | None = None,
    engine: Engine | None = None,
    only_themes: bool = False,
) -> list[tuple[Suggestion, ...]]:
    """For each text, in order: five themes, the scope, then what else the rules can tell.

    An engine, off by default, is a second opinion blended with the model's. `only_themes` leaves
    out what is neither a theme nor the scope.
    """
    model = model or cold_model()
    model = replace(model, version=named(model, engine))
    found: list[tuple[Suggestion, ...]] = []
    with no_collector():
        for start in range(0, len(texts), BATCH):
            found += _batch(texts[start : start + BATCH], (campaign, only_themes), model, engine)
    return found


def named(model: Model, engine: Engine | None) -> str:
    """The version suggestions carry: the model's, and the engine's name when one was asked."""
    return f"{model.version}+{engine.name}" if engine else model.version


Asked = tuple[Campaign | None, bool]
"""The campaign, and whether only themes and scope are wanted."""


def _batch(
    texts: Sequence[Text], asked: Asked, model: Model, engine: Engine | None
) -> list[tuple[Suggestion, ...]]:
    reads = [read_one(t.title, _body(t)) for t in texts]
    rows = [model.rows(features(r.reading.tokens, r.evidence)) for r in reads]
    odds = model.log_odds(cold_log_odds(reads), rows)
    if engine is not None:
        odds = blend(odds, engine.chances([(t.title, t.text) for t in texts]))
    chances = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
    limits = model.thresholds.tolist()
    weighed = _weighed(model, rows, chances)
    return [
        _suggestions(text, read, weighed.get(i, {}), chance, asked, model, limits)
        for i, (text, read, chance) in enumerate(zip(texts, reads, chances.tolist(), strict=True))
    ]


Weighed = Mapping[int, Sequence[tuple[str, float]]]
"""Head → the learned features that weighed most in a text, with their signed weight."""


def _weighed(
    model: Model, rows: Sequence[Sequence[int]], chances: Floats
) -> dict[int, dict[int, list[tuple[str, float]]]]:
    """Text → what was learned and weighed, for the heads worth explaining, heaviest first."""
    if not model.vocabulary:
        return {}
    added, owner = model.contributions(rows)
    themes = slice(0, len(THEMES))
    worth = (np.abs(added[:, themes]) >= WORTH_SHOWING) & (
        chances[owner, themes] >= WORTH_EXPLAINING
    )
    flat = [row for one in rows for row in one]
    found: dict[int, dict[int, list[tuple[str, float]]]] = {}
    for line, head in zip(*(axis.tolist() for axis in np.nonzero(worth)), strict=True):
        feature = model.vocabulary[flat[line]]
        if any(map(str.isalpha, feature)):  # numbers alone tell nobody much
            heads = found.setdefault(int(owner[line]), {})
            heads.setdefault(head, []).append((feature, float(added[line, head])))
    for heads in found.values():
        for weights in heads.values():
            weights.sort(key=lambda one: -abs(one[1]))
            del weights[MOST_LEARNED:]
    return found


def _body(text: Text) -> str:
    return f"{text.text}\n{' . '.join(text.tags)}" if text.tags else text.text


def _suggestions(
    text: Text,
    read: Read,
    weighed: Weighed,
    chances: Sequence[float],
    asked: Asked,
    model: Model,
    limits: Sequence[float],
) -> tuple[Suggestion, ...]:
    campaign, only_themes = asked
    code = campaign.code if campaign else ""
    reading = read.reading
    skipped = len(reading.tokens) - len(reading.symbols)  # small French words: it reads French
    doubt = None if skipped * 5 > len(reading.tokens) else language.doubt(reading.tokens)
    found = []
    for head, slug in enumerate(THEMES):
        p = chances[head]
        reasons: tuple[Reason, ...] = ()
        if p >= WORTH_EXPLAINING:
            reasons = theme_reasons(read, slug, weighed.get(head, ()))
        found.append(
            Suggestion(
                initiative=text.id,
                campaign=code,
                kind=SuggestionKind.THEME,
                value=slug,
                p=round(p, 4),
                chosen=p >= limits[head] and doubt is None,
                reasons=(doubt, *reasons) if doubt else reasons,
                model=model.version,
            )
        )
    found.append(_scope(text, read, chances[-1], doubt, campaign, model))
    if not only_themes:
        found += facets.suggestions(text, read, campaign=code, model=model.version)
    return tuple(found)


def theme_reasons(
    read: Read, slug: str, learned: Sequence[tuple[str, float]]
) -> tuple[Reason, ...]:
    """The words, patterns and learned words that weighed for or against a theme."""
    shown = []
    for item in read.evidence.get(slug, ())[:MOST_REASONS]:
        words = matcher().surface(read.reading, item.start, item.end)
        text = f"« {words} »" if item.code != "pattern" else f"{item.written} (« {words} »)"
        shown.append(Reason(code=item.code, text=text, weight=round(item.weight, 2)))
    stem_of = stem_of_each(read.reading.tokens) if learned else []
    for feature, weight in learned:
        text = f"« {_as_written(read, feature, stem_of)} » (appris)"
        shown.append(Reason(code="learned", text=text, weight=round(weight, 2)))
    return tuple(shown)


def _as_written(read: Read, feature: str, stem_of: Sequence[str]) -> str:
    """The words of the text a learned feature stands for, so that they can be shown in it."""
    reading, rule = read.reading, rule_of(feature)
    if rule is not None:
        slug, written = rule
        here = next((e for e in read.evidence.get(slug, ()) if e.written == written), None)
        return matcher().surface(reading, here.start, here.end) if here else written
    place = found_at(stem_of, feature)
    return as_written(reading.tokens[place[0] : place[1] + 1]) if place else feature


def _scope(
    text: Text,
    read: Read,
    p: float,
    doubt: Reason | None,
    campaign: Campaign | None,
    model: Model,
) -> Suggestion:
    reasons = [doubt] if doubt else []
    for code, hit, weight in read.games_why[:MOST_REASONS]:
        words = matcher().surface(read.reading, hit.start, hit.end)
        reasons.append(Reason(code=code, text=f"« {words} »", weight=round(weight, 2)))
    answer = scope.answer(p)
    if campaign is not None:
        p, answer, more = scope.in_campaign(p, text, read.reading, campaign)
        reasons += more
    if doubt is not None and answer is ScopeAnswer.IN:
        answer = ScopeAnswer.ASK
    return Suggestion(
        initiative=text.id,
        campaign=campaign.code if campaign else "",
        kind=SuggestionKind.SCOPE,
        value=answer,
        p=round(p, 4),
        chosen=answer is ScopeAnswer.IN,
        reasons=tuple(reasons),
        model=model.version,
    )
