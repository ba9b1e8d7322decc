"""The instant a source says it published something: RFC 822, ISO 8601, and French.

Never « now » when nothing can be read: None. A naive instant is Europe/Paris. Only for
publication stamps of machines; the dates of events are read by extract/when.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from domain.text import fold
from domain.times import MONTHS, PARIS

_ZONES = {
    "z": 0,
    "ut": 0,
    "utc": 0,
    "gmt": 0,
    "wet": 0,
    "bst": 60,
    "west": 60,
    "ist": 60,
    "cet": 60,
    "met": 60,
    "mez": 60,
    "cest": 120,
    "mest": 120,
    "eet": 120,
    "eest": 180,
    "est": -300,
    "edt": -240,
    "cst": -360,
    "cdt": -300,
    "mst": -420,
    "mdt": -360,
    "pst": -480,
    "pdt": -420,
}
_ENGLISH = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_FRENCH = tuple(fold(month) for month in MONTHS)
_TIME = r"(?P<h>\d{1,2})\s*(?:[:h]|heures?)\s*(?P<mi>\d{1,2})?(?:[:m](?P<s>\d{1,2})(?:[.,]\d+)?)?"
_ZONE = r"(?P<z>europe/paris|[a-z]{1,5}|(?:gmt|utc)?[+-]\d{1,2}:?\d{0,2})?"
_DAY = r"(?:(?!le\b)[a-z]{2,8}\.?[,\s]+)?(?:le\s+)?"  # « vendredi, », « ven. le »
_ISO = re.compile(
    r"(?P<y>\d{4})(?P<sep>[-/])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})"
    r"(?:[t\s]+(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*" + _ZONE + r")?"
)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:t(?P<h>\d\d)(?P<mi>\d\d)(?P<s>\d\d)?" + _ZONE + r")?"
)
_WORDS = re.compile(
    _DAY + r"(?P<d>\d{1,2})(?:er|\.)?[\s-]+(?P<name>[a-z]{3,9})\.?[\s-]+"
    r"(?P<y>\d{4}|\d{2})(?:[,\s-]+(?:a\s+)?" + _TIME + r"\s*" + _ZONE + r")?"
)
_MONTH_FIRST = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(?P<name>[a-z]{3,9})\.?\s+(?P<d>\d{1,2}),?\s+"
    r"(?:" + _TIME + r"\s*" + _ZONE + r"\s+)?(?P<y>\d{4})"
)
_SLASHES = re.compile(
    _DAY
    + r"(?P<d>\d{1,2})(?P<sep>[/.-])(?P<m>\d{1,2})(?P=sep)(?P<y>\d{4})(?:[,\s-]+(?:a\s+)?"
    + _TIME
    + r"\s*"
    + _ZONE
    + r")?"
)
_YEARS = range(1990, 2101)


def read_instant(text: str | None) -> datetime | None:
    """The aware UTC instant, or None when it cannot be read or makes no sense."""
    if not text:
        return None
    words = fold(text.strip())[:100].strip()
    for pattern in (_ISO, _COMPACT, _WORDS, _SLASHES, _MONTH_FIRST):
        match = pattern.fullmatch(words)
        if match:
            return _build(match.groupdict())
    if re.fullmatch(r"\d{10}|\d{13}", words):  # a Unix stamp, in seconds or milliseconds
        return datetime.fromtimestamp(int(words[:10]), UTC)
    return None


def _build(parts: dict[str, str | None]) -> datetime | None:
    number = {name: int(parts.get(name) or 0) for name in ("y", "m", "d", "h", "mi", "s")}
    month = number["m"] or _month(parts.get("name") or "")
    year = number["y"]
    if len(parts["y"] or "") == 2:
        year += 2000 if year < 70 else 1900
    if month is None or year not in _YEARS:
        return None
    try:
        day = datetime(year, month, number["d"], tzinfo=PARIS)
        local = day.replace(hour=number["h"], minute=number["mi"], second=number["s"])
    except ValueError:
        return None
    minutes = _offset(parts.get("z") or "")
    if minutes is not None:
        local = local.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    return local.astimezone(UTC)


def _offset(zone: str) -> int | None:
    """Minutes east of UTC; None for a zone nobody knows or an impossible one (+99:99)."""
    if zone in _ZONES:
        return _ZONES[zone]
    match = re.fullmatch(r"(?:gmt|utc)?([+-])(\d{1,2}):?(\d{2})?", zone)
    if not match:
        return None
    hours, minutes = int(match[2]), int(match[3] or 0)
    if hours > 14 or minutes > 59:
        return None
    return (hours * 60 + minutes) * (-1 if match[1] == "-" else 1)


def _month(name: str) -> int | None:
    """1–12 from a French or English name or its abbreviation (`janv`, `juil`, `sept`, `aug`)."""
    for names in (_FRENCH, _ENGLISH):
        starts = [i for i, month in enumerate(names, 1) if month.startswith(name)]
        if len(starts) == 1:
            return starts[0]
    return {"jui": 7, "sept": 9}.get(name)
