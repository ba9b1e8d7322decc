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
    memory = _stems
    if len(memory) > _MOST_MEMORISED:
        memory.clear()
    found = []
    for token in tokens[: 3 * MOST_WORDS]:
        known = memory.get(token)
        if known is None:
            known = memory[token] = _stem_of(token)
        if known:
            found.append(known)
    return found[:MOST_WORDS]


def features(tokens: Sequence[str], evidence: Mapping[str, Sequence[Evidence]]) -> list[str]:
    """Every feature of a text, each once, in a fixed order."""
    words = stems(tokens)
    found = dict.fromkeys(words)
    found.update(dict.fromkeys(map("{} {}".format, words, words[1:])))
    for slug, items in evidence.items():
        found.update(dict.fromkeys(f"§{slug}:{item.written}" for item in items))
    return list(found)


def found_at(tokens: Sequence[str], feature: str) -> tuple[int, int] | None:
    """First and last token of a word or of a pair of words, as the text has them; None when the
    feature is not words (a mark of the rules)."""
    wanted = feature.split(" ")
    places = [
        (i, stem) for i, token in enumerate(tokens[: 3 * MOST_WORDS]) if (stem := _stem_of(token))
    ]
    for at in range(len(places) - len(wanted) + 1):
        if [stem for _, stem in places[at : at + len(wanted)]] == wanted:
            return places[at][0], places[at + len(wanted) - 1][0]
    return None


def rule_of(feature: str) -> tuple[str, str] | None:
    """(theme, what its list says) of a mark of the rules; None for words."""
    if not feature.startswith("§"):
        return None
    slug, _, written = feature[1:].partition(":")
    return slug, written
