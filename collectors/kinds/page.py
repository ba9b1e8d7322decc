"""Pages web : une page d'événements, ou une liste dont on suit les fiches par sélecteurs CSS.

Lit d'abord les événements structurés (schema.org en JSON-LD, microdonnées ou RDFa, h-event,
hCalendar, Open Graph), sinon les sélecteurs, sinon le texte principal. Sans aucun sélecteur, une
page qui décrit ses événements suffit. Un sélecteur peut finir par @attribut (« time@datetime »).
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urldefrag, urlsplit

import soupsieve
from bs4 import BeautifulSoup, Tag

from collectors.decoding import decode
from collectors.http import Http, Page
from collectors.instants import read_instant
from collectors.items import Found, put_aside, read_each
from collectors.leftovers import filled
from collectors.markup import absolute, links_in, plain, safe_html, tidy, title_of
from collectors.moments import iso_moment
from collectors.schema_org import event_fields, identity, json_ld_events, microdata_events
from collectors.semantic import marked_events
from domain.errors import CollectError, Implausible, Unreachable, Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.text import clean, fingerprint, one_line

TITLE = "page de site"
OPTIONS: dict[str, str] = {
    "list": "partie de la page liste où chercher (toute la page par défaut)",
    "item": "chaque annonce de la liste",
    "link": "lien vers la fiche, dans l'annonce (le premier lien par défaut)",
    "details": "false : ne pas ouvrir les fiches, tout lire dans la liste",
    "title": "titre (fiche, sinon liste)",
    "date": "date de l'événement, en toutes lettres ou time@datetime",
    "place": "lieu",
    "organiser": "organisateur",
    "text": "texte de l'annonce",
    "next": "lien vers la page suivante de la liste",
    "max_pages": "pages de liste lues par passage (10 par défaut)",
    "max_details": "fiches ouvertes par passage (60 par défaut) ; les nouvelles d'abord",
    "recheck": "fiches déjà connues revues quand la liste n'a pas changé (20 par défaut)",
}
VERSION = 2
LOOSE_KEYS = True

_SELECTORS = ("list", "item", "link", "title", "date", "place", "organiser", "text", "next")
_NUMBERS = {"max_pages": 10, "max_details": 60, "recheck": 20}
_GIVE_UP_AFTER = 3  # details in a row that do not answer: the host is down, no need to insist
# No backtracking on what is never closed: each try stops at the next « < » or noscript.
_NOSCRIPT = re.compile(
    r"<noscript\b[^<>]*>(?:(?!</?noscript\b).)*</noscript\s*>", re.IGNORECASE | re.DOTALL
)
_MAX_TAGS = 300_000


@dataclass(frozen=True, slots=True)
class Card:
    """An announcement as the list shows it, with the address of its own page."""

    url: str
    fields: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    cards: tuple[Card, ...] = ()
    found: tuple[Found, ...] = ()  # what the list itself announces, without detail pages
    next_url: str | None = None


def check(options: Mapping[str, Json]) -> list[str]:
    problems = []
    for name in _SELECTORS:
        if name in options:
            try:
                soupsieve.compile(_split(str(options[name]))[0])
            except soupsieve.SelectorSyntaxError:
                problems.append(f"{name} = {options[name]!r} où un sélecteur CSS est attendu")
    for name in _NUMBERS:
        value = options.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            problems.append(f"{name} = {value!r} où un nombre entier est attendu")
    if not isinstance(options.get("details", True), bool):
        problems.append(f"details = {options['details']!r} où true ou false est attendu")
    if ("next" in options or "list" in options) and not _is_list(options):
        problems.append('list ou next sans item ni link; ajoutez item = "…"')
    return problems


async def collect(source: Source, http: Http) -> AsyncIterator[Found]:
    """What the page announces; with selectors, the new and changed pages of its list."""
    if not _is_list(source.options):
        page = await http.get(source.url)
        if not page.unchanged:
            for one in await _parsed(http, page, source):
                yield one
        return
    cards: dict[str, Card] = {}
    url: str | None = source.url
    pages: list[str] = []
    most = _number(source, "max_pages")
    while url and url not in pages and len(pages) < most:
        page = await http.get(url, role="list")
        pages.append(url)
        if page.unchanged and not page.body:
            break
        listing = await http.parse(
            parse_list, page.body, source, url=page.url, content_type=page.content_type
        )
        fresh = [card for card in listing.cards if card.url not in cards]
        if not page.unchanged:
            for one in listing.found:
                yield one
        if not fresh and len(pages) > 1:
            break  # a page beyond the last one that shows the first one again
        cards |= {card.url: card for card in fresh}
        url = listing.next_url
    wanted, later = _choose(cards, http, source)
    http.tally.skipped += later
    if later and any(card.url not in http.known() for card in cards.values()):
        http.forget(source.url)
    async for one in details(wanted, source, http):
        yield one


async def details(cards: list[Card], source: Source, http: Http) -> AsyncIterator[Found]:
    """The detail pages that are new or changed; one that fails is put aside."""
    silent = 0
    for card in cards:
        try:
            page = await http.get(card.url, role="detail")
            silent = 0
            if page.unchanged:
                http.tally.skipped += 1
                continue
            for one in await _parsed(http, page, source, card=card):
                yield one
        except CollectError as error:
            http.forget(source.url)  # the list is read again, so is this page
            if isinstance(error, Unreachable):
                silent += 1
                if silent >= _GIVE_UP_AFTER:
                    raise
            if card.url in http.known():
                http.tally.skipped += 1  # what was read of it before stays
            else:
                payload = {"url": card.url, **card.fields}
                yield put_aside(source, card.url, Unreadable(error.message), payload=payload)


async def _parsed(
    http: Http, page: Page, source: Source, *, card: Card | None = None
) -> list[Found]:
    found = await http.parse(
        parse, page.body, source, url=page.url, content_type=page.content_type, card=card
    )
    if any(isinstance(one, Quarantined) for one in found):
        http.forget(source.url)
    return found


def parse(
    body: bytes,
    source: Source,
    *,
    url: str = "",
    content_type: str = "",
    card: Card | None = None,
) -> list[Found]:
    """The announcements of one page. Raises Unreadable when it holds nothing to read."""
    at = url or source.url
    text, soup = _open(body, content_type, source)
    base = _base(soup, at)
    known = dict(card.fields) if card else {}
    events = json_ld_events(text) or microdata_events(soup) or marked_events(soup)
    if events:
        own = _address(soup, base, at)
        several = len(events) > 1

        def read(event: dict[str, Any]) -> RawItem:
            return _event(event, source, base=base, own=own, known=known, several=several)

        return read_each(events, source, read=read)
    return [_page(text, soup, source, base=base, at=at, known=known)]


def parse_list(body: bytes, source: Source, *, url: str = "", content_type: str = "") -> Listing:
    """The cards of a list page and the address of the next one. Raises Implausible if empty."""
    at = url or source.url
    _, soup = _open(body, content_type, source)
    base = _base(soup, at)
    options = source.options
    where = _select(soup, options["list"]) if "list" in options else [soup]
    tags = [
        tag
        for part in where
        for tag in _select(part, str(options.get("item") or _split(str(options["link"]))[0]))
    ]
    if not tags:
        name = "item" if "item" in options else "link"
        raise Implausible(
            f"le sélecteur {name} ({options[name]}) ne trouve rien; le site a pu changer",
            about=source.url,
        )
    following = _first(soup, _href(options["next"])) if "next" in options else None
    follows = options.get("details", True) is not False
    language = _language(soup, source)
    cards: list[Card] = []
    found: list[Found] = []

    def read(tag: Tag) -> RawItem | None:
        link = absolute(_link(tag, options), base)
        fields = _selected(tag, source, base=base)
        if link and follows:
            cards.append(Card(url=_without_fragment(link), fields=fields))
            return None
        if "title" not in fields and "text" not in fields:
            fields = {**fields, **filled(title=one_line(tag.get_text(" "))[:200])}
        key = link or fingerprint({"title": fields.get("title"), "when": fields.get("when")})[:32]
        fields = {**fields, **filled(url=link, language=language)}
        return RawItem(source=source.slug, key=key, url=link or at, fields=fields)

    found += read_each(tags, source, read=read)
    unseen = {card.url: card for card in reversed(cards) if card.url != _without_fragment(at)}
    return Listing(
        cards=tuple(reversed(unseen.values())),
        found=tuple(found),
        next_url=absolute(following, base),
    )


def _event(
    event: Mapping[str, Any],
    source: Source,
    *,
    base: str,
    own: str,
    known: Mapping[str, Json],
    several: bool,
) -> RawItem:
    fields, leftovers = event_fields(event, base=base)
    if "title" not in fields and "text" not in fields:
        raise Unreadable("événement schema.org sans nom ni description")
    url = fields.get("url") if several else own
    missing = {k: v for k, v in known.items() if k not in fields and k not in ("when", "text")}
    key = identity(event, base=base) if several else own
    return RawItem(
        source=source.slug,
        key=key if len(key) <= 500 else fingerprint(key),
        url=url or own,
        fields={**missing, **fields, "url": url or own},
        leftovers=leftovers,
    )


def _page(
    text: str,
    soup: BeautifulSoup,
    source: Source,
    *,
    base: str,
    at: str,
    known: Mapping[str, Json],
) -> RawItem:
    """One announcement from the selectors, completed by the main text."""
    own = _address(soup, base, at)
    chosen = _selected(soup, source, base=base)
    fields = {**known, **chosen}
    if "title" not in chosen:
        fields |= filled(title=_title(soup) or known.get("title"))
    if "text" not in chosen:
        fields |= filled(text=_main_text(text, soup) or known.get("text"))
    if "title" not in fields and "text" not in fields:
        raise Unreadable("page sans titre ni texte (peut-être affichée par JavaScript)", about=at)
    return RawItem(
        source=source.slug,
        key=own[:500],
        url=own,
        fields={**fields, **filled(url=own, language=_language(soup, source))},
        published_at=read_instant(_meta(soup, "article:published_time", "date", "dc.date")),
    )


def _selected(tag: Tag, source: Source, *, base: str) -> dict[str, Json]:
    """What the selectors title, date, place, organiser and text find in there."""
    options = source.options
    bodies = _select(tag, _split(str(options["text"]))[0]) if "text" in options else []
    inner = "\n".join(str(body) for body in bodies)
    when = _first(tag, options.get("date"))
    return filled(
        title=title_of(_first(tag, options.get("title")) or ""),
        start=iso_moment(when),
        when=None if iso_moment(when) else one_line(when or ""),
        venue=one_line(_first(tag, options.get("place")) or ""),
        organiser=one_line(_first(tag, options.get("organiser")) or ""),
        text=plain(inner),
        html=safe_html(inner) or None,
        links=links_in(inner, base)[:50],
    )


def _open(body: bytes, content_type: str, source: Source) -> tuple[str, BeautifulSoup]:
    if not body.strip():
        raise Unreadable("réponse vide où une page est attendue", about=source.url)
    # What is written for browsers without JavaScript is no announcement: « activez JavaScript ».
    text = _NOSCRIPT.sub("", decode(body, content_type).text.replace("\0", ""))
    if text.lstrip()[:5].lower() in ("<?xml", "<rss ", "<feed") and "<html" not in text[:2000]:
        raise Unreadable('flux où une page est attendue; essayez kind = "feed"', about=source.url)
    if text.count("<") > _MAX_TAGS:
        raise Unreadable("page démesurée, refusée par sûreté", about=source.url)
    return text, BeautifulSoup(text, "lxml")


def _base(soup: BeautifulSoup, at: str) -> str:
    tag = soup.find("base", href=True)
    return (absolute(str(tag["href"]), at) if isinstance(tag, Tag) else None) or at


def _address(soup: BeautifulSoup, base: str, at: str) -> str:
    """The canonical address when it is a page of the same site that is not its home."""
    own = _without_fragment(tidy(at))
    tag = soup.find("link", rel="canonical", href=True)
    canonical = absolute(str(tag["href"]), base) if isinstance(tag, Tag) else None
    if not canonical or urlsplit(canonical).hostname != urlsplit(own).hostname:
        return own
    home = urlsplit(canonical).path in ("", "/") and not urlsplit(canonical).query
    return own if home else _without_fragment(canonical)


def _title(soup: BeautifulSoup) -> str | None:
    heading = soup.select_one("main h1, article h1, h1")
    if heading and one_line(heading.get_text(" ")):
        return title_of(heading.get_text(" "))
    told = _meta(soup, "og:title")
    if told:
        return title_of(told)
    return title_of(soup.title.get_text(" ")) if soup.title else None


def _main_text(text: str, soup: BeautifulSoup) -> str:
    """The words of the page without its menus (trafilatura), or those of <main>."""
    import trafilatura  # half a second to import: only when a page is really read

    found = trafilatura.extract(text, favor_precision=True, include_comments=False)
    if found and len(found) > 80:
        return clean(found)
    main = soup.select_one("main, article, [role=main], #content, .content") or soup.body
    return plain(str(main)) if main else ""


def _meta(soup: BeautifulSoup, *names: str) -> str | None:
    for name in names:
        tag = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
        if isinstance(tag, Tag) and tag.get("content"):
            return str(tag["content"])
    return None


def _language(soup: BeautifulSoup, source: Source) -> str | None:
    declared = str(soup.html.get("lang") or "") if soup.html else ""
    found = re.match(r"[a-z]{2}", declared.lower())
    return found[0] if found else source.options.get("language")


def _link(tag: Tag, options: Mapping[str, Json]) -> str | None:
    selector = options.get("link")
    if selector and "item" in options:
        return _first(tag, _href(selector))
    if tag.name == "a":
        return str(tag.get("href") or "")
    return _first(tag, "a[href]@href")


def _href(selector: Json) -> str:
    return str(selector) if _split(str(selector))[1] else f"{selector}@href"


def _first(tag: Tag, selector: Json) -> str | None:
    """The first non-empty text (or attribute) a selector finds."""
    if not selector:
        return None
    css, attribute = _split(str(selector))
    for one in _select(tag, css):
        value = one.get(attribute) if attribute else one.get_text(" ")
        if value and str(value).strip():
            return str(value).strip()
    return None


def _select(tag: Tag, css: str) -> list[Tag]:
    return list(soupsieve.select(css, tag))


def _split(selector: str) -> tuple[str, str]:
    css, _, attribute = selector.rpartition("@")
    return (css, attribute) if css and re.fullmatch(r"[\w-]+", attribute) else (selector, "")


def _is_list(options: Mapping[str, Json]) -> bool:
    return "item" in options or "link" in options


def _number(source: Source, name: str) -> int:
    return int(source.options.get(name, _NUMBERS[name]))


def _without_fragment(url: str) -> str:
    return urldefrag(url).url


def _choose(cards: Mapping[str, Card], http: Http, source: Source) -> tuple[list[Card], int]:
    """(pages to open now, how many are left for later): new ones, then the longest unseen.

    When the list has not changed there are no cards: some known pages are checked all the same,
    because an event is often cancelled on its own page only.
    """
    known = {u: v for u, v in http.known().items() if v.get("role") == "detail"}
    if not cards:
        oldest = sorted(known, key=lambda u: known[u].get("seen", ""))
        chosen = [Card(url=u) for u in oldest[: _number(source, "recheck")]]
        return chosen, len(known) - len(chosen)
    fresh = [card for url, card in cards.items() if url not in known]
    old = [card for url, card in cards.items() if url in known]
    old.sort(key=lambda card: known[card.url].get("seen", ""))
    chosen = (fresh + old)[: _number(source, "max_details")]
    return chosen, len(cards) - len(chosen)
