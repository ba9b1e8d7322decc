"""French dates: a table of real-life phrasings, and what must hold for any text."""

import csv
from datetime import date
from pathlib import Path

import pytest

from collectors.extract.when import read_when
from domain.records import Occurrence

CASES = Path(__file__).with_name("when_cases.tsv")


def _cases() -> list[dict[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _shown(slot: Occurrence) -> str:
    """`2027-06-03`, `2027-06-03..2027-06-05`, `2027-06-03 14:00-18:00`."""
    days = _iso(slot.starts_on)
    if slot.ends_on != slot.starts_on:
        days += f"..{_iso(slot.ends_on)}"
    if slot.starts_at:
        days += f" {slot.starts_at:%H:%M}"
    if slot.ends_at:
        days += f"-{slot.ends_at:%H:%M}"
    return days


@pytest.mark.parametrize("case", _cases(), ids=lambda c: c["text"])
def test_phrasing_is_read(case: dict[str, str]) -> None:
    reference = date.fromisoformat(case["reference"]) if case["reference"] else None
    when = read_when(case["text"].replace("\\n", "\n"), reference=reference)
    slots = [_shown(o) for o in when.occurrences]
    found = {
        "starts_on": _iso(when.starts_on),
        "ends_on": _iso(when.ends_on),
        "precision": when.precision.value,
        "recurrence": when.recurrence or "",
        "slots": str(len(slots)) if case["slots"].isdigit() else " | ".join(slots),
    }
    assert found == {name: case[name] for name in found}
