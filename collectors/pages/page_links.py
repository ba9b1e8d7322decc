"""What a web page names that could be collected. Pure: one page read, nothing fetched."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote, unquote, urljoin, urlsplit

from collectors.pages import tree
from collectors.pages.markup import absolute, title_of
from collectors.pages.page_items import calendar_links
from collectors.pages.semantic import page_events
from collectors.pages.tree import Element
from domain.errors import Unreadable
from domain.records import Json
from domain.text import fold, one_line

MAX_CANDIDATES = 40
MIRROR = (
    "https://public.opendatasoft.com/api/explore/v2.1/catalog/datasets/"
    "evenements-publics-openagenda/records"
)

_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_FEED_LINK = re.compile(
    r"(?:/feed/?$|/rss/?$|\.rss$|\.atom$|/rss\.xml$|/feed\.xml$|/atom\.xml$|/index\.xml$"
    r"|page=backend|format=feed|[?&]feed=(?:rss2?|atom))",
    re.I,
)
_NOT_A_FEED = re.compile(r"comments?/feed|/comments|oembed|wp-json|xmlrpc|commentaires", re.I)
_GOOGLE_CALENDAR = re.compile(
    r"calendar\.google\.com/calendar/(?:u/\d/)?embed\?([^\"'\s<>]+)", re.I
)
_TABLE = re.compile(r"\.(?:csv|xlsx|ods)(?:$|\?)", re.I)
_DOCUMENT = re.compile(r"\.(?:docx|odt)(?:$|\?)", re.I)
_GOOGLE_SHEET = re.compile(r"docs\.google\.com/spreadsheets/d/([\w-]{20,})", re.I)
_DATASET = re.compile(r"(https?://[^\"'\s<>]+?)/explore/dataset/([\w-]+)", re.I)
_AGENDA_UID = re.compile(r"openagenda\.com/(?:agendas|embeds?|widgets)/(\d{4,})", re.I)
_AGENDA_SLUG = re.compile(
    r"openagenda\.com/(?:fr/|en/)?([a-z0-9][\w-]{2,})(?:/embeds?/(\d+))?", re.I
)
_NOT_A_SLUG = frozenset(
    {"agendas", "embeds", "embed", "widgets", "api", "js", "static", "fr", "en"}
)
_HELLOASSO = re.compile(r"helloasso\.com/associations/([a-z0-9][\w-]+)", re.I)
_SECTIONS = re.compile(
    r"^(?:les?-|l-|nos-|tou\w+-)*(?:agendas?|ev[ae]ne?ments?|events?|manifestations?|actualites?"
    r"|actus?|projets?|sortir|animations?|programmes?|festivites|calendriers?|competitions?|sorties)"
    r"(?:$|-)",
    re.I,
)
_LEAST_LINKS = 3  # of a section, to see a list in them


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Something that could become a source. `count`: items it gives, None while not asked."""

    kind: str
    url: str
    why: str  # French: where it was seen
    title: str = ""
    options: Mapping[str, Json] = field(default_factory=dict)
    needs: str = ""  # French: what is missing before it can be read (a key…)
    count: int | None = None
    more: bool = False  # it gives more than `count`
    read: int = 0  # among them, how many the trial really read
    dated: int = 0  # among those, how many give their date apart from their text
    fill: Mapping[str, float] = field(default_factory=dict)  # date, place, organiser → share told
    sample: str = ""  # the title of one
    sample_on: date | None = None  # its first day
    problem: str = ""  # French: why it could not be read
    score: float = 0.0

    @property
    def is_text(self) -> bool:
        """Whether it is the bare text of a page: neither structured events nor a list."""
        return self.kind == "page" and not self.dated and "link" not in self.options


def find_links(page: str, url: str) -> list[Candidate]:
    """What this page shows or names, each address once, in the order it is worth asking."""
    try:
        root = tree.parse(page)
    except Unreadable:
        return []
    base = tree.base_of(root, url)
    found: dict[tuple[str, str, str], Candidate] = {}
    for one in _all(page, root, base, url):
        found.setdefault((one.kind, one.url, repr(one.options)), one)
    return list(found.values())[:MAX_CANDIDATES]


