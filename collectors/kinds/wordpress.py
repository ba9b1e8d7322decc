"""Articles d'un site WordPress, par son API REST.

L'adresse est celle du site (https://ville.example/) ou d'une collection (…/wp-json/wp/v2/posts).
Lus du plus récemment modifié au plus ancien, en s'arrêtant à ce qui est déjà connu. Quand l'API
est fermée (401, 403, 404), le flux /feed/ la remplace, page par page.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from collectors.answers import announcement, asking, loaded, whole
from collectors.documents.instants import read_instant
from collectors.http import Http, Page
from collectors.items import Found, read_each
from collectors.kinds import feed
from collectors.leftovers import Record, filled
from collectors.pages.markup import absolute, links_in, safe_html, text_of, title_of
from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source

TITLE = "site WordPress"
OPTIONS: dict[str, str] = {
    "collection": "type de contenu lu quand l'adresse est celle du site (posts par défaut)",
    "modified_after": "ne rien lire de plus ancien que cette date (2023-01-01)",
    "categories": "numéros des catégories gardées ([3, 12]) ; toutes par défaut",
    "search": "mots cherchés par le site",
    "max_pages": "pages de 100 articles lues au plus par passage (20 par défaut)",
}
VERSION = 1
PAGE = 100  # WordPress refuses more
MAX_PAGES = 20
OVERLAP = timedelta(days=1)  # the site's clock is not ours
_CLOSED = (401, 403, 404)
_FIELDS = "id,date_gmt,modified_gmt,link,slug,title,excerpt,content,status,type"


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    asked = options.get("modified_after")
    if asked is not None and read_instant(str(asked)) is None:
        problems.append(f"modified_after = {asked!r} où une date 2023-01-01 est attendue")
    if not isinstance(options.get("categories", []), list):
        problems.append(f"categories = {options['categories']!r} où une liste est attendue")
    return problems + whole(options, "max_pages", least=1)


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """New and modified articles; those already known count for the bounds without being read."""
    base, first = await _open(source, http)
    if base is None:
        async for one in _by_feed(source, http):
            yield one
        return
    memory = http.known().get(_name(source, "seen"), {})
    since = read_instant(memory.get("at"))
    page: Page | None = first
    number, read = 1, 0
    while page is not None:
        posts = _posts(page, source)
        read += len(posts)
        found = await http.parse(parse, page.body, source)
        if any(isinstance(one, Quarantined) for one in found):
            http.forget(_name(source, "seen"))
        if page.unchanged:
            http.tally.skipped += len(posts)
        else:
            for one in found:
                yield one
        if since and _oldest(posts) < since - OVERLAP:
            http.tally.skipped += max(0, _total(page) - read)
            break
        page = await _next(base, number, page, posts, source, http)
        number += 1
    http.keep(_name(source, "seen"), at=http.now().isoformat())


async def _open(source: Source, http: Http) -> tuple[str | None, Page | None]:
    """(collection address, its first page), or (None, None) when the REST API is closed."""
    closed = None
    for base in endpoints(source):
        page = await http.get(
            page_url(base, 1, source),
            published=True,
            whole=True,
            also=_CLOSED,
            remember=_name(source, 1),
        )
        if page.status == 200 and page.body.lstrip()[:1] == b"[":
            return base, page
        closed = page
    if closed is not None and closed.status == 200 and "wp-json" in source.url:
        raise Unreadable(
            "une réponse qui n'est pas une liste d'articles WordPress ; vérifiez l'adresse",
            about=source.url,
        )
    return None, None


async def _next(
    base: str, number: int, page: Page, posts: list[Any], source: Source, http: Http
) -> Page | None:
    """The following page, None after the last one: WordPress says 400 past the end."""
    pages = page.headers.get("x-wp-totalpages", "")
    last = int(pages) if pages.isdigit() else (number + 1 if len(posts) == PAGE else number)
    if number >= min(last, int(source.options.get("max_pages", MAX_PAGES))):
        return None
    following = await http.get(
        page_url(base, number + 1, source),
        published=True,
        whole=True,
        also=(400,),
        remember=_name(source, number + 1),
    )
    if following.status == 400 and b"rest_post_invalid_page_number" not in following.body:
        raise Unreadable("l'API WordPress refuse la page suivante (400)", about=following.url)
    return following if following.status == 200 else None


async def _by_feed(source: Source, http: Http) -> AsyncIterator[Found]:
    """The articles of /feed/, older pages included until one gives nothing new."""
    seen: set[str] = set()
    for number in range(1, int(source.options.get("max_pages", MAX_PAGES)) + 1):
        address = urljoin(_home(source), "feed/" if number == 1 else f"feed/?paged={number}")
        also = () if number == 1 else (404,)
        page = await http.get(address, published=True, also=also)
        if page.status == 404 or (page.unchanged and number == 1):
            return
        if page.unchanged:
            continue
        found = await http.parse(
            feed.parse, page.body, source, url=page.url, content_type=page.content_type
        )
        known = [replace(one, key=_post_number(one.key)) for one in found]
        fresh = [one for one in known if one.key not in seen]
        for one in fresh:
            yield one
        if not fresh:
            return
        seen |= {one.key for one in fresh}


def _post_number(guid: str) -> str:
    """The article's number in the guid `https://site/?p=12`: the key its REST API gives."""
    found = re.search(r"[?&](?:p|page_id)=(\d+)", guid)
    return found[1] if found else guid


