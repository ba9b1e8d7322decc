"""What a cell says, given what its column is: numbers, dates, codes, lists, yes and no. Pure."""

import json
import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit

from domain.identifiers import commune_code
from domain.records import Json
from domain.statuses import ActorKind, Attendance, EventStatus
from domain.text import clean, fold, one_line

TRUE = frozenset(("x", "oui", "true", "vrai", "1", "yes", "o", "✓", "✔", "☑", "☒", "on", "checked"))
FALSE = frozenset(("non", "false", "faux", "0", "no", "n", "n/a", "☐", "off", "unchecked", "-"))
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 — a spreadsheet's dates have no zone
_EXCEL_DAYS = range(20_000, 80_000)  # 1954 to 2119: outside, a number is no date
_YEARS = range(1900, 2101)
_DATE = re.compile(
    r"(?P<a>\d{1,4})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{2,4})"
    r"(?:[T ,à-]*(?P<h>\d{1,2})[:h](?P<m>\d{2})?(?::(?P<s>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AP]M)?\s*(?P<zone>Z|(?:UTC|GMT)(?:[+-]\d{1,2})?|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"-?\d[\d\s\u00a0\u202f'.,]*")
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_LIST = re.compile(r"\s*[|;\n•·]\s*|\s*,\s+(?![^()]*\))")
_DEP = re.compile(r"(?:\d{2}|2[AB]|97\d)")
_STATUS = {
    EventStatus.CANCELLED: ("annul", "cancel", "supprim"),
    EventStatus.POSTPONED: ("report", "postpon", "decal"),
    EventStatus.MOVED: ("deplac", "moved"),
    EventStatus.PLANNED: ("programm", "planned", "scheduled", "confirm", "prevu", "maintenu"),
}
_KINDS = {
    ActorKind.ASSOCIATION: ("association", "club", "asso loi 1901"),
    ActorKind.COMMUNE: ("commune", "mairie", "ville"),
    ActorKind.EPCI: ("epci", "communaute de communes", "communaute d'agglomeration", "metropole"),
    ActorKind.DEPARTEMENT: ("departement", "conseil departemental"),
    ActorKind.REGION: ("region", "conseil regional"),
    ActorKind.ETAT: ("etat", "service de l'etat", "prefecture"),
    ActorKind.SCHOOL: ("etablissement_scolaire", "etablissement scolaire", "ecole", "college"),
    ActorKind.FEDERATION: ("federation_comite", "federation", "comite", "ligue"),
    ActorKind.FOUNDATION: ("fondation",),
    ActorKind.COMPANY: ("entreprise", "societe"),
    ActorKind.OTHER: ("autre",),
}


def truth(value: Json) -> bool | None:
    """True, False, or None when the cell says neither."""
    if isinstance(value, bool):
        return value
    word = fold(str(value)).strip(" .") if value is not None else ""
    return True if word in TRUE else False if word in FALSE else None


def number(value: Json) -> float | None:
    """`1 200,50 €` → 1200.5; `1.200,50` and `1,200.50` too; None when there is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    found = _NUMBER.search(str(value))
    if not found:
        return None
    text = re.sub(r"[\s\u00a0\u202f']", "", found.group()).rstrip(".,")
    comma, dot = text.rfind(","), text.rfind(".")
    if comma >= 0 and dot >= 0:
        thousands = "," if comma < dot else "."
        text = text.replace(thousands, "").replace(",", ".")
    elif comma >= 0:
        text = text.replace(",", "" if text.count(",") > 1 else ".")
    elif text.count(".") > 1:
        text = text.replace(".", "")
    try:
        return float(text)
    except ValueError:  # several numbers run together
        return None


def instant(value: Json, *, month_first: bool = False) -> str | None:
    """An ISO date or datetime from `3/6/2027`, `2027-06-03 14:00`, `6/3/2027 2:00 PM`, 46541.

    The text must be a date and nothing else; None otherwise, and for impossible days.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _serial(value)
    text = re.sub(r"^(?:lun|mar|mer|jeu|ven|sam|dim)\w*[. ]+", "", str(value).strip(), flags=re.I)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _serial(float(text))
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        text = f"{text[:4]}-{text[4:6]}-{text[6:]}"
    found = _DATE.fullmatch(text)
    return _iso(found, month_first) if found else None


def _serial(value: float) -> str | None:
    if not _EXCEL_DAYS.start <= value < _EXCEL_DAYS.stop:
        return None
    moment = _EXCEL_EPOCH + timedelta(seconds=round(value * 86_400))
    return moment.date().isoformat() if moment.time() == time() else moment.isoformat()


def _iso(found: re.Match[str], month_first: bool) -> str | None:
    a, b, c = found["a"], found["b"], found["c"]
    if len(a) == 4:
        year, month, day = int(a), int(b), int(c)
    elif month_first and int(a) <= 12:
        month, day, year = int(a), int(b), int(c)
    else:
        day, month, year = int(a), int(b), int(c)
    if max(len(a), len(c)) < 4:
        year += 2000 if year < 70 else 1900
    try:
        on = date(year, month, day)
        if year not in _YEARS:
            return None
        if found["h"] is None:
            return on.isoformat()
        hour = (
            int(found["h"]) % 12 + (12 if found["half"].upper() == "PM" else 0)
            if (found["half"])
            else int(found["h"])
        )
        at = time(hour, int(found["m"] or 0), int(found["s"] or 0))
    except ValueError:
        return None
    if at == time() and not found["zone"]:
        return on.isoformat()
    return f"{on.isoformat()}T{at.isoformat()}{_offset(found['zone'] or '')}"


def _offset(zone: str) -> str:
    """`Z`, `UTC`, `GMT+1`, `+0100` → an ISO offset; "" for none."""
    if not zone:
        return ""
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?$", zone)
    return f"{found[1]}{found[2]:0>2}:{found[3] or '00'}" if found else "+00:00"


def is_month_first(values: Iterable[Json]) -> bool:
    """True when the dates of a column are written month first (`6/25/2027`), as in the US."""
    first = second = 0
    for value in values:
        found = _DATE.match(str(value).strip())
        if found and len(found["a"]) < 3:
            first += int(found["a"]) > 12
            second += int(found["b"]) > 12
    return second > 0 and first == 0


def code(value: Json, width: int) -> str | None:
    """A code of digits read as a number gets its zeros back: 6088 → `06088`."""
    if value is None:
        return None
    text = one_line(str(value))
    text = re.sub(r"\.0$", "", text)
    compact = re.sub(r"[\s.\u00a0]", "", text)
    return compact.zfill(width) if compact.isdigit() and len(compact) < width else compact or None


def insee(value: Json) -> str | None:
    """The INSEE code of a commune, or None when it is none."""
    text = code(value, 5)
    return commune_code(text) if text else None


def department(value: Json) -> str | None:
    """A département code (`6` → `06`), else its name as written; the code wins in `06 - Nom`."""
    text = code(value, 2) if not isinstance(value, str) or value.strip()[:4].isdigit() else value
    if text is None:
        return None
    found = re.match(r"\(?(\d{2,3}|2[ABab])\)?(?:\s*[-–:.]?\s*\D.*)?$", text.strip())
    return found.group(1).upper() if found else one_line(str(value))


def coordinate(value: Json, limit: float) -> float | None:
    """Degrees within ±limit; a comma is a decimal point; 0, the usual « unknown », is None."""
    if isinstance(value, str):
        try:
            value = float(value.strip().replace(",", ".").rstrip("°NnEe "))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if value == value and 0 < abs(value) <= limit else None


def point(value: Json) -> tuple[float, float] | None:
    """(latitude, longitude) of `43.7, 7.26`, `[43.7, 7.26]`, `POINT (7.26 43.7)`."""
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", str(value))][:2]
    if len(numbers) < 2:
        return None
    if "point" in fold(str(value)):
        numbers.reverse()
    lat, lon = coordinate(numbers[0], 90), coordinate(numbers[1], 180)
    return None if lat is None or lon is None else (lat, lon)


def items(value: Json) -> list[str]:
    """The parts of a cell that lists things: `a | b`, `a; b`, `a, b (c, d)`, one per line."""
    parts = value if isinstance(value, list) else _LIST.split(clean(str(value)))
    return [text for text in (one_line(str(p)).strip(" -") for p in parts) if text]


def web_address(value: Json) -> str | None:
    """An http(s) address, the scheme added to `www.…`; None when it is none."""
    text = str(value).strip()
    if re.match(r"(?:www\.)?[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?$", text) and "@" not in text:
        text = f"https://{text}"
    if not re.match(r"https?://[^\s/]+\.[^\s]+$", text, re.I):
        return None
    try:
        return text if urlsplit(text).hostname else None
    except ValueError:
        return None


def email(value: Json) -> str | None:
    found = _EMAIL.search(str(value))
    return found.group().rstrip(".") if found else None


def timings(value: Json) -> list[dict[str, str]] | None:
    """Slots {start, end} from the JSON that agendas export (`[{"begin": …, "end": …}]`)."""
    try:
        slots = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    if not isinstance(slots, list):
        return None
    read = [
        {"start": start, "end": instant(slot.get("end")) or start}
        for slot in slots
        if isinstance(slot, dict)
        and (start := instant(slot.get("begin") or slot.get("start"))) is not None
    ]
    return read or None


def attendance(value: Json) -> str | None:
    """A value of Attendance, or None. What is both on site and online is on site."""
    folded = fold(str(value))
    if "itineran" in folded:
        return Attendance.ITINERANT.value
    if any(word in folded for word in ("presentiel", "sur place", "on_site", "mixed", "mixte")):
        return Attendance.ON_SITE.value
    if any(word in folded for word in ("en ligne", "online", "distanciel", "visio", "virtual")):
        return Attendance.ONLINE.value
    return Attendance.ON_SITE.value if "offline" in folded else None


def event_status(value: Json) -> str | None:
    """A value of EventStatus, or None for a status that says something else (« instruit »)."""
    folded = fold(str(value))
    return next((s.value for s, stems in _STATUS.items() if any(t in folded for t in stems)), None)


def actor_kind(value: Json) -> str | None:
    """A value of ActorKind, or None."""
    folded = fold(one_line(str(value)))
    for kind, names in _KINDS.items():
        if folded in names:
            return kind.value
    return next(
        (k.value for k, names in _KINDS.items() if any(folded.startswith(n) for n in names)), None
    )