def page_title(page: str) -> str:
    """The <title> of a page, "" when it has none."""
    try:
        return _title(tree.parse(page))
    except Unreadable:
        return ""


def _all(page: str, root: Element, base: str, url: str) -> Iterator[Candidate]:
    yield from _events(page, root, url)
    yield from _systems(page, root, base, url)
    yield from _declared(root, base)
    yield from _calendars(page, root, base)
    yield from _agendas(page)
    yield from _linked(page, root, base)
    yield from _sections(root, base, url)


def _events(page: str, root: Element, url: str) -> Iterator[Candidate]:
    """Structured events on the page itself."""
    way, events = page_events(page, root)
    if events:
        why = f"{len(events)} événement(s) décrits dans la page ({way})"
        yield Candidate(kind="page", url=url, why=why, title=_title(root), count=len(events))


def _declared(root: Element, base: str) -> Iterator[Candidate]:
    """`<link rel=alternate>`: what the site itself says it publishes."""
    for tag in root.iter("link"):
        rel = (tag.get("rel") or "").lower()
        kind = (tag.get("type") or "").lower().split(";")[0]
        link = absolute(tag.get("href"), base)
        named = one_line(tag.get("title") or "")
        if link is None or ("alternate" not in rel and "sitemap" not in rel):
            continue
        if "sitemap" in rel:
            yield Candidate(kind="sitemap", url=link, why="plan du site déclaré par la page")
        elif kind == "text/calendar":
            yield Candidate(kind="calendar", url=link, why="calendrier déclaré", title=named)
        elif kind in _FEED_TYPES and not _NOT_A_FEED.search(f"{link} {fold(named)}"):
            yield Candidate(kind="feed", url=link, why="flux déclaré par la page", title=named)


def _calendars(page: str, root: Element, base: str) -> Iterator[Candidate]:
    for link in calendar_links(root, base):
        yield Candidate(kind="calendar", url=link, why="lien vers un calendrier .ics")
    for query in _GOOGLE_CALENDAR.findall(page):
        for source in re.findall(r"(?:^|[?&;])src=([^&;]+)", query.replace("&amp;", "&")):
            name = quote(unquote(source), safe="")
            link = f"https://calendar.google.com/calendar/ical/{name}/public/basic.ics"
            yield Candidate(kind="calendar", url=link, why="agenda Google intégré")


def _systems(page: str, root: Element, base: str, url: str) -> Iterator[Candidate]:
    """What the software of the site offers on every site that runs it."""
    generator = " ".join(
        (tag.get("content") or "").lower()
        for tag in root.iter("meta")
        if (tag.get("name") or "").lower() == "generator"
    )
    home = _home(url)
    links = (e for e in root.iter("link") if "https://api.w.org/" in (e.get("rel") or "").split())
    api = next((absolute(e.get("href"), base) for e in links if e.get("href")), None)
    if api or "wordpress" in generator or "/wp-content/" in page:
        site = re.split(r"wp-json|\?rest_route", api)[0] if api else home
        if re.search(r"tribe[-_]events|/wp-json/tribe/|the-events-calendar", page):
            why = "extension The Events Calendar"
            yield Candidate(kind="events_calendar", url=site, why=why)
        yield Candidate(kind="wordpress", url=site, why="site WordPress")
    if "spip" in generator or re.search(r"spip\.php|/squelettes/|/plugins-dist/", page):
        link = urljoin(home, "spip.php?page=backend")
        yield Candidate(kind="feed", url=link, why="flux habituel de SPIP")
    if "joomla" in generator or "/media/jui/" in page or "com_content" in page:
        joint = "&" if urlsplit(url).query else "?"
        link = f"{url}{joint}format=feed&type=rss"
        yield Candidate(kind="feed", url=link, why="flux habituel de Joomla")
    if "typo3" in generator:
        yield Candidate(kind="feed", url=f"{home}?type=9818", why="flux habituel de TYPO3")
    if "drupal" in generator or "/sites/default/files/" in page:
        yield Candidate(kind="feed", url=urljoin(home, "rss.xml"), why="flux habituel de Drupal")


