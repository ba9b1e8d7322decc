"""What is written alike is read once: words, titles and cells by their distinct spellings."""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matching import normalise
from matching.bags import Bags, packed, take

Floats = NDArray[np.float64]
_CACHED = 500_000
_LETTERS = re.compile(r"[^\W_]+")
LONGEST = 20_000  # characters of a description that are compared
FEW = 5_000  # titles that are read again soon: those of an arrival


class Words:
    """The vocabulary, and each spelling met in a text folded once: the words of a text are looked
    up, not computed again."""

    def __init__(self) -> None:
        self.known = defaultdict[str, int]()
        self.known.default_factory = self.known.__len__  # a new word takes the next number
        self._spelt = _Spelt(lambda token: self._of(normalise.fold(token)))
        self.accents = Accents()

    def ids(self, words: Iterable[str]) -> tuple[int, ...]:
        """The numbers of these words, new ones added."""
        return tuple(map(self.known.__getitem__, words))

    def said(self, text: str) -> list[int]:
        """The numbers of the words of more than two letters that a text says, as they come."""
        text = text[:LONGEST]
        if normalise.is_double_encoded(text):
            return [*self._of(normalise.fold(text))]
        if len(self._spelt) > _CACHED:
            self._spelt.clear()
        # Folding never joins two tokens: each may be folded alone.
        return [*chain.from_iterable(map(self._spelt.__getitem__, text.split()))]

    def _of(self, folded: str) -> tuple[int, ...]:
        return self.ids([w for w in folded.split() if len(w) > 2])


class _Spelt(dict[str, tuple[int, ...]]):
    """The numbers of the words of each token, found out when it is first met."""

    def __init__(self, read: Callable[[str], tuple[int, ...]]) -> None:
        self._read = read

    def __missing__(self, token: str) -> tuple[int, ...]:
        found = self[token] = self._read(token)
        return found


class Accents:
    """How the words of titles that have accents are written, to show them so: found out when one is
    asked for, for most tables are never shown."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._known: dict[str, str] = {}

    def add(self, texts: Iterable[str]) -> None:
        """Titles that have some."""
        self._texts += texts

    def written(self, word: str) -> str:
        """The word as titles write it; of several ways, the first by spelling, so that no order of
        rows shows."""
        if self._texts:
            self._read({token for text in self._texts for token in text.lower().split()})
            self._texts.clear()
        return self._known.get(word, word)

    def _read(self, tokens: Iterable[str]) -> None:
        for token in tokens:
            if token.isascii():
                continue
            told = _LETTERS.findall(token)
            plain = normalise.fold(token).split()
            for folded, word in zip(reversed(plain), reversed(told), strict=False):
                if folded != word:
                    self._known[folded] = min(word, self._known.get(folded, word))


class Titles:
    """The distinct titles of a batch, read; `codes` gives that of each row."""

    def __init__(self, texts: Sequence[str], words: Words) -> None:
        known = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        self.codes = np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))
        read = normalise.title if len(known) <= FEW else normalise.read_title
        found = [read(text) for text in known]
        words.accents.add(text for text in known if not text.isascii())
        self.sorted = [" ".join(sorted(one.core)) for one in found]
        self.core = packed([words.ids(one.core) for one in found])
        self.numbers = packed([words.ids(one.numbers) for one in found])
        self.edition = np.array([one.edition for one in found], dtype=np.int64)
        self.status = np.array(
            [max(2 * one.cancelled, int(one.postponed)) for one in found], dtype=np.int64
        )
        self.year = np.array(
            [float(one.years[-1]) if one.years else math.nan for one in found], dtype=np.float64
        )


def as_texts(values: Sequence[Any]) -> list[str]:
    """Cells as text; "" for an absence and NaN."""
    if {*map(type, values)} <= {str, type(None)}:
        return [v or "" for v in values]
    return [
        v if type(v) is str else "" if v is None or v != v else str(v) for v in values
    ]  # fmt: skip


def by_value(texts: Sequence[str], read: Callable[[str], Sequence[int]]) -> Bags:
    """The bag of each text, each distinct one read once."""
    known = {text: i for i, text in enumerate(dict.fromkeys(texts))}
    codes = np.fromiter(map(known.__getitem__, texts), np.int64, len(texts))
    return take(packed([read(text) for text in known]), codes)


def by_text(texts: Sequence[str], read: Callable[[str], float]) -> Floats:
    """The number of each text, each distinct one read once."""
    known = {text: read(text) for text in dict.fromkeys(texts)}
    return np.fromiter(map(known.__getitem__, texts), np.float64, len(texts))


def by_number(values: Floats, read: Callable[[float], float]) -> Floats:
    """What each number gives, each distinct one read once; NaN gives NaN."""
    distinct, back = np.unique(values, return_inverse=True)
    told = [math.nan if v != v else read(v) for v in distinct.tolist()]
    return np.array(told, dtype=np.float64)[back]
