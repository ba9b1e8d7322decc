"""Campaigns: what is censused, where, when, under which themes. One TOML file each.

No year is hard-coded anywhere else: PAAT-2024 is an archive, SOP-2027 and ALPES-2030 are live.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Any

from domain.errors import ConfigError
from domain.identifiers import siret

THEMES: dict[str, str] = {
    "engagement": "Engagement",
    "education-populaire": "Éducation populaire",
    "solidarite": "Solidarité",
    "heritage": "Héritage",
    "developpement-durable": "Développement durable",
}
"""The five themes, slug → French name, in the order of the founding document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRule:
    """A label an initiative of the campaign may ask for, and what it must show for it to be
    proposed. Every list given must be met, by one of its values; it is never granted by a rule."""

    code: str  # of domain/data/labels.toml, or the campaign's own (a regional label)
    why: str  # the criteria, in French, for a person
    name: str = ""  # of a regional label; a national one has its own
    issuer: str = ""
    themes: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    organisers: tuple[str, ...] = ()  # kinds
    audiences: tuple[str, ...] = ()
    highlights: tuple[str, ...] = ()
    cited: bool = False  # its announcement must name the label


@dataclass(frozen=True, slots=True, kw_only=True)
class Subsidies:
    """What the announcements never say of a subsidy and its publication asks (SCDL 2.1.1)."""

    attributor: str = ""  # name of the body that grants
    attributor_id: str = ""  # its SIRET
    nature: str = "aide en numéraire"
    scheme: str = ""  # « dispositif d'aide »; the campaign's title by default
    agreed_on: date | None = None  # of the agreement, when one holds for all
    conditions: str = ""  # « conditionsVersement » : unique, échelonné, autre
    notified_eu: bool = False


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
    labels: tuple[LabelRule, ...] = ()  # those an initiative may hold in it
    subsidies: Subsidies = Subsidies()


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
        rules = tuple(LabelRule(**_tuples(one)) for one in data.pop("label", ()))
        subsidies = Subsidies(**data.pop("subsidies", {}))
        made = Campaign(**_tuples(data), labels=rules, subsidies=subsidies)
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigError(f"{about}: {error} ; voyez docs/campagnes.md", about=about) from None
    _check(made, about)
    return made


def _tuples(table: dict[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}


def _check(made: Campaign, about: str) -> None:
    """Raises ConfigError for a rule that names what does not exist."""
    for rule in made.labels:
        if unknown := set(rule.themes) - set(made.themes):
            raise ConfigError(
                f"{about}: le label {rule.code} demande le thème {min(unknown)!r} là où l'un de "
                f"ceux-ci est attendu : {', '.join(made.themes)} ; voyez docs/campagnes.md",
                about=about,
            )
    check_subsidies(made.subsidies, about=about)


def check_subsidies(settings: Subsidies, *, about: str) -> None:
    """Raises ConfigError for an attributor that has no SIRET."""
    given = settings.attributor_id
    if given and siret(given) is None:
        raise ConfigError(
            f"{about}: attributor_id {given!r} là où un SIRET est attendu ; "
            "voyez docs/campagnes.md",
            about=about,
        )


def subsidies_of(options: Mapping[str, Any], *, about: str) -> Subsidies | None:
    """What a source says of its subsidies (its option `subsidies`), if anything.

    Raises ConfigError for a name that is not one of ours.
    """
    told = options.get("subsidies")
    if not told:
        return None
    try:
        day = told.get("agreed_on")
        made = Subsidies(**{**told, "agreed_on": date.fromisoformat(str(day)) if day else None})
    except (TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{about}: subsidies : {error} ; voyez docs/campagnes.md") from None
    check_subsidies(made, about=about)
    return made