def _agendas(page: str) -> Iterator[Candidate]:
    """OpenAgenda and HelloAsso, embedded or linked."""
    uids = list(dict.fromkeys(_AGENDA_UID.findall(page)))
    for uid in uids[:5]:
        why = f"agenda OpenAgenda n° {uid}"
        # The national mirror needs no key: it can be tried at once.
        options = {"preset": "openagenda", "where": f'originagenda_uid="{uid}"', "order_by": "uid"}
        yield Candidate(
            kind="opendatasoft", url=MIRROR, why=f"{why} (miroir national)", options=options
        )
        yield Candidate(
            kind="openagenda",
            url=f"https://api.openagenda.com/v2/agendas/{uid}/events",
            why=why,
            options={"key": "env:OPENAGENDA_KEY"},
            needs="une clé d'API OpenAgenda (gratuite) dans OPENAGENDA_KEY",
        )
    slugs = [one for one, _ in _AGENDA_SLUG.findall(page) if one.lower() not in _NOT_A_SLUG]
    for slug in [] if uids else list(dict.fromkeys(slugs))[:3]:
        yield Candidate(
            kind="openagenda",
            url=f"https://openagenda.com/{slug}",
            why=f"agenda OpenAgenda « {slug} »",
            needs=f"le numéro de l'agenda, donné en bas de https://openagenda.com/{slug}",
        )
    for name in list(dict.fromkeys(_HELLOASSO.findall(page)))[:3]:
        yield Candidate(
            kind="helloasso",
            url="https://api.helloasso.com/v5/directory/forms",
            why=f"association « {name} » sur HelloAsso",
            options={
                "client_id": "env:HELLOASSO_ID",
                "client_secret": "env:HELLOASSO_SECRET",
                "filters": {"organizationName": name.replace("-", " ")},
            },
            needs="un client d'API HelloAsso dans HELLOASSO_ID et HELLOASSO_SECRET",
        )


def _linked(page: str, root: Element, base: str) -> Iterator[Candidate]:
    """Feeds, tables, documents and data sets the page links to."""
    for tag in root.iter("a"):
        link = absolute(tag.get("href"), base)
        if link is None:
            continue
        words = title_of(tree.words(tag))[:80]
        if _FEED_LINK.search(link) and not _NOT_A_FEED.search(link):
            yield Candidate(kind="feed", url=link, why="lien vers un flux", title=words)
        elif _TABLE.search(link):
            yield Candidate(kind="table", url=link, why="lien vers un tableau", title=words)
        elif _DOCUMENT.search(link) and re.search(r"fiche|action|bilan|recens", fold(link + words)):
            yield Candidate(kind="action_sheet", url=link, why="lien vers une fiche", title=words)
    for identity in dict.fromkeys(_GOOGLE_SHEET.findall(page)):
        link = f"https://docs.google.com/spreadsheets/d/{identity}/export?format=csv"
        yield Candidate(kind="table", url=link, why="tableur Google intégré")
    for host, name in dict.fromkeys(_DATASET.findall(f"{base} {page}")):
        link = f"{host}/api/explore/v2.1/catalog/datasets/{name}/records"
        yield Candidate(kind="opendatasoft", url=link, why="jeu de données Opendatasoft")


def _sections(root: Element, base: str, url: str) -> Iterator[Candidate]:
    """Several links below one folder named like an agenda: a list and its detail pages."""
    here = urlsplit(url)
    folders: Counter[str] = Counter()
    seen: set[str] = set()
    for tag in root.iter("a"):
        link = absolute(tag.get("href"), base)
        if link is None or link in seen:
            continue
        seen.add(link)
        parts = urlsplit(link)
        steps = [step for step in parts.path.split("/") if step]
        if parts.hostname != here.hostname or len(steps) < 2:
            continue
        at = next((i for i, s in enumerate(steps[:-1]) if _SECTIONS.search(fold(s))), None)
        if at is not None:
            folders["/" + "/".join(steps[: at + 1]) + "/"] += 1
    for folder, count in folders.most_common(2):
        if count >= _LEAST_LINKS:
            yield Candidate(
                kind="page",
                url=url,
                why=f"{count} fiches sous {folder}",
                title=_title(root),
                options={"link": f'a[href*="{folder}"]'},
                count=count,
            )


def _home(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}/"


def _title(root: Element) -> str:
    return title_of(tree.title_tag(root))
