"""Collected HTML → safe HTML kept aside, and plain text to read. The HTML is never shown."""

import html
import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3

from domain.addresses import untracked
from domain.text import clean, one_line

MAX_TEXT = 1_000_000  # characters of one announcement; more is a mistake of the source

_BLOCK = re.compile(
    r"<\s*/?\s*(?:p|div|br|li|ul|ol|h[1-6]|tr|table|section|article|header|footer|blockquote|dt|dd"
    r"|hr|figure|figcaption|pre|address)\b[^>]*>",
    re.I,
)
_TAG = re.compile(r"<(?:[^>\"]|\"[^\"]*\")*>")  # of nh3, which closes its quotes
_LOOKS_HTML = re.compile(
    r"<\s*/?\s*(?:p|div|br|a|b|i|em|strong|ul|ol|li|span|img|h[1-6]|table|td|font|blockquote"
    r"|script|style|iframe|object|embed|applet|frameset|meta|link|svg|center|blink|u|small|sup|sub"
    r"|section|article|figure|hr|pre|code)\b"
    r"|&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});",
    re.I,
)
_NO_ADDRESS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # nor does PostgreSQL take them
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_ALLOWED = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "dl", "dt", "em", "h1"),
    *("h2", "h3", "h4", "h5", "h6", "hr", "i", "ins", "li", "ol", "p", "pre", "q", "s", "small"),
    *("span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "time", "tr", "u"),
    *("ul", "div", "section", "article", "address"),
}


_CLEANER = nh3.Cleaner(  # made once: its tables cost 30 µs, a short text 2
    tags=_ALLOWED,
    attributes={"a": {"href"}, "time": {"datetime"}},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
)


def safe_html(fragment: str) -> str:
    """The fragment with only harmless tags: no script, no style, no picture, no handler."""
    return _CLEANER.clean(fragment[:MAX_TEXT])


def plain(fragment: str) -> str:
    """The words of a piece of HTML (or of a text), blocks on their own lines."""
    if "<" not in fragment and "&" not in fragment:
        return clean(fragment[:MAX_TEXT])
    return _words(safe_html(fragment))


def text_and_html(value: str) -> tuple[str, str]:
    """(plain text, safe HTML or "") of a field some sources fill with HTML and others with text."""
    if not looks_html(value):
        return clean(value[:MAX_TEXT]), ""
    safe = safe_html(value)
    return _words(safe), safe


def _words(safe: str) -> str:
    """The text of safe HTML: only known, closed tags; scripts and styles are gone."""
    lines = html.unescape(_TAG.sub("", _BLOCK.sub("\n", safe))).split("\n")
    return clean("\n".join(" ".join(line.split()) for line in lines))


def looks_html(text: str) -> bool:
    """Whether a text that may be either is HTML: known tags or entities."""
    return bool(_LOOKS_HTML.search(text))


def text_of(value: str) -> str:
    """Plain text of a field that some sources fill with HTML and others with text."""
    return plain(value) if looks_html(value) else clean(value[:MAX_TEXT])


def title_of(value: str) -> str:
    """One line, entities undone even when escaped twice (`&amp;eacute;`)."""
    text = value
    for _ in range(2):
        if not looks_html(text):
            break
        text = plain(text)
    return one_line(text)[:500]


def links_in(fragment: str, base: str) -> list[str]:
    """The http(s) links of a fragment, absolute, in order, each once."""
    found = re.findall(r"""<a\b[^>]*?\bhref\s*=\s*["']([^"'<>]+)["']""", fragment, re.I)
    return unique(absolute(html.unescape(link), base) for link in found)


@lru_cache(maxsize=2048)
def absolute(link: str | None, base: str) -> str | None:
    """The absolute http(s) address of a link, tidied, or None (`javascript:`, `mailto:`…)."""
    if not link or not link.strip():
        return None
    try:
        joined = urljoin(base, link.strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return tidy(joined)


def tidy(url: str) -> str:
    """The same address without what changes nothing: case of the host, default port, tracking,
    session ids. Order and valueless parameters stay: SPIP needs them."""
    url = _NO_ADDRESS.sub("", url)
    try:
        parts = urlsplit(url.replace(" ", "%20"))
        host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS.get(parts.scheme, ":"))
    except ValueError:
        return url
    path = re.sub(r";(?:jsessionid|phpsessid)=[^/?#]*", "", parts.path, flags=re.I) or "/"
    return parts._replace(
        scheme=parts.scheme.lower(),
        netloc=host,
        path=path,
        query="&".join(untracked(parts.query)),
    ).geturl()


def unique(values: Iterable[str | None]) -> list[str]:
    """The values that are there, each once, in order."""
    return list(dict.fromkeys(value for value in values if value))
