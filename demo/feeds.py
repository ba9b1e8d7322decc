"""The feeds, well- and ill-formed, and the pages their entries point to."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape
from html.entities import codepoint2name

from demo.documents import Document, link, of
from demo.sites import article
from demo.story import Announcement
from demo.words import practical, prose, title

FEEDS = (
    *("fil-brianconnais", "sport-alpes", "azur-sorties", "centres-sociaux-13", "gazette-var"),
    *("mairie-apt", "ligue-plein-air"),
)
_TITLES = {
    "gazette-var": "{town} : {title}",
    "centres-sociaux-13": "{title} ({town})",
}


def documents(base: str, state: str) -> Iterator[Document]:
    yield _rss_clean("fil-brianconnais", "/fil-brianconnais/rss.xml", base, state)
    yield _rss_clean("ligue-plein-air", "/ligue-plein-air/rss.xml", base, state)
    yield _atom(base, state)
    yield _json_feed(base, state)
    yield _rss_cp1252(base, state)
    yield _rss_entities(base, state)
    yield _rss_bare(base, state)
    for source in FEEDS:
        for one in of(source, state):
            yield article(one, text(one))


def published(one: Announcement) -> datetime:
    """Some weeks before the event: what the reader takes as reference day."""
    day = one.starts_on or date(one.year, 1, 15)
    at = time(6 + len(one.slug) % 12, 7 * len(one.title) % 60)
    return datetime.combine(day - timedelta(days=17 + len(one.slug) % 9), at, UTC)


def headline(one: Announcement) -> str:
    """The title in that source's house style, unless it has a title of its own."""
    pattern = _TITLES.get(one.source)
    own = one.title != one.initiative.title
    if pattern is None or own or one.town is None or one.town.name in one.title:
        return title(one)
    return pattern.format(title=title(one), town=one.town.name)


def text(one: Announcement) -> str:
    press = one.source in ("fil-brianconnais", "gazette-var")
    # Mirabeau or Vitrolles without the département: real agendas do that, a person is asked.
    return prose(one, press=press, department=one.source == "sport-alpes")


def _head(name: str, base: str, source: str) -> str:
    return (
        f"<title>{name}</title><link>{base}/{source}/</link>"
        f"<description>{name}, dernières annonces</description><language>fr-FR</language>"
    )


def _rss_clean(source: str, path: str, base: str, state: str) -> Document:
    """RSS 2.0 as it should be, with opaque guids."""
    name = {"fil-brianconnais": "Le Fil du Briançonnais"}.get(source, "Ligue de pleine nature")
    items = "".join(
        f"<item><title>{escape(headline(one))}</title><link>{base}{link(one)}</link>"
        f'<guid isPermaLink="false">{key(one)}</guid>'
        f"<pubDate>{format_datetime(published(one))}</pubDate>"
        f"<category>Agenda</category><description>{escape(text(one))}</description></item>\n"
        for one in of(source, state)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"{_head(name, base, source)}\n{items}</channel></rss>\n"
    )
    return Document(path=path, content_type="application/rss+xml; charset=utf-8",
                    body=xml.encode())  # fmt: skip


def _atom(base: str, state: str) -> Document:
    entries = "".join(
        f"<entry><id>{key(one)}</id><title>{escape(headline(one))}</title>"
        f'<link rel="alternate" href="{base}{link(one)}"/>'
        f"<updated>{published(one).isoformat()}</updated>"
        f"<published>{published(one).isoformat()}</published>"
        f"<author><name>{escape(one.organiser)}</name></author>"
        f'<content type="html">{escape(f"<p>{escape(text(one))}</p>")}</content></entry>\n'
        for one in of("sport-alpes", state)
    )
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xml:lang="fr"><title>Comité des sports alpins</title>'
        f'<id>tag:sport-alpes.example,2023:feed</id><link href="{base}/sport-alpes/"/>'
        f"<updated>2025-12-01T06:00:00Z</updated>\n{entries}</feed>\n"
    )
    return Document(path="/sport-alpes/atom.xml", content_type="application/atom+xml",
                    body=xml.encode())  # fmt: skip


