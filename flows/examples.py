"""Decided texts of a JSONL file, for learning and for evaluating."""

import json
from collections.abc import Iterator
from pathlib import Path

from classifiers.train import Example
from domain.errors import ConfigError
from domain.records import Json


def examples(file: Path) -> Iterator[Example]:
    """The examples of a file, in order. Raises ConfigError naming the line that lacks a key."""
    for number, found in enumerate(read_jsonl(file), start=1):
        if "themes" not in found and "scope" not in found:
            raise ConfigError(
                f"objet {number} : ni « themes » ni « scope » là où un texte décidé est attendu ; "
                "voyez docs/themes.md",
                about=str(file),
            )
        slugs = found.get("themes")
        if slugs is not None and not isinstance(slugs, list):
            raise ConfigError(
                f"objet {number} : {slugs!r} là où une liste de thèmes est attendue ; corrigez-le",
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
            by=str(found.get("by") or ""),
        )


def read_jsonl(file: Path) -> Iterator[dict[str, Json]]:
    """The objects of a JSONL file. Raises ConfigError with the line that is not one."""
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                found = json.loads(line)
            except json.JSONDecodeError as error:
                raise ConfigError(
                    f"ligne {number} : {error.msg} là où un objet JSON est attendu ; corrigez-la",
                    about=str(file),
                ) from None
            if not isinstance(found, dict):
                raise ConfigError(
                    f"ligne {number} : {type(found).__name__} là où un objet est attendu",
                    about=str(file),
                )
            yield found
