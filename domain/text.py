"""Text cleaned once at the edge, and folded for comparison."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

# C0/C1 controls except tab, newline; lone surrogates; bidi overrides (Trojan source).
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u200b\u2028\u2029\ufeff\u202a-\u202e\u2066-\u2069]"
)
_SPACES = "\t\u00a0\u202f\u2009"
_GAP = re.compile(r"\s{2,}")  # one pass, however long the gap: `\s*\n\s*\n\s*` takes its square
_LIGATURES = str.maketrans(
    {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "’": "'", "ʼ": "'"}
)


def clean(text: str) -> str:
    """NFC text PostgreSQL and a screen accept: no control, no lone surrogate, no bidi override.

    Spaces are squeezed; newlines are kept, blank lines at most one in a row.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    for space in _SPACES:
        text = text.replace(space, " ")
    if not text.replace("\n", "").isprintable():  # ten times faster than the expression
        text = _UNWANTED.sub(" ", text)
    while "  " in text:
        text = text.replace("  ", " ")
    return (_GAP.sub(_blank_line, text) if "\n" in text else text).strip()


def _blank_line(gap: re.Match[str]) -> str:
    return "\n\n" if gap[0].count("\n") > 1 else gap[0]


def one_line(text: str) -> str:
    """`clean` on a single line: titles, names, addresses."""
    return " ".join(clean(text).split())


def fold(text: str) -> str:
    """Lower case without accents nor ligatures, apostrophes plain; for comparing and searching."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.translate(_LIGATURES))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> list[str]:
    """The folded words of a text, digits included."""
    return re.findall(r"[a-z0-9]+", fold(text))


def fingerprint(value: Mapping[str, Any] | str) -> str:
    """SHA-256 (hex) of a text, or of a mapping written as canonical JSON."""
    if not isinstance(value, str):
        value = json.dumps(
            value, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":")
        )
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
