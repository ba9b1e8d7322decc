"""Content-Encoding, undone within a limit: a bomb stops at the limit, a truncated body is an error.

aiohttp's own decompression returns a truncated gzip as a success, and inflates a bomb whole.
"""

import zlib

import brotli
import zstandard

from domain.errors import Unreadable

_ZSTD_WINDOW = 8 * 1024 * 1024  # RFC 9659: what a server may use over HTTP
_STEP = 64 * 1024


def inflate(raw: bytes, encoding: str, *, limit: int) -> bytes:
    """The decoded body. Raises Unreadable: unknown or stacked encoding, truncated, over limit."""
    name = encoding.strip().lower()
    if name in ("", "identity") or not raw:
        return _within(raw, limit)
    if name in ("gzip", "x-gzip"):
        # Some servers say gzip and send plain text: the two magic bytes tell.
        return _zlib(raw, 31, limit) if raw[:2] == b"\x1f\x8b" else _within(raw, limit)
    if name == "deflate":
        zlib_header = raw[0] & 0x0F == 8 and int.from_bytes(raw[:2], "big") % 31 == 0
        return _zlib(raw, 15 if zlib_header else -15, limit)
    if name == "br":
        return _brotli(raw, limit)
    if name == "zstd":
        return _zstd(raw, limit)
    raise Unreadable(f"contenu encodé en {encoding!r} où gzip, deflate, br ou zstd est attendu")


def _within(body: bytes, limit: int) -> bytes:
    if len(body) > limit:
        raise too_big(limit)
    return body


def too_big(limit: int) -> Unreadable:
    return Unreadable(
        f"réponse de plus de {limit // 1000} ko; choisissez une page ou un flux plus léger"
    )


def _truncated() -> Unreadable:
    return Unreadable("contenu compressé coupé en route; il sera relu au prochain passage")


def _zlib(raw: bytes, wbits: int, limit: int) -> bytes:
    out = bytearray()
    rest = raw
    try:
        while rest:  # a gzip file may have several members
            member = zlib.decompressobj(wbits)
            out += member.decompress(rest, limit + 1 - len(out))
            if len(out) > limit:
                raise too_big(limit)
            if not member.eof:
                raise _truncated()
            rest = member.unused_data if wbits == 31 and member.unused_data[:2] == raw[:2] else b""
    except zlib.error as error:
        raise Unreadable(f"contenu compressé abîmé ({error})") from None
    return bytes(out)


def _brotli(raw: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    out = bytearray()
    try:
        out += decoder.process(raw, output_buffer_limit=_STEP)
        while not decoder.is_finished() and len(out) <= limit:
            piece = decoder.process(b"", output_buffer_limit=_STEP)
            if not piece and not decoder.is_finished():
                raise _truncated()
            out += piece
    except brotli.error as error:
        raise Unreadable(f"contenu compressé abîmé ({error})") from None
    return _within(bytes(out), limit)


def _zstd(raw: bytes, limit: int) -> bytes:
    # decompressobj has no output limit: 64 bytes hold at most ~21 blocks of 128 KB.
    decoder = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
    out = bytearray()
    try:
        for start in range(0, len(raw), 64):
            out += decoder.decompress(raw[start : start + 64])
            if len(out) > limit:
                raise too_big(limit)
            if decoder.eof:
                break
    except zstandard.ZstdError as error:
        raise Unreadable(f"contenu compressé abîmé ({error})") from None
    if not decoder.eof:
        raise _truncated()
    return bytes(out)
