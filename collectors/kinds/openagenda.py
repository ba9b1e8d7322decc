"""Un agenda OpenAgenda par son API (v2 ; v3 par un adaptateur), avec les retraits.

L'adresse est https://api.openagenda.com/v2/agendas/NUMÉRO/events. La première visite lit tout, les
suivantes ce qui a changé ; un événement retiré de l'agenda est marqué annulé, jamais effacé.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.answers import announcement, asking, loaded, whole
from collectors.cursor import cursor, keep
from collectors.http import Http
from collectors.items import Found, read_each, tombstone
from collectors.leftovers import Record
from collectors.presets import openagenda as read_flat
from collectors.secret import WHERE, secret
from domain.errors import Refused, Unreadable
from domain.records import Json, Quarantined, RawItem, Source

TITLE = "agenda OpenAgenda"
OPTIONS: dict[str, str] = {
    "key": f"clé publique de lecture : {WHERE}",
    "filters": 'filtres de l\'API ({ "city[]" = ["Gap"], search = "sport" })',
    "past": "true : lire aussi les événements passés",
    "full_days": "tout relire au bout de ce nombre de jours (30 par défaut)",
}
VERSION = 2
PAGE = 300  # v2's own limit; v3 accepts 100
MAX_PAGES = 400
_NOISE = (
    *("image", "createdAt", "updatedAt", "slug", "uid", "extIds", "timezone", "locationUid"),
    *("featured", "private", "draft", "sourceAgendas", "creatorUid", "ownerUid", "country"),
    *("nextTiming", "lastTiming", "firstTiming", "addMethod", "imageCredits", "agendaUid"),
    *("originAgenda", "originalImage", "accessibility", "motive", "member", "removed"),
)


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    if not isinstance(options.get("filters", {}), dict):
        problems.append(f"filters = {options['filters']!r} où une table est attendue")
    return problems + whole(options, "full_days", least=1)


@dataclass(frozen=True, slots=True)
class Batch:
    """One page of an answer. `after`: the cursor of the next one, empty after the last."""

    events: tuple[Any, ...]
    after: tuple[str, ...]
    total: int | None


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """What changed since the last committed visit, tombstones included; all of it once a month."""
    before = cursor(source, http)
    count = 0
    for removed in (False, True) if before.retired_since else (False,):
        since = before.retired_since if removed else before.since
        after: tuple[str, ...] = ()
        for number in range(MAX_PAGES):
            page = await http.get(
                page_url(source, after=after, since=since, removed=removed),
                headers=_authorised(source),
                published=True,
                whole=True,
                remember=f"{source.url}#{'removed' if removed else 'events'}-{number}",
            )
            batch = await http.parse(read_batch, page.body, source)
            count += len(batch.events) if not removed else 0
            if page.unchanged:
                http.tally.skipped += len(batch.events)
            else:
                for one in await http.parse(parse, page.body, source, removed=removed):
                    if isinstance(one, Quarantined):
                        http.forget(source.url)
                    yield one
            if not batch.events or not batch.after or batch.after == after:
                break
            after = batch.after
    keep(source, http, before, count=count)


def page_url(
    source: Source, *, after: tuple[str, ...], since: datetime | None, removed: bool
) -> str:
    """One page; the filters are asked again with each cursor, which does not hold them."""
    three = _is_v3(source)
    pairs = [("limit", "100")] if three else [("size", str(PAGE)), ("detailed", "1")]
    if not three:
        # Its own order moves with the events' dates: this one is stable while pages are turned.
        pairs += [("monolingual", "fr"), ("longDescriptionFormat", "HTML")]
        pairs.append(("sort", "updatedAt.asc"))
    for name, value in source.options.get("filters", {}).items():
        pairs += [(name, str(v)) for v in (value if isinstance(value, list) else [value])]
    if since is not None:
        pairs.append(("updatedAt[gte]", f"{since:%Y-%m-%dT%H:%M:%S.000Z}"))
    elif source.options.get("past") is not True:
        pairs += [("relative[]", "current"), ("relative[]", "upcoming")]
    if removed:
        pairs.append(("removed", "1"))
    pairs += [("after" if three else "after[]", one) for one in after]
    return asking(source.url, pairs)


def read_batch(body: bytes, source: Source) -> Batch:
    """The events and the cursor of an answer of v2 or v3. Raises Refused or Unreadable."""
    data = loaded(body, about=source.url)
    if not isinstance(data, dict):
        raise Unreadable("JSON où une liste d'événements est attendue", about=source.url)
    events = data.get("data") if _is_v3(source) else data.get("events")
    if not isinstance(events, list):
        said = str(data.get("message") or data.get("error") or "")[:200]
        if "key" in said.lower() or "auth" in said.lower():
            raise Refused(f"OpenAgenda refuse la clé ({said}) ; vérifiez-la", about=source.url)
        raise Unreadable(f"OpenAgenda répond « {said} »", about=source.url)
    paging = data.get("pagination") or {}
    cursor = paging.get("after") if _is_v3(source) else data.get("after")
    values = cursor if isinstance(cursor, list) else [] if cursor in (None, "") else [cursor]
    total = paging.get("total", data.get("total"))
    return Batch(
        events=tuple(events),
        after=tuple("" if v is None else str(v) for v in values),
        total=total if isinstance(total, int) else None,
    )


def parse(body: bytes, source: Source, *, removed: bool = False) -> list[Found]:
    """The announcements of one answer; with `removed`, a tombstone for each event."""
    events = read_batch(body, source).events

    def read(event: Any) -> RawItem | None:
        if not isinstance(event, dict) or event.get("uid") in (None, ""):
            raise Unreadable("événement OpenAgenda sans uid")
        if removed or event.get("removed") is True:
            return tombstone(source, str(event["uid"]))
        if event.get("state", 2) not in (2, None):
            return None  # refused or still to be moderated: not an announcement
        return _item(event, source)

    return read_each(events, source, read=read)


def _item(event: Mapping[str, Any], source: Source) -> RawItem:
    """One event, written as the national mirror writes it, read as the mirror is."""
    record = Record(event)
    uid, updated = str(event["uid"]), record.text("updatedAt")
    flat = Record(_flat(record))
    fields = read_flat(flat)
    record.leave(*_NOISE, "state")
    return announcement(
        source,
        record,
        fields,
        key=uid,
        published=updated,
        lacking="événement OpenAgenda sans titre ni texte",
    )


def _flat(record: Record) -> dict[str, Any]:
    place = record.pop("location")
    place = place if isinstance(place, dict) else {}
    age = record.pop("age")
    age = age if isinstance(age, dict) else {}
    timings = record.pop("timings")
    timings = timings if isinstance(timings, list) else []
    slots = [t for t in timings if isinstance(t, dict)]
    first = record.pop("firstTiming") or (slots[0] if slots else {})
    last = record.pop("lastTiming") or (slots[-1] if slots else {})
    origin = record.pop("originAgenda")
    origin = origin if isinstance(origin, dict) else {}
    slug = record.pop("slug")
    own = f"https://openagenda.com/{origin['slug']}/events/{slug}" if origin.get("slug") else None
    keywords = french(record.pop("keywords"))
    return {
        "title_fr": french(record.pop("title")),
        "description_fr": french(record.pop("description")),
        "longdescription_fr": french(record.pop("longDescription")),
        "conditions_fr": french(record.pop("conditions")),
        "keywords_fr": keywords if isinstance(keywords, list) else None,
        "daterange_fr": french(record.pop("dateRange")),
        "firstdate_begin": first.get("begin"),
        "lastdate_end": last.get("end"),
        "timings": slots,
        "location_name": place.get("name"),
        "location_address": place.get("address"),
        "location_city": place.get("city"),
        "location_postalcode": place.get("postalCode"),
        "location_insee": place.get("insee"),
        "location_department": place.get("department"),
        "location_coordinates": {"lat": place.get("latitude"), "lon": place.get("longitude")},
        "attendancemode": record.pop("attendanceMode"),
        "onlineaccesslink": record.pop("onlineAccessLink"),
        "status": record.pop("status"),
        "age_min": age.get("min"),
        "age_max": age.get("max"),
        "registration": record.pop("registration"),
        "links": record.pop("links"),
        "canonicalurl": record.pop("canonicalUrl") or own,
        "originagenda_title": origin.get("title"),
    }


def french(value: Any) -> Any:
    """The French of `{fr: …, en: …}`, else whatever language there is; other values as they are."""
    if isinstance(value, dict):
        return value.get("fr") or next((v for v in value.values() if v), None)
    return value


def _authorised(source: Source) -> dict[str, str]:
    """In a header, never in the address: addresses are logged."""
    key = secret(source, "key")
    if not key:
        return {}
    return {"Authorization": f"Bearer {key}"} if _is_v3(source) else {"key": key}


def _is_v3(source: Source) -> bool:
    return "/v3/" in source.url
