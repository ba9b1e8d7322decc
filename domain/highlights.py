"""Temps forts: the moments of a campaign an initiative belongs to (Journée olympique, relais…).

The rule (domain.fr.md §1.7): its dates meet the moment's window widened by seven days, or its
text names it; two clues give a high confidence. The moments are data: domain/data/highlights.toml.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.text import fold

_FILE = Path(__file__).parent / "data" / "highlights.toml"
MARGIN = timedelta(days=7)
_ACRONYM = re.compile(r"[A-Z]{2,6}(?: \d{4})?")


class Confidence(StrEnum):
    HIGH = "high"  # both the date and the words
    LOW = "low"  # one of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Days of a moment, inclusive; `yearly` ones keep only (month, day) of the two dates."""

    starts_on: date
    ends_on: date
    yearly: bool = False
    approximate: bool = False  # changes each year: only ever a second clue
    departments: tuple[str, ...] = ()

    def in_year(self, year: int) -> tuple[date, date]:
        if not self.yearly:
            return self.starts_on, self.ends_on
        return self.starts_on.replace(year=year), self.ends_on.replace(year=year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    code: str
    name: str
    words: tuple[re.Pattern[str], ...]  # on folded text
    acronyms: tuple[re.Pattern[str], ...]  # on the text as written
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A moment an initiative belongs to, and the clues, in French."""

    code: str
    name: str
    confidence: Confidence
    clues: tuple[str, ...]


@lru_cache(maxsize=1)
def highlights() -> Mapping[str, Highlight]:
    """Every moment, by code, in the order of the file."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["highlight"]
    return {row["code"]: _highlight(row) for row in rows}


def attach(
    text: str,
    *,
    starts_on: date | None = None,
    ends_on: date | None = None,
    department: str | None = None,
) -> tuple[Attachment, ...]:
    """The moments of an announcement, the surest first. `text` is its title and description."""
    read = (text, re.sub(r"[\s-]+", " ", fold(text)))
    found = [
        attachment
        for one in highlights().values()
        if (attachment := _attachment(one, read, (starts_on, ends_on or starts_on), department))
    ]
    return tuple(sorted(found, key=lambda a: a.confidence is not Confidence.HIGH))


def _attachment(
    one: Highlight,
    read: tuple[str, str],
    days: tuple[date | None, date | None],
    department: str | None,
) -> Attachment | None:
    said = _said(one, *read)
    window = _met(one, days, department)
    if not said and (window is None or window.approximate):
        return None
    clues = []
    if said:
        clues.append(f"le texte dit « {said} »")
    if window:
        clues.append(f"les dates tombent pendant : {one.name}")
    confidence = Confidence.HIGH if len(clues) == 2 else Confidence.LOW
    return Attachment(code=one.code, name=one.name, confidence=confidence, clues=tuple(clues))


def _said(one: Highlight, text: str, folded: str) -> str | None:
    for pattern in one.words:
        if found := pattern.search(folded):
            return found[0]
    shouted = text.isupper()  # then capitals show no acronym
    written = (p.search(text) for p in one.acronyms if not shouted)
    return next((found[0] for found in written if found), None)


def _met(
    one: Highlight, days: tuple[date | None, date | None], department: str | None
) -> Window | None:
    first, last = days
    if first is None or last is None:
        return None
    for window in one.windows:
        if window.departments and department not in window.departments:
            continue
        for year in range(first.year, last.year + 1):
            starts_on, ends_on = window.in_year(year)
            margin = timedelta() if window.approximate else MARGIN
            if first <= ends_on + margin and starts_on - margin <= last:
                return window
    return None


def _highlight(row: Mapping[str, Any]) -> Highlight:
    patterns: list[str] = row["patterns"]
    return Highlight(
        code=row["code"],
        name=row["name"],
        words=tuple(
            re.compile(rf"(?<!\w)(?:{p})(?!\w)") for p in patterns if not _ACRONYM.fullmatch(p)
        ),
        acronyms=tuple(re.compile(rf"(?<!\w){p}(?!\w)") for p in patterns if _ACRONYM.fullmatch(p)),
        windows=tuple(_windows(row["windows"])),
    )


def _windows(rows: list[Mapping[str, Any]]) -> Iterator[Window]:
    for row in rows:
        if "yearly" in row:
            first, _, last = row["yearly"].partition("/")
            # Any leap year would do: only the month and the day are kept.
            starts_on = date.fromisoformat(f"2024-{first}")
            ends_on = date.fromisoformat(f"2024-{last or first}")
        else:
            starts_on, ends_on = row["from"], row["to"]
        yield Window(
            starts_on=starts_on,
            ends_on=ends_on,
            yearly="yearly" in row,
            approximate=row.get("approximate", False),
            departments=tuple(row.get("departments", ())),
        )
