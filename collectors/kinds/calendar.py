"""Calendriers iCalendar (.ics) : agendas municipaux, exports Google, WordPress, OpenAgenda.

Les répétitions sont déroulées (celles sans fin sur quelques années entières, celles de moins d'un
jour sont refusées), les exceptions (RECURRENCE-ID, EXDATE) suivies, la fin d'une journée entière
rendue incluse.
"""

import heapq
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dateutil.rrule import rrulestr
from icalendar import Calendar, use_zoneinfo

from collectors.documents.decoding import decode
from collectors.http import Http
from collectors.items import Found, put_aside, read_each
from collectors.leftovers import Record, filled
from collectors.pages.markup import (
    absolute,
    links_in,
    looks_html,
    safe_html,
    text_of,
    title_of,
    unique,
)
from collectors.pages.moments import iso_moment
from collectors.senders import signed
from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.statuses import EventStatus
from domain.text import fingerprint, one_line
from domain.times import PARIS

TITLE = "agenda iCalendar"
OPTIONS: dict[str, str] = {
    "past_days": "jours passés où dérouler les répétitions sans fin (400), par années entières",
    "future_days": "jours à venir où elles le sont (800), par années entières",
}
VERSION = 3
LOOSE_KEYS = True

MAX_SLOTS = 400  # of one event: a weekly one over eight years
_SUB_DAILY = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
_STATUS = {"CANCELLED": EventStatus.CANCELLED}
_EVENT = re.compile(r"^BEGIN:VEVENT\s*$.*?^END:VEVENT\s*$", re.S | re.M | re.I)
_BEGUN = re.compile(r"^BEGIN:VEVENT\s*$", re.M | re.I)
_ZONES = re.compile(r"^BEGIN:VTIMEZONE\s*$.*?^END:VTIMEZONE\s*$", re.S | re.M | re.I)
_STAMPS = re.compile(
    r"^(?:DTSTAMP|CREATED|LAST-MODIFIED|SEQUENCE)\b.*\n", re.M | re.I
)  # of each export
_PLUMBING = (
    *("UID", "DTSTAMP", "SEQUENCE", "CREATED", "TRANSP", "CLASS", "PRIORITY", "RECURRENCE-ID"),
    *("X-MICROSOFT-CDO-BUSYSTATUS", "X-ALT-DESC", "ATTACH", "EXDATE", "RDATE", "RRULE", "GEO"),
    *("DTSTART", "DTEND", "DURATION", "LAST-MODIFIED", "ATTENDEE", "X-WR-CALNAME", "DESCRIPTION"),
)


def check(options: Mapping[str, Json]) -> list[str]:
    return [
        f"{name} = {options[name]!r} où un nombre de jours est attendu"
        for name in OPTIONS
        if name in options and (not isinstance(options[name], int) or options[name] < 0)
    ]


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """Every event of the calendar, unless the file is unchanged since the last visit."""
    page = await http.get(source.url, published=True)
    if page.unchanged:
        return
    found = await http.parse(parse, page.body, source, url=page.url, content_type=page.content_type)
    if any(isinstance(one, Quarantined) for one in found):
        http.forget(source.url)
    for one in found:
        yield one


def parse(
    body: bytes,
    source: Source,
    *,
    url: str = "",
    content_type: str = "",
    today: date | None = None,
) -> list[Found]:
    """The events of an iCalendar file. Raises Unreadable when it is not one.

    `today` centres the window repetitions are expanded in (the current day by default).
    """
    text = decode(body, content_type).text.replace("\r\n", "\n").replace("\r", "\n")
    if "BEGIN:VCALENDAR" not in text[:5000].upper():
        raise Unreadable("contenu où un calendrier iCalendar est attendu", about=source.url)
    # Each event on its own: one that icalendar refuses must not hide the others.
    _learn_zones(_ZONES.findall(text))
    series: dict[str, list[str]] = {}
    whole = 0  # up to where events are whole
    for event in _EVENT.finditer(text):
        block, whole = event[0], event.end()
        uid = re.search(r"^UID[^:\n]*:(.*(?:\n[ \t].*)*)", block, re.M | re.I)
        name = one_line(re.sub(r"\n[ \t]", "", uid[1])) if uid else ""
        series.setdefault(name or fingerprint(_STAMPS.sub("", block))[:32], []).append(block)
    window = _window(source, today or datetime.now(UTC).date())

    def read(one: tuple[str, list[str]]) -> RawItem:
        events = [_event(block) for block in one[1]]
        return _series(one[0], events, source, base=url or source.url, window=window)

    found = read_each(series.items(), source, read=read, key=lambda one: one[0][:200])
    if cut := _BEGUN.search(text, whole):
        rest, why = text[cut.start() :], "agenda coupé au milieu de cet événement"
        found.append(put_aside(source, fingerprint(rest)[:16], Unreadable(why), payload=rest))
    return found