def endpoints(source: Source) -> list[str]:
    """Where the collection may answer: pretty permalinks, then `?rest_route=`."""
    if "/wp-json/" in source.url or "rest_route=" in source.url:
        return [source.url]
    name = str(source.options.get("collection", "posts"))
    home = _home(source)
    return [urljoin(home, f"wp-json/wp/v2/{name}"), f"{home}?rest_route=/wp/v2/{name}"]


def page_url(base: str, number: int, source: Source) -> str:
    """One page of articles, the last modified first: what changes meanwhile is read twice."""
    options = source.options
    after = read_instant(str(options.get("modified_after", "")))
    asked = filled(
        per_page=PAGE,
        page=number,
        orderby="modified",
        order="desc",
        modified_after=f"{after:%Y-%m-%dT%H:%M:%S}" if after else None,
        categories=",".join(str(c) for c in options.get("categories", [])),
        search=options.get("search"),
        _fields=_FIELDS,
    )
    return asking(base, asked)


def parse(body: bytes, source: Source) -> list[Found]:
    """The articles of one answer. Raises Unreadable."""
    return read_each(_list(body, source), source, read=lambda post: _item(post, source))


def _item(post: Any, source: Source) -> RawItem | None:
    if not isinstance(post, dict) or "id" not in post:
        raise Unreadable("article WordPress sans identifiant")
    record = Record(post)
    if (record.text("status") or "publish") != "publish":
        return None
    html = _rendered(record.pop("content")) or _rendered(record.pop("excerpt"))
    link = absolute(record.text("link"), source.url)
    title = title_of(_rendered(record.pop("title")))
    modified = record.text("modified_gmt")
    published = record.text("date_gmt") or modified
    fields = filled(
        title=title,
        text=text_of(html),
        html=safe_html(html) or None,
        url=link,
        links=[one for one in links_in(html, link or source.url) if one != link][:50],
        language=source.options.get("language"),
    )
    record.leave("id", "slug", "type", "_links", "excerpt", "guid", "date", "modified")
    return announcement(
        source,
        record,
        fields,
        key=str(post["id"]),
        published=published and f"{published}Z",
        lacking="article WordPress sans titre ni texte",
    )


def _posts(page: Page, source: Source) -> list[Any]:
    return _list(page.body, source)


def _list(body: bytes, source: Source) -> list[Any]:
    data = loaded(body, about=source.url)
    if isinstance(data, dict) and data.get("code"):
        said = str(data.get("message") or data["code"])[:200]
        raise Unreadable(f"l'API WordPress répond « {said} »", about=source.url)
    if not isinstance(data, list):
        raise Unreadable("JSON où une liste d'articles WordPress est attendue", about=source.url)
    return data


def _oldest(posts: list[Any]) -> datetime:
    """When the last modified of the page was, the present being far away when nobody says."""
    stamps = [p.get("modified_gmt") for p in posts if isinstance(p, dict)]
    found = [one for stamp in stamps if stamp and (one := read_instant(f"{stamp}Z"))]
    return min(found) if found else datetime.fromisoformat("9999-01-01T00:00:00+00:00")


def _total(page: Page) -> int:
    total = page.headers.get("x-wp-total", "")
    return int(total) if total.isdigit() else 0


def _rendered(value: Any) -> str:
    """`{"rendered": "…"}` or a text."""
    found = value.get("rendered") if isinstance(value, dict) else value
    return str(found or "")


def _home(source: Source) -> str:
    """The site's address, with its folder when it lives in one."""
    parts = urlsplit(source.url)
    path = parts.path.split("/wp-json/")[0]
    return f"{parts.scheme}://{parts.netloc}{path.rstrip('/')}/"


def _name(source: Source, part: int | str) -> str:
    return f"{source.url}#{part}"
