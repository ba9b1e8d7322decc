"""`/recensement/calendrier`: a month of the public census, as a table of days."""

import calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fastapi import APIRouter, Request
from starlette.responses import Response

from census.table import CensusRow
from domain.times import MONTHS
from review import public
from review.auth import PUBLIC
from review.house import Here

router = APIRouter(dependencies=[PUBLIC])
MOST_A_DAY = 4
LONGEST_DAYS = 31  # longer spans are listed apart: they would fill every day


@router.get("/recensement/calendrier")
def show(request: Request, house: Here) -> Response:
    found = public.snapshot(request, house)
    wanted = public.wanted(request)
    month = wanted.mois or _default(found.rows, found.made_on)
    year, number = int(month[:4]), int(month[5:])
    rows = found.kept(replace(wanted, mois=month))
    weeks = calendar.Calendar().monthdatescalendar(year, number)
    days, long = days_of(rows, weeks[0][0], weeks[-1][-1])
    return public.page(
        request,
        house,
        "census_calendar.html",
        found,
        month=month,
        month_name=f"{MONTHS[number - 1]} {year}",
        number=number,
        weeks=weeks,
        days=days,
        long=long,
        most=MOST_A_DAY,
        total=len(rows),
        before=_step(month, -1),
        after=_step(month, 1),
    )


def days_of(
    rows: Sequence[CensusRow], first: date, last: date
) -> tuple[dict[date, list[CensusRow]], list[CensusRow]]:
    """day → rows of that day between two days; and the rows that span too long to be repeated."""
    days: defaultdict[date, list[CensusRow]] = defaultdict(list)
    long = []
    for row in rows:
        for span in row["editions"]:
            start, end = (date.fromisoformat(day) for day in span.split("/"))
            if (end - start).days > LONGEST_DAYS:
                long.append(row)
                continue
            for ordinal in range(max(start, first).toordinal(), min(end, last).toordinal() + 1):
                held = days[date.fromordinal(ordinal)]
                if row not in held[-1:]:  # two slots of one day are one line
                    held.append(row)
    return dict(days), list({row["animation_id"]: row for row in long}.values())


def _default(rows: tuple[CensusRow, ...], today: date) -> str:
    """This month when something happens from now on, else the last month where something did."""
    months = sorted(str(row["date_debut"])[:7] for row in rows if row["date_debut"])
    now = today.isoformat()[:7]
    coming = [month for month in months if month >= now]
    return coming[0] if coming else (months[-1] if months else now)


def _step(month: str, by: int) -> str:
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + by, 12)
    return f"{max(1, year):04}-{number + 1:02}"
