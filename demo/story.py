"""The story: initiatives and what each source says of them, from demo/content/*.toml."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

_LETTERS = {
    "E": "engagement",
    "P": "education-populaire",
    "S": "solidarite",
    "H": "heritage",
    "D": "developpement-durable",
}
STATES = ("before", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    code: str
    name: str
    postcode: str

    @property
    def department(self) -> str:
        return self.code[:2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiative:
    """What really takes place, as a person who knows the region would tell it."""

    id: str
    title: str
    organiser: str
    text: str
    town: Town | None  # None: online
    venue: str
    themes: tuple[str, ...]
    campaigns: tuple[str, ...]
    unclear: bool  # a person must be asked whether it belongs to a campaign
    part_of: str | None
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What one source says, once, of an initiative. `slug` is unique within the source."""

    source: str
    slug: str
    initiative: Initiative
    title: str
    text: str
    organiser: str
    venue: str
    starts_on: date | None = None
    ends_on: date | None = None
    hours: str = ""  # "14h-18h", "20h30"
    words: str = ""  # the source's own words for the date, in place of the usual ones
    year: int
    coarse: bool = False  # the words are vaguer than the days
    dated: bool = True  # does the source say when?
    reworded: bool = False  # the source has its own text
    status: str = "planned"
    was_on: date | None = None
    amount: int | None = None

    @property
    def town(self) -> Town | None:
        return self.initiative.town


def story(state: str = "before") -> tuple[Announcement, ...]:
    """Every announcement, in the order of the files. `after`: a few days later, see `_after`."""
    if state not in STATES:
        raise ValueError(f"state: {state!r} where one of {', '.join(STATES)} was expected")
    told = _told()
    return told if state == "before" else _after(told)


@lru_cache(maxsize=1)
def initiatives() -> tuple[Initiative, ...]:
    return tuple(_initiative(block) for block in _blocks())


@lru_cache(maxsize=1)
def towns() -> Mapping[str, Town]:
    table = tomllib.loads(_content("communes.toml"))
    return {code: Town(code=code, name=n, postcode=p) for code, (n, p) in table.items()}


def _content(name: str) -> str:
    return (resources.files("demo") / "content" / name).read_text("utf-8")


@lru_cache(maxsize=1)
def _blocks() -> list[dict[str, Any]]:
    names = (*("04", "05", "06", "13", "83", "84"), "region")
    return [b for n in names for b in tomllib.loads(_content(f"{n}.toml"))["initiative"]]


@lru_cache(maxsize=1)
def _told() -> tuple[Announcement, ...]:
    known = {one.id: one for one in initiatives()}
    seen: set[tuple[str, str]] = set()
    told = []
    for block in _blocks():
        for says in block["says"]:
            one = _announcement(known[block["id"]], says, seen)
            seen.add((one.source, one.slug))
            told.append(one)
    return tuple(told)


def _initiative(block: Mapping[str, Any]) -> Initiative:
    scope = block.get("scope") or ()
    named = (scope,) if isinstance(scope, str) else tuple(scope)
    return Initiative(
        id=block["id"],
        title=block["title"],
        organiser=block["organiser"],
        text=block["text"],
        town=towns()[block["commune"]] if block["commune"] else None,
        venue=block["venue"],
        themes=tuple(_LETTERS[letter] for letter in block["themes"]),
        campaigns=tuple(name for name in named if name != "?"),
        unclear="?" in named,
        part_of=block.get("part_of"),
        online=block.get("online", False),
    )


def _announcement(
    about: Initiative, says: Mapping[str, Any], seen: set[tuple[str, str]]
) -> Announcement:
    source = says["in"]
    first = date.fromisoformat(says["on"]) if "on" in says else None
    last = date.fromisoformat(says["to"]) if "to" in says else first
    year = int(says.get("edition") or says.get("year") or (first.year if first else 0))
    slug = base = f"{about.id}-{first.year if first else year}"
    if (source, base) in seen:
        slug = f"{base}-{first.month:02d}" if first else f"{base}-2"
    return Announcement(
        source=source,
        slug=slug,
        initiative=about,
        title=says.get("title", about.title),
        text=says.get("text", about.text),
        organiser=says.get("organiser", about.organiser),
        venue=says.get("venue", about.venue),
        starts_on=first,
        ends_on=last,
        hours=says.get("at", ""),
        words=says.get("when", ""),
        year=year,
        coarse=says.get("fuzzy", False),
        dated=first is not None and not says.get("undated", False),
        reworded="text" in says,
        status=says.get("status", "planned"),
        was_on=date.fromisoformat(says["was"]) if "was" in says else None,
        amount=says.get("amount"),
    )


THINNED = "gazette-var"
"""The source that, in the state « after », gives next to nothing of what it used to give."""


def _after(told: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
    """A few days later: one source thinned, one date moved, one cancelled, one new duplicate."""
    changed, kept = [], 0
    for one in told:
        if one.source == THINNED:
            kept += 1
            if kept > 2:
                continue
        changed.append(_later(one))
    copied = next(
        one
        for one in told
        if (one.source, one.initiative.id) == ("ville-grasse", "grasse-femmes-nuit")
    )
    changed.append(
        replace(
            copied,
            source="declarations",
            title="Course nocturne et marche exploratoire pour les femmes",
            organiser="Pas Seules (collectif)",
        )
    )
    return tuple(changed)


def _later(one: Announcement) -> Announcement:
    if (one.source, one.slug) == ("ville-digne", "digne-forum-associations-2025"):
        moved = date(2025, 9, 13)
        return replace(
            one, starts_on=moved, ends_on=moved, was_on=one.starts_on, status="postponed"
        )
    if (one.source, one.slug) == ("agenda-gap", "gap-charance-eco-2025"):
        return replace(one, status="cancelled")
    return one
