"""What else the rules can tell: type, audience, discipline, parasport, temps fort, label, sector.

One file per kind in facets/: each value with its French title and its words. A value found is
proposed with the words that said so; nothing is learned here.
"""

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib import resources
from typing import Any, Protocol

from classifiers.definitions import matcher
from classifiers.matcher import Term
from classifiers.reading import Read
from domain.records import Reason, Suggestion
from domain.statuses import SuggestionKind


class Identified(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def organiser(self) -> str | None: ...


@lru_cache(maxsize=1)
def facets() -> dict[str, dict[str, Any]]:
    """Kind → value → {title, words, …}, one file of facets/ per kind."""
    folder = resources.files("classifiers") / "facets"
    files = sorted(folder.iterdir(), key=lambda f: f.name) if folder.is_dir() else []
    return {
        file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
        for file in files
        if file.name.endswith(".toml")
    }


def facet_terms() -> Iterator[Term]:
    """The words of every kind, as terms of owner `facet:kind:value`."""
    for kind, values in facets().items():
        for value, one in values.items():
            owner = f"facet:{kind}:{value}"
            yield from (Term(owner, "word", 1.0, w) for w in one["words"])
            yield from (Term(owner, "not", 0.0, w) for w in one.get("not", ()))


def suggestions(text: Identified, read: Read, *, campaign: str, model: str) -> list[Suggestion]:
    """What the lists of facets/ found in a text, with the words that said so."""
    found: dict[str, list[str]] = {}
    for hit in read.reading.hits:
        if hit.term.owner[0] == "f":
            words = matcher().surface(read.reading.tokens, hit.start, hit.end)
            found.setdefault(hit.term.owner, []).append(words)
    return [
        Suggestion(
            initiative=text.id,
            campaign=campaign,
            kind=SuggestionKind(owner.split(":")[1]),
            value=owner.split(":")[2],
            p=0.9,
            chosen=True,
            reasons=(Reason(code="word", text=f"« {words[0]} »", weight=1.0),),
            model=model,
        )
        for owner, words in found.items()
    ]
