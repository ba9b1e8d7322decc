"""Decided texts of a JSONL file, for learning and for evaluating."""

from collections.abc import Iterator
from pathlib import Path

from classifiers.train import Example
from domain.errors import ConfigError
from flows.tables import read_jsonl


def examples(file: Path) -> Iterator[Example]:
    """The examples of a file, in order. Raises ConfigError naming the line that lacks a key."""
    for number, found in enumerate(read_jsonl(file), start=1):
        if "themes" not in found and "scope" not in found:
            raise ConfigError(
                f"object {number}: neither `themes` nor `scope` where a decided text was expected; "
                "see docs/themes.md",
                about=str(file),
            )
        slugs = found.get("themes")
        if slugs is not None and not isinstance(slugs, list):
            raise ConfigError(
                f"object {number}: {slugs!r} where a list of themes was expected; correct it",
                about=str(file),
            )
        yield Example(
            id=str(found.get("id", number)),
            title=str(found.get("title") or ""),
            text=str(found.get("text") or ""),
            themes=None if slugs is None else frozenset(map(str, slugs)),
            scope=found.get("scope"),
            group=str(found.get("group") or ""),
            weight=float(found.get("weight", 1.0)),
        )
