"""Bytes of the web and of files → text, by one ladder, with the reason of the choice.

Order (reference/collection.md §1): byte order mark; UTF-16 seen by its zeros; bytes that are UTF-8,
whatever is declared, a few foreign ones read as cp1252; the declaration (HTTP, XML prolog, meta);
cp1252 (never latin-1: French sites that say latin-1 mean cp1252); statistics on the first 64 KB.

`decode` takes any document and never fails. `text` and `lines` are for files people give: they
refuse what is no text, and `lines` reads a large file in bounded memory.
"""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from charset_normalizer import from_bytes

from collectors.documents.mojibake import CP1252, repaired
from domain.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_PROLOG = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.:-]+)[\"']", re.I)
_META = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.I)
_LATIN = frozenset({"iso8859-1", "iso8859-15", "ascii", "cp1252"})
# Codecs Python has and the web has not: some take the square of the length.
_NO_CHARSETS = frozenset(("punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined"))
_HEAD, _CHUNK = 4096, 1 << 20
# cp1252 leaves five bytes undefined; browsers read them as C1 controls, `clean` drops those.
_UNDEFINED = frozenset((0x81, 0x8D, 0x8F, 0x90, 0x9D))
_C1 = frozenset(range(0x80, 0xA0))
_BINARY = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MAGIC = {
    b"%PDF": "un document PDF",
    b"\x1f\x8b": "une archive gzip",
    b"PK\x03\x04": "une archive zip",
    b"\xd0\xcf\x11\xe0": "un ancien document Office",
    b"\x89PNG": "une image PNG",
    b"\xff\xd8\xff": "une image JPEG",
    b"{\\rtf": "un document RTF",
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text and how it was found: "utf-8 (BOM)", "cp1252 (déclaré latin-1)"…"""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class _Encoding:
    """A codec, what it does of wrong bytes, the mark to skip, and why it was chosen."""

    name: str
    errors: str
    why: str
    skip: int = 0
    warning: str = ""  # in French, for who gave the file

    def read(self, body: bytes) -> str:
        return body[self.skip :].decode(self.name, self.errors)


def decode(body: bytes, content_type: str = "") -> Decoded:
    """The text of a document and the reason. Never fails: a wrong byte becomes U+FFFD."""
    encoding = _encoding_of(body, content_type)
    read = encoding.read(body).lstrip("\ufeff")
    once = repaired(read)
    why = encoding.why if once == read else f"{encoding.why}, encodé deux fois"
    return Decoded(once, f"{encoding.name} ({why})")


def text(body: bytes, *, about: str) -> tuple[str, str]:
    """The whole text of a file, NUL dropped, with a warning or "". Raises Unreadable."""
    _check_text(body, about)
    encoding = _encoding_of(body)
    return repaired(encoding.read(body).replace("\0", "")), encoding.warning


def lines(body: bytes, *, about: str) -> tuple[Iterator[str], str]:
    """The lines of a file, ends kept and NUL dropped, with a warning or "". Raises Unreadable."""
    _check_text(body, about)
    encoding = _encoding_of(body)
    source = io.BytesIO(body)
    source.seek(encoding.skip)
    reader = io.TextIOWrapper(source, encoding=encoding.name, errors=encoding.errors, newline="")
    return (line.replace("\0", "") for line in reader), encoding.warning


def _encoding_of(body: bytes, content_type: str = "") -> _Encoding:
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _Encoding(name, "replace", "BOM", len(mark))
    sixteen = _utf16_without_mark(body)
    if sixteen:
        return _Encoding(sixteen, "replace", "octets nuls")
    declared = _declared(body, content_type)
    if declared.startswith("iso2022") or declared in ("utf-7", "hz"):
        # Seven-bit encodings: always valid UTF-8, and yet not.
        return _Encoding(declared, "replace", "déclaré")
    wrong, multibyte = _utf8_errors(body)
    if not wrong:
        return _Encoding("utf-8", "strict", "valide")
    if multibyte >= wrong:
        # cp1252 French almost never looks like UTF-8: a cut at the end, or a pasted piece.
        told = f"{wrong} caractères mal encodés, lus comme Windows-1252"
        return _Encoding("utf-8", "paat-cp1252", "coupé ou mêlé de cp1252", warning=told)
    if declared == "iso8859-15" and _C1.isdisjoint(body[: 64 * 1024]):
        return _Encoding(declared, "replace", "déclaré")  # nothing there that cp1252 alone has
    if declared and declared not in _LATIN and declared != "utf-8" and _fits(body, declared):
        return _Encoding(declared, "strict", "déclaré", warning=f"fichier encodé en {declared}")
    return _guess(body, declared)


def _utf16_without_mark(body: bytes) -> str:
    """UTF-16 of a Latin script has a zero in every other byte."""
    head = body[:_HEAD]
    zeros, odd = head.count(0), head[1::2].count(0)
    if head[:2] == b"<\0" or (odd > 0.9 * zeros and odd > len(head) // 3):
        return "utf-16-le"
    if head[:2] == b"\0<" or (zeros - odd > 0.9 * zeros and zeros - odd > len(head) // 3):
        return "utf-16-be"
    return ""


def _declared(body: bytes, content_type: str) -> str:
    """The declared encoding under Python's name, or an empty string."""
    head = body[:_HEAD]
    found = _CHARSET.search(content_type)
    names = [found.group(1)] if found else []
    names += [m.group(1).decode("ascii") for m in (_PROLOG.search(head), _META.search(head)) if m]
    for name in names:
        with suppress(LookupError):
            known = codecs.lookup(name).name
            if known not in _NO_CHARSETS:
                return known
    return ""


def _utf8_errors(body: bytes) -> tuple[int, int]:
    """(bytes that are no UTF-8, characters of several bytes that are), in bounded memory."""
    with suppress(UnicodeDecodeError):
        for _ in _pieces(body, "strict"):
            pass
        return 0, 0
    wrong = multibyte = 0
    for piece in _pieces(body, "surrogateescape"):
        escaped = sum(map(piece.count, {c for c in set(piece) if "\ud800" <= c <= "\udfff"}))
        wrong += escaped
        multibyte += len(piece) - len(piece.encode("ascii", "ignore")) - escaped
    return wrong, multibyte


def _pieces(body: bytes, errors: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors)
    for start in range(0, len(body), _CHUNK):
        yield decoder.decode(body[start : start + _CHUNK], final=start + _CHUNK >= len(body))


def _fits(body: bytes, name: str) -> bool:
    try:
        body.decode(name)
    except (UnicodeError, LookupError):
        return False
    return True


def _guess(body: bytes, declared: str) -> _Encoding:
    """cp1252 unless the bytes have none of its letters' places: then statistics decide."""
    told = "fichier encodé en Windows-1252 (et non UTF-8)"
    if declared not in _LATIN and any(byte in _UNDEFINED for byte in body[: 64 * 1024]):
        best = from_bytes(body[: 64 * 1024]).best()
        if best is not None:
            return _Encoding(best.encoding, "replace", "deviné", warning=f"lu en {best.encoding}")
    why = f"déclaré {declared}" if declared else "par défaut"
    return _Encoding("cp1252", "paat-cp1252", why, warning=told)


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Error handler: wrong bytes as browsers read cp1252 (never latin-1), every byte has one."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(CP1252[byte] for byte in wrong), error.end


codecs.register_error("paat-cp1252", _as_cp1252)


def _check_text(body: bytes, about: str) -> None:
    """Raises Unreadable for a PDF, an archive, a picture, or other binary data."""
    told = next((what for magic, what in _MAGIC.items() if body.startswith(magic)), "")
    marked = any(body.startswith(mark) for mark, _ in _BOMS)
    head = body[:_HEAD]
    if not told and not marked and not _utf16_without_mark(body):
        # a few stray NUL in a text export are dropped line by line
        binary = head.count(0) > 3 or len(_BINARY.findall(head)) > 8
        told = "des données binaires" if binary else ""
    if told:
        raise Unreadable(f"{told} là où du texte est attendu ; enregistrez-le en CSV", about=about)
