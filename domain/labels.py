"""Labels: distinctions an initiative or an actor may hold, dated. Validity is computed, not stored.

The labels are data: domain/data/labels.toml (21 national labels, as known at the end of 2026).
"""

import re
import tomllib
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from domain.records import Award
from domain.text import fold

_FILE = Path(__file__).parent / "data" / "labels.toml"


class Validity(StrEnum):
    """Whether an award counts on a given day."""

    VALID = "valid"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    UNKNOWN = "unknown"  # begun, but nobody said until when


FRENCH_VALIDITY: Mapping[Validity, str] = {
    Validity.VALID: "en cours de validité",
    Validity.EXPIRED: "échue",
    Validity.NOT_YET: "à venir",
    Validity.UNKNOWN: "durée à vérifier",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """What the awards of a closed label become, without anyone asking."""

    label: str
    level: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    code: str
    name: str
    issuer: str
    holders: tuple[str, ...]
    criteria: str
    status: str  # ouvert | annuel | clos | a_verifier
    themes: tuple[str, ...]
    patterns: tuple[re.Pattern[str], ...]  # on folded text
    levels: tuple[str, ...] = ()
    opens_on: date | None = None
    closes_on: date | None = None  # last day it was awarded
    ends_on: date | None = None  # last day every award counts
    months: int | None = None  # how long one award counts
    per_edition: bool = False
    becomes: Succession | None = None
    source: str = ""


@lru_cache(maxsize=1)
def labels() -> Mapping[str, Label]:
    """Every label, by code, in the order of the file."""
    rows = tomllib.loads(_FILE.read_text("utf-8"))["label"]
    return {row["code"]: _label(row) for row in rows}


def label(code: str) -> Label | None:
    return labels().get(code)


def ends_on(award: Award) -> date | None:
    """The last day an award counts: its own, else its duration's, never after the label's end."""
    known = labels().get(award.label)
    limits = [award.ends_on] if award.ends_on else []
    if known and not award.ends_on and known.months:
        limits.append(_months_later(award.starts_on, known.months))
    if known and known.ends_on:
        limits.append(known.ends_on)
    return min(limits) if limits else None


def validity(award: Award, on: date) -> Validity:
    """Whether the award counts on that day."""
    if on < award.starts_on:
        return Validity.NOT_YET
    last = ends_on(award)
    if last is None:
        return Validity.UNKNOWN
    return Validity.VALID if on <= last else Validity.EXPIRED


def successor(award: Award, on: date) -> Award | None:
    """The award this one has become by equivalence on that day: Génération 2024 → 2030 level 1."""
    known = labels().get(award.label)
    if known is None or known.becomes is None or on < known.becomes.on:
        return None
    if award.starts_on > known.becomes.on:
        return None
    return Award(
        label=known.becomes.label,
        level=known.becomes.level,
        initiative=award.initiative,
        actor=award.actor,
        starts_on=known.becomes.on,
        decision=award.decision,
    )


def mentioned(text: str) -> tuple[Label, ...]:
    """The labels a text names: a clue for a reviewer, never an award."""
    folded = re.sub(r"[\s’'-]+", " ", fold(text))
    return tuple(one for one in labels().values() if any(p.search(folded) for p in one.patterns))


def _label(row: Mapping[str, Any]) -> Label:
    becomes = row.get("becomes")
    return Label(
        code=row["code"],
        name=row["name"],
        issuer=row["issuer"],
        holders=tuple(row["holders"]),
        criteria=row["criteria"],
        status=row["status"],
        themes=tuple(row["themes"]),
        patterns=tuple(re.compile(rf"(?<!\w)(?:{p})(?!\w)") for p in row["patterns"]),
        levels=tuple(row.get("levels", ())),
        opens_on=row.get("opens_on"),
        closes_on=row.get("closes_on"),
        ends_on=row.get("ends_on"),
        months=row.get("months"),
        per_edition=row.get("scope") == "edition",
        becomes=Succession(**becomes) if becomes else None,
        source=row.get("source", ""),
    )


def _months_later(day: date, months: int) -> date:
    """The same day `months` later; the month's last day when there is none (31 → 30)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
