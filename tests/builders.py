"""Records for tests: right by default, one word changes one thing. Additive: add yours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from domain.campaigns import Campaign
from domain.intents import Intent, NewEdition, NewInitiative, PlaceMention
from domain.records import (
    Dossier,
    Edition,
    FieldValue,
    Initiative,
    Mention,
    Occurrence,
    RawItem,
    Source,
    Suggestion,
    Verdict,
    When,
    Where,
    Who,
)
from domain.statuses import Precision, Relation, SuggestionKind
from storage import initiatives, items, mentions, sources
from storage.db import Connection

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
"""The present instant of tests."""

_numbers = count(1)


def later(**duration: float) -> datetime:
    """NOW plus a duration: `later(hours=3)`."""
    return NOW + timedelta(**duration)


def a_source(slug: str = "gap", **changes: Any) -> Source:
    values = {"title": f"Agenda de {slug}", "kind": "feed", "url": f"https://{slug}.example/flux"}
    return Source(slug=slug, **{**values, **changes})


def a_raw_item(key: str = "1", source: str = "gap", **fields: Any) -> RawItem:
    """A raw item; `fields` are its fields (title by default)."""
    url = fields.get("url", f"https://{source}.example/{key}")
    return RawItem(source=source, key=key, url=url, fields={"title": f"Annonce {key}", **fields})


def a_mention(key: str = "1", source: str = "gap", **changes: Any) -> Mention:
    values: dict[str, Any] = {
        "title": f"Annonce {key}",
        "url": f"https://{source}.example/{key}",
        "when": When(starts_on=date(2027, 6, 5), ends_on=date(2027, 6, 5), precision=Precision.DAY),
        "where": Where(commune_code="05061", commune_name="Gap", department="05"),
        "who": Who(name="Ville de Gap"),
    }
    return Mention(source=source, key=key, **{**values, **changes})


def an_occurrence(day: date = date(2027, 6, 5), days: int = 1) -> Occurrence:
    return Occurrence(starts_on=day, ends_on=day + timedelta(days=days - 1))


def a_verdict(a: int, b: int, relation: Relation = Relation.SAME, **changes: Any) -> Verdict:
    values = {"by": "matching:1", "at": NOW, "p": 0.99}
    return Verdict(a=a, b=b, relation=relation, **{**values, **changes})


def a_value(field: str = "title", value: Any = "Fête du sport", **changes: Any) -> FieldValue:
    return FieldValue(field=field, value=value, **{"rule": "longest", **changes})


def a_suggestion(initiative: str, value: str = "heritage", **changes: Any) -> Suggestion:
    values = {
        "campaign": "PAAT-2024",
        "kind": SuggestionKind.THEME,
        "p": 0.9,
        "chosen": True,
        "model": "rules:1",
    }
    return Suggestion(initiative=initiative, value=value, **{**values, **changes})


def a_campaign(**changes: Any) -> Campaign:
    values = {
        "code": "ESSAI-2027",
        "title": "Campagne d'essai",
        "starts_on": date(2027, 1, 1),
        "ends_on": date(2027, 12, 31),
        "departments": ("04", "05", "06", "13", "83", "84"),
    }
    return Campaign(**{**values, **changes})


def a_dossier(
    title: str = "Fête du sport",
    *,
    id: str | None = None,
    themes: Sequence[str] = (),
    days: Sequence[date] = (date(2027, 6, 5),),
    **values: Any,
) -> Dossier:
    """An initiative proposed in scope of `a_campaign`, in Gap, with an edition a day given."""
    name = id or an_id()
    told = {"title": title, "commune_code": "05061", "department": "05", "organiser": "OMS"}
    golden = {n: a_value(n, v) for n, v in {**told, **values}.items() if v is not None}
    editions = tuple(
        Edition(id=f"ED-{name}-{n}", initiative=name, occurrences=(an_occurrence(day),))
        for n, day in enumerate(days)
    )
    scope = a_suggestion(name, "in", kind=SuggestionKind.SCOPE, campaign="ESSAI-2027")
    proposed = [a_suggestion(name, theme, campaign="ESSAI-2027") for theme in themes]
    return Dossier(
        initiative=Initiative(
            id=name, created_at=NOW, changed_at=NOW, values=golden, editions=editions
        ),
        campaign="ESSAI-2027",
        mentions=(a_mention(collected_at=NOW),),
        suggestions=(scope, *proposed),
    )


def an_id(prefix: str = "PAAT-93") -> str:
    """A fresh identifier, in increasing order."""
    return f"{prefix}-{next(_numbers):026d}"


# --- stored ----------------------------------------------------------------------------------


def stored_mentions(conn: Connection, given: Sequence[Mention]) -> list[Mention]:
    """These mentions with their sources and raw items, as the chain would store them."""
    sources.register(conn, [a_source(slug) for slug in sorted({one.source for one in given})])
    raws = [a_raw_item(one.key, one.source, title=one.title) for one in given]
    items.store(conn, raws, NOW)
    return mentions.save(conn, given, NOW, extractor="1")


def stored_initiative(conn: Connection, *given: Mention, edition: str | None = None) -> str:
    """An initiative with these stored mentions, in one edition; its id."""
    [name] = stored_initiatives(conn, [given], edition=edition)
    return name


def stored_initiatives(
    conn: Connection, groups: Sequence[Sequence[Mention]], *, edition: str | None = None
) -> list[str]:
    """An initiative for each group of stored mentions, in one edition each; their ids."""
    names = [an_id() for _ in groups]
    plan: list[Intent] = []
    for name, given in zip(names, groups, strict=True):
        held = edition or an_id("ED")
        plan += [NewInitiative(initiative=name), NewEdition(edition=held, initiative=name)]
        plan += [PlaceMention(mention=one.id, initiative=name, edition=held) for one in given]
    matched = [one.id for given in groups for one in given]
    initiatives.apply(conn, plan, NOW, matched=matched)
    return names
