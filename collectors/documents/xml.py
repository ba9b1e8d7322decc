"""XML as the web writes it, made harmless before any parser sees it."""

import re

from domain.errors import Unreadable

_PROLOG = re.compile(r"^\s*(?:<\?xml[^>]*\?>)?\s*")
_CHARREF = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,12})|([0-9]{1,12}));")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENTITY = re.compile(r"<!ENTITY", re.I)
MAX_TAG = 64 * 1024  # characters of one tag: 40,000 attributes take some parsers minutes
_LONG = re.compile(rf"<[^<>]{{{MAX_TAG}}}")


def harmless(text: str) -> str:
    """The document without its XML declaration, control characters and impossible references.

    Raises Unreadable for entity declarations (bombs, local files) and monstrous tags.
    """
    return cleaned(checked(text))


def checked(text: str) -> str:
    """The document without its XML declaration: safe for a strict reader. Raises Unreadable."""
    if _ENTITY.search(text):
        raise Unreadable("document avec des déclarations d'entités, refusé par sûreté")
    if _LONG.search(text) and any(len(one.partition(">")[0]) > MAX_TAG for one in _tags(text)):
        raise Unreadable("document avec une balise démesurée, refusé par sûreté")
    return _PROLOG.sub("", text, count=1)


def cleaned(text: str) -> str:
    """The document without the characters and references XML forbids."""
    return _CONTROLS.sub("", _CHARREF.sub(_reference, text))


def _tags(text: str) -> list[str]:
    """The pieces between two `<`, without comments and CDATA (those may be long)."""
    bare = re.sub(r"<!\[CDATA\[.*?(?:\]\]>|$)|<!--.*?(?:-->|$)", "", text, flags=re.S)
    return bare.split("<")[1:]


def _reference(match: re.Match[str]) -> str:
    """A character reference XML allows stays; `&#0;`, `&#xD800;`, `&#x110000;` go."""
    code = int(match[1], 16) if match[1] else int(match[2])
    fine = code in (9, 10, 13) or 32 <= code < 0xD800 or 0xE000 <= code < 0xFFFE
    return match[0] if fine or 0x10000 <= code < 0x110000 else ""
