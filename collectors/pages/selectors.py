"""The CSS selectors people write in a source, applied with BeautifulSoup (soupsieve).

A selector may end with @attribute: « time@datetime ».
"""

import re
from collections.abc import Mapping

import soupsieve
from bs4 import BeautifulSoup, Tag

from collectors.leftovers import filled
from collectors.pages.markup import links_in, plain, safe_html, title_of
from collectors.pages.moments import iso_moment
from domain.records import Json
from domain.text import one_line

FIELDS = ("title", "date", "place", "organiser", "text")


def soup(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "lxml")


def problem(name: str, selector: Json) -> str | None:
    """What is wrong with a selector, in French; None when it can be used."""
    try:
        soupsieve.compile(split(str(selector))[0])
    except soupsieve.SelectorSyntaxError:
        return f"{name} = {selector!r} où un sélecteur CSS est attendu"
    return None


def selected(tag: Tag, options: Mapping[str, Json], *, base: str) -> dict[str, Json]:
    """What the selectors title, date, place, organiser and text find in there."""
    bodies = select(tag, split(str(options["text"]))[0]) if "text" in options else []
    inner = "\n".join(str(body) for body in bodies)
    when = first(tag, options.get("date"))
    return filled(
        title=title_of(first(tag, options.get("title")) or ""),
        start=iso_moment(when),
        when=None if iso_moment(when) else one_line(when or ""),
        venue=one_line(first(tag, options.get("place")) or ""),
        organiser=one_line(first(tag, options.get("organiser")) or ""),
        text=plain(inner),
        html=safe_html(inner) or None,
        links=links_in(inner, base)[:50],
    )


def link_of(tag: Tag, options: Mapping[str, Json]) -> str | None:
    """The address of an announcement's own page, as the list writes it."""
    selector = options.get("link")
    if selector and "item" in options:
        return first(tag, href(selector))
    if tag.name == "a":
        return str(tag.get("href") or "")
    return first(tag, "a[href]@href")


def first(tag: Tag, selector: Json) -> str | None:
    """The first non-empty text (or attribute) a selector finds."""
    if not selector:
        return None
    css, attribute = split(str(selector))
    for one in select(tag, css):
        value = one.get(attribute) if attribute else one.get_text(" ")
        if value and str(value).strip():
            return str(value).strip()
    return None


def select(tag: Tag, css: str) -> list[Tag]:
    return list(soupsieve.select(css, tag))


def href(selector: Json) -> str:
    return str(selector) if split(str(selector))[1] else f"{selector}@href"


def split(selector: str) -> tuple[str, str]:
    """« time@datetime » → (« time », « datetime »)."""
    css, _, attribute = selector.rpartition("@")
    return (css, attribute) if css and re.fullmatch(r"[\w-]+", attribute) else (selector, "")
