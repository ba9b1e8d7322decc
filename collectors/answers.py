"""What the kinds that read an API share: its JSON, its addresses, the announcement of a record."""

import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlencode, urlsplit

from collectors.documents.instants import read_instant
from collectors.http import Http
from collectors.leftovers import Record
from domain.errors import Unreadable
from domain.records import Json, RawItem, Source

EXPORT_BYTES, EXPORT_SECONDS = 200_000_000, 120.0  # longer than a page, and slower to come


def loaded(body: bytes, *, about: str) -> Any:
    """The JSON of an answer; NaN and Infinity, which no database keeps, are null."""
    try:
        return json.loads(body.decode("utf-8-sig", "replace"), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        why = f"JSON illisible ({error}) ; vérifiez l'adresse"
        raise Unreadable(why, about=about) from None


def asking(url: str, pairs: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> str:
    """The address with these parameters after those it has."""
    given = list(pairs.items()) if isinstance(pairs, Mapping) else list(pairs)
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}{urlencode(given)}" if given else url


def whole(options: Mapping[str, Json], *names: str, least: int = 0) -> list[str]:
    """French sentences about the options that are not whole numbers of `least` or more."""
    values = [(name, options[name]) for name in names if name in options]
    return [
        f"{name} = {value!r} où un nombre entier est attendu"
        for name, value in values
        if isinstance(value, bool) or not isinstance(value, int) or value < least
    ]


def announcement(
    source: Source,
    record: Record,
    fields: dict[str, Json],
    *,
    key: str,
    published: str | None = None,
    lacking: str = "annonce sans titre ni texte",
) -> RawItem:
    """The item of a record that was read. Raises Unreadable when it has neither title nor text."""
    if "title" not in fields and "text" not in fields:
        raise Unreadable(lacking)
    return RawItem(
        source=source.slug,
        key=key,
        url=fields.get("url"),
        fields=fields,
        published_at=read_instant(published),
        leftovers=record.leftovers,
    )


async def one_file(
    source: Source, http: Http, parse: Callable[..., list[RawItem]]
) -> AsyncIterator[RawItem]:
    """What `parse` reads in the file at the source's address; nothing when it has not changed."""
    page = await http.get(
        source.url, published=True, max_bytes=EXPORT_BYTES, total_seconds=EXPORT_SECONDS
    )
    if page.unchanged:
        return
    name = PurePosixPath(urlsplit(page.url).path).name
    for item in await http.parse(parse, page.body, source, name=name):
        yield item
