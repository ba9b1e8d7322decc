"""Pages web : une page d'événements, ou une liste dont on suit les fiches par sélecteurs CSS.

Lit d'abord les événements structurés (schema.org en JSON-LD, microdonnées ou RDFa, h-event,
hCalendar, Open Graph, liens d'agenda), sinon les sélecteurs, sinon le texte principal ; une fiche
sans date prend celle de son fichier .ics. Sans aucun sélecteur, une page qui décrit ses événements
suffit. Un sélecteur peut finir par @attribut (« time@datetime »).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace

from bs4 import Tag

from collectors.http import Http, Page
from collectors.items import Found, put_aside, read_each
from collectors.kinds import calendar
from collectors.leftovers import filled
from collectors.pages.markup import absolute
from collectors.pages.page_items import ICS, Document, open_page, read_page, without_fragment
from collectors.pages.selectors import first, href, link_of, problem, select, selected, split
from domain.errors import CollectError, Implausible, Unreachable, Unreadable
from domain.records import Json, Quarantined, RawItem, Source
from domain.text import fingerprint, one_line

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
VERSION = 3
LOOSE_KEYS = True

_SELECTORS = ("list", "item", "link", "title", "date", "place", "organiser", "text", "next")
_NUMBERS = {"max_pages": 10, "max_details": 60, "recheck": 20}
_GIVE_UP_AFTER = 3  # details in a row that do not answer: the host is down, no need to insist
_DATES = ("start", "timings", "recurrence", "when")
_OF_A_CALENDAR = (*_DATES, "end", "venue", "lat", "lon", "status")


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
    told = (problem(name, options[name]) for name in _SELECTORS if name in options)
    problems = [one for one in told if one]
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
    one = found[0] if len(found) == 1 else None
    if card and isinstance(one, RawItem) and not any(one.fields.get(name) for name in _DATES):
        return [await _with_its_calendar(one, http, source)]
    return found


async def _with_its_calendar(item: RawItem, http: Http, source: Source) -> RawItem:
    """The announcement with the date of the one calendar file its page gives, if it holds one
    event: a calendar of several is that of the site. A file that does not answer is left."""
    links = [link for link in item.fields.get("links", []) if ICS.search(link)]
    if len(links) != 1:
        return item
    try:
        file = await http.get(links[0], whole=True, published=True)
        found = await http.parse(
            calendar.parse, file.body, replace(source, options={}), url=file.url
        )
    except CollectError as error:
        http.tally.note("calendrier", f"{links[0]} laissé : {error.message}")
        return item
    if len(found) != 1 or not isinstance(found[0], RawItem):
        return item
    told = {name: v for name, v in found[0].fields.items() if name in _OF_A_CALENDAR}
    return replace(item, fields={**told, **item.fields})


def parse(
    body: bytes,
    source: Source,
    *,
    url: str = "",
    content_type: str = "",
    card: Card | None = None,
) -> list[Found]:
    """The announcements of one page. Raises Unreadable when it holds nothing to read."""
    page = open_page(body, source, url=url, content_type=content_type)
    return read_page(page, card.fields if card else {})


def parse_list(body: bytes, source: Source, *, url: str = "", content_type: str = "") -> Listing:
    """The cards of a list page and the address of the next one. Raises Implausible if empty."""
    page = open_page(body, source, url=url, content_type=content_type)
    options = source.options
    where = select(page.soup, options["list"]) if "list" in options else [page.soup]
    wanted = str(options.get("item") or split(str(options["link"]))[0])
    tags = [tag for part in where for tag in select(part, wanted)]
    if not tags:
        name = "item" if "item" in options else "link"
        raise Implausible(
            f"le sélecteur {name} ({options[name]}) ne trouve rien; le site a pu changer",
            about=source.url,
        )
    cards: dict[str, Card] = {}

    def read(tag: Tag) -> RawItem | None:
        link = absolute(link_of(tag, options), page.base)
        fields = selected(tag, options, base=page.base)
        if link and options.get("details", True) is not False:
            card = Card(url=without_fragment(link), fields=fields)
            if card.url != without_fragment(page.at):
                cards.setdefault(card.url, card)
            return None
        return _listed(tag, fields, page, link=link)

    found = tuple(read_each(tags, source, read=read))
    following = first(page.soup, href(options["next"])) if "next" in options else None
    return Listing(tuple(cards.values()), found, absolute(following, page.base))


def _listed(tag: Tag, fields: Mapping[str, Json], page: Document, *, link: str | None) -> RawItem:
    """An announcement the list tells by itself."""
    if "title" not in fields and "text" not in fields:
        fields = {**fields, **filled(title=one_line(tag.get_text(" "))[:200])}
    key = link or fingerprint({"title": fields.get("title"), "when": fields.get("when")})[:32]
    fields = {**fields, **filled(url=link, language=page.language)}
    return RawItem(source=page.source.slug, key=key, url=link or page.at, fields=fields)


def _is_list(options: Mapping[str, Json]) -> bool:
    return "item" in options or "link" in options


def _number(source: Source, name: str) -> int:
    return int(source.options.get(name, _NUMBERS[name]))


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
