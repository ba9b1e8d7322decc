"""Plan de site (sitemap) : les fiches qu'il annonce, lues comme celles d'une page.

L'adresse est celle d'un sitemap (index, .gz et liste en texte compris), d'un robots.txt ou du site.
Une fiche déjà lue n'est redemandée que si son lastmod a changé ; `include` garde les adresses des
événements et laisse les mentions légales.
"""

import html
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

from collectors.answers import whole
from collectors.documents.decoding import decode
from collectors.documents.instants import read_instant
from collectors.documents.xml import harmless
from collectors.http import Http
from collectors.items import Found
from collectors.kinds import page as pages
from collectors.pages.markup import absolute
from collectors.web.inflate import inflate
from domain.errors import CollectError, Unreadable
from domain.records import Json, Source

TITLE = "plan de site"
OPTIONS: dict[str, str] = {
    "include": "expression que contient l'adresse des fiches gardées (/agenda/)",
    "exclude": "expression des adresses à laisser",
    "days": "fiches dont le lastmod est plus ancien laissées (400 jours par défaut)",
    "undated": "false : laisser les fiches sans lastmod",
    "events_only": "true : ne garder que les fiches qui décrivent un événement structuré",
    "max_details": "fiches ouvertes par passage (60 par défaut) ; les plus récentes d'abord",
    **{name: pages.OPTIONS[name] for name in ("title", "date", "place", "organiser", "text")},
}
VERSION = 1
LOOSE_KEYS = True
DEPTH = 2  # an index of indexes of sitemaps
MAX_FILES, MAX_URLS, MAX_BYTES = 200, 50_000, 50_000_000  # sitemaps.org: 50,000 URLs, 50 MB
_NUMBERS = {"days": 400, "max_details": 60}
_ENTRY = re.compile(r"<(?:\w+:)?(url|sitemap)\b[^>]*>(.*?)</(?:\w+:)?\1\s*>", re.I | re.S)
_LOC = re.compile(r"<(?:\w+:)?loc\b[^>]*>(.*?)</(?:\w+:)?loc\s*>", re.I | re.S)
_LASTMOD = re.compile(r"<(?:\w+:)?lastmod\b[^>]*>(.*?)</", re.I | re.S)
_ROBOTS = re.compile(r"(?im)^\s*sitemap\s*:\s*(\S+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An address of a sitemap. `is_map`: another sitemap, not a page."""

    url: str
    changed_at: datetime | None
    is_map: bool = False


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    for name in ("include", "exclude"):
        try:
            re.compile(str(options.get(name, "")))
        except re.error as error:
            problems.append(f"{name} = {options[name]!r} où une expression est attendue ({error})")
    return problems + whole(options, *_NUMBERS)


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """The announced pages that are new or say they changed."""
    entries = await _entries(source, http)
    wanted, later = _choose(entries, source, http)
    http.tally.skipped += later
    cards = [pages.Card(url=one.url) for one in wanted]
    async for one in pages.details(cards, source, http):
        if source.options.get("events_only") is not True or _is_event(one):
            yield one


async def _entries(source: Source, http: Http) -> list[Entry]:
    """Every page of the sitemap and of those it names, each once. One that fails is left."""
    todo = [(url, 0) for url in await _roots(source, http)]
    found: dict[str, Entry] = {}
    asked: set[str] = set()
    problem: CollectError | None = None
    while todo and len(asked) < MAX_FILES and len(found) < MAX_URLS:
        url, depth = todo.pop(0)
        if url in asked:
            continue
        asked.add(url)
        try:
            page = await http.get(url, published=True, whole=True, max_bytes=MAX_BYTES)
            listed = await http.parse(read_map, page.body, url=page.url, kind=page.content_type)
        except CollectError as error:
            problem = error
            continue
        for one in listed:
            if one.is_map and depth < DEPTH and _same_site(one.url, source.url):
                todo.append((one.url, depth + 1))
            elif not one.is_map:
                found.setdefault(one.url, one)
    if not found and problem is not None:
        raise problem
    return list(found.values())


async def _roots(source: Source, http: Http) -> list[str]:
    """The sitemaps a site names in robots.txt, else /sitemap.xml; or the source's own address."""
    path = urlsplit(source.url).path
    if path not in ("", "/") and not path.endswith("robots.txt"):
        return [source.url]
    robots = await http.get(
        urljoin(source.url, "/robots.txt"), published=True, whole=True, also=(403, 404, 410)
    )
    named = in_robots(robots.body, base=source.url) if robots.status == 200 else []
    return named or [urljoin(source.url, "/sitemap.xml")]


def in_robots(body: bytes, *, base: str) -> list[str]:
    """The addresses of the `Sitemap:` lines of a robots.txt."""
    links = _ROBOTS.findall(body[:500_000].decode("utf-8", "replace"))
    return [link for one in links if (link := absolute(one, base))]


def read_map(body: bytes, *, url: str = "", kind: str = "") -> list[Entry]:
    """The addresses of a sitemap (XML, text, gzip). Raises Unreadable when it is not one."""
    raw = inflate(body, "gzip", limit=MAX_BYTES) if body[:2] == b"\x1f\x8b" else body
    text = decode(raw, kind).text.lstrip()
    if re.match(r"https?://", text):
        lines = (line.strip() for line in text.splitlines()[:MAX_URLS])
        return [Entry(link, None) for line in lines if (link := absolute(line, url))]
    if not re.search(r"<(?:\w+:)?(?:urlset|sitemapindex)\b", text[:5000], re.I):
        raise Unreadable("contenu où un plan de site (sitemap) est attendu", about=url)
    return list(_read(harmless(text), url))


def parse(body: bytes, source: Source, *, url: str = "") -> list[Found]:
    """The announcements of one page of the site."""
    return pages.parse(body, source, url=url)


def _read(text: str, url: str) -> Iterator[Entry]:
    for count, (tag, inner) in enumerate(_ENTRY.findall(text)):
        if count >= MAX_URLS:
            return
        where, when = _LOC.search(inner), _LASTMOD.search(inner)
        link = absolute(_bare(where[1]), url) if where else None
        if link:
            stamp = _bare(when[1]) if when else ""
            stamp = f"{stamp}T00:00:00Z" if re.fullmatch(r"\d{4}-\d\d-\d\d", stamp) else stamp
            yield Entry(link, read_instant(stamp), is_map=tag.lower() == "sitemap")


def _bare(text: str) -> str:
    return html.unescape(re.sub(r"<!\[CDATA\[|\]\]>", "", text)).strip()


def _choose(entries: list[Entry], source: Source, http: Http) -> tuple[list[Entry], int]:
    """(pages to open, the most recent first; how many are left: unchanged, or for later)."""
    options = source.options
    include, exclude = str(options.get("include", "")), str(options.get("exclude", ""))
    oldest = http.now() - timedelta(days=_number(source, "days"))
    wanted, same = [], 0
    for one in entries:
        kept = not include or re.search(include, one.url)
        if not kept or (exclude and re.search(exclude, one.url)):
            continue
        if not _same_site(one.url, source.url):
            continue
        seen = read_instant(http.known().get(one.url, {}).get("seen"))
        if one.changed_at and seen and one.changed_at + timedelta(days=1) < seen:
            same += 1  # a day's margin: many say only the day
        elif one.changed_at and one.changed_at < oldest:
            same += bool(seen)
        elif one.changed_at or options.get("undated", True) is not False:
            wanted.append((seen is not None, one))
    # New pages first, then the most recently changed.
    wanted.sort(key=lambda pair: (pair[0], -(pair[1].changed_at or oldest).timestamp()))
    most = _number(source, "max_details")
    return [one for _, one in wanted[:most]], same + len(wanted[most:])


def _is_event(one: Found) -> bool:
    fields = getattr(one, "fields", {})
    return bool(fields.get("start") or fields.get("timings")) or not fields


def _number(source: Source, name: str) -> int:
    return int(source.options.get(name, _NUMBERS[name]))


def _same_site(url: str, other: str) -> bool:
    """A sitemap speaks for its own site only (sitemaps.org), www or not."""
    hosts = [(urlsplit(u).hostname or "").removeprefix("www.") for u in (url, other)]
    return hosts[0] == hosts[1]
