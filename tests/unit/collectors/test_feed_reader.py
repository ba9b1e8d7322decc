"""The quick reader gives what feedparser gives, or nothing: on made feeds here, on feedparser's
own 2,200 documents with `python -m bench corpora`."""

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.documents import feed_reader
from collectors.kinds import feed
from domain.errors import Unreadable
from domain.records import Quarantined, Source
from tests.hostile import entry, rss

SOURCE = Source(slug="essai", title="Essai", kind="feed", url="https://mairie.example/rss")
SPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "georss": "http://www.georss.org/georss",
    "ev": "http://purl.org/rss/1.0/modules/event/",
    "media": "http://search.yahoo.com/mrss/",
    "mec": "http://webnus.net/rss/mec/",
}
DECLARED = " ".join(f'xmlns:{name}="{uri}"' for name, uri in SPACES.items())
WORDPRESS = f"""<rss version="2.0" {DECLARED}><channel><title>Mairie</title>
<link>https://mairie.example</link><language>fr-FR</language>
<item><title>F&#234;te &amp; été</title><link>https://mairie.example/fete?a=1&amp;b=2</link>
<dc:creator><![CDATA[Le service]]></dc:creator><pubDate>Mon, 06 Jan 2025 10:00:00 +0000</pubDate>
<category><![CDATA[Sport]]></category><category>Sport</category>
<guid isPermaLink="false">https://mairie.example/?p=1</guid>
<description><![CDATA[<p>Le 3 juin</p>]]></description>
<content:encoded><![CDATA[<p>Le 3 juin à <b>Gap</b></p>]]></content:encoded></item>
</channel></rss>"""
DRUPAL = """<rss version="2.0" xml:base="https://club.example/x/"><channel><link>/</link>
<item><title>F</title><link>fete</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><id>urn:a</id><title>x</title>
<link rel="self" href="https://a.example/atom"/><link href="https://a.example/"/><entry>
<title type="html">F&amp;ecirc;te</title>
<id>tag:a,2025:1</id><updated>2025-01-06T10:00:00Z</updated>
<link rel="enclosure" href="a.png"/><link href="/a/1"/><author><name>Léa</name></author>
<content type="html">&lt;p&gt;Le 3 juin&lt;/p&gt;</content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel rdf:about="https://a.example/"><title>x</title>
<link>https://a.example/</link></channel><item rdf:about="https://a.example/1"><title>Fête</title>
<link>https://a.example/1</link></item></rdf:RDF>"""


def both(text: str) -> tuple[list[object], list[object] | None]:
    """What is read with feedparser, and what the quick reader reads (None when it declines)."""
    quick = feed_reader.read(text)
    slow = feed._by_feedparser(text, SOURCE)
    return found(slow), found(quick) if quick else None


def found(read: feed_reader.Read) -> list[object]:
    given = feed.items_of(read, SOURCE, SOURCE.url)
    return [(one.key, one.why) if isinstance(one, Quarantined) else one for one in given]


@pytest.mark.parametrize("text", [WORDPRESS, DRUPAL, ATOM, RDF, rss(entry(1)), rss()])
def test_the_feeds_of_town_halls_are_read_quickly_and_the_same(text: str) -> None:
    slow, quick = both(text.replace('<?xml version="1.0" encoding="utf-8"?>', ""))
    assert quick == slow


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE rss PUBLIC 'x' 'y'>" + rss(entry(1)).partition("?>")[2],
        ATOM.replace('"html">&lt;p&gt;Le', '"xhtml"><div>Le').replace("&lt;/p&gt;", "</div>"),
        WORDPRESS.replace("<dc:creator>", "<media:group><media:title/></media:group><dc:creator>"),
        WORDPRESS.replace("<title>F", "<title mode='base64'>F"),
        DRUPAL.replace("<item>", "<item xml:base='/y'>"),
        rss(entry(1)).replace("<title>", "<title>&eacute;"),
        rss(entry(1, title="a<b>c</b>")),
        "<opml><body/></opml>",
    ],
)  # fmt: skip
def test_what_is_rare_is_left_to_feedparser(text: str) -> None:
    assert feed_reader.read(text.partition("?>")[2] or text) is None


def test_nothing_outside_the_document_is_opened() -> None:
    bomb = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss><item>&a;</item></rss>'
    assert feed_reader.read(bomb) is None
    with pytest.raises(Unreadable, match="entités"):
        feed.parse(bomb.encode(), SOURCE)


WORDS = st.sampled_from(
    ["", " Fête ", "<p>Le 3 juin &amp; à Gap</p>", "Ã©tÃ©", "\x93été\x94", "/a?b=1&c=2", "12.5 4.2",
     "https://b.example/x#y", "http:///c.example/", "tag:a,2025:1", "2025-01-06", "a&amp;b;c"]
)  # fmt: skip
NAMES = st.sampled_from(
    ["title", "link", "guid", "description", "pubDate", "category", "author", "source", "comments",
     "enclosure", "dc:title", "dc:date", "dc:subject", "dc:language", "content:encoded", "id",
     "ev:startdate", "georss:point", "mec:startDate", "updated", "summary", "content", "Title",
     "autre", "media:thumbnail", "rights", "keywords", "image", "item"]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["isPermaLink", "type", "href", "rel", "domain", "term", "label", "x", "lang"]),
    st.sampled_from(["true", "false", "html", "xhtml", "https://b.example/", "alternate", "Self"]),
    max_size=2,
)
ELEMENT = st.builds(
    lambda name, said, text, cdata: (
        f"<{name}{''.join(f' {key}={quoteattr(value)}' for key, value in said.items())}>"
        f"{f'<![CDATA[{text}]]>' if cdata else escape(text)}</{name}>"
    ),
    NAMES,
    ATTRIBUTES,
    WORDS,
    st.booleans(),
)
ITEMS = st.lists(st.lists(ELEMENT, max_size=8).map("".join), max_size=3)


@settings(max_examples=150, deadline=None)
@given(ITEMS, st.lists(ELEMENT, max_size=2).map("".join), st.booleans())
def test_both_readers_agree_on_any_well_formed_feed(
    items: list[str], head: str, atom: bool
) -> None:
    if atom:
        inside = "".join(f"<entry>{one}</entry>" for one in items)
        text = f'<feed xmlns="http://www.w3.org/2005/Atom" {DECLARED}>{head}{inside}</feed>'
    else:
        inside = "".join(f"<item>{one}</item>" for one in items)
        text = f'<rss version="2.0" {DECLARED}><channel>{head}{inside}</channel></rss>'
    slow, quick = both(text)
    assert quick is None or quick == slow
