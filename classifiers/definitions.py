"""The theme files read into terms and patterns. A theme is one file of themes/, nothing else."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from classifiers.matcher import Term, expand
from domain.errors import ConfigError

WEIGHTS = {"certain": 3.0, "strong": 2.0, "fair": 1.5, "weak": 1.0}
"""What a word of each list weighs: alone it decides, alone it nearly does, alone it never does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Two families of words close to each other: `first` and `then`."""

    owner: str
    name: str
    weight: float
    within: int  # words that matter between the two, at most
    across: bool = False  # may a full stop or a dash stand between them?
    ordered: bool = False  # must `first` come first?


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One theme as its file defines it; examples are tested, not learned."""

    slug: str
    title: str
    definition: str
    counts: tuple[str, ...]
    counts_not: tuple[str, ...]
    terms: tuple[Term, ...]
    patterns: tuple[Pattern, ...]
    trust: float  # what a point of evidence proves, 1 for most themes
    chosen_from: float  # probability from which the rules alone choose it without asking
    yes: tuple[str, ...]
    no: tuple[str, ...]


@lru_cache(maxsize=1)
def themes() -> Mapping[str, Theme]:
    """Every theme by slug, in the order of domain.campaigns.THEMES."""
    from domain.campaigns import THEMES

    folder = resources.files("classifiers") / "themes"
    found = {}
    for slug in THEMES:
        text = (folder / f"{slug}.toml").read_text("utf-8")
        found[slug] = parse_theme(text, about=f"themes/{slug}.toml")
    return found


def parse_theme(toml: str, *, about: str) -> Theme:
    """A theme from its TOML. Raises ConfigError naming the file and what is wrong."""
    try:
        data = tomllib.loads(toml)
        slug = data["slug"]
        owner = f"theme:{slug}"
        return Theme(
            slug=slug,
            title=data["title"],
            definition=data["definition"],
            counts=tuple(data["counts"]),
            counts_not=tuple(data["counts_not"]),
            terms=tuple(_checked(_terms(owner, data))),
            patterns=tuple(_patterns(owner, data)),
            trust=float(data.get("trust", 1.0)),
            chosen_from=float(data["chosen_from"]),
            yes=tuple(data["examples"]["yes"]),
            no=tuple(data["examples"]["no"]),
        )
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{about} : {type(error).__name__} {error} ; voyez docs/themes.md", about=about
        ) from None


def _checked(terms: Iterator[Term]) -> Iterator[Term]:
    """The terms, each expanded once: one that would say nothing is refused with its file."""
    for term in terms:
        expand(term.written)
        yield term


def _terms(owner: str, data: Mapping[str, Any]) -> Iterator[Term]:
    for name, weight in WEIGHTS.items():
        yield from (Term(owner, "word", weight, w) for w in data["words"].get(name, ()))
    for weight_text, words in data["words"].get("against", {}).items():
        yield from (Term(owner, "against", -float(weight_text), w) for w in words)
    yield from (Term(owner, "counter", 0.0, w) for w in data["counter"]["words"])
    for number, pattern in enumerate(data.get("pattern", ())):
        for side in ("first", "then"):
            for written in pattern[side]:
                yield Term(f"{owner}#{number}", side, 0.0, written)


def _patterns(owner: str, data: Mapping[str, Any]) -> Iterator[Pattern]:
    for number, pattern in enumerate(data.get("pattern", ())):
        yield Pattern(
            owner=f"{owner}#{number}",
            name=pattern["name"],
            weight=float(pattern["weight"]),
            within=int(pattern["within"]),
            across=bool(pattern.get("across", False)),
            ordered=bool(pattern.get("ordered", False)),
        )
