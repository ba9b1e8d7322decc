"""Flux : RSS 0.9 à 2.0, RDF, Atom, JSON Feed, bien ou mal formés.

Lit aussi les extensions d'agenda (ev:, xcal:, mec:) et de lieu (georss). La clé d'une annonce est
son identifiant (guid), sinon son lien. La date de publication n'est jamais « maintenant ».
"""

import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import feedparser

from collectors.documents import feed_reader, instead
from collectors.documents.decoding import decode
from collectors.documents.instants import read_instant
from collectors.documents.xml import checked, cleaned
from collectors.items import Found, read_each
from collectors.leftovers import Record, filled
from collectors.pages.markup import absolute, links_in, text_and_html, title_of, unique
from collectors.pages.moments import iso_moment
from domain.errors import Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.text import clean, fingerprint, one_line

if TYPE_CHECKING:  # a worker that parses feeds needs no client: 45 MB less
    from collectors.http import Http

TITLE = "flux RSS ou Atom"
OPTIONS: dict[str, str] = {
    "key": "ce qui identifie une annonce : guid (par défaut), link ou title",
    "dates": "event : les dates du flux sont celles de l'événement, et non de la publication",
}
VERSION = 2
LOOSE_KEYS = True

_KEYS = ("guid", "link", "title")
_ENDS = re.compile(r"</\s*(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*$", re.I | re.S)
_ITEM_END = re.compile(r"</\s*(?:\w+:)?(item|entry)\s*>", re.I)
# On a namespace with a space, an impossible reference, a half declaration… (tools/fuzz.py)
_FEEDPARSER_RAISES = (
    *(ValueError, ArithmeticError, LookupError, AttributeError, TypeError, AssertionError),
    RecursionError,
)
# What feedparser derives from other fields, or nobody needs: pictures, counters, plumbing.
_NOISE = (
    *("title_detail", "summary_detail", "links", "guidislink", "published_parsed", "author_detail"),
    *("updated_parsed", "created_parsed", "expired_parsed", "authors", "author", "comments"),
    *("media_content", "media_thumbnail", "media_credit", "credit", "enclosures", "image", "href"),
    *("slash_comments", "wfw_commentrss", "feedburner_origlink", "post-id", "source", "base"),
    *("publisher_detail", "publisher", "rights_detail", "content_detail", "contributors"),
    *("media_keywords", "media_description", "media_title", "media_rating", "media_text", "thumb"),
    *("ev_startdate_parsed", "ev_enddate_parsed", "dcterms_modified", "language_detail"),
)


def check(options: Mapping[str, Json]) -> list[str]:
    if options.get("key", "guid") not in _KEYS:
        return [f"key = {options['key']!r} où {', '.join(_KEYS)} est attendu"]
    if options.get("dates", "event") != "event":
        return [f"dates = {options['dates']!r} où event est attendu"]
    return []


async def collect(source: Source, http: "Http") -> AsyncIterator[Found]:
    """Every entry of the feed, unless it is unchanged since the last visit."""
    page = await http.get(source.url, published=True)
    if page.unchanged:
        return
    found = await http.parse(parse, page.body, source, url=page.url, content_type=page.content_type)
    if any(isinstance(one, Quarantined) for one in found):
        http.forget(source.url)  # what could not be read is asked again, changed or not
    for one in found:
        yield one


def parse(body: bytes, source: Source, *, url: str = "", content_type: str = "") -> list[Found]:
    """The entries of a feed of any version. Raises Unreadable when it is not a feed."""
    if not body.strip():
        raise Unreadable("réponse vide où un flux est attendu", about=source.url)
    text = decode(body, content_type).text.lstrip()
    base = url or source.url
    if text.startswith(("{", "[")):
        return _json_feed(text, source, base)
    inside = instead.wrapped(text)
    if not inside and (problem := instead.of_a_feed(text, base, about=source.url)):
        raise problem
    return _xml_feed(inside or text, source, base)


def _xml_feed(text: str, source: Source, base: str) -> list[Found]:
    whole, cut = checked(text), ""
    feed = feed_reader.read(whole)
    if feed is None:
        whole, cut = _complete(cleaned(whole))
        feed = feed_reader.read(whole) or _by_feedparser(whole, source)
    found = items_of(feed, source, base)
    if cut:
        found.append(
            Quarantined(
                source=source.slug,
                key=fingerprint(cut)[:16],
                why="flux coupé au milieu de cette annonce; elle sera relue entière",
                payload=cut[:20_000],
            )
        )
    return found


def items_of(feed: feed_reader.Read, source: Source, base: str) -> list[Found]:
    """The raw items of a feed that was read; relative links follow the site it names."""
    home = absolute(feed.link, base) or base
    language = _language(feed.language, source)
    links = (_link(e, base=base) for e in feed.entries)
    shared = _shared(e.get("id") for e in feed.entries) | _shared(links)
    return read_each(
        feed.entries,
        source,
        read=lambda entry: _entry(
            entry, source, base=base, home=home, language=language, shared=shared
        ),
        key=lambda entry: str(entry.get("id") or entry.get("link")),
    )