def _learn_zones(zones: list[str]) -> None:
    """The zones this calendar defines, once: with each of 5,000 events they take a minute.

    icalendar remembers them by name for the whole process: those of the calendar before, which
    may lie about the same name, are forgotten first.
    """
    use_zoneinfo()  # type: ignore[no-untyped-call]
    for zone in zones:
        with suppress(Unreadable):
            _components(zone)


def _components(block: str) -> Any:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{block}\nEND:VCALENDAR\n"
    try:
        return Calendar.from_ical(text)
    except (ValueError, KeyError, IndexError) as error:
        raise Unreadable(f"événement iCalendar illisible ({error})") from None


def _event(block: str) -> Any:
    calendar = _components(block)
    event = next(iter(calendar.walk("VEVENT")), None)
    if event is None:
        raise Unreadable("événement iCalendar vide")
    return event


def _series(
    uid: str, events: list[Any], source: Source, *, base: str, window: tuple[date, date]
) -> RawItem:
    """One announcement for an event with its repetitions and their exceptions."""
    events = sorted(events, key=_sequence)  # a corrected event may follow the one it replaces
    whole = [event for event in events if not event.get("RECURRENCE-ID")]
    main = max(whole or events, key=_sequence)
    daily = not isinstance(_value(main.get("DTSTART")), datetime)
    moved = {_moment(r, daily=daily): e for e in events if (r := e.get("RECURRENCE-ID"))}
    record = Record({str(k).upper(): v for k, v in main.items()})
    described = str(record.pop("DESCRIPTION") or "")
    link = absolute(record.text("URL"), base)
    rules = _rules(main)
    if rules and all("UNTIL=" in rule or "COUNT=" in rule for rule in rules):
        window = (date.min, date.max)  # it ends by itself: all of it, whatever the day
    # A rule wholly outside the window still has days: those of its beginning.
    slots = _slots(main, moved, window) or _slots(main, moved, (date.min, window[1]))
    published = main.get("LAST-MODIFIED") or main.get("DTSTAMP")
    fields: dict[str, Json] = filled(
        title=title_of(record.text("SUMMARY") or ""),
        text=text_of(described),
        html=safe_html(described) if looks_html(described) else None,
        **_dates(main, slots),
        venue=one_line(record.text("LOCATION") or ""),
        **_geo(main.get("GEO")),
        **_organiser(main),
        tags=_categories(record.pop("CATEGORIES")),
        url=link,
        links=links_in(described, base)[:50],
        status=_STATUS.get((record.text("STATUS") or "").upper()),
        language=source.options.get("language"),
    )
    record.leave("ORGANIZER", "CONTACT", *_PLUMBING)
    if "title" not in fields and "text" not in fields:
        raise Unreadable("événement sans titre ni texte")
    return RawItem(
        source=source.slug,
        key=uid if len(uid) <= 500 else fingerprint(uid),
        url=link,
        fields=fields,
        published_at=_instant(published),
        leftovers=record.leftovers,
    )


def _dates(event: Any, slots: list[tuple[str, str]]) -> dict[str, Json]:
    words = " ".join(dict.fromkeys(rule.to_ical().decode() for rule in _given(event)))
    if not slots:
        return filled(recurrence=words)
    timings = [{"start": start, "end": end} for start, end in slots]
    return filled(
        start=slots[0][0],
        end=slots[-1][1],
        timings=timings if len(timings) > 1 else None,
        recurrence=words,
    )


def _slots(
    event: Any, moved: Mapping[str | None, Any], window: tuple[date, date]
) -> list[tuple[str, str]]:
    """(start, inclusive end) of each holding, ISO, sorted; exceptions replace their day."""
    start = _value(event.get("DTSTART"))
    if start is None:
        raise Unreadable("événement sans date de début (DTSTART)")
    length = _length(event, start)
    slots = []
    for one in _repeats(event, start, window):
        other = moved.get(iso_moment(one))
        if other is None:
            slots.append(_slot(one, length))
        elif str(other.get("STATUS", "")).upper() != "CANCELLED":
            begins = _value(other.get("DTSTART"))
            slots.append(_slot(begins, _length(other, begins)) if begins else _slot(one, length))
    return sorted(set(slots))


def _repeats(event: Any, start: date, window: tuple[date, date]) -> Iterator[date]:
    """The starts of the event: its own, or those of its rule within the window."""
    rules = _rules(event)
    extra = [v for v in _values(event.get("RDATE")) if v is not None]
    whole_day = not isinstance(start, datetime)
    excluded = _values(event.get("EXDATE"))
    without = {_named(v, daily=whole_day) for v in excluded}

    def kept(one: date) -> bool:  # a whole day may be excluded from an event that has an hour
        return iso_moment(one) not in without and f"{one:%Y-%m-%d}" not in without

    if not rules:
        yield from (one for one in (start, *extra) if kept(one))
        return
    naive = _paris(start) if isinstance(start, datetime) else datetime.combine(start, time())
    first = datetime.combine(window[0], time())
    last = datetime.combine(window[1], time())
    found = 0
    each = (rrulestr(rule, dtstart=naive) for rule in rules)
    for count, one in enumerate(heapq.merge(*each)):
        if one > last or found >= MAX_SLOTS or count > 20_000:
            break
        if one >= first and kept(one.date() if whole_day else one):
            found += 1
            yield one.date() if whole_day else one
    yield from (one for one in extra if kept(one))


