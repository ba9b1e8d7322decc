"""Decided texts as lines of JSON: {"id","title","text","themes":[slug],"scope","group"}."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from classifiers.train import SCOPES, Example
from domain.campaigns import THEMES
from domain.errors import ConfigError


def examples(lines: Iterable[str], *, about: str = "input") -> list[Example]:
    """The examples of a JSONL file. Raises ConfigError naming the line and what is wrong with it.

    `themes` and `scope` may be absent or null (not decided); `weight` and `by` are optional.
    """
    found = []
    for number, text in enumerate(lines, 1):
        if text.strip():
            found.append(_example(_object(text, f"{about}:{number}"), f"{about}:{number}"))
    return found


def _object(text: str, where: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(
            f"{where}: {error.msg} where one JSON object per line was expected; correct the line",
            about=where,
        ) from None
    if not isinstance(value, dict):
        raise ConfigError(
            f"{where}: {type(value).__name__} where a JSON object was expected; correct the line",
            about=where,
        )
    return value


def _example(row: Mapping[str, Any], where: str) -> Example:
    themes, scope = row.get("themes"), row.get("scope")
    if themes is not None and not (
        isinstance(themes, list) and all(isinstance(slug, str) for slug in themes)
    ):
        raise ConfigError(
            f"{where}: themes {themes!r} where a list of {', '.join(THEMES)} was expected;"
            " correct the line",
            about=where,
        )
    unknown = sorted(set(themes or ()) - set(THEMES))
    if unknown:
        raise ConfigError(
            f"{where}: theme {unknown[0]!r} where one of {', '.join(THEMES)} was expected;"
            " correct the line",
            about=where,
        )
    if scope is not None and scope not in SCOPES:
        raise ConfigError(
            f"{where}: scope {scope!r} where one of {', '.join(SCOPES)} was expected;"
            " correct the line",
            about=where,
        )
    return Example(
        id=str(row.get("id", where)),
        title=str(row.get("title") or ""),
        text=str(row.get("text") or row.get("description") or ""),
        themes=None if themes is None else frozenset(themes),
        scope=scope,
        group=str(row.get("group") or ""),
        weight=float(row.get("weight", 1.0)),
        by=str(row.get("by") or ""),
    )
