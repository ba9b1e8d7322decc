"""Bytes → text, by a fixed ladder, with the reason of the choice.

Order (reference/collection.md §1): byte order mark; bytes that are valid UTF-8, whatever is
declared; the declaration (HTTP, XML prolog, meta); cp1252 (never latin-1: French sites that say
latin-1 mean cp1252); statistics on the first 64 KB.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_PROLOG = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.I)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_LATIN = frozenset({"iso8859-1", "iso8859-15", "ascii", "cp1252"})
_HEAD = 4096
# cp1252 leaves five bytes undefined; browsers read them as C1 controls, `clean` drops those.
_UNDEFINED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_CP1252 = "".join(chr(b) if b in _UNDEFINED else bytes([b]).decode("cp1252") for b in range(256))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text and how it was found: "utf-8 (bom)", "cp1252 (déclaré latin-1)"…"""

    text: str
    why: str


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of a document and the reason. Never fails: a wrong byte becomes U+FFFD."""
    for bom, name in _BOMS:
        if body.startswith(bom):
            return Decoded(body.decode(name, "replace").lstrip("\ufeff"), f"{name} (BOM)")
    sixteen = _utf16_without_bom(body)
    if sixteen:
        return Decoded(body.decode(sixteen, "replace"), f"{sixteen} (octets nuls)")
    declared = _declared(body, content_type)
    if declared.startswith("iso2022") or declared in ("utf-7", "hz"):
        # Seven-bit encodings: always valid UTF-8, and yet not.
        return Decoded(body.decode(declared, "replace"), f"{declared} (déclaré)")
    try:
        return Decoded(body.decode("utf-8"), "utf-8 (valide)")
    except UnicodeDecodeError:
        nearly = _nearly_utf8(body)
    if nearly is not None:
        return Decoded(nearly, "utf-8 (coupé ou mêlé de cp1252)")
    if declared in _LATIN:
        return Decoded(cp1252(body), f"cp1252 (déclaré {declared})")
    if declared and declared != "utf-8":
        try:
            return Decoded(body.decode(declared), f"{declared} (déclaré)")
        except (UnicodeDecodeError, LookupError):
            pass
    return _guess(body)


def cp1252(body: bytes) -> str:
    """Every byte has a reading: cp1252 as browsers do it."""
    return body.decode("latin-1").translate(_CP1252)


def _declared(body: bytes, content_type: str) -> str:
    """The declared encoding under Python's name, or an empty string."""
    head = body[:_HEAD]
    found = _CHARSET.search(content_type)
    names = [found.group(1)] if found else []
    names += [m.group(1).decode("ascii") for m in (_PROLOG.search(head), _META.search(head)) if m]
    for name in names:
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return ""


def _utf16_without_bom(body: bytes) -> str:
    head = body[:200]
    if len(head) >= 4 and not len(head) % 2:
        if head[:2] == b"<\0" or head[1::2].count(0) > len(head) * 0.4:
            return "utf-16-le"
        if head[:2] == b"\0<" or head[::2].count(0) > len(head) * 0.4:
            return "utf-16-be"
    return ""


def _nearly_utf8(body: bytes) -> str | None:
    """UTF-8 but for a few bytes: a cut at the end, or a cp1252 piece pasted in the middle.

    cp1252 French almost never looks like UTF-8: when more letters than errors do, it is UTF-8.
    """
    readable = body.decode("utf-8", "ignore")
    wrong = len(body) - len(readable.encode())
    accents = sum(1 for c in readable if c > "\x7f")
    return body.decode("utf-8", "as-cp1252") if accents >= wrong else None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return cp1252(error.object[error.start : error.end]), error.end


codecs.register_error("as-cp1252", _as_cp1252)


def _guess(body: bytes) -> Decoded:
    """cp1252 unless the bytes have none of its letters' places: then statistics decide."""
    if not any(byte in _UNDEFINED for byte in body):
        return Decoded(cp1252(body), "cp1252 (par défaut)")
    best = from_bytes(body[: 64 * 1024]).best()
    if best is None:
        return Decoded(cp1252(body), "cp1252 (faute de mieux)")
    return Decoded(body.decode(best.encoding, "replace"), f"{best.encoding} (deviné)")
