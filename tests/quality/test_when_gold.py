"""French dates of real agendas: first and last day read against the structured dates."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from collectors.extract.when import read_when
from domain.times import paris_day

GOLD_NAME = Path("shared", "real", "fr_dates_gold.csv")
ROOT = Path(__file__).parents[2]
GOLD = next(  # ../shared beside the product, or one level up from a worktree
    (p for up in (ROOT.parent, ROOT.parent.parent) if (p := up / GOLD_NAME).exists()),
    ROOT.parent / GOLD_NAME,
)
FLOOR = 0.98
UNKNOWN_PUBLICATION = timedelta(days=20)  # before the first day, when the row has no ref_date

pytestmark = pytest.mark.quality


def _day(text: str) -> date:
    return paris_day(datetime.fromisoformat(text))


def agreement(path: Path) -> tuple[float, float, list[str]]:
    """(share of first days right, share of last days right, the disagreements in words)."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    starts = ends = 0
    wrong = []
    for row in rows:
        first, last = _day(row["first_begin"]), _day(row["last_end"])
        reference = _day(row["ref_date"]) if row["ref_date"] else first - UNKNOWN_PUBLICATION
        when = read_when(row["text_fr"], reference=reference)
        starts += when.starts_on == first
        ends += when.ends_on == last
        if (when.starts_on, when.ends_on) != (first, last):
            wrong.append(f"{row['text_fr']}: {when.starts_on}/{when.ends_on} not {first}/{last}")
    return starts / len(rows), ends / len(rows), wrong


@pytest.mark.skipif(not GOLD.exists(), reason="needs ../shared/real/fr_dates_gold.csv")
def test_days_of_real_agendas_are_read() -> None:
    starts, ends, wrong = agreement(GOLD)
    assert min(starts, ends) >= FLOOR, (starts, ends, wrong)