def _json_feed(base: str, state: str) -> Document:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Azur Sorties",
        "language": "fr",
        "home_page_url": f"{base}/azur-sorties/",
        "items": [
            {
                "id": key(one),
                "url": base + link(one),
                "title": headline(one),
                "content_text": text(one),
                "date_published": published(one).isoformat(),
                "tags": ["sorties", one.town.name if one.town else "en ligne"],
            }
            for one in of("azur-sorties", state)
        ],
    }
    body = json.dumps(feed, ensure_ascii=False, indent=1).encode()
    return Document(path="/azur-sorties/feed.json", content_type="application/feed+json", body=body)


def _rss_cp1252(base: str, state: str) -> Document:
    """Announces UTF-8, speaks Windows-1252; no guid; a bare « & » in its own name."""
    items = "".join(
        f"<item><title>{escape(headline(one))}</title><link>{base}{link(one)}</link>"
        f"<pubDate>{format_datetime(published(one))}</pubDate>"
        f"<description><![CDATA[<p>{escape(text(one))}</p>]]></description></item>\n"
        for one in of("centres-sociaux-13", state)
    )
    xml = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"{_head('Centres sociaux & habitants', base, 'centres-sociaux-13')}\n"
        f"{items}</channel></rss>\n"
    )
    body = xml.replace("'", "’").encode("cp1252", "xmlcharrefreplace")
    return Document(path="/centres-sociaux-13/feed", content_type="text/xml; charset=UTF-8",
                    body=body)  # fmt: skip


def _rss_entities(base: str, state: str) -> Document:
    """HTML entities XML does not know, and the date in the text only."""
    items = "".join(
        f"<item><title>{_entities(headline(one))}</title><link>{base}{link(one)}</link>"
        f"<guid>{base}{link(one)}</guid><pubDate>{format_datetime(published(one))}</pubDate>"
        f"<description>{_entities(text(one))}</description></item>\n"
        for one in of("gazette-var", state)
    )
    xml = (
        '<?xml version="1.0"?>\n<rss version="2.0"><channel>'
        "<title>La Gazette du Var &eacute;t&eacute; &amp; hiver</title>"
        f"<link>{base}/gazette-var/</link><description>Br&egrave;ves</description>\n"
        f"{items}</channel></rss>\n"
    )
    return Document(path="/gazette-var/rss", content_type="text/html", body=xml.encode("ascii"))


def _rss_bare(base: str, state: str) -> Document:
    """A SPIP back end: bare « & » in the links, no date of event at all."""
    items = "".join(
        f"<item><title>{escape(title(one))}</title>"
        f"<link>{base}/mairie-apt/spip.php?page=article&id_article={number}</link>"
        f'<guid isPermaLink="false">{key(one)}</guid>'
        f"<pubDate>{format_datetime(published(one))}</pubDate>"
        f"<description>{escape(one.text)} {escape(practical(one, press=False))}</description>"
        "</item>\n"
        for number, one in enumerate(of("mairie-apt", state), 412)
    )
    xml = (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"{_head('Apt & ses hameaux', base, 'mairie-apt')}\n{items}</channel></rss>\n"
    )
    return Document(path="/mairie-apt/spip.php?page=backend", content_type="application/rss+xml",
                    body=xml.encode())  # fmt: skip


def key(one: Announcement) -> str:
    """The identifier the source gives to it."""
    if one.source == "sport-alpes":
        return f"tag:sport-alpes.example,2023:{one.slug}"
    return f"{one.source}-{one.slug}"


def _entities(text: str) -> str:
    return "".join(
        f"&{codepoint2name[ord(c)]};" if ord(c) in codepoint2name else
        c if ord(c) < 128 else f"&#{ord(c)};"
        for c in text
    )  # fmt: skip