def _rules(event: Any) -> list[str]:
    """The rules of repetition, each once, their end in naive Paris time as all the rest."""
    rules = []
    for rule in _given(event):
        frequency = str(next(iter(rule.get("FREQ", [])), "")).upper()
        if frequency in _SUB_DAILY:
            raise Unreadable(f"répétition {frequency} où au plus une par jour est attendue")
        text = re.sub(r";?COUNT=-\d+", "", rule.to_ical().decode())
        rules.append(re.sub(r"UNTIL=([0-9TZ]+)", lambda m: f"UNTIL={_until(m[1])}", text))
    return list(dict.fromkeys(rules))


def _given(event: Any) -> list[Any]:
    given = event.get("RRULE") or []
    return given if isinstance(given, list) else [given]


def _sequence(event: Any) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (TypeError, ValueError):
        return 0


def _until(text: str) -> str:
    if text.endswith("Z"):
        instant = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return f"{instant.astimezone(PARIS):%Y%m%dT%H%M%S}"
    return text if "T" in text else f"{text}T235959"


def _slot(start: date, length: timedelta) -> tuple[str, str]:
    if not isinstance(start, datetime):  # DTEND of a whole day is the day after: made inclusive
        return start.isoformat(), (start + max(length - timedelta(days=1), timedelta())).isoformat()
    local = _paris(start)
    return (iso_moment(local) or "", iso_moment(local + length) or "")


def _length(event: Any, start: date) -> timedelta:
    end, duration = _value(event.get("DTEND")), event.get("DURATION")
    if end is None and duration is not None and isinstance(duration.dt, timedelta):
        return max(duration.dt, timedelta())
    if end is None or isinstance(end, datetime) != isinstance(start, datetime):
        return timedelta() if isinstance(start, datetime) else timedelta(days=1)
    if isinstance(end, datetime) and isinstance(start, datetime):
        return max(_paris(end) - _paris(start), timedelta())
    return max(end - start, timedelta(days=1))


def _window(source: Source, today: date) -> tuple[date, date]:
    """Whole years around today: what an endless repetition gives changes once a year, not every
    day (each change is a new revision of the announcement)."""
    past = int(source.options.get("past_days", 400))
    future = int(source.options.get("future_days", 800))
    first, last = today - timedelta(days=past), today + timedelta(days=future)
    return date(first.year, 1, 1), date(last.year, 12, 31)


def _paris(moment: datetime) -> datetime:
    """Naive Paris time: a floating time is already one."""
    return moment.astimezone(PARIS).replace(tzinfo=None) if moment.tzinfo else moment


def _value(prop: Any) -> date | None:
    value = getattr(prop[0] if isinstance(prop, list) else prop, "dt", None)
    return value if isinstance(value, date) else None


def _values(prop: Any) -> Iterator[date | None]:
    for one in prop if isinstance(prop, list) else [prop] if prop is not None else []:
        for each in getattr(one, "dts", []):
            first = each.dt[0] if isinstance(each.dt, tuple) else each.dt  # of a period
            yield first if isinstance(first, date) else None


def _named(value: date | None, *, daily: bool) -> str | None:
    """Which repetition is meant. Exchange names a whole day by a midnight of its own zone."""
    if not daily or not isinstance(value, datetime):
        return iso_moment(value)
    return (_paris(value) if str(value.tzinfo) == "UTC" else value).date().isoformat()


def _moment(prop: Any, *, daily: bool) -> str | None:
    value = _value(prop)
    local = _paris(value) if isinstance(value, datetime) and not daily else value
    return _named(local, daily=daily)


def _instant(prop: Any) -> datetime | None:
    value = getattr(prop, "dt", None)
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None


def _geo(prop: Any) -> dict[str, float]:
    latitude, longitude = getattr(prop, "latitude", None), getattr(prop, "longitude", None)
    if latitude is None or longitude is None or (not latitude and not longitude):
        return {}
    return {"lat": float(latitude), "lon": float(longitude)}


def _organiser(event: Any) -> dict[str, Json]:
    prop = event.get("ORGANIZER")
    if prop is None:
        return {}
    name = str(getattr(prop, "params", {}).get("CN", ""))
    mail = re.sub(r"(?i)^mailto:", "", one_line(str(prop)))
    mail = mail if re.fullmatch(r"[^@\s]+@[^@\s]+\.\w+", mail) else ""
    return signed(name, mail)


def _categories(prop: Any) -> list[str]:
    words: list[str] = []
    for one in prop if isinstance(prop, list) else [prop] if prop is not None else []:
        words += [one_line(str(c)) for c in getattr(one, "cats", [one])]
    return unique(words)
