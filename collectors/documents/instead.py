"""What comes where a feed is due: a page, a wall of cookies, a feed inside another document. Pure.

A page is told with the address it announces or sends browsers to; nothing is followed by itself.
"""

import re
from html import unescape

from collectors.pages.markup import absolute, plain, unique
from domain.errors import CollectError, Refused, Unreadable

_HTML = re.compile(r"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_ALTERNATE = re.compile(
    r"<link\b[^>]*\btype\s*=\s*[\"']application/(?:rss|atom|feed)\+(?:xml|json)[\"'][^>]*>", re.I
)
_HREF = re.compile(r"\bhref\s*=\s*[\"']([^\"']+)", re.I)
_SENDS = re.compile(
    r"<meta\b[^>]*\brefresh\b[^>]*\burl\s*=\s*['\"]?([^\"'>\s]+)"
    r"|\blocation(?:\.href)?\s*=\s*[\"']([^\"']+)",
    re.I,
)
_IN_CDATA = re.compile(r"<!\[CDATA\[\s*(?=<(?:\?xml|rss|feed|rdf:RDF)\b)", re.I)
_ESCAPED = re.compile(r"<[^<>]+>\s*(?=&lt;(?:\?xml|rss|feed|rdf:RDF)\b)", re.I)
_WALL, _COOKIES = 1500, re.compile(r"\b(?:cookies?|traceurs|consentements?)\b", re.I)
_ACCEPT = re.compile(r"\b(?:accept\w*|refuser|continuer)\b", re.I)


def of_a_feed(text: str, base: str, *, about: str) -> CollectError | None:
    """What is wrong with an HTML page that came instead of a feed; None when it is no page."""
    if not _HTML.match(text):
        return None
    if _is_wall(text):
        return Refused("le site demande d'abord d'accepter ses cookies", about=about)
    return Unreadable(f"page HTML où un flux est attendu{_hint(text, base)}", about=about)


def wrapped(text: str) -> str:
    """The feed written inside another document, as some web services do, or ""."""
    if cdata := _IN_CDATA.search(text[:2000]):
        return text[cdata.end() : text.rfind("]]>")].strip()
    escaped = None if _HTML.match(text) else _ESCAPED.search(text[:2000])
    return unescape(text[escaped.end() : text.rfind("&gt;") + 4]) if escaped else ""


def _is_wall(page: str) -> bool:
    """Whether a page says little but that cookies have to be accepted."""
    words = plain(page[:200_000])
    return len(words) < _WALL and bool(_COOKIES.search(words)) and bool(_ACCEPT.search(words))


def _hint(text: str, base: str) -> str:
    """The feeds an HTML page announces, or where it sends browsers: the address wanted."""
    tags = _ALTERNATE.findall(text[:200_000])
    links = unique(absolute(m[1], base) for t in tags if (m := _HREF.search(t)))
    if links:
        return f"; essayez plutôt {' ou '.join(links[:3])}"
    sent = _SENDS.search(text[:200_000])
    to = absolute(sent[1] or sent[2], base) if sent else None
    return f"; elle renvoie les navigateurs vers {to}, qui n'est pas suivi" if to else ""
