"""Who reserves text and data mining, and what is kept then (directive 2019/790, art. 4). Pure.

Said, the most precise first: by the page (`<meta name="tdm-reservation">`, `<meta name="robots"
content="noai">`), by its headers (`TDM-Reservation`, `X-Robots-Tag: noai`), by the site's
/.well-known/tdmrep.json (W3C TDMRep; the longest pattern decides, as in robots.txt). Obeyed: title,
address, dates and place are facts and are kept; the text is neither kept, archived nor learned
from.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from collectors.web.robots import AGENT
from domain.records import RawItem

WELL_KNOWN = "/.well-known/tdmrep.json"
_HEAD = 64 * 1024  # bytes of a page where its meta elements are
_WORDS = frozenset({"noai", "noml", "noimageai", "notrain"})
_META = re.compile(rb"<meta\b[^>]{0,500}>", re.I)
_ATTRIBUTE = re.compile(rb"""\b(name|content)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.I)
_BODY = ("text", "html", "sheet")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said: reserved or free, and where, in French."""

    reserved: bool
    how: str


def of_page(headers: Mapping[str, str], body: bytes) -> Said | None:
    """What a page says of itself; None when it says nothing."""
    return _of_meta(headers, body) or _of_headers(headers)


def _of_headers(headers: Mapping[str, str]) -> Said | None:
    value = headers.get("tdm-reservation", "").strip()
    if value in ("0", "1"):
        return Said(value == "1", f"en-tête TDM-Reservation: {value}")
    if word := _word(headers.get("x-robots-tag", "")):
        return Said(True, f"en-tête X-Robots-Tag: {word}")
    return None


def _of_meta(headers: Mapping[str, str], body: bytes) -> Said | None:
    if "html" not in headers.get("content-type", "html"):
        return None
    for found in _META.finditer(body[:_HEAD]):
        pairs = {
            m[1].lower(): (m[2] or m[3] or m[4] or b"").decode("latin-1").strip().lower()
            for m in _ATTRIBUTE.finditer(found[0])
        }
        name, content = pairs.get(b"name", ""), pairs.get(b"content", "")
        if name == "tdm-reservation" and content in ("0", "1"):
            return Said(content == "1", f"balise tdm-reservation = {content} dans la page")
        if name in ("robots", AGENT) and (word := _word(content)):
            return Said(True, f"balise robots = {word} dans la page")
    return None


def _word(value: str) -> str:
    """The first opt-out word of a robots directive said to everyone or to us, else ''."""
    to_us = True
    for part in re.split(r"[,;]", value.lower()):
        who, colon, words = part.rpartition(":")
        if colon:
            to_us = who.strip() in ("", "*", AGENT)
        word = words.strip()
        if to_us and word in _WORDS:
            return word
    return ""


def of_file(text: str, url: str) -> Said | None:
    """What a site's tdmrep.json says of that URL; None without a rule about it."""
    try:
        rules = json.loads(text) if text else []
    except ValueError:
        return None
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found: tuple[int, bool] | None = None
    for rule in rules if isinstance(rules, list) else []:
        if not isinstance(rule, dict) or not isinstance(rule.get("location"), str):
            continue
        pattern, reserved = rule["location"], str(rule.get("tdm-reservation")) == "1"
        if _matches(pattern, path) and (found is None or (len(pattern), reserved) > found):
            found = (len(pattern), reserved)
    return None if found is None else Said(found[1], f"fichier {WELL_KNOWN} du site")


def _matches(pattern: str, path: str) -> bool:
    """As in robots.txt: a prefix, `*` for anything, a final `$` for the end."""
    end = pattern.endswith("$")
    pieces = [re.escape(piece) for piece in pattern.removesuffix("$").split("*")]
    return re.match(".*".join(pieces) + ("$" if end else ""), path) is not None


def facts_only(item: RawItem, *, facts: Mapping[str, object]) -> RawItem:
    """The announcement without its body; `facts` are what was read in it before (dates, place)."""
    fields = {name: value for name, value in item.fields.items() if name not in _BODY}
    found = {name: value for name, value in facts.items() if value and not fields.get(name)}
    return replace(item, fields={**fields, **found})