def _by_feedparser(text: str, source: Source) -> feed_reader.Read:
    """What feed_reader does not read: malformed, or of a rare kind. Raises Unreadable."""
    parsed = _feedparser(text)
    if not parsed.entries and "<rss:" in text:
        # A prefix nobody declared, seen in the wild: the names are right without it.
        parsed = _feedparser(re.sub(r"(</?)rss:", r"\1", text))
    if not parsed.version and not parsed.entries:
        raise Unreadable("contenu où un flux RSS ou Atom est attendu", about=source.url)
    entries = [dict(entry) for entry in parsed.entries]
    return feed_reader.Read(parsed.feed.get("link"), parsed.feed.get("language"), entries)


def _feedparser(text: str) -> Any:
    # No content-location: feedparser would make an address of a plain guid, and a feed that
    # changes host would announce everything anew.
    try:
        return feedparser.parse(
            text.encode(),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers={"content-type": "application/xml; charset=utf-8"},
        )
    except _FEEDPARSER_RAISES as error:
        raise Unreadable(
            f"flux mal formé, que feedparser ne sait pas lire ({type(error).__name__} : {error})"
        ) from error


def _link(entry: Mapping[str, Any], *, base: str) -> str | None:
    """The address of an entry: its link, else its guid when that one is an address."""
    link, guid = (str(entry.get(name) or "").strip() for name in ("link", "id"))
    permalink = guid if re.match(r"https?://", guid, re.I) else None
    return absolute(link if link != guid else permalink, base) or absolute(permalink, base)


def _entry(
    entry: Mapping[str, Any],
    source: Source,
    *,
    base: str,
    home: str,
    language: str,
    shared: frozenset[str],
) -> RawItem:
    record = Record(entry)
    link = _link(entry, base=base)
    guid, title = record.text("id"), title_of(record.text("title") or "")
    record.leave("link")
    contents = [c.get("value", "") for c in record.pop("content") or []]
    body = max([*contents, record.text("summary", "description") or ""], key=len)
    published = record.text("published", "created", "issued") or record.text("updated")
    record.leave("updated", "created", "issued", *_NOISE)
    fields = {
        **_common(title, body, link, home),
        **_event(record),
        **_place(record),
        **filled(
            tags=unique(one_line(str(t.get("term") or "")) for t in record.pop("tags") or []),
            language=_language(record.text("language"), source, default=language),
            licence=record.text("rights", "license"),
        ),
    }
    if source.options.get("dates") == "event" and "start" not in fields:
        fields |= filled(start=iso_moment(published), when=published)
        published = None
    key = _key(source, shared, guid=guid, link=link, content=title or body)
    return _item(source, record, fields, key=key, guid=guid, published=published)


def _item(
    source: Source,
    record: Record,
    fields: dict[str, Json],
    *,
    key: str,
    guid: str | None,
    published: str | None,
) -> RawItem:
    return RawItem(
        source=source.slug,
        key=key,
        url=fields.get("url"),
        fields=fields,
        published_at=read_instant(published),
        leftovers=(*record.leftovers, *_undated(published)),
        declared=guid or "",
    )


def _undated(published: str | None) -> tuple[str, ...]:
    """A publication date that cannot be read is told, and never replaced by another."""
    return ("published",) if published and read_instant(published) is None else ()


def _json_feed(text: str, source: Source, base: str) -> list[Found]:
    try:
        feed = json.loads(text)
    except ValueError as error:
        raise Unreadable(f"JSON illisible ({error})", about=source.url) from None
    version = feed.get("version") if isinstance(feed, dict) else None
    if not isinstance(version, str) or "jsonfeed.org" not in version:
        raise Unreadable("JSON où un JSON Feed (jsonfeed.org) est attendu", about=source.url)
    items = feed.get("items")
    if not isinstance(items, list):
        raise Unreadable("JSON Feed sans liste « items »", about=source.url)
    head = Record(feed)
    home = absolute(head.text("home_page_url"), base) or base
    language = _language(head.text("language"), source)
    named = [i for i in items if isinstance(i, dict)]
    shared = _shared(i.get("id") for i in named) | _shared(i.get("url") for i in named)

    def read(item: Any) -> RawItem:
        if not isinstance(item, dict):
            raise Unreadable("élément qui n'est pas un objet JSON")
        return _json_item(item, source, home=home, language=language, shared=shared)

    return read_each(items, source, read=read)


