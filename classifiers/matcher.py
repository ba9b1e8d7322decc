"""One pass over a text finds every word, phrase and pattern of every word list.

Terms live in a trie of word symbols; a text is cut into tokens once and each distinct token is
looked up once in the life of the process, so the cost per text is a few dictionary reads per word.

How a term is written (themes/*.toml, facets/*.toml, words.toml):
- accents, case, plural and feminine do not matter: `bénévole formé` finds « bénévoles formées »;
- `bénévol*` finds any word that begins so, `*olymp*` any word that contains it;
- `ESS!` is an ambiguous acronym: it finds « ESS », never « ess », and does not count among other
  words in capitals; two capitals (`JO`) are never found in lower case either;
- `jeux=` finds that very form, not « jeu »;
- `{a,b} c` stands for `a c` and `b c`; small words (de, la, pour…) are skipped on both sides.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

from classifiers.language import small_words
from domain.text import fold

LONGEST_TEXT = 20_000
"""Characters read of one text: what an announcement is about stands at its beginning."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-](?=[^\W_]))?|\d+|[.;:!?/|()\n•]|\s[-–—]\s")
BARRIER = ("|",)
"""What stands between two sentences or the segments of a title: no pattern goes across."""

PAUSE = ("/",)
"""A colon, a slash, a bracket: a pattern may go across, a term may not."""

_PAUSES = frozenset(":/()\n")

_BRACES = re.compile(r"\{([^{}]*)\}")
_SHORTEST_STUB = 5  # letters of a word cut short
_LONGEST_CUT = 180  # characters of a title its source may have cut
_MOST_ENDINGS = 4  # words it may have been; more is a guess
_MOST_MEMORISED = 300_000


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a word list. `owner` says whose it is (`theme:solidarite`, `class:jeunes`)."""

    owner: str
    role: str  # word | counter | ritual | name | class
    weight: float
    written: str


class Hit(NamedTuple):
    """A term found; `start` and `end` count the words that matter, end excluded."""

    term: Term
    start: int
    end: int


@dataclass(slots=True)
class Reading:
    """A text cut into tokens, with what was found in it."""

    tokens: list[str]
    symbols: list[tuple[str, ...]]
    hits: list[Hit]
    title_end: int  # words of the title, in the same unit as the hits
    places: list[int] | None = None  # index in the tokens of each word that counts, once asked


def tokens_of(text: str) -> list[str]:
    """The tokens of a text: words (with their elision or hyphen), numbers, separators."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return _TOKEN.findall(text)


def as_written(tokens: Sequence[str]) -> str:
    """Tokens put back together, as a text would write them."""
    joined = "".join(t if t[-1] in "'’-" else t + " " for t in tokens).strip()
    return joined.rstrip("'’-")


def stem(word: str) -> str:
    """A folded word without plural nor feminine; the same treatment for terms and texts."""
    if len(word) <= 3:
        return word
    if word.endswith("eaux"):
        word = word[:-1]
    elif word.endswith("aux") and len(word) > 5:
        word = word[:-3] + "al"
    elif word[-1] in "sx" and not word.endswith("ss"):
        word = word[:-1]
    return _without_feminine(word)


def _root_of(written: str, folded: str) -> str:
    """An acronym is kept whole (`CCAS` is not the plural of « CCA »), a word loses its ending."""
    return folded if len(written) > 1 and written.isupper() else stem(folded)


_FEMININES = (("trice", "teur"), ("euse", "eur"), ("ive", "if"), ("ere", "er"))


def _without_feminine(word: str) -> str:
    for ending, masculine in _FEMININES:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + masculine
    if word.endswith(("nne", "lle", "tte")) and len(word) > 5:
        return word[:-2]
    if word.endswith("ee"):
        word = word[:-1]
    return word[:-1] if word.endswith("e") and len(word) > 4 else word


