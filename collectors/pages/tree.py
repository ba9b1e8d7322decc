"""An HTML page as a tree of lxml, parsed once for everyone who reads it: events, links, main text.

libxml2 stops where a document nests too deep; comments are left out. BeautifulSoup, thirty times
slower, is only for the selectors people write (collectors/pages/selectors.py).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from lxml import etree, html
from lxml.etree import _Element as Element

from collectors.pages.markup import absolute
from domain.errors import Unreadable

__all__ = [
    "Element",
    "base_of",
    "below",
    "finder",
    "hrefs",
    "metas",
    "outer",
    "parse",
    "title_tag",
    "words",
]

_PARSER = html.HTMLParser(
    encoding="utf-8", collect_ids=False, remove_comments=True, remove_pis=True
)
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HREFS: Callable[[Element], Any] = etree.XPath("//a/@href", smart_strings=False)
_WORDS: Callable[[Element], Any] = etree.XPath(
    "descendant-or-self::*[not(self::script or self::style or self::template)]/text()",
    smart_strings=False,
)


def parse(text: str) -> Element:
    """The root of the page. Raises Unreadable when nothing in it is an element or a word."""
    try:
        body = _NO_XML.sub("", text).encode("utf-8", "replace")
        root: Element = html.document_fromstring(body, parser=_PARSER)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise Unreadable("document vide où une page est attendue") from None
    return root


def finder(path: str) -> Callable[[Element], list[Element]]:
    """A compiled XPath that finds elements, in the order of the page."""
    found: Any = etree.XPath(path)
    return found  # type: ignore[no-any-return]


def words(element: Element) -> str:
    """Its text, a space between the pieces; scripts and styles left out."""
    return " ".join(_WORDS(element))


def outer(element: Element) -> str:
    """Its own HTML."""
    return str(html.tostring(element, encoding="unicode", with_tail=False))


def hrefs(tree: Element) -> list[str]:
    """The addresses its <a> point to, as they are written."""
    found: list[str] = _HREFS(tree)
    return found


def below(element: Element) -> Iterator[Element]:
    """Its descendants, itself left out, in the order of the page."""
    found = element.iter(etree.Element)
    next(found, None)
    return found


def metas(tree: Element) -> dict[str, str]:
    """What the <meta> say, by their lower-case property or name; the first of a name wins."""
    told: dict[str, str] = {}
    for tag in tree.iter("meta"):
        content = (tag.get("content") or "").strip()
        for name in (tag.get("property"), tag.get("name")):
            if name and content:
                told.setdefault(name.lower(), content)
    return told


def base_of(tree: Element, at: str) -> str:
    """The address its links start from: <base href>, else its own."""
    tag = next((one for one in tree.iter("base") if one.get("href")), None)
    return (absolute(tag.get("href"), at) if tag is not None else None) or at


def title_tag(tree: Element) -> str:
    """The words of <title>, "" when there is none."""
    tag = next(tree.iter("title"), None)
    return words(tag) if tag is not None else ""
