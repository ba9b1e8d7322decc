"""What the word lists say of a text: for each theme the evidence found and its weight.

Rules of the annotation guide (domain.fr.md §3.1): what the action does counts, not what it
proclaims; a ritual mention and a list of the five themes count nothing; a weak word never decides
alone; what stands in the title or at the beginning weighs more than what is said in passing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from classifiers.definitions import Pattern, themes
from classifiers.matcher import BARRIER, Hit, Reading
from classifiers.words import matcher

LISTED_TOGETHER = 3  # names of themes within LIST_SPAN words of each other make a list
LIST_SPAN = 12
RITUAL_SPAN = 12  # words of the clause a ritual opening neutralises
HEAD = 40  # words after which a mention is made in passing
IN_PASSING = 0.6


class Evidence(NamedTuple):
    """One thing that weighed for or against a theme."""

    code: str  # word | pattern | against
    written: str  # what the list or the pattern says
    start: int
    end: int
    weight: float


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, Pattern]:
    return {pattern.owner: pattern for theme in themes().values() for pattern in theme.patterns}


def read(title: str, text: str = "") -> Reading:
    """The text, cut and searched once for every list of the package."""
    if text.startswith(title):
        title = ""
    return matcher().read(title, text)


def evidence(reading: Reading) -> dict[str, list[Evidence]]:
    """Theme slug → what weighed, strongest first; a theme of which nothing was found is absent."""
    words: list[Hit] = []
    marks: list[Hit] = []  # counter-patterns, rituals and names of themes: what neutralises
    for hit in reading.hits:
        term = hit[0]
        if term.owner[0] in "tr":
            (marks if term.role in _MARKS else words).append(hit)
    if not words:
        return {}
    hidden = _hidden(reading, marks) if marks else {}
    found: dict[str, dict[tuple[str, str], Evidence]] = {}
    sides: dict[str, dict[str, list[Hit]]] = {}
    for hit in words:
        term = hit[0]
        slug, number = _owner(term.owner)
        if hidden and (_within(hit, hidden.get(slug, ())) or _within(hit, hidden.get("", ()))):
            continue
        if number:
            sides.setdefault(term.owner, {"first": [], "then": []})[term.role].append(hit)
        else:
            code = "word" if term.role == "word" else "against"
            item = Evidence(code, term.written, hit.start, hit.end, term.weight)
            _keep(found.setdefault(slug, {}), item)
    for owner, both in sides.items():
        if both["first"] and both["then"]:
            pattern = _patterns()[owner]
            near = _nearest(both["first"], both["then"], pattern, reading)
            if near is not None:
                item = Evidence("pattern", pattern.name, *near, pattern.weight)
                _keep(found.setdefault(owner[6:].partition("#")[0], {}), item)
    return {slug: _strongest(list(items.values())) for slug, items in found.items()}


@lru_cache(maxsize=1000)
def _owner(owner: str) -> tuple[str, str]:
    """(theme, number of the pattern or "") of `theme:slug` and `theme:slug#3`."""
    slug, _, number = owner.removeprefix("theme:").partition("#")
    return slug, number


_MARKS = frozenset(("counter", "ritual", "name"))


def _hidden(reading: Reading, marks: Sequence[Hit]) -> dict[str, list[tuple[int, int]]]:
    """Theme slug → places that count nothing for it; under "" those that count for no theme."""
    spans = _counter_spans(marks)
    spans[""] = [*_ritual_spans(reading, marks), *_listed(marks)]
    return spans


def _keep(into: dict[tuple[str, str], Evidence], item: Evidence) -> None:
    if item.start > HEAD:
        item = item._replace(weight=item.weight * IN_PASSING)
    known = into.get(item[:2])
    if known is None or abs(item.weight) > abs(known.weight):
        into[item[:2]] = item


def _strongest(items: list[Evidence]) -> list[Evidence]:
    """One piece of evidence per place of the text: the heaviest that covers it."""
    if len(items) == 1:
        return items
    items.sort(key=lambda e: (-abs(e.weight), e.start, e.written))
    kept: list[Evidence] = []
    for item in items:
        if not any(
            item.weight * other.weight > 0 and item.start < other.end and other.start < item.end
            for other in kept
        ):
            kept.append(item)
    return kept


def _counter_spans(hits: Iterable[Hit]) -> dict[str, list[tuple[int, int]]]:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for hit in hits:
        if hit.term.role == "counter":
            spans[hit.term.owner[6:]].append((hit.start, hit.end))
    return spans


def _ritual_spans(reading: Reading, hits: Iterable[Hit]) -> list[tuple[int, int]]:
    spans = []
    for hit in hits:
        if hit.term.role == "ritual":
            spans.append((hit.start, min(len(reading.symbols), hit.end + RITUAL_SPAN)))
    return spans


def _listed(hits: Iterable[Hit]) -> frozenset[tuple[int, int]]:
    """Places of theme names that stand in a list of themes."""
    names = sorted({(h.start, h.end, h.term.owner) for h in hits if h.term.role == "name"})
    listed = set()
    for start, end, _ in names:
        owners = {o for s, _, o in names if abs(s - start) <= LIST_SPAN}
        if len(owners) >= LISTED_TOGETHER:
            listed.add((start, end))
    return frozenset(listed)


def _within(hit: Hit, spans: Iterable[tuple[int, int]]) -> bool:
    return any(start <= hit.start and hit.end <= end for start, end in spans)


def _nearest(
    first: Sequence[Hit], then: Sequence[Hit], pattern: Pattern, reading: Reading
) -> tuple[int, int] | None:
    best: tuple[int, int] | None = None
    for a in first:
        for b in then:
            gap = b.start - a.end if pattern.ordered else max(b.start - a.end, a.start - b.end)
            if 0 <= gap <= pattern.within:
                span = (min(a.start, b.start), max(a.end, b.end))
                if not pattern.across and BARRIER in reading.symbols[span[0] : span[1]]:
                    continue
                if best is None or span[1] - span[0] < best[1] - best[0]:
                    best = span
    return best


def score(items: Sequence[Evidence]) -> float:
    """The weights added up, each further piece counting half of the one before."""
    total = 0.0
    share = 1.0
    for item in (e for e in items if e.weight > 0):
        total += item.weight * share
        share *= 0.5
    return total + sum(e.weight for e in items if e.weight < 0) * 0.5
