"""What fictional announcements are composed of: seeds, places, events as they truly are."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=4)
def seeds(name: str = "annonces.txt") -> dict[str, tuple[str, ...]]:
    """The sections of a seeds file."""
    text = (resources.files("matching") / "seeds" / name).read_text("utf-8")
    found: dict[str, list[str]] = {}
    section: list[str] = []
    for line in text.splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), [])
        elif line.strip() and not line.startswith("#"):
            section.append(line.strip())
    return {name: tuple(lines) for name, lines in found.items()}


@dataclass(frozen=True, slots=True)
class Place:
    """A commune, with the venues and the organisers that its announcements name."""

    name: str
    insee: str
    postcode: str
    department: str
    latitude: float
    longitude: float
    venues: tuple[str, ...]
    organisers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One edition, as it truly is."""

    event: int
    series: int
    festival: int | None  # the event it is a sub-event of
    title: str
    place: Place
    venue: str
    address: str
    organiser: str
    first: date
    last: date
    ticket: str
    text: str
    story: str = ""  # what it alone tells, copied by its announcements
    edition: int = 0
    yearly: bool = False
    main: str = ""  # title of its festival
    days: tuple[date, ...] = ()  # separate days of one edition (three Saturdays)
