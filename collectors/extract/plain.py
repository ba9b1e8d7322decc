"""Plain text of what a source gave: collected HTML is read here and never shown."""

import html
import re

from lxml import etree
from lxml import html as lxml_html

from domain.text import clean, one_line, words

LONGEST_TEXT = 20_000
"""Characters kept of a text: forty pages; the whole stays in the raw item."""
LONGEST_TITLE = 300
_LONGEST_HTML = 400_000  # characters parsed: twenty times the text kept
_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>]{0,500}|!--.{0,500}?--)>", re.DOTALL)
_BLOCK_NAMES = (
    "p div br li ul ol h1 h2 h3 h4 h5 h6 tr table section article header footer blockquote dt dd "
    "figure figcaption hr pre address main aside nav form"
)
_SKIPPED_NAMES = "script style template noscript head svg iframe object button select"
_BLOCKS, _SKIPPED = frozenset(_BLOCK_NAMES.split()), frozenset(_SKIPPED_NAMES.split())
_SMALL_WORDS = {
    "fr": "le la les de des du et en un une pour dans sur au aux avec par est sont ce cette vous "
    "nous qui que son sa ses leur plus tous ou",
    "en": "the of and to in is for on with at by from this that are be your our you will it as an "
    "or we all",
    "it": "il lo gli di che per con una sono della delle nel alla dei non ed",
    "es": "el los las y en con para una del por que es al como su sus",
    "de": "der die das und mit für von ist im den ein eine zu auf nicht",
}
_STOP_WORDS = {name: frozenset(small.split()) for name, small in _SMALL_WORDS.items()}


def title_of(text: str) -> str:
    """One line without tags nor entities, at most 300 characters."""
    plain = _TAG.sub(" ", _unescape(_TAG.sub(" ", text)))
    title = one_line(plain).strip(" -–|•")
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"


def text_of(text: str | None, markup: str | None) -> tuple[str, bool]:
    """(plain text of at most 20,000 characters, was it cut) from the text, else from the HTML."""
    given = text or ""
    plain = from_html(given) if _TAG.search(given) else clean(_unescape(given))
    if not plain and markup:
        plain = from_html(markup)
    cut = len(plain) > LONGEST_TEXT
    return (plain[:LONGEST_TEXT].rsplit(None, 1)[0] + "…" if cut else plain), cut


def from_html(markup: str) -> str:
    """The words of a piece of HTML, one line per block; scripts and styles left out.

    lxml, because deep nesting does not hang it (reference: collection.md, hostile HTML).
    """
    try:
        root = lxml_html.fromstring(f"<div>{markup[:_LONGEST_HTML]}</div>")
    except (etree.ParserError, ValueError):
        return clean(_unescape(_TAG.sub(" ", markup[:_LONGEST_HTML])))
    pieces: list[str] = []
    _collect(root, pieces)
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return clean("\n".join(line for line in lines if line))


def _collect(root: etree._Element, pieces: list[str]) -> None:
    """Depth first without recursion: a page may nest deeper than Python's stack."""
    skipping: etree._Element | None = None
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            tag = node.tag if isinstance(node.tag, str) else ""
            if skipping is None and tag in _SKIPPED:
                skipping = node
            if skipping is None:
                pieces.append(("\n" if tag in _BLOCKS else "") + (node.text or ""))
        else:
            if node is skipping:
                skipping = None
            if skipping is None and node is not root:
                block = event == "end" and node.tag in _BLOCKS
                pieces.append(("\n" if block else "") + (node.tail or ""))


def language_of(text: str) -> str | None:
    """`fr`, `en`, `it`, `es`, `de`, by counting small words; None when too little is said."""
    said = words(text[:4000])
    counts = {name: sum(word in small for word in said) for name, small in _STOP_WORDS.items()}
    best = max(counts, key=lambda name: counts[name])
    second = max(count for name, count in counts.items() if name != best)
    if counts[best] < 3 or counts[best] <= 1.2 * second:
        return "fr" if _accented(text) and counts["fr"] >= counts[best] else None
    return best


def _accented(text: str) -> bool:
    return bool(re.search(r"[éèêàçùœ]", text.casefold()))


def _unescape(text: str) -> str:
    """Entities decoded, also when a feed encoded them twice (`&amp;eacute;`)."""
    once = html.unescape(text)
    return html.unescape(once) if re.search(r"&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});", once) else once
