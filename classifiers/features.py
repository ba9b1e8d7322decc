"""What the learned part sees of a text: its words, its pairs of words, and the evidence of rules.

The same features at training and at reading time; a feature is a plain string, so a model file can
be read by eye. Words are stems without accents, plural nor feminine; numbers become `#`.
"""

from collections.abc import Mapping, Sequence

from classifiers.language import small_words
from classifiers.matcher import stem
from classifiers.rules import Evidence
from domain.text import fold

MOST_WORDS = 160
"""Words looked at: beyond, an announcement repeats its organiser, prices and opening hours."""

_stems: dict[str, str] = {}
_MOST_MEMORISED = 300_000


def _stem_of(token: str) -> str:
    """The feature of one token; empty when it says nothing."""
    bare = token.rstrip("'’-")
    if not bare or not bare[0].isalnum():
        return ""
    if bare[0].isdigit():
        return bare if bare in ("2024", "2030") else "#"
    folded = fold(bare)
    return "" if folded in small_words() else stem(folded)


def stems(tokens: Sequence[str]) -> list[str]:
    """The words of a text as features, in order."""
    if len(_stems) > _MOST_MEMORISED:
        _stems.clear()
    return [stem for stem in map(_known_stem, tokens[: 3 * MOST_WORDS]) if stem][:MOST_WORDS]


def _known_stem(token: str) -> str:
    known = _stems.get(token)
    if known is None:
        known = _stems[token] = _stem_of(token)
    return known


def features(tokens: Sequence[str], evidence: Mapping[str, Sequence[Evidence]]) -> list[str]:
    """Every feature of a text, each once, in a fixed order."""
    words = stems(tokens)
    found = dict.fromkeys(words)
    found.update(dict.fromkeys(map("{} {}".format, words, words[1:])))
    for slug, items in evidence.items():
        found.update(dict.fromkeys(f"§{slug}:{item.written}" for item in items))
    return list(found)


def stem_of_each(tokens: Sequence[str]) -> list[str]:
    """The feature of every token looked at, empty for those that say nothing."""
    return list(map(_known_stem, tokens[: 3 * MOST_WORDS]))


def found_at(stem_of: Sequence[str], feature: str) -> tuple[int, int] | None:
    """First and last token of a word or of a pair of words, among the features of the tokens;
    None when the feature is not words (a mark of the rules)."""
    first, _, second = feature.partition(" ")
    for at, found in enumerate(stem_of):
        if found == first:
            if not second:
                return at, at
            after = next((i for i in range(at + 1, len(stem_of)) if stem_of[i]), at)
            if stem_of[after] == second:
                return at, after
    return None


def rule_of(feature: str) -> tuple[str, str] | None:
    """(theme, what its list says) of a mark of the rules; None for words."""
    if not feature.startswith("§"):
        return None
    slug, _, written = feature[1:].partition(":")
    return slug, written
