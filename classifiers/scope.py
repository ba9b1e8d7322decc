"""Does a text belong to the Games, or to the subject of a campaign? Three answers.

p is the probability that it belongs. In from IN_FROM, out below OUT_BELOW, a person is asked
between. Traps (annotation guide, « scope »): a club called Olympique, « boxe olympique », the
Olympiades des métiers, a CDOS that merely carries the action are out; undated olympiads are asked.
"""

import math
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, Protocol

from classifiers.matcher import BARRIER, Hit, Matcher, Reading, Term
from domain.campaigns import Campaign
from domain.records import Reason
from domain.statuses import ScopeAnswer


class Placed(Protocol):
    """Where and when a text says it takes place."""

    @property
    def department(self) -> str | None: ...
    @property
    def starts_on(self) -> date | None: ...
    @property
    def ends_on(self) -> date | None: ...


IN_FROM = 0.5
ADJECTIVE = 2.6
CLUB_NAME = 0.6
CAPITAL_GAMES = 0.2  # log-odds of « des Jeux », the capital alone: p = 0.55
OUT_BELOW = 0.15


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads((resources.files("classifiers") / "scope.toml").read_text("utf-8"))


def scope_terms() -> Iterator[Term]:
    """The words of scope.toml as terms of owner `scope:games`."""
    data = _lists()
    for name, weight in (("certain", 3.0), ("strong", 1.5)):
        yield from (Term("scope:games", "word", weight, w) for w in data["games"][name])
    yield from (Term("scope:games", "adjective", 0.0, w) for w in data["games"]["adjective"])
    yield from (Term("scope:games", "olympiads", 0.0, w) for w in data["games"]["olympiads"])
    for role in ("dated", "named", "ancient"):
        yield from (Term("scope:games", role, 0.0, w) for w in data["games"][role])
    for name, words in data["editions"].items():
        yield from (Term("scope:games", f"edition:{name}", 0.0, w) for w in words)
    for kind, words in data["counter"].items():
        yield from (Term("scope:games", f"not:{kind}", 0.0, w) for w in words)


def games(reading: Reading) -> tuple[float, list[tuple[str, Hit, float]]]:
    """Log-odds that the text is about the Games, and what weighed as (code, hit, weight)."""
    hits = [h for h in reading.hits if h.term.owner == "scope:games"]
    if not hits:
        return (CAPITAL_GAMES if the_games(reading) else -6.0), []
    counters = [h for h in hits if h.term.role.startswith("not:")]
    masked = [(h.start, h.end) for h in counters]
    kept = [h for h in hits if h not in counters and not _masked(h, masked)]
    words = _longest([h for h in kept if h.term.role == "word"])
    adjectives = [h for h in kept if h.term.role == "adjective"]
    olympiads = [h for h in kept if h.term.role == "olympiads"]
    dated = [h for h in kept if h.term.role == "dated"]
    found = [("scope_word", h, h.term.weight) for h in words[:4]]
    if adjectives and not words:
        found.append(("scope_word", adjectives[0], _adjective_weight(adjectives, reading)))
    elif olympiads and not any(h.term.weight >= 3 for h in words):
        found = [("olympiads", olympiads[0], 1.5)]
        if dated:
            found.append(("dated", dated[0], 2.0))
    found += [("not_games", h, -0.5) for h in counters[:2]]
    if not any(weight > 0 for _, _, weight in found) and the_games(reading):
        return CAPITAL_GAMES, found
    if not (words or olympiads or adjectives):
        return -4.0, found
    best = sum(weight for _, _, weight in found if weight > 0)
    return min(best, 5.0) * 1.5 - 3.2 + sum(w for _, _, w in found if w < 0), found


def _adjective_weight(hits: Sequence[Hit], reading: Reading) -> float:
    """« une gazette olympique » speaks of the Games; « Olympique de … » is the name of a club."""
    if not any(h.start and reading.symbols[h.start - 1] is not BARRIER for h in hits):
        return CLUB_NAME
    if _after_an_article(reading):
        return CLUB_NAME
    roles = {h.term.role for h in reading.hits if h.term.owner == "scope:games"}
    if "dated" in roles:
        return ADJECTIVE + 1.0
    doubts = ("named" in roles) + ("ancient" in roles) + _before_a_name(reading)
    return ADJECTIVE - 1.2 * doubts


def _after_an_article(reading: Reading) -> bool:
    """« L'Olympique s'impose 3-1 »: a capital after an article is the name of a club."""
    tokens = reading.tokens
    return any(
        token.startswith("Olympi") and before.casefold() in ("l'", "l’")
        for before, token in pairwise(tokens)
    )


