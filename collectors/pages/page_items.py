"""One web page → its announcements: the events it tells machines, else its selectors and its text.

Pure: bytes in, raw items out; kinds/page.py fetches.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urldefrag, urlsplit

from bs4 import BeautifulSoup

from collectors.documents.decoding import decode
from collectors.documents.instants import read_instant
from collectors.items import Found, read_each
from collectors.leftovers import filled
from collectors.pages import selectors, tree
from collectors.pages.json_ld import Node
from collectors.pages.main_text import main_text
from collectors.pages.markup import absolute, tidy, title_of, unique
from collectors.pages.schema_org import event_fields, identity
from collectors.pages.semantic import page_events
from domain.errors import Unreadable
from domain.records import Json, RawItem, Source
from domain.text import fingerprint, one_line

ICS = re.compile(r"\.ics(?:$|\?)|[?&](?:ical|outlook-ical)=1|/ical/?$|format=ical", re.I)
"""The address of a calendar file."""

_MAYBE_ICS = re.compile("ical|ics|webcal", re.I)  # a page has hundreds of links, few have one
_WEBCAL = re.compile(r"\s*webcals?://", re.I)
# No backtracking on what is never closed: each try stops at the next « < » or noscript.
_NOSCRIPT = re.compile(
    r"<noscript\b[^<>]*>(?:(?!</?noscript\b).)*</noscript\s*>", re.IGNORECASE | re.DOTALL
)
_MAX_TAGS = 300_000


@dataclass(frozen=True)
class Document:
    """A page that was fetched: its text, parsed once, and what it says of itself."""

    text: str
    at: str
    source: Source

    @cached_property
    def tree(self) -> tree.Element:
        return tree.parse(self.text)

    @cached_property
    def soup(self) -> BeautifulSoup:
        return selectors.soup(self.text)

    @cached_property
    def base(self) -> str:
        return tree.base_of(self.tree, self.at)

    @cached_property
    def own_url(self) -> str:
        """The canonical address when it is a page of the same site that is not its home."""
        own = without_fragment(tidy(self.at))
        links = (e for e in self.tree.iter("link") if "canonical" in (e.get("rel") or "").split())
        canonical = next((absolute(e.get("href"), self.base) for e in links if e.get("href")), None)
        if not canonical or urlsplit(canonical).hostname != urlsplit(own).hostname:
            return own
        home = urlsplit(canonical).path in ("", "/") and not urlsplit(canonical).query
        return own if home else without_fragment(canonical)

    @cached_property
    def language(self) -> str | None:
        found = re.match(r"[a-z]{2}", (self.tree.get("lang") or "").lower())
        return found[0] if found else self.source.options.get("language")


def open_page(body: bytes, source: Source, *, url: str, content_type: str) -> Document:
    """The page of these bytes. Raises Unreadable for what is empty, a feed, or beyond measure."""
    if not body.strip():
        raise Unreadable("réponse vide où une page est attendue", about=source.url)
    # What is written for browsers without JavaScript is no announcement: « activez JavaScript ».
    text = _NOSCRIPT.sub("", decode(body, content_type).text.replace("\0", ""))
    if text.lstrip()[:5].lower() in ("<?xml", "<rss ", "<feed") and "<html" not in text[:2000]:
        raise Unreadable('flux où une page est attendue; essayez kind = "feed"', about=source.url)
    if text.count("<") > _MAX_TAGS:
        raise Unreadable("page démesurée, refusée par sûreté", about=source.url)
    return Document(text, url or source.url, source)


def read_page(page: Document, known: Mapping[str, Json]) -> list[Found]:
    """What the page announces; `known`: what its list said of it already."""
    _, events = page_events(page.text, page.tree)
    if not events:
        return [_announcement(page, known)]
    several = len(events) > 1
    return read_each(
        events, page.source, read=lambda event: _event(event, page, known, several=several)
    )


def _event(event: Node, page: Document, known: Mapping[str, Json], *, several: bool) -> RawItem:
    fields, leftovers = event_fields(event, base=page.base)
    if "title" not in fields and "text" not in fields:
        raise Unreadable("événement schema.org sans nom ni description")
    url = (fields.get("url") if several else None) or page.own_url
    missing = {k: v for k, v in known.items() if k not in fields and k not in ("when", "text")}
    key = identity(event, base=page.base) if several else page.own_url
    return RawItem(
        source=page.source.slug,
        key=key if len(key) <= 500 else fingerprint(key),
        url=url,
        fields={**missing, **fields, "url": url},
        leftovers=leftovers,
    )


def _announcement(page: Document, known: Mapping[str, Json]) -> RawItem:
    """One announcement from the selectors, completed by the main text."""
    options = page.source.options
    chosen: dict[str, Json] = {}
    if any(name in options for name in selectors.FIELDS):
        chosen = selectors.selected(page.soup, options, base=page.base)
    fields = {**known, **chosen}
    metas = tree.metas(page.tree)
    if "title" not in chosen:
        fields |= filled(title=_title(page.tree, metas) or known.get("title"))
    if "text" not in chosen:
        fields |= filled(text=main_text(page.tree) or known.get("text"))
    if "title" not in fields and "text" not in fields:
        told = "page sans titre ni texte (peut-être affichée par JavaScript)"
        raise Unreadable(told, about=page.at)
    links = unique([*fields.get("links", []), *calendar_links(page.tree, page.base)])
    fields |= filled(url=page.own_url, language=page.language, links=links)
    published = next(
        (metas[name] for name in ("article:published_time", "date", "dc.date") if name in metas),
        None,
    )
    return RawItem(
        source=page.source.slug,
        key=page.own_url[:500],
        url=page.own_url,
        fields=fields,
        published_at=read_instant(published),
    )


def calendar_links(root: tree.Element, base: str) -> list[str]:
    """The calendar files a page links to, `webcal:` ones included, each once."""
    links = tree.hrefs(root)
    if not _MAYBE_ICS.search("\n".join(links)):
        return []
    told = (one.strip() for one in links if ICS.search(one) or _WEBCAL.match(one))
    return unique(absolute(_WEBCAL.sub("https://", one), base) for one in told)


def _title(root: tree.Element, metas: Mapping[str, str]) -> str | None:
    heading = next(root.iter("h1"), None)
    if heading is not None and one_line(tree.words(heading)):
        return title_of(tree.words(heading))
    return title_of(metas.get("og:title") or tree.title_tag(root)) or None


def without_fragment(url: str) -> str:
    return urldefrag(url).url
