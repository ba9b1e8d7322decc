"""Clock and time zone. UTC inside; Europe/Paris only to read French dates, to show, and in cron."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")

MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)

Clock = Callable[[], datetime]
"""Returns the present instant, aware, in UTC. Passed in, so that tests set it."""


def system_clock() -> datetime:
    return datetime.now(UTC)


def paris_day(instant: datetime) -> date:
    """The calendar day in Europe/Paris of an aware instant."""
    return instant.astimezone(PARIS).date()


def french_date(day: date) -> str:
    """`3 juin 2027`, `1er juin 2027`."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{number} {MONTHS[day.month - 1]} {day.year}"
