"""The words that weighed, found again in the text: spans to highlight. Pure."""

import re
from collections.abc import Iterable, Sequence

from domain.records import Reason, Suggestion
from domain.statuses import SuggestionKind
from domain.text import fold

_QUOTED = re.compile("«\\s*([^»]+?)\\s*»")
_LEAST_WEIGHT = 0.0
Span = tuple[int, int]


def words_of(reasons: Iterable[Reason]) -> tuple[str, ...]:
    """What reasons quote between « », those that weighed for, folded, without repetition."""
    quoted = (
        fold(word)
        for reason in reasons
        if reason.weight > _LEAST_WEIGHT
        for word in _QUOTED.findall(reason.text)
    )
    return tuple(dict.fromkeys(word for word in quoted if len(word) > 1))


def telling(suggestions: Iterable[Suggestion]) -> tuple[str, ...]:
    """The words that made the chosen themes and the scope what they are."""
    wanted = (SuggestionKind.THEME, SuggestionKind.SCOPE)
    shown = [s for s in suggestions if s.kind in wanted and (s.chosen or s.p >= 0.5)]
    return words_of(reason for one in shown for reason in one.reasons)


def spans(text: str, words: Sequence[str]) -> list[Span]:
    """(start, end) of these folded words in the text as written, in order, none overlapping."""
    if not words or not text:
        return []
    folded, origins = _folded(text)
    longest_first = sorted(words, key=len, reverse=True)
    pattern = re.compile(
        rf"(?<![^\W_])(?:{'|'.join(map(_anyhow_spaced, longest_first))})(?![^\W_])"
    )
    return [
        (origins[found.start()], origins[found.end() - 1] + 1) for found in pattern.finditer(folded)
    ]


def _anyhow_spaced(words: str) -> str:
    """A pattern of the words whatever stands between them: « l'été : sport » is quoted spaced."""
    pieces = re.findall(r"[^\W_]+", words)
    return r"[\W_]{0,8}".join(map(re.escape, pieces)) or re.escape(words)


def _folded(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its characters where it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    letters: list[str] = []
    origins: list[int] = []
    for place, letter in enumerate(text):
        for plain in fold(letter):
            letters.append(plain)
            origins.append(place)
    return "".join(letters), origins
