"""The answer of a server that sends more bytes than it announced, or a body with its 304.

aiohttp refuses both; browsers keep what was announced (reference: collection.md §3.6). Asked once
more, alone on its connection, within the same deadline, and strict about all the rest: one status
line, bounded headers, one length.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from yarl import URL

from collectors.web.inflate import too_big
from domain.errors import Unreachable

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |$)")
_NO_BODY = (204, 304)
_MAX_HEAD, _MAX_LINE, _MAX_LINES = 64 * 1024, 8190, 128


async def get(
    url: str,
    *,
    headers: Mapping[str, str],
    sock: socket.socket,
    context: ssl.SSLContext | None,
    limit: int,
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers in lower case, the announced bytes) through a connected socket.

    Raises Unreachable, Unreadable (over `limit`) or OSError; the caller holds the deadline.
    """
    at = URL(url)
    reader, writer = await asyncio.open_connection(
        sock=sock, ssl=context, server_hostname=at.raw_host if context else None, limit=_MAX_HEAD
    )
    try:
        own = {"Host": urlsplit(str(at)).netloc, **headers, "Connection": "close"}
        lines = [f"GET {at.raw_path_qs} HTTP/1.1", *(f"{k}: {v}" for k, v in own.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n")
        status, names = _head(await reader.readuntil(b"\r\n\r\n"), url)
        length = 0 if status in _NO_BODY else _length(names, url)
        if length > limit:
            raise too_big(limit)
        return status, names, await reader.readexactly(length)
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise _odd(url) from None
    finally:
        writer.transport.abort()


def _head(raw: bytes, url: str) -> tuple[int, dict[str, str]]:
    first, *lines = raw[:-4].split(b"\r\n")
    found = _STATUS.match(first)
    if not found or len(lines) > _MAX_LINES or any(len(line) > _MAX_LINE for line in lines):
        raise _odd(url)
    names: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        key = name.lower()
        if not colon or key != key.strip() or (key == "content-length" and key in names):
            raise _odd(url)
        names[key] = value.strip()
    return int(found[1]), names


def _length(names: Mapping[str, str], url: str) -> int:
    told = names.get("content-length", "")
    if "transfer-encoding" in names or not (told.isascii() and told.isdigit()) or len(told) > 12:
        raise _odd(url)
    return int(told)


def _odd(url: str) -> Unreachable:
    return Unreachable(f"réponse mal formée de {urlsplit(url).hostname}", about=url)
