"""Agenda d'un site WordPress muni de The Events Calendar, par son API REST.

L'adresse est celle du site, ou de l'API (…/wp-json/tribe/events/v1/events). Sans date de début
l'API ne donne que l'avenir : elle est toujours demandée. Son export .ics est tronqué à une page.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from collectors.answers import announcement, asking, loaded, whole
from collectors.http import Http, Page
from collectors.items import Found, read_each
from collectors.leftovers import Record, filled
from collectors.pages.markup import absolute, links_in, safe_html, text_of, title_of, unique
from collectors.pages.moments import iso_moment
from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.statuses import EventStatus
from domain.text import one_line

TITLE = "agenda The Events Calendar"
OPTIONS: dict[str, str] = {
    "past_days": "jours passés lus (400 par défaut)",
    "search": "mots cherchés par le site",
    "categories": "catégories gardées (noms abrégés ou numéros) ; toutes par défaut",
    "max_pages": "pages de 50 événements lues au plus (40 par défaut)",
}
VERSION = 1
PAGE = 50  # the plug-in's own limit
MAX_PAGES = 40
_STATUS = {
    "canceled": EventStatus.CANCELLED,
    "cancelled": EventStatus.CANCELLED,
    "postponed": EventStatus.POSTPONED,
    "rescheduled": EventStatus.MOVED,
    "moved-online": EventStatus.MOVED,
}
_NOISE = (
    *("id", "global_id", "global_id_lineage", "author", "status", "slug", "image", "rest_url"),
    *("date", "date_utc", "modified", "modified_utc", "utc_start_date", "utc_end_date", "timezone"),
    *("start_date_details", "end_date_details", "utc_start_date_details", "utc_end_date_details"),
    *("timezone_abbr", "cost_details", "hide_from_listings", "sticky", "featured", "show_map"),
    *("show_map_link", "json_ld", "custom_fields", "cost", "excerpt", "all_day", "ticketed"),
)


def check(options: Mapping[str, Json]) -> list[str]:
    return whole(options, "past_days", "max_pages")


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """Every event since `past_days`, page by page. Beyond the last page the API says 404."""
    first = http.now().date() - timedelta(days=int(source.options.get("past_days", 400)))
    url: str | None = None
    page = None
    for base in endpoints(source):
        url = page_url(base, 1, source, since=first)
        page = await _get(url, 1, source, http)
        if page.status == 200 and page.body.lstrip()[:1] == b"{":
            break
        if b"event-archive-page-not-found" in page.body:
            return  # the API is there and has no event
    else:
        raise Unreadable(
            "le site n'a pas l'API de The Events Calendar (ou l'a fermée) ; "
            'essayez kind = "calendar" ou "page"',
            about=source.url,
        )
    seen: set[str] = set()
    for number in range(2, int(source.options.get("max_pages", MAX_PAGES)) + 2):
        following, count = await http.parse(head, page.body, source)
        if page.unchanged:
            http.tally.skipped += count
        else:
            found = await http.parse(parse, page.body, source)
            if any(isinstance(one, Quarantined) for one in found):
                http.forget(_name(source, number - 1))
            fresh = [one for one in found if one.key not in seen]
            seen |= {one.key for one in fresh}
            for one in fresh:
                yield one
        url = following if following and _same_site(following, source.url) else None
        if url is None:
            return
        page = await _get(url, number, source, http)
        if page.status != 200:
            return


async def _get(url: str, number: int, source: Source, http: Http) -> Page:
    # The address holds a date that changes every day; the body tells the next page.
    return await http.get(
        url, published=True, whole=True, also=(404,), remember=_name(source, number)
    )


def endpoints(source: Source) -> list[str]:
    if "/wp-json/" in source.url or "rest_route=" in source.url:
        return [source.url]
    home = source.url.rstrip("/") + "/"
    route = "tribe/events/v1/events"
    return [urljoin(home, f"wp-json/{route}"), f"{home}?rest_route=/{route}"]


def page_url(base: str, number: int, source: Source, *, since: date) -> str:
    options = source.options
    asked = filled(
        per_page=PAGE,
        page=number,
        start_date=f"{since} 00:00:00",
        search=options.get("search"),
        categories=",".join(str(c) for c in options.get("categories", [])),
    )
    return asking(base, asked)


def head(body: bytes, source: Source) -> tuple[str | None, int]:
    """(address of the next page, events in this one). Raises Unreadable."""
    data = _loaded(body, source)
    following = data.get("next_rest_url")
    return (following if isinstance(following, str) else None), len(data["events"])


def parse(body: bytes, source: Source) -> list[Found]:
    """The events of one answer. Raises Unreadable."""
    events = _loaded(body, source)["events"]
    return read_each(events, source, read=lambda one: _item(one, source))


def _item(event: Any, source: Source) -> RawItem:
    if not isinstance(event, dict) or not event.get("id"):
        raise Unreadable("événement sans identifiant")
    record = Record(event)
    whole = record.pop("all_day") is True
    start, end = record.text("start_date"), record.text("end_date")
    html = record.text("description") or record.text("excerpt") or ""
    link = absolute(record.text("url"), source.url)
    published = record.text("modified_utc") or record.text("date_utc")
    fields = filled(
        title=title_of(record.text("title") or ""),
        text=text_of(html),
        html=safe_html(html) or None,
        start=iso_moment(start and start[:10]) if whole else iso_moment(start),
        end=iso_moment(end and end[:10]) if whole else iso_moment(end),
        **_venue(record.pop("venue")),
        **_organiser(record.pop("organizer")),
        attendance="online" if record.pop("is_virtual") else None,
        status=_STATUS.get((record.text("event_status") or "").lower()),
        tags=unique([*_names(record.pop("categories")), *_names(record.pop("tags"))]),
        links=unique([absolute(record.text("website"), ""), *links_in(html, link or "")])[:50],
        url=link,
        language=source.options.get("language"),
    )
    record.leave(*_NOISE)
    published = published and f"{published.replace(' ', 'T')}Z"
    return announcement(
        source,
        record,
        fields,
        key=str(event["id"]),
        published=published,
        lacking="événement sans titre ni texte",
    )


def _venue(value: Any) -> dict[str, Json]:
    """The place; the plug-in writes [] when there is none, a list when there are several."""
    places = value if isinstance(value, list) else [value]
    place = next((one for one in places if isinstance(one, dict)), {})
    found = filled(
        venue=title_of(str(place.get("venue") or "")),
        address=one_line(str(place.get("address") or "")),
        commune=one_line(str(place.get("city") or "")),
        postcode=str(place.get("zip") or "").strip(),
        attendance="itinerant" if len(places) > 1 else None,
    )
    try:
        lat, lon = float(place["geo_lat"]), float(place["geo_lng"])
    except (KeyError, TypeError, ValueError):
        return found
    return {**found, "lat": lat, "lon": lon} if lat or lon else found


def _organiser(value: Any) -> dict[str, Json]:
    people = [one for one in (value if isinstance(value, list) else [value]) if one]
    named = [one for one in people if isinstance(one, dict)]
    names = [title_of(str(one.get("organizer") or "")) for one in named]
    first = named[0] if named else {}
    return filled(
        organiser=names[0] if names else None,
        partners=unique(names[1:]),
        email=first.get("email"),
        phone=first.get("phone"),
    )


def _names(value: Any) -> list[str]:
    found = value if isinstance(value, list) else []
    return [title_of(str(one.get("name") or "")) for one in found if isinstance(one, dict)]


def _loaded(body: bytes, source: Source) -> dict[str, Any]:
    data = loaded(body, about=source.url)
    if not isinstance(data, dict) or not isinstance(data.get("events"), list):
        said = str(data.get("message", ""))[:200] if isinstance(data, dict) else ""
        raise Unreadable(f"JSON sans liste d'événements {said}".strip(), about=source.url)
    return data


def _same_site(url: str, other: str) -> bool:
    return (urlsplit(url).hostname or "").removeprefix("www.") == (
        urlsplit(other).hostname or ""
    ).removeprefix("www.")


def _name(source: Source, number: int) -> str:
    return f"{source.url}#{number}"