def the_games(reading: Reading) -> bool:
    """« reporters des Jeux »: within a sentence the capital is that of the Games."""
    tokens = reading.tokens
    if "Jeux" not in tokens:
        return False
    return any(
        before in ("des", "les", "aux", "nos")
        and (i + 2 >= len(tokens) or _no_other(tokens[i + 2]))
        for i, (before, word) in enumerate(pairwise(tokens))
        if word == "Jeux"
    )


def _no_other(after: str) -> bool:
    """« des Jeux de société, d'échecs, vidéo »: those are others."""
    return after.casefold().rstrip("'’-") not in ("de", "d", "vidéo", "vidéos", "en", "floraux")


def _before_a_name(reading: Reading) -> bool:
    """Whether « de » or « du » follows, then a capital: the name of a club after its town."""
    at = next((i for i, t in enumerate(reading.tokens) if t.casefold().startswith("olympi")), 0)
    after = reading.tokens[at + 1 : at + 3]
    return len(after) == 2 and after[0].casefold() in ("de", "du", "d'") and after[1][:1].isupper()


def _masked(hit: Hit, spans: Sequence[tuple[int, int]]) -> bool:
    """A counter-phrase hides what it covers, unless a longer phrase of the Games covers it."""
    return any(
        start <= hit.start and hit.end <= end and hit.end - hit.start <= end - start
        for start, end in spans
    )


def _longest(hits: Sequence[Hit]) -> list[Hit]:
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (-h.term.weight, h.start - h.end, h.start)):
        if not any(hit.start < k.end and k.start < hit.end for k in kept):
            kept.append(hit)
    return kept


def probability(log_odds: float) -> float:
    """The probability of log-odds, safe for any size."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def answer(p: float) -> ScopeAnswer:
    """In, out, or ask a person."""
    if p >= IN_FROM:
        return ScopeAnswer.IN
    return ScopeAnswer.OUT if p < OUT_BELOW else ScopeAnswer.ASK


def in_campaign(
    p: float, text: Placed, reading: Reading, campaign: Campaign
) -> tuple[float, ScopeAnswer, list[Reason]]:
    """The answer once the campaign's own words, editions, territory and dates are considered.

    Elsewhere is out; out of its dates too, unless the text names the Games of the campaign: then
    a person is asked.
    """
    p, reasons = _own_words(p, reading, campaign)
    found = answer(p)
    other = _other_edition(reading, campaign)
    if other and found is ScopeAnswer.IN and not reasons:
        words = f"parle de {other}, la campagne de {', '.join(campaign.games)}"
        reasons.append(Reason(code="edition", text=words, weight=-1.0))
        p, found = p * 0.6, ScopeAnswer.ASK
    if text.department and text.department not in campaign.departments:
        where = f"département {text.department}, hors du territoire de {campaign.code}"
        away = Reason(code="territory", text=where, weight=-5.0)
        return min(p, 0.05), ScopeAnswer.OUT, [*reasons, away]
    ours = _names_ours(reading, campaign)
    first, last = text.starts_on, text.ends_on or text.starts_on
    if first and last and (last < campaign.starts_on or first > campaign.ends_on):
        when = f"le {first:%d/%m/%Y}, hors des dates de {campaign.code}"
        reasons.append(Reason(code="dates", text=when, weight=-1.5))
        p *= 0.5 if ours else 0.1
        if found is not ScopeAnswer.OUT:
            found = ScopeAnswer.ASK if ours else ScopeAnswer.OUT
    return p, found, reasons


def _own_words(p: float, reading: Reading, campaign: Campaign) -> tuple[float, list[Reason]]:
    """p moved by the campaign's `about` and `not_about`."""
    for hit in _campaign_matcher(campaign).find(reading):
        sign = 1.0 if hit.term.role == "about" else -1.0
        reason = Reason(code=hit.term.role, text=f"« {hit.term.written} »", weight=3.0 * sign)
        return (max(p, 0.9) if sign > 0 else min(p, 0.1)), [reason]
    return p, []


@lru_cache(maxsize=50)
def _campaign_matcher(campaign: Campaign) -> Matcher:
    return Matcher(
        [
            *(Term("campaign", "not_about", 0.0, w) for w in campaign.not_about),
            *(Term("campaign", "about", 0.0, w) for w in campaign.about),
        ]
    )


def _names_ours(reading: Reading, campaign: Campaign) -> bool:
    return any(h.term.role.removeprefix("edition:") in campaign.games for h in reading.hits)


def _other_edition(reading: Reading, campaign: Campaign) -> str | None:
    """The edition of the Games a text names, when it names none of the campaign's."""
    named = {
        h.term.role.removeprefix("edition:")
        for h in reading.hits
        if h.term.owner == "scope:games" and h.term.role.startswith("edition:")
    }
    if not named or not campaign.games or named & set(campaign.games):
        return None
    return min(named)
