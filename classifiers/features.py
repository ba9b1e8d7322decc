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


def readable(feature: str) -> str:
    """How a feature is shown to a person."""
    return feature.partition(":")[2] if feature.startswith("§") else feature