def expand(written: str) -> list[str]:
    """`{a,b} c` → [`a c`, `b c`]."""
    parts = _BRACES.split(written)
    choices = [part.split(",") if i % 2 else [part] for i, part in enumerate(parts)]
    for choice in (one for i in range(1, len(parts), 2) for one in choices[i]):
        if choice.strip() and not any(is_word(token) for token in tokens_of(choice)):
            raise ValueError(
                f"{written!r}: {choice!r} is a small word, nothing would be left of it"
            )
    return ["".join(choice) for choice in product(*choices)]


def is_word(token: str) -> bool:
    """Whether a token is more than a small word or a separator."""
    bare = token.rstrip("'’-")
    return bool(bare) and (bare[0].isalnum() or bare[0] == "*") and fold(bare) not in small_words()


class Matcher:
    """The compiled word lists. Thread-safe for reading: its only state is a memory of tokens."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._root: dict[Any, Any] = {}
        self._stems: set[str] = set()
        self._prefixes: set[str] = set()
        self._infixes: list[str] = []
        self._acronyms: set[str] = set()
        self._ambiguous: set[str] = set()
        for term in terms:
            for one in expand(term.written):
                self._add(one, term)
        self._longest_prefix = max((len(p) for p in self._prefixes), default=0)
        self._sorted = sorted(self._stems)
        self._memory: dict[str, tuple[str, ...] | None] = {}

    def _add(self, written: str, term: Term) -> None:
        node = self._root
        for symbol in self._declare(written):
            node = node.setdefault(symbol, {})
        node[None] = (*node.get(None, ()), term)

    def _declare(self, written: str) -> list[str]:
        symbols = [self._declare_word(word) for word in written.replace("-", " ").split()]
        return [symbol for part in symbols for symbol in part]

    def _declare_word(self, word: str) -> list[str]:
        if word.startswith("*") and word.endswith("*"):
            self._infixes.append(fold(word.strip("*")))
            return [word if word.isascii() else fold(word)]
        if word.endswith("="):
            exact = fold(word[:-1])
            self._stems.add(exact)
            return [exact]
        if word.endswith("*"):
            pieces = _TOKEN.findall(word[:-1])
            prefix = fold(pieces[-1])
            self._prefixes.add(prefix)
            return [s for p in pieces[:-1] for s in self._declare_word(p)] + [prefix + "*"]
        bare = word.rstrip("!")
        cased = word.endswith("!") or len(bare) == 2
        if cased and len(bare) > 1 and bare.isalpha() and bare.isupper():
            self._acronyms.add(bare)
            if word.endswith("!"):
                self._ambiguous.add("=" + bare)
            return ["=" + bare]
        found = []
        for piece in _TOKEN.findall(bare):
            folded = fold(piece.rstrip("'’-"))
            if folded not in small_words():
                root = _root_of(piece, folded)
                self._stems.add(root)
                found.append(root)
        return found

    def _symbols(self, token: str) -> tuple[str, ...] | None:
        """What a token can stand for in the lists; None for a small word, () for a stranger."""
        bare = token.rstrip("'’-") or token
        folded = fold(bare)
        if folded in small_words():
            return None
        if not bare[0].isalnum():
            return PAUSE if bare in _PAUSES else BARRIER
        found = []
        root = stem(folded)
        if root in self._stems:
            found.append(root)
        if folded != root and folded in self._stems:
            found.append(folded)
        found += [
            folded[:n] + "*"
            for n in range(2, min(len(folded), self._longest_prefix) + 1)
            if folded[:n] in self._prefixes
        ]
        found += [f"*{part}*" for part in self._infixes if part in folded]
        if bare in self._acronyms:
            found.append("=" + bare)
        return tuple(dict.fromkeys(found))

    def remember(self, token: str) -> tuple[str, ...] | None:
        memory = self._memory
        if token in memory:
            return memory[token]
        found = memory[token] = self._symbols(token)
        return found

    def read(self, title: str, text: str = "") -> Reading:
        """Everything the lists know in a title and its text."""
        if len(self._memory) > _MOST_MEMORISED:
            self._memory.clear()
        head = tokens_of(title[:LONGEST_TEXT])
        symbols = self._lookup(head)
        title_end = len(symbols)
        if text:
            body = tokens_of(text[:LONGEST_TEXT])
            if head:
                head.append("\n")
                symbols.append(BARRIER)
            head += body
            symbols += self._lookup(body)
        short = len(title) + len(text) <= _LONGEST_CUT
        if short and symbols and symbols[-1] is not BARRIER and symbols[-1] is not PAUSE:
            symbols[-1] += self._cut_short(head[-1])
        return Reading(head, symbols, self._hits(symbols, head), title_end)

    def find(self, reading: Reading) -> list[Hit]:
        """What these lists know in a text another matcher has read."""
        symbols = self._lookup(reading.tokens)
        return sorted(self._hits(symbols, reading.tokens), key=lambda h: h.term.role != "not_about")

    def _cut_short(self, token: str) -> tuple[str, ...]:
        """What the last word of a title cut by its source may have been: « l'olympis »."""
        start = fold(token)
        if len(start) < _SHORTEST_STUB or stem(start) in self._stems:
            return ()
        at = bisect_left(self._sorted, start)
        near = self._sorted[at : at + _MOST_ENDINGS + 1]
        found = [one for one in near if one.startswith(start)]
        return tuple(found) if len(found) <= _MOST_ENDINGS else ()

    def _lookup(self, tokens: Sequence[str]) -> list[tuple[str, ...]]:
        remember, memory = self.remember, self._memory
        for token in tokens:
            if token not in memory:
                remember(token)
        return [s for t in tokens if (s := memory[t]) is not None]

    def _hits(self, symbols: Sequence[tuple[str, ...]], tokens: Sequence[str]) -> list[Hit]:
        hits: list[Hit] = []
        root = self._root
        for start, here in enumerate(symbols):
            if not here:
                continue
            for symbol in here:
                node = root.get(symbol)
                if node is None:
                    continue
                if symbol in self._ambiguous and self._doubtful(symbols, tokens, start):
                    continue
                if None in node:
                    hits += [Hit(term, start, start + 1) for term in node[None]]
                if len(node) > (None in node):
                    self._deeper(node, symbols, start, start + 1, hits)
        return hits

    def _deeper(
        self,
        node: dict[Any, Any],
        symbols: Sequence[tuple[str, ...]],
        start: int,
        at: int,
        hits: list[Hit],
    ) -> None:
        if at >= len(symbols):
            return
        for symbol in symbols[at]:
            below = node.get(symbol)
            if below is not None:
                if None in below:
                    hits += [Hit(term, start, at + 1) for term in below[None]]
                self._deeper(below, symbols, start, at + 1, hits)

    def surface(self, reading: Reading, start: int, end: int) -> str:
        """The words from start to end as the text writes them."""
        tokens = reading.tokens
        if reading.places is None:
            known = self._memory
            try:
                reading.places = [i for i, t in enumerate(tokens) if known[t] is not None]
            except KeyError:  # the memory has been emptied since the text was read
                reading.places = [i for i, t in enumerate(tokens) if self.remember(t) is not None]
        return as_written(tokens[reading.places[start] : reading.places[end - 1] + 1])

    def _doubtful(
        self, symbols: Sequence[tuple[str, ...]], tokens: Sequence[str], start: int
    ) -> bool:
        """Whether capitals may be no acronym: among capitals, or a name cut short at the end."""
        cut = start == len(symbols) - 1 and start > 0 and symbols[start - 1] is BARRIER
        return cut or self._in_capitals(tokens, start)

    def _in_capitals(self, tokens: Sequence[str], start: int) -> bool:
        at = [i for i, token in enumerate(tokens) if self.remember(token) is not None][start]
        around = [t for t in tokens[max(0, at - 3) : at] if len(t) > 3 and t.isalpha()]
        around += [t for t in tokens[at + 1 : at + 4] if len(t) > 3 and t.isalpha()]
        return any(t.isupper() for t in around)
