"""The words of a page without its menus, by trafilatura tuned for precision.

Its second opinion (readability, then justext) costs as much as its own reading, and is only asked
for when it could win: see `_settled`, and docs/decisions/0230. What is read is the same.
"""

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any

from lxml import etree

from collectors.pages.markup import plain
from collectors.pages.tree import Element, finder, outer
from domain.text import clean

# Never the announcement; trafilatura drops them too, after having searched them many times.
_NO_TEXT = ("nav", "footer", "script", "style", "svg", "noscript", "template", "iframe", "select")
# What trafilatura's own reading may leave that makes it ask justext (trafilatura.external).
_UNCLEAN = (
    *("aside", "audio", "button", "fencedframe", "fieldset", "figure", "footer", "iframe", "input"),
    *("label", "link", "nav", "noindex", "noscript", "object", "option", "select", "source"),
    *("svg", "time"),
)
_SHORT = 250  # characters: MIN_EXTRACTED_SIZE of its settings.cfg, below which it asks justext
_FEW = 80  # characters: hardly an announcement
_MAIN = finder(
    "//*[self::main or self::article or @role='main' or @id='content'"
    " or contains(concat(' ', normalize-space(@class), ' '), ' content ')]"
)


def main_text(tree: Element) -> str:
    """The main text, or the words of <main>, of <article>, of the page. The tree is not changed."""
    found = _extracted(tree)
    if len(found) > _FEW:
        return clean(found)
    main = next(iter(_MAIN(tree)), tree.find("body"))
    return plain(outer(main)) if main is not None else ""


def _extracted(tree: Element) -> str:
    from trafilatura import bare_extraction  # half a second: only when a page is really read

    page = copy(tree)
    etree.strip_elements(page, *_NO_TEXT, with_tail=False)
    read: Callable[..., Any] = partial(
        bare_extraction, favor_precision=True, include_comments=False
    )
    found = read(page, fast=True)
    if found is None or not _settled(found.body, page):
        found = read(tree)
    return str(found.text or "") if found else ""


def _settled(body: Element, page: Element) -> bool:
    """Whether no second opinion could replace this one.

    Readability replaces it when it finds nothing, no paragraph, more tables than paragraphs, or
    when its own text is twice as long; justext when it is short or not clean.
    """
    said = len(" ".join(map(str, body.itertext())).strip())
    whole = len(" ".join("".join(map(str, page.itertext())).split()))
    return (
        said >= _SHORT
        and 2 * said >= whole
        and any((text or "").strip() for p in body.iter("p") for text in p.itertext())
        and len(body.findall(".//table")) <= len(body.findall(".//p"))
        and next(body.iter(*_UNCLEAN), None) is None
    )
