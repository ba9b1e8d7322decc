"""Is the text in French? The rules read French only: another language is asked, never guessed."""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from domain.records import Reason
from domain.text import fold


@lru_cache(maxsize=1)
def small_words() -> frozenset[str]:
    """Folded words that say nothing of a subject."""
    return frozenset(fold(word) for word in _lists()["small"].split())


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    return tomllib.loads((resources.files("classifiers") / "language.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _often() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in _lists()["often"].items()}


_LOOKED_AT = 120
_FEWEST = 8


def doubt(tokens: Sequence[str]) -> Reason | None:
    """A reason to ask a person: no word at all, or another language. None when it reads French."""
    words = [t.casefold() for t in tokens[:_LOOKED_AT] if t[0].isalpha()]
    if not words:
        return Reason(code="empty", text="texte vide : à vérifier", weight=0.0)
    if len(words) < _FEWEST:
        return None
    often = _often()
    known = often["français"]
    french = sum(w in known or w[-1] in "'’" for w in words)
    if french * 6 >= len(words):
        return None
    counts = {name: sum(w in small for w in words) for name, small in often.items()}
    best = max(counts, key=lambda name: counts[name])
    if counts[best] >= 3 and counts[best] > 2 * french:
        return Reason(code="language", text=f"texte en {best} : à vérifier", weight=0.0)
    return None
