"""The JSON lines of `paat classify`: one object per row, the shape fixed by DESIGN §5."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

from classifiers.engines import Engine
from classifiers.model import Model
from classifiers.suggest import BATCH, Text, suggest
from domain.campaigns import Campaign
from domain.errors import ConfigError
from domain.records import Suggestion
from domain.statuses import SuggestionKind


def classify_rows(
    rows: Iterable[Mapping[str, Any]],
    *,
    campaign: Campaign | None = None,
    model: Model | None = None,
    engine: Engine | None = None,
) -> Iterator[dict[str, Any]]:
    """{"id", "themes": {slug: {"p", "chosen", "reasons"}}, "scope": {…}} for each row, in order.

    A row has the recognised fields of DESIGN §5 (`id, title, description, organiser, dep, …`);
    one without an id is named by its number.
    """
    numbered = enumerate(rows, 1)
    while batch := list(islice(numbered, BATCH)):
        texts = [text_of(row, number) for number, row in batch]
        found = suggest(texts, campaign=campaign, model=model, engine=engine, only_themes=True)
        for text, suggested in zip(texts, found, strict=True):
            yield line(text.id, suggested)


def text_of(row: Mapping[str, Any], number: int) -> Text:
    """A row of a table as a Text."""
    if not isinstance(row, Mapping):
        raise ConfigError(
            f"ligne {number} : {type(row).__name__} là où un objet est attendu ; "
            "corrigez le fichier",
            about=f"line {number}",
        )
    body = row.get("description") if row.get("description") is not None else row.get("text")
    return Text(
        id=str(row.get("id") if row.get("id") not in (None, "") else number),
        title=str(row.get("title") or ""),
        text=str(body or ""),
        organiser=str(row["organiser"]) if row.get("organiser") else None,
        starts_on=_day(row.get("date_start")),
        ends_on=_day(row.get("date_end")),
        department=str(row["dep"]) if row.get("dep") else None,
    )


def _day(value: object) -> date | None:
    """A day when the value is one; a table's dates are otherwise the business of collectors."""
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        return None


def line(id_: str, suggestions: Iterable[Suggestion]) -> dict[str, Any]:
    """One output line from the suggestions of one text."""
    themes = {}
    scope: dict[str, Any] = {}
    for one in suggestions:
        shown = {
            "p": one.p,
            "chosen": one.chosen,
            "reasons": [f"{r.text} ({r.weight:+.1f})" for r in one.reasons],
        }
        if one.kind is SuggestionKind.THEME:
            themes[one.value] = shown
        elif one.kind is SuggestionKind.SCOPE:
            scope = shown
    return {"id": id_, "themes": themes, "scope": scope}