def _json_item(
    item: Mapping[str, Any], source: Source, *, home: str, language: str, shared: frozenset[str]
) -> RawItem:
    record = Record(item)
    guid = record.text("id")
    title = title_of(record.text("title") or "")
    link = absolute(record.text("url"), home) or absolute(record.text("external_url"), home)
    written, html = record.text("content_text"), record.text("content_html")
    summary = record.text("summary")
    body = html or written or summary or ""
    published = record.text("date_published") or record.text("date_modified")
    record.leave("date_modified", "external_url", "author", "authors", "image", "banner_image")
    record.leave("attachments")
    tags = record.pop("tags")
    fields = {
        **_common(title, body, link, home),
        **filled(
            tags=unique(one_line(str(t)) for t in tags) if isinstance(tags, list) else None,
            language=_language(record.text("language"), source, default=language),
        ),
    }
    key = _key(source, shared, guid=guid, link=link, content=title or body)
    return _item(source, record, fields, key=key, guid=guid, published=published)


def _common(title: str, body: str, link: str | None, home: str) -> dict[str, Json]:
    """Title, text, html and links; an entry that says nothing is refused."""
    text, html = text_and_html(body)
    if not title and not text:
        raise Unreadable("annonce sans titre ni texte")
    return filled(
        title=title or one_line(text)[:120],
        text=text,
        html=html,
        url=link,
        links=[one for one in links_in(html, link or home) if one != link][:50],
    )


def _event(record: Record) -> dict[str, Json]:
    """The dates and place of an event, in the extensions agendas use."""
    first_hour, last_hour = record.text("mec_starthour"), record.text("mec_endhour")
    first = record.text(
        "ev_startdate",
        "xcal_dtstart",
        "mec_startdate",
        "event_startdate",
        "startdate",
        "dtstart",
        "event_start",
        "ical_dtstart",
    )
    last = record.text(
        "ev_enddate",
        "xcal_dtend",
        "mec_enddate",
        "event_enddate",
        "enddate",
        "dtend",
        "event_end",
        "ical_dtend",
    )
    where = record.text(
        "ev_location",
        "xcal_location",
        "mec_location",
        "event_location",
        "location",
        "ical_location",
    )
    words = " ".join(w for w in (first, first_hour) if w) if first else None
    return filled(
        start=iso_moment(first, first_hour),
        end=iso_moment(last, last_hour),
        when=words if first and not iso_moment(first, first_hour) else None,
        venue=one_line(where) if where else None,
        organiser=record.text("ev_organizer", "xcal_organizer", "event_organizer"),
        type=record.text("ev_type", "event_type"),
    )


def _place(record: Record) -> dict[str, Json]:
    """georss or geo:lat/long."""
    where = record.pop("where")
    point = where.get("coordinates") if isinstance(where, dict) else None
    lat, lon = record.text("geo_lat"), record.text("geo_long", "geo_lon")
    record.leave("geo_point", "georss_point", "geo_lat", "geo_long")
    if isinstance(point, list | tuple) and len(point) >= 2 and not isinstance(point[0], tuple):
        lon, lat = str(point[0]), str(point[1])
    try:
        return filled(lat=float(lat), lon=float(lon)) if lat and lon else {}
    except ValueError:
        return {}


def _shared(identities: Iterable[Any]) -> frozenset[str]:
    """The guids or links several entries of this feed have in common: they identify nothing."""
    counts = Counter(str(one) for one in identities if one)
    return frozenset(one for one, count in counts.items() if count > 1)


def _key(
    source: Source, shared: frozenset[str], *, guid: str | None, link: str | None, content: str
) -> str:
    """What the source calls this entry: its guid, else its link, else a hash of its content.

    Each entry by itself: a policy for the whole feed would rename the others when one lacks a
    guid. Long keys are hashed (a PostgreSQL index is bounded).
    """
    asked = source.options.get("key", "guid")
    own = {"guid": (guid, link), "link": (link, guid), "title": ()}[asked]
    usable = [one for one in own if one and one not in shared]
    key = clean(usable[0]) if usable else fingerprint(f"{link}\n{content}")[:32]
    return key if len(key) <= 500 else fingerprint(key)


def _language(value: str | None, source: Source, *, default: str = "") -> str:
    found = re.match(r"[a-zA-Z]{2,3}", value or "")
    return found[0].lower() if found else default or str(source.options.get("language", ""))


def _complete(text: str) -> tuple[str, str]:
    """The document, and the last entry when it was cut in the middle."""
    tail = text[-2000:].rstrip("\0 \t\r\n")
    if _ENDS.search(tail):
        return text, ""
    ends = list(_ITEM_END.finditer(text))
    if not ends:
        return text, ""
    last = ends[-1]
    rest = text[last.end() :]
    started = re.search(rf"<\s*(?:\w+:)?{last[1]}\b", rest, re.I)
    return (text[: last.end()], rest[started.start() :]) if started else (text, "")
