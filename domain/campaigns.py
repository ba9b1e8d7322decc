"""Campaigns: what is censused, where, when, under which themes. One TOML file each.

No year is hard-coded anywhere else: PAAT-2024 is an archive, SOP-2027 and ALPES-2030 are live.
"""

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from domain.errors import ConfigError

THEMES: dict[str, str] = {
    "engagement": "Engagement",
    "education-populaire": "Éducation populaire",
    "solidarite": "Solidarité",
    "heritage": "Héritage",
    "developpement-durable": "Développement durable",
}
"""The five themes, slug → French name, in the order of the founding document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A census: its subject, its territory and its dates (both ends inclusive)."""

    code: str
    title: str
    starts_on: date
    ends_on: date
    departments: tuple[str, ...]
    archived: bool = False
    themes: tuple[str, ...] = tuple(THEMES)
    about: tuple[str, ...] = ()  # words that put a text in scope
    not_about: tuple[str, ...] = ()  # words that look like it and are not
    games: tuple[str, ...] = ()  # editions of the Games it is about ("Paris 2024")
    highlights: tuple[str, ...] = field(default=())  # codes of its temps forts


@lru_cache(maxsize=1)
def campaigns() -> dict[str, Campaign]:
    """Every campaign of domain/data/campaigns, by code."""
    folder = resources.files("domain") / "data" / "campaigns"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            one = parse_campaign(file.read_text("utf-8"), about=file.name)
            found[one.code] = one
    return found


def campaign(code: str) -> Campaign:
    """The campaign of that code. Raises ConfigError listing the known ones."""
    known = campaigns()
    if code not in known:
        raise ConfigError(
            f"campagne {code!r} là où l'une de celles-ci est attendue : {', '.join(known)} ; "
            "choisissez-en une, ou écrivez domain/data/campaigns/<code>.toml",
            about=code,
        )
    return known[code]


def parse_campaign(toml: str, *, about: str) -> Campaign:
    """A campaign from its TOML text. Raises ConfigError with the file and the reason."""
    try:
        data = tomllib.loads(toml)
        lists = ("departments", "themes", "about", "not_about", "games", "highlights")
        values: dict[str, Any] = {k: tuple(v) if k in lists else v for k, v in data.items()}
        return Campaign(**values)
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigError(f"{about}: {error} ; voyez docs/campagnes.md", about=about) from None
