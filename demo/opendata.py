"""An Explore v2.1 API like Opendatasoft's, with the columns of the national OpenAgenda mirror."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, time

from demo.documents import Document, link, of
from demo.feeds import published
from demo.sites import article
from demo.story import Announcement
from demo.words import hours, title, when
from domain.times import PARIS

PREFIX = "/vaucluse-ouvert/api/explore/v2.1/catalog/datasets/evenements-vaucluse/records"
MOST_PER_PAGE = 100  # the real API answers 400 beyond
_STATUS = {"planned": "1", "postponed": "4", "cancelled": "6"}


def documents(base: str, state: str) -> Iterator[Document]:
    every = of("vaucluse-ouvert", state)
    records = [record(one, rank, base) for rank, one in enumerate(every, 1)]
    yield Document(path=PREFIX, content_type="application/json; charset=utf-8",
                   body=json.dumps(records, ensure_ascii=False).encode())  # fmt: skip
    for one in every:
        yield article(one, one.text)


def uid(rank: int) -> str:
    return str(84_200_000 + 37 * rank)


def record(one: Announcement, rank: int, base: str) -> dict[str, object]:
    """One row, in the words of the mirror."""
    begin, end = _instants(one)
    town = one.town
    return {
        "uid": uid(rank),
        "slug": one.slug,
        "canonicalurl": base + link(one),
        "title_fr": title(one),
        "description_fr": one.text.split(". ")[0].rstrip(".") + ".",
        "longdescription_fr": f"<p>{one.text}</p>",
        "daterange_fr": when(one),
        "firstdate_begin": begin,
        "firstdate_end": end,
        "lastdate_begin": begin,
        "lastdate_end": end,
        "timings": json.dumps([{"begin": begin, "end": end}]),
        "location_name": one.venue,
        "location_city": town.name if town else None,
        "location_postalcode": town.postcode if town else None,
        "location_insee": town.code if town else None,
        "location_department": "Vaucluse",
        "location_region": "Provence-Alpes-Côte d'Azur",
        "location_countrycode": "FR",
        "attendancemode": "1",
        "status": _STATUS[one.status],
        "originagenda_title": "Vaucluse en données ouvertes",
        "contributor_organization": one.organiser,
        "updatedat": published(one).isoformat(),
        "keywords_fr": None,
    }


def page(document: Document, query: Mapping[str, str]) -> Document:
    """One page of the records, or the API's own refusal."""
    records = json.loads(document.body)
    try:
        limit, offset = int(query.get("limit", 10)), int(query.get("offset", 0))
    except ValueError:
        return _refusal(document, "limit et offset doivent être des nombres")
    if not 0 <= limit <= MOST_PER_PAGE or offset < 0 or offset + limit > 10_000:
        return _refusal(document, f"limit {limit} ou offset {offset} hors des bornes")
    answer = {"total_count": len(records), "results": records[offset : offset + limit]}
    return Document(path=document.path, content_type=document.content_type,
                    body=json.dumps(answer, ensure_ascii=False).encode())  # fmt: skip


def _refusal(document: Document, why: str) -> Document:
    body = json.dumps({"error_code": "InvalidRESTParameterError", "message": why}).encode()
    return Document(path=document.path, content_type=document.content_type, body=body, status=400)


def _instants(one: Announcement) -> tuple[str | None, str | None]:
    if one.starts_on is None or one.ends_on is None:
        return None, None
    slot = hours(one)
    first = slot[0] if slot else time(9)
    last = (slot[1] if slot else None) or time(min(23, first.hour + 2), first.minute)
    begin = datetime.combine(one.starts_on, first, PARIS)
    return begin.isoformat(), datetime.combine(one.ends_on, last, PARIS).isoformat()
