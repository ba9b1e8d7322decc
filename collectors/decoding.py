"""Bytes of a file → text: byte-order marks, UTF-8, UTF-16, Windows-1252, and mixtures of them."""

import codecs
import io
import re
from collections.abc import Iterator

from domain.errors import Unreadable

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CHUNK = 1 << 20
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


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Error handler: the bytes that are no UTF-8 are read as Windows-1252 (never latin-1)."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return wrong.decode("cp1252", "replace"), error.end


codecs.register_error("paat_cp1252", _as_cp1252)


def encoding_of(body: bytes, *, about: str) -> tuple[str, str, int, str]:
    """(encoding, error handler, bytes of the mark to skip, warning or "").

    Order: mark > UTF-16 recognised by its zeros > UTF-8 > Windows-1252; a UTF-8 file with a few
    foreign bytes stays UTF-8. Raises Unreadable for what is no text.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name, "replace", len(mark), ""
    zeros = body[:4096].count(0)
    if zeros:
        return _zeros(body[:4096], zeros, about)
    for magic, what in _MAGIC.items():
        if body.startswith(magic):
            raise Unreadable(
                f"{what} là où du texte est attendu ; enregistrez-le en CSV", about=about
            )
    if len(_BINARY.findall(body[:4096])) > 8:
        raise Unreadable(
            "des données binaires là où du texte est attendu ; enregistrez-le en CSV", about=about
        )
    wrong, multibyte = _utf8_errors(body)
    if not wrong:
        return "utf-8", "strict", 0, ""
    if wrong > multibyte:
        return "cp1252", "replace", 0, "fichier encodé en Windows-1252 (et non UTF-8)"
    return "utf-8", "paat_cp1252", 0, f"{wrong} caractères mal encodés, lus comme Windows-1252"


def _zeros(head: bytes, zeros: int, about: str) -> tuple[str, str, int, str]:
    odd = head[1::2].count(0)
    if odd > 0.9 * zeros and odd > len(head) // 3:
        return "utf-16-le", "replace", 0, ""
    if zeros - odd > 0.9 * zeros and zeros - odd > len(head) // 3:
        return "utf-16-be", "replace", 0, ""
    if zeros < 4:  # a few stray NUL in a text export: dropped line by line
        return "utf-8", "paat_cp1252", 0, "octets nuls ignorés"
    raise Unreadable(
        "des données binaires là où du texte est attendu ; enregistrez-le en CSV", about=about
    )


def _utf8_errors(body: bytes) -> tuple[int, int]:
    """(sequences that are no UTF-8, characters of several bytes that are), in bounded memory."""
    wrong = multibyte = 0
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    for start in range(0, len(body), _CHUNK):
        chunk = body[start : start + _CHUNK]
        text = decoder.decode(chunk, final=start + _CHUNK >= len(body))
        if text.isascii():
            continue
        escaped = sum(map(text.count, _escaped(text)))
        wrong += escaped
        multibyte += sum(1 for c in text if c > "\x7f") - escaped
    return wrong, multibyte


def _escaped(text: str) -> set[str]:
    return {c for c in set(text) if "\ud800" <= c <= "\udfff"}


def lines(body: bytes, *, about: str) -> tuple[Iterator[str], str]:
    """The lines of a text, line ends kept and NUL dropped, with a warning or ""."""
    encoding, errors, skip, warning = encoding_of(body, about=about)
    source = io.BytesIO(body)
    source.seek(skip)
    reader = io.TextIOWrapper(source, encoding=encoding, errors=errors, newline="")
    return (line.replace("\0", "") for line in reader), warning


def text(body: bytes, *, about: str) -> tuple[str, str]:
    """The whole text of a file, NUL dropped, with a warning or ""."""
    encoding, errors, skip, warning = encoding_of(body, about=about)
    return body[skip:].decode(encoding, errors).replace("\0", ""), warning
