"""The archive of a source as WARC 1.1 (ISO 28500:2017), for any tool of web archives.

Bodies are those the collector read, decoded from their transfer and content encodings: the HTTP
headers written are the ones kept, with the length of the body.
"""

import gzip
import uuid
from base64 import b32encode
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha1
from http import HTTPStatus
from importlib.metadata import version
from typing import IO

from collectors.upkeep.archive import Archive, Kept, Snapshot

_SPACE = uuid.UUID("0b0c4b6e-9a2d-4c0e-8f0a-6f2f6f1f5a11")  # the same export has the same ids


def write(archive: Archive, visits: Iterable[Kept], out: IO[bytes], *, now: datetime) -> int:
    """Write these visits, one gzip member a record; how many answers. Gone bodies are left out."""
    about = (
        f"software: paat-veille/{version('paat')}\r\n"
        "format: WARC File Format 1.1\r\n"
        "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n"
    )
    info = {"WARC-Type": "warcinfo", "Content-Type": "application/warc-fields"}
    _record(out, info, about.encode(), at=now, name=f"warcinfo {now.isoformat()}")
    count = 0
    for visit in visits:
        for one in visit.snapshots:
            body = archive.body(one.sha256)
            if body is not None:
                _response(out, visit, one, body)
                count += 1
    return count


def _response(out: IO[bytes], visit: Kept, one: Snapshot, body: bytes) -> None:
    headers = {
        "WARC-Type": "response",
        "WARC-Target-URI": one.url,
        "WARC-Payload-Digest": f"sha1:{_digest(body)}",
        "Content-Type": "application/http;msgtype=response",
    }
    name = f"{visit.source} {one.at.isoformat()} {one.asked} {one.sha256}"
    _record(out, headers, _http(one, body), at=one.at, name=name)


def _http(one: Snapshot, body: bytes) -> bytes:
    try:
        reason = HTTPStatus(one.status).phrase
    except ValueError:
        reason = ""
    kept = {name: value for name, value in one.headers.items() if name != "content-length"}
    lines = [f"HTTP/1.1 {one.status} {reason}", *(f"{k}: {v}" for k, v in kept.items())]
    lines.append(f"content-length: {len(body)}")
    head = "\r\n".join(" ".join(line.splitlines()) for line in lines)
    return head.encode("utf-8", "replace") + b"\r\n\r\n" + body


def _record(
    out: IO[bytes], headers: dict[str, str], block: bytes, *, at: datetime, name: str
) -> None:
    whole = {
        **headers,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(_SPACE, name)}>",
        "WARC-Date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "WARC-Block-Digest": f"sha1:{_digest(block)}",
        "Content-Length": str(len(block)),
    }
    lines = [f"{key}: {' '.join(value.split())}" for key, value in whole.items()]
    record = "\r\n".join(["WARC/1.1", *lines, "", ""]).encode() + block + b"\r\n\r\n"
    out.write(gzip.compress(record, mtime=0))


def _digest(body: bytes) -> str:
    return b32encode(sha1(body, usedforsecurity=False).digest()).decode()
